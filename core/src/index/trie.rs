//! The IPv4 trie: an address to its answer in two reads, rarely three.
//!
//! One array of `u32` words. The first 65,536 are the root, indexed by the top 16 bits of the
//! address. An *entry* with bit 31 set is an answer number; otherwise it is the place of a node,
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
//! A child's entry is found by rank: the count before its group and the set bits up to it. The
//! network of an answer is the widest aligned block in the run where the walk ended, so it needs
//! no storage. A run of whole root entries is not stored as such; a byte for each root entry
//! that is an answer holds the length of its network.
//!
//! The bitmap with ranks is that of Poptrie (Asai and Ohara, SIGCOMM 2015); runs in place of
//! single leaves are its leaf compression.

use super::cpu::{Cpu, compiled_for_levels};
use super::{ANSWER_BIT, integers};
use crate::error::{Error, Result};
use crate::net::widest_block;

/// Entries of the root, one for each /16.
const ROOT: usize = 1 << 16;
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
    #[inline]
    pub(crate) fn number(self, address: u32) -> Result<u32> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            return Ok(entry & !ANSWER_BIT);
        }
        below(self.cpu, self.words, entry, address).ok_or_else(Self::broken)
    }

    /// The answer number of an address and the length of its network.
    #[inline]
    pub(crate) fn number_and_length(self, address: u32) -> Result<(u32, u8)> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            let length = self.lengths.get(address as usize >> 16).filter(|bits| **bits <= 16);
            return length.map(|bits| (entry & !ANSWER_BIT, *bits)).ok_or_else(Self::broken);
        }
        below_with_length(self.cpu, self.words, entry, address).ok_or_else(Self::broken)
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

    /// The answer number, and the node where it was found, if it was not the root.
    fn walk(self, address: u32) -> Option<(u32, Option<(Node<'a>, u32)>)> {
        let entry = self.root(address);
        if entry & ANSWER_BIT != 0 {
            return Some((entry & !ANSWER_BIT, None));
        }
        descend(self.words, entry, address).map(|(number, node, bits)| (number, Some((node, bits))))
    }

    /// Checks everything that a walk may meet: it leads to one of `answers` numbers, and every
    /// network is as wide as it can be.
    pub(crate) fn verify(self, answers: u32) -> Result<()> {
        let mut verifier = Verifier { trie: self, answers, next: ROOT };
        let root = &self.words[..ROOT];
        // Depth first, as the encoder placed the nodes: children before their node.
        for entry in root {
            verifier.entry(u32::from_le(*entry), 2)?;
        }
        if verifier.next != self.words.len() {
            return Err(Error::damaged("Trie", "it has words that nothing leads to"));
        }
        let root: Vec<u32> = root.iter().map(|entry| u32::from_le(*entry)).collect();
        if root_lengths(&root) != self.lengths {
            return Err(Error::damaged("TrieLengths", "a network has the wrong length"));
        }
        Ok(())
    }

    fn node(self, entry: u32) -> Option<Node<'a>> {
        node(self.words, entry)
    }
}

#[inline(always)]
fn node(words: &[u32], entry: u32) -> Option<Node<'_>> {
    words.get((entry as usize).checked_mul(2)?..).map(Node)
}

/// From an entry of the root to the answer number, the node that has it, and the bits of an
/// address below that node's children.
#[inline(always)]
fn descend(words: &[u32], entry: u32, address: u32) -> Option<(u32, Node<'_>, u32)> {
    let mut entry = entry;
    // Two nodes use up the address; what claims to go deeper is damaged.
    for host_bits in [8, 0] {
        let node = node(words, entry)?;
        entry = node.entry(address >> host_bits & 0xff)?;
        if entry & ANSWER_BIT != 0 {
            return Some((entry & !ANSWER_BIT, node, host_bits));
        }
    }
    None
}

#[inline(always)]
fn below_here(words: &[u32], entry: u32, address: u32) -> Option<u32> {
    descend(words, entry, address).map(|(number, _, _)| number)
}

