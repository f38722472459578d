//! The IPv4 trie: an address to its answer in two reads, rarely three.
//!
//! One array of `u32` words. The first 65,536 are the root, indexed by the top 16 bits of the
//! address. An *entry* with bit 31 set is an answer number; otherwise it is the offset of a node,
//! in units of two words. A node takes the next 8 bits and stores its 256 children as *runs* of
//! neighbours with the same entry:
//!
//! | words | what |
//! | --- | --- |
//! | 8 | 256 bits; a set bit begins a run |
//! | 1 | four bytes: runs begun before each group of 64 bits |
//! | n | the entry of each run |
//! | 0 or 1 | zero, to an even number of words |
//!
//! ```text
//!   203  .  0          .  113         . 7
//!  ------ root -----   - first node -
//!
//!  |  answer 17    |      bits    counts   runs
//!  |  answer 17    |   +-------------------------------------------+
//!  |  node     ----+-->| 100100.. 0 9 20 31 | 5 | 8 | node | 5 | ..|
//!  |  answer 4     |   +-------------------------------+-----------+
//!  65,536 entries               children 0-2: run 0    |
//!                               children 3-5: run 1    +--> a node for the last 8 bits
//! ```
//!
//! A child's entry is found by rank: the count before its group and the set bits up to it. The
//! network of an answer is the widest aligned block in the run where the walk ended, so it needs
//! no storage. A run of whole root entries is not stored as such; a byte for each root entry
//! that is an answer holds the length of its network.
//!
//! The bitmap with ranks is that of Poptrie (Asai and Ohara, SIGCOMM 2015); runs in place of
//! single leaves are its leaf compression.

mod batch;
#[cfg(feature = "build")]
mod encode;
mod verify;

#[cfg(feature = "build")]
pub(crate) use encode::encode;

use super::{ANSWER_BIT, Place, integers};
use crate::cpu::{Cpu, compiled_for_levels};
use crate::error::{Error, Result};
use crate::net::widest_block;

/// Entries of the root, one for each /16.
const ROOT: usize = 1 << 16;
/// In a place, beside the offset of a node: its children are single addresses.
const LAST: u32 = 1 << 31;
/// Words of a node before its runs.
const RUNS: usize = 9;

/// The trie of an index file.
#[derive(Clone, Copy)]
pub(crate) struct Trie<'a> {
    words: &'a [u32],
    lengths: &'a [u8],
    cpu: Cpu,
}

impl<'a> Trie<'a> {
    /// Looks at the two sections; reads nothing.
    pub(crate) fn new(words: &'a [u8], lengths: &'a [u8]) -> Result<Self> {
        let words = integers("Trie", words)?;
        if words.len() < ROOT || lengths.len() != ROOT {
            return Err(Error::damaged("Trie", "the root is not whole"));
        }
        Ok(Self { words, lengths, cpu: Cpu::detect() })
    }

    /// The same trie, walked as a lesser machine would.
    #[cfg(all(test, feature = "build"))]
    pub(crate) const fn on(self, cpu: Cpu) -> Self {
        Self { cpu, ..self }
    }

