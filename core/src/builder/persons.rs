//! A verdict follows the person: who is a sole trader by one source is one in every other, under any
//! spelling.
//!
//! It spreads as objections do, from record to record that share an identifier, or a name and country;
//! a domain that very many have is a platform's and says nothing. Where one source says a company's
//! form and another a person's, the more explicit of the two holds, and of two as explicit the person's.
//! Who holds more IPv4 space than any person is none for a name that others of no known country have.
//!
//! Nothing here knows of claims, single addresses or objections.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::begins::Begins;
use super::profile::Profile;
use crate::company::{Company, Field};
use crate::identity::{Identifier, ONE_FIRMS};
use crate::policy::{Held, Judgement, Policy, Said, Subject};

/// Companies of which sources say both, that they are companies and that they are natural persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Contradictions {
    /// Those that are left out as natural persons.
    pub left_out: u64,
    /// Those that are shown, since what says that they are companies is more explicit.
    pub shown: u64,
}

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Domain,
    /// A name without a country.
    Name,
    Other,
}

impl Link {
    fn of(key: &str) -> Self {
        if key.starts_with("domain\t") {
            Self::Domain
        } else if key.starts_with("name\t") && key.ends_with("\t\t") {
            Self::Name
        } else {
            Self::Other
        }
    }
}

/// What is known of everybody, by the number of their company less one.
struct Everybody<'a> {
    profiles: &'a [Profile],
    /// What each source says of those that several describe.
    others: &'a FxHashMap<u32, Vec<Company>>,
    policy: &'a Policy,
}

/// Carries the verdicts on natural persons on to who is the same.
pub(super) fn follow(
    profiles: &[Profile],
    others: &FxHashMap<u32, Vec<Company>>,
    (judgements, held): (&mut [Judgement], &[Held]),
    policy: &Policy,
) -> Contradictions {
    let known = Everybody { profiles, others, policy };
    if !policy.leaves_out_persons() {
        return Contradictions::default();
    }
    let mut said: Vec<Said> = (0..).zip(&*judgements).map(|(at, of)| known.said(at, of)).collect();
    let mut new: Vec<u32> =
        (0..).zip(&said).filter(|(_, said)| said.is_person()).map(|(at, _)| at).collect();
    let mut asked = KeyIndex::of(&known);
    let mut contradicted = FxHashSet::default();
    while !new.is_empty() {
        let found = asked.same(&known, &new, &said);
        new = take_over(&mut said, found, held, &mut contradicted);
    }
    let mut contradictions = Contradictions::default();
    for (at, (judgement, said)) in (0..).zip(judgements.iter_mut().zip(&said)) {
        judgement.set_person(said.is_person());
        if said.sole > Said::NAME && said.company > 0 || contradicted.contains(&at) {
            let count = if said.is_person() {
                &mut contradictions.left_out
            } else {
                &mut contradictions.shown
            };
            *count += 1;
        }
    }
    contradictions
}

/// Who may be the same as somebody of whom it is said that they are a person.
struct Alike {
    at: u32,
    /// How explicitly that is said of the other.
    sole: u8,
    /// By what they are alike.
    link: Link,
}

/// Lets what is said of one be said of those who are alike; gives those who become persons by it.
fn take_over(
    said: &mut [Said],
    found: Vec<Alike>,
    held: &[Held],
    contradicted: &mut FxHashSet<u32>,
) -> Vec<u32> {
    let mut new = Vec::new();
    for Alike { at, sole, link } in found {
        let of = &mut said[at as usize];
        let is_other = match link {
            // With a company's form of its own it is another firm of the same site.
            Link::Domain => of.company > Said::NAME,
            // A name alone, of no known country, does not make a person of who holds very much.
            Link::Name => Policy::is_no_persons(held[at as usize].addresses),
            Link::Other => false,
        };
        if of.sole >= sole || is_other {
            continue;
        }
        of.sole = sole;
        if of.company > 0 {
            contradicted.insert(at);
        }
        if of.is_person() {
            new.push(at);
        }
    }
    new
}

