//! What a network is used for, from what sources call it, and from the words of names and
//! descriptions.
//!
//! Of each kind the heaviest phrase speaks, and all others together with a few points: that a name
//! says `net` twice does not make it twice as likely. Much address space says a little more, and much
//! that a registry gave to be passed on a lot. The kind with the most points is it, if they reach the
//! threshold; of two with as many, the one that policies leave out. A legal form speaks for no kind.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::tables::{rows, triples};
use super::verdict::{Evidence, Scale};
use super::words::{Positions, Words};
use crate::company::Kind;
use crate::index::tables::CERTAIN;

/// Points of a source that says the kind itself.
pub(super) const SAID: i32 = 100;

/// The most that all phrases of a kind but the heaviest speak with.
const OTHERS: i32 = 20;
/// More IPv4 addresses than these, and what they say of an access provider.
const SPACE: [(u64, i32); 2] = [(1 << 16, 10), (1 << 18, 20)];
/// So many IPv4 addresses that were given to be passed on, if they are most of those held, and what they say of an
/// access provider: they are used by customers.
const PASSED_ON: (u64, i32) = (1 << 13, 50);
/// What most of the addresses held say of an access provider if their operator tells where they are used, as
/// providers do, and some companies with many offices. By itself it decides nothing.
const LOCATED: i32 = 30;
/// Points of another kind with which much space says nothing.
const OTHER: i32 = 60;
/// Points of a large network that was looked at.
const REVIEWED: i32 = 150;

/// What a phrase speaks for, with how many points, and under which name.
type Meaning = (Kind, i32, &'static str);

static PHRASES: LazyLock<Phrases<Meaning>> = LazyLock::new(|| {
    let words = triples(include_str!("tables/kinds.tsv"));
    let words = words.filter_map(|(kind, points, phrase)| {
        Some((phrase, (kind.parse().ok()?, points.parse().ok()?, "words")))
    });
    let reviewed = rows(include_str!("tables/large_networks.tsv"));
    let reviewed = reviewed.filter_map(|(kind, phrase)| {
        Some((phrase, (kind.parse().ok()?, REVIEWED, "reviewed_network")))
    });
    Phrases::new(words.chain(reviewed))
});

/// What a description speaks for most, and with how many points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Hint {
    points: u8,
    kind: Kind,
}

impl Hint {
    /// The kind, and its points; nothing where the description hints at none.
    pub(crate) fn told(self) -> Option<(Kind, i32)> {
        (self.kind != Kind::Unknown).then(|| (self.kind, self.points.into()))
    }
}

/// Points of what a source says of a use that names nobody, by how sure it is, in ten-thousandths.
pub(crate) fn used_points(weight: u16) -> i32 {
    SAID * i32::from(weight) / i32::from(CERTAIN)
}

/// The IPv4 addresses that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Held {
    pub addresses: u64,
    /// Those of them that a registry gave to be passed on to customers.
    pub to_pass_on: u64,
    /// Those of them of which their operator tells where they are used.
    pub located: u64,
}

/// Points for each kind, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Points([i32; Kind::ALL.len()]);

impl Points {
    /// What a source says of a network's kind, before which words of names say nothing: what somebody is
    /// called is a guess beside it. That a network was looked at is none.
    pub(crate) fn said(mut self, kind: Kind) -> Self {
        if kind != Kind::Unknown {
            for points in self.0.iter_mut().filter(|points| **points < REVIEWED) {
                *points = 0;
            }
            self.0[kind as usize] += SAID;
        }
        self
    }

    /// What a source says of a use that names nobody, and how sure it is, in ten-thousandths.
    pub(crate) fn used(mut self, kind: Kind, weight: u16) -> Self {
        self.0[kind as usize] += used_points(weight);
        self
    }

    /// What a description hints at.
    pub(crate) fn hinted(mut self, hint: Hint) -> Self {
        self.0[hint.kind as usize] += i32::from(hint.points);
        self
    }

    /// The kind with the most points.
    pub(super) fn strongest(&self) -> Hint {
        let kind = self.kind(1);
        let points = if kind == Kind::Unknown { 0 } else { self.0[kind as usize] };
        Hint { points: u8::try_from(points).unwrap_or(u8::MAX), kind }
    }

    /// The kind that the points reach.
    pub(crate) fn kind(&self, threshold: i32) -> Kind {
        // Later ones win: those that policies leave out, then what is certain by its name.
        const ORDER: [Kind; 7] = [
            Kind::Business,
            Kind::Government,
            Kind::Education,
            Kind::Hosting,
            Kind::Mobile,
            Kind::Isp,
            Kind::Consumer,
        ];
        let points = |kind: &Kind| self.0[*kind as usize];
        let best = ORDER.into_iter().max_by_key(points).filter(|kind| points(kind) >= threshold);
        best.unwrap_or_default()
    }
}

/// Weighs the words of a name or a description, and the space held. Gives the positions of
/// the words that speak of a trade, too.
pub(super) fn weigh(
    words: &Words,
    held: Option<Held>,
    mut kept: Option<&mut Vec<Evidence>>,
) -> (Points, Positions) {
    let mut positions = Positions::default();
    let (mut heaviest, mut others) = ([0; Kind::ALL.len()], [0; Kind::ALL.len()]);
    for found in PHRASES.find(words) {
        let (kind, weight, sign) = *found.meaning;
        positions.add(found.words.clone());
        let (heaviest, others) = (&mut heaviest[kind as usize], &mut others[kind as usize]);
        *others += weight.min(*heaviest);
        *heaviest = weight.max(*heaviest);
        Scale::new(kind.as_str(), kept.as_deref_mut()).add(sign, found.text, weight);
    }
    let mut points = Points::default();
    for (kind, points) in points.0.iter_mut().enumerate() {
        *points = heaviest[kind] + others[kind].min(OTHERS);
    }
    // What is known to be something else may hold as much.
    let other = |kind: Kind| points.0[kind as usize] >= OTHER;
    if other(Kind::Education) || other(Kind::Government) || other(Kind::Business) {
        return (points, positions);
    }
    let Held { addresses, to_pass_on, located } = held.unwrap_or_default();
    let mut scale = Scale::new(Kind::Isp.as_str(), kept);
    if let Some((_, weight)) = SPACE.iter().rfind(|(many, _)| addresses > *many) {
        points.0[Kind::Isp as usize] += weight;
        scale.add("addresses", addresses, *weight);
    }
    let (many, weight) = PASSED_ON;
    if to_pass_on >= many && to_pass_on > addresses / 2 {
        points.0[Kind::Isp as usize] += weight;
        scale.add("addresses_to_pass_on", to_pass_on, weight);
    }
    if located > addresses / 2 {
        points.0[Kind::Isp as usize] += LOCATED;
        scale.add("located_addresses", located, LOCATED);
    }
    (points, positions)
}
