//! What the registry holds on a day: who is out, which space, which contacts, what is put right.
//!
//! Made of all entries that are neither lifted, refused nor over, in sorted arrays: a build asks for
//! millions of names, and a reader for every company of an index once.

use ipnet::IpNet;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::Right;
use super::key::{Hash, Key};
use super::seal::unsealed;
use super::store::{Store, StoreView};
use crate::company::Field;
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
    /// Hashes of who is out, each once.
    hidden: Hashes,
    /// Those of them who are out for a time only.
    restricted: FxHashSet<Hash>,
    /// Space that is out, with whatever is inside.
    prefixes: Vec<(IpNet, Hidden)>,
    /// Hashes of contacts who withdrew.
    withdrawn: FxHashSet<Hash>,
    /// What is put right, by whose: the later entry last.
    rectified: FxHashMap<Hash, Vec<(u64, Field, String)>>,
}

pub(super) fn read(
    view: &StoreView<'_>,
    (store, key): (&Store, &Key),
    day: Date,
) -> Result<InForce> {
    let mut over = FxHashSet::default();
    view.over(|entry| {
        over.insert(entry);
    })?;
    let (mut opted_out, mut restricted) = (Vec::new(), Vec::new());
    let mut in_force = InForce {
        key: key.clone(),
        hidden: Hashes::default(),
        restricted: FxHashSet::default(),
        prefixes: Vec::new(),
        withdrawn: FxHashSet::default(),
        rectified: FxHashMap::default(),
    };
    view.holdings(|entry| {
        if over.contains(&entry.id) || entry.until.is_some_and(|until| until < day) {
            return Ok(());
        }
        if entry.right.hides() {
            let (hidden, hashes) = match entry.right {
                Right::Restriction => (Hidden::Restricted, &mut restricted),
                _ => (Hidden::OptedOut, &mut opted_out),
            };
            hashes.extend(entry.hashes());
            for prefix in entry.prefixes.split_whitespace() {
                let prefix = prefix.parse().map_err(|_| store.refuse("a prefix in it is none"))?;
                in_force.prefixes.push((prefix, hidden));
            }
        } else if entry.right == Right::Withdrawal {
            in_force.withdrawn.extend(entry.hashes());
        } else if entry.right == Right::Rectification {
            let text = unsealed(store, key, (entry.id, entry.right, entry.sealed))?;
            if let Some((field, new, _)) = text.and_then(|text| text.rectified) {
                for hash in entry.hashes() {
                    let facts = in_force.rectified.entry(hash).or_default();
                    facts.push((entry.id, field, new.clone()));
                }
            }
        }
        Ok(())
    })?;
    in_force.prefixes.sort_unstable();
    in_force.prefixes.dedup();
    let out: FxHashSet<Hash> = if restricted.is_empty() {
        FxHashSet::default()
    } else {
        opted_out.iter().copied().collect()
    };
    in_force.restricted = restricted.into_iter().filter(|hash| !out.contains(hash)).collect();
    opted_out.extend(&in_force.restricted);
    in_force.hidden = Hashes::new(opted_out);
    Ok(in_force)
}

impl InForce {
    /// Is a firm known by this out, and why?
    pub(crate) fn hides(&self, identifier: &Identifier) -> Option<Hidden> {
        let mut found = None;
        if !self.hidden.sorted.is_empty() {
            identifier.asked_keys(|key| found = found.max(self.hidden(self.key.hash(key))));
        }
        found
    }

    /// The hash of a key.
    pub(crate) fn hash(&self, key: &str) -> Hash {
        self.key.hash(key)
    }

    /// Is this the hash of somebody who is out, and why?
    pub(crate) fn hidden(&self, hash: Hash) -> Option<Hidden> {
        if !self.hidden.contains(hash) {
            return None;
        }
        let restricted = self.restricted.contains(&hash);
        Some(if restricted { Hidden::Restricted } else { Hidden::OptedOut })
    }

    /// Is anything put right?
    pub(crate) fn rectifies(&self) -> bool {
        !self.rectified.is_empty()
    }

