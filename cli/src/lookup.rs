//! `firmtrie lookup`: addresses in, a line for each out.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::IpAddr;

use clap::Args;
use firmtrie::Index;
use firmtrie::net::parse_address;

use crate::rows::{Column, Row, Rows};
use crate::table::Format;
use crate::{Failure, grep, open};

/// Look addresses up in an index
///
/// A line for each address: address, network, AS, and the company or why none is named, separated by
/// tabs. The network is the widest around the address in which every address has this answer. What is no
/// address has a line too, which says so; the exit code is then 1. A blank line has one as well, and is no
/// error.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// Other indexes that are asked too, by path or pattern; each answer says whose it is
    #[arg(long, value_name = "INDEX")]
    also: Vec<String>,
    /// IPv4 or IPv6 addresses; -, or nothing, is standard input with one on each line
    #[arg(value_name = "ADDR")]
    addresses: Vec<String>,
    /// Find the addresses inside of the lines of standard input, such as those of a log: a line for each
    #[arg(long, conflicts_with = "addresses")]
    grep: bool,
    /// How answers are written [default: tsv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// What answers have, such as address,company,city,vat
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = Column::parser())]
    fields: Option<Vec<Column>>,
    /// Print an object of JSON for each address, as --format jsonl does
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut indexes = vec![(arguments.index.path.display().to_string(), arguments.index.open()?)];
    indexes.extend(open::more(&arguments.also)?);
    let format =
        arguments.format.unwrap_or(if arguments.json { Format::Jsonl } else { Format::Tsv });
    let output = BufWriter::new(io::stdout().lock());
    let rows = Rows::new(format, arguments.fields.clone(), indexes.len() > 1, output)?;
    let mut answers = Answers { indexes: &indexes, rows, wrong: 0 };
    if arguments.addresses.is_empty() {
        answers.input(arguments.grep)?;
    }
    for (line, text) in (1..).zip(&arguments.addresses) {
        if text == "-" {
            answers.input(false)?;
        } else {
            answers.text(line, text, false)?;
        }
    }
    let Answers { rows, wrong, .. } = answers;
    rows.finish()?;
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::Error("one line is no address; its answer says so".into())),
        _ => Err(Failure::Error(format!("{wrong} lines are no addresses; their answers say so"))),
    }
}

/// Answers on their way out.
struct Answers<'a, W: Write> {
    /// By their names.
    indexes: &'a [(String, Index)],
    rows: Rows<W>,
    /// How many texts were no address.
    wrong: u64,
}

impl<W: Write> Answers<'_, W> {
    /// Answers each line of standard input: with one line, or, if they are to be found in it, with one for
    /// each address.
    fn input(&mut self, find: bool) -> Result<(), Failure> {
        let mut input = BufReader::new(io::stdin().lock());
        let (mut line, mut number) = (Vec::new(), 0_u64);
        while input.read_until(b'\n', &mut line)? > 0 {
            number += 1;
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            if find {
                for address in grep::addresses(text) {
                    self.address(number, text, address)?;
                }
            } else {
                self.text(number, text, true)?;
            }
            line.clear();
            // Before waiting for more input: whoever writes it may be waiting for this answer.
            if input.buffer().is_empty() {
                self.rows.flush()?;
            }
        }
        Ok(())
    }

    /// Answers a text that is an address, or says why it is none. One that is blank may be no mistake.
    fn text(&mut self, line: u64, text: &str, may_be_blank: bool) -> Result<(), Failure> {
        let error = match parse_address(text) {
            Ok(address) => return self.address(line, text, address),
            Err(_) if may_be_blank && text.trim().is_empty() => "blank".to_owned(),
            Err(error) => {
                self.wrong += 1;
                format!("{error}{}", hint(text))
            }
        };
        let (index, _) = &self.indexes[0];
        self.rows.row(&Row { index, address: text, line, text, answer: Err(error) })
    }

    fn address(&mut self, line: u64, text: &str, address: IpAddr) -> Result<(), Failure> {
        for (name, index) in self.indexes {
            let told = index.describe(address)?;
            let hit = if self.rows.has_facts() { index.lookup(address)? } else { None };
            let record = hit.map(|hit| hit.company()).transpose()?;
            let answer = Ok((told, record));
            self.rows.row(&Row { index: name, address: text, line, text, answer })?;
        }
        Ok(())
    }
}

/// What to do with what is no address, and often given for one.
fn hint(text: &str) -> &'static str {
    let text = text.trim();
    if text.contains("://") {
        return "; it is a URL: ask for the address of its host";
    }
    let is_name = text.contains('.') && text.contains(|c: char| c.is_ascii_alphabetic());
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if is_name && text.chars().all(of_name) {
        return "; it is a host's name: ask for its address, as `getent ahosts` tells it. What a name leads to is \
                often a host of somebody else's";
    }
    if text.contains('/') {
        "; it is a prefix: `firmtrie networks INDEX --in` lists what is in it"
    } else {
        ""
    }
}