impl Everybody<'_> {
    /// How explicitly anything says of somebody what they are.
    fn said(&self, at: u32, judgement: &Judgement) -> Said {
        let others = self.others.get(&at).into_iter().flatten();
        let of_other = |company: &Company| {
            self.policy.weigh(&Subject::of(|field| company.get(field)), None, None).said()
        };
        others.map(of_other).fold(judgement.said(), Said::and)
    }

    /// Everything by which sources know somebody.
    fn identifiers(&self, at: u32) -> Vec<Identifier> {
        let profile = &self.profiles[at as usize];
        let mut known = Identifier::of_facts(|| profile.facts());
        for other in self.others.get(&at).into_iter().flatten() {
            known.extend(Identifier::of(other));
        }
        known
    }

    /// The keys under which others are the same as somebody, those of the name without a person's form
    /// among them.
    fn keys(&self, at: u32, mut each: impl FnMut(&str)) {
        let mut of = |identifier: &Identifier| identifier.keys(&mut each);
        self.identifiers(at).iter().for_each(&mut of);
        let subjects = self.others.get(&at).into_iter().flatten();
        let subjects = subjects.map(|company| Subject::of(|field| company.get(field)));
        let profile = &self.profiles[at as usize];
        for subject in subjects.chain([profile.subject()]) {
            for name in Policy::names_without_form(&subject) {
                of_name(&name, subject.country).iter().for_each(&mut of);
            }
        }
    }

    /// Is a name all that is known of somebody?
    fn is_only_named(&self, at: u32) -> bool {
        let mut facts = self.profiles[at as usize].facts();
        facts.all(|(field, _)| matches!(field, Field::Name | Field::Country))
            && !self.others.contains_key(&at)
    }

    /// The keys by which somebody is asked for.
    fn asked_keys(&self, at: u32) -> Vec<(u64, u32)> {
        let mut found = Vec::new();
        for identifier in self.identifiers(at) {
            identifier.asked_keys(|key| found.push((xxh3_64(key.as_bytes()), at)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The keys of somebody, and what each is of.
struct KeysOf {
    at: u32,
    keys: Vec<(u64, Link)>,
}

/// Who is asked for by which key. Of those that have but a name only the ones of which a part begins as
/// the name of a person: to read all names in every way takes long.
struct KeyIndex {
    by_key: FxHashMap<u64, Vec<u32>>,
    begins: Begins,
    /// Those whose names are not read.
    unread: Vec<u32>,
    /// How explicitly all who are asked for by a key have been told already.
    told: FxHashMap<u64, u8>,
}

impl KeyIndex {
    fn of(known: &Everybody) -> Self {
        let all = 0..known.profiles.len() as u32;
        let (unread, read): (Vec<u32>, Vec<u32>) = all.partition(|at| known.is_only_named(*at));
        let (by_key, told) = (FxHashMap::default(), FxHashMap::default());
        let mut asked = Self { by_key, begins: Begins::default(), unread, told };
        asked.read(known, &read);
        asked
    }

    /// Who may be the same as these persons.
    fn same(&mut self, known: &Everybody, persons: &[u32], said: &[Said]) -> Vec<Alike> {
        let mut found = Vec::new();
        for KeysOf { at, keys } in self.prepare(known, persons) {
            let sole = said[at as usize].sole;
            for (key, link) in keys {
                let same = self.by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
                let is_platforms = link == Link::Domain && same.len() > ONE_FIRMS;
                if same.is_empty() || is_platforms {
                    continue;
                }
                // Very many may share a name: it is gone through once for each way to say it.
                let told = self.told.entry(key).or_default();
                if *told < sole {
                    *told = sole;
                    found.extend(same.iter().map(|same| Alike { at: *same, sole, link }));
                }
            }
        }
        found
    }

    /// The keys of these persons; the names that may be theirs are read.
    fn prepare(&mut self, known: &Everybody, persons: &[u32]) -> Vec<KeysOf> {
        let of = |at: &u32| {
            let (mut keys, mut begins) = (Vec::new(), Vec::new());
            known.keys(*at, |key| {
                keys.push((xxh3_64(key.as_bytes()), Link::of(key)));
                // The keys of one name follow each other.
                let begin = Begins::of_key(key).filter(|begin| begins.last() != Some(begin));
                begins.extend(begin);
            });
            (KeysOf { at: *at, keys }, begins)
        };
        let (keys, begins): (Vec<_>, Vec<_>) = persons.par_iter().map(of).unzip();
        self.begins = begins.into_iter().flatten().collect();
        let unread = std::mem::take(&mut self.unread);
        let begins = &self.begins;
        let (read, unread): (Vec<u32>, Vec<u32>) = unread
            .into_par_iter()
            .partition(|at| begins.may_hold(known.profiles[*at as usize].name()));
        self.unread = unread;
        self.read(known, &read);
        keys
    }

    fn read(&mut self, known: &Everybody, read: &[u32]) {
        let keys: Vec<_> = read.par_iter().flat_map_iter(|at| known.asked_keys(*at)).collect();
        for (key, at) in keys {
            self.by_key.entry(key).or_default().push(at);
        }
    }
}

fn of_name(name: &str, country: Option<&str>) -> Option<Identifier> {
    let facts = [(Field::Name, Some(name)), (Field::Country, country)];
    let facts = || facts.into_iter().filter_map(|(field, value)| Some((field, value?)));
    Identifier::of_facts(facts).into_iter().next()
}
