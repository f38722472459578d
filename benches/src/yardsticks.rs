//! Structures that firmtrie is measured against, written for that only.
//!
//! - DIR-24-8 (Gupta, Lin and McKeown, INFOCOM 1998): one read from a table of all /24s, a second
//!   one below it. Fast while its 64 MiB stay in the cache.
//! - A plain Poptrie (Asai and Ohara, SIGCOMM 2015), 16 direct bits, for IPv6.
//! - One read at a random index of 4 MiB: what no structure of that size gets below.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::peers::Peer;

/// In an entry of DIR-24-8: the other bits are the number of a block of 256.
const BLOCK: u32 = 1 << 31;

/// DIR-24-8, from where each number begins.
pub fn dir_24_8(starts: &[(u128, u32)]) -> Peer<Ipv4Addr> {
    let mut table = vec![0_u32; 1 << 24];
    let mut blocks: Vec<u32> = Vec::new();
    let ends = starts.iter().skip(1).map(|(start, _)| *start as u64).chain([1 << 32]);
    for ((start, number), end) in starts.iter().zip(ends) {
        let mut at = *start as u64;
        while at < end {
            let slot = (at >> 8) as usize;
            if at.is_multiple_of(256) && at + 256 <= end {
                table[slot] = *number;
                at += 256;
                continue;
            }
            if table[slot] & BLOCK == 0 {
                blocks.resize(blocks.len() + 256, 0);
                table[slot] = BLOCK | (blocks.len() as u32 / 256 - 1);
            }
            let block = 256 * (table[slot] & !BLOCK) as usize;
            let stop = end.min((at | 255) + 1);
            let within = block + (at & 255) as usize;
            blocks[within..within + (stop - at) as usize].fill(*number);
            at = stop;
        }
    }
    Peer::new("DIR-24-8", move |address: Ipv4Addr| {
        let bits = address.to_bits();
        let entry = table[bits as usize >> 8];
        if entry & BLOCK == 0 {
            return entry;
        }
        blocks[256 * (entry & !BLOCK) as usize + (bits & 255) as usize]
    })
}

/// One read at a random index of 4 MiB.
pub fn random_read() -> Peer<Ipv4Addr> {
    let words: Vec<u32> = (0..1 << 20).collect();
    Peer::new("a read of 4 MiB", move |address: Ipv4Addr| {
        // Fibonacci hashing: neighbours are far from each other.
        words[(address.to_bits().wrapping_mul(0x9e37_79b1) >> 12) as usize]
    })
}

/// Bits that the first table of the Poptrie takes.
const DIRECT: u32 = 16;

/// A node: a set bit of `children` is a child, one of `leaves` begins a run of equal leaves.
struct Node {
    children: u64,
    leaves: u64,
    first_child: u32,
    first_leaf: u32,
}

struct Poptrie<'a> {
    starts: &'a [(u128, u32)],
    nodes: Vec<Node>,
    leaves: Vec<u32>,
}

impl Poptrie<'_> {
    /// The number of a whole block of `2^host_bits` addresses, if it has only one.
    fn number(&self, first: u128, host_bits: u32) -> Option<u32> {
        let last = first | ((1_u128 << host_bits) - 1);
        let at = self.starts.partition_point(|(start, _)| *start <= first) - 1;
        let ends = self.starts.get(at + 1).is_none_or(|(next, _)| *next > last);
        ends.then_some(self.starts[at].1)
    }

    /// Fills the node at an index for a block of so many bits. Children lie side by side.
    fn fill(&mut self, index: usize, first: u128, host_bits: u32) {
        // The last stride has fewer bits than six; missing ones count as zero.
        let (stride, below) = (host_bits.min(6), host_bits.saturating_sub(6));
        let mut node = Node {
            children: 0,
            leaves: 0,
            first_child: self.nodes.len() as u32,
            first_leaf: self.leaves.len() as u32,
        };
        let mut children = Vec::new();
        let mut last = None;
        for child in 0..1_u32 << stride {
            let start = first | u128::from(child) << below;
            let bit = 1 << (child << (6 - stride));
            match self.number(start, below) {
                None => {
                    node.children |= bit;
                    children.push(start);
                }
                Some(number) => {
                    if last != Some(number) {
                        node.leaves |= bit;
                        self.leaves.push(number);
                        last = Some(number);
                    }
                }
            }
        }
        let first_child = self.nodes.len();
        self.nodes[index] = node;
        self.nodes.resize_with(first_child + children.len(), Node::empty);
        for (number, start) in children.into_iter().enumerate() {
            self.fill(first_child + number, start, below);
        }
    }
}

impl Node {
    const fn empty() -> Self {
        Self { children: 0, leaves: 0, first_child: 0, first_leaf: 0 }
    }
}

/// A plain Poptrie, from where each number begins.
pub fn poptrie_v6(starts: &[(u128, u32)]) -> Peer<Ipv6Addr> {
    let mut trie = Poptrie { starts, nodes: Vec::new(), leaves: Vec::new() };
    let direct: Vec<u32> = (0..1_u128 << DIRECT)
        .map(|top| {
            let (first, host_bits) = (top << (128 - DIRECT), 128 - DIRECT);
            if let Some(number) = trie.number(first, host_bits) {
                return BLOCK | number;
            }
            let index = trie.nodes.len();
            trie.nodes.push(Node::empty());
            trie.fill(index, first, host_bits);
            index as u32
        })
        .collect();
    let Poptrie { nodes, leaves, .. } = trie;
    Peer::new("plain Poptrie", move |address: Ipv6Addr| {
        let mut bits = address.to_bits();
        let entry = direct[(bits >> (128 - DIRECT)) as usize];
        if entry & BLOCK != 0 {
            return entry & !BLOCK;
        }
        let mut node = &nodes[entry as usize];
        bits <<= DIRECT;
        loop {
            let child = (bits >> 122) as u32;
            let upto = u64::MAX >> (63 - child);
            if node.children >> child & 1 == 0 {
                let rank = (node.leaves & upto).count_ones() - 1;
                return leaves[(node.first_leaf + rank) as usize];
            }
            let rank = (node.children & upto).count_ones() - 1;
            node = &nodes[(node.first_child + rank) as usize];
            bits <<= 6;
        }
    })
}
