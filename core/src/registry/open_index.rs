//! An index file that is open and followed, with a registry or without: what the languages' readers
//! ask.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Live, Registry, Watcher, fork};
use crate::error::{Error, Result};
use crate::reader::{Followed, Handle, Index};

/// An index file, and the registry whose objections hold in it if there is one, which is watched.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Index, OpenIndex};
/// let opened = OpenIndex::open(&path, None, |path| Index::open(path))?;
/// assert!(opened.handle().load().lookup("1.0.0.1".parse()?)?.is_some());
/// assert!(!opened.refresh()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct OpenIndex(From);

enum From {
    File(Followed),
    Registry(Watched),
}

/// An index with a registry, and the thread that looks for what is new.
struct Watched {
    live: Arc<Live>,
    /// It ends with this; nothing, where no thread could be begun.
    watcher: Mutex<Option<Watcher>>,
    noticed: Arc<Noticed>,
}

/// What happens with what a watcher could not take over.
struct Noticed {
    /// The last of it that no [`OpenIndex::refresh`] has told yet.
    untold: Mutex<Option<Error>>,
    tell: Box<dyn Fn(&Error) + Send + Sync>,
}

impl OpenIndex {
    /// Opens an index in the way that is given, and takes out of it who is in the registry.
    ///
    /// # Errors
    /// Those of [`Followed::open`] and [`Live::with`].
    pub fn open(
        path: impl Into<PathBuf>,
        registry: Option<Registry>,
        open: impl Fn(&Path) -> Result<Index> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::open_telling(path, registry, open, |_| ())
    }

    /// The same, and `tell` is called with what the watcher of a registry could not take over, on its
    /// thread, once for the same failure. [`OpenIndex::refresh`] gives the last of it too.
    ///
    /// # Errors
    /// Those of [`OpenIndex::open`].
    pub fn open_telling(
        path: impl Into<PathBuf>,
        registry: Option<Registry>,
        open: impl Fn(&Path) -> Result<Index> + Send + Sync + 'static,
        tell: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Result<Self> {
        let Some(registry) = registry else {
            return Ok(Self(From::File(Followed::open(path, open)?)));
        };
        let noticed = Arc::new(Noticed { untold: Mutex::default(), tell: Box::new(tell) });
        let live = Live::with(path, registry, open)?;
        let watched = Watched { live, watcher: Mutex::new(None), noticed };
        watched.watch();
        Ok(Self(From::Registry(watched)))
    }

    /// What lookups ask. It is the same for as long as this is there.
    pub fn handle(&self) -> &Arc<Handle> {
        match &self.0 {
            From::File(followed) => followed.handle(),
            From::Registry(watched) => watched.live.handle(),
        }
    }

    /// Does it follow a registry?
    pub const fn has_registry(&self) -> bool {
        matches!(self.0, From::Registry(..))
    }

    /// Takes over a new file, and what the registry says now. Says whether anything was new.
    ///
    /// # Errors
    /// Those of [`Followed::refresh`] and [`Live::refresh`], also what the watcher failed with since the
    /// last time; what could be taken over has been.
    pub fn refresh(&self) -> Result<bool> {
        let _inside = fork::enter();
        match &self.0 {
            From::File(followed) => followed.refresh(),
            From::Registry(watched) => {
                let new = watched.live.refresh();
                let untold = watched.noticed.untold();
                match (new, untold) {
                    (Ok(_), Some(error)) | (Err(error), _) => Err(error),
                    (Ok(new), None) => Ok(new),
                }
            }
        }
    }

    /// In a forked child, begins anew the thread that looks for what is new, which stayed with the
    /// parent. Elsewhere it does nothing.
    pub fn resume(&self) {
        if let From::Registry(watched) = &self.0 {
            watched.watch();
        }
    }
}

impl Watched {
    fn watch(&self) {
        // Told outside: who is told may wait for a lock that whoever forks holds.
        if let Err(error) = self.begin() {
            self.noticed.notice(error);
        }
    }

    fn begin(&self) -> Result<()> {
        let _inside = fork::enter();
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.as_ref().is_none_or(|watcher| !watcher.is_here()) {
            let noticed = Arc::clone(&self.noticed);
            *watcher = Some(self.live.watch(move |error| noticed.notice(error))?);
        }
        Ok(())
    }
}

impl Noticed {
    fn notice(&self, error: Error) {
        (self.tell)(&error);
        let _inside = fork::enter();
        *self.untold.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn untold(&self) -> Option<Error> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
