//! `firmtrie networks`: the way back, from a company or a prefix to networks.

use std::io::{self, BufWriter, Write};

use clap::Args;
use firmtrie::Network;
use firmtrie::net::{parse_asn, parse_prefix};

use crate::{Failure, open, rows};

/// List networks in address order: all, or those in a prefix, of a company, of an AS
///
/// A line for each network: prefix, AS, and the company or why none is named, separated by tabs.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// Networks that have an address in this prefix; a wider one is given whole
    #[arg(long = "in", value_name = "PREFIX", conflicts_with_all = ["company", "asn"])]
    prefix: Option<String>,
    /// Networks of the companies with this name (in upper or lower case), LEI or domain
    #[arg(long, value_name = "NAME|LEI|DOMAIN", conflicts_with = "asn")]
    company: Option<String>,
    /// Networks that this autonomous system announces, as in 64500 or AS64500
    #[arg(long, value_name = "N", value_parser = parse_asn)]
    asn: Option<u32>,
    /// Print an object of JSON for each network
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let prefix = arguments.prefix.as_deref().map(parse_prefix).transpose();
    let prefix = prefix.map_err(|error| Failure::Usage(error.to_string()))?;
    let index = arguments.index.open()?;
    let mut output = BufWriter::new(io::stdout().lock());
    let mut list = |network: firmtrie::Result<Network<'_>>| -> Result<(), Failure> {
        line(&network?, arguments.json, &mut output)
    };
    if let Some(prefix) = prefix {
        index.networks_in(prefix)?.try_for_each(&mut list)?;
    } else if let Some(asn) = arguments.asn {
        index.networks_of_asn(asn)?.try_for_each(&mut list)?;
    } else if let Some(wanted) = &arguments.company {
        let companies = index.companies_called(wanted)?;
        if companies.is_empty() {
            return Err(Failure::Error(format!(
                "no company has the name, LEI or domain {wanted:?}"
            )));
        }
        index.networks_of(&companies)?.try_for_each(&mut list)?;
    } else {
        index.networks().try_for_each(&mut list)?;
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
