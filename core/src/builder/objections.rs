//! Objections in a build: which of its companies and contacts are out, which space, and what is put
//! right, by the registry.
//!
//! A firm is out if anything that any source says of it is what an objection named; and so is every
//! record that shares an identifier with one that is out, since it is the same firm in another
//! source, under another spelling. A domain that very many records have is a platform's, and says
//! nothing of a firm. Nothing here knows of claims or addresses but the prefixes themselves.

use std::cmp::Reverse;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::company::{Contact, Field};
use crate::identity::{Identifier, ONE_FIRMS};
use crate::index::Stretch;
use crate::net::{AddressBits, AddressRange, Family};
use crate::policy::Reason;
use crate::registry::{Hash, Hidden, InForce};

/// What the registry says, if there is one.
pub(super) struct Objections {
    in_force: Option<InForce>,
    /// Of each family the space that is out, ascending and disjoint.
    space: [Vec<HiddenSpace>; 2],
}

/// Space of one family that is out.
struct HiddenSpace {
    first: u128,
    last: u128,
    why: Hidden,
}

/// What is put right of a company.
pub(super) struct PutRight<'a> {
    /// The index of its profile.
    pub profile: u32,
    pub field: Field,
    pub value: &'a str,
}

/// What sources say of companies: one record is what one source says of one.
pub(super) trait Records: Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// The index of the profile of a record.
    fn profile(&self, record: usize) -> u32;
    /// By what a record knows its company.
    fn known_by(&self, record: usize) -> Vec<Identifier>;
}

/// The hashes that a record asks for, and those of them that are of domains.
#[derive(Default)]
struct AskedHashes {
    hashes: Vec<Hash>,
    domains: Vec<Hash>,
}

impl Objections {
    pub(super) fn new(in_force: Option<InForce>) -> Self {
        let space = [Family::V4, Family::V6].map(|family| space(in_force.as_ref(), family));
        Self { in_force, space }
    }

    /// What tells the state of the registry, if there is one.
    pub(super) fn fingerprint(&self) -> Option<String> {
        self.in_force.as_ref().map(InForce::fingerprint)
    }

    /// Is there nothing to obey about any company?
    pub(super) fn is_empty(&self) -> bool {
        self.in_force.as_ref().is_none_or(InForce::is_empty)
    }

    /// Why the company of a contact is out, if it is by their mailbox; and whether the contact is.
    pub(super) fn of_contact(&self, contact: &Contact) -> (Option<Hidden>, bool) {
        let email = |email| Identifier::email(email).ok();
        match (&self.in_force, contact.email) {
            (Some(in_force), Some(mailbox)) => email(mailbox).map_or((None, false), |email| {
                let hidden = in_force.hides(&email);
                (hidden, hidden.is_some() || in_force.withdrew(&email))
            }),
            _ => (None, false),
        }
    }

