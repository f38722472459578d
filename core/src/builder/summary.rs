//! What a build says of itself: in the index, and in the summary that it gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::encode::Resolved;
use super::faults::Skipped;
use super::report::Report;
use crate::index::Stretch;
use crate::index::metadata::{Counts, Metadata, SourceMetadata};
use crate::net::{AddressBits, AddressRange};
use crate::source::Source;

/// What a build has made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// What the index says of itself.
    pub metadata: Metadata,
    /// Rows that could not be read and were passed over.
    pub skipped: Skipped,
    /// Files that have columns which their format does not know, and those columns. Nothing of
    /// them is in the index.
    pub ignored: Vec<(PathBuf, Vec<String>)>,
    /// Those of them that may be slips.
    pub slips: Vec<ColumnSlip>,
    /// What was left out, and why.
    pub report: Report,
    /// Size of the index in bytes.
    pub bytes: u64,
}

/// A column that a format does not know, and which is nearly one that the file does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnSlip {
    /// The file.
    pub file: PathBuf,
    /// The column, as the file has it.
    pub column: String,
    /// What may be meant.
    pub meant: &'static str,
}

/// In the shape that every language and the command line give.
impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ignored = self.ignored.iter().map(|(file, columns)| (file, columns));
        let skipped = self.skipped.first.iter().map(ToString::to_string);
        let mut shape = serializer.serialize_struct("Summary", 5)?;
        shape.serialize_field("bytes", &self.bytes)?;
        shape.serialize_field("counts", &self.metadata.counts)?;
        shape.serialize_field("report", &self.report)?;
        shape.serialize_field("ignored_columns", &ignored.collect::<BTreeMap<_, _>>())?;
        shape.serialize_field("skipped_rows", &skipped.collect::<Vec<_>>())?;
        shape.end()
    }
}

/// The counts of what came in, and those of what the index holds.
pub(super) fn counted(resolved: &Resolved, came_in: Counts) -> Counts {
    Counts {
        ipv4_stretches: resolved.v4.len() as u64,
        ipv6_stretches: resolved.v6.len() as u64,
        ipv4_networks: networks(&resolved.v4),
        ipv6_networks: networks(&resolved.v6),
        answers: resolved.answers.len() as u64,
        companies: resolved.profiles.len() as u64,
        ..came_in
    }
}

/// Prefixes that the stretches are made of.
fn networks<A: AddressBits>(stretches: &[Stretch<A>]) -> u64 {
    let range = |s: &Stretch<A>| AddressRange::from_bits(A::FAMILY, s.first.into(), s.last.into());
    stretches.par_iter().map(|stretch| range(stretch).prefixes().count() as u64).sum()
}

/// The sources as the index knows them. Behind them all, where there are any, those facts that were put
/// right.
pub(super) fn sources_metadata(sources: &[Source], resolved: &Resolved) -> Vec<SourceMetadata> {
    let mut all: Vec<_> = sources.iter().map(source_metadata).collect();
    let mut facts = resolved.profiles.iter().flat_map(|profile| &profile.facts);
    if facts.any(|fact| usize::from(fact.source) == sources.len()) {
        all.push(rectification());
    }
    all
}

fn source_metadata(source: &Source) -> SourceMetadata {
    SourceMetadata {
        name: source.name.clone(),
        format: source.format.as_str().to_owned(),
        url: source.url.clone(),
        licence: source.licence.clone(),
        basis: source.basis.clone(),
        retrieved: source.retrieved.map(|date| date.to_string()),
        priority: source.priority,
    }
}

fn rectification() -> SourceMetadata {
    SourceMetadata {
        name: "registry: rectification".to_owned(),
        format: "registry".to_owned(),
        url: None,
        licence: None,
        basis: Some("rectification (GDPR, article 16)".to_owned()),
        retrieved: None,
        priority: 0,
    }
}