    /// The hashes of all who are out, ascending.
    pub(super) fn hidden_hashes(&self) -> impl ExactSizeIterator<Item = Hash> {
        self.hidden.sorted.iter().copied()
    }

    /// Space that is out, sorted, each prefix with why.
    pub(crate) fn prefixes(&self) -> &[(IpNet, Hidden)] {
        &self.prefixes
    }

    /// Did whose mailbox this is withdraw?
    pub(crate) fn withdrew(&self, email: &Identifier) -> bool {
        let mut found = false;
        email.asked_keys(|key| found |= self.withdrawn.contains(&self.key.hash(key)));
        found
    }

    /// What is put right of who is known by these, each with the number of its entry; in no order.
    pub(crate) fn rectified(&self, known_by: &[Identifier]) -> Vec<(u64, Field, &str)> {
        let mut found = Vec::new();
        for identifier in known_by {
            identifier.asked_keys(|key| {
                found.extend(self.rectified.get(&self.key.hash(key)).into_iter().flatten());
            });
        }
        found.into_iter().map(|(entry, field, value)| (*entry, *field, value.as_str())).collect()
    }

    /// Does it say nothing of any company?
    pub(crate) fn is_empty(&self) -> bool {
        self.hidden.sorted.is_empty() && self.rectified.is_empty()
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
        // Much at once is hashed much faster.
        let mut bytes = Vec::new();
        for some in self.hidden.sorted.chunks(1 << 12) {
            bytes.clear();
            for hash in some {
                bytes.extend(hash.to_le_bytes());
                bytes.push(u8::from(self.restricted.contains(hash)));
            }
            hasher.update(&bytes);
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// A set of hashes: sorted, and of each value of their highest bits where they begin. Hashes are
/// spread evenly, so that a few are left to look at.
#[derive(Default)]
struct Hashes {
    sorted: Vec<Hash>,
    begins: Vec<u32>,
    /// How far a hash is shifted to be its index in `begins`.
    shift: u32,
}

impl Hashes {
    fn new(hashes: Vec<Hash>) -> Self {
        let shift = Hash::BITS - hashes.len().max(2).ilog2();
        let mut begins = begins(&hashes, shift);
        // Each into its bucket, where one or two more are: much faster than to sort all at once.
        let mut next = begins.clone();
        let mut sorted = vec![0; hashes.len()];
        for hash in hashes {
            let next = &mut next[(hash >> shift) as usize];
            sorted[*next as usize] = hash;
            *next += 1;
        }
        for pair in begins.windows(2) {
            sorted[pair[0] as usize..pair[1] as usize].sort_unstable();
        }
        let count = sorted.len();
        sorted.dedup();
        if sorted.len() < count {
            begins = self::begins(&sorted, shift);
        }
        Self { sorted, begins, shift }
    }

    fn contains(&self, hash: Hash) -> bool {
        if self.sorted.is_empty() {
            return false;
        }
        let bucket = (hash >> self.shift) as usize;
        let [begin, end] = [bucket, bucket + 1].map(|at| self.begins[at] as usize);
        self.sorted[begin..end].contains(&hash)
    }
}

/// Of each value of the highest bits where its hashes begin when they are in order, and at last the
/// end.
fn begins(hashes: &[Hash], shift: u32) -> Vec<u32> {
    let mut begins = vec![0; (1 << (Hash::BITS - shift)) + 1];
    for hash in hashes {
        begins[(hash >> shift) as usize + 1] += 1;
    }
    let mut before = 0;
    for begin in &mut begins {
        before += *begin;
        *begin = before;
    }
    begins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_hashes_holds_what_was_put_in_and_nothing_else() {
        for count in [0, 1, 2, 3, 100, 1000] {
            let hash = |n: u128| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let hashes = Hashes::new((0..count).chain(0..count / 2).map(hash).collect());
            assert_eq!(hashes.sorted.len() as u128, count);
            assert!(hashes.sorted.is_sorted());
            assert!((0..count).all(|n| hashes.contains(hash(n))));
            assert!(!(count..count + 1000).any(|n| hashes.contains(hash(n))));
            assert!(!hashes.contains(u128::MAX) && !hashes.contains(0));
        }
    }
}