    /// The answer number of an address.
    #[inline(always)]
    pub(crate) fn number(self, address: u32) -> Result<u32> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            return Ok(entry & !ANSWER_BIT);
        }
        below(self.cpu, self.words, entry, address).ok_or_else(Self::broken)
    }

    /// The answer number of an address, and where it was found.
    #[inline(always)]
    pub(crate) fn number_and_place(self, address: u32) -> Result<(u32, Place)> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            return Ok((entry & !ANSWER_BIT, Place::Root));
        }
        let found = below_with_node(self.cpu, self.words, entry, address);
        let found = found.map(|packed| (packed as u32, Place::Node((packed >> 32) as u32)));
        found.ok_or_else(Self::broken)
    }

    /// The length of an address's network, from where its answer was found.
    pub(crate) fn length(self, address: u32, place: Place) -> Result<u8> {
        let length = match place {
            Place::Node(at) => {
                let host_bits = if at & LAST == 0 { 8 } else { 0 };
                let node = node(self.words, at & !LAST);
                node.and_then(|node| node.length(address, host_bits)).map(|length| length as u8)
            }
            _ => self.root_length(address),
        };
        length.ok_or_else(Self::broken)
    }

    /// The answer number of an address and the length of its network.
    #[inline(always)]
    pub(crate) fn number_and_length(self, address: u32) -> Result<(u32, u8)> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            let length = self.root_length(address);
            return length.map(|length| (entry & !ANSWER_BIT, length)).ok_or_else(Self::broken);
        }
        let found = below_with_length(self.cpu, self.words, entry, address);
        found.map(|packed| (packed as u32, (packed >> 32) as u8)).ok_or_else(Self::broken)
    }

    /// The answer number of an address, and an address up to which all have it: the end of the
    /// run it was found in, or of its network.
    pub(crate) fn number_and_end(self, address: u32) -> Result<(u32, u32)> {
        self.walk(address)
            .and_then(|(number, end)| {
                let Some((node, host_bits)) = end else {
                    let length = *self.lengths.get(address as usize >> 16)?;
                    return Some((number, address | u32::MAX.checked_shr(length.into())?));
                };
                let (_, last) = node.run(address >> host_bits & 0xff)?;
                let below = (1 << host_bits) - 1;
                Some((number, address & !(0xff << host_bits) | last << host_bits | below))
            })
            .ok_or_else(Self::broken)
    }

    /// No walk over sound addresses meets more runs.
    pub(crate) const fn most_runs(self) -> usize {
        self.words.len()
    }

    fn broken() -> Error {
        Error::damaged("Trie", "an entry leads outside it")
    }

    #[inline]
    fn root(self, address: u32) -> u32 {
        // `new` made sure of the root.
        self.words.get(address as usize >> 16).map_or(0, |entry| u32::from_le(*entry))
    }

    #[inline]
    fn root_length(self, address: u32) -> Option<u8> {
        self.lengths.get(address as usize >> 16).copied().filter(|length| *length <= 16)
    }

    /// The answer number, and the node where it was found, if it was not the root.
    fn walk(self, address: u32) -> Option<(u32, Option<(Node<'a>, u32)>)> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            return Some((entry & !ANSWER_BIT, None));
        }
        let found = descend(self.words, entry, address)?;
        Some((found.number, Some((found.node, found.host_bits))))
    }
}

#[inline(always)]
fn node(words: &[u32], entry: u32) -> Option<Node<'_>> {
    words.get((entry as usize).checked_mul(2)?..).map(Node)
}

/// Where an address was found below the root.
struct Found<'a> {
    number: u32,
    /// The node that has the answer, and its offset.
    node: Node<'a>,
    offset: u32,
    /// The bits of an address below that node's children: 8, or none.
    host_bits: u32,
}

/// From an entry of the root to the answer.
#[inline(always)]
fn descend(words: &[u32], entry: u32, address: u32) -> Option<Found<'_>> {
    let mut offset = entry;
    // Two nodes use up the address; what claims to go deeper is damaged.
    for host_bits in [8, 0] {
        let node = node(words, offset)?;
        let entry = node.entry(address >> host_bits & 0xff)?;
        if entry & ANSWER_BIT != 0 {
            return Some(Found { number: entry & !ANSWER_BIT, node, offset, host_bits });
        }
        offset = entry;
    }
    None
}

#[inline(always)]
fn below_here(words: &[u32], entry: u32, address: u32) -> Option<u32> {
    descend(words, entry, address).map(|found| found.number)
}

#[inline(always)]
fn below_with_length_here(words: &[u32], entry: u32, address: u32) -> Option<u64> {
    let found = descend(words, entry, address)?;
    let length = found.node.length(address, found.host_bits)?;
    Some(u64::from(length) << 32 | u64::from(found.number))
}

#[inline(always)]
fn below_with_node_here(words: &[u32], entry: u32, address: u32) -> Option<u64> {
    let Found { number, offset, host_bits, .. } = descend(words, entry, address)?;
    let last = if host_bits == 0 { LAST } else { 0 };
    Some(u64::from(offset | last) << 32 | u64::from(number))
}

compiled_for_levels! {
    /// The answer number below an entry of the root.
    fn below(words: &[u32], entry: u32, address: u32) -> Option<u32> = below_here
}
compiled_for_levels! {
    /// The answer number below an entry of the root, and in the upper half the offset of its node, with
    /// [`LAST`] if that is the second.
    fn below_with_node(words: &[u32], entry: u32, address: u32) -> Option<u64> = below_with_node_here
}
compiled_for_levels! {
    /// The answer number below an entry of the root, and the length of its network in the upper
    /// half: together they come back in registers.
    fn below_with_length(words: &[u32], entry: u32, address: u32) -> Option<u64>
        = below_with_length_here
}

