//! Gathering: the claims of all sources, and the different answers among them.
//!
//! Files are read in parallel. Equal answers are kept once and numbered by what they say, so that
//! neither the order of files and rows nor the number of threads shows in the result.

use std::path::Path;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::company::{Company, Kind};
use crate::error::{Error, Result};
use crate::index::NOBODY;
use crate::index::tables::MOST_SOURCES;
use crate::net::AddressRange;
use crate::source::{self, Claim, Source};

/// What an address may be answered with, before companies have numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Finding {
    pub company: Company,
    pub asn: Option<u32>,
    pub kind: Kind,
    /// The number of the source.
    pub source: u16,
}

/// A claim that knows its answer by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbered {
    pub range: AddressRange,
    pub priority: i32,
    /// The number of a finding, which counts from 1.
    pub answer: u32,
}

/// What all sources say.
pub(super) struct Gathered {
    pub claims: Vec<Numbered>,
    /// Finding `n` is at place `n - 1`; ascending, each once.
    pub findings: Vec<Finding>,
}

/// Reads all files of all sources, which must be in the order of their numbers.
pub(super) fn gather(sources: &[Source], progress: &(dyn Fn(u64) + Sync)) -> Result<Gathered> {
    check(sources)?;
    let files: Vec<_> = sources
        .iter()
        .zip(0..)
        .flat_map(|(source, number)| source.paths.iter().map(move |path| (source, number, path)))
        .collect();
    let read = files.par_iter().map(|(source, number, path)| read(source, *number, path, progress));
    // The first error in the order of files, not of time.
    let files: Vec<FileFindings> = read.collect::<Vec<_>>().into_iter().collect::<Result<_>>()?;
    Ok(number(files))
}

fn check(sources: &[Source]) -> Result<()> {
    if let Some(source) = sources.iter().find(|source| source.paths.is_empty()) {
        return Err(Error::Usage(format!("source {:?} has no file", source.name)));
    }
    if sources.is_empty() {
        return Err(Error::Usage("there is no source to build an index from".into()));
    }
    if let Some(pair) = sources.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(Error::Usage(format!(
            "two sources are named {:?}; give each its own name",
            pair[0].name
        )));
    }
    if sources.len() > MOST_SOURCES {
        let (count, limit) = (sources.len() as u64, MOST_SOURCES as u64);
        return Err(Error::TooLarge { what: "sources", count, limit });
    }
    Ok(())
}

/// One file's claims; their answers are places in `findings`.
struct FileFindings {
    claims: Vec<Numbered>,
    findings: FxHashMap<Finding, u32>,
}

fn read(
    source: &Source,
    number: u16,
    path: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<FileFindings> {
    /// Claims between two words of progress.
    const STEP: usize = 1 << 13;
    let mut file = FileFindings { claims: Vec::new(), findings: FxHashMap::default() };
    for claim in source::claims(source.format, path)? {
        let Claim { range, company, kind, asn } = claim?;
        let place = file.findings.len() as u32;
        let finding = Finding { company, asn, kind, source: number };
        let answer = *file.findings.entry(finding).or_insert(place);
        file.claims.push(Numbered { range, priority: source.priority, answer });
        if file.claims.len().is_multiple_of(STEP) {
            progress(STEP as u64);
        }
    }
    progress((file.claims.len() % STEP) as u64);
    Ok(file)
}

/// Numbers the findings of all files together.
fn number(files: Vec<FileFindings>) -> Gathered {
    let (claims, found): (Vec<_>, Vec<_>) =
        files.into_iter().map(|file| (file.claims, file.findings)).unzip();
    let mut numbers: Vec<_> = found.iter().map(|found| vec![NOBODY; found.len()]).collect();
    let mut all: Vec<(Finding, usize, u32)> = Vec::new();
    for (file, found) in found.into_iter().enumerate() {
        all.extend(found.into_iter().map(|(finding, place)| (finding, file, place)));
    }
    all.par_sort_unstable();
    let mut findings: Vec<Finding> = Vec::with_capacity(all.len());
    for (finding, file, place) in all {
        if findings.last() != Some(&finding) {
            findings.push(finding);
        }
        numbers[file][place as usize] = findings.len() as u32;
    }
    let mut together = Vec::with_capacity(claims.iter().map(Vec::len).sum());
    for (claims, numbers) in claims.into_iter().zip(numbers) {
        let answer = |claim: &Numbered| numbers[claim.answer as usize];
        together
            .extend(claims.into_iter().map(|claim| Numbered { answer: answer(&claim), ..claim }));
    }
    Gathered { claims: together, findings }
}
