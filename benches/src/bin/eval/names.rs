//! Names and forms alone: are natural persons left out, and companies shown?
//!
//! Nothing is known of who has them but what the label's row says: no addresses, and often no country.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use firmtrie::builder::{Policy, Reason, Verdict};
use firmtrie::{Company, Field};

use crate::halves::{in_test_half, wilson};

/// A labelled name.
struct Label {
    /// What its table is divided by: a script, or nothing.
    group: String,
    is_person: bool,
    /// What says in which half it is.
    text: String,
    company: Company,
}

/// A group's title, and how many of it are wanted to be right: persons, companies.
struct Wanted {
    persons: (&'static str, f64),
    companies: (&'static str, f64),
}

/// Forms of natural persons spelt out, and companies that look as if they had one.
pub fn forms(path: &Path, wrong: bool) -> Result<String, Box<dyn Error>> {
    let mut labels = Vec::new();
    for row in csv::Reader::from_path(path)?.into_records() {
        let row = row?;
        let (label, field, text, country) = (&row[0], &row[1], &row[2], &row[3]);
        let company = match field {
            "name" => Company::new(text),
            _ => Company::new("Example Works").with(Field::LegalForm, text),
        };
        let company =
            if country.is_empty() { company } else { company.with(Field::Country, country) };
        let group = String::new();
        labels.push(Label { group, is_person: label == "sole", text: text.to_owned(), company });
    }
    let persons = ("explicit forms left out", 0.99);
    let companies = ("companies that only look like them shown", 0.98);
    tables(labels, &Wanted { persons, companies }, wrong)
}

/// Names in other scripts than the Latin one.
pub fn scripts(path: &Path, wrong: bool) -> Result<String, Box<dyn Error>> {
    let mut labels = Vec::new();
    for row in csv::Reader::from_path(path)?.into_records() {
        let row = row?;
        let (group, label, text, country) = (&row[0], &row[1], &row[2], &row[3]);
        let company = Company::new(text).with(Field::Country, country);
        let (group, text) = (format!("{group}: "), text.to_owned());
        labels.push(Label { group, is_person: label == "person", text, company });
    }
    let (persons, companies) = (("persons left out", 0.97), ("companies shown", 0.97));
    tables(labels, &Wanted { persons, companies }, wrong)
}

fn tables(labels: Vec<Label>, wanted: &Wanted, wrong: bool) -> Result<String, Box<dyn Error>> {
    let policy = Policy::strict();
    let judged: Vec<_> = labels
        .into_iter()
        .map(|label| {
            let verdict = policy.judge(&label.company, None);
            (label, verdict)
        })
        .collect();
    let mut groups: Vec<&str> = judged.iter().map(|(label, _)| label.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut written = String::new();
    for (title, is_test) in [("tuning half", false), ("test half", true)] {
        writeln!(
            written,
            "\n| {title} | names | rightly | 95 % interval | wanted |\n| --- | --- | --- | --- | --- |"
        )?;
        for (group, is_person) in groups.iter().flat_map(|group| [(group, true), (group, false)]) {
            let of = |(label, _): &&(Label, Verdict)| {
                label.group == **group
                    && label.is_person == is_person
                    && in_test_half(&label.text) == is_test
            };
            let of: Vec<_> = judged.iter().filter(of).collect();
            // An access provider is left out as such, and is no person.
            let is_right =
                |verdict: &Verdict| (verdict.reason == Some(Reason::SoleTrader)) == is_person;
            let right = of.iter().filter(|(_, verdict)| is_right(verdict)).count();
            let (what, share) = if is_person { wanted.persons } else { wanted.companies };
            let (low, high) = wilson(right, of.len());
            let rightly = right as f64 / of.len().max(1) as f64;
            let count = of.len();
            writeln!(
                written,
                "| {group}{what} | {count} | {rightly:.3} | {low:.3}-{high:.3} | {share} |"
            )?;
            if wrong && !is_test {
                let mut errors = std::io::stderr().lock();
                writeln!(errors, "-- not {group}{what}:")?;
                for (label, verdict) in of.into_iter().filter(|(_, verdict)| !is_right(verdict)) {
                    explain(&mut errors, label, verdict)?;
                }
            }
        }
    }
    Ok(written)
}

fn explain(to: &mut impl std::io::Write, label: &Label, verdict: &Verdict) -> std::io::Result<()> {
    let evidence = verdict.evidence.iter();
    let evidence: Vec<_> =
        evidence.map(|e| format!("{} {} {:?} {}", e.of, e.sign, e.found, e.points)).collect();
    let country = label.company.get(Field::Country).unwrap_or("--");
    writeln!(to, "   {country} {:?}: [{}]", label.text, evidence.join("; "))
}
