//! How companies and the report look.

use std::io::Write;

use clap::builder::TypedValueParser;
use firmtrie::Field;
use indicatif::HumanCount;
use jiff::Timestamp;
use serde_json::Value;

use super::report::{OfDay, Report, Visited};
use super::tiers::Price;
use crate::Failure;
use crate::table::{self, Format, Table};

/// A column of a company's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Company,
    Visits,
    Pages,
    Visitors,
    Requests,
    First,
    Last,
    Fact(Field),
}

const COUNTS: [(&str, Column); 7] = [
    ("company", Column::Company),
    ("visits", Column::Visits),
    ("pages", Column::Pages),
    ("visitors", Column::Visitors),
    ("requests", Column::Requests),
    ("first", Column::First),
    ("last", Column::Last),
];

/// What a row has, if nothing else is asked for.
const USUAL: [Column; 8] = [
    Column::Company,
    Column::DOMAIN,
    Column::COUNTRY,
    Column::Visits,
    Column::Pages,
    Column::Visitors,
    Column::First,
    Column::Last,
];

impl Column {
    pub const DOMAIN: Self = Self::Fact(Field::Domain);
    pub const COUNTRY: Self = Self::Fact(Field::Country);

    pub fn name(self) -> &'static str {
        match self {
            Self::Fact(field) => field.as_str(),
            of => COUNTS.iter().find(|(_, column)| *column == of).map_or("", |(name, _)| name),
        }
    }

    /// Reads the name of a column.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        table::parser(table::with_facts(&COUNTS, Self::Fact))
    }

    /// What a company has there.
    pub fn of(self, visited: &Visited<'_>) -> Value {
        let Visited { company, total } = visited;
        match self {
            Self::Company => company.name().into(),
            Self::Visits => total.visits.into(),
            Self::Pages => total.pages.into(),
            Self::Visitors => total.visitors.into(),
            Self::Requests => total.requests.into(),
            Self::First => total.first.map(moment).into(),
            Self::Last => total.first.map(|_| moment(total.last)).into(),
            Self::Fact(field) => company.get(field).into(),
        }
    }
}

/// A moment, in UTC.
fn moment(seconds: u32) -> String {
    Timestamp::from_second(seconds.into()).map(|moment| moment.to_string()).unwrap_or_default()
}

/// Writes a row for each company.
pub fn companies(
    companies: &[Visited<'_>],
    format: Format,
    columns: Option<&[Column]>,
    output: impl Write,
) -> Result<(), Failure> {
    let columns = columns.unwrap_or(&USUAL);
    let names = columns.iter().map(|column| column.name()).collect();
    let mut table = Table::new(format, names, output)?;
    for visited in companies {
        table.row(columns.iter().map(|column| column.of(visited)).collect())?;
    }
    table.finish()
}

/// The report, for people.
pub fn summary(report: &Report) -> String {
    let mut lines = vec![("read", read(report))];
    let mut identified = String::from("no visit");
    if let Some(share) = report.visits.get("company").filter(|_| report.all.visits > 0) {
        identified = format!(
            "{} of {} visits, {} of {} visitors, by {}",
            percent(share.of_visits),
            HumanCount(report.all.visits),
            percent(share.of_visitors),
            HumanCount(report.all.visitors),
            counted(report.companies, "company", "companies"),
        );
    }
    lines.push(("identified", identified));
    let rest =
        report.visits.iter().filter(|(status, share)| **status != "company" && share.visits > 0);
    let rest: Vec<_> =
        rest.map(|(status, share)| format!("{status} {}", percent(share.of_visits))).collect();
    lines.push(("the rest", rest.join(", ")));
    let aside =
        report.set_aside.iter().map(|(reason, count)| format!("{reason} {}", HumanCount(*count)));
    lines.push(("set aside", aside.collect::<Vec<_>>().join(", ")));
    for broken in &report.broken {
        let examples = broken.examples.join(", ");
        let text =
            format!("{} {}: {examples}", broken.reason, counted(broken.count, "line", "lines"));
        lines.push(("not read", text));
    }
    for month in &report.months {
        let text = format!("{} {}", month.month, counted(month.companies, "company", "companies"));
        let price = month.price.as_ref().map(priced).unwrap_or_default();
        lines.push(("month", text + &price));
    }
    if report.days.len() > 1 {
        let (first, last) = (&report.days[0].day, &report.days[report.days.len() - 1].day);
        lines.push(("by day", format!("{} {first} to {last}", sparkline(&report.days))));
    }
    lines.retain(|(_, text)| !text.is_empty());
    let lines: Vec<_> = lines.iter().map(|(what, text)| format!("{what:<12}{text}\n")).collect();
    lines.concat()
}

fn read(report: &Report) -> String {
    let lines = counted(report.lines, "line", "lines");
    match (&report.first, &report.last) {
        (Some(first), Some(last)) => format!("{lines}, visits of {first} to {last}"),
        _ => lines,
    }
}

fn priced(price: &Price) -> String {
    let Price { amount, currency, tier } = price;
    match (amount, currency, tier) {
        (Some(amount), Some(currency), Some(tier)) => {
            format!(", {amount} {currency} (tier {tier})")
        }
        (Some(amount), None, Some(tier)) => format!(", {amount} (tier {tier})"),
        _ => ", no tier of the table: no price".to_owned(),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", HumanCount(count), if count == 1 { one } else { many })
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}

/// So many days fit on a line; of more, neighbours share a bar.
const BARS: usize = 60;

/// Visits by day, the most as a full bar; a day without a visit is in it too.
fn sparkline(days: &[OfDay]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let number =
        |day: &OfDay| day.day.parse().ok().and_then(crate::log::time::day).map_or(0, usize::from);
    let first = days.first().map_or(0, number);
    let count = days.last().map_or(0, number) - first + 1;
    let width = count.div_ceil(BARS);
    let mut bars = vec![0; count.div_ceil(width)];
    for day in days {
        bars[(number(day) - first) / width] += day.visits;
    }
    let most = bars.iter().copied().max().unwrap_or(0).max(1);
    bars.into_iter().map(|visits| LEVELS[(visits * 7).div_ceil(most) as usize]).collect()
}
