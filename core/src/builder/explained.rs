//! Why an address is answered as it is: every claim that covers it, the one that decides before the others.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::gather::GatheredClaim;
use super::judge::Judge;
use super::profile::Profile;
use crate::company::Kind;
use crate::policy::Reason;
use crate::source::Source;

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
    /// Why it is left out, by itself; nothing if it is shown.
    pub left_out: Option<Reason>,
}

/// The same with the numbers of its file and source.
pub(super) struct FoundClaim {
    claim: GatheredClaim,
    company: String,
    left_out: Option<Reason>,
}

/// The claims that cover an address, the one that decides first.
pub(super) fn covering(
    claims: &[GatheredClaim],
    address: IpAddr,
    judge: &Judge<'_>,
    profiles: &[Profile],
    sources: &[Source],
) -> Vec<FoundClaim> {
    let mut covering: Vec<_> =
        claims.iter().filter(|claim| claim.range.contains(address)).copied().collect();
    // Of one range the best stands first already.
    covering.sort_by_key(|claim| {
        let priority = sources[usize::from(claim.source)].priority;
        let precedence = (Reverse(priority), Reverse(claim.date), claim.range.first_bits());
        (claim.range.size_minus_one(), precedence)
    });
    let found = |claim: GatheredClaim| FoundClaim {
        company: profiles[claim.owner as usize - 1].name().to_owned(),
        left_out: judge.reason_alone(&claim),
        claim,
    };
    covering.into_iter().map(found).collect()
}

impl FoundClaim {
    pub(super) fn told(self, sources: &[Source], files: &[PathBuf]) -> ExplainedClaim {
        let Self { claim, company, left_out } = self;
        let mut prefixes = claim.range.prefixes();
        let range = match (prefixes.next(), prefixes.next()) {
            (Some(one), None) => one.to_string(),
            _ => claim.range.to_string(),
        };
        ExplainedClaim {
            source: sources[usize::from(claim.source)].name.clone(),
            file: files.get(usize::from(claim.file)).cloned().unwrap_or_default(),
            line: claim.line,
            range,
            company,
            kind: claim.kind,
            left_out,
        }
    }
}
