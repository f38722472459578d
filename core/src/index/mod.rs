//! The index file: what its bytes mean, in both directions.
//!
//! Each part of the format has one file with its encoder (feature `build`) and its decoder side by
//! side. All integers are little-endian. Decoders work on borrowed, unchecked bytes: every access
//! is bounds-checked on the walk, and what contradicts itself is an error, never a panic.

pub(crate) mod companies;
pub(crate) mod header;
pub(crate) mod ids;
pub(crate) mod intervals;
pub(crate) mod metadata;
#[cfg(any(feature = "build", feature = "columns"))]
pub(crate) mod numbered;
pub(crate) mod tables;
#[cfg(all(test, feature = "build"))]
mod tests;
pub(crate) mod trie;

use crate::error::{Error, Result};

/// The answer number of every address that no source speaks of.
pub(crate) const NOBODY: u32 = 0;

/// In an entry of either lookup structure: the other bits are an answer number.
const ANSWER_BIT: u32 = 1 << 31;

/// The most answers, nodes or lists there can be: what an entry has bits for. So it is no answer's number.
pub(crate) const ENTRY_LIMIT: u32 = ANSWER_BIT - 1;

/// Where a search ended: from there the length of the network is found without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The root of the trie.
    Root,
    /// A node of the trie, by its offset; bit 31 is set if its children are single addresses.
    Node(u32),
    /// A stretch of IPv6, by its slot.
    Slot(u32),
    /// Where the length is known already.
    Length(u8),
}

/// Neighbouring addresses of one family with the same answer; both ends belong to it.
#[cfg(feature = "build")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch<A> {
    pub first: A,
    pub last: A,
    pub answer: u32,
}

/// Looks at a section as a slice of integers. Their order of bytes is still that of the file.
fn integers<'a, T: bytemuck::AnyBitPattern>(
    section: &'static str,
    bytes: &'a [u8],
) -> Result<&'a [T]> {
    // An empty slice may lie anywhere.
    if bytes.is_empty() {
        return Ok(&[]);
    }
    bytemuck::try_cast_slice(bytes).map_err(|error| Error::damaged(section, error.to_string()))
}
