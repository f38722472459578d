//! Resolution: claims that overlap become stretches that do not.
//!
//! The rule: the more specific range wins; of ranges of the same size the one of the higher source
//! priority, then the newer, then the one that starts lower, then the one of the lower answer
//! number. Answer numbers follow from what the answers say, so the result never depends on the
//! order of input. A claim that the policy masks ranks like any other: it hides what is wider, and
//! what is more specific hides it. A mask of an address overrides all claims,
//! and space that is nobody's all masks.
//!
//! A sweep over the starts with the claims under it in a heap, best first: O(n log n), in pieces of the
//! addresses, on all threads. Nothing here knows what an answer is, or which claims may be made.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::index::{NOBODY, Stretch};
use crate::net::{AddressBits, AddressRange, Family};
use crate::source::Date;

/// A claim as resolution sees it: a range, an answer, and how it ranks beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RankedClaim<A> {
    first: A,
    last: A,
    /// Addresses of the whole claim of which this may be a part, less one.
    size: A,
    /// Where the whole claim begins.
    start: A,
    pub answer: u32,
    priority: i32,
    date: Option<Date>,
    precedence: Precedence,
}

/// What a claim comes before, however specific that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    /// Nothing: it holds where nobody claims anything.
    Background,
    Claim,
    /// All claims, more specific ones included.
    Mask,
    /// Masks as well.
    Nobodys,
}

impl<A: AddressBits> RankedClaim<A> {
    /// A source's claim; one without a date is older than any.
    pub(super) fn of_source(
        range: &AddressRange,
        priority: i32,
        date: Option<Date>,
        answer: u32,
    ) -> Self {
        let (first, last) = (A::of(range.first_bits()), A::of(range.last_bits()));
        let (size, start) = (last - first, first);
        Self { first, last, size, start, answer, priority, date, precedence: Precedence::Claim }
    }

    /// A part of a claim, which is as specific as the whole.
    pub(super) fn part(self, first: u128, last: u128) -> Self {
        Self { first: A::of(first), last: A::of(last), ..self }
    }

    /// What holds where nobody claims anything.
    pub(super) fn background(range: &AddressRange) -> Self {
        Self { precedence: Precedence::Background, ..Self::of_source(range, 0, None, NOBODY) }
    }

    /// A mask over everything inside the range, more specific claims included.
    pub(super) fn mask(range: &AddressRange, answer: u32) -> Self {
        Self { precedence: Precedence::Mask, ..Self::of_source(range, 0, None, answer) }
    }

    /// Space that is nobody's, masks or not.
    pub(super) fn nobodys(range: &AddressRange) -> Self {
        Self { precedence: Precedence::Nobodys, ..Self::of_source(range, 0, None, NOBODY) }
    }

    /// Lower is better.
    fn rank(&self) -> impl Ord + use<A> {
        let rivals = (Reverse(self.priority), Reverse(self.date));
        (Reverse(self.precedence), self.size, rivals, self.start, self.answer)
    }
}

impl<A: AddressBits> Ord for RankedClaim<A> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl<A: AddressBits> PartialOrd for RankedClaim<A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Claims of a piece of the addresses, of which each is swept alone.
const PIECE: usize = 1 << 16;

/// The stretches of one family, `0..=max`: ascending, disjoint, none of nobody, and no two that
/// touch with the same answer.
pub(super) fn resolve<A: AddressBits>(claims: Vec<RankedClaim<A>>, max: A) -> Vec<Stretch<A>> {
    resolve_by(PIECE, claims, max)
}

/// Of each family the stretches of which the most specific of these ranges say the same.
pub(super) fn most_specific(
    ranges: impl Iterator<Item = (AddressRange, u32)>,
) -> [Vec<Stretch<u128>>; 2] {
    let mut claims = [Vec::new(), Vec::new()];
    for (range, answer) in ranges {
        claims[range.family() as usize].push(RankedClaim::of_source(&range, 0, None, answer));
    }
    let [v4, v6] = claims;
    [resolve(v4, Family::V4.max()), resolve(v6, Family::V6.max())]
}

fn resolve_by<A: AddressBits>(
    piece: usize,
    mut claims: Vec<RankedClaim<A>>,
    max: A,
) -> Vec<Stretch<A>> {
    claims.par_sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| a.cmp(b)));
    let pieces = pieces(&claims, piece, max);
    let swept: Vec<_> = pieces.into_par_iter().map(Piece::sweep).collect();
    let mut all = Vec::with_capacity(swept.iter().map(Vec::len).sum());
    for stretches in swept {
        let mut stretches = stretches.into_iter();
        // Only what begins a piece can go on with what ended the one before.
        stretches.next().into_iter().for_each(|first| append(&mut all, first));
        all.extend(stretches);
    }
    all
}

/// The addresses from `from` to `to` and what is claimed there.
struct Piece<'a, A> {
    from: A,
    to: A,
    /// Claims that begin before it.
    reaching_in: Vec<&'a RankedClaim<A>>,
    /// Those that begin in it, in their order.
    beginning: &'a [RankedClaim<A>],
}

/// Cuts the addresses where every so manieth claim begins, or later where more reach in: into every piece but
/// the last no more reach than begin in it.
fn pieces<A: AddressBits>(claims: &[RankedClaim<A>], size: usize, max: A) -> Vec<Piece<'_, A>> {
    let mut pieces: Vec<Piece<A>> = Vec::new();
    let (mut rest, mut from, mut reaching_in) = (claims, A::MIN, Vec::new());
    while let Some(next) = rest.get(size.max(reaching_in.len()) - 1).or(rest.last()) {
        // All that begin at one address are in one piece.
        let (beginning, behind) = rest.split_at(rest.partition_point(|of| of.first <= next.first));
        let to = behind.first().map_or(max, |next| next.first - A::ONE);
        let reaching_out = reaching_in.iter().copied().chain(beginning);
        let reaching_out = reaching_out.filter(|claim| claim.last > to).collect();
        pieces.push(Piece { from, to, reaching_in, beginning });
        (rest, reaching_in) = (behind, reaching_out);
        if !rest.is_empty() {
            from = to + A::ONE;
        }
    }
    pieces
}