    /// What is put right of the companies, the earlier before the later.
    pub(super) fn rectified(&self, records: &impl Records) -> Vec<PutRight<'_>> {
        let Some(in_force) = self.in_force.as_ref().filter(|in_force| in_force.rectifies()) else {
            return Vec::new();
        };
        let of_record = |record| {
            let profile = records.profile(record);
            let facts = in_force.rectified(&records.known_by(record)).into_iter();
            facts.map(move |(entry, field, value)| (entry, PutRight { profile, field, value }))
        };
        let mut all: Vec<_> =
            (0..records.count()).into_par_iter().flat_map_iter(of_record).collect();
        // Of all records of a company together: one request may be found by this, another by that.
        all.sort_unstable_by_key(|(entry, of)| (*entry, of.profile));
        all.into_iter().map(|(_, of)| of).collect()
    }

    /// Why each profile is out, if it is.
    pub(super) fn hidden(
        &self,
        records: &impl Records,
        mut hidden: Vec<Option<Hidden>>,
    ) -> Vec<Option<Hidden>> {
        let Some(in_force) = &self.in_force else { return hidden };
        let asked = |record| {
            let mut asked = AskedHashes::default();
            for by in records.known_by(record) {
                let from = asked.hashes.len();
                by.asked_keys(|key| asked.hashes.push(in_force.hash(key)));
                if by.kind() == "domain" {
                    asked.domains.extend_from_slice(&asked.hashes[from..]);
                }
            }
            asked
        };
        let asked: Vec<AskedHashes> = (0..records.count()).into_par_iter().map(asked).collect();
        // Apart from the hashing, so that the waits for several hashes overlap.
        let found = |asked: &AskedHashes| {
            asked.hashes.iter().map(|hash| in_force.hidden(*hash)).max().flatten()
        };
        let found: Vec<_> = asked.par_iter().map(found).collect();
        for (record, found) in found.into_iter().enumerate() {
            let of = &mut hidden[records.profile(record) as usize];
            *of = found.max(*of);
        }
        if hidden.iter().any(Option::is_some) {
            spread(records, &asked, in_force, &mut hidden);
        }
        hidden
    }

    /// Why a range is out as a whole, if it is.
    pub(super) fn hides_range(&self, range: &AddressRange) -> Option<Reason> {
        let space = &self.space[range.family() as usize];
        let behind = space.partition_point(|space| space.first <= range.first_bits());
        let HiddenSpace { last, why, .. } = space[..behind].last()?;
        (range.last_bits() <= *last).then_some(reason(*why))
    }

    /// Answers what is out with `mask`. What nobody claims stays as it is: a mask there would tell
    /// who objected.
    pub(super) fn mask<A: AddressBits>(
        &self,
        stretches: Vec<Stretch<A>>,
        mask: u32,
    ) -> Vec<Stretch<A>> {
        let space = &self.space[A::FAMILY as usize];
        if space.is_empty() { stretches } else { masked(stretches, space, mask) }
    }
}

/// The space of a family that is out. Of two prefixes that overlap one holds the other, and only
/// that counts.
fn space(in_force: Option<&InForce>, family: Family) -> Vec<HiddenSpace> {
    let mut space: Vec<HiddenSpace> = Vec::new();
    for (net, hidden) in in_force.map(InForce::prefixes).unwrap_or_default() {
        let range = AddressRange::from(*net);
        if range.family() == family {
            let (first, last) = (range.first_bits(), range.last_bits());
            space.push(HiddenSpace { first, last, why: *hidden });
        }
    }
    space.sort_unstable_by_key(|space| (space.first, Reverse((space.last, space.why))));
    space.dedup_by(|inner, outer| inner.last <= outer.last);
    space
}

/// Spreads what is out over records that share an identifier, until nothing changes.
fn spread(
    records: &impl Records,
    asked: &[AskedHashes],
    in_force: &InForce,
    hidden: &mut [Option<Hidden>],
) {
    let platforms = platforms(asked);
    let mut out: FxHashMap<Hash, Hidden> = FxHashMap::default();
    let mut spent = vec![None; records.count()];
    loop {
        // All records of a profile that is out speak for the firm, each once for each reason.
        for (record, spent) in spent.iter_mut().enumerate() {
            let Some(why) =
                hidden[records.profile(record) as usize].filter(|why| Some(*why) > *spent)
            else {
                continue;
            };
            *spent = Some(why);
            for by in records.known_by(record) {
                by.keys(|key| {
                    let hash = in_force.hash(key);
                    if !platforms.contains(&hash) {
                        let known = out.entry(hash).or_insert(why);
                        *known = why.max(*known);
                    }
                });
            }
        }
        let found = |(record, asked): (usize, &AskedHashes)| {
            let why = asked.hashes.iter().filter_map(|hash| out.get(hash).copied()).max()?;
            let profile = records.profile(record);
            (Some(why) > hidden[profile as usize]).then_some((profile, why))
        };
        let found: Vec<_> = asked.par_iter().enumerate().filter_map(found).collect();
        if found.is_empty() {
            return;
        }
        for (profile, why) in found {
            let of = &mut hidden[profile as usize];
            *of = Some(why).max(*of);
        }
    }
}

