//! The blocks: in which /16 of IPv6 there is somebody.
//!
//! A bit for each, 8 KB. Nearly all of the address space is nobody's, and so is nearly every address
//! drawn by chance: its bit answers without a search. Where the table is missing, as in format 2, or
//! a bit is set, the tree decides.

use crate::error::{Error, Result};
use crate::index::integers;

/// Words of a table.
const WORDS: usize = (1 << 16) / 64;

/// The table of an index file.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a>(&'a [u64]);

impl<'a> Blocks<'a> {
    /// Looks at the section; reads nothing. Format 2 has none.
    pub(super) fn new(blocks: Option<&'a [u8]>) -> Result<Self> {
        let words: &[u64] =
            blocks.map_or(Ok(&[][..]), |blocks| integers("IntervalBlocks", blocks))?;
        if blocks.is_some() && words.len() != WORDS {
            return Err(Error::damaged("IntervalBlocks", "not a bit for each /16"));
        }
        Ok(Self(words))
    }

    /// Is it known that nobody is in the /16 of an address, of which this is the upper half?
    #[inline(always)]
    pub(super) fn are_empty_at(self, upper: u64) -> bool {
        let (word, bit) = place(upper);
        self.0.get(word).is_some_and(|word| u64::from_le(*word) >> bit & 1 == 0)
    }

    /// Is the table that of these stretches, or missing?
    pub(super) fn are_of(self, stretches: impl Iterator<Item = (u64, u64)>) -> bool {
        self.0.is_empty() || self.0.iter().map(|word| u64::from_le(*word)).eq(of(stretches))
    }
}

const fn place(upper: u64) -> (usize, u64) {
    ((upper >> 54) as usize, upper >> 48 & 63)
}

/// The words of a table, from the upper halves of the first and last addresses of stretches that are
/// somebody's.
pub(super) fn of(stretches: impl Iterator<Item = (u64, u64)>) -> Vec<u64> {
    let mut words = vec![0; WORDS];
    for (first, last) in stretches {
        for block in first >> 48..=last >> 48 {
            let (word, bit) = place(block << 48);
            words[word] |= 1 << bit;
        }
    }
    words
}
