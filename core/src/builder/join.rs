//! Joining: claims meet the companies they speak of.
//!
//! Keys are global in a build. A company of which only the name is known is the same as another such of
//! the same facts, and is never taken for one with a key.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::contacts::take_contacts;
use super::faults::Faults;
use super::gather::{Gathered, GatheredClaim};
use super::interner::{Interner, one_per_slot};
use super::objections::{Objections, PutRight, Records};
use super::owners;
use super::profile::{CompanyRow, Profile, descriptions, keyed};
use super::rules::Rules;
use super::standing::Standings;
use super::systems::GatheredSystem;
use crate::company::Company;
use crate::error::Result;
use crate::identity::Identifier;
use crate::source::{Owner, Source};

/// Claims whose owners are companies by number, from 1, and the companies.
pub(super) struct Joined {
    pub claims: Vec<GatheredClaim>,
    pub systems: Vec<GatheredSystem>,
    /// Company `n` is at index `n - 1`.
    pub profiles: Vec<Profile>,
    /// What each source says of companies that several describe, by their index.
    pub others: FxHashMap<u32, Vec<Company>>,
    /// Of each source.
    pub contacts: Vec<ContactCounts>,
}

/// How many contacts a source has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ContactCounts {
    /// Of companies that there are.
    pub all: u64,
    /// That the policy takes in.
    pub taken: u64,
}

/// Takes the claims out of the files and joins them to companies.
pub(super) fn join(
    files: &mut [Gathered],
    sources: &[Source],
    owners: Interner,
    standings: &Standings,
    rules: Rules,
    faults: &mut Faults,
) -> Result<Joined> {
    let claims: Vec<_> =
        files.iter_mut().map(|file| std::mem::take(&mut file.said.claims)).collect();
    let descriptions = descriptions(files, sources, rules, faults)?;
    let (mut profiles, keys) = keyed(&descriptions, standings);
    let described = profiles.len();
    let taken = take_contacts(files, &keys, &mut profiles, rules);
    if taken.iter().any(|taken| *taken > 0) {
        // Whatever the order of rows; what several sources say of somebody is said once.
        profiles.par_iter_mut().for_each(|profile| {
            profile.facts.sort_unstable_by(|a, b| {
                let [of_a, of_b] = [a, b].map(|fact| standings.of(fact.source));
                (a.field, &a.value, of_a).cmp(&(b.field, &b.value, of_b))
            });
            // The first of each is of the source that is believed.
            profile.facts.dedup_by(|a, b| (a.field, &a.value) == (b.field, &b.value));
        });
    }
    let mut owners = find(owners, &keys, standings, &mut profiles);
    if !rules.objections.is_empty() {
        let rectification = standings.count() as u16;
        object(&mut profiles, described, &descriptions, &keys, rules.objections, rectification);
    }
    let others = others(&descriptions, &keys, described);
    let numbers = sort(&mut profiles);
    let others = others.into_iter().map(|(at, of)| (numbers[at as usize] - 1, of)).collect();
    // Once for each owner, and not for each claim; whose key nobody describes has no number.
    for at in &mut owners.profiles {
        *at = numbers.get(*at as usize).copied().unwrap_or_default();
    }

    let mut contacts = vec![ContactCounts::default(); standings.count()];
    let (mut all, mut all_systems) = (Vec::new(), Vec::new());
    for ((file, claims), taken) in files.iter().zip(claims).zip(taken) {
        let mut claims = owned(claims, &owners, file, faults)?;
        // Most often nearly all claims are one file's.
        if all.is_empty() {
            all = claims;
        } else {
            all.append(&mut claims);
        }
        all_systems.append(&mut systems(file, &owners, faults)?);
        let contacts = &mut contacts[file.source as usize];
        contacts.taken += taken;
        for row in &file.said.contacts {
            // What a row about a person says is not quoted, even where it should be a key.
            let company =
                keys.get(row.company.as_str()).ok_or_else(|| unknown(file, row.line, None));
            contacts.all += u64::from(faults.sift(company)?.is_some());
        }
    }
    Ok(Joined { claims: all, systems: all_systems, profiles, others, contacts })
}

/// Makes claims on somebody of whom all that is known is too old to be kept as old as that.
pub(super) fn expire(claims: &mut [GatheredClaim], profiles: &[Profile]) {
    if profiles.iter().all(|profile| profile.expired.is_none()) {
        return;
    }
    claims.par_iter_mut().for_each(|claim| {
        claim.date = profiles[claim.owner as usize - 1].expired.or(claim.date);
    });
}

fn unknown(file: &Gathered, line: u32, key: Option<&str>) -> crate::Error {
    let reason = "no company has this key; add it or correct the key";
    file.refuse(line, "company", key, reason)
}

/// The claims of a file with the numbers of the companies they speak of.
fn owned(
    mut claims: Vec<GatheredClaim>,
    owners: &FoundOwners,
    file: &Gathered,
    faults: &mut Faults,
) -> Result<Vec<GatheredClaim>> {
    if !owners.unknown.is_empty() {
        let mut known = Vec::with_capacity(claims.len());
        for claim in claims {
            let key = owners.unknown.get(&claim.owner);
            let claim = key.map_or(Ok(claim), |key| Err(unknown(file, claim.line, Some(key))));
            known.extend(faults.sift(claim)?);
        }
        claims = known;
    }
    claims.par_iter_mut().for_each(|claim| claim.owner = owners.profiles[claim.owner as usize]);
    Ok(claims)
}

