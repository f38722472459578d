//! Resolution: claims that overlap become stretches that do not.
//!
//! The rule: the more specific range wins; of ranges of the same size the one of the higher source
//! priority, then the newer, then the one that starts lower, then the one of the lower answer
//! number. Answer numbers follow from what the answers say, so the result never depends on the
//! order of input. A claim that the policy masks ranks like any other: it hides what is wider, and
//! what is more specific hides it. A mask of an address overrides all claims,
//! and space that is nobody's all masks.
//!
//! A sweep over the starts with the claims under it in a heap, best first: O(n log n). Nothing
//! here knows what an answer is, or which claims may be made.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rayon::slice::ParallelSliceMut;

use crate::index::{NOBODY, Stretch};
use crate::net::AddressRange;
use crate::source::Date;

/// A claim as resolution sees it: a range, an answer, and how it ranks beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RankedClaim {
    first: u128,
    last: u128,
    /// Addresses of the whole claim of which this may be a part, less one.
    size: u128,
    /// Where the whole claim begins.
    start: u128,
    pub answer: u32,
    priority: i32,
    date: Option<Date>,
    overrides: Override,
}

/// What a claim comes before, however specific that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Override {
    Nothing,
    Claims,
    All,
}

impl RankedClaim {
    /// A source's claim; one without a date is older than any.
    pub(super) const fn of_source(
        range: &AddressRange,
        priority: i32,
        date: Option<Date>,
        answer: u32,
    ) -> Self {
        let (first, last) = (range.first_bits(), range.last_bits());
        let (size, start) = (last - first, first);
        Self { first, last, size, start, answer, priority, date, overrides: Override::Nothing }
    }

    /// A part of a claim, which is as specific as the whole.
    pub(super) const fn part(self, first: u128, last: u128, answer: u32) -> Self {
        Self { first, last, answer, ..self }
    }

    /// What holds where nobody claims anything.
    pub(super) const fn background(range: &AddressRange, answer: u32) -> Self {
        Self { size: u128::MAX, ..Self::of_source(range, i32::MIN, None, answer) }
    }

    /// A mask over everything inside the range, more specific claims included.
    pub(super) const fn mask(range: &AddressRange, answer: u32) -> Self {
        Self { overrides: Override::Claims, ..Self::of_source(range, 0, None, answer) }
    }

    /// Space that is nobody's, masks or not.
    pub(super) const fn nobodys(range: &AddressRange) -> Self {
        Self { overrides: Override::All, ..Self::of_source(range, 0, None, NOBODY) }
    }

    /// Lower is better.
    fn rank(&self) -> impl Ord + use<> {
        let precedence = (Reverse(self.priority), Reverse(self.date));
        (Reverse(self.overrides), self.size, precedence, self.start, self.answer)
    }
}

impl Ord for RankedClaim {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for RankedClaim {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The stretches of one family, `0..=max`: ascending, disjoint, none of nobody, and no two that
/// touch with the same answer.
pub(super) fn resolve(mut claims: Vec<RankedClaim>, max: u128) -> Vec<Stretch> {
    claims.par_sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| a.cmp(b)));
    let mut stretches = Vec::with_capacity(claims.len());
    let mut waiting = claims.iter().peekable();
    let mut active: BinaryHeap<Reverse<&RankedClaim>> = BinaryHeap::new();
    let mut at = 0;
    loop {
        while let Some(next) = waiting.next_if(|next| next.first <= at) {
            active.push(Reverse(next));
        }
        // One that has ended may stay below better ones; it is dropped when it comes up.
        while active.peek().is_some_and(|Reverse(best)| best.last < at) {
            active.pop();
        }
        let next_start = waiting.peek().map(|next| next.first);
        match (active.peek(), next_start) {
            (None, None) => break,
            (None, Some(start)) => at = start,
            (Some(Reverse(best)), _) => {
                let end = next_start.map_or(best.last, |start| best.last.min(start - 1));
                append(&mut stretches, Stretch { first: at, last: end, answer: best.answer });
                if end == max {
                    break;
                }
                at = end + 1;
            }
        }
    }
    stretches
}

