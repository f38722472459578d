//! `firmtrie identify`: access logs in, companies out.
//!
//! A line becomes a request (`requests`), requests become counts (`tally`), on all threads (`count`), and the
//! counts a report (`report`, `tiers`) that is shown (`show`). Whom the operator leaves out is in `exclude`;
//! `follow` goes on with a log as it grows.

mod count;
mod exclude;
mod follow;
mod report;
mod requests;
mod show;
mod tally;
mod tiers;

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use clap::Args;
use firmtrie::bots::Bots;
use firmtrie::net::special_purpose;
use firmtrie::output::{Output, Outputs, Sort};
use firmtrie::registry::{Date, day};
use indicatif::{ProgressBar, ProgressStyle};

use crate::log::arguments::LogArguments;
use crate::log::input::{Place, Reading, by_time, places, read};
use crate::log::time;
use crate::table::Format;
use crate::{Failure, open};
use count::Counting;
use exclude::Excluded;
use requests::{Reader, World};
use show::Column;
use tiers::Tiers;

/// A line that is longer, in bytes, is cut: no server writes one.
const LONGEST: usize = 1 << 20;

/// Say which companies are behind the visits in access logs
///
/// A row for each company: its visits, pages and visitors, and when it came first and last. Below it stands
/// which part of visits and visitors is identified, and why the rest is not; with --format csv and jsonl that
/// goes to standard error. A visit is what a visitor (an address and a user agent) asks for with pauses of at
/// most half an hour. Programs, and addresses that no visitor has, are set aside. Lines that are not
/// understood are counted, and told by the first of them. No address is written anywhere.
///
/// Logs are read as the Common and Combined formats, with the X-Forwarded-For that NGINX adds; as JSON Lines
/// (Caddy, Traefik), CSV, TSV, and the W3C format of CloudFront and IIS; or by the format string of an NGINX
/// or Apache. Which it is, their first lines show. They may be compressed with gzip or Zstandard.
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie identify /var/log/nginx/access.log* --index companies.firm
  firmtrie identify --follow /var/log/nginx/access.log --index companies.firm
  zcat old.gz | firmtrie identify - --index companies.firm --format csv > companies.csv
  firmtrie identify app.jsonl --column address=client.ip --column time=at --index companies.firm
  firmtrie identify access.log --log-format '%h %l %u %t \"%r\" %>s %b' --index companies.firm
  firmtrie identify access.log --trusted-proxies 10.0.0.0/8 --tiers tiers.csv --index companies.firm")]
pub struct Arguments {
    /// Logs, which are read in the order of time; patterns as in access.log*; - is standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
    #[command(flatten)]
    index: open::NamedIndex,
    #[command(flatten)]
    reading: LogArguments,
    /// Lists of who is left out: prefixes, domains, AS numbers, companies; one on each line
    #[arg(long, value_name = "FILE")]
    exclude: Vec<PathBuf>,
    /// From this day on, by the logs' calendar
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<Date>,
    /// Up to this day, which belongs to it
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    /// What a month costs, as CSV with the columns from, to, price and currency
    #[arg(long, value_name = "FILE")]
    tiers: Option<PathBuf>,
    /// How companies are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    format: Format,
    /// What companies have, such as company,domain,vat,visits
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = Column::parser())]
    fields: Option<Vec<Column>>,
    /// Write everything else as JSON to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Follow a log as it grows, and print a row for each visit of a company when it begins
    ///
    /// A log that is rotated is followed to the next one, and new objections and a new index are taken over.
    #[arg(short, long, conflicts_with_all = ["tiers", "report"])]
    follow: bool,
    /// End with an error at the first line that is not understood
    #[arg(long)]
    deny_broken: bool,
    /// Say nothing but companies and errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let reading = arguments.reading.reading(LONGEST)?;
    let places = places(&arguments.logs).map_err(Failure::Error)?;
    let places = if arguments.follow { places } else { by_time(places, &reading) };
    let reader = reader(arguments)?;
    let logs: Vec<_> = places.iter().map(Place::name).collect();
    let counting = Counting { reader: &reader, names: &logs, deny_broken: arguments.deny_broken };
    if arguments.follow {
        let [place] = &places[..] else {
            return Err(Failure::Usage("--follow follows one log; name one, or -".into()));
        };
        return follow::run(arguments, &counting, place, reading);
    }
    all(arguments, &places, &counting, reading)
}

