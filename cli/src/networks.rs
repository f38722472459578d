//! `firmtrie networks`: the way back, from a company or a prefix to networks.

use std::io::{self, BufWriter, Write};

use clap::Args;
use firmtrie::{Network, Snapshot};

use crate::selection::Selection;
use crate::{Failure, open, rows};

/// List networks in address order: all, or those in a prefix, of a company, of an AS
///
/// A line for each network: prefix, AS, and the company or why none is named, separated by tabs.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    #[command(flatten)]
    selection: Selection,
    /// Print an object of JSON for each network
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.selection.check()?;
    let index = Snapshot::new(arguments.index.open()?);
    let mut output = BufWriter::new(io::stdout().lock());
    for network in arguments.selection.networks(&index)? {
        line(&network?, arguments.json, &mut output)?;
    }
    Ok(output.flush()?)
}

fn line(network: &Network<'_>, json: bool, output: &mut impl Write) -> Result<(), Failure> {
    let answer = network.describe()?;
    if !json {
        write!(output, "{}\t", answer.network)?;
    }
    rows::print(&answer, json, output)
}
