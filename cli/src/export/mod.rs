//! `firmtrie export`: an index for software that reads something else.
//!
//! MMDB is in `mmdb`, rows of networks are in `rows`, sets of a firewall in `sets`. What the index withholds is
//! withheld here too, and what is exported hears of no later objection.

mod mmdb;
mod rows;
mod sets;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use firmtrie::columns::Column;
use firmtrie::output::{Output, Outputs, Sort};
use firmtrie::{Field, Network, Snapshot, Status};

use crate::answers::column;
use crate::parquet::to_terminal;
use crate::selection::Selection;
use crate::{Failure, open};
use mmdb::Layout;
use rows::Rows;
use sets::{Prefixes, name_of};

/// What an export can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// MaxMind's MMDB
    Mmdb,
    /// Values between commas, a row for each network
    Csv,
    /// An object of JSON for each network
    Jsonl,
    /// A file of Apache Parquet, a row for each network
    Parquet,
    /// What the layout `ip_trie` of a ClickHouse dictionary reads
    Clickhouse,
    /// Sets of networks for nft
    Nftables,
    /// Sets of networks for `ipset restore`
    Ipset,
}

/// Export an index: to MMDB, CSV, JSON Lines, Parquet, ClickHouse, nftables, ipset
///
/// All networks, or those of a company, an AS or a prefix. What the index withholds is withheld. An export is a
/// copy that hears of no objection that comes after it: export again as often as you build, and name the
/// registry, so that who has objected since the build is left out.
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie export companies.firm --to mmdb -o companies.mmdb
  firmtrie export companies.firm --to mmdb --layout isp -o GeoIP2-ISP.mmdb
  firmtrie export companies.firm --to csv --fields company,asn | gzip > companies.csv.gz
  firmtrie export companies.firm --to nftables --company example.com | nft -f -
  firmtrie export companies.firm --to clickhouse -o /var/lib/clickhouse/user_files/companies.csv")]
pub struct Arguments {
    /// The index
    #[arg(value_name = "INDEX")]
    index: PathBuf,
    #[command(flatten)]
    objections: open::Objections,
    #[command(flatten)]
    selection: Selection,
    /// What to
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Target,
    /// Where to put it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What records of an MMDB look like
    #[arg(long, value_enum, value_name = "LAYOUT", default_value_t)]
    layout: Layout,
    /// What of an answer is exported [default: everything]
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = column())]
    fields: Option<Vec<Column>>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.selection.check()?;
    let output = arguments.output.clone().map_or_else(Output::standard, Output::named);
    let mut outputs = Outputs::new(arguments.force);
    outputs.add(output.clone(), Sort::Export);
    let mut inputs = arguments.objections.files()?;
    inputs.push(arguments.index.clone());
    outputs.check(&inputs)?;
    let is_binary = matches!(arguments.to, Target::Parquet | Target::Mmdb);
    if is_binary && output.path().is_none() {
        to_terminal()?;
    }
    let index = arguments.objections.snapshot(&arguments.index)?;
    let mut bytes = Vec::new();
    export(arguments, &index, &mut bytes)?;
    outputs.write(&[bytes])?;
    if !arguments.quiet {
        writeln!(io::stderr(), "{}", made(arguments, &index)?)?;
    }
    Ok(())
}

fn export(arguments: &Arguments, index: &Snapshot, output: &mut Vec<u8>) -> Result<(), Failure> {
    // Whose network it is that nobody is named behind, an export does not tell.
    let shown = |network: &firmtrie::Result<Network<'_>>| !matches!(network, Ok(network) if network.status() == Status::Withheld);
    let networks = arguments.selection.networks(index)?.filter(shown);
    let mut columns = match &arguments.fields {
        Some(columns) => columns.clone(),
        None => known(index)?,
    };
    // It has a place of its own.
    columns.retain(|column| *column != Column::Network);
    let name = || {
        let name = arguments.selection.name().map(|name| name_of(&name));
        name.ok_or_else(|| Failure::Usage("whose networks? say --company, --asn or --in".into()))
    };
    match arguments.to {
        Target::Mmdb => {
            let description = made(arguments, index)?;
            *output = mmdb::file(index, networks, arguments.layout, &columns, &description)?;
            Ok(())
        }
        Target::Csv => rows::write(index, networks, &columns, Rows::Csv("network", output)),
        Target::Clickhouse => rows::write(index, networks, &columns, Rows::Csv("prefix", output)),
        Target::Jsonl => rows::write(index, networks, &columns, Rows::Jsonl(output)),
        Target::Parquet => rows::write(index, networks, &columns, Rows::Parquet(output)),
        Target::Nftables => Prefixes::of(networks)?.nftables(&name()?, output),
        Target::Ipset => Prefixes::of(networks)?.ipset(&name()?, output),
    }
}

/// What the index knows anything of.
fn known(index: &Snapshot) -> Result<Vec<Column>, Failure> {
    let mut known: Vec<Field> = Vec::new();
    for company in index.index().companies() {
        for (field, _) in company?.1.facts() {
            if !known.contains(&field) {
                known.push(field);
            }
        }
    }
    let is_known = |column: &Column| match column {
        Column::Company(field) => known.contains(field),
        _ => true,
    };
    Ok(Column::all().filter(is_known).collect())
}

/// What whoever has the export must know of it.
fn made(arguments: &Arguments, index: &Snapshot) -> Result<String, Failure> {
    let info = index.index().info()?;
    let as_of = &info.as_of;
    let registry = if arguments.objections.is_named() {
        "without who has objected until it was exported"
    } else if info.registry_fingerprint.is_some() {
        "without who had objected when it was built"
    } else {
        "built under no registry of objections"
    };
    Ok(format!(
        "exported by firmtrie from an index of {as_of}, {registry}; objections after that do not reach it"
    ))
}