#[inline(always)]
fn below_with_length_here(words: &[u32], entry: u32, address: u32) -> Option<(u32, u8)> {
    let (number, node, host_bits) = descend(words, entry, address)?;
    let block = node.block(address >> host_bits & 0xff)?;
    Some((number, (32 - host_bits - block) as u8))
}

compiled_for_levels! {
    /// The answer number below an entry of the root.
    fn below(words: &[u32], entry: u32, address: u32) -> Option<u32> = below_here, below_here
}
compiled_for_levels! {
    /// The answer number below an entry of the root, and the length of its network.
    fn below_with_length(words: &[u32], entry: u32, address: u32) -> Option<(u32, u8)>
        = below_with_length_here, below_with_length_here
}

/// The words from a node's first on.
#[derive(Clone, Copy)]
struct Node<'a>(&'a [u32]);

impl Node<'_> {
    #[inline(always)]
    fn entry(self, child: u32) -> Option<u32> {
        let head: &[u32; RUNS] = self.0.first_chunk()?;
        let group = child as usize / 64;
        let before = u32::from_le(head[8]) >> (8 * group) & 0xff;
        // The bits up to the child; a sound node has at least one, the first child's.
        let upto = bits_of(head, group) << (63 - child % 64);
        let rank = before + upto.count_ones();
        self.0.get((RUNS - 1) + rank as usize).map(|word| u32::from_le(*word))
    }

    /// How many bits the children of the widest aligned block around a child differ in, all of one
    /// run. The block is bounded by its nearest neighbours outside: it is at most as wide as the
    /// first bit in which the child differs from either is high.
    #[inline(always)]
    fn block(self, child: u32) -> Option<u32> {
        let head: &[u32; RUNS] = self.0.first_chunk()?;
        let (bits, place) = (bits_of(head, child as usize / 64), child % 64);
        let upto = u64::MAX >> (63 - place);
        // Counted from 64, so that all outside the group differs in bit 6 or 7.
        let begin = 127 - (bits & upto | 1).leading_zeros();
        let next = 64 + (bits & !upto).trailing_zeros();
        let child_place = 64 + place;
        let block = (child_place ^ (begin - 1)).ilog2().min((child_place ^ next).ilog2());
        if block < 6 {
            return Some(block);
        }
        let (first, last) = self.run(child)?;
        Some(widest_block(first.into(), last.into(), child.into(), 8))
    }

    /// The 64 bits of a group; bit 0 is its first child.
    fn group(self, number: usize) -> Option<u64> {
        let low = u32::from_le(*self.0.get(2 * number)?);
        let high = u32::from_le(*self.0.get(2 * number + 1)?);
        Some(u64::from(high) << 32 | u64::from(low))
    }

    fn groups(self) -> Option<[u64; 4]> {
        Some([self.group(0)?, self.group(1)?, self.group(2)?, self.group(3)?])
    }

    /// First and last child of the run a child is in.
    fn run(self, child: u32) -> Option<(u32, u32)> {
        let (own, place) = (child / 64, child % 64);
        let upto = u64::MAX >> (63 - place);
        let (mut group, mut bits) = (own, self.group(own as usize)? & upto);
        while bits == 0 {
            group = group.checked_sub(1)?;
            bits = self.group(group as usize)?;
        }
        let first = 64 * group + 63 - bits.leading_zeros();
        (group, bits) = (own, self.group(own as usize)? & !upto);
        while bits == 0 && group < 3 {
            group += 1;
            bits = self.group(group as usize)?;
        }
        // Without a later run the place of the first bit is 64, that of child 256.
        Some((first, 64 * group + bits.trailing_zeros() - 1))
    }
}

/// The 64 bits of a group; bit 0 is its first child.
#[inline(always)]
fn bits_of(head: &[u32; RUNS], group: usize) -> u64 {
    let (low, high) = (head[2 * (group & 3)], head[2 * (group & 3) + 1]);
    u64::from(u32::from_le(high)) << 32 | u64::from(u32::from_le(low))
}

/// A pass over all entries, in the order in which the encoder placed their nodes.
struct Verifier<'a> {
    trie: Trie<'a>,
    answers: u32,
    /// The place in words where the next node must be.
    next: usize,
}

