//! `firmtrie diff`: what came, went, changed hands or names from one index to the next.

mod only;
mod rows;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use firmtrie::Field;
use firmtrie::diff::{Change, CompanyChange, Diff, NetworkChange};
use firmtrie::net::{Family, parse_asn};
use indicatif::HumanCount;

use crate::table::{Format, Table};
use crate::{Failure, open};
use only::Only;

/// What rows are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// The company, by its new name if it has one
    Company,
    /// The autonomous system
    Asn,
    /// The company's country
    Country,
    /// A row for each prefix
    Prefix,
}

/// Say what differs between two indexes
///
/// A line for each stretch of networks that came, went, changed hands, names or details, and for each such
/// company; then how many there are. Who is the same company in both is told by LEI, VAT and register number,
/// else by name and country. Exits with 0 if nothing differs, with 1 if something does, and with 2 if they
/// cannot be compared.
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie diff yesterday.firm companies.firm
  firmtrie diff yesterday.firm companies.firm --by company --change went,changed_hands
  firmtrie diff yesterday.firm companies.firm --in 145.0.0.0/8 --format jsonl")]
pub struct Arguments {
    /// The old index
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new index
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    objections: open::Objections,
    /// How rows are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    format: Format,
    /// Count changes of networks by what they are of
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<By>,
    /// Only these changes, such as went,changed_hands
    #[arg(long, value_name = "CHANGE,...", value_delimiter = ',')]
    change: Vec<Change>,
    /// Only addresses in this prefix
    #[arg(long = "in", value_name = "PREFIX")]
    prefix: Option<String>,
    /// Only companies whose name, LEI or domain this is, in upper or lower case
    #[arg(long, value_name = "NAME|LEI|DOMAIN")]
    company: Option<String>,
    /// Only this autonomous system, before or after
    #[arg(long, value_name = "N", value_parser = parse_asn)]
    asn: Option<u32>,
    /// Only companies of this country, before or after, as in NL
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// Print nothing
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Trouble has a code of its own, as of `diff` and `cmp`.
    match compare(arguments) {
        Err(Failure::Error(message)) => Err(Failure::Usage(message)),
        done => done,
    }
}

fn compare(arguments: &Arguments) -> Result<(), Failure> {
    let old = arguments.objections.snapshot(&arguments.old)?;
    let new = arguments.objections.snapshot(&arguments.new)?;
    let diff = Diff::new(&old, &new)?;
    let only = Only::of(arguments)?;
    let mut networks = Vec::new();
    for change in diff.networks() {
        let Some(change) = only.network(change?) else { continue };
        networks.push(change);
    }
    // Of a prefix or a system no company is as a whole.
    let companies: Vec<_> = match (&only.range, only.asn) {
        (None, None) => {
            diff.companies().changes().iter().filter(|change| only.company(change)).collect()
        }
        _ => Vec::new(),
    };
    let differs = !networks.is_empty() || !companies.is_empty();
    let printed =
        if arguments.quiet { Ok(()) } else { print(arguments, &networks, &companies, &diff) };
    match printed {
        // Whoever has seen enough is told the same.
        Ok(()) | Err(Failure::Enough) if differs => Err(Failure::Said),
        printed => printed,
    }
}

fn print(
    arguments: &Arguments,
    networks: &[NetworkChange<'_>],
    companies: &[&CompanyChange<'_>],
    diff: &Diff<'_>,
) -> Result<(), Failure> {
    let mut counts = Counts::default();
    for change in networks {
        counts.add(change);
    }
    let output = BufWriter::new(io::stdout().lock());
    match arguments.by {
        None => rows::all(networks, companies, arguments.format, output)?,
        Some(By::Prefix) => rows::prefixes(networks, arguments.format, output)?,
        Some(by) => grouped(networks, by, arguments.format, output)?,
    }
    let told = counts.told(companies.len(), diff.companies().counts());
    let is_empty = networks.is_empty() && companies.is_empty();
    match arguments.format {
        Format::Table => write!(io::stdout(), "{}{told}", if is_empty { "" } else { "\n" })?,
        _ => write!(io::stderr(), "{told}")?,
    }
    Ok(())
}

/// What a change is counted by.
fn group(change: &NetworkChange<'_>, by: By) -> String {
    let company = change.new.company.or(change.old.company);
    let text = match by {
        By::Company => company.map(|company| company.name().to_owned()),
        By::Country => company.and_then(|company| company.get(Field::Country)).map(str::to_owned),
        By::Asn => change.new.asn.or(change.old.asn).map(|asn| format!("AS{asn}")),
        By::Prefix => None,
    };
    text.unwrap_or_else(|| "-".to_owned())
}

/// A row for each group, those with most IPv4 addresses first.
fn grouped(
    networks: &[NetworkChange<'_>],
    by: By,
    format: Format,
    output: impl Write,
) -> Result<(), Failure> {
    let mut groups: BTreeMap<(Change, String), (u64, u128)> = BTreeMap::new();
    for change in networks {
        let (stretches, v4) = groups.entry((change.change, group(change, by))).or_default();
        *stretches += 1;
        *v4 += v4_addresses(change);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (stretches, v4))| std::cmp::Reverse((*v4, *stretches)));
    let name = match by {
        By::Company => "company",
        By::Asn => "asn",
        By::Country => "country",
        By::Prefix => "prefix",
    };
    let mut table =
        Table::new(format, vec!["change", name, "stretches", "ipv4_addresses"], output)?;
    for ((change, group), (stretches, v4)) in groups {
        table.row(vec![
            change.as_str().into(),
            group.into(),
            stretches.into(),
            (v4 as u64).into(),
        ])?;
    }
    table.finish()
}

fn v4_addresses(change: &NetworkChange<'_>) -> u128 {
    match change.range.family() {
        Family::V4 => change.range.size_minus_one() + 1,
        Family::V6 => 0,
    }
}

/// Stretches and IPv4 addresses by what became of them.
#[derive(Default)]
struct Counts(BTreeMap<Change, (u64, u128)>);

impl Counts {
    fn add(&mut self, change: &NetworkChange<'_>) {
        let (stretches, v4) = self.0.entry(change.change).or_default();
        *stretches += 1;
        *v4 += v4_addresses(change);
    }

    fn told(&self, companies: usize, (old, new): (usize, usize)) -> String {
        let mut lines: Vec<_> = self
            .0
            .iter()
            .map(|(change, (stretches, v4))| {
                let what = if *stretches == 1 { "stretch" } else { "stretches" };
                let (stretches, v4) = (HumanCount(*stretches), HumanCount(*v4 as u64));
                format!(
                    "{:<14}{stretches} {what} of networks, {v4} IPv4 addresses\n",
                    change.as_str()
                )
            })
            .collect();
        let (changed, old, new) =
            (HumanCount(companies as u64), HumanCount(old as u64), HumanCount(new as u64));
        lines.push(format!(
            "{:<14}{changed} differ, of {old} in the old and {new} in the new\n",
            "companies"
        ));
        lines.concat()
    }
}
