//! A handle: an index and its overlay, both swapped while many threads ask.
//!
//! No lookup ever waits for a lock, and none sees half of a swap: index and overlay are one, behind
//! one atomic pointer. An index is freed when the last who still reads it lets go.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache, Guard};

use super::answered::{Classification, Description, Match};
use super::overlay::Overlay;
use super::{Address, Index, Networks};
use crate::error::Result;
use crate::net::IpNet;

/// An index with what is taken out of it: what a [`Handle`] gives.
#[derive(Debug)]
pub struct Loaded {
    index: Arc<Index>,
    overlay: Overlay,
}

impl Loaded {
    /// The index, without the overlay.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The index, shared: for who keeps it beyond the next swap.
    pub const fn shared_index(&self) -> &Arc<Index> {
        &self.index
    }

    /// What is taken out of it.
    pub const fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// See [`Overlay::lookup`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn lookup(&self, address: IpAddr) -> Result<Option<Match<'_>>> {
        self.overlay.lookup(&self.index, address)
    }

    /// See [`Overlay::number`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline(always)]
    pub fn number(&self, address: IpAddr) -> Result<u32> {
        self.overlay.number(&self.index, address)
    }

    /// See [`Overlay::number_and_length`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn number_and_length(&self, address: IpAddr) -> Result<(u32, u8)> {
        self.overlay.number_and_length(&self.index, address)
    }

    /// See [`Overlay::networks`]; of all space, of a prefix, of a company or of an ASN.
    ///
    /// # Errors
    /// Those of the networks.
    pub fn networks(&self, networks: Networks<'_>) -> Result<Vec<(IpNet, u32)>> {
        self.overlay.networks(&self.index, networks)
    }

    /// See [`Overlay::classify`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn classify(&self, address: IpAddr) -> Result<Classification> {
        self.overlay.classify(&self.index, address)
    }

    /// See [`Overlay::describe`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn describe(&self, address: IpAddr) -> Result<Description<'_>> {
        self.overlay.describe(&self.index, address)
    }

    /// See [`Overlay::lookup_batch`].
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`].
    pub fn lookup_batch<A: Address>(&self, addresses: &[A], answers: &mut [u32]) -> Result<()> {
        self.overlay.lookup_batch(&self.index, addresses, answers)
    }
}

/// An index that may be swapped for another, and its overlay with it.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Handle, Index, Overlay};
/// let handle = Handle::new(Index::open(&path)?);
/// let loaded = handle.load();
/// assert!(loaded.lookup("1.0.0.1".parse()?)?.is_some());
///
/// let mut overlay = Overlay::default();
/// overlay.hide_prefix("1.0.0.0/25".parse()?);
/// handle.set_overlay(overlay);
/// assert!(handle.load().lookup("1.0.0.1".parse()?)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Handle(ArcSwap<Loaded>);

impl Handle {
    /// A handle of an index of which nothing is taken out.
    pub fn new(index: Index) -> Self {
        let loaded = Loaded { index: Arc::new(index), overlay: Overlay::default() };
        Self(ArcSwap::from_pointee(loaded))
    }

    /// What is loaded now. It stays whole for as long as it is kept, whatever is swapped.
    #[inline]
    pub fn load(&self) -> Guard<Arc<Loaded>> {
        self.0.load()
    }

    /// Swaps index and overlay for others; the overlay speaks of the numbers of this index.
    pub fn swap(&self, index: Index, overlay: Overlay) {
        self.0.store(Arc::new(Loaded { index: Arc::new(index), overlay }));
    }

    /// Swaps the overlay for another of the same index.
    pub fn set_overlay(&self, overlay: Overlay) {
        let index = Arc::clone(&self.0.load().index);
        self.0.store(Arc::new(Loaded { index, overlay }));
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
/// use firmtrie::{Follower, Handle, Index, Overlay};
/// let handle = Arc::new(Handle::new(Index::open(&path)?));
/// let mut follower = Follower::new(Arc::clone(&handle));
/// assert!(follower.load().lookup("1.0.0.1".parse()?)?.is_some());
///
/// let mut overlay = Overlay::default();
/// overlay.hide_prefix("1.0.0.0/25".parse()?);
/// handle.set_overlay(overlay);
/// assert!(follower.load().lookup("1.0.0.1".parse()?)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Follower(Cache<Swapped, Arc<Loaded>>);

/// A handle, as what it swaps.
struct Swapped(Arc<Handle>);

impl Deref for Swapped {
    type Target = ArcSwap<Loaded>;

    fn deref(&self) -> &ArcSwap<Loaded> {
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
    pub fn load(&mut self) -> &Arc<Loaded> {
        self.0.load()
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}
