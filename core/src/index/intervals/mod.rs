//! The IPv6 intervals: longest match as a search for the stretch an address lies in.
//!
//! The starts of all stretches, those of nobody included, cut the address space; no two
//! neighbours have the same answer. Their upper halves are the keys of a B+-tree that is laid out
//! level by level from the top:
//!
//! - A node is eight ascending `u64`, one cache line; keys of no stretch are `u64::MAX`.
//! - Child `j` of node `i` is node `9*i+j` of the next level. Key `j` of an inner node is the
//!   lowest key below child `j+1`, so the *rank* of an address in a node, the number of keys not
//!   above it, is the child to go to.
//! - In the lowest level key `r` is that of entry `r`. An entry with bit 31 set is an answer
//!   number. Otherwise it is the index of a list in a third array: its length, then pairs of
//!   lower half and answer, ascending, for the few stretches that begin inside one /64. The first
//!   pair has lower half 0: what goes on from before, if nothing begins there.
//!
//! ```text
//!  the top      [ k72 k144 .. k576 ]                       one node
//!               [ k8 k16 .. k64 ] [ k80 k88 .. k136 ] ...  up to nine
//!  the lowest   [ k0 k1 .. k7 ]   [ k8 k9 .. k15 ]    ...  every key once
//!  entries        e0 e1 .. e7       e8 e9 .. e15      ...  answers, or indexes of lists
//! ```
//!
//! A fourth section has a bit for each /16 in which there is somebody (`blocks.rs`).
//!
//! The upper levels are in the first caches at all times: a lookup waits for the lowest one and for
//! the entry. PlanB (NSDI 2026) turns longest match into this search; Khuong and Morin (2017)
//! compare layouts of sorted arrays.

mod batch;
mod blocks;
#[cfg(feature = "build")]
mod encode;
mod levels;
mod node;
mod search;
mod verify;

#[cfg(feature = "build")]
pub(crate) use encode::encode;

use blocks::Blocks;
use levels::Levels;

use super::{ANSWER_BIT, ENTRY_LIMIT, NOBODY, Place, integers};
use crate::cpu::Cpu;
use crate::error::{Error, Result};
use crate::net::{AddressRange, Family};

/// Keys of a node.
const KEYS: usize = 8;
/// Children of a node.
const CHILDREN: usize = KEYS + 1;

/// The keys of a node.
type Node = [u64; KEYS];

/// The interval tree of an index file.
#[derive(Clone, Copy)]
pub(crate) struct Intervals<'a> {
    nodes: &'a [Node],
    entries: &'a [u32],
    lists: &'a [u64],
    blocks: Blocks<'a>,
    levels: Levels,
    cpu: Cpu,
}

impl<'a> Intervals<'a> {
    /// Looks at the sections; reads nothing. Format 2 has no blocks.
    pub(crate) fn new(
        keys: &'a [u8],
        entries: &'a [u8],
        lists: &'a [u8],
        blocks: Option<&'a [u8]>,
    ) -> Result<Self> {
        let nodes: &[Node] = integers("IntervalKeys", keys)?;
        let entries: &[u32] = integers("IntervalEntries", entries)?;
        let lists = integers("IntervalLists", lists)?;
        let levels = Levels::of(entries.len());
        // A slot has as many bits as an entry has for a list.
        if entries.len() > ENTRY_LIMIT as usize {
            return Err(Error::damaged("IntervalEntries", "there are more than there can be"));
        }
        if entries.is_empty() || nodes.len() != levels.nodes() {
            return Err(Error::damaged("IntervalKeys", "not the size that the entries ask for"));
        }
        Ok(Self { nodes, entries, lists, blocks: Blocks::new(blocks)?, levels, cpu: Cpu::detect() })
    }

    /// The same intervals, searched as a lesser machine would.
    #[cfg(all(test, feature = "build"))]
    pub(crate) const fn on(self, cpu: Cpu) -> Self {
        Self { cpu, ..self }
    }

    /// The answer number of an address.
    #[inline(always)]
    pub(crate) fn number(&self, address: u128) -> Result<u32> {
        let upper = (address >> 64) as u64;
        if self.blocks.are_empty_at(upper) {
            return Ok(NOBODY);
        }
        match self.number_of_64(upper) {
            Some(number) => Ok(number),
            None => self.found_in_a_list(address).map(|(number, _)| number),
        }
    }

    /// The answer number of an address, and where it was found, unless nobody is there.
    #[inline(always)]
    pub(crate) fn number_and_place(&self, address: u128) -> Result<(u32, Place)> {
        let upper = (address >> 64) as u64;
        if self.blocks.are_empty_at(upper) {
            return Ok((NOBODY, Place::Length(0)));
        }
        match self.found_of_64(upper) {
            Some((number, slot)) => Ok((number, Place::Slot(slot))),
            None => self.found_in_a_list(address),
        }
    }

    /// The length of an address's network, from the slot where its answer was found.
    pub(crate) fn length(&self, address: u128, slot: u32) -> Result<u8> {
        let found = self.at(slot as usize, address);
        let length = found.and_then(|found| self.length_at(found, address));
        length.ok_or_else(Self::broken)
    }

