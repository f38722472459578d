//! Conflicts: where sources contradict each other about a network. The better claim decides; that there was
//! another is counted, by what they differ in, for whoever looks after the sources.
//!
//! A range within another is none: whose customer has a part of it has that part. Claims that are too old
//! to be kept contradict nobody.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::gather::GatheredClaim;
use super::report::Example;
use super::rules::Rules;
use crate::company::Kind;
use crate::words::words;

words! {
    /// What claims contradict each other in.
    pub enum Conflict {
        /// Claims of one range name different companies.
        Companies => "companies",
        /// Claims of one range for the company that is meant there say different uses.
        Kinds => "kinds",
        /// Claims of one range for the company that is meant there say different autonomous systems.
        Asns => "asns",
        /// A range begins within that of another company and ends behind it, so that neither is the other's
        /// part. Of each range the best claim is looked at, and of those around it the 16 that end first.
        Crossing => "crossing",
    }
}

impl Conflict {
    /// What is said of networks of which this is found, in English.
    ///
    /// ```
    /// use firmtrie::builder::Conflict;
    /// assert_eq!(Conflict::Companies.of_networks(), "are claimed for different companies");
    /// ```
    pub const fn of_networks(self) -> &'static str {
        match self {
            Self::Companies => "are claimed for different companies",
            Self::Kinds => "have different kinds, for the same company",
            Self::Asns => "have different autonomous systems, for the same company",
            Self::Crossing => "begin within another company's, and end behind it",
        }
    }
}

/// Examples that a report gives.
const EXAMPLES: usize = 5;
/// So many ranges are looked at of which one may cross another, those that end first.
const LOOKED_AT: usize = 16;

/// Networks on which claims contradict each other in one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Conflicts {
    /// How many.
    pub networks: u64,
    /// The first of them in address order: the claim that decides, and the best that contradicts it; of
    /// ranges that cross the one that begins first.
    pub examples: Vec<[Example; 2]>,
}

/// Two claims that contradict each other in something.
type Pair<'a> = (Conflict, &'a GatheredClaim, &'a GatheredClaim);

/// The same with numbers of files in place of paths.
#[derive(Default)]
pub(super) struct FoundConflicts(BTreeMap<Conflict, Found>);

#[derive(Default)]
struct Found {
    networks: u64,
    examples: Vec<[(u16, u32); 2]>,
}

impl FoundConflicts {
    /// Those of claims that are sorted by range, and of each range the best first, which the expired are not.
    pub(super) fn of(claims: &[GatheredClaim], rules: Rules) -> Self {
        let is_kept = |claim: &&GatheredClaim| !rules.is_expired(claim.date);
        let in_one = claims.par_chunk_by(|a, b| a.range == b.range).filter(|of| of.len() > 1);
        let in_one = in_one.flat_map_iter(|rivals| of_one_range(rivals, is_kept));
        let best = claims.chunk_by(|a, b| a.range == b.range).map(|rivals| &rivals[0]);
        let (in_one, crossing): (Vec<_>, Vec<_>) =
            rayon::join(|| in_one.collect(), || crossing(best.filter(is_kept)));
        let mut all = Self::default();
        for (conflict, best, other) in in_one.into_iter().chain(crossing) {
            let Found { networks, examples } = all.0.entry(conflict).or_default();
            *networks += 1;
            if examples.len() < EXAMPLES {
                examples.push([best, other].map(|claim| (claim.file, claim.line)));
            }
        }
        all
    }

    pub(super) fn report(self, files: &[PathBuf]) -> BTreeMap<Conflict, Conflicts> {
        let named = |(file, line)| Example::at(file, line, files);
        let told = |Found { networks, examples }| {
            let examples = examples.into_iter().map(|example| example.map(named)).collect();
            Conflicts { networks, examples }
        };
        self.0.into_iter().map(|(conflict, found)| (conflict, told(found))).collect()
    }
}

