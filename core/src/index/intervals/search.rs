//! The search: from an address down the levels to the last key not above it.
//!
//! A lookup waits for one node after the other, so what lies between the rank in one and the read
//! of the next is kept short: one number is carried down, what is added to it is known beforehand,
//! one check a level keeps it inside the tree, and for the usual heights there is no loop.

use super::node::Rank;
use super::{CHILDREN, Intervals, Node};
use crate::cpu::compiled_for_levels;
use crate::index::ANSWER_BIT;

impl Intervals<'_> {
    /// The answer number of the addresses of a /64; nothing where one begins inside it, or the way is
    /// damaged.
    #[inline(always)]
    pub(super) fn number_of_64(&self, upper: u64) -> Option<u32> {
        let number = number(self.cpu, self, upper);
        (number & ANSWER_BIT == 0).then_some(number)
    }

    /// The same, and its slot.
    #[inline(always)]
    pub(super) fn found_of_64(&self, upper: u64) -> Option<(u32, u32)> {
        let found = number_and_slot(self.cpu, self, upper);
        (found as u32 & ANSWER_BIT == 0).then_some((found as u32, (found >> 32) as u32))
    }

    /// Which key is the last not above `upper`; its entry is there if the tree is sound.
    #[inline(always)]
    pub(super) fn slot(&self, upper: u64) -> Option<usize> {
        slot(self.cpu, self, upper)
    }
}

compiled_for_levels! {
    /// The answer number, or what has [`ANSWER_BIT`], as no number has: so it comes back in a register.
    fn number(tree: &Intervals<'_>, upper: u64) -> u32, by number_by
}
compiled_for_levels! {
    /// The same, and the slot in the upper half.
    fn number_and_slot(tree: &Intervals<'_>, upper: u64) -> u64, by number_and_slot_by
}
compiled_for_levels! {
    /// See [`Intervals::slot`].
    fn slot(tree: &Intervals<'_>, upper: u64) -> Option<usize>, by slot_by
}

#[inline(always)]
fn number_by(by: impl Rank, tree: &Intervals<'_>, upper: u64) -> u32 {
    number_and_slot_by(by, tree, upper) as u32
}

#[inline(always)]
fn number_and_slot_by(by: impl Rank, tree: &Intervals<'_>, upper: u64) -> u64 {
    let slot = slot_by(by, tree, upper).unwrap_or(usize::MAX);
    // Of an answer's entry its bit is taken away; of a list's index it is made.
    let number =
        tree.entries.get(slot).map_or(ANSWER_BIT, |entry| u32::from_le(*entry) ^ ANSWER_BIT);
    (slot as u64) << 32 | u64::from(number)
}

#[inline(always)]
fn slot_by(by: impl Rank, tree: &Intervals<'_>, upper: u64) -> Option<usize> {
    // Unused keys are as high, and only then not above: so no rank counts them.
    if upper == u64::MAX {
        return tree.entries.len().checked_sub(1);
    }
    let steps = tree.levels.steps();
    let lowest = match steps.len() {
        4 => down::<4>(by, tree.nodes, steps.first_chunk()?, upper),
        5 => down::<5>(by, tree.nodes, steps.first_chunk()?, upper),
        6 => down::<6>(by, tree.nodes, steps.first_chunk()?, upper),
        _ => down_any(by, tree.nodes, steps, upper),
    }?;
    Some(tree.levels.slot(lowest, by.rank(tree.nodes.get(lowest)?, upper)))
}

/// The node of the lowest level that an address is sought in.
#[inline(always)]
fn down<const INNER: usize>(
    by: impl Rank,
    nodes: &[Node],
    steps: &[usize; INNER],
    upper: u64,
) -> Option<usize> {
    let mut node = 0;
    for step in steps {
        node = child(by, nodes, node, *step, upper)?;
    }
    Some(node)
}

/// The same for a tree of any height.
#[inline(always)]
fn down_any(by: impl Rank, nodes: &[Node], steps: &[usize], upper: u64) -> Option<usize> {
    steps.iter().try_fold(0, |node, step| child(by, nodes, node, *step, upper))
}

/// The child to go to from a node of a level that adds `step`.
#[inline(always)]
pub(super) fn child(
    by: impl Rank,
    nodes: &[Node],
    node: usize,
    step: usize,
    upper: u64,
) -> Option<usize> {
    let rank = by.rank(nodes.get(node)?, upper);
    // In a damaged file the sum may be anything; what is no node's number is found by the next read.
    Some(CHILDREN.wrapping_mul(node).wrapping_add(step).wrapping_add(rank))
}
