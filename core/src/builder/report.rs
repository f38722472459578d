//! The report of a build: what came in, what was left out and why, with examples by file and line.
//!
//! It stays with the operator and is not part of the index. It never names anybody: a report must
//! not become the profile that was not built.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::conflicts::{Conflict, Conflicts};
use super::gather::GatheredClaim;
use super::join::ContactCounts;
use super::persons::Contradictions;
use crate::error::{BadRow, Error, Result};
use crate::net::Family;
use crate::policy::Reason;
use crate::source::{Date, PassedOver, Source};

/// Examples of each reason and source.
const EXAMPLES: usize = 5;

/// What came in and what was left out, by source and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The day of the build.
    pub as_of: String,
    /// The policy's name.
    pub policy: String,
    /// The policy's fingerprint, as the index knows it.
    pub policy_fingerprint: String,
    /// How old the public lists of kinds are that were evidence; none if they were not.
    pub listed_kinds: Option<ListsAge>,
    /// In the order of their numbers.
    pub sources: Vec<SourceReport>,
    /// Companies that claims or company files name.
    pub companies: u64,
    /// Of them those in the index. The others were left out, or have no address left.
    pub companies_in_index: u64,
    /// Companies of which sources contradict each other: a company's form here, a natural person's there.
    pub contradictions: Contradictions,
    /// Networks on which claims contradict each other, by what they do in.
    pub conflicts: BTreeMap<Conflict, Conflicts>,
    /// Rows that could not be read and were passed over.
    pub skipped_rows: u64,
    /// The first ten of them.
    pub skipped: Vec<SkippedRow>,
}

/// A row that could not be read, without what stands there: that may be somebody's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SkippedRow {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u64,
    /// Which column, where it was one.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl SkippedRow {
    pub(super) fn of(row: &BadRow) -> Self {
        let BadRow { path, line, column, reason, .. } = row;
        Self { file: path.clone(), line: *line, column: column.clone(), reason: reason.clone() }
    }
}

/// A table to read: a line for each source, and one for each reason.
impl Report {
    /// As a file: a table where its name ends in `.txt`, JSON otherwise.
    pub(super) fn written(&self, path: Option<&Path>) -> Result<Vec<u8>> {
        if path.and_then(Path::extension).is_some_and(|end| end == "txt") {
            return Ok(format!("{self}\n").into_bytes());
        }
        let mut json = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Usage(format!("the report is no JSON: {error}")))?;
        json.push(b'\n');
        Ok(json)
    }
}

/// How old the public lists of kinds are that come with the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListsAge {
    /// The day of the newest list, `YYYY-MM-DD`.
    pub date: String,
    /// Days from then to that of the build.
    pub days: u32,
}

impl ListsAge {
    /// Half a year, in days: clouds publish what they add every week.
    const STALE: u32 = 183;

    pub(super) fn on(as_of: Date, lists: Date) -> Self {
        let days = lists.until(as_of).map_or(0, |span| span.get_days());
        Self { date: lists.to_string(), days: days.try_into().unwrap_or(0) }
    }

    /// Are they so old that newer ones are to be got?
    pub const fn is_stale(&self) -> bool {
        self.days > Self::STALE
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "policy {} {}, as of {}", self.policy, self.policy_fingerprint, self.as_of)?;
        if let Some(ListsAge { date, days }) = &self.listed_kinds {
            writeln!(f, "public lists of kinds of {date}, {days} days before")?;
        }
        writeln!(f, "{:<32} {:>12} {:>16} {:>16}", "", "claims", "IPv4 addresses", "IPv6 /64")?;
        for source in &self.sources {
            let basis = source.basis.as_deref().unwrap_or("undeclared");
            writeln!(f, "{} (basis: {basis})", source.name)?;
            writeln!(f, "  {:<30} {:>12}", "shown", source.shown)?;
            if source.uses > 0 {
                writeln!(f, "  {:<30} {:>12}", "said of uses", source.uses)?;
            }
            if source.unnamed > 0 {
                writeln!(f, "  {:<30} {:>12}", "naming nobody", source.unnamed)?;
            }
            if source.passed_over > 0 {
                writeln!(f, "  {:<30} {:>12}", "objects passed over", source.passed_over)?;
            }
            for (reason, out) in &source.left_out {
                let (claims, v4, v6) = (out.claims, out.ipv4_addresses, out.ipv6_networks);
                writeln!(f, "  {:<30} {claims:>12} {v4:>16} {v6:>16}", reason.as_str())?;
                for Example { file, line } in &out.examples {
                    writeln!(f, "    {}:{line}", file.display())?;
                }
            }
        }
        let (all, shown) = (self.companies, self.companies_in_index);
        let Contradictions { left_out, shown: companies, .. } = self.contradictions;
        if left_out + companies > 0 {
            writeln!(
                f,
                "{} companies are natural persons by another source: {left_out} left out, {companies} shown",
                left_out + companies
            )?;
        }
        for (conflict, Conflicts { networks, examples }) in &self.conflicts {
            writeln!(f, "{networks} networks {}", conflict.of_networks())?;
            for [best, other] in examples {
                let (of, by) = (best.file.display(), other.file.display());
                writeln!(f, "    {of}:{} goes before {by}:{}", best.line, other.line)?;
            }
        }
        if self.skipped_rows > 0 {
            writeln!(f, "{} rows could not be read and were skipped", self.skipped_rows)?;
            for SkippedRow { file, line, column, reason } in &self.skipped {
                let column = column.as_ref().map(|name| format!(" column {name}:"));
                writeln!(
                    f,
                    "    {}:{line}:{} {reason}",
                    file.display(),
                    column.unwrap_or_default()
                )?;
            }
        }
        write!(f, "{shown} of {all} companies are in the index")
    }
}

