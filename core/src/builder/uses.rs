//! Uses: what sources say of ranges and autonomous systems that name no company, weighed with what is
//! known of whoever has them.
//!
//! Of ranges the most specific one speaks. What one source says of one thing counts once, with the
//! surest of its rows; what several say is added up. A claim that is wider than such a range is judged
//! in pieces, so that a company's office is shown and its hosting is not.
//!
//! Public lists speak as sources do, but only of what is claimed: they are no reason to tell of a network.
//!
//! Nothing here knows of companies or of what a policy leaves out.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::resolve::most_specific;
use crate::company::Kind;
use crate::index::Stretch;
use crate::net::{AddressRange, Family, bits_of};
use crate::policy::{Evidence, Listed, ListedKind, used_points};
use crate::source::{Date, Source, Use, UseOf};

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
    listed: Option<&'static Listed>,
    /// The first day of rows of lists that are still believed; none if all are.
    oldest: Option<Date>,
}

/// What is said of a range: by sources, and by lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Words<'a> {
    said: &'a [SaidKind],
    listed: Option<ListedKind>,
}

impl<'a> Words<'a> {
    /// What speaks for a use, and who says so, under the signs for a source's word and for a list's.
    pub(super) fn evidence(
        self,
        [of_source, of_list]: [&'static str; 2],
        sources: &'a [Source],
    ) -> impl Iterator<Item = Evidence> + use<'a> {
        let of = |kind: Kind, sign, by: &str, weight| {
            Evidence::new(kind.as_str(), sign, by, used_points(weight))
        };
        let said = self.said.iter().map(move |word| {
            of(word.kind, of_source, &sources[usize::from(word.source)].name, word.weight)
        });
        said.chain(self.listed.map(move |says| of(says.kind, of_list, says.list, says.weight)))
    }

    /// Kinds, and how sure they are in ten-thousandths.
    pub(super) fn iter(self) -> impl Iterator<Item = (Kind, u16)> + use<'a> {
        let said = self.said.iter().map(|word| (word.kind, word.weight));
        said.chain(self.listed.map(|listed| (listed.kind, listed.weight)))
    }
}

impl Uses {
    /// With what lists say, if they are asked, from the oldest day on.
    pub(super) fn with_lists(
        mut self,
        listed: Option<&'static Listed>,
        oldest: Option<Date>,
    ) -> Self {
        (self.listed, self.oldest) = (listed, oldest);
        self
    }

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
        let mut of_ranges: Vec<_> = of_ranges.into_iter().collect();
        of_ranges.sort_unstable_by_key(|(range, _)| *range);
        uses.stretches = most_specific(of_ranges.into_iter().map(|(range, said)| {
            uses.words.push(words(said));
            (range, uses.words.len() as u32)
        }));
        uses.of_asns = of_asns.into_iter().map(|(asn, said)| (asn, words(said))).collect();
        uses
    }

    /// What is said of an autonomous system.
    pub(super) fn of_asn(&self, asn: Option<u32>) -> Words<'_> {
        let said = asn.and_then(|asn| self.of_asns.get(&asn));
        let said = said.map(Vec::as_slice).unwrap_or_default();
        let listed = self.listed.zip(asn).and_then(|(listed, asn)| listed.of_asn(asn));
        Words { said, listed: listed.filter(|listed| self.is_believed(*listed)) }
    }

    fn is_believed(&self, listed: ListedKind) -> bool {
        self.oldest.is_none_or(|oldest| oldest <= listed.date)
    }

    /// What is said of the whole of a range.
    pub(super) fn of_range(&self, range: &AddressRange) -> Words<'_> {
        let whole = (range.first_bits(), range.last_bits());
        let first = self.parts(range).next();
        first.filter(|(first, last, _)| (*first, *last) == whole).map(|of| of.2).unwrap_or_default()
    }

    /// What is said of an address of a claim of this range.
    pub(super) fn at(&self, range: &AddressRange, address: IpAddr) -> Words<'_> {
        let (_, bits) = bits_of(address);
        let part = self.parts(range).find(|(first, last, _)| (*first..=*last).contains(&bits));
        part.map(|(.., words)| words).unwrap_or_default()
    }

    /// The parts of a range of which the same is said, in their order: first and last address, and that.
    pub(super) fn parts<'a>(
        &'a self,
        range: &AddressRange,
    ) -> impl Iterator<Item = (u128, u128, Words<'a>)> + use<'a> {
        let family = range.family();
        self.said(range).flat_map(move |(first, last, said)| {
            let listed = self.listed.map(|listed| listed.meeting(family, first, last));
            let listed = listed.unwrap_or_default().iter().filter(|of| self.is_believed(of.says));
            let listed = listed.map(|of| (of.first, of.last, Some(of.says)));
            let parts = parted((first, last), listed);
            parts.map(move |(first, last, listed)| (first, last, Words { said, listed }))
        })
    }

    /// The parts of a range of which sources say the same.
    fn said<'a>(
        &'a self,
        range: &AddressRange,
    ) -> impl Iterator<Item = (u128, u128, &'a [SaidKind])> + use<'a> {
        let meeting = self.meeting(range).map(|of| (of.first, of.last, self.words_of(of)));
        parted((range.first_bits(), range.last_bits()), meeting)
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

/// The parts of a range: those that meet it, which are ascending and disjoint, and nothing between them.
fn parted<W: Default>(
    (first, end): (u128, u128),
    meeting: impl Iterator<Item = (u128, u128, W)>,
) -> impl Iterator<Item = (u128, u128, W)> {
    let (mut at, mut meeting) = (Some(first), meeting.peekable());
    std::iter::from_fn(move || {
        let first = at?;
        let here = meeting.next_if(|(next, ..)| *next <= first);
        let (last, words) = here.map_or_else(
            || (meeting.peek().map_or(end, |(next, ..)| next - 1), W::default()),
            |(_, last, words)| (last.min(end), words),
        );
        at = (last < end).then(|| last + 1);
        Some((first, last, words))
    })
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