/// The words from a node's first on.
#[derive(Clone, Copy)]
struct Node<'a>(&'a [u32]);

impl<'a> Node<'a> {
    /// The words before the runs.
    #[inline(always)]
    fn head(self) -> Option<&'a [u32; RUNS]> {
        self.0.first_chunk()
    }

    #[inline(always)]
    fn entry(self, child: u32) -> Option<u32> {
        self.0.get(self.index(child)? as usize).map(|word| u32::from_le(*word))
    }

    /// Where in the node the entry of a child is.
    #[inline(always)]
    fn index(self, child: u32) -> Option<u32> {
        let head = self.head()?;
        let group = child as usize / 64;
        let before = u32::from_le(head[8]) >> (8 * group) & 0xff;
        // The bits up to the child; a sound node has at least one, the first child's.
        let upto = bits_of(head, group) << (63 - child % 64);
        Some(RUNS as u32 - 1 + before + upto.count_ones())
    }

    /// The length of the network of an address that was found here, of which so many bits are below the
    /// children.
    #[inline(always)]
    fn length(self, address: u32, host_bits: u32) -> Option<u32> {
        Some(32 - host_bits - self.block(address >> host_bits & 0xff)?)
    }

    /// How many bits the children of the widest aligned block around a child differ in, all of one
    /// run. The block is bounded by its nearest neighbours outside: it is at most as wide as the
    /// first bit in which the child differs from either is high.
    #[inline(always)]
    fn block(self, child: u32) -> Option<u32> {
        let head = self.head()?;
        let (bits, bit) = (bits_of(head, child as usize / 64), child % 64);
        let upto = u64::MAX >> (63 - bit);
        // Counted from 64, so that all outside the group differs in bit 6 or 7.
        let begin = 127 - (bits & upto | 1).leading_zeros();
        let next = 64 + (bits & !upto).trailing_zeros();
        let child_bit = 64 + bit;
        let block = (child_bit ^ (begin - 1)).ilog2().min((child_bit ^ next).ilog2());
        if block < 6 {
            return Some(block);
        }
        // The whole group is of one run: and the one beside it, and the other two?
        let groups: [u64; 4] = std::array::from_fn(|group| bits_of(head, group));
        let pair = child as usize / 128 * 2;
        let one_pair = groups[pair] & !1 | groups[pair + 1] == 0;
        let one_node = groups[0] & !1 | groups[1] | groups[2] | groups[3] == 0;
        Some(if one_node { 8 } else { 6 + u32::from(one_pair) })
    }

    /// First and last child of the run a child is in.
    fn run(self, child: u32) -> Option<(u32, u32)> {
        let head = self.head()?;
        let (own, bit) = (child / 64, child % 64);
        let upto = u64::MAX >> (63 - bit);
        let (mut group, mut bits) = (own, bits_of(head, own as usize) & upto);
        while bits == 0 {
            group = group.checked_sub(1)?;
            bits = bits_of(head, group as usize);
        }
        let first = 64 * group + 63 - bits.leading_zeros();
        (group, bits) = (own, bits_of(head, own as usize) & !upto);
        while bits == 0 && group < 3 {
            group += 1;
            bits = bits_of(head, group as usize);
        }
        // Without a later run the number of the first bit is 64, that of child 256.
        Some((first, 64 * group + bits.trailing_zeros() - 1))
    }
}

/// The 64 bits of a group; bit 0 is its first child.
#[inline(always)]
fn bits_of(head: &[u32; RUNS], group: usize) -> u64 {
    let (low, high) = (head[2 * (group & 3)], head[2 * (group & 3) + 1]);
    u64::from(u32::from_le(high)) << 32 | u64::from(u32::from_le(low))
}

/// The network length of each root entry that is an answer.
fn root_lengths(root: &[u32]) -> Vec<u8> {
    let mut lengths = vec![0; ROOT];
    let mut first = 0;
    for run in root.chunk_by(|a, b| a == b) {
        let (start, end) = (first, first + run.len());
        // The widest blocks of a run lie side by side.
        while first < end {
            let bits = widest_block(start as u128, end as u128 - 1, first as u128, 16);
            let block = first..first + (1 << bits);
            if run[0] & ANSWER_BIT != 0 {
                lengths[block.clone()].fill(16 - bits as u8);
            }
            first = block.end;
        }
    }
    lengths
}
