//! An index file that is followed: a new file at its path is taken over while lookups go on.
//!
//! What is taken over has been checked in full: a damaged file is refused, the old one goes on
//! answering, and the file is not looked at again until it changes. What is hidden in a new index is
//! told by who asks, before it is swapped in.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::current::Current;
use crate::error::Result;
use crate::reader::{HiddenSet, Index, Stamp};

pub(super) struct IndexFile {
    path: PathBuf,
    open: Opener,
    /// The file that was opened last, or refused; nothing, where none was there.
    known: Mutex<Option<Stamp>>,
}

/// How an index is opened, such as [`Index::open`] or [`Index::map`].
pub(super) type Opener = Box<dyn Fn(&Path) -> Result<Index> + Send + Sync>;

impl IndexFile {
    pub(super) fn open(path: PathBuf, open: Opener) -> Result<(Self, Index)> {
        // First, so that a file that comes meanwhile is seen to be new.
        let known = Mutex::new(Stamp::of(&path));
        let index = open(&path)?;
        Ok((Self { path, open, known }, index))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes over the file that is at the path now, but for what `hidden` says. Says whether it is
    /// another than before.
    ///
    /// # Errors
    /// If it cannot be opened or is damaged, and those of `hidden`. What was asked before stays.
    pub(super) fn refresh(
        &self,
        current: &Current,
        hidden: impl FnOnce(&Index) -> Result<HiddenSet>,
    ) -> Result<bool> {
        // Held until the swap, so that at most two indexes are there at a time.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(&self.path);
        if stamp == *known {
            return Ok(false);
        }
        let before = std::mem::replace(&mut *known, stamp);
        let index = (self.open)(&self.path)?;
        if let Some(damage) = index.verify().into_iter().next() {
            return Err(damage);
        }
        let hidden = hidden(&index).inspect_err(|_| {
            // That is no fault of the file: it is tried again.
            *known = before;
        })?;
        current.swap(Arc::new(index), hidden);
        Ok(true)
    }
}
