//! `firmtrie build`: sources in, an index out, a summary at the end.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use firmtrie::builder::{BuildOptions, Manifest, Policy, Summary};
use firmtrie::output::Output;
use firmtrie::registry::{Date, RegistryPath, day};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::Failure;

/// Build an index from a manifest or from source files
///
/// A manifest ends in .toml and names its sources. Otherwise the format of each FILE is found from
/// its header or first row: rows of start,end,asn,organisation without a header; networks,
/// companies or contacts as CSV with a header or JSON Lines. Files may be compressed with gzip or
/// Zstandard. An index that is at OUT is replaced when the new one is whole; a file that is no index
/// is not replaced unless --force says so, and what the build reads never is.
#[derive(Args)]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct Arguments {
    /// A manifest, or files to read
    #[arg(required = true, value_name = "MANIFEST.toml | FILE")]
    files: Vec<PathBuf>,
    /// Where to put the index, such as companies.firm, or - for standard output; a manifest may say it
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Name of the source, which answers carry [default: the files' format]
    ///
    /// Files of several formats are as many sources: NAME/networks, NAME/companies ...
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Who is left out: strict, open, or a policy file [default: strict, or what the manifest says]
    ///
    /// strict: company profiles only, no access providers, mobile carriers, hosting, households and
    /// natural persons. open: everything that sources claim.
    #[arg(long, value_name = "strict | open | POLICY.toml", value_parser = policy)]
    policy: Option<Policy>,
    /// Why the files may be used, such as "public routing table"
    #[arg(long, value_name = "TEXT")]
    basis: Option<String>,
    /// The registry of who objected, in its folder [default: what the manifest says, or none]
    #[arg(long, value_name = "DIR")]
    registry: Option<PathBuf>,
    /// The registry's key, if it does not lie in its folder
    #[arg(long, value_name = "FILE", requires = "registry")]
    key: Option<PathBuf>,
    /// Replace an index that was made under a registry by one that is not: who objected comes back
    #[arg(long, conflicts_with = "registry")]
    without_registry: bool,
    /// Where to put the report of what was left out and why: JSON, or a table if it ends in .txt; it
    /// appears together with the index
    #[arg(long, value_name = "REPORT.json")]
    report: Option<PathBuf>,
    /// Keep the last index if so much of it is lost: of its companies, or of the addresses of companies
    ///
    /// As in 5%. Lost is what went or changed hands. The last index is the one at OUT.
    #[arg(long, value_name = "PART", value_parser = part)]
    max_change: Option<f64>,
    /// The index that --max-change compares with, where it is not the one at OUT
    #[arg(long, value_name = "LAST.firm", requires = "max_change")]
    against: Option<PathBuf>,
    /// Replace files at OUT and REPORT that are no index and no report
    #[arg(long)]
    force: bool,
    /// Day of the build, which makes it repeatable; nothing may be younger [default: today, UTC]
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Count rows that cannot be read and go on, where one would end the build
    #[arg(long)]
    skip_bad_rows: bool,
    /// Say nothing but warnings and errors, as a nightly job should
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
    /// Print the summary as JSON, on standard output
    #[arg(long)]
    json: bool,
}

