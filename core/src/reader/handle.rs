//! A handle: a snapshot that is swapped for others while many threads ask.
//!
//! No lookup ever waits for a lock, and none sees half of a swap: index and what is hidden in it are one, behind
//! one atomic pointer. An index is freed when the last who still reads it lets go.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache, Guard};

use super::Snapshot;

/// A snapshot that may be swapped for another.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Handle, Index, Snapshot};
/// let handle = Handle::new(Snapshot::new(Index::open(&path)?));
/// let mut snapshot = Snapshot::clone(&handle.load());
/// assert!(snapshot.lookup("1.0.0.1".parse()?)?.is_some());
///
/// snapshot.hide_prefix("1.0.0.0/25".parse()?);
/// handle.swap(snapshot);
/// assert!(handle.load().lookup("1.0.0.1".parse()?)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Handle(ArcSwap<Snapshot>);

impl Handle {
    /// A handle of a snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(ArcSwap::from_pointee(snapshot))
    }

    /// What is loaded now. It stays whole for as long as it is kept, whatever is swapped.
    #[inline]
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.0.load()
    }

    /// Swaps the snapshot for another.
    pub fn swap(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}

/// A handle for one who asks again and again: whether anything was swapped is seen by one read of
/// memory, where [`Handle::load`] takes part in counting who reads what. It keeps what it knows alive
/// until it is asked again.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use std::sync::Arc;
/// use firmtrie::{Follower, Handle, Index, Snapshot};
/// let handle = Arc::new(Handle::new(Snapshot::new(Index::open(&path)?)));
/// let mut follower = Follower::new(Arc::clone(&handle));
/// assert!(follower.load().lookup("1.0.0.1".parse()?)?.is_some());
///
/// let mut snapshot = Snapshot::clone(&handle.load());
/// snapshot.hide_prefix("1.0.0.0/25".parse()?);
/// handle.swap(snapshot);
/// assert!(follower.load().lookup("1.0.0.1".parse()?)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Follower(Cache<Swapped, Arc<Snapshot>>);

/// A handle, as what it swaps.
struct Swapped(Arc<Handle>);

impl Deref for Swapped {
    type Target = ArcSwap<Snapshot>;

    fn deref(&self) -> &ArcSwap<Snapshot> {
        &self.0.0
    }
}

impl Follower {
    /// A follower of a handle.
    pub fn new(handle: Arc<Handle>) -> Self {
        Self(Cache::new(Swapped(handle)))
    }

    /// What is loaded now.
    #[inline]
    pub fn load(&mut self) -> &Arc<Snapshot> {
        self.0.load()
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}