    /// The answer number of an address where something begins inside its /64, or the way is damaged.
    #[cold]
    fn found_in_a_list(&self, address: u128) -> Result<(u32, Place)> {
        let found = self.find(address).ok_or_else(Self::broken)?;
        Ok((found.answer, Place::Slot(found.rank as u32)))
    }

    /// The answer number of an address and the length of its network.
    pub(crate) fn number_and_length(&self, address: u128) -> Result<(u32, u8)> {
        self.find(address)
            .and_then(|found| Some((found.answer, self.length_at(found, address)?)))
            .ok_or_else(Self::broken)
    }

    fn length_at(&self, found: Position, address: u128) -> Option<u8> {
        let (first, last) = self.stretch(found)?;
        let inside = first <= address && address <= last;
        let range = inside.then(|| AddressRange::from_bits(Family::V6, first, last))?;
        Some(range.widest_prefix_at(address).prefix_len())
    }

    /// The answer number of an address, and an address up to which all have it.
    pub(crate) fn number_and_end(&self, address: u128) -> Result<(u32, u128)> {
        self.find(address)
            .and_then(|found| {
                let (_, last) = self.stretch(found)?;
                (address <= last).then_some((found.answer, last))
            })
            .ok_or_else(Self::broken)
    }

    /// No walk over sound addresses meets more runs.
    pub(crate) const fn most_runs(&self) -> usize {
        self.entries.len() + self.lists.len()
    }

    fn broken() -> Error {
        Error::damaged("IntervalEntries", "entries, keys and lists contradict each other")
    }

    #[inline(always)]
    fn find(&self, address: u128) -> Option<Position> {
        let upper = (address >> 64) as u64;
        let found = self.at(self.slot(upper)?, address)?;
        self.agrees(upper, found.answer).then_some(found)
    }

    /// Do the blocks allow this answer in the /64 of an upper half? Where they say that nobody is there,
    /// who asks for an answer alone is told so without a search, and whoever searches notices if it is not
    /// so.
    #[inline(always)]
    fn agrees(&self, upper: u64, answer: u32) -> bool {
        answer == NOBODY || !self.blocks.are_empty_at(upper)
    }

    /// What an address finds at an entry: the last one that begins not above it.
    #[inline(always)]
    fn at(&self, rank: usize, address: u128) -> Option<Position> {
        Some(match self.entry(rank)? {
            StretchEntry::Answer(answer) => Position { rank, within: 0, answer },
            StretchEntry::List(pairs) => {
                // Above its own /64 a list ends with its last stretch.
                let own = (address >> 64) as u64 == self.key(rank)?;
                let lower = if own { address as u64 } else { u64::MAX };
                let after = pairs.partition_point(|pair| u64::from_le(pair[0]) <= lower);
                let within = after.checked_sub(1)?;
                Position { rank, within, answer: answer_of(pairs[within]) }
            }
        })
    }

    /// The key of an entry.
    fn key(&self, rank: usize) -> Option<u64> {
        let node = self.nodes.get(self.levels.above() + rank / KEYS)?;
        Some(u64::from_le(node[rank % KEYS]))
    }

    fn entry(&self, rank: usize) -> Option<StretchEntry<'a>> {
        let entry = u32::from_le(*self.entries.get(rank)?);
        if entry & ANSWER_BIT != 0 {
            return Some(StretchEntry::Answer(entry & !ANSWER_BIT));
        }
        let (length, list) = self.lists.get(entry as usize..)?.split_first()?;
        let words = usize::try_from(u64::from_le(*length)).ok()?.checked_mul(2)?;
        let (pairs, _) = list.get(..words)?.as_chunks();
        Some(StretchEntry::List(pairs))
    }

    /// First and last address of the stretch that was found, as far as its network can reach.
    ///
    /// A stretch that ends or begins inside a /64 is cut at the border of that /64, where the list
    /// begins: no aligned block crosses that border without holding all of the /64.
    fn stretch(&self, found: Position) -> Option<(u128, u128)> {
        let Position { rank, within, .. } = found;
        let pairs = match self.entry(rank)? {
            StretchEntry::Answer(_) => &[],
            StretchEntry::List(pairs) => pairs,
        };
        let address = |rank: usize, pair: Option<&[u64; 2]>| {
            let lower = pair.map_or(0, |pair| u64::from_le(pair[0]));
            self.key(rank).map(|upper| u128::from(upper) << 64 | u128::from(lower))
        };
        let first = address(rank, pairs.get(within))?;
        let next = match pairs.get(within + 1) {
            Some(pair) => address(rank, Some(pair))?,
            None if rank + 1 == self.entries.len() => return Some((first, u128::MAX)),
            None => address(rank + 1, None)?,
        };
        Some((first, next.checked_sub(1)?))
    }
}

/// Where an address was found: the entry, and the pair if the entry is a list.
#[derive(Clone, Copy)]
struct Position {
    rank: usize,
    within: usize,
    answer: u32,
}

enum StretchEntry<'a> {
    Answer(u32),
    List(&'a [[u64; 2]]),
}

fn answer_of(pair: [u64; 2]) -> u32 {
    // What does not fit is no answer's number, not even that of what is withheld, and is refused where the
    // answer is looked up.
    u64::from_le(pair[1]).min(ENTRY_LIMIT.into()) as u32
}
