//! Bad rows: the end of a build, or counted and passed over where that was asked for.

use crate::error::{BadRow, Error, Result};

/// Bad rows that a summary lists.
const LISTED: usize = 10;

/// The rows that were passed over because they could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first ten, in the order of files and lines.
    pub first: Vec<BadRow>,
}

/// What to do about bad rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    skip: bool,
    skipped: Skipped,
}

impl Faults {
    pub(super) fn new(skip: bool) -> Self {
        Self { skip, ..Self::default() }
    }

    /// Gives back what can be used; notes a bad row if it may be passed over.
    pub(super) fn sift<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Error::BadRow(row)) if self.skip => {
                self.skipped.count += 1;
                if self.skipped.first.len() < LISTED {
                    self.skipped.first.push(*row);
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Adds the rows of files that come later.
    pub(super) fn append(&mut self, later: Self) {
        self.skipped.count += later.skipped.count;
        self.skipped.first.extend(later.skipped.first);
        self.skipped.first.truncate(LISTED);
    }

    pub(super) fn into_skipped(self) -> Skipped {
        self.skipped
    }
}
