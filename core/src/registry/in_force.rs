//! What the registry holds on a day: who is out, which space, which contacts, what is put right.
//!
//! Made of all entries that are neither lifted, refused nor over, in sorted arrays: a build asks for
//! millions of names, and a reader for every company of an index once.

use ipnet::IpNet;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::{Right, Step, Text};
use super::key::{Hash, Key};
use super::store::Store;
use crate::company::{Contact, Field};
use crate::error::Result;
use crate::identity::Identifier;

/// Why somebody is out: they objected, or something is looked into. Objections weigh more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Hidden {
    Restricted,
    OptedOut,
}

/// What holds on a day.
pub(crate) struct InForce {
    key: Key,
    /// Hashes of who is out, ascending, each once.
    hidden: Vec<(Hash, Hidden)>,
    /// Space that is out, with whatever is inside.
    prefixes: Vec<(IpNet, Hidden)>,
    /// Hashes of contacts who withdrew.
    withdrawn: FxHashSet<Hash>,
    /// What is put right, by whose: the later entry last.
    rectified: FxHashMap<Hash, Vec<(u64, Field, String)>>,
}

pub(super) fn read(store: &Store, key: &Key, day: Date) -> Result<InForce> {
    let mut over = FxHashSet::default();
    let (refused, lifted) = (Step::Refused as u8, Step::Lifted as u8);
    store.steps(&format!("step IN ({refused}, {lifted})"), |step| {
        over.insert(step.entry);
        Ok(())
    })?;
    let mut in_force = InForce {
        key: key.clone(),
        hidden: Vec::new(),
        prefixes: Vec::new(),
        withdrawn: FxHashSet::default(),
        rectified: FxHashMap::default(),
    };
    store.entries("TRUE", |entry| {
        if over.contains(&entry.id) || entry.until.is_some_and(|until| until < day) {
            return Ok(());
        }
        if entry.right.hides() {
            let hidden = if entry.right == Right::Restriction {
                Hidden::Restricted
            } else {
                Hidden::OptedOut
            };
            in_force.hidden.extend(entry.hashes.iter().map(|hash| (*hash, hidden)));
            for prefix in entry.prefixes.split_whitespace() {
                let prefix = prefix.parse().map_err(|_| store.refuse("a prefix in it is none"))?;
                in_force.prefixes.push((prefix, hidden));
            }
        } else if entry.right == Right::Withdrawal {
            in_force.withdrawn.extend(entry.hashes);
        } else if let (Right::Rectification, Some(sealed)) = (entry.right, &entry.sealed) {
            let text = key.open(sealed, entry.right.as_str())?;
            let text: Text = serde_json::from_str(&text)
                .map_err(|error| store.refuse(&format!("a sealed text is damaged: {error}")))?;
            if let Some((field, new, _)) = text.rectified {
                for hash in entry.hashes {
                    in_force.rectified.entry(hash).or_default().push((
                        entry.id,
                        field,
                        new.clone(),
                    ));
                }
            }
        }
        Ok(())
    })?;
    in_force.settle();
    Ok(in_force)
}

impl InForce {
    /// Sorts what was read, and keeps of several reasons the heavier.
    fn settle(&mut self) {
        self.hidden.sort_unstable_by_key(|(hash, hidden)| (*hash, std::cmp::Reverse(*hidden)));
        self.hidden.dedup_by_key(|(hash, _)| *hash);
        self.prefixes.sort_unstable();
        self.prefixes.dedup();
    }

    /// Is a firm known by this out, and why?
    pub(crate) fn hides(&self, identifier: &Identifier) -> Option<Hidden> {
        let mut found = None;
        if !self.hidden.is_empty() {
            identifier.asked_keys(|key| found = found.max(self.hidden(self.key.hash(key))));
        }
        found
    }

    fn hidden(&self, hash: Hash) -> Option<Hidden> {
        let at = self.hidden.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(self.hidden[at].1)
    }

    /// The hashes of all who are out, ascending.
    pub(super) fn hidden_hashes(&self) -> impl ExactSizeIterator<Item = Hash> {
        self.hidden.iter().map(|(hash, _)| *hash)
    }

    /// Is this the hash of somebody who is out?
    pub(super) fn is_hidden(&self, hash: Hash) -> bool {
        self.hidden(hash).is_some()
    }

    /// Space that is out, sorted, each prefix with why.
    pub(crate) fn prefixes(&self) -> &[(IpNet, Hidden)] {
        &self.prefixes
    }

    /// Did a contact withdraw, or object?
    pub(crate) fn withdrew(&self, contact: &Contact<'_>) -> bool {
        let Some(email) = contact.email.and_then(|email| Identifier::email(email).ok()) else {
            return false;
        };
        let mut found = self.hides(&email).is_some();
        email.asked_keys(|key| found |= self.withdrawn.contains(&self.key.hash(key)));
        found
    }

    /// What is put right of who is known by these, the earlier entry before the later.
    pub(crate) fn rectified(&self, known_by: &[Identifier]) -> Vec<(Field, &str)> {
        let mut found = Vec::new();
        if self.rectified.is_empty() {
            return Vec::new();
        }
        for identifier in known_by {
            identifier.asked_keys(|key| {
                found.extend(self.rectified.get(&self.key.hash(key)).into_iter().flatten());
            });
        }
        found.sort_unstable_by_key(|(entry, ..)| *entry);
        found.into_iter().map(|(_, field, value)| (*field, value.as_str())).collect()
    }

    /// Does it say nothing of any company?
    pub(crate) fn is_empty(&self) -> bool {
        self.hidden.is_empty() && self.rectified.is_empty()
    }

    /// What tells one state of the registry from another, to nobody without the key: a keyed hash of
    /// all that holds.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hasher = self.key.hasher();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        self.prefixes.iter().for_each(|(prefix, hidden)| text(&format!("{prefix} {hidden:?}")));
        let mut rectified: Vec<_> = self.rectified.iter().collect();
        rectified.sort_unstable_by_key(|(hash, _)| **hash);
        for (hash, facts) in rectified {
            text(&format!("{hash} {facts:?}"));
        }
        let mut withdrawn: Vec<_> = self.withdrawn.iter().collect();
        withdrawn.sort_unstable();
        for hash in withdrawn {
            text(&hash.to_string());
        }
        text("hidden");
        for (hash, hidden) in &self.hidden {
            hasher.update(&hash.to_le_bytes());
            hasher.update(&[*hidden as u8]);
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}
