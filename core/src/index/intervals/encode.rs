//! Encoding of the intervals, from the stretches with one answer.

use super::{blocks, levels::tree};
use crate::index::{ANSWER_BIT, NOBODY, Stretch};

/// The four sections for ascending, disjoint IPv6 stretches.
pub(crate) fn encode(stretches: &[Stretch<u128>]) -> [Vec<u8>; 4] {
    let starts = starts(stretches);
    let mut keys = Vec::new();
    let mut entries = Vec::new();
    let mut lists = Vec::new();
    let mut before = NOBODY;
    for group in starts.chunk_by(|(a, _), (b, _)| a >> 64 == b >> 64) {
        keys.push((group[0].0 >> 64) as u64);
        if let [(start, answer)] = group
            && *start as u64 == 0
        {
            entries.push(ANSWER_BIT | answer);
        } else {
            entries.push(lists.len() as u32);
            let inherited = (group[0].0 as u64 != 0).then_some((0, before));
            let pairs = group.iter().map(|(start, answer)| (*start as u64, *answer));
            let pairs: Vec<_> = inherited.into_iter().chain(pairs).collect();
            lists.push(pairs.len() as u64);
            lists.extend(pairs.iter().flat_map(|(lower, answer)| [*lower, u64::from(*answer)]));
        }
        before = group[group.len() - 1].1;
    }
    let bytes = |words: Vec<u64>| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let entries = entries.iter().flat_map(|word| word.to_le_bytes()).collect();
    let upper = |address: u128| (address >> 64) as u64;
    let held = stretches.iter().filter(|stretch| stretch.answer != NOBODY);
    let held = held.map(|stretch| (upper(stretch.first), upper(stretch.last)));
    [bytes(tree(&keys)), entries, bytes(lists), bytes(blocks::of(held))]
}

/// Where each answer begins, nobody's included; the first begins at 0.
fn starts(stretches: &[Stretch<u128>]) -> Vec<(u128, u32)> {
    let mut starts = Vec::with_capacity(2 * stretches.len() + 1);
    let mut next = Some(0);
    for stretch in stretches {
        if let Some(gap) = next.filter(|gap| *gap < stretch.first) {
            starts.push((gap, NOBODY));
        }
        starts.push((stretch.first, stretch.answer));
        next = stretch.last.checked_add(1);
    }
    starts.extend(next.map(|gap| (gap, NOBODY)));
    starts
}
