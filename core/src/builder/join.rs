//! Joining: claims meet the companies they speak of, and companies that several sources describe
//! become one.
//!
//! Keys are global in a build. Descriptions are of one company when they have the same key, the
//! same LEI, or the same register number and country. They are merged field by field: the value
//! of the source with the best standing; every fact keeps its source. A company of which only the name is known is the
//! same as another such of the same facts, and is never taken for one with a key.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::faults::Faults;
use super::gather::{Gathered, Owners, Stake};
use super::interner::at_places;
use super::objections::{Objections, Records};
use super::standing::Standings;
use crate::company::{Company, Contact, Field};
use crate::error::Result;
use crate::identity::{Identifier, person};
use crate::policy::{Policy, Subject};
use crate::registry::Hidden;
use crate::source::{Date, Owner};

/// A company as the index will know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Profile {
    /// By ascending field, the name first; with the number of the source of each.
    pub facts: Vec<(Field, String, u16)>,
    /// The company's lowest key: it tells apart companies of which the same is known.
    key: Option<String>,
    /// Why the company is out, if it is.
    pub hidden: Option<Hidden>,
}

impl Profile {
    /// What a policy weighs.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject::of(|wanted| {
            let fact = self.facts.iter().find(|(field, ..)| *field == wanted);
            fact.map(|(_, value, _)| value.as_str())
        })
    }

    pub(super) fn name(&self) -> &str {
        self.facts.first().map_or("", |(_, name, _)| name)
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = (Field, &str)> {
        self.facts.iter().map(|(field, value, _)| (*field, value.as_str()))
    }

    /// Replaces what sources say of a field. What is right now no source said, but who had it put right.
    fn rectify(&mut self, field: Field, value: &str, rectification: u16) {
        self.facts.retain(|(known, ..)| *known != field);
        if !value.is_empty() || field == Field::Name {
            self.facts.push((field, value.to_owned(), rectification));
        }
        self.facts.sort_unstable();
    }
}

/// Claims whose owners are companies by number, from 1, and the companies.
pub(super) struct Joined {
    pub stakes: Vec<Stake>,
    /// Company `n` is at place `n - 1`.
    pub profiles: Vec<Profile>,
    /// What each source says of companies that several describe, by their place.
    pub others: FxHashMap<u32, Vec<Company>>,
    /// Of each source, contacts of companies that there are, and those that the policy takes in.
    pub contacts: Vec<[u64; 2]>,
}

/// Takes the claims out of the files and joins them to companies.
pub(super) fn join(
    files: &mut [Gathered],
    owners: Owners,
    standings: &Standings,
    policy: (&Policy, Date),
    objections: &Objections,
    faults: &mut Faults,
) -> Result<Joined> {
    let claims: Vec<_> = files.iter_mut().map(|file| std::mem::take(&mut file.stakes)).collect();
    let descriptions = descriptions(files, faults)?;
    let (mut profiles, keys) = keyed(&descriptions, standings);
    let described = profiles.len();
    let mut contacts = vec![[0; 2]; standings.count()];
    let gone = Gone::of(files, &keys, &profiles, objections);
    for file in files.iter() {
        contacts[file.source as usize][1] +=
            take_contacts(file, &keys, &mut profiles, policy, (objections, &gone));
    }
    if contacts.iter().any(|[_, taken]| *taken > 0) {
        // Whatever the order of rows; what several sources say of somebody is said once.
        profiles.par_iter_mut().for_each(|profile| {
            profile.facts.sort_unstable();
            profile.facts.dedup_by(|a, b| (a.0, &a.1) == (b.0, &b.1));
        });
    }
    let mut found = find(owners, &keys, standings, &mut profiles);
    if !objections.is_empty() {
        object(
            &mut profiles,
            (&descriptions, &keys, described),
            (objections, standings.count() as u16),
        );
    }
    let mut others: FxHashMap<u32, Vec<Company>> = FxHashMap::default();
    if descriptions.len() > described {
        for of in &descriptions {
            others.entry(keys[of.key]).or_default().push(of.company.clone());
        }
        others.retain(|_, of| of.len() > 1);
    }
    let numbers = sort(&mut profiles);
    let others = others.into_iter().map(|(place, of)| (numbers[place as usize] - 1, of)).collect();
    // Once for each owner, and not for each claim; whose key nobody describes has no number.
    for place in &mut found.profiles {
        *place = numbers.get(*place as usize).copied().unwrap_or_default();
    }

    let mut stakes = Vec::new();
    for (file, mut claims) in files.iter().zip(claims) {
        let unknown = |line, key: Option<&str>| {
            file.refuse(line, "company", key, "no company has this key; add it or correct the key")
        };
        if !found.unknown.is_empty() {
            let mut known = Vec::with_capacity(claims.len());
            for stake in claims {
                let key = found.unknown.get(&stake.owner);
                let stake = key.map_or(Ok(stake), |key| Err(unknown(stake.line, Some(key))));
                known.extend(faults.sift(stake)?);
            }
            claims = known;
        }
        claims.par_iter_mut().for_each(|stake| {
            stake.owner = found.profiles[stake.owner as usize];
        });
        stakes.append(&mut claims);
        for row in &file.contacts {
            // What a row about a person says is not quoted, even where it should be a key.
            let company = keys.get(row.company.as_str()).ok_or_else(|| unknown(row.line, None));
            contacts[file.source as usize][0] += u64::from(faults.sift(company)?.is_some());
        }
    }
    Ok(Joined { stakes, profiles, others, contacts })
}

