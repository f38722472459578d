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
}

compiled_for_levels! {
    /// The answer numbers of addresses; nothing when the tree is damaged.
    fn numbers(tree: &Intervals<'_>, addresses: &[Ipv6Addr], answers: &mut [u32]) -> Option<()>, by numbers_by
}

#[inline(always)]
fn numbers_by(
    by: impl Rank,
    tree: &Intervals<'_>,
    addresses: &[Ipv6Addr],
    answers: &mut [u32],
) -> Option<()> {
    for (addresses, answers) in addresses.chunks(BLOCK).zip(answers.chunks_mut(BLOCK)) {
        block(by, tree, addresses, answers)?;
    }
    Some(())
}

#[inline(always)]
fn block(
    by: impl Rank,
    tree: &Intervals<'_>,
    addresses: &[Ipv6Addr],
    answers: &mut [u32],
) -> Option<()> {
    let (nodes, entries) = (tree.nodes, tree.entries);
    let mut uppers = [0; BLOCK];
    for (upper, address) in uppers.iter_mut().zip(addresses) {
        // The highest of all would count unused keys; it is looked after in the end.
        *upper = ((address.to_bits() >> 64) as u64).min(u64::MAX - 1);
    }
    // Of each address, its node in the level at hand; below the last, the index of its entry.
    let mut places = [0; BLOCK];
    for step in tree.levels.steps() {
        for (place, upper) in places.iter_mut().zip(&uppers[..addresses.len()]) {
            *place = child(by, nodes, *place, *step, *upper)?;
            prefetch(nodes, *place);
        }
    }
    for (place, upper) in places.iter_mut().zip(&uppers[..addresses.len()]) {
        *place = tree.levels.slot(*place, by.rank(nodes.get(*place)?, *upper));
        prefetch(entries, *place);
    }
    for ((answer, rank), address) in answers.iter_mut().zip(places).zip(addresses) {
        if address.to_bits() >> 64 == u128::from(u64::MAX) {
            *answer = tree.find(address.to_bits())?.answer;
            continue;
        }
        let entry = u32::from_le(*entries.get(rank)?);
        *answer = if entry & ANSWER_BIT != 0 {
            entry & !ANSWER_BIT
        } else {
            tree.at(rank, address.to_bits())?.answer
        };
        if !tree.agrees((address.to_bits() >> 64) as u64, *answer) {
            return None;
        }
    }
    Some(())
}