/// What came from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SourceReport {
    /// Its name.
    pub name: String,
    /// The basis it declares.
    pub basis: Option<String>,
    /// Claims read.
    pub claims: u64,
    /// Claims that the policy shows. More specific ones may hide them nevertheless.
    pub shown: u64,
    /// Rows that say what a range or an autonomous system is used for, and name no company.
    pub uses: u64,
    /// Networks in the objects of a registry that name nobody: they are the holder's of what they lie in.
    pub unnamed: u64,
    /// Objects of a registry that were not read: persons, contacts and others.
    pub passed_over: u64,
    /// Contacts that have a company.
    pub contacts: u64,
    /// Of them those that the policy takes in. They are in the index if their company is.
    pub contacts_taken: u64,
    /// Claims left out, by reason.
    pub left_out: BTreeMap<Reason, LeftOut>,
}

/// Claims left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// How many.
    pub claims: u64,
    /// The IPv4 addresses they speak of; where claims overlap each counts.
    pub ipv4_addresses: u64,
    /// The same in networks of /64 for IPv6, begun ones included.
    pub ipv6_networks: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// Where a claim stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Example {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u32,
}

impl Example {
    /// A line of the file with this number.
    pub(super) fn at(file: u16, line: u32, files: &[PathBuf]) -> Self {
        Self { file: files.get(usize::from(file)).cloned().unwrap_or_default(), line }
    }
}

/// What one or more claims add up to; examples are file numbers and lines.
#[derive(Default)]
struct Tally {
    claims: u64,
    ipv4: u64,
    ipv6: u64,
    examples: Vec<(u16, u32)>,
}

impl Tally {
    fn add(&mut self, claim: &GatheredClaim) {
        self.claims += 1;
        let range = &claim.range;
        match range.family() {
            Family::V4 => self.ipv4 += range.size_minus_one() as u64 + 1,
            Family::V6 => {
                let networks = ((range.last_bits() >> 64) - (range.first_bits() >> 64)) as u64;
                self.ipv6 = self.ipv6.saturating_add(networks.saturating_add(1));
            }
        }
        self.example((claim.file, claim.line));
    }

    /// Keeps the first examples, whatever the order they come in.
    fn example(&mut self, example: (u16, u32)) {
        let at = self.examples.partition_point(|known| *known < example);
        if at < EXAMPLES {
            self.examples.insert(at, example);
            self.examples.truncate(EXAMPLES);
        }
    }

    fn append(&mut self, other: Self) {
        self.claims += other.claims;
        self.ipv4 += other.ipv4;
        self.ipv6 = self.ipv6.saturating_add(other.ipv6);
        other.examples.into_iter().for_each(|example| self.example(example));
    }
}

/// Claims by source and reason.
#[derive(Default)]
pub(super) struct Tallies(FxHashMap<(u16, Option<Reason>), Tally>);

impl Tallies {
    /// Counts a claim, and why it is left out if it is.
    pub(super) fn add(&mut self, claim: &GatheredClaim, reason: Option<Reason>) {
        self.0.entry((claim.source, reason)).or_default().add(claim);
    }

    pub(super) fn append(&mut self, more: Self) {
        for (key, tally) in more.0 {
            self.0.entry(key).or_default().append(tally);
        }
    }

    /// What came from each source; of contacts and rows of uses by the source's number.
    pub(super) fn reports(
        &mut self,
        sources: &[Source],
        files: &[PathBuf],
        contacts: &[ContactCounts],
        uses: &[u64],
        passed_over: &[PassedOver],
    ) -> Vec<SourceReport> {
        let report = |(number, source): (usize, &Source)| {
            let (shown, left_out) = self.source(number as u16, files);
            SourceReport {
                name: source.name.clone(),
                basis: source.basis.clone(),
                claims: shown + left_out.values().map(|left_out| left_out.claims).sum::<u64>(),
                shown,
                uses: uses[number],
                unnamed: passed_over[number].unnamed,
                passed_over: passed_over[number].others,
                contacts: contacts[number].all,
                contacts_taken: contacts[number].taken,
                left_out,
            }
        };
        sources.iter().enumerate().map(report).collect()
    }

    /// What became of the claims of a source: the shown ones, and the others by reason.
    fn source(&mut self, source: u16, files: &[PathBuf]) -> (u64, BTreeMap<Reason, LeftOut>) {
        let shown = self.0.get(&(source, None)).map_or(0, |tally| tally.claims);
        let left_out = Reason::ALL.into_iter().filter_map(|reason| {
            let tally = self.0.remove(&(source, Some(reason)))?;
            let examples = tally.examples.into_iter();
            let left_out = LeftOut {
                claims: tally.claims,
                ipv4_addresses: tally.ipv4,
                ipv6_networks: tally.ipv6,
                examples: examples.map(|(file, line)| Example::at(file, line, files)).collect(),
            };
            Some((reason, left_out))
        });
        (shown, left_out.collect())
    }
}

#[cfg(test)]
#[test]
fn lists_are_stale_after_half_a_year() {
    let age = |as_of: &str| ListsAge::on(as_of.parse().unwrap(), "2026-08-22".parse().unwrap());
    assert_eq!(
        (age("2026-08-22").days, age("2027-08-22").days, age("2025-01-01").days),
        (0, 365, 0)
    );
    assert!(!age("2027-02-21").is_stale());
    assert!(age("2027-02-22").is_stale());
}
