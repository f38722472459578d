//! Building: sources are gathered, their claims resolved, encoded, and written as one file.
//!
//! The same sources give the same bytes, in any order of files and rows and on any number of
//! threads. What is written is there whole or not at all.

mod answers;
mod begins;
mod combine;
mod conflicts;
mod contacts;
mod encode;
mod explained;
mod faults;
mod former;
mod gather;
mod interner;
mod join;
mod judge;
mod manifest;
mod max_change;
mod objections;
mod options;
mod owners;
mod persons;
mod profile;
mod publish;
mod report;
mod resolve;
mod rules;
mod standing;
mod summary;
mod systems;
mod uses;

use std::fmt;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use conflicts::{Conflict, Conflicts};
pub use explained::{Behind, ExplainedClaim};
pub use faults::Skipped;
pub use manifest::Manifest;
pub use options::BuildOptions;
pub use persons::Contradictions;
pub use publish::publish;
pub use report::{Example, LeftOut, ListsAge, Report, SkippedRow, SourceReport};
pub use summary::{ColumnSlip, Summary};

pub use crate::policy::{Evidence, Policy, Reason, Verdict};

use crate::error::{Error, Result};
use crate::index::Stretch;
use crate::index::metadata::{Controller, Counts, Metadata};
use crate::net::{AddressBits, special_purpose_of};
use crate::output::{Output, Outputs, Sort};
use crate::registry::{Registry, RegistryPath, today};
use crate::source::{Date, Source};
use combine::{Findings, combine};
use conflicts::FoundConflicts;
use encode::{Resolved, encode};
use explained::FoundClaim;
use gather::{Gathered, Reading, gather, passed_over, take_uses};
use interner::Interner;
use join::{Joined, expire, join};
use objections::Objections;
use profile::Profile;
use report::Tallies;
use resolve::{RankedClaim, resolve};
use rules::Rules;
use standing::Standings;
use uses::Uses;

/// Makes an index out of sources.
///
/// Of two claims that overlap the more specific range wins; of ranges of the same size the one of the source
/// with the higher [priority](Source::priority), then the newer (one without a date of its own is of the day
/// on which its source was [retrieved](Source::retrieved)), then the one that starts lower. What is left out
/// masks its range like any other claim. Special-purpose space (RFC
/// 6890) is answered with nobody, whatever a source claims.
///
/// ```
/// use firmtrie::{Builder, Format, Index, Source};
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// let summary =
///     Builder::new().source(Source::new("asn", Format::AsnCsv).path(&rows)).write(&path)?;
/// assert_eq!(summary.metadata.counts.companies, 1);
/// assert!(Index::open(&path)?.lookup("1.0.0.1".parse()?)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Work is done on the current rayon thread pool.
#[derive(Clone)]
pub struct Builder {
    sources: Vec<Source>,
    policy: Policy,
    registry: Option<RegistryPath>,
    without_registry: bool,
    as_of: Option<Date>,
    controller: Option<Controller>,
    skip_bad_rows: bool,
    report: Option<Output>,
    force: bool,
    /// What part may be lost, and of which index if it is not the one that is replaced.
    max_change: Option<(f64, Option<PathBuf>)>,
    /// Files that were read to know what to build.
    read: Vec<PathBuf>,
    progress: Arc<dyn Fn(u64) -> ControlFlow<()> + Send + Sync>,
}

impl Builder {
    /// A builder without a source yet, under the strict policy.
    pub fn new() -> Self {
        Self {
            sources: Vec::new(),
            policy: Policy::default(),
            registry: None,
            without_registry: false,
            as_of: None,
            controller: None,
            skip_bad_rows: false,
            report: None,
            force: false,
            max_change: None,
            read: Vec::new(),
            progress: Arc::new(|_| ControlFlow::Continue(())),
        }
    }

    /// Sets who is left out.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Leaves out who is in the registry that lies there, whatever the policy, and puts right what is
    /// to be.
    #[must_use]
    pub fn registry(mut self, registry: impl Into<RegistryPath>) -> Self {
        self.registry = Some(registry.into());
        self
    }

