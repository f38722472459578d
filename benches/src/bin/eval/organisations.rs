//! Holders of autonomous systems: are they told as they were labelled?
//!
//! Every labelled holder is judged by its name and the IPv4 space that all systems of its name hold
//! in the full real set, as a build judges it.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;

use firmtrie::builder::{Policy, Reason, Verdict};
use firmtrie::{Company, Kind};

use crate::halves::{in_test_half, wilson};

struct Label {
    asn: u32,
    holder: String,
    like_a_person: bool,
    random: bool,
}

struct Judged {
    label: Label,
    name: String,
    addresses: u64,
    verdict: Verdict,
}

impl Judged {
    fn shown(&self) -> bool {
        self.verdict.reason.is_none()
    }

    fn is(&self, labels: &[&str]) -> bool {
        labels.contains(&self.label.holder.as_str())
    }
}

/// The tables of both halves; with `wrong`, what went wrong in the tuning half goes to standard error.
pub fn evaluate(data: &Path, wrong: bool) -> Result<String, Box<dyn Error>> {
    let holders = holders(&data.join("full/asn"))?;
    let halves = labels(&data.join("labels/organisations.csv"))?;
    let test = |label: &Label| in_test_half(&label.asn.to_string());
    let halves: (Vec<_>, Vec<_>) = halves.into_iter().partition(|label| !test(label));
    let mut written = String::new();
    for (title, labels) in [("tuning half", halves.0), ("test half", halves.1)] {
        let (judged, reviewed) = judge(labels, &holders);
        if title == "tuning half" && wrong {
            explain(&judged)?;
        }
        let table = table(title, &judged);
        writeln!(
            written,
            "\n{table}\n{reviewed} more are large networks that the policy knows by name; they are not counted."
        )?;
    }
    Ok(written)
}

/// Judges the holders; those whom the policy knows by name are only counted.
fn judge(labels: Vec<Label>, holders: &HashMap<u32, (String, u64)>) -> (Vec<Judged>, usize) {
    let policy = Policy::strict();
    let (mut judged, mut reviewed) = (Vec::new(), 0);
    for label in labels {
        let Some((name, addresses)) = holders.get(&label.asn) else { continue };
        let verdict = policy.judge(&Company::new(name.as_str()), Some(*addresses));
        // It would only show that it can read.
        if verdict.evidence.iter().any(|evidence| evidence.sign == "reviewed_network") {
            reviewed += 1;
            continue;
        }
        judged.push(Judged { label, name: name.clone(), addresses: *addresses, verdict });
    }
    (judged, reviewed)
}

fn labels(path: &Path) -> Result<Vec<Label>, Box<dyn Error>> {
    let mut labels = Vec::new();
    for row in csv::Reader::from_path(path)?.into_records() {
        let row = row?;
        labels.push(Label {
            asn: row[0].parse()?,
            holder: row[1].to_owned(),
            like_a_person: &row[2] == "yes",
            random: &row[3] == "random",
        });
    }
    Ok(labels)
}

/// Of each autonomous system the holder's name, and the IPv4 addresses that the name holds.
fn holders(folder: &Path) -> Result<HashMap<u32, (String, u64)>, Box<dyn Error>> {
    let (mut names, mut held) = (HashMap::new(), HashMap::<String, u64>::new());
    for file in ["asn-ipv4.csv", "asn-ipv6.csv"] {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_path(folder.join(file))?;
        for row in rows.records() {
            let row = row?;
            names.insert(row[2].parse()?, row[3].to_owned());
            if let (IpAddr::V4(first), IpAddr::V4(last)) = (row[0].parse()?, row[1].parse()?) {
                let size = u64::from(last.to_bits() - first.to_bits()) + 1;
                *held.entry(row[3].to_owned()).or_default() += size;
            }
        }
    }
    let with_space = |(asn, name): (u32, String)| {
        let addresses = held.get(&name).copied().unwrap_or_default();
        (asn, (name, addresses))
    };
    Ok(names.into_iter().map(with_space).collect())
}

