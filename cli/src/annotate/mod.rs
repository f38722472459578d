//! `firmtrie annotate`: what is known of the visitor, added to each line of a log or a table.
//!
//! Lines go through in their order and as they are; what is added stands at their end, in the way of their
//! format (`lines`). Parquet goes through in batches (`columnar`).

mod columnar;
mod lines;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Receiver;

use clap::Args;
use firmtrie::columns::Column;
use firmtrie::{Field, Snapshot};
use indicatif::HumanCount;
use rayon::prelude::*;

use crate::answers::column;
use crate::log::Broken;
use crate::log::arguments::LogArguments;
use crate::log::growing::follow_input;
use crate::log::input::{Batch, Block, Piece, Place, batch, is_parquet_at, read};
use crate::{Failure, open};
use lines::{Annotated, Annotator};

/// What is added, if nothing else is asked for.
const USUAL: [Column; 6] = [
    Column::Company(Field::Name),
    Column::Company(Field::Domain),
    Column::Company(Field::Country),
    Column::Kind,
    Column::Asn,
    Column::Status,
];

/// Add the company behind the visitor to each line of CSV, JSON Lines, Parquet or an access log
///
/// Lines stay as they are and in their order; columns are added at their end: to CSV and TSV with names in the
/// header, to objects of JSON as keys, to Parquet as columns, to access logs as quoted texts, with - for what
/// is not known. A line that is not understood is passed on with empty columns, and counted.
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie annotate visits.csv --index companies.firm > annotated.csv
  firmtrie annotate app.jsonl --column address=client.ip --fields company,vat --index companies.firm
  firmtrie annotate visits.parquet --index companies.firm > annotated.parquet
  tail -f access.log | firmtrie annotate --index companies.firm")]
pub struct Arguments {
    /// The log or table; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    index: open::NamedIndex,
    #[command(flatten)]
    reading: LogArguments,
    /// What is added [default: company,domain,country,kind,asn,status]
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = column())]
    fields: Option<Vec<Column>>,
    /// What the names of added columns begin with, as in visitor_
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// End with an error at the first line that is not understood
    #[arg(long)]
    deny_broken: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let columns = arguments.fields.clone().unwrap_or_else(|| USUAL.to_vec());
    let index = arguments.index.snapshot()?;
    let place = match &arguments.file {
        path if path.as_os_str() == "-" => Place::StandardInput,
        path => Place::File(path.clone()),
    };
    let names: Vec<_> =
        columns.iter().map(|column| format!("{}{column}", arguments.prefix)).collect();
    // Lines that are cut would not be passed on as they are.
    let reading = arguments.reading.reading(usize::MAX)?;
    if let Place::File(path) = &place
        && is_parquet_at(path)
    {
        let invalid = columnar::annotate(
            path,
            &reading,
            &arguments.reading.proxies()?,
            &index,
            &columns,
            &names,
        )?;
        return tell(arguments, "no_address", invalid, "row");
    }
    let annotator =
        Annotator { index: &index, proxies: arguments.reading.proxies()?, columns, names };
    let name = place.name();
    let pieces = match &place {
        // Each line is answered before the next is waited for.
        Place::StandardInput => follow_input(reading),
        Place::File(_) => read(vec![place], reading, Arc::new(AtomicU64::new(0))),
    };
    all(arguments, &annotator, &pieces, &name)
}

/// Annotates all blocks, in their order.
fn all(
    arguments: &Arguments,
    annotator: &Annotator<'_>,
    pieces: &Receiver<Piece>,
    name: &str,
) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let mut first = 1;
    let mut broken = [0; Broken::ALL.len()];
    while let Some(Batch { blocks, unread }) = batch(pieces) {
        let annotated: Vec<Result<Annotated, lines::Fault>> =
            blocks.par_iter().map(|block: &Block| annotator.annotate(block)).collect();
        for annotated in annotated {
            let annotated = annotated.map_err(|fault| fault.at(name, first))?;
            let denied = annotated.first_broken.filter(|_| arguments.deny_broken);
            if let Some((line, reason)) = denied {
                let reason = reason.as_str().replace('_', " ");
                return Err(Failure::Error(format!("{name}:{}: {reason}", first + line)));
            }
            output.write_all(&annotated.text)?;
            first += annotated.lines;
            for (all, of_block) in broken.iter_mut().zip(annotated.broken) {
                *all += of_block;
            }
        }
        output.flush()?;
        if let Some((_, reason)) = unread.first() {
            return Err(Failure::Error(format!(
                "{name}: {reason}; what was read before is annotated"
            )));
        }
    }
    Broken::ALL
        .into_iter()
        .zip(broken)
        .try_for_each(|(reason, count)| tell(arguments, reason.as_str(), count, "line"))
}

/// Says what was not understood.
fn tell(arguments: &Arguments, reason: &str, count: u64, what: &str) -> Result<(), Failure> {
    if count > 0 && !arguments.quiet {
        writeln!(
            io::stderr(),
            "{reason}: {} {what}{}, passed on with nothing added",
            HumanCount(count),
            if count == 1 { "" } else { "s" }
        )?;
    }
    Ok(())
}

/// Who is asked.
type Index = Snapshot;