    /// Lets an index that was made under a registry be replaced by one that is not. Without this that is
    /// refused: whoever objected would come back.
    #[must_use]
    pub const fn without_registry(mut self, without: bool) -> Self {
        self.without_registry = without;
        self
    }

    /// Sets the day of the build, today (UTC) if it is not set. Nothing in a source may be younger,
    /// and the same sources and day give the same bytes.
    #[must_use]
    pub const fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Says who answers for the index.
    #[must_use]
    pub fn controller(mut self, controller: Controller) -> Self {
        self.controller = Some(controller);
        self
    }

    /// Passes over rows that cannot be read and counts them, where one would end the build.
    #[must_use]
    pub const fn skip_bad_rows(mut self, skip: bool) -> Self {
        self.skip_bad_rows = skip;
        self
    }

    /// Says where the report goes that [`Builder::write`] makes, as JSON, or as a table if its name ends in
    /// `.txt`. It appears together with the index.
    #[must_use]
    pub fn report(mut self, report: impl Into<Output>) -> Self {
        self.report = Some(report.into());
        self
    }

    /// Lets files be replaced that are no index and no report. What the build reads is never replaced.
    #[must_use]
    pub const fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// Lets [`Builder::write`] refuse an index that has lost too much: when more than this part (0 to 1) of the
    /// companies of the last index, or of the addresses of companies in either family, went or changed hands.
    /// The last index is the one that would be replaced, or the one that is named.
    #[must_use]
    pub fn max_change(mut self, part: f64, against: Option<PathBuf>) -> Self {
        self.max_change = Some((part, against));
        self
    }

    /// Adds a source; their order does not matter, their names must differ.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Calls back with the number of rows read since the last call, from any thread. A break stops
    /// the build with [`crate::Error::Stopped`].
    #[must_use]
    pub fn on_progress(
        mut self,
        progress: impl Fn(u64) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Builds the index and puts it at `output`, replacing an index that is there.
    ///
    /// # Errors
    /// A source that cannot be read ([`crate::Error::Io`], [`crate::Error::Source`],
    /// [`crate::Error::BadRow`]), sources that do not fit together ([`crate::Error::Usage`]), more
    /// than the format holds ([`crate::Error::TooLarge`]), an index at `output` that was made under a
    /// registry where this build has none ([`crate::Error::Registry`]), a file there that may not be
    /// replaced, or an index there of which too much would be lost ([`crate::Error::Output`]). What was there is then as it was.
    pub fn write(&self, output: impl Into<Output>) -> Result<Summary> {
        let output = output.into();
        let mut outputs = Outputs::new(self.force);
        // The index is put in place last: until then nothing holds that the report speaks of.
        if let Some(report) = &self.report {
            outputs.add(report.clone(), Sort::Report);
        }
        outputs.add(output.clone(), Sort::Index);
        outputs.check(&self.inputs())?;
        if let (Some(path), false) = (output.path(), self.without_registry) {
            former::check_registry(path, self.open_registry()?.as_ref())?;
        }
        let (bytes, summary) = self.build()?;
        if let Some((last, most)) = self.last_index(&output)? {
            max_change::check(last, &bytes, most)?;
        }
        let report = self.report.as_ref().map(|output| summary.report.written(output.path()));
        let contents: Vec<_> = report.transpose()?.into_iter().chain([bytes]).collect();
        outputs.write(&contents)?;
        Ok(summary)
    }

    /// The index that the new one is compared with, if one is.
    fn last_index<'a>(&'a self, output: &'a Output) -> Result<Option<(&'a Path, f64)>> {
        let Some((most, against)) = &self.max_change else { return Ok(None) };
        if let Some(against) = against {
            return Ok(Some((against, *most)));
        }
        let path = output.path().ok_or_else(|| {
            Error::Usage(
                "standard output has no last index; say which one to compare with".to_owned(),
            )
        })?;
        // The first has nothing to be compared with.
        Ok(path.exists().then_some((path, *most)))
    }