/// What descriptions say of their companies, then what is known of those that are only named, then
/// again of those of which something was put right.
struct Known<'a> {
    descriptions: &'a [Description<'a>],
    of_descriptions: &'a [u32],
    profiles: &'a [Profile],
    /// Places of profiles.
    more: Vec<u32>,
}

impl Records for Known<'_> {
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

/// Puts right what is to be, and marks who is out: also by what was put right, and by contacts.
fn object(
    profiles: &mut [Profile],
    (descriptions, keys, described): (&[Description], &FxHashMap<&str, u32>, usize),
    (objections, rectification): (&Objections, u16),
) {
    let of_descriptions: Vec<u32> = descriptions.iter().map(|of| keys[of.key]).collect();
    let named = described as u32..profiles.len() as u32;
    let known = Known {
        descriptions,
        of_descriptions: &of_descriptions,
        profiles,
        more: named.clone().collect(),
    };
    let rectified = objections.rectified(&known);
    let own = |(profile, field, value): (u32, Field, &str)| (profile, field, value.to_owned());
    let put_right: Vec<_> = rectified.into_iter().map(own).collect();
    let hidden = profiles.iter().map(|profile| profile.hidden).collect();
    // Before the names that sources give are lost.
    let mut hidden = objections.hidden(&known, hidden);
    if !put_right.is_empty() {
        for (profile, field, value) in &put_right {
            profiles[*profile as usize].rectify(*field, value, rectification);
        }
        let mut places: Vec<u32> = put_right.into_iter().map(|(profile, ..)| profile).collect();
        places.sort_unstable();
        places.dedup();
        let more = named.chain(places).collect();
        let known = Known { descriptions, of_descriptions: &of_descriptions, profiles, more };
        hidden = objections.hidden(&known, hidden);
    }
    for (profile, hidden) in profiles.iter_mut().zip(hidden) {
        profile.hidden = hidden;
    }
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
        for row in files.iter().flat_map(|file| &file.contacts) {
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
        alike.flatten().map(|place| &self.all[*place]).any(|(gone, company)| {
            person::is_same(gone, name) && {
                let known_by = Identifier::of_facts(|| profile.facts());
                company.iter().any(|by| known_by.iter().any(|known| by.means(known)))
            }
        })
    }
}

/// Adds the contacts that the policy takes in to their companies; gives how many.
fn take_contacts(
    file: &Gathered,
    keys: &FxHashMap<&str, u32>,
    profiles: &mut [Profile],
    (policy, as_of): (&Policy, Date),
    (objections, gone): (&Objections, &Gone<'_>),
) -> u64 {
    let mut taken = 0;
    for row in &file.contacts {
        let Some(profile) = keys.get(row.company.as_str()) else { continue };
        let profile = &mut profiles[*profile as usize];
        let contact = Contact::read(&row.contact);
        // Whose mailbox objected is out, whether or not the policy asks for contacts.
        let (hidden, out) = objections.of_contact(&contact);
        profile.hidden = profile.hidden.max(hidden);
        if out || gone.has(contact.name, profile) {
            continue;
        }
        let facts = &mut profile.facts;
        let industry = facts.iter().find(|(field, ..)| *field == Field::Industry);
        let industry = industry.map(|(_, industry, _)| industry.as_str());
        if policy.takes_contact(&contact, industry, row.date, as_of) {
            taken += 1;
            facts.push((Field::Contact, row.contact.clone(), file.source));
        }
    }
    taken
}

/// What one row says of a company.
struct Description<'a> {
    source: u16,
    key: &'a str,
    company: &'a Company,
}

/// The descriptions of all files; a key that one source gives twice is a bad row.
fn descriptions<'a>(files: &'a [Gathered], faults: &mut Faults) -> Result<Vec<Description<'a>>> {
    let mut descriptions = Vec::new();
    let mut seen: FxHashMap<(u16, &str), (&Gathered, u32)> = FxHashMap::default();
    for file in files {
        for (line, key, company) in &file.companies {
            if let Some((before, at)) = seen.get(&(file.source, key.as_str())) {
                let reason =
                    format!("this source has the key already, {}:{at}", before.path.display());
                faults.sift::<()>(Err(file.refuse(*line, "key", Some(key), &reason)))?;
                continue;
            }
            seen.insert((file.source, key), (file, *line));
            descriptions.push(Description { source: file.source, key, company });
        }
    }
    Ok(descriptions)
}

