//! An index file that is followed: a new file at its path is taken over while lookups go on.
//!
//! What is taken over has been checked in full: a damaged file is refused, the old one goes on
//! answering, and the file is not looked at again until it changes. Who is hidden from a new index
//! is told by who asks, before it is swapped in.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{Handle, Hidden, Index, Snapshot};
use crate::error::Result;

/// A [`Handle`], and the path that its index is from.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let build = |rows: &std::path::Path| {
/// #     let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(rows);
/// #     firmtrie::Builder::new().source(source).write(&path)
/// # };
/// # build(&rows)?;
/// use firmtrie::{Followed, Index};
/// let followed = Followed::open(&path, |path| Index::open(path))?;
/// assert!(!followed.refresh()?);
/// // The file is built anew …
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Another B.V.\n")?;
/// # build(&rows)?;
/// assert!(followed.refresh()?);
/// let loaded = followed.handle().load();
/// let hit = loaded.lookup("1.0.0.1".parse()?)?.expect("it is in the source");
/// assert_eq!(hit.company()?.name(), "Another B.V.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Followed {
    handle: Arc<Handle>,
    path: PathBuf,
    open: Opener,
    /// The file that was opened last, or refused; nothing, where none was there.
    file: Mutex<Option<Stamp>>,
}

type Opener = Box<dyn Fn(&Path) -> Result<Index> + Send + Sync>;

/// What tells a file at a path from another, and from itself after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The numbers of its device and inode, where there are such.
    file: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// Nothing, where no file is.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { file: file(&found), length: found.len(), modified: found.modified().ok() })
    }

    /// The numbers of its device and inode, which stay when the file is changed in place.
    #[cfg(feature = "registry")]
    pub(crate) const fn file(self) -> (u64, u64) {
        self.file
    }
}

#[cfg(unix)]
fn file(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
const fn file(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

impl Followed {
    /// Opens an index in the way that is given, such as [`Index::open`] or [`Index::map`].
    ///
    /// # Errors
    /// Those of opening.
    pub fn open(
        path: impl Into<PathBuf>,
        open: impl Fn(&Path) -> Result<Index> + Send + Sync + 'static,
    ) -> Result<Self> {
        let path = path.into();
        // First, so that a file that comes meanwhile is seen to be new.
        let file = Stamp::of(&path);
        let handle = Arc::new(Handle::new(Snapshot::new(open(&path)?)));
        Ok(Self { handle, path, open: Box::new(open), file: Mutex::new(file) })
    }

    /// What lookups ask. It is the same for as long as this is there.
    pub const fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes over the file that is at the path now. Says whether it is another than before.
    ///
    /// # Errors
    /// If it cannot be opened or is damaged. What was loaded stays.
    pub fn refresh(&self) -> Result<bool> {
        self.refresh_hiding(|_| Ok(Hidden::default()))
    }

    /// The same, with what `hidden` says is hidden in a new index.
    ///
    /// # Errors
    /// Those of [`Followed::refresh`], and of `hidden`.
    pub(crate) fn refresh_hiding(
        &self,
        hidden: impl FnOnce(&Index) -> Result<Hidden>,
    ) -> Result<bool> {
        // Held until the swap, so that at most two indexes are there at a time.
        let mut known = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = Stamp::of(&self.path);
        if file == *known {
            return Ok(false);
        }
        let before = std::mem::replace(&mut *known, file);
        let index = (self.open)(&self.path)?;
        if let Some(damage) = index.verify().into_iter().next() {
            return Err(damage);
        }
        let hidden = hidden(&index).inspect_err(|_| {
            // That is no fault of the file: it is tried again.
            *known = before;
        })?;
        self.handle.swap(Snapshot::hiding(Arc::new(index), hidden));
        Ok(true)
    }
}
