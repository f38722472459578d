//! Uses: what sources say of ranges and autonomous systems that name no company, weighed with what is
//! known of whoever has them.
//!
//! Of ranges the most specific one speaks. What one source says of one thing counts once, with the
//! surest of its rows; what several say is added up. A claim that is wider than such a range is judged
//! in pieces, so that a company's office is shown and its hosting is not.
//!
//! Nothing here knows of companies or of what a policy leaves out.

use rustc_hash::FxHashMap;

use super::resolve::{RankedClaim, resolve};
use crate::company::Kind;
use crate::index::Stretch;
use crate::net::{AddressRange, Family};
use crate::source::{Use, UseOf};

/// A use, and the number of its source.
pub(super) struct SaidUse {
    pub source: u16,
    pub says: Use,
}

/// What one source says: a kind, how sure in ten-thousandths, and which source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SaidKind {
    pub kind: Kind,
    pub weight: u16,
    pub source: u16,
}

#[derive(Default)]
pub(super) struct Uses {
    /// Of each family ascending and disjoint; an answer is the index of words, plus one.
    stretches: [Vec<Stretch<u128>>; 2],
    words: Vec<Vec<SaidKind>>,
    of_asns: FxHashMap<u32, Vec<SaidKind>>,
}

impl Uses {
    pub(super) fn of(all: Vec<SaidUse>) -> Self {
        let mut of_ranges: FxHashMap<AddressRange, Vec<SaidUse>> = FxHashMap::default();
        let mut of_asns: FxHashMap<u32, Vec<SaidUse>> = FxHashMap::default();
        for said in all {
            match said.says.of {
                UseOf::Range(range) => of_ranges.entry(range).or_default().push(said),
                UseOf::Asn(asn) => of_asns.entry(asn).or_default().push(said),
            }
        }
        let mut uses = Self::default();
        let mut claims = [Vec::new(), Vec::new()];
        let mut of_ranges: Vec<_> = of_ranges.into_iter().collect();
        of_ranges.sort_unstable_by_key(|(range, _)| *range);
        for (range, said) in of_ranges {
            uses.words.push(words(said));
            let answer = uses.words.len() as u32;
            claims[range.family() as usize].push(RankedClaim::of_source(&range, 0, None, answer));
        }
        let [v4, v6] = claims;
        uses.stretches = [resolve(v4, Family::V4.max()), resolve(v6, Family::V6.max())];
        uses.of_asns = of_asns.into_iter().map(|(asn, said)| (asn, words(said))).collect();
        uses
    }

    /// What is said of an autonomous system.
    pub(super) fn of_asn(&self, asn: Option<u32>) -> &[SaidKind] {
        asn.and_then(|asn| self.of_asns.get(&asn)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What is said of the whole of a range.
    pub(super) fn of_range(&self, range: &AddressRange) -> &[SaidKind] {
        let mut meeting = self.meeting(range);
        let whole = meeting
            .next()
            .filter(|of| of.first <= range.first_bits() && range.last_bits() <= of.last);
        whole.map(|of| self.words_of(of)).unwrap_or_default()
    }

    /// The parts of a range of which the same is said, in their order: first and last address, and that.
    pub(super) fn parts<'a>(
        &'a self,
        range: &AddressRange,
    ) -> impl Iterator<Item = (u128, u128, &'a [SaidKind])> + use<'a> {
        let (mut at, end) = (Some(range.first_bits()), range.last_bits());
        let mut meeting = self.meeting(range).peekable();
        std::iter::from_fn(move || {
            let first = at?;
            let next = meeting.peek().copied();
            let (last, words) = match next {
                Some(next) if next.first <= first => {
                    meeting.next();
                    (next.last.min(end), self.words_of(next))
                }
                Some(next) => (next.first - 1, [].as_slice()),
                None => (end, [].as_slice()),
            };
            at = (last < end).then(|| last + 1);
            Some((first, last, words))
        })
    }

    /// All ranges of a family of which anything is said.
    pub(super) fn all(&self, family: Family) -> impl Iterator<Item = (AddressRange, &[SaidKind])> {
        self.stretches[family as usize]
            .iter()
            .map(move |of| (AddressRange::from_bits(family, of.first, of.last), self.words_of(of)))
    }

    fn meeting(&self, range: &AddressRange) -> impl Iterator<Item = &Stretch<u128>> + use<'_> {
        let stretches = &self.stretches[range.family() as usize];
        let (first, last) = (range.first_bits(), range.last_bits());
        let from = stretches.partition_point(|of| of.last < first);
        stretches[from..].iter().take_while(move |of| of.first <= last)
    }

    fn words_of(&self, stretch: &Stretch<u128>) -> &[SaidKind] {
        &self.words[stretch.answer as usize - 1]
    }
}

/// Of each source, and each that it has it from, the surest word for each kind.
fn words(said: Vec<SaidUse>) -> Vec<SaidKind> {
    let mut surest: FxHashMap<(u16, Option<String>, Kind), u16> = FxHashMap::default();
    for SaidUse { source, says } in said {
        let weight = surest.entry((source, says.from, says.kind)).or_default();
        *weight = says.weight.max(*weight);
    }
    let word = |((source, _, kind), weight)| SaidKind { kind, weight, source };
    let mut words: Vec<SaidKind> = surest.into_iter().map(word).collect();
    words.sort_unstable();
    words
}
