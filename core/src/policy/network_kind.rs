//! What a network is used for, from what sources call it, and from the words of names and
//! descriptions.
//!
//! Of each kind every word speaks once, with the heaviest of the phrases that it is part of. The
//! kind with the most points is it, if they reach the threshold; of two with as many, the one that
//! policies leave out. A legal form speaks for no kind.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::verdict::Scale;
use super::words::{Phrases, Words};
use crate::company::Kind;

/// Points of a source that says the kind itself.
const SAID: i32 = 100;

static PHRASES: LazyLock<Phrases<(Kind, i32)>> = LazyLock::new(|| {
    let rows = include_str!("tables/kinds.tsv").lines().filter(|line| !line.starts_with('#'));
    Phrases::new(rows.filter_map(|row| {
        let mut columns = row.split('\t');
        let kind = columns.next()?.parse().ok()?;
        let points = columns.next()?.parse().ok()?;
        Some((columns.next()?, (kind, points)))
    }))
});

/// Points for each kind, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Points([i32; Kind::ALL.len()]);

impl Points {
    /// What a source says of a network's kind.
    pub(crate) fn said(mut self, kind: Kind) -> Self {
        if kind != Kind::Unknown {
            self.0[kind as usize] += SAID;
        }
        self
    }

    /// What both know together.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for (points, more) in self.0.iter_mut().zip(other.0) {
            *points += more;
        }
        self
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

/// Weighs the words of a name or a description. Gives the places of those that speak of a trade.
pub(super) fn weigh(
    words: &Words,
    mut scale: Option<&mut Vec<super::Evidence>>,
) -> (Points, FxHashSet<usize>) {
    let mut points = Points::default();
    let mut places = FxHashSet::default();
    // The heaviest phrase so far of each kind at each word.
    let mut heaviest: Vec<(Kind, usize, i32)> = Vec::new();
    for found in PHRASES.find(words) {
        let (kind, weight) = *found.meaning;
        places.extend(found.words.clone());
        let first = found.words.start;
        let known = heaviest.iter_mut().find(|(of, at, _)| (*of, *at) == (kind, first));
        let before = known.as_ref().map_or(0, |(.., weight)| *weight);
        if weight <= before {
            continue;
        }
        match known {
            Some(known) => known.2 = weight,
            None => heaviest.push((kind, first, weight)),
        }
        points.0[kind as usize] += weight - before;
        Scale::new(kind.as_str(), scale.as_deref_mut()).add("words", found.text, weight - before);
    }
    (points, places)
}