    /// The files that a build reads.
    fn inputs(&self) -> Vec<PathBuf> {
        let sources = self.sources.iter().flat_map(|source| source.paths.iter().cloned());
        let registry = self.registry.iter().flat_map(RegistryPath::files);
        let policy = self.policy.file().map(Path::to_path_buf);
        sources.chain(registry).chain(policy).chain(self.read.iter().cloned()).collect()
    }

    fn open_registry(&self) -> Result<Option<Registry>> {
        self.registry.as_ref().map(RegistryPath::open).transpose()
    }

    /// Builds the index in memory.
    ///
    /// # Errors
    /// Those of [`Builder::write`].
    pub fn build(&self) -> Result<(Vec<u8>, Summary)> {
        let (bytes, summary, _) = self.make(None)?;
        Ok((bytes, summary))
    }

    /// Builds the index in memory, and tells of every claim that covers an address, the one that decides
    /// first, why each stands behind the one before it, and what was weighed of it. What the index then
    /// answers may be of none of them: objections and networks of `[[always]]` mask everything inside.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let rows = dir.path().join("networks.csv");
    /// use firmtrie::{Builder, Format, Source};
    /// std::fs::write(&rows, "network,name\n1.0.0.0/16,Wide B.V.\n1.0.0.0/24,Within B.V.\n")?;
    /// let builder = Builder::new().source(Source::new("whois", Format::Networks).path(&rows));
    /// let (_, claims) = builder.explain("1.0.0.9".parse()?)?;
    /// let companies: Vec<_> = claims.iter().map(|claim| claim.company.as_str()).collect();
    /// assert_eq!(companies, ["Within B.V.", "Wide B.V."]);
    /// assert_eq!((claims[0].line, claims[0].range.as_str()), (3, "1.0.0.0/24"));
    /// assert_eq!(claims[1].behind, Some(firmtrie::builder::Behind::Wider));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Builder::write`].
    pub fn explain(&self, address: IpAddr) -> Result<(Vec<u8>, Vec<ExplainedClaim>)> {
        let (bytes, _, claims) = self.make(Some(address.to_canonical()))?;
        Ok((bytes, claims))
    }

