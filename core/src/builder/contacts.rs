//! Contacts: which of them join their companies.
//!
//! A contact is taken in if the policy asks for it and nobody objected: neither its mailbox nor the same
//! person, at the same company, under another mailbox. Whose mailbox objected takes out its company.

use rustc_hash::FxHashMap;

use super::gather::Gathered;
use super::objections::Objections;
use super::profile::{Profile, SourcedFact};
use super::rules::Rules;
use crate::company::{Contact, Field};
use crate::identity::{Identifier, person};

/// Adds the contacts that the policy takes in to their companies, which `keys` finds; gives how many of
/// each file.
pub(super) fn take_contacts(
    files: &[Gathered],
    keys: &FxHashMap<&str, u32>,
    profiles: &mut [Profile],
    rules: Rules,
) -> Vec<u64> {
    let gone = Gone::of(files, keys, profiles, rules.objections);
    files.iter().map(|file| take_from(file, keys, profiles, rules, &gone)).collect()
}

/// The contacts of all files whose mailbox objected or withdrew.
#[derive(Default)]
struct Gone<'a> {
    /// Their names, and all that their companies are known by.
    all: Vec<(&'a str, Vec<Identifier>)>,
    /// Who has a word in their name.
    by_word: FxHashMap<String, Vec<usize>>,
}

impl<'a> Gone<'a> {
    fn of(
        files: &'a [Gathered],
        keys: &FxHashMap<&str, u32>,
        profiles: &[Profile],
        objections: &Objections,
    ) -> Self {
        let mut gone = Self::default();
        for row in files.iter().flat_map(|file| &file.said.contacts) {
            let contact = Contact::read(&row.contact);
            if let Some(profile) = keys.get(row.company.as_str())
                && objections.of_contact(&contact).1
            {
                for word in person::words(contact.name) {
                    gone.by_word.entry(word).or_default().push(gone.all.len());
                }
                let company = Identifier::of_facts(|| profiles[*profile as usize].facts());
                gone.all.push((contact.name, company));
            }
        }
        gone
    }

    /// Is somebody one of them, at the same company, whatever mailbox another source has of them?
    fn has(&self, name: &str, profile: &Profile) -> bool {
        if self.all.is_empty() {
            return false;
        }
        let alike = person::words(name).into_iter().filter_map(|word| self.by_word.get(&word));
        alike.flatten().map(|at| &self.all[*at]).any(|(gone, company)| {
            person::is_same(gone, name) && {
                let known_by = Identifier::of_facts(|| profile.facts());
                company.iter().any(|by| known_by.iter().any(|known| by.means(known)))
            }
        })
    }
}

/// Adds the contacts of a file; gives how many.
fn take_from(
    file: &Gathered,
    keys: &FxHashMap<&str, u32>,
    profiles: &mut [Profile],
    rules: Rules,
    gone: &Gone,
) -> u64 {
    let mut taken = 0;
    for row in &file.said.contacts {
        let Some(profile) = keys.get(row.company.as_str()) else { continue };
        let profile = &mut profiles[*profile as usize];
        let contact = Contact::read(&row.contact);
        // Whose mailbox objected is out, whether or not the policy asks for contacts.
        let (hidden, out) = rules.objections.of_contact(&contact);
        profile.hidden = profile.hidden.max(hidden);
        if out || gone.has(contact.name, profile) {
            continue;
        }
        let industry = profile.get(Field::Industry);
        if rules.policy.takes_contact(&contact, industry, row.date, rules.as_of) {
            taken += 1;
            let (field, value) = (Field::Contact, row.contact.clone());
            profile.facts.push(SourcedFact { field, value, source: file.source });
        }
    }
    taken
}
