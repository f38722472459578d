//! Verification of the intervals: keys ascend, and no two neighbours are the same.

use super::levels::tree;
use super::{Intervals, StretchEntry, answer_of};
use crate::error::{Error, Result};
use crate::index::NOBODY;
use crate::net::MAPPED;

impl Intervals<'_> {
    /// Checks everything that a search may meet: it leads to one of `answers` numbers, keys ascend,
    /// and no two neighbouring stretches are the same.
    pub(crate) fn verify(&self, answers: u32) -> Result<()> {
        let damaged = |section, reason| Err(Error::damaged(section, reason));
        let ranks = 0..self.entries.len();
        let keys: Vec<u64> = ranks.filter_map(|rank| self.key(rank)).collect();
        if keys.first() != Some(&0) || !keys.is_sorted_by(|a, b| a < b) {
            return damaged("IntervalKeys", "keys do not ascend from 0");
        }
        if !self.nodes.as_flattened().iter().map(|key| u64::from_le(*key)).eq(tree(&keys)) {
            return damaged("IntervalKeys", "an upper level is not that of the keys");
        }
        let (mut before, mut next) = (u32::MAX, 0);
        for rank in 0..self.entries.len() {
            match self.entry(rank) {
                Some(StretchEntry::Answer(answer)) if answer < answers && answer != before => {
                    before = answer;
                }
                Some(StretchEntry::List(pairs)) if u32::from_le(self.entries[rank]) == next => {
                    next += 1 + 2 * pairs.len() as u32;
                    let lower = |pair: &[u64; 2]| u64::from_le(pair[0]);
                    let ascend = pairs.is_sorted_by(|a, b| lower(a) < lower(b));
                    let begins = pairs.first().map(lower) == Some(0);
                    let alike = pairs.windows(2).any(|two| answer_of(two[0]) == answer_of(two[1]));
                    let known = pairs.iter().all(|pair| answer_of(*pair) < answers);
                    if !ascend || !begins || alike || !known || pairs.len() < 2 {
                        return damaged("IntervalLists", "a list contradicts itself");
                    }
                    before = pairs.last().map_or(before, |pair| answer_of(*pair));
                }
                _ => return damaged("IntervalEntries", "an entry leads nowhere, or repeats"),
            }
        }
        let mapped = [MAPPED << 32, MAPPED << 32 | u128::from(u32::MAX)];
        let ends = mapped.map(|at| self.number_and_end(at));
        if !matches!(ends, [Ok((NOBODY, end)), Ok((NOBODY, _))] if end >= mapped[1]) {
            return damaged("IntervalEntries", "an IPv4-mapped address has an answer of its own");
        }
        if !self.blocks.are_of(self.held()) {
            return damaged("IntervalBlocks", "they are not those of the stretches");
        }
        if next as usize != self.lists.len() {
            return damaged("IntervalLists", "it has words that nothing leads to");
        }
        Ok(())
    }

    /// The upper halves of the first and last addresses of what is somebody's.
    fn held(&self) -> impl Iterator<Item = (u64, u64)> {
        (0..self.entries.len()).flat_map(|rank| {
            let first = self.key(rank).unwrap_or_default();
            let next = self.key(rank + 1).filter(|_| rank + 1 < self.entries.len());
            let end = next.map_or(u64::MAX, |next| next - 1);
            let (inside, last) = match self.entry(rank) {
                Some(StretchEntry::Answer(answer)) => (false, answer),
                Some(StretchEntry::List([inner @ .., last])) => {
                    (inner.iter().any(|pair| answer_of(*pair) != NOBODY), answer_of(*last))
                }
                _ => (false, NOBODY),
            };
            let inside = inside.then_some((first, first));
            inside.into_iter().chain((last != NOBODY).then_some((first, end)))
        })
    }
}
