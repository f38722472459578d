//! Many IPv4 addresses at once, faster than one after the other.
//!
//! A lookup mostly waits for memory. In blocks of 32 addresses, three plain loops have the waits
//! of all of them overlap:
//!
//! 1. read the entry of the root, ask for its node;
//! 2. find the index of the entry in the node, ask for it; an answer of the root leads back to its
//!    own index, so that the loop has no branch to guess wrong;
//! 3. read it. The few that go deeper (0.5 % of routed addresses) go on alone.
//!
//! The length of a network is read in the second loop, from the same line as the index.

use std::net::Ipv4Addr;

use super::{Node, ROOT, Trie, node};
use crate::cpu::{compiled_for_levels, prefetch};
use crate::error::Result;
use crate::index::ANSWER_BIT;

/// Addresses of a block: enough to keep all line fill buffers of a core busy, few enough that what
/// was asked for is still in the first-level cache when it is read.
const BLOCK: usize = 32;

impl Trie<'_> {
    /// Writes the answer number of each address at the same index of `answers`.
    pub(crate) fn numbers(self, addresses: &[Ipv4Addr], answers: &mut [u32]) -> Result<()> {
        numbers(self.cpu, self.words, addresses, answers).ok_or_else(Self::broken)
    }

    /// Writes the answer number of each address and the length of its network at the same index
    /// of each.
    pub(crate) fn numbers_and_lengths(
        self,
        addresses: &[Ipv4Addr],
        answers: &mut [u32],
        lengths: &mut [u8],
    ) -> Result<()> {
        numbers_and_lengths(self.cpu, self.words, self.lengths, addresses, answers, lengths)
            .ok_or_else(Self::broken)
    }
}

compiled_for_levels! {
    /// The answer numbers of addresses; nothing when the trie is damaged.
    fn numbers(words: &[u32], addresses: &[Ipv4Addr], answers: &mut [u32]) -> Option<()>
        = numbers_here
}
compiled_for_levels! {
    /// The answer numbers of addresses and the lengths of their networks, of which `root` has those
    /// of the root's answers.
    fn numbers_and_lengths(
        words: &[u32], root: &[u8], addresses: &[Ipv4Addr], answers: &mut [u32], lengths: &mut [u8]
    ) -> Option<()> = numbers_and_lengths_here
}

#[inline(always)]
fn numbers_here(words: &[u32], addresses: &[Ipv4Addr], answers: &mut [u32]) -> Option<()> {
    for (addresses, answers) in addresses.chunks(BLOCK).zip(answers.chunks_mut(BLOCK)) {
        block::<false>(words, &[], addresses, answers, &mut [])?;
    }
    Some(())
}

#[inline(always)]
fn numbers_and_lengths_here(
    words: &[u32],
    root: &[u8],
    addresses: &[Ipv4Addr],
    answers: &mut [u32],
    lengths: &mut [u8],
) -> Option<()> {
    let answers = answers.chunks_mut(BLOCK).zip(lengths.chunks_mut(BLOCK));
    for (addresses, (answers, lengths)) in addresses.chunks(BLOCK).zip(answers) {
        block::<true>(words, root, addresses, answers, lengths)?;
    }
    Some(())
}

#[inline(always)]
fn block<const LENGTHS: bool>(
    words: &[u32],
    root_lengths: &[u8],
    addresses: &[Ipv4Addr],
    answers: &mut [u32],
    lengths: &mut [u8],
) -> Option<()> {
    let root: &[u32; ROOT] = words.first_chunk()?;
    // Of each address, its entry of the root, then the index of the entry.
    let mut indexes = [0; BLOCK];
    for (index, address) in indexes.iter_mut().zip(addresses) {
        let bits = address.to_bits();
        let top = bits >> 16;
        let entry = u32::from_le(root[top as usize]);
        *index = entry;
        let group =
            if entry & ANSWER_BIT == 0 { (2 * entry).wrapping_add(bits >> 13 & 6) } else { top };
        prefetch(words, group as usize);
    }
    for (at, (index, address)) in indexes.iter_mut().zip(addresses).enumerate() {
        let bits = address.to_bits();
        let (entry, top) = (*index, bits >> 16);
        let is_node = entry & ANSWER_BIT == 0;
        // The root itself stands in for the node of an answer.
        let first = if is_node { 2 * entry } else { 0 };
        let (node, child) = (Node(words.get(first as usize..)?), bits >> 8 & 0xff);
        let within = node.index(child)?;
        if LENGTHS {
            *lengths.get_mut(at)? = if is_node {
                24 - node.block(child)? as u8
            } else {
                *root_lengths.get(top as usize).filter(|bits| **bits <= 16)?
            };
        }
        *index = if is_node { first.wrapping_add(within) } else { top };
        prefetch(words, *index as usize);
    }
    for (at, ((answer, index), address)) in
        answers.iter_mut().zip(indexes).zip(addresses).enumerate()
    {
        let mut entry = u32::from_le(*words.get(index as usize)?);
        if entry & ANSWER_BIT == 0 {
            let (node, child) = (node(words, entry)?, address.to_bits() & 0xff);
            entry = node.entry(child)?;
            if LENGTHS {
                *lengths.get_mut(at)? = 32 - node.block(child)? as u8;
            }
            if entry & ANSWER_BIT == 0 {
                return None;
            }
        }
        *answer = entry & !ANSWER_BIT;
    }
    Some(())
}
