//! Building: sources are gathered, their claims resolved, encoded, and written as one file.
//!
//! The same sources give the same bytes, in any order of files and rows and on any number of
//! threads. What is written is there whole or not at all.

mod combine;
mod encode;
mod faults;
mod gather;
mod interner;
mod join;
mod manifest;
mod objections;
mod options;
mod persons;
mod report;
mod resolve;
mod special_purpose;
mod standing;
mod uses;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

pub use faults::Skipped;
pub use manifest::Manifest;
pub use options::BuildOptions;
pub use persons::Contradictions;
pub use report::{Example, LeftOut, Report, SourceReport};

pub use crate::policy::{Evidence, Policy, Reason, Verdict};

use crate::error::{Error, Result};
use crate::index::Stretch;
use crate::index::metadata::{Controller, Counts, Metadata, SourceMetadata};
use crate::net::{AddressRange, Family};
use crate::reader::Index;
use crate::registry::{Registry, RegistryPath, today};
use crate::source::{Date, Source};
use combine::{Findings, combine};
use encode::{Resolved, encode};
use gather::{Owners, Reading, gather};
use join::{Joined, join};
use objections::Objections;
use resolve::{Contender, resolve};
use standing::Standings;
use uses::Uses;

/// Makes an index out of sources.
///
/// Of two claims that overlap the more specific range wins; of ranges of the same size that of the
/// source with the higher priority, then the one that starts lower. Special-purpose space (RFC
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
    progress: Arc<dyn Fn(u64) -> ControlFlow<()> + Send + Sync>,
}

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
    /// What was left out, and why.
    pub report: Report,
    /// Size of the index in bytes.
    pub bytes: u64,
}

