//! The shape of the tree: which nodes lie where, for a number of entries.
//!
//! Nodes of all levels are counted together, from the top. Child `j` of node `i` is node
//! `9*i + step + j`, and the step is that of the level: so a search carries one number down, and
//! knows beforehand all that it adds to it.

use super::{CHILDREN, KEYS};

/// More levels than any number of entries needs: 9^10 > 2^31.
const MOST_LEVELS: usize = 11;

/// The levels of a tree, from the top.
#[derive(Clone, Copy)]
pub(super) struct Levels {
    /// How many levels are above the lowest.
    inner: usize,
    /// Of each of them what to add on the way down; it may be less than nothing, and wraps.
    steps: [usize; MOST_LEVELS],
    /// How many nodes are above the lowest level.
    above: usize,
    /// How many keys they have, and one.
    before_slots: usize,
    /// How many nodes there are.
    nodes: usize,
}

impl Levels {
    pub(super) fn of(entries: usize) -> Self {
        let sizes = sizes(entries);
        let (mut steps, mut above) = ([0; MOST_LEVELS], 0);
        let inner = sizes.len() - 1;
        for (step, size) in steps.iter_mut().zip(&sizes[..inner]) {
            *step = (above + size).wrapping_sub(CHILDREN * above);
            above += size;
        }
        Self { inner, steps, above, before_slots: KEYS * above + 1, nodes: above + sizes[inner] }
    }

    /// What to add in each of the levels above the lowest.
    #[inline(always)]
    pub(super) fn steps(&self) -> &[usize] {
        &self.steps[..self.inner.min(MOST_LEVELS)]
    }

    /// The slot of the last key not above an address, from its node in the lowest level and its
    /// rank there. What is no slot is a number beyond all.
    #[inline(always)]
    pub(super) const fn slot(&self, node: usize, rank: usize) -> usize {
        KEYS.wrapping_mul(node).wrapping_add(rank).wrapping_sub(self.before_slots)
    }

    /// How many nodes are above the lowest level.
    pub(super) const fn above(&self) -> usize {
        self.above
    }

    /// How many nodes there are.
    pub(super) const fn nodes(&self) -> usize {
        self.nodes
    }
}

/// How many nodes each level has, from the top.
fn sizes(entries: usize) -> Vec<usize> {
    let mut sizes = vec![entries.div_ceil(KEYS)];
    while let Some(size) = sizes.last().filter(|size| **size > 1) {
        sizes.push(size.div_ceil(CHILDREN));
    }
    sizes.reverse();
    sizes
}

/// All levels of the tree, from the top, for ascending keys.
pub(super) fn tree(keys: &[u64]) -> Vec<u64> {
    let mut tree = Vec::new();
    let sizes = sizes(keys.len());
    for (above, size) in sizes.iter().rev().enumerate().rev() {
        // Keys below one node of the level beneath.
        let below = KEYS * CHILDREN.pow((above as u32).saturating_sub(1));
        for node in 0..*size {
            tree.extend((0..KEYS).map(|key| {
                let at = if above == 0 {
                    KEYS * node + key
                } else {
                    (CHILDREN * node + key + 1) * below
                };
                keys.get(at).copied().unwrap_or(u64::MAX)
            }));
        }
    }
    tree
}