/// What makes two descriptions one company's.
#[derive(PartialEq, Eq, Hash)]
enum Same<'a> {
    Key(&'a str),
    Lei(&'a str),
    Register(&'a str, &'a str),
}

fn identifiers<'a>(of: &Description<'a>) -> impl Iterator<Item = Same<'a>> + use<'a> {
    let (key, company) = (of.key, of.company);
    let register = company.get(Field::Country).zip(company.get(Field::RegisterNumber));
    let lei = company.get(Field::Lei).map(Same::Lei);
    let register = register.map(|(country, number)| Same::Register(country, number));
    [Some(Same::Key(key)), lei, register].into_iter().flatten()
}

/// A profile for each company that is described, and its place for every key.
fn keyed<'a>(
    descriptions: &[Description<'a>],
    standings: &Standings,
) -> (Vec<Profile>, FxHashMap<&'a str, u32>) {
    let mut groups = Groups::new(descriptions.len());
    let mut first = FxHashMap::default();
    for (place, description) in descriptions.iter().enumerate() {
        for identifier in identifiers(description) {
            groups.unite(place, *first.entry(identifier).or_insert(place));
        }
    }
    let mut members: FxHashMap<usize, Vec<&Description>> = FxHashMap::default();
    for (place, description) in descriptions.iter().enumerate() {
        members.entry(groups.root(place)).or_default().push(description);
    }
    let mut profiles = Vec::with_capacity(members.len());
    let mut keys = FxHashMap::default();
    for mut group in members.into_values() {
        group.sort_by_key(|of| (standings.of(of.source), of.key));
        keys.extend(group.iter().map(|of| (of.key, profiles.len() as u32)));
        profiles.push(merge(&group));
    }
    (profiles, keys)
}

/// The profile of one company: for each field what the first that knows it says.
fn merge(best_first: &[&Description]) -> Profile {
    let mut facts = Vec::new();
    for field in Field::ALL {
        let knows = best_first.iter().find(|of| of.company.get(field).is_some());
        facts.extend(knows.iter().flat_map(|of| {
            let values = of.company.facts().filter(|(known, _)| *known == field);
            values.map(|(_, value)| (field, value.to_owned(), of.source))
        }));
    }
    Profile { facts, key: best_first.iter().map(|of| of.key.to_owned()).min(), hidden: None }
}

/// Which profile each owner has, by its place.
struct Found {
    profiles: Vec<u32>,
    /// The keys that nobody describes.
    unknown: FxHashMap<u32, String>,
}

/// Finds the profiles of owners; of one that is only named it is added.
fn find(
    owners: Owners,
    keys: &FxHashMap<&str, u32>,
    standings: &Standings,
    profiles: &mut Vec<Profile>,
) -> Found {
    enum Of {
        Described(u32),
        Named(Profile),
        Unknown(String),
    }
    let owners = owners.par_map(|owner, standing| match owner {
        Owner::Keyed(key) => match keys.get(key.as_str()) {
            Some(profile) => Of::Described(*profile),
            None => Of::Unknown(key),
        },
        Owner::Named(company) => {
            let source = standings.source(standing);
            let facts = company.into_facts().into_iter();
            let facts = facts.map(|(field, value)| (field, value, source)).collect();
            Of::Named(Profile { facts, key: None, hidden: None })
        }
    });
    let mut found = Found { profiles: at_places(&owners), unknown: FxHashMap::default() };
    for (of, place) in owners {
        found.profiles[place as usize] = match of {
            Of::Described(profile) => profile,
            Of::Named(profile) => {
                profiles.push(profile);
                profiles.len() as u32 - 1
            }
            Of::Unknown(key) => {
                found.unknown.insert(place, key);
                continue;
            }
        };
    }
    found
}

/// Sorts the profiles by what they say; gives for each former place the number, from 1.
fn sort(profiles: &mut Vec<Profile>) -> Vec<u32> {
    let mut placed: Vec<_> = std::mem::take(profiles).into_iter().zip(0_usize..).collect();
    profiles.reserve_exact(placed.len());
    placed.par_sort_unstable();
    let mut numbers = vec![0; placed.len()];
    for (profile, place) in placed {
        // What was put right may have made two into one.
        if profiles.last() != Some(&profile) {
            profiles.push(profile);
        }
        numbers[place] = profiles.len() as u32;
    }
    numbers
}

/// Places that belong together: a disjoint-set forest (Galler and Fischer 1964), its paths halved.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.0[place] != place {
            self.0[place] = self.0[self.0[place]];
            place = self.0[place];
        }
        place
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The lower place becomes the root.
        self.0[a.max(b)] = a.min(b);
    }
}
