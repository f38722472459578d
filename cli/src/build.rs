//! `firmtrie build`: sources in, an index out, a summary at the end.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use firmtrie::{Builder, Format, Source, Summary};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::Failure;

/// Build an index from source files
///
/// The files hold rows of start,end,asn,organisation without a header, for IPv4, IPv6 or both,
/// plain or compressed with gzip. An index that is at OUT is replaced when the new one is whole.
#[derive(Args)]
pub struct Arguments {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to put the index, such as companies.firm
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Name of the source, which answers carry [default: asn-csv]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Print the summary as JSON, on standard output
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let format = Format::AsnCsv;
    let name = arguments.source.as_deref().unwrap_or(format.as_str());
    let source = arguments.files.iter().fold(Source::new(name, format), Source::path);
    let bar = bar();
    let count = bar.clone();
    let start = Instant::now();
    let done = Builder::new()
        .source(source)
        .on_progress(move |claims| count.inc(claims))
        .write(&arguments.output);
    bar.finish_and_clear();
    report(&done?, start.elapsed(), arguments)
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

fn report(summary: &Summary, took: Duration, arguments: &Arguments) -> Result<(), Failure> {
    let path = arguments.output.display();
    let counts = &summary.metadata.counts;
    if arguments.json {
        let mut json = serde_json::to_value(counts).map_err(io::Error::from)?;
        json["output"] = path.to_string().into();
        json["bytes"] = summary.bytes.into();
        writeln!(io::stdout(), "{json}")?;
    } else {
        writeln!(
            io::stderr(),
            "{path}: {} of {} claims: {} companies behind {} IPv4 and {} IPv6 networks, {:.1} s",
            HumanBytes(summary.bytes),
            HumanCount(counts.claims),
            HumanCount(counts.companies),
            HumanCount(counts.ipv4_networks),
            HumanCount(counts.ipv6_networks),
            took.as_secs_f64(),
        )?;
    }
    Ok(())
}
