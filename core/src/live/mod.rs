//! Indexes that are followed: a new file and new objections are taken over while lookups go on.
//!
//! A [`Live`] gives [snapshots](Snapshot). It follows the file at a path and, where one is named, a
//! registry. What this process records there by [`Live::record`], [`Registry::record_live`] or
//! [`Registry::step_live`] holds in all its lookups before it is acknowledged; what is recorded otherwise, as
//! by another process, from the next refresh on.

mod current;
mod file;
mod followed;
mod recorded;
mod watcher;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use followed::Followed;
pub use recorded::{NotFollowed, Recorded};
use watcher::Watcher;

use crate::error::{Error, Result};
use crate::reader::{Index, Snapshot};
use crate::registry::{Registry, Request, fork};

/// An index file that is open and followed, with a registry or without.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::live::Live;
/// use firmtrie::registry::{Identifier, Registry, Request, Right};
/// let registry = Registry::create(dir.path().join("registry"), None)?;
/// let live = Live::open(&path, Some(registry))?;
/// assert!(live.snapshot().lookup("1.0.0.1".parse()?)?.is_some());
///
/// // When it is recorded it holds.
/// let by = Identifier::name("Example B.V.", None, None)?;
/// live.record(Request::new(Right::Objection).by(by))?;
/// assert!(live.snapshot().lookup("1.0.0.1".parse()?)?.is_none());
///
/// // A new file at the path, and what other processes record, holds from the next refresh on.
/// assert!(!live.refresh()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Live {
    followed: Arc<Followed>,
    /// It ends with this; nothing, where none is wanted or no thread could be begun.
    watcher: Mutex<Option<Watcher>>,
    noticed: Arc<Noticed>,
}

type Tell = Box<dyn Fn(&Error) + Send + Sync>;

/// What happens with what a watcher could not take over.
#[derive(Default)]
struct Noticed {
    /// The last of it that no [`Live::refresh`] has told yet.
    untold: Mutex<Option<Error>>,
    tell: OnceLock<Tell>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Live {
    /// Opens an index in memory, and takes out of it who is in the registry.
    ///
    /// # Errors
    /// If the index cannot be opened or is damaged, or the registry cannot be read.
    pub fn open(path: impl Into<PathBuf>, registry: Option<Registry>) -> Result<Self> {
        Self::open_with(path, registry, |path| Index::open(path))
    }

    /// The same with an index that is opened in another way, such as [`Index::map`]; so is every new one.
    ///
    /// # Errors
    /// Those of [`Live::open`].
    pub fn open_with(
        path: impl Into<PathBuf>,
        registry: Option<Registry>,
        open: impl Fn(&Path) -> Result<Index> + Send + Sync + 'static,
    ) -> Result<Self> {
        let (file, index) = file::IndexFile::open(path.into(), Box::new(open))?;
        let followed = Followed::new(file, index, registry)?;
        Ok(Self { followed, watcher: Mutex::default(), noticed: Arc::default() })
    }

    /// What is asked now. It stays whole for as long as it is kept, whatever is taken over meanwhile.
    #[inline]
    pub fn snapshot(&self) -> impl Deref<Target = Arc<Snapshot>> + use<> {
        self.followed.current().load()
    }

    /// Is this snapshot, which [`Live::snapshot`] gave, what is asked now? It takes one read of memory: for
    /// who keeps a snapshot and asks again and again.
    #[inline]
    pub fn is_current(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.followed.current().is(snapshot)
    }

    /// The path of the index file.
    pub fn path(&self) -> &Path {
        self.followed.file().path()
    }

    /// The registry that is followed, if one is.
    pub fn registry(&self) -> Option<&Registry> {
        self.followed.registry()
    }

    /// Records a request: [`Registry::record_live`] of the registry that is followed.
    ///
    /// # Errors
    /// Those of [`Registry::record_live`], and [`Error::Usage`] where no registry is followed.
    pub fn record(&self, request: Request) -> Result<Recorded> {
        let none = || Error::Usage("the index was opened without a registry; name one".to_owned());
        self.registry().ok_or_else(none)?.record_live(request, None)
    }

    /// Takes over what has changed: the index file, the registry, the day. Says whether anything had.
    ///
    /// # Errors
    /// If the new index is damaged or cannot be opened, or the registry cannot be read; what was asked
    /// before stays. Also, once, if entries are gone from the registry, as when an older copy was put in
    /// its place; what is there now is taken over. Also what the watcher failed with since the last time.
    pub fn refresh(&self) -> Result<bool> {
        let _inside = fork::enter();
        let new = self.followed.refresh();
        let untold = self.noticed.untold();
        match (new, untold) {
            (Ok(_), Some(error)) | (Err(error), _) => Err(error),
            (Ok(new), None) => Ok(new),
        }
    }

    /// From now on refreshes when anything has changed, within a tenth of a second, on a thread of its own
    /// that ends with this. `tell` is called with what could not be taken over, on that thread, once for
    /// the same failure; [`Live::refresh`] gives the last of it too. Only the first call does anything.
    pub fn watch(&self, tell: impl Fn(&Error) + Send + Sync + 'static) {
        if self.noticed.tell.set(Box::new(tell)).is_ok() {
            self.resume();
        }
    }

    /// Begins anew the thread that [`Live::watch`] began, where it does not go on: in a forked child, since
    /// it stayed with the parent, and after a panic of who is told. Elsewhere it does nothing.
    pub fn resume(&self) {
        // Told outside: who is told may wait for a lock that whoever forks holds.
        if self.noticed.tell.get().is_some()
            && let Err(error) = self.begin()
        {
            self.noticed.notice(error);
        }
    }

    fn begin(&self) -> Result<()> {
        let _inside = fork::enter();
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.as_ref().is_none_or(|watcher| !watcher.is_here()) {
            let noticed = Arc::clone(&self.noticed);
            *watcher = Some(Watcher::begin(&self.followed, move |error| noticed.notice(error))?);
        }
        Ok(())
    }
}

impl Noticed {
    fn notice(&self, error: Error) {
        // It is kept after it was told, and then also if telling it panicked.
        let kept = Kept { noticed: self, error: Some(error) };
        if let (Some(tell), Some(error)) = (self.tell.get(), &kept.error) {
            tell(error);
        }
    }

    fn keep(&self, error: Error) {
        let _inside = fork::enter();
        *self.untold.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn untold(&self) -> Option<Error> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An error that is kept for the next refresh when this ends.
struct Kept<'a> {
    noticed: &'a Noticed,
    error: Option<Error>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let Some(error) = self.error.take() {
            self.noticed.keep(error);
        }
    }
}