/// A question about some of the judged: is it answered rightly?
type Question<'a> = (&'a str, f64, Box<dyn Fn(&Judged) -> bool>, Box<dyn Fn(&Judged) -> bool>);

const ACCESS: [&str; 2] = ["isp", "mobile"];

fn questions() -> Vec<Question<'static>> {
    let non_business = |one: &Judged| one.verdict.reason == Some(Reason::NonBusiness);
    vec![
        (
            "persons and sole traders left out",
            0.98,
            Box::new(|one| one.is(&["person"])),
            Box::new(|one| !one.shown()),
        ),
        (
            "companies named like people shown",
            0.98,
            Box::new(|one| one.label.like_a_person),
            Box::new(Judged::shown),
        ),
        ("businesses shown", 0.97, Box::new(|one| one.is(&["business"])), Box::new(Judged::shown)),
        // Only a draw by chance holds as many of each as there are.
        (
            "of what is shown, of those drawn by chance, neither access, hosting nor persons",
            0.95,
            Box::new(|one| one.shown() && one.label.random),
            Box::new(|one| !one.is(&["isp", "mobile", "hosting", "person"])),
        ),
        ("access left out", 0.97, Box::new(|one| one.is(&ACCESS)), Box::new(|one| !one.shown())),
        (
            "the same, of those drawn by chance",
            0.97,
            Box::new(|one| one.is(&ACCESS) && one.label.random),
            Box::new(|one| !one.shown()),
        ),
        ("hosting left out", 0.95, Box::new(|one| one.is(&["hosting"])), Box::new(non_business)),
        (
            "education told",
            0.95,
            Box::new(|one| one.is(&["education"])),
            Box::new(|one| one.verdict.kind == Kind::Education),
        ),
        (
            "government told",
            0.85,
            Box::new(|one| one.is(&["government"])),
            Box::new(|one| one.verdict.kind == Kind::Government),
        ),
    ]
}

fn table(half: &str, judged: &[Judged]) -> String {
    let mut table = format!(
        "| {half} | organisations | rightly | 95 % interval | by IPv4 space | wanted |\n| --- | --- | --- | --- | --- | --- |\n"
    );
    for (title, wanted, of, right) in questions() {
        let asked: Vec<&Judged> = judged.iter().filter(|one| of(one)).collect();
        let space = |of: &mut dyn Iterator<Item = &&Judged>| {
            of.map(|one| one.addresses).sum::<u64>() as f64
        };
        let rightly = asked.iter().filter(|one| right(one)).count();
        let (low, high) = wilson(rightly, asked.len());
        let by_space =
            space(&mut asked.iter().filter(|one| right(one))) / space(&mut asked.iter()).max(1.0);
        let _ = writeln!(
            table,
            "| {title} | {} | {:.3} | {low:.3}-{high:.3} | {by_space:.3} | {wanted} |",
            asked.len(),
            rightly as f64 / asked.len().max(1) as f64,
        );
    }
    table
}

/// What went wrong, and on what evidence.
fn explain(judged: &[Judged]) -> std::io::Result<()> {
    let mut errors = std::io::stderr().lock();
    for (title, _, of, right) in questions() {
        writeln!(errors, "-- not {title}:")?;
        for one in judged.iter().filter(|one| of(one) && !right(one)) {
            let evidence = one.verdict.evidence.iter();
            let evidence: Vec<_> = evidence
                .map(|e| format!("{} {} {:?} {}", e.of, e.sign, e.found, e.points))
                .collect();
            let (kind, reason) = (one.verdict.kind, one.verdict.reason);
            writeln!(
                errors,
                "   {} {:?} {}: {kind} {reason:?} [{}]",
                one.label.asn,
                one.name,
                one.addresses,
                evidence.join("; ")
            )?;
        }
    }
    Ok(())
}
