//! What is told of entries: where each stands by the steps that were taken, and nothing that identifies
//! anybody; and, to who asks for that, what was sealed.

use super::entry::{Entry, Step, Taken};
use super::rows::StoredEntry;
use super::seal::{sealed_of, unsealed};
use super::store::StoreView;
use super::{ANY_COUNTRY, Registry, deadline};
use crate::error::{Error, Result};

impl Registry {
    /// One entry.
    ///
    /// # Errors
    /// If there is no such entry.
    pub fn entry(&self, number: u64) -> Result<Entry> {
        self.store.view(|view| one(view, number))
    }

    /// Every entry, by its number.
    ///
    /// # Errors
    /// If the registry cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        self.store.view(|view| read(view, None))
    }

    /// Entries that have no answer yet, the one due first before the others.
    ///
    /// # Errors
    /// If the registry cannot be read.
    pub fn due(&self) -> Result<Vec<Entry>> {
        let mut entries = self.entries()?;
        entries.retain(|entry| !entry.step.is_final());
        entries.sort_by_key(|entry| (entry.due, entry.entry));
        Ok(entries)
    }

    /// Every step that was taken, of one entry or of all, in the order in which they were recorded.
    ///
    /// # Errors
    /// If there is no such entry.
    pub fn history(&self, entry: Option<u64>) -> Result<Vec<Taken>> {
        let mut taken = Vec::new();
        self.store.view(|view| {
            if let Some(entry) = entry {
                one(view, entry)?;
            }
            view.steps(entry, |step| {
                let (entry, day, recorded) = (step.entry, step.day, step.recorded);
                taken.push(Taken { entry, step: step.step, day, recorded });
                Ok(())
            })
        })?;
        Ok(taken)
    }

    /// What was sealed of an entry and its steps: what it is, and the text.
    ///
    /// # Errors
    /// If there is no such entry, or what is sealed is damaged.
    pub fn unseal(&self, number: u64) -> Result<Vec<(String, String)>> {
        let mut texts = Vec::new();
        self.store.view(|view| {
            one(view, number)?;
            view.entries(Some(number), |entry| {
                let sealed = (entry.id, entry.right, entry.sealed.as_deref());
                let Some(text) = unsealed(&self.store, &self.key, sealed)? else { return Ok(()) };
                let mut push = |what: &str, text: Option<String>| {
                    texts.extend(text.map(|text| (what.to_owned(), text)));
                };
                push("channel", text.channel);
                push("reason", text.reason);
                if let Some((field, new, old)) = text.rectified {
                    push("field", Some(field.as_str().to_owned()));
                    push("new", Some(new));
                    push("old", old);
                }
                Ok(())
            })?;
            view.steps(Some(number), |step| {
                if let Some(sealed) = &step.sealed {
                    let what = step.step.as_str();
                    let text = self.key.open(sealed, &sealed_of(number, what))?;
                    texts.push((what.to_owned(), text));
                }
                Ok(())
            })
        })?;
        Ok(texts)
    }
}

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