/// A preset by its name, or a policy file.
pub fn policy(text: &str) -> Result<Policy, String> {
    Policy::named(text, "").map_err(|error| error.to_string())
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (name, basis) = (arguments.source.as_deref(), arguments.basis.as_deref());
    let manifest = manifest(&arguments.files, name, basis)?;
    let output = arguments.output.clone().map(Output::named);
    let output = output.or_else(|| manifest.output.clone()).ok_or_else(|| {
        Failure::Usage("where should the index go? add --output companies.firm".into())
    })?;
    let report = arguments.report.clone().map(Output::named);
    let to_standard =
        [Some(&output), report.as_ref()].into_iter().flatten().any(|to| to.path().is_none());
    if arguments.json && to_standard {
        let reason = "--json prints the summary on standard output; put index and report elsewhere";
        return Err(Failure::Usage(reason.into()));
    }
    let mut options = BuildOptions::default();
    options.output = Some(output.clone());
    options.report = report;
    options.force = arguments.force;
    options.policy.clone_from(&arguments.policy);
    options.registry = RegistryPath::named(arguments.registry.clone(), arguments.key.clone())?;
    options.without_registry = arguments.without_registry;
    options.as_of = arguments.as_of;
    options.max_change = arguments.max_change.map(|part| (part, arguments.against.clone()));
    options.skip_bad_rows = arguments.skip_bad_rows;
    let bar = bar();
    let count = bar.clone();
    let start = Instant::now();
    let done = manifest.write(options, move |rows| {
        count.set_position(rows);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let done = done?;
    let path = output.path().map_or("-".into(), |path| path.display().to_string());
    match arguments {
        Arguments { json: true, .. } => tell_json(&done, &path),
        Arguments { quiet: true, .. } => warn(&done),
        _ => tell(&done, &path, start.elapsed()),
    }
}

/// A part of all, as in 5% or 0.05.
fn part(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let part = number.trim().parse::<f64>().map(|number| number / unit).ok();
    part.filter(|part| (0.0..=1.0).contains(part))
        .ok_or_else(|| format!("{text:?} is no part; give it as in 5%"))
}

/// What to build from.
pub fn manifest(
    files: &[PathBuf],
    name: Option<&str>,
    basis: Option<&str>,
) -> Result<Manifest, Failure> {
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|end| end == "toml");
    match files {
        [path] if is_manifest(path) => {
            if name.is_some() || basis.is_some() {
                return Err(Failure::Usage(
                    "a manifest says of its sources what there is to say; leave --source and \
                     --basis out"
                        .into(),
                ));
            }
            Ok(Manifest::read(path)?)
        }
        files if files.iter().any(is_manifest) => {
            Err(Failure::Usage("a manifest stands alone; name other files in it".into()))
        }
        files => Ok(Manifest::of_files(files, name, basis)?),
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows read") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn tell_json(summary: &Summary, path: &str) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told<'a> {
        output: &'a str,
        #[serde(flatten)]
        summary: &'a Summary,
    }
    let json = serde_json::to_string(&Told { output: path, summary }).map_err(io::Error::from)?;
    Ok(writeln!(io::stdout(), "{json}")?)
}

fn tell(summary: &Summary, path: &str, took: Duration) -> Result<(), Failure> {
    let (mut errors, counts) = (io::stderr(), &summary.metadata.counts);
    for (file, columns) in &summary.ignored {
        writeln!(errors, "{}: ignored columns {}", file.display(), columns.join(", "))?;
    }
    for row in &summary.skipped.first {
        writeln!(errors, "skipped {row}")?;
    }
    if summary.skipped.count > 0 {
        writeln!(errors, "{} bad rows were skipped", HumanCount(summary.skipped.count))?;
    }
    let taken: u64 = summary.report.sources.iter().map(|source| source.contacts_taken).sum();
    if counts.contacts > taken {
        writeln!(errors, "{} contacts were left out", HumanCount(counts.contacts - taken))?;
    }
    for (conflict, found) in &summary.report.conflicts {
        let (many, of) = (HumanCount(found.networks), conflict.of_networks());
        writeln!(errors, "{many} networks {of}; --report names examples")?;
    }
    let mut reasons = BTreeMap::new();
    for (reason, out) in summary.report.sources.iter().flat_map(|source| &source.left_out) {
        *reasons.entry(reason.as_str()).or_insert(0) += out.claims;
    }
    for (reason, claims) in reasons {
        writeln!(errors, "left out: {} claims, {reason}", HumanCount(claims))?;
    }
    warn(summary)?;
    writeln!(
        errors,
        "{path}: {} of {} claims: {} companies behind {} IPv4 and {} IPv6 networks, {:.1} s",
        HumanBytes(summary.bytes),
        HumanCount(counts.claims),
        HumanCount(counts.companies),
        HumanCount(counts.ipv4_networks),
        HumanCount(counts.ipv6_networks),
        took.as_secs_f64(),
    )?;
    Ok(())
}

/// What ought not to stay as it is.
fn warn(summary: &Summary) -> Result<(), Failure> {
    let mut errors = io::stderr();
    for source in summary.report.sources.iter().filter(|source| source.basis.is_none()) {
        let name = &source.name;
        writeln!(
            errors,
            "WARNING: source {name} declares no basis; say with --basis why it may be used"
        )?;
    }
    if let Some(lists) = summary.report.listed_kinds.as_ref().filter(|lists| lists.is_stale()) {
        let (date, days) = (&lists.date, lists.days);
        writeln!(
            errors,
            "NOTE: the public lists of kinds are of {date}, {days} days before the build; take a newer \
             firmtrie, or give lists of your own as sources and say listed_kinds = false"
        )?;
    }
    for slip in &summary.slips {
        let (file, column, meant) = (slip.file.display(), &slip.column, slip.meant);
        writeln!(errors, "WARNING: {file}: column {column} is ignored; is {meant} meant?")?;
    }
    let registry = summary.metadata.registry_fingerprint.is_some();
    let of = summary.metadata.controller.as_ref();
    if registry && of.is_none_or(|of| of.authority.is_none() || of.contact.is_none()) {
        let says = "the manifest does not say who is responsible, where to write to and which authority hears \
                    complaints; answers to requests of access need [controller] with name, contact and authority";
        writeln!(errors, "WARNING: {says}")?;
    }
    if summary.metadata.policy == "open" {
        writeln!(errors, "WARNING: policy open: nobody was left out of this index")?;
    }
    Ok(())
}
