//! Many IPv6 addresses at once, faster than one after the other.
//!
//! Blocks of 32 addresses go down the tree together, level by level, so that the waits for memory
//! of all of them overlap: while the node of one is read, those of the next level are asked for.

use std::net::Ipv6Addr;

use super::Intervals;
use super::node::Rank;
use super::search::child;
use crate::cpu::{compiled_for_levels, prefetch};
use crate::error::Result;
use crate::index::ANSWER_BIT;

/// Addresses of a block: see the batch of the trie.
const BLOCK: usize = 32;

impl Intervals<'_> {
    /// Writes the answer number of each address at the same index of `answers`.
    pub(crate) fn numbers(&self, addresses: &[Ipv6Addr], answers: &mut [u32]) -> Result<()> {
        numbers(self.cpu, self, addresses, answers).ok_or_else(Self::broken)
    }

    /// The same, and the length of each network.
    pub(crate) fn numbers_and_lengths(
        &self,
        addresses: &[Ipv6Addr],
        answers: &mut [u32],
        lengths: &mut [u8],
    ) -> Result<()> {
        numbers_and_lengths(self.cpu, self, addresses, answers, lengths).ok_or_else(Self::broken)
    }
}

compiled_for_levels! {
    /// The answer numbers of addresses; nothing when the tree is damaged.
    fn numbers(tree: &Intervals<'_>, addresses: &[Ipv6Addr], answers: &mut [u32]) -> Option<()>, by numbers_by
}
compiled_for_levels! {
    /// The same with lengths.
    fn numbers_and_lengths(
        tree: &Intervals<'_>, addresses: &[Ipv6Addr], answers: &mut [u32], lengths: &mut [u8]
    ) -> Option<()>, by numbers_and_lengths_by
}

#[inline(always)]
fn numbers_by(
    by: impl Rank,
    tree: &Intervals<'_>,
    addresses: &[Ipv6Addr],
    answers: &mut [u32],
) -> Option<()> {
    for (addresses, answers) in addresses.chunks(BLOCK).zip(answers.chunks_mut(BLOCK)) {
        block(by, tree, addresses, answers, |_, _, _| Some(()))?;
    }
    Some(())
}

#[inline(always)]
fn numbers_and_lengths_by(
    by: impl Rank,
    tree: &Intervals<'_>,
    addresses: &[Ipv6Addr],
    answers: &mut [u32],
    lengths: &mut [u8],
) -> Option<()> {
    let answers = answers.chunks_mut(BLOCK).zip(lengths.chunks_mut(BLOCK));
    for (addresses, (answers, lengths)) in addresses.chunks(BLOCK).zip(answers) {
        block(by, tree, addresses, answers, |row, slot, address| {
            *lengths.get_mut(row)? = tree.length_at(tree.at(slot, address)?, address)?;
            Some(())
        })?;
    }
    Some(())
}

/// Answers a block, and tells of each row the slot and the address.
#[inline(always)]
fn block(
    by: impl Rank,
    tree: &Intervals<'_>,
    addresses: &[Ipv6Addr],
    answers: &mut [u32],
    mut tell: impl FnMut(usize, usize, u128) -> Option<()>,
) -> Option<()> {
    let (nodes, entries) = (tree.nodes, tree.entries);
    let mut uppers = [0; BLOCK];
    for (upper, address) in uppers.iter_mut().zip(addresses) {
        *upper = (address.to_bits() >> 64) as u64;
    }
    // Of each address, its node in the level at hand; below the last, its slot.
    let mut places = [0; BLOCK];
    for step in tree.levels.steps() {
        for (place, upper) in places.iter_mut().zip(&uppers[..addresses.len()]) {
            // The highest of all would count unused keys.
            *place = child(by, nodes, *place, *step, (*upper).min(u64::MAX - 1))?;
            prefetch(nodes, *place);
        }
    }
    for (place, upper) in places.iter_mut().zip(&uppers[..addresses.len()]) {
        *place = if *upper == u64::MAX {
            entries.len().wrapping_sub(1)
        } else {
            tree.levels.slot(*place, by.rank(nodes.get(*place)?, *upper))
        };
        prefetch(entries, *place);
    }
    for (row, (answer, address)) in answers.iter_mut().zip(addresses).enumerate() {
        let (slot, address) = (places[row], address.to_bits());
        let entry = u32::from_le(*entries.get(slot)?);
        *answer = if entry & ANSWER_BIT != 0 {
            entry & !ANSWER_BIT
        } else {
            tree.at(slot, address)?.answer
        };
        if !tree.agrees(uppers[row], *answer) {
            return None;
        }
        tell(row, slot, address)?;
    }
    Some(())
}
