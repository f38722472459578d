//! Why an address is answered as it is: every claim that covers it, the one that decides before the others,
//! and what was weighed of each.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::combine::{agreed, ranked};
use super::gather::GatheredClaim;
use super::judge::Judge;
use super::profile::Profile;
use super::report::Example;
use crate::company::Kind;
use crate::index::tables::ResolvedAnswer;
use crate::policy::{Evidence, Held, Reason};
use crate::source::Source;
use crate::words::words;

words! {
    /// Why a claim stands behind another that covers the same address.
    pub enum Behind {
        /// Its range has more addresses.
        Wider => "wider",
        /// Its source has a lower priority.
        Priority => "priority",
        /// It is older, or has no date.
        Older => "older",
        /// Its range is of the same size, and starts higher.
        StartsHigher => "starts_higher",
        /// It is too old to be kept, and another on the same range is not.
        Expired => "expired",
        /// Nothing tells them apart but a fixed order: that of their companies, then of what else they say.
        Order => "order",
    }
}

/// A claim that covers an address. It names its company: it is for who has the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExplainedClaim {
    /// The name of its source.
    pub source: String,
    /// The file in which it stands.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u32,
    /// Its range: a prefix, or its two ends.
    pub range: String,
    /// The company.
    pub company: String,
    /// What the source says that the network is used for.
    pub kind: Kind,
    /// Why it stands behind the claim before it; nothing for the one that decides.
    pub behind: Option<Behind>,
    /// Does it say the same company of the same range as the claim that decides? Then it is named as a
    /// source, too.
    pub agrees: bool,
    /// Why it is left out at this address; nothing if it is shown. The best of a range is judged with what
    /// those say that agree with it, each other by itself.
    pub left_out: Option<Reason>,
    /// Everything that was weighed of it there.
    pub evidence: Vec<Evidence>,
}

/// The same with the numbers of its file and source.
pub(super) struct FoundClaim {
    claim: GatheredClaim,
    company: String,
    behind: Option<Behind>,
    agrees: bool,
    left_out: Option<Reason>,
    evidence: Vec<Evidence>,
}

/// What claims are explained by.
pub(super) struct Explaining<'a> {
    /// Sorted by their ranges, and of each range the best first; those of IPv4 before the others.
    pub claims: &'a [GatheredClaim],
    pub first_v6: usize,
    pub judge: &'a Judge<'a>,
    pub profiles: &'a [Profile],
    pub sources: &'a [Source],
}

impl Explaining<'_> {
    /// The claims that cover an address, the one that decides first.
    pub(super) fn covering(&self, address: IpAddr) -> Vec<FoundClaim> {
        let rivals = self.claims.chunk_by(|a, b| a.range == b.range);
        let mut covering: Vec<_> =
            rivals.filter(|rivals| rivals[0].range.contains(address)).collect();
        covering.sort_by_key(|rivals| ranked::<u128>(&rivals[0], self.sources));
        let decided = covering.iter().copied().flat_map(|rivals| self.decided(rivals));
        let decided: Vec<_> = decided.collect();
        let covering: Vec<&GatheredClaim> = covering.into_iter().flatten().collect();
        let held = self.held(&covering);
        let before = std::iter::once(None).chain(covering.iter().copied().map(Some));
        let found = |((claim, decided), before): ((&&GatheredClaim, _), Option<&GatheredClaim>)| {
            let number = claim.owner as usize - 1;
            let (profile, held) = (&self.profiles[number], held[number]);
            let (left_out, evidence) =
                self.judge.explain(decided, address, profile, held, self.sources);
            FoundClaim {
                claim: **claim,
                company: profile.name().to_owned(),
                behind: before.map(|before| self.behind(claim, before)),
                agrees: before.is_some() && agree(claim, covering[0]),
                left_out,
                evidence,
            }
        };
        covering.iter().zip(&decided).zip(before).map(found).collect()
    }

    /// The claims on one range as they are decided: the best of them with what those say that agree with it.
    fn decided(&self, rivals: &[GatheredClaim]) -> Vec<GatheredClaim> {
        let (ResolvedAnswer { kind, asn, .. }, hint) = agreed(rivals, self.judge.rules());
        let mut decided = rivals.to_vec();
        decided[0] = GatheredClaim { kind, asn, hint, ..rivals[0] };
        decided
    }

    /// What the companies of some claims hold, by their numbers less one.
    fn held(&self, of: &[&GatheredClaim]) -> Vec<Held> {
        let theirs = |claim: &&GatheredClaim| of.iter().any(|of| of.owner == claim.owner);
        let v4: Vec<_> = self.claims[..self.first_v6].iter().filter(theirs).copied().collect();
        self.judge.held(&v4)
    }

    /// Why a claim stands behind the one before it.
    fn behind(&self, claim: &GatheredClaim, before: &GatheredClaim) -> Behind {
        let priority = |claim: &GatheredClaim| self.sources[usize::from(claim.source)].priority;
        let is_expired = |claim: &GatheredClaim| self.judge.rules().is_expired(claim.date);
        if claim.range.size_minus_one() > before.range.size_minus_one() {
            Behind::Wider
        } else if claim.range == before.range && is_expired(claim) && !is_expired(before) {
            Behind::Expired
        } else if priority(claim) < priority(before) {
            Behind::Priority
        } else if claim.date < before.date {
            Behind::Older
        } else if claim.range.first_bits() > before.range.first_bits() {
            Behind::StartsHigher
        } else {
            Behind::Order
        }
    }
}

/// Do two claims say the same company of the same range?
fn agree(a: &GatheredClaim, b: &GatheredClaim) -> bool {
    (a.range, a.owner) == (b.range, b.owner)
}

impl FoundClaim {
    pub(super) fn told(self, sources: &[Source], files: &[PathBuf]) -> ExplainedClaim {
        let Self { claim, company, behind, agrees, left_out, evidence } = self;
        let mut prefixes = claim.range.prefixes();
        let range = match (prefixes.next(), prefixes.next()) {
            (Some(one), None) => one.to_string(),
            _ => claim.range.to_string(),
        };
        let Example { file, line } = Example::at(claim.file, claim.line, files);
        ExplainedClaim {
            source: sources[usize::from(claim.source)].name.clone(),
            file,
            line,
            range,
            company,
            kind: claim.kind,
            behind,
            agrees,
            left_out,
            evidence,
        }
    }
}
