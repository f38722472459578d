//! Conflicts: one network that sources claim for different companies. The better claim decides; that there
//! was another is counted, for whoever looks after the sources.

use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::gather::GatheredClaim;
use super::report::Example;

/// Examples that a report gives.
const EXAMPLES: usize = 5;

/// Networks that are claimed for different companies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Conflicts {
    /// How many.
    pub networks: u64,
    /// The first of them in address order: the claim that decides, and the best of another company.
    pub examples: Vec<[Example; 2]>,
}

/// The same with numbers of files in place of paths.
pub(super) struct FoundConflicts {
    networks: u64,
    examples: Vec<[(u16, u32); 2]>,
}

impl FoundConflicts {
    /// Those of claims that are sorted by range, and of each range the best first.
    pub(super) fn of(claims: &[GatheredClaim]) -> Self {
        let conflicts = claims.par_chunk_by(|a, b| a.range == b.range).filter_map(|rivals| {
            let (best, others) = rivals.split_first()?;
            let other = others.iter().find(|other| other.owner != best.owner)?;
            Some([best, other].map(|claim| (claim.file, claim.line)))
        });
        let all: Vec<_> = conflicts.collect();
        Self { networks: all.len() as u64, examples: all.into_iter().take(EXAMPLES).collect() }
    }

    pub(super) fn report(self, files: &[PathBuf]) -> Conflicts {
        let named = |(file, line)| Example::at(file, line, files);
        let examples = self.examples.into_iter().map(|example| example.map(named)).collect();
        Conflicts { networks: self.networks, examples }
    }
}