impl Verifier<'_> {
    /// Checks an entry below which there may be so many levels of nodes.
    fn entry(&mut self, entry: u32, levels: u32) -> Result<()> {
        let damaged = |reason| Err(Error::damaged("Trie", reason));
        if entry & ANSWER_BIT != 0 {
            let known = entry & !ANSWER_BIT < self.answers;
            return if known { Ok(()) } else { damaged("an entry is no answer's number") };
        }
        let Some(node) = self.trie.node(entry).filter(|_| levels > 0) else {
            return Err(Trie::broken());
        };
        let Some(groups) = node.groups() else { return Err(Trie::broken()) };
        let mut before = 0;
        let mut counts = [0; 4];
        for (count, group) in counts.iter_mut().zip(groups) {
            *count = before as u8;
            before += group.count_ones() as usize;
        }
        let begins_well = groups[0] & 1 == 1 && node.0[RUNS - 1] == u32::from_ne_bytes(counts);
        let Some(runs) = node.0.get(RUNS..RUNS + before).filter(|_| begins_well) else {
            return damaged("a node miscounts its runs");
        };
        if runs.windows(2).any(|pair| pair[0] == pair[1]) || runs.len() < 2 {
            return damaged("two neighbouring runs of a node are the same");
        }
        for run in runs {
            self.entry(u32::from_le(*run), levels - 1)?;
        }
        // Each node is met once, and at its place: so the pass ends.
        if 2 * entry as usize != self.next {
            return damaged("a node is not at its place");
        }
        let end = RUNS + runs.len();
        if end % 2 == 1 && node.0.get(end).is_some_and(|word| *word != 0) {
            return damaged("a node is followed by something");
        }
        self.next += end.next_multiple_of(2);
        Ok(())
    }
}

/// The two sections for ascending, disjoint IPv4 stretches.
#[cfg(feature = "build")]
pub(crate) fn encode(stretches: &[super::Stretch]) -> (Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder { words: vec![0; ROOT], rest: stretches };
    for top in 0..ROOT {
        encoder.words[top] = encoder.entry((top as u32) << 16, 16);
    }
    let lengths = root_lengths(&encoder.words[..ROOT]);
    (encoder.words.iter().flat_map(|word| word.to_le_bytes()).collect(), lengths)
}

#[cfg(feature = "build")]
struct Encoder<'a> {
    words: Vec<u32>,
    /// The stretches that do not end before the block now being encoded.
    rest: &'a [super::Stretch],
}

#[cfg(feature = "build")]
impl Encoder<'_> {
    /// The entry of a block of `2^host_bits` addresses; blocks come in ascending order.
    fn entry(&mut self, first: u32, host_bits: u32) -> u32 {
        let last = first | ((1 << host_bits) - 1);
        let (first_bits, last_bits) = (u128::from(first), u128::from(last));
        while let [done, rest @ ..] = self.rest
            && done.last < first_bits
        {
            self.rest = rest;
        }
        match self.rest.first() {
            Some(stretch) if stretch.first <= first_bits && last_bits <= stretch.last => {
                ANSWER_BIT | stretch.answer
            }
            Some(stretch) if stretch.first <= last_bits => self.node(first, host_bits - 8),
            _ => ANSWER_BIT | super::NOBODY,
        }
    }

    /// The place of a new node for a block that has more than one answer.
    fn node(&mut self, first: u32, child_bits: u32) -> u32 {
        let mut bitmap = [0_u32; 8];
        let mut counts = [0_u8; 4];
        let mut runs = Vec::new();
        for child in 0..256 {
            if child % 64 == 0 {
                counts[child / 64] = runs.len() as u8;
            }
            let entry = self.entry(first | (child as u32) << child_bits, child_bits);
            if runs.last() != Some(&entry) {
                bitmap[child / 32] |= 1 << (child % 32);
                runs.push(entry);
            }
        }
        let place = self.words.len() / 2;
        self.words.extend(bitmap);
        self.words.push(u32::from_le_bytes(counts));
        self.words.extend(runs);
        self.words.resize(self.words.len().next_multiple_of(2), 0);
        place as u32
    }
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
