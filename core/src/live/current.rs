//! What is asked now: a snapshot that is swapped for others while many threads ask.
//!
//! No lookup ever waits for a lock, and none sees half of a swap: index and what is hidden in it are one,
//! behind one atomic pointer. An index is freed when the last who still reads it lets go.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use arc_swap::ArcSwap;

use crate::reader::{HiddenSet, Index, Snapshot};

pub(super) struct Current {
    snapshot: ArcSwap<Snapshot>,
    /// Where it lies. To compare addresses is one read of memory, where to load it takes part in counting
    /// who reads what.
    address: AtomicPtr<Snapshot>,
}

impl Current {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let current = Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            address: AtomicPtr::new(std::ptr::null_mut()),
        };
        current.address.store(Arc::as_ptr(&current.load()).cast_mut(), Ordering::Release);
        current
    }

    #[inline]
    pub(super) fn load(&self) -> impl Deref<Target = Arc<Snapshot>> + use<> {
        self.snapshot.load()
    }

    /// Whoever keeps a snapshot keeps its address from being another's.
    #[inline]
    pub(super) fn is(&self, snapshot: &Arc<Snapshot>) -> bool {
        Arc::as_ptr(snapshot) == self.address.load(Ordering::Acquire)
    }

    /// The index that is asked, whatever is hidden in it.
    pub(super) fn index(&self) -> Arc<Index> {
        Arc::clone(self.load().index())
    }

    /// Whoever swaps holds a lock: one after the other, or the address would be of the one and the snapshot
    /// of the other. The address is stored first, so that none is called current that is not asked any more,
    /// and none of a snapshot that may be freed.
    pub(super) fn swap(&self, index: Arc<Index>, hidden: HiddenSet) {
        let snapshot = Arc::new(Snapshot::hiding(index, hidden));
        let address = Arc::as_ptr(&snapshot).cast_mut();
        self.address.store(address, Ordering::Release);
        self.snapshot.store(snapshot);
    }
}
