//! What tells a file at a path from another, and from itself after a change.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

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
