//! The last index stands guard over the next: one that has lost or changed too much of it is not put in its place.
//!
//! Much is lost when a source is empty, cut, or has changed its format, and seldom otherwise. What is new is
//! never too much. No name is told, since whose network went may have objected.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diff::{Change, Diff, NetworkChange};
use crate::error::{Error, Result};
use crate::net::{AddressRange, Family};
use crate::reader::{Index, Snapshot};

/// Addresses of companies, by family.
type Addresses = [f64; 2];

/// Refuses a new index if more than this part of the last one's companies, or of the addresses of companies in
/// either family, went or changed hands.
///
/// # Errors
/// [`Error::Output`] then; what [`Index::open`] says of the last index.
pub(super) fn check(last: &Path, new: &[u8], most: f64) -> Result<()> {
    let old = Snapshot::new(Index::open(last)?);
    let new = Snapshot::new(Index::from_bytes(new)?);
    let diff = Diff::new(&old, &new)?;
    let mut of_companies = Addresses::default();
    for network in old.networks() {
        let network = network?;
        if network.hit().is_some() {
            count(&mut of_companies, &network.prefix().into());
        }
    }
    let (mut lost, mut by_source) = (Addresses::default(), BTreeMap::<String, Addresses>::new());
    for change in diff.networks() {
        let change = change?;
        if matches!(change.change, Change::Went | Change::ChangedHands) {
            count(&mut lost, &change.range);
            for source in sources(&old, &change)? {
                count(by_source.entry(source).or_default(), &change.range);
            }
        }
    }
    let went = diff.companies().changes().iter().filter(|of| of.change == Change::Went).count();
    let (companies, _) = diff.companies().counts();
    let mut told = Vec::new();
    let mut tell = |part: f64, what: &str| {
        if part > most {
            told.push(format!("{:.2}% of {what}", 100.0 * part));
        }
    };
    // Companies are numbered by 32 bits.
    tell(part(f64::from(went as u32), f64::from(companies as u32)), "its companies went");
    for (family, what) in [(0, "IPv4"), (1, "IPv6")] {
        let what = format!("its {what} addresses of companies went or changed hands");
        tell(part(lost[family], of_companies[family]), &what);
    }
    if told.is_empty() {
        return Ok(());
    }
    let worst =
        by_source.iter().max_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let source = worst
        .map(|(source, _)| format!(", most of it said by the source {source}"))
        .unwrap_or_default();
    Err(Error::Output {
        path: last.to_path_buf(),
        reason: format!(
            "is kept: {}{source}, and {:.2}% is allowed; build to another file and compare both with `firmtrie \
             diff`, then allow more, or put the source right",
            told.join(", "),
            100.0 * most
        ),
    })
}

#[allow(clippy::cast_precision_loss, reason = "parts are told to a tenth of a percent")]
fn count(addresses: &mut Addresses, range: &AddressRange) {
    let family = usize::from(range.family() == Family::V6);
    addresses[family] += range.size_minus_one() as f64 + 1.0;
}

fn part(of: f64, all: f64) -> f64 {
    if all > 0.0 { of / all } else { 0.0 }
}

/// Who said what went.
fn sources(old: &Snapshot, change: &NetworkChange<'_>) -> Result<Vec<String>> {
    let hit = old.lookup(change.range.first())?;
    let sources = hit.map(|hit| hit.sources()).transpose()?.unwrap_or_default();
    Ok(sources.into_iter().map(str::to_owned).collect())
}
