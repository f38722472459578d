//! What logs came to: the companies, the rates, the rest by reason.
//!
//! It is plain data. No address is in it, and nothing of a single visitor.

use std::collections::{BTreeMap, BTreeSet};

use firmtrie::{AnswerId, CompanyId, CompanyRecord, Snapshot, Status};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::requests::{Aside, Requests};
use super::tally::{Month, Total, Totals, date_of};
use super::tiers::Price;
use crate::Failure;
use crate::log::Broken;

/// A company among the visitors.
pub struct Visited<'a> {
    pub company: CompanyRecord<'a>,
    pub total: Total,
}

/// Requests, visits and visitors with one outcome, and what part of all visits and visitors they are.
#[derive(Debug, Default, Serialize)]
pub struct Share {
    pub requests: u64,
    pub visits: u64,
    pub visitors: u64,
    /// 0 to 1; nothing where there is no visit.
    pub of_visits: Option<f64>,
    pub of_visitors: Option<f64>,
}

/// Lines that were not understood.
#[derive(Debug, Serialize)]
pub struct BrokenLines {
    pub reason: &'static str,
    #[serde(rename = "lines")]
    pub count: u64,
    /// The first, as `access.log:17`.
    pub examples: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct OfMonth {
    pub month: String,
    /// Unique companies.
    pub companies: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

#[derive(Debug, Serialize)]
pub struct OfDay {
    pub day: String,
    pub visits: u64,
    pub identified: u64,
}

/// Everything that is told beside the companies.
#[derive(Debug, Serialize)]
pub struct Report {
    /// By which a report is known again, before it is replaced.
    pub made_by: &'static str,
    /// The first and last day with a visit.
    pub first: Option<String>,
    pub last: Option<String>,
    pub lines: u64,
    /// Blank lines, and those about columns.
    pub passed_over: u64,
    pub companies: u64,
    /// By the answers: `company`, `non_business`, `withheld`, `unknown`.
    pub visits: BTreeMap<&'static str, Share>,
    pub all: Share,
    /// Requests that are no visitor's, by reason.
    pub set_aside: BTreeMap<&'static str, u64>,
    pub broken: Vec<BrokenLines>,
    /// Logs that could not be read, or not to their end, and why.
    pub unread: Vec<String>,
    pub months: Vec<OfMonth>,
    pub days: Vec<OfDay>,
}

/// What the lines of all logs came to that are no visitor's requests.
#[derive(Debug, Default)]
pub struct Lines {
    pub count: u64,
    pub passed_over: u64,
    pub aside: [u64; Aside::ALL.len()],
    pub broken: [(u64, Vec<String>); Broken::ALL.len()],
    pub unread: Vec<String>,
}

impl Lines {
    /// Adds a block of a log, whose first line has this number, from 1.
    pub fn add(&mut self, log: &str, first: u64, read: &Requests, most: usize) {
        self.count += read.lines;
        self.passed_over += read.passed_over;
        for (all, of_block) in self.aside.iter_mut().zip(read.aside) {
            *all += of_block;
        }
        for ((count, examples), (more, places)) in self.broken.iter_mut().zip(&read.broken) {
            *count += more;
            let places = places.iter().map(|place| format!("{log}:{}", first + place));
            examples.extend(places.take(most.saturating_sub(examples.len())));
        }
    }
}

/// The companies, those with most visits first, and the report.
pub fn report<'a>(
    index: &'a Snapshot,
    lines: Lines,
    totals: &Totals,
) -> Result<(Vec<Visited<'a>>, Report), Failure> {
    let mut companies: FxHashMap<CompanyId, Total> = FxHashMap::default();
    let mut outcomes: BTreeMap<&'static str, Total> =
        Status::ALL.iter().map(|status| (status.as_str(), Total::default())).collect();
    let mut all = Total::default();
    let mut company_of: FxHashMap<AnswerId, CompanyId> = FxHashMap::default();
    for (answer, total) in &totals.answers {
        let told = index.index().answer(*answer)?;
        outcomes.entry(told.status().as_str()).or_default().add(total);
        all.add(total);
        if let Some(company) = told.company_id() {
            company_of.insert(*answer, company);
            companies.entry(company).or_default().add(total);
        }
    }
    let mut visited = companies
        .into_iter()
        .map(|(company, total)| Ok(Visited { company: index.index().company(company)?, total }))
        .collect::<Result<Vec<_>, Failure>>()?;
    visited.sort_by(|a, b| {
        let order = |of: &Visited<'a>| {
            (std::cmp::Reverse((of.total.visits, of.total.requests)), of.company.name())
        };
        order(a).cmp(&order(b))
    });
    let days: BTreeMap<_, _> = totals.days.iter().collect();
    let day = |day: Option<&&u16>| day.map(|day| date_of(**day).to_string());
    let set_aside = Aside::ALL.into_iter().zip(lines.aside).filter(|(_, count)| *count > 0);
    let broken = Broken::ALL.into_iter().zip(lines.broken).filter(|(_, (count, _))| *count > 0);
    let report = Report {
        made_by: "firmtrie identify",
        first: day(days.keys().next()),
        last: day(days.keys().next_back()),
        lines: lines.count,
        passed_over: lines.passed_over,
        companies: visited.len() as u64,
        visits: outcomes.iter().map(|(status, total)| (*status, share(total, &all))).collect(),
        all: share(&all, &all),
        set_aside: set_aside.map(|(reason, count)| (reason.as_str(), count)).collect(),
        broken: broken
            .map(|(reason, (lines, examples))| BrokenLines {
                reason: reason.as_str(),
                count: lines,
                examples,
            })
            .collect(),
        unread: lines.unread,
        months: months(totals, &company_of),
        days: days
            .iter()
            .map(|(day, count)| OfDay {
                day: date_of(**day).to_string(),
                visits: count.visits,
                identified: count.identified,
            })
            .collect(),
    };
    Ok((visited, report))
}

fn share(of: &Total, all: &Total) -> Share {
    Share {
        requests: of.requests,
        visits: of.visits,
        visitors: of.visitors,
        of_visits: part(of.visits, all.visits),
        of_visitors: part(of.visitors, all.visitors),
    }
}

/// A part of all, to four places: more would be made up.
#[allow(clippy::cast_precision_loss, reason = "four places are far from the last")]
fn part(of: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| (of as f64 / all as f64 * 10_000.0).round() / 10_000.0)
}

fn months(totals: &Totals, company_of: &FxHashMap<AnswerId, CompanyId>) -> Vec<OfMonth> {
    let mut companies: BTreeMap<Month, FxHashSet<CompanyId>> = BTreeMap::new();
    let all: BTreeSet<Month> = totals.months.iter().map(|(month, _)| *month).collect();
    for (month, answer) in &totals.months {
        if let Some(company) = company_of.get(answer) {
            companies.entry(*month).or_default().insert(*company);
        }
    }
    let count = |month| companies.get(&month).map_or(0, |companies| companies.len() as u64);
    let of = |month: Month| OfMonth { month: month.text(), companies: count(month), price: None };
    all.into_iter().map(of).collect()
}