/// Hashes of domains that more records have than one firm's.
fn platforms(asked: &[AskedHashes]) -> FxHashSet<Hash> {
    let mut counts: FxHashMap<Hash, usize> = FxHashMap::default();
    for domain in asked.iter().flat_map(|asked| &asked.domains) {
        *counts.entry(*domain).or_default() += 1;
    }
    counts.retain(|_, count| *count > ONE_FIRMS);
    counts.into_keys().collect()
}

/// The parts of the stretches inside the space get another answer.
fn masked<A: AddressBits>(
    stretches: Vec<Stretch<A>>,
    space: &[HiddenSpace],
    answer: u32,
) -> Vec<Stretch<A>> {
    let space: Vec<_> = space.iter().map(|of| (A::of(of.first), A::of(of.last))).collect();
    let mut made: Vec<Stretch<A>> = Vec::with_capacity(stretches.len() + 2 * space.len());
    let mut push = |stretch: Stretch<A>| match made.last_mut() {
        Some(last) if last.answer == stretch.answer && last.last + A::ONE == stretch.first => {
            last.last = stretch.last;
        }
        _ => made.push(stretch),
    };
    let mut behind = 0;
    for mut rest in stretches {
        loop {
            while space.get(behind).is_some_and(|(_, last)| *last < rest.first) {
                behind += 1;
            }
            let Some((first, last)) = space.get(behind).filter(|(first, _)| *first <= rest.last)
            else {
                break push(rest);
            };
            if *first > rest.first {
                push(Stretch { last: *first - A::ONE, ..rest });
                rest.first = *first;
            }
            push(Stretch { answer, last: rest.last.min(*last), ..rest });
            if rest.last <= *last {
                break;
            }
            rest.first = *last + A::ONE;
        }
    }
    made
}

/// The reason that a build gives.
pub(super) const fn reason(hidden: Hidden) -> Reason {
    match hidden {
        Hidden::OptedOut => Reason::OptedOut,
        Hidden::Restricted => Reason::Restricted,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_claimed_inside_is_masked_and_nothing_else(
            starts in prop::collection::btree_map(0..240_u128, (1..9_u128, 1..4_u32), 0..20),
            prefixes in prop::collection::btree_set((any::<u8>(), 0..=8_u8), 0..6),
        ) {
            let mut stretches: Vec<Stretch<u128>> = Vec::new();
            for (first, (length, answer)) in starts {
                if stretches.last().is_none_or(|last| last.last < first) {
                    stretches.push(Stretch { first, last: first + length - 1, answer });
                }
            }
            let range = |(at, length): &(u8, u8)| {
                let size = 1_u128 << (8 - length);
                let first = u128::from(*at) / size * size;
                (first, first + size - 1)
            };
            let ranges: Vec<_> = prefixes.iter().map(range).collect();
            let hidden = |(first, last): &(u128, u128)| {
                HiddenSpace { first: *first, last: *last, why: Hidden::OptedOut }
            };
            let mut space: Vec<_> = ranges.iter().map(hidden).collect();
            space.sort_by_key(|space| (space.first, Reverse(space.last)));
            space.dedup_by(|inner, outer| inner.last <= outer.last);
            let painted = |stretches: &[Stretch<u128>], at: u128| {
                stretches.iter().find(|s| s.first <= at && at <= s.last).map(|s| s.answer)
            };
            let made = masked(stretches.clone(), &space, 9);
            for at in 0..256 {
                let inside = ranges.iter().any(|(first, last)| *first <= at && at <= *last);
                let before = painted(&stretches, at);
                prop_assert_eq!(painted(&made, at), if inside { before.map(|_| 9) } else { before });
            }
            prop_assert!(made.windows(2).all(|pair| pair[0].last < pair[1].first));
        }
    }
}