/// In the shape that every language and the command line give.
impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
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

    /// Builds the index and puts it at `path`, replacing a file that is there.
    ///
    /// # Errors
    /// A source that cannot be read ([`crate::Error::Io`], [`crate::Error::Source`],
    /// [`crate::Error::BadRow`]), sources that do not fit together ([`crate::Error::Usage`]), more
    /// than the format holds ([`crate::Error::TooLarge`]), an index at `path` that was made under a
    /// registry where this build has none ([`crate::Error::Registry`]). The file at `path` is then as it
    /// was.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<Summary> {
        let path = path.as_ref();
        write::check(path)?;
        self.check_registry(path)?;
        let (bytes, summary) = self.build()?;
        write::replace(path, &bytes)?;
        Ok(summary)
    }

    /// Would who objected come back? What is there and is no index tells nothing.
    fn check_registry(&self, path: &Path) -> Result<()> {
        if self.without_registry || !path.exists() {
            return Ok(());
        }
        let refuse = |reason: &str| Err(Error::Registry(format!("{}: {reason}", path.display())));
        let registry = self.open_registry()?;
        let Ok(before) = Index::open(path).and_then(|index| index.info()) else {
            if registry.is_none() && says_registry(path) {
                return refuse(
                    "is damaged, and was made under a registry; this build names none, and whoever objected \
                     would come back. Name the registry, or say that it is to be built without registry",
                );
            }
            return Ok(());
        };
        match (registry, &before.registry_tip) {
            (None, _) if before.registry_fingerprint.is_some() => refuse(
                "was made under a registry, and this build names none: whoever objected would come back. \
                 Name the registry, or say that it is to be built without registry",
            ),
            (Some(registry), Some(tip)) if !registry.goes_on_from(tip)? => refuse(&format!(
                "was made under a registry of {} entries and {} steps, which the one that is named has not: \
                 whoever objected would come back. Restore it from a backup, or build to another path",
                tip.entries, tip.steps
            )),
            _ => Ok(()),
        }
    }

    fn open_registry(&self) -> Result<Option<Registry>> {
        self.registry.as_ref().map(RegistryPath::open).transpose()
    }

    /// Builds the index in memory.
    ///
    /// # Errors
    /// Those of [`Builder::write`].
    pub fn build(&self) -> Result<(Vec<u8>, Summary)> {
        let mut sources = self.sources.clone();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let as_of = self.as_of.unwrap_or_else(today);
        let (owners, standings) = (Owners::new(), Standings::new(&sources));
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
        let (mut files, mut faults) = gathered?;
        let Joined { stakes, profiles, others, contacts } =
            join(&mut files, owners, &standings, (&self.policy, as_of), &objections, &mut faults)?;
        let mut said = vec![0; sources.len()];
        let all_uses: Vec<_> =
            files.iter_mut().flat_map(|file| std::mem::take(&mut file.uses)).collect();
        for of in &all_uses {
            said[of.source as usize] += 1;
        }
        let uses = Uses::of(all_uses, self.policy.oldest_claim(as_of));
        let paths: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
        let ignored = files.into_iter().filter(|file| !file.ignored.is_empty());
        let ignored = ignored.map(|file| (file.path, file.ignored)).collect();
        let claims = stakes.len() as u64;
        let companies = profiles.len() as u64;
        let Findings { v4, v6, answers, withheld, mut tallies, contradictions } = combine(
            stakes,
            (&profiles, &others),
            &sources,
            (&self.policy, as_of),
            (&objections, &uses),
        );
        let stretches =
            |contenders, family| objections.mask(stretches(contenders, family), family, withheld);
        let (v4, v6) = rayon::join(|| stretches(v4, Family::V4), || stretches(v6, Family::V6));
        let mut resolved = Resolved { v4, v6, answers, profiles };
        resolved.drop_unused();

        let skipped = faults.into_skipped();
        let all_contacts = contacts.iter().map(|[all, _]| all).sum();
        let counts = Counts {
            claims,
            contacts: all_contacts,
            skipped_rows: skipped.count,
            ..counts(&resolved)
        };
        let mut sources_said: Vec<_> = sources.iter().map(source_metadata).collect();
        let is_rectified = |profile: &join::Profile| {
            profile.facts.iter().any(|(.., source)| usize::from(*source) == sources.len())
        };
        if resolved.profiles.iter().any(is_rectified) {
            sources_said.push(rectification());
        }
        let metadata = Metadata {
            as_of: as_of.to_string(),
            policy: self.policy.name().to_owned(),
            policy_fingerprint: self.policy.fingerprint(),
            registry_fingerprint: objections.fingerprint(),
            registry_tip,
            sources: sources_said,
            controller: self.controller.clone(),
            counts,
        };
        let bytes = encode(&resolved, &metadata)?;
        let of_source = |(number, (source, contacts)): (u16, (&Source, [u64; 2]))| {
            let (shown, left_out) = tallies.source(number, &paths);
            let claims = shown + left_out.values().map(|left_out| left_out.claims).sum::<u64>();
            let (name, basis) = (source.name.clone(), source.basis.clone());
            let [contacts, contacts_taken] = contacts;
            let uses = said[usize::from(number)];
            SourceReport { name, basis, claims, shown, uses, contacts, contacts_taken, left_out }
        };
        let report = Report {
            as_of: metadata.as_of.clone(),
            policy: metadata.policy.clone(),
            policy_fingerprint: metadata.policy_fingerprint.clone(),
            sources: (0..).zip(sources.iter().zip(contacts)).map(of_source).collect(),
            companies,
            companies_in_index: metadata.counts.companies,
            contradictions,
            skipped_rows: skipped.count,
        };
        let summary = Summary { metadata, skipped, ignored, report, bytes: bytes.len() as u64 };
        Ok((bytes, summary))
    }
}

fn counts(resolved: &Resolved) -> Counts {
    let networks = |stretches: &[Stretch], family| {
        let range = |s: &Stretch| AddressRange::from_bits(family, s.first, s.last);
        stretches.par_iter().map(|stretch| range(stretch).prefixes().count() as u64).sum()
    };
    Counts {
        ipv4_stretches: resolved.v4.len() as u64,
        ipv6_stretches: resolved.v6.len() as u64,
        ipv4_networks: networks(&resolved.v4, Family::V4),
        ipv6_networks: networks(&resolved.v6, Family::V6),
        answers: resolved.answers.len() as u64,
        companies: resolved.profiles.len() as u64,
        ..Counts::default()
    }
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

/// Behind all sources, what facts are from that were put right.
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
fn stretches(mut contenders: Vec<Contender>, family: Family) -> Vec<Stretch> {
    contenders.extend(special_purpose::ranges(family).iter().map(Contender::nobodys));
    resolve(contenders, family.max())
}

/// Is there what an index says that was made under a registry? For what cannot be read as an index.
fn says_registry(path: &Path) -> bool {
    let is_file = std::fs::metadata(path).is_ok_and(|file| file.is_file());
    let word = aho_corasick::AhoCorasick::new(["\"registry_fingerprint\""]);
    let found = |bytes: Vec<u8>| word.is_ok_and(|word| word.is_match(&bytes));
    is_file && std::fs::read(path).is_ok_and(found)
}