/// The autonomous systems of a file with the numbers of the companies that run them.
fn systems(
    file: &Gathered,
    owners: &FoundOwners,
    faults: &mut Faults,
) -> Result<Vec<GatheredSystem>> {
    let mut all = Vec::with_capacity(file.said.systems.len());
    for system in &file.said.systems {
        let owner = match owners.unknown.get(&system.owner) {
            Some(key) => Err(unknown(file, system.line, Some(key))),
            None => Ok(owners.profiles[system.owner as usize]),
        };
        let owner = faults.sift(owner)?;
        all.extend(owner.map(|owner| GatheredSystem { owner, ..system.clone() }));
    }
    Ok(all)
}

/// What each source says of companies that several describe, by their index among the profiles.
fn others(
    descriptions: &[CompanyRow],
    keys: &FxHashMap<&str, u32>,
    described: usize,
) -> FxHashMap<u32, Vec<Company>> {
    let mut others: FxHashMap<u32, Vec<Company>> = FxHashMap::default();
    if descriptions.len() > described {
        for of in descriptions {
            others.entry(keys[of.key]).or_default().push(of.company.clone());
        }
        others.retain(|_, of| of.len() > 1);
    }
    others
}

/// What descriptions say of their companies, then what is known of those that are only named, then
/// again of those of which something was put right.
struct KnownRecords<'a> {
    descriptions: &'a [CompanyRow<'a>],
    of_descriptions: &'a [u32],
    profiles: &'a [Profile],
    /// Indexes of profiles.
    more: Vec<u32>,
}

impl Records for KnownRecords<'_> {
    fn count(&self) -> usize {
        self.descriptions.len() + self.more.len()
    }

    fn profile(&self, record: usize) -> u32 {
        match record.checked_sub(self.descriptions.len()) {
            None => self.of_descriptions[record],
            Some(more) => self.more[more],
        }
    }

    fn known_by(&self, record: usize) -> Vec<Identifier> {
        if let Some(description) = self.descriptions.get(record) {
            return Identifier::of(description.company);
        }
        let profile = &self.profiles[self.profile(record) as usize];
        Identifier::of_facts(|| profile.facts())
    }
}

/// Puts right what is to be, and marks who is out: also by what was put right, and by contacts. The first
/// `described` profiles are of the descriptions, the others of companies that are only named.
fn object(
    profiles: &mut [Profile],
    described: usize,
    descriptions: &[CompanyRow],
    keys: &FxHashMap<&str, u32>,
    objections: &Objections,
    rectification: u16,
) {
    let of_descriptions: Vec<u32> = descriptions.iter().map(|of| keys[of.key]).collect();
    let named = described as u32..profiles.len() as u32;
    let known = KnownRecords {
        descriptions,
        of_descriptions: &of_descriptions,
        profiles,
        more: named.clone().collect(),
    };
    let rectified = objections.rectified(&known);
    let hidden = profiles.iter().map(|profile| profile.hidden).collect();
    // Before the names that sources give are lost.
    let mut hidden = objections.hidden(&known, hidden);
    if !rectified.is_empty() {
        for PutRight { profile, field, value } in &rectified {
            profiles[*profile as usize].rectify(*field, value, rectification);
        }
        let mut rectified: Vec<u32> = rectified.iter().map(|of| of.profile).collect();
        rectified.sort_unstable();
        rectified.dedup();
        let more = named.chain(rectified).collect();
        let known =
            KnownRecords { descriptions, of_descriptions: &of_descriptions, profiles, more };
        hidden = objections.hidden(&known, hidden);
    }
    for (profile, hidden) in profiles.iter_mut().zip(hidden) {
        profile.hidden = hidden;
    }
}

/// Which profile each owner has.
struct FoundOwners {
    /// By the owner's slot.
    profiles: Vec<u32>,
    /// The keys that nobody describes.
    unknown: FxHashMap<u32, String>,
}

/// Finds the profiles of owners; of one that is only named it is added.
fn find(
    owners: Interner,
    keys: &FxHashMap<&str, u32>,
    standings: &Standings,
    profiles: &mut Vec<Profile>,
) -> FoundOwners {
    enum Of {
        Described(u32),
        Named(Profile),
        Unknown(String),
    }
    let owners = owners.par_map(|owner, standing| match owners::read(owner) {
        Owner::Keyed(key) => match keys.get(key.as_str()) {
            Some(profile) => Of::Described(*profile),
            None => Of::Unknown(key),
        },
        Owner::Named(company) => Of::Named(Profile::named(company, standings.source(standing))),
    });
    let mut found = FoundOwners { profiles: one_per_slot(&owners), unknown: FxHashMap::default() };
    for (of, slot) in owners {
        found.profiles[slot as usize] = match of {
            Of::Described(profile) => profile,
            Of::Named(profile) => {
                profiles.push(profile);
                profiles.len() as u32 - 1
            }
            Of::Unknown(key) => {
                found.unknown.insert(slot, key);
                continue;
            }
        };
    }
    found
}

/// Sorts the profiles by what they say; gives for each former index the number, from 1.
fn sort(profiles: &mut Vec<Profile>) -> Vec<u32> {
    let begin = |(profile, at): (&Profile, _)| (profile.begin(), at);
    let mut order: Vec<([u64; 4], u32)> =
        profiles.par_iter().zip(0..profiles.len() as u32).map(begin).collect();
    // Most are told apart by what stands beside them.
    let whole = |at: u32| &profiles[at as usize];
    order.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| whole(a.1).cmp(whole(b.1))).then_with(|| a.1.cmp(&b.1))
    });
    let mut sorted: Vec<Profile> = Vec::with_capacity(profiles.len());
    let mut numbers = vec![0; profiles.len()];
    for (_, at) in order {
        let profile = std::mem::take(&mut profiles[at as usize]);
        // What was put right may have made two into one.
        if sorted.last() != Some(&profile) {
            sorted.push(profile);
        }
        numbers[at as usize] = sorted.len() as u32;
    }
    *profiles = sorted;
    numbers
}