/// Counts logs to their end, and shows what they came to.
fn all(
    arguments: &Arguments,
    places: &[Place],
    counting: &Counting<'_>,
    reading: Reading,
) -> Result<(), Failure> {
    let outputs = report_outputs(arguments, places)?;
    let tiers = arguments.tiers.as_deref().map(Tiers::read).transpose()?;
    let index = arguments.index.snapshot()?;
    let excluded = Excluded::read(&arguments.exclude, index.index())?;
    for unknown in excluded.unknown.iter().filter(|_| !arguments.quiet) {
        writeln!(io::stderr(), "{unknown}: nobody in the index is called so")?;
    }
    let world = Arc::new(World { index, excluded });
    let bytes = Arc::new(AtomicU64::new(0));
    let bar = bar(places, &bytes);
    let pieces = read(places.to_vec(), reading, bytes);
    let counted = counting.all(&pieces, || Ok(world.clone()), |_, _| Ok(()));
    bar.finish_and_clear();
    let (lines, totals) = counted?;
    let (companies, mut report) = report::report(&world.index, lines, &totals)?;
    if let Some(tiers) = tiers {
        for month in &mut report.months {
            month.price = Some(tiers.price(month.companies));
        }
    }
    let output = BufWriter::new(io::stdout().lock());
    show::companies(&companies, arguments.format, arguments.fields.as_deref(), output)?;
    if arguments.report.is_some() {
        let mut json = serde_json::to_string_pretty(&report).map_err(io::Error::from)?;
        json.push('\n');
        outputs.write(&[json.into_bytes()])?;
    }
    if !arguments.quiet {
        let text = show::summary(&report);
        match arguments.format {
            Format::Table => write!(io::stdout(), "\n{text}")?,
            _ => write!(io::stderr(), "{text}")?,
        }
    }
    let broken: u64 = report.broken.iter().map(|broken| broken.count).sum();
    match &report.unread[..] {
        [] if broken > 0 && broken + report.passed_over == report.lines => {
            let reason = "no line was understood; say --log-format, or which column holds what, as in --column \
                          address=3";
            Err(Failure::Error(reason.into()))
        }
        [] => Ok(()),
        unread => {
            let unread = unread.join("; ");
            Err(Failure::Error(format!("{unread}; what was read before is counted")))
        }
    }
}

fn reader(arguments: &Arguments) -> Result<Reader, Failure> {
    let end = |date: Option<Date>, else_: u16| date.map_or(Some(else_), time::day);
    let period = end(arguments.since, 0).zip(end(arguments.until, u16::MAX));
    let period =
        period.ok_or_else(|| Failure::Usage("a period lies between 1970 and 2149".into()))?;
    if period.0 > period.1 {
        return Err(Failure::Usage("--since is after --until: no day is between".into()));
    }
    Ok(Reader {
        bots: Bots::new(),
        special_purpose: special_purpose(),
        proxies: arguments.reading.proxies()?,
        period,
        secret: OnceLock::new(),
    })
}

/// How far the reading is, on a terminal.
fn bar(places: &[Place], read: &Arc<AtomicU64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let size = |place: &Place| match place {
        Place::File(path) => fs::metadata(path).map_or(0, |file| file.len()),
        Place::StandardInput => 0,
    };
    let bar = ProgressBar::new(places.iter().map(size).sum());
    let style = "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
    bar.set_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let (shown, read) = (bar.clone(), read.clone());
    thread::spawn(move || {
        while !shown.is_finished() {
            shown.set_position(read.load(Ordering::Relaxed));
            thread::sleep(Duration::from_millis(100));
        }
    });
    bar
}

/// Where the report goes. That it can go there is known before a log is read.
fn report_outputs(arguments: &Arguments, places: &[Place]) -> Result<Outputs, Failure> {
    let mut outputs = Outputs::new(false);
    if let Some(path) = &arguments.report {
        outputs.add(Output::named(path), Sort::Visits);
    }
    let mut inputs = arguments.index.files()?;
    inputs.extend(places.iter().filter_map(Place::path));
    inputs.extend(arguments.exclude.iter().chain(&arguments.tiers).cloned());
    outputs.check(&inputs)?;
    Ok(outputs)
}
