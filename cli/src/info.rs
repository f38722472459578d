//! `firmtrie info`: what is in an index.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use firmtrie::Metadata;
use firmtrie::registry::Registry;
use indicatif::{HumanBytes, HumanCount};
use serde_json::Value;

use crate::text::plain;
use crate::{Failure, open};

/// Say what is in an index: sources, policy, dates, counts
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// Say whether it was built under this registry as it is today; exit code 1 if it was not
    #[arg(long, value_name = "DIR")]
    registry: Option<PathBuf>,
    /// The registry's key, if it does not lie in its folder
    #[arg(long, value_name = "FILE", requires = "registry")]
    key: Option<PathBuf>,
    /// Print an object of JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let index = arguments.index.open()?;
    let metadata = index.info()?;
    let today = match &arguments.registry {
        Some(folder) => {
            let registry = Registry::open(folder, arguments.key.as_deref())?;
            Some(registry.fingerprint(firmtrie::registry::today())?)
        }
        None => None,
    };
    let current = today.map(|today| metadata.registry_fingerprint == Some(today));
    let mut output = io::stdout().lock();
    if arguments.json {
        let mut json = serde_json::to_value(&metadata).map_err(io::Error::from)?;
        if let Some(current) = current {
            json["registry_is_current"] = current.into();
        }
        json["bytes"] = index.size().into();
        json["sections"] =
            index.sections().map(|(name, bytes)| (name, Value::from(bytes))).collect();
        writeln!(output, "{json}")?;
        return is_current(current);
    }
    print(&mut output, &metadata, current, index.size())?;
    for (name, bytes) in index.sections() {
        writeln!(output, "section      {name}, {}", HumanBytes(bytes))?;
    }
    is_current(current)
}

/// What the index says of itself, and its size in bytes.
fn print(
    output: &mut impl Write,
    metadata: &Metadata,
    current: Option<bool>,
    size: u64,
) -> io::Result<()> {
    let counts = &metadata.counts;
    writeln!(output, "as of        {}", metadata.as_of)?;
    writeln!(output, "policy       {} {}", plain(&metadata.policy), metadata.policy_fingerprint)?;
    let registry = match (&metadata.registry_fingerprint, current) {
        (None, None) => "none".to_owned(),
        (None, Some(_)) => "none; build again with --registry".to_owned(),
        (Some(fingerprint), None) => fingerprint.clone(),
        (Some(fingerprint), Some(true)) => format!("{fingerprint}, as it is today"),
        (Some(fingerprint), Some(false)) => {
            format!("{fingerprint}, not as it is today: build again")
        }
    };
    writeln!(output, "registry     {registry}")?;
    writeln!(output, "size         {}", HumanBytes(size))?;
    for (name, count) in [
        ("claims", counts.claims),
        ("companies", counts.companies),
        ("answers", counts.answers),
        ("networks v4", counts.ipv4_networks),
        ("networks v6", counts.ipv6_networks),
    ] {
        writeln!(output, "{name:<12} {}", HumanCount(count))?;
    }
    if counts.contacts > 0 {
        writeln!(output, "contacts     {} read", HumanCount(counts.contacts))?;
    }
    if counts.skipped_rows > 0 {
        writeln!(output, "bad rows     {}, left out", HumanCount(counts.skipped_rows))?;
    }
    if let Some(controller) = &metadata.controller {
        write!(output, "controller   {}", plain(&controller.name))?;
        let rest = [("contact", &controller.contact), ("authority", &controller.authority)];
        end_line(output, &rest)?;
    }
    for source in &metadata.sources {
        write!(output, "source       {} ({})", plain(&source.name), source.format)?;
        let rest = [
            ("retrieved", &source.retrieved),
            ("licence", &source.licence),
            ("basis", &source.basis),
            ("from", &source.url),
        ];
        end_line(output, &rest)?;
    }
    Ok(())
}

/// What was asked about the registry and is not so has been said, and is the exit code.
const fn is_current(current: Option<bool>) -> Result<(), Failure> {
    match current {
        Some(false) => Err(Failure::Said),
        _ => Ok(()),
    }
}

/// The rest of a line: what is known, with what it is.
fn end_line(output: &mut impl Write, rest: &[(&str, &Option<String>)]) -> io::Result<()> {
    for (what, value) in rest {
        if let Some(value) = value {
            write!(output, ", {what} {}", plain(value))?;
        }
    }
    writeln!(output)
}
