//! What is told of an entry: where it stands by the steps that were taken, and nothing that identifies
//! anybody.

use super::entry::{Entry, Step};
use super::rows::StoredEntry;
use super::store::StoreView;
use super::{ANY_COUNTRY, deadline};
use crate::error::{Error, Result};

/// One entry, if there is one of that number.
pub(super) fn one(view: &StoreView<'_>, number: u64) -> Result<Entry> {
    let entries = read(view, Some(number))?;
    let none = || Error::Registry(format!("there is no entry {number} in the registry"));
    entries.into_iter().next().ok_or_else(none)
}

/// What is told of one entry, or of all.
pub(super) fn read(view: &StoreView<'_>, number: Option<u64>) -> Result<Vec<Entry>> {
    let mut taken: Vec<(u64, Step)> = Vec::new();
    view.steps(number, |step| {
        taken.push((step.entry, step.step));
        Ok(())
    })?;
    taken.sort_by_key(|(entry, _)| *entry);
    let mut read = Vec::new();
    view.entries(number, |stored| {
        let from = taken.partition_point(|(entry, _)| *entry < stored.id);
        let steps = taken[from..].iter().take_while(|(entry, _)| *entry == stored.id);
        let steps: Vec<Step> = steps.map(|(_, step)| *step).collect();
        read.push(describe(&stored, &steps));
        Ok(())
    })?;
    Ok(read)
}

fn describe(stored: &StoredEntry, steps: &[Step]) -> Entry {
    let step = steps.last().copied().unwrap_or(Step::Received);
    let kinds = stored.kinds.split(',').filter(|kind| !kind.is_empty());
    let mut identified_by: Vec<String> = Vec::new();
    for kind in kinds {
        let kind = kind.trim_end_matches(ANY_COUNTRY);
        if !identified_by.iter().any(|known| known == kind) {
            identified_by.push(kind.to_owned());
        }
    }
    // `Lifted` is last whatever came after; the others are in their order.
    let step = if steps.contains(&Step::Lifted) { Step::Lifted } else { step };
    Entry {
        entry: stored.id,
        right: stored.right,
        received: stored.received,
        due: deadline::of(stored.received, steps.contains(&Step::Extended)),
        until: stored.until,
        step,
        identified_by,
        any_country: stored.kinds.contains(ANY_COUNTRY),
        prefixes: stored.prefixes.split_whitespace().count(),
    }
}