/// Adds a stretch behind the others, or makes the last one longer.
fn append(stretches: &mut Vec<Stretch>, next: Stretch) {
    match stretches.last_mut() {
        _ if next.answer == NOBODY => {}
        Some(last) if last.answer == next.answer && last.last + 1 == next.first => {
            last.last = next.last;
        }
        _ => stretches.push(next),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use ip_network_table::IpNetworkTable;
    use proptest::prelude::*;

    use super::*;
    use crate::net::Family;

    fn claim(first: u8, length: u8, answer: u32, priority: i32) -> RankedClaim {
        let last = first.saturating_add(length);
        let range = AddressRange::from_bits(Family::V6, first.into(), last.into());
        RankedClaim::of_source(&range, priority, None, answer)
    }

    fn claims() -> impl Strategy<Value = Vec<RankedClaim>> {
        let one = (any::<u8>(), any::<u8>(), 0..7u8, 1..5u32, 0..3, 0..12u8);
        let one = one.prop_map(|(first, length, narrower, answer, priority, mask)| {
            let made = claim(first, length >> narrower, answer, priority);
            let range = AddressRange::from_bits(Family::V6, made.first, made.last);
            match mask {
                0 => RankedClaim::nobodys(&range),
                1 => RankedClaim::mask(&range, 9),
                _ => made,
            }
        });
        prop::collection::vec(one, 0..24)
    }

    /// Asks every claim about every address of a space of 256.
    fn painted(claims: &[RankedClaim]) -> Vec<u32> {
        let paint = |at: u128| {
            let here = claims.iter().filter(|c| c.first <= at && at <= c.last);
            let best = here.min_by_key(|c| {
                let mask_first = match c.overrides {
                    Override::All => 0,
                    Override::Claims => 1,
                    Override::Nothing => 2,
                };
                (mask_first, c.last - c.first, -c.priority, c.first, c.answer)
            });
            best.map_or(NOBODY, |best| best.answer)
        };
        (0..256).map(paint).collect()
    }

    #[test]
    fn the_more_specific_wins_then_the_priority_then_the_lower_start() {
        let answers = |claims: &[RankedClaim]| {
            let stretches = resolve(claims.to_vec(), 255);
            stretches.iter().map(|s| (s.first, s.last, s.answer)).collect::<Vec<_>>()
        };
        let wide = claim(0, 99, 1, 9);
        assert_eq!(answers(&[wide, claim(10, 9, 2, 0)]), [(0, 9, 1), (10, 19, 2), (20, 99, 1)]);
        assert_eq!(answers(&[claim(0, 9, 1, 1), claim(0, 9, 2, 2)]), [(0, 9, 2)]);
        assert_eq!(answers(&[claim(5, 9, 1, 1), claim(0, 9, 2, 1)]), [(0, 9, 2), (10, 14, 1)]);
        assert_eq!(answers(&[claim(0, 9, 3, 1), claim(0, 9, 2, 1)]), [(0, 9, 2)]);
    }

    #[test]
    fn a_mask_answers_nobody_even_for_what_is_more_specific_inside() {
        let mask = AddressRange::from_bits(Family::V6, 10, 19);
        let all = vec![claim(0, 99, 1, 0), claim(12, 1, 2, 0), RankedClaim::nobodys(&mask)];
        let stretches = resolve(all, 255);
        assert_eq!(
            stretches.iter().map(|s| (s.first, s.last)).collect::<Vec<_>>(),
            [(0, 9), (20, 99)]
        );
    }

    proptest! {
        #[test]
        fn stretches_are_what_painting_every_address_gives(
            claims in claims(), reversed in any::<bool>()
        ) {
            let mut painting = vec![NOBODY; 256];
            let mut shuffled = claims.clone();
            if reversed { shuffled.reverse() } else { shuffled.sort() }
            let stretches = resolve(shuffled, 255);
            for stretch in &stretches {
                for at in stretch.first..=stretch.last {
                    prop_assert_eq!(painting[at as usize], NOBODY);
                    painting[at as usize] = stretch.answer;
                }
            }
            prop_assert_eq!(painting, painted(&claims));
            for pair in stretches.windows(2) {
                prop_assert!(pair[0].last < pair[1].first);
                let touch = pair[0].last + 1 == pair[1].first;
                prop_assert!(!touch || pair[0].answer != pair[1].answer);
            }
        }

        #[test]
        fn among_prefixes_the_longest_match_wins(
            prefixes in prop::collection::btree_map((any::<u32>(), 0..=32u8), 1..9u32, 0..40),
            probes in prop::collection::vec(any::<u32>(), 40)
        ) {
            let mut table = IpNetworkTable::new();
            let mut claims = Vec::new();
            for ((bits, length), answer) in prefixes {
                let net = ip_network::Ipv4Network::new_truncate(bits.into(), length).unwrap();
                // Two texts may be truncated to one prefix; then there is nothing to compare.
                if table.insert(net, answer).is_some() { return Ok(()); }
                let first = IpAddr::V4(net.network_address());
                let last = IpAddr::V4(net.broadcast_address());
                claims.push(RankedClaim::of_source(&AddressRange::new(first, last).unwrap(), 0, None, answer));
            }
            let edges = claims.iter().flat_map(|c| [c.first, c.last, c.last + 1]);
            let probes: Vec<u32> = edges.map(|bits| bits as u32).chain(probes).collect();
            let stretches = resolve(claims, Family::V4.max());
            for probe in probes {
                let expected = table.longest_match_ipv4(probe.into()).map_or(NOBODY, |(_, a)| *a);
                let at = u128::from(probe);
                let found = stretches.iter().find(|s| s.first <= at && at <= s.last);
                prop_assert_eq!(found.map_or(NOBODY, |s| s.answer), expected);
            }
        }
    }
}
