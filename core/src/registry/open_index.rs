//! An index file that is open and followed, with a registry or without: what the languages' readers
//! ask.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Live, Registry, Watcher};
use crate::error::Result;
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
    /// A watcher ends with it.
    Registry(Arc<Live>, #[allow(dead_code, reason = "it is dropped")] Watcher),
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
        let Some(registry) = registry else {
            return Ok(Self(From::File(Followed::open(path, open)?)));
        };
        let live = Arc::new(Live::with(path, registry, open)?);
        // What cannot be taken over is an error of `refresh`; until then what was loaded answers.
        let watcher = live.watch(|_| ());
        Ok(Self(From::Registry(live, watcher)))
    }

    /// What lookups ask. It is the same for as long as this is there.
    pub fn handle(&self) -> &Arc<Handle> {
        match &self.0 {
            From::File(followed) => followed.handle(),
            From::Registry(live, _) => live.handle(),
        }
    }

    /// Does it follow a registry?
    pub const fn has_registry(&self) -> bool {
        matches!(self.0, From::Registry(..))
    }

    /// Takes over a new file, and what the registry says now. Says whether anything was new.
    ///
    /// # Errors
    /// Those of [`Followed::refresh`] and [`Live::refresh`].
    pub fn refresh(&self) -> Result<bool> {
        match &self.0 {
            From::File(followed) => followed.refresh(),
            From::Registry(live, _) => live.refresh(),
        }
    }
}