/// What the best of the claims of one range is contradicted in, each with the best that does.
fn of_one_range<'a>(
    rivals: &'a [GatheredClaim],
    is_kept: impl Fn(&&GatheredClaim) -> bool + Copy + 'a,
) -> impl Iterator<Item = Pair<'a>> {
    let best = &rivals[0];
    let others = move || rivals[1..].iter().filter(is_kept);
    let agreeing = move || others().filter(|other| other.owner == best.owner);
    // Of what the best says nothing, the best that says anything is contradicted.
    let with_best = move || std::iter::once(best).chain(agreeing());
    let kind = with_best().map(|of| of.kind).find(|kind| *kind != Kind::Unknown);
    let asn = with_best().find_map(|of| of.asn);
    let kinds = || agreeing().find(|of| of.kind != Kind::Unknown && Some(of.kind) != kind);
    let asns = || agreeing().find(|of| of.asn.is_some() && of.asn != asn);
    let found = [
        (Conflict::Companies, others().find(|other| other.owner != best.owner)),
        (Conflict::Kinds, kinds()),
        (Conflict::Asns, asns()),
    ];
    let pair = move |(conflict, other): (_, Option<_>)| Some((conflict, best, other?));
    found.into_iter().filter_map(pair).filter(move |_| is_kept(&best))
}

/// The claims, each the best of its range and all sorted by these, that begin within the range of another
/// company and end behind it: the other before them.
fn crossing<'a>(best: impl Iterator<Item = &'a GatheredClaim>) -> Vec<Pair<'a>> {
    let begins = |claim: &GatheredClaim| (claim.range.family(), claim.range.first_bits());
    let ends = |claim: &GatheredClaim| (claim.range.family(), claim.range.last_bits());
    // Ranges that have begun, by where they end. Those that begin where this one does hold it, or lie within
    // it, and wait.
    let mut open: BTreeMap<_, &GatheredClaim> = BTreeMap::new();
    let (mut waiting, mut found): (Vec<(usize, &GatheredClaim)>, _) = (Vec::new(), Vec::new());
    let mut reached = None;
    for (number, claim) in best.enumerate() {
        // Behind all that has begun, as most are, nothing is crossed.
        if reached < Some(begins(claim)) {
            open.clear();
            waiting.clear();
        }
        reached = reached.max(Some(ends(claim)));
        let begun = waiting.first().is_some_and(|(_, waits)| begins(waits) != begins(claim));
        if begun {
            open.extend(waiting.drain(..).map(|(number, of)| ((ends(of), number), of)));
        }
        while open.first_key_value().is_some_and(|((end, _), _)| *end < begins(claim)) {
            open.pop_first();
        }
        let end_within = open.range(..(ends(claim), 0)).take(LOOKED_AT);
        let mut others = end_within.map(|(_, other)| *other);
        if let Some(other) = others.find(|other| other.owner != claim.owner) {
            found.push((Conflict::Crossing, other, claim));
        }
        waiting.push((number, claim));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::{AddressRange, Family};
    use crate::policy::Hint;
    use crate::source::Allotment;

    fn claim(family: Family, first: u128, last: u128, owner: u32) -> GatheredClaim {
        GatheredClaim {
            range: AddressRange::from_bits(family, first, last),
            owner,
            source: 0,
            file: 0,
            line: 1,
            kind: Kind::Unknown,
            asn: None,
            date: None,
            confidence: None,
            hint: Hint::default(),
            allotment: Allotment::Unknown,
            is_located: false,
            is_delegated: false,
        }
    }

    /// Does any of them begin before it, and end within it, and is another company's?
    fn is_crossed(claim: &GatheredClaim, all: &[GatheredClaim]) -> bool {
        let (first, last) = (claim.range.first_bits(), claim.range.last_bits());
        all.iter().any(|other| {
            let of = &other.range;
            other.owner != claim.owner
                && of.family() == claim.range.family()
                && of.first_bits() < first
                && first <= of.last_bits()
                && of.last_bits() < last
        })
    }

    proptest! {
        #[test]
        fn every_range_that_crosses_another_companys_is_found(
            ranges in prop::collection::vec((any::<bool>(), 0..40_u128, 0..12_u128, 1..4_u32), 0..14),
        ) {
            let family = |is_v6| if is_v6 { Family::V6 } else { Family::V4 };
            let claims = ranges.into_iter().map(|(is_v6, first, more, owner)| {
                claim(family(is_v6), first, first + more, owner)
            });
            let mut claims: Vec<_> = claims.collect();
            claims.sort_by_key(|claim| claim.range);
            claims.dedup_by_key(|claim| claim.range);
            let found: Vec<_> = crossing(claims.iter()).iter().map(|found| found.2).collect();
            let expected: Vec<_> = claims.iter().filter(|of| is_crossed(of, &claims)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