    fn make(&self, asked: Option<IpAddr>) -> Result<(Vec<u8>, Summary, Vec<ExplainedClaim>)> {
        let mut sources = self.sources.clone();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let as_of = self.as_of.unwrap_or_else(today);
        let (owners, standings) = (Interner::new(), Standings::new(&sources));
        let reading = Reading {
            owners: &owners,
            standings: &standings,
            as_of,
            skip_bad_rows: self.skip_bad_rows,
            progress: &*self.progress,
        };
        // A wrong key is told before anything is read.
        let registry = self.open_registry()?;
        // Before it is read: what comes meanwhile may be left out too, and is not counted on.
        let registry_tip = registry.as_ref().map(Registry::tip_to_keep).transpose()?;
        let in_force = move || registry.map(|registry| registry.in_force(as_of)).transpose();
        let (in_force, gathered) = rayon::join(in_force, || gather(&sources, &reading));
        let objections = Objections::new(in_force?);
        let rules = Rules::new(&self.policy, as_of, &objections);
        let (mut files, mut faults) = gathered?;
        systems::forget_expired(&mut files, &sources, rules);

        let Joined { mut claims, systems, profiles, others, contacts } =
            join(&mut files, &sources, owners, &standings, rules, &mut faults)?;
        let delegations: Vec<_> =
            files.iter_mut().flat_map(|file| std::mem::take(&mut file.said.delegations)).collect();
        claims.append(&mut systems::delegated(&delegations, &systems, &claims, &sources, rules));
        expire(&mut claims, &profiles);
        systems::allot(&mut claims, &delegations, &sources);
        let located: Vec<_> =
            files.iter_mut().flat_map(|file| std::mem::take(&mut file.said.located)).collect();
        systems::locate(&mut claims, &located, &sources);
        let routes =
            files.iter_mut().flat_map(|file| std::mem::take(&mut file.said.routes)).collect();
        systems::announce(&mut claims, routes);
        let (mut uses, uses_of_sources) = take_uses(&mut files, sources.len());
        uses.retain(|of| !rules.is_expired(of.says.date));
        let uses = Uses::of(uses).with_lists(self.policy.listed(), rules.oldest);
        let mut counts = Counts { claims: claims.len() as u64, ..Counts::default() };
        counts.contacts = contacts.iter().map(|contacts| contacts.all).sum();
        let companies = profiles.len() as u64;
        let findings = combine(claims, &profiles, &others, &sources, rules, &uses, asked);
        let (resolved, Told { mut tallies, contradictions, conflicts, explained }) =
            resolved(findings, profiles, &objections);

        let (ignored, slips) = ignored(&files);
        let passed_over = passed_over(&files, sources.len());
        let paths = files.into_iter().map(|file| file.path).collect::<Vec<_>>();
        let skipped = faults.into_skipped();
        counts.skipped_rows = skipped.count;
        let metadata = Metadata {
            as_of: as_of.to_string(),
            policy: self.policy.name().to_owned(),
            policy_fingerprint: self.policy.fingerprint(),
            registry_fingerprint: objections.fingerprint(),
            registry_tip,
            sources: summary::sources_metadata(&sources, &resolved),
            controller: self.controller.clone(),
            kept: Some(self.policy.kept()),
            counts: summary::counted(&resolved, counts),
        };
        let bytes = encode(&resolved, &metadata)?;
        let report = Report {
            as_of: metadata.as_of.clone(),
            policy: metadata.policy.clone(),
            policy_fingerprint: metadata.policy_fingerprint.clone(),
            listed_kinds: self.policy.listed().map(|listed| ListsAge::on(as_of, listed.date)),
            sources: tallies.reports(&sources, &paths, &contacts, &uses_of_sources, &passed_over),
            companies,
            companies_in_index: metadata.counts.companies,
            contradictions,
            conflicts: conflicts.report(&paths),
            skipped_rows: skipped.count,
            skipped: skipped.first.iter().map(SkippedRow::of).collect(),
        };
        let summary =
            Summary { metadata, skipped, ignored, slips, report, bytes: bytes.len() as u64 };
        let explained = explained.into_iter().map(|found| found.told(&sources, &paths));
        Ok((bytes, summary, explained.collect()))
    }
}

/// What a report tells of the claims.
struct Told {
    tallies: Tallies,
    contradictions: Contradictions,
    conflicts: FoundConflicts,
    explained: Vec<FoundClaim>,
}

/// What the index will say, and what became of the claims.
fn resolved(
    findings: Findings,
    profiles: Vec<Profile>,
    objections: &Objections,
) -> (Resolved, Told) {
    let Findings { v4, v6, answers, withheld, tallies, contradictions, conflicts, explained } =
        findings;
    let (v4, v6) = rayon::join(
        || objections.mask(stretches(v4), withheld),
        || objections.mask(stretches(v6), withheld),
    );
    let mut resolved = Resolved { v4, v6, answers, profiles };
    resolved.drop_unused();
    (resolved, Told { tallies, contradictions, conflicts, explained })
}

/// The columns that the formats of their files do not know, and slips among them.
fn ignored(files: &[Gathered]) -> (Vec<(PathBuf, Vec<String>)>, Vec<ColumnSlip>) {
    let some = files.iter().filter(|file| !file.ignored.is_empty());
    let slips = files.iter().flat_map(|file| {
        file.slips.iter().map(|(column, meant)| ColumnSlip {
            file: file.path.clone(),
            column: column.clone(),
            meant,
        })
    });
    (some.map(|file| (file.path.clone(), file.ignored.clone())).collect(), slips.collect())
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("sources", &self.sources).finish_non_exhaustive()
    }
}

/// Resolves the claims of one family and takes special-purpose space out.
fn stretches<A: AddressBits>(mut claims: Vec<RankedClaim<A>>) -> Vec<Stretch<A>> {
    claims.extend(special_purpose_of(A::FAMILY).iter().map(RankedClaim::nobodys));
    resolve(claims, A::MAX)
}
