//! `firmtrie lookup`: addresses in, a line for each out.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::IpAddr;

use clap::Args;
use firmtrie::net::parse_address;
use firmtrie::{Description, Index};

use crate::text::plain;
use crate::{Failure, open};

/// Look addresses up in an index
///
/// A line for each address: address, network, AS, and the company or why none is named, separated
/// by tabs. The network is the widest around the address in which every address has this answer.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// IPv4 or IPv6 addresses; without any, lines of standard input
    #[arg(value_name = "ADDR")]
    addresses: Vec<String>,
    /// Print an object of JSON for each address
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Before the index is opened: a command that is not understood does nothing.
    let addresses = arguments
        .addresses
        .iter()
        .map(|text| parse_address(text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let index = arguments.index.open()?;
    let mut output = BufWriter::new(io::stdout().lock());
    if arguments.addresses.is_empty() {
        return answer_input(&index, arguments.json, &mut output);
    }
    for address in addresses {
        answer(&index, address, arguments.json, &mut output)?;
    }
    Ok(output.flush()?)
}

/// Answers each line of standard input; a line that is no address is reported and passed over.
fn answer_input(index: &Index, json: bool, output: &mut impl Write) -> Result<(), Failure> {
    let mut input = BufReader::new(io::stdin().lock());
    let (mut line, mut number, mut all_good) = (Vec::new(), 0_u64, true);
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        match parse_address(&text) {
            Ok(address) => answer(index, address, json, output)?,
            Err(_) if text.trim().is_empty() => {}
            Err(error) => {
                all_good = false;
                writeln!(io::stderr(), "error: line {number} of standard input: {error}")?;
            }
        }
        line.clear();
        // Before waiting for more input: whoever writes it may be waiting for this answer.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    if all_good { Ok(()) } else { Err(Failure::Said) }
}

fn answer(
    index: &Index,
    address: IpAddr,
    json: bool,
    output: &mut impl Write,
) -> Result<(), Failure> {
    let answer = index.describe(address)?;
    if !json {
        write!(output, "{address}\t{}\t", answer.network)?;
    }
    print(&answer, json, output)
}

/// The rest of a line: AS, and company or status; or an object of JSON.
pub fn print(answer: &Description<'_>, json: bool, output: &mut impl Write) -> Result<(), Failure> {
    if json {
        serde_json::to_writer(&mut *output, answer).map_err(io::Error::from)?;
        return Ok(writeln!(output)?);
    }
    match answer.asn {
        Some(asn) => write!(output, "AS{asn}\t")?,
        None => write!(output, "-\t")?,
    }
    match &answer.company {
        Some(company) => writeln!(output, "{}", plain(company.name))?,
        None => writeln!(output, "{}", answer.status)?,
    }
    Ok(())
}