impl<A: AddressBits> Piece<'_, A> {
    /// Its stretches.
    fn sweep(self) -> Vec<Stretch<A>> {
        let mut stretches = Vec::with_capacity(self.beginning.len());
        let mut waiting = self.beginning.iter().peekable();
        let mut active: BinaryHeap<_> = self.reaching_in.into_iter().map(Reverse).collect();
        let mut at = self.from;
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
                    let end = next_start.map_or(self.to, |start| start - A::ONE).min(best.last);
                    append(&mut stretches, Stretch { first: at, last: end, answer: best.answer });
                    if end == self.to {
                        break;
                    }
                    at = end + A::ONE;
                }
            }
        }
        stretches
    }
}

/// Adds a stretch behind the others, or makes the last one longer.
fn append<A: AddressBits>(stretches: &mut Vec<Stretch<A>>, next: Stretch<A>) {
    match stretches.last_mut() {
        _ if next.answer == NOBODY => {}
        Some(last) if last.answer == next.answer && last.last + A::ONE == next.first => {
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

    fn claim(first: u8, length: u8, answer: u32, priority: i32) -> RankedClaim<u128> {
        let last = first.saturating_add(length);
        let range = AddressRange::from_bits(Family::V6, first.into(), last.into());
        RankedClaim::of_source(&range, priority, None, answer)
    }

    fn claims() -> impl Strategy<Value = Vec<RankedClaim<u128>>> {
        let one = (any::<u8>(), any::<u8>(), 0..7u8, 1..5u32, 0..3, 0..12u8);
        let one = one.prop_map(|(first, length, narrower, answer, priority, mask)| {
            let made = claim(first, length >> narrower, answer, priority);
            let range = AddressRange::from_bits(Family::V6, made.first, made.last);
            match mask {
                0 => RankedClaim::nobodys(&range),
                1 => RankedClaim::mask(&range, 9),
                2 => RankedClaim { answer: 8, ..RankedClaim::background(&range) },
                _ => made,
            }
        });
        prop::collection::vec(one, 0..24)
    }

    /// Asks every claim about every address of a space of 256.
    fn painted(claims: &[RankedClaim<u128>]) -> Vec<u32> {
        let paint = |at: u128| {
            let here = claims.iter().filter(|c| c.first <= at && at <= c.last);
            let best = here.min_by_key(|c| {
                let mask_first = match c.precedence {
                    Precedence::Nobodys => 0,
                    Precedence::Mask => 1,
                    Precedence::Claim => 2,
                    Precedence::Background => 3,
                };
                (mask_first, c.last - c.first, -c.priority, c.first, c.answer)
            });
            best.map_or(NOBODY, |best| best.answer)
        };
        (0..256).map(paint).collect()
    }

    #[test]
    fn the_more_specific_wins_then_the_priority_then_the_lower_start() {
        let answers = |claims: &[RankedClaim<u128>]| {
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

    #[test]
    fn claims_inside_of_claims_are_not_looked_at_again_in_every_piece() {
        let mut claims: Vec<_> = (0..100).map(|n| claim(n, 200 - 2 * n, 1, 0)).collect();
        claims.sort_by_key(|claim| claim.first);
        let pieces = pieces(&claims, 2, 255);
        assert!(pieces.len() > 3);
        assert!(
            pieces.iter().map(|piece| piece.reaching_in.len()).sum::<usize>() <= 2 * claims.len()
        );
    }

    proptest! {
        #[test]
        fn stretches_are_what_painting_every_address_gives(
            claims in claims(), reversed in any::<bool>(), piece in 1..9_usize
        ) {
            let mut painting = vec![NOBODY; 256];
            let mut shuffled = claims.clone();
            if reversed { shuffled.reverse() } else { shuffled.sort() }
            let stretches = resolve_by(piece, shuffled, 255);
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
            probes in prop::collection::vec(any::<u32>(), 40), piece in 1..9_usize
        ) {
            let mut table = IpNetworkTable::new();
            let mut claims = Vec::new();
            for ((bits, length), answer) in prefixes {
                let net = ip_network::Ipv4Network::new_truncate(bits.into(), length).unwrap();
                // Two texts may be truncated to one prefix; then there is nothing to compare.
                if table.insert(net, answer).is_some() { return Ok(()); }
                let first = IpAddr::V4(net.network_address());
                let last = IpAddr::V4(net.broadcast_address());
                claims.push(RankedClaim::<u32>::of_source(&AddressRange::new(first, last).unwrap(), 0, None, answer));
            }
            let edges = claims.iter().flat_map(|c| [c.first, c.last, c.last.wrapping_add(1)]);
            let probes: Vec<u32> = edges.chain(probes).collect();
            let stretches = resolve_by(piece, claims, u32::MAX);
            for probe in probes {
                let expected = table.longest_match_ipv4(probe.into()).map_or(NOBODY, |(_, a)| *a);
                let found = stretches.iter().find(|s| s.first <= probe && probe <= s.last);
                prop_assert_eq!(found.map_or(NOBODY, |s| s.answer), expected);
            }
        }
    }
}
