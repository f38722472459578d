//! Why an address is answered as it is: every claim that covers it, the one that decides before the others.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::combine::ranked;
use super::gather::GatheredClaim;
use super::judge::Judge;
use super::profile::Profile;
use super::report::Example;
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

/// The claims that cover an address, the one that decides first. All claims are sorted by their ranges, and of
/// each range the best first.
pub(super) fn covering(
    claims: &[GatheredClaim],
    address: IpAddr,
    judge: &Judge<'_>,
    profiles: &[Profile],
    sources: &[Source],
) -> Vec<FoundClaim> {
    let rivals = claims.chunk_by(|a, b| a.range == b.range);
    let mut covering: Vec<_> = rivals.filter(|rivals| rivals[0].range.contains(address)).collect();
    covering.sort_by_key(|rivals| ranked::<u128>(&rivals[0], sources));
    let found = |claim: &GatheredClaim| FoundClaim {
        company: profiles[claim.owner as usize - 1].name().to_owned(),
        left_out: judge.reason_alone(claim),
        claim: *claim,
    };
    covering.into_iter().flatten().map(found).collect()
}

impl FoundClaim {
    pub(super) fn told(self, sources: &[Source], files: &[PathBuf]) -> ExplainedClaim {
        let Self { claim, company, left_out } = self;
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
            left_out,
        }
    }
}
