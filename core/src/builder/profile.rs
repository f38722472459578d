//! Profiles: what several sources say of a company becomes one.
//!
//! Descriptions are of one company when they have the same key, the same LEI, or the same register
//! number and country. They are merged field by field: the value of the source with the best standing;
//! every fact keeps its source. Nothing here knows of claims.

use rustc_hash::FxHashMap;

use super::faults::Faults;
use super::gather::{DescribedCompany, Gathered};
use super::rules::Rules;
use super::standing::Standings;
use crate::company::{Company, Field};
use crate::error::Result;
use crate::policy::Subject;
use crate::registry::Hidden;
use crate::source::{Date, Source};

/// A company as the index will know it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Profile {
    /// By ascending field, the name first.
    pub facts: Vec<SourcedFact>,
    /// The company's lowest key: it tells apart companies of which the same is known.
    key: Option<String>,
    /// Why the company is out, if it is.
    pub hidden: Option<Hidden>,
    /// The day of the newest of its descriptions, if all of them are too old to be kept.
    pub expired: Option<Date>,
}

/// One thing known of a company, and the number of the source of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SourcedFact {
    pub field: Field,
    pub value: String,
    pub source: u16,
}

impl Profile {
    /// That of a company that is only named, in one source.
    pub(super) fn named(company: Company, source: u16) -> Self {
        let facts = company.into_facts().into_iter();
        let facts = facts.map(|(field, value)| SourcedFact { field, value, source }).collect();
        Self { facts, key: None, hidden: None, expired: None }
    }

    /// What it begins with, the first 30 bytes of a name: of two profiles that differ in it, it is lower for
    /// the lower one.
    pub(super) fn begin(&self) -> [u64; 4] {
        let mut bytes = [0; 32];
        if let Some(SourcedFact { field, value, .. }) = self.facts.first() {
            let (number, text) = bytes.split_at_mut(2);
            number.copy_from_slice(&(*field as u16).to_be_bytes());
            text.iter_mut().zip(value.as_bytes()).for_each(|(to, from)| *to = *from);
        }
        let (words, _) = bytes.as_chunks().0.as_chunks::<4>();
        words[0].map(u64::from_be_bytes)
    }

    /// What a policy weighs.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject::of(|wanted| self.get(wanted))
    }

    pub(super) fn name(&self) -> &str {
        self.facts.first().map_or("", |name| &name.value)
    }

    /// The first value of a field.
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.facts().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = (Field, &str)> {
        self.facts.iter().map(|fact| (fact.field, fact.value.as_str()))
    }

    /// Replaces what sources say of a field. What is right now no source said, but who had it put right.
    pub(super) fn rectify(&mut self, field: Field, value: &str, rectification: u16) {
        self.facts.retain(|fact| fact.field != field);
        if !value.is_empty() || field == Field::Name {
            let (value, source) = (value.to_owned(), rectification);
            self.facts.push(SourcedFact { field, value, source });
        }
        self.facts.sort_unstable();
    }
}

/// What one row says of a company.
pub(super) struct CompanyRow<'a> {
    source: u16,
    /// The day on which it was retrieved, if it is too old to be kept.
    expired: Option<Date>,
    pub key: &'a str,
    pub company: &'a Company,
}

/// The descriptions of all files; a key that one source gives twice is a bad row.
pub(super) fn descriptions<'a>(
    files: &'a [Gathered],
    sources: &[Source],
    rules: Rules,
    faults: &mut Faults,
) -> Result<Vec<CompanyRow<'a>>> {
    let mut descriptions = Vec::new();
    let mut seen: FxHashMap<(u16, &str), (&Gathered, u32)> = FxHashMap::default();
    for file in files {
        let retrieved = sources[file.source as usize].retrieved;
        let expired = retrieved.filter(|_| rules.is_expired(retrieved));
        for DescribedCompany { line, key, company } in &file.said.companies {
            if let Some((before, at)) = seen.get(&(file.source, key.as_str())) {
                let reason =
                    format!("this source has the key already, {}:{at}", before.path.display());
                faults.sift::<()>(Err(file.refuse(*line, "key", Some(key), &reason)))?;
                continue;
            }
            seen.insert((file.source, key), (file, *line));
            descriptions.push(CompanyRow { source: file.source, expired, key, company });
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

fn identifiers<'a>(of: &CompanyRow<'a>) -> impl Iterator<Item = Same<'a>> + use<'a> {
    let (key, company) = (of.key, of.company);
    let register = company.get(Field::Country).zip(company.get(Field::RegisterNumber));
    let lei = company.get(Field::Lei).map(Same::Lei);
    let register = register.map(|(country, number)| Same::Register(country, number));
    [Some(Same::Key(key)), lei, register].into_iter().flatten()
}

/// A profile for each company that is described, and its index for every key.
pub(super) fn keyed<'a>(
    descriptions: &[CompanyRow<'a>],
    standings: &Standings,
) -> (Vec<Profile>, FxHashMap<&'a str, u32>) {
    let mut groups = Groups::new(descriptions.len());
    let mut first = FxHashMap::default();
    for (at, description) in descriptions.iter().enumerate() {
        for identifier in identifiers(description) {
            groups.unite(at, *first.entry(identifier).or_insert(at));
        }
    }
    let mut members: FxHashMap<usize, Vec<&CompanyRow>> = FxHashMap::default();
    for (at, description) in descriptions.iter().enumerate() {
        members.entry(groups.root(at)).or_default().push(description);
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

/// The profile of one company: for each field what the first that knows it says, of those that are not too
/// old to be kept, if there are any.
fn merge(all: &[&CompanyRow]) -> Profile {
    let kept: Vec<&CompanyRow> = all.iter().copied().filter(|of| of.expired.is_none()).collect();
    let expired = kept.is_empty().then(|| all.iter().filter_map(|of| of.expired).max()).flatten();
    let best_first = if kept.is_empty() { all } else { &kept };
    let mut facts = Vec::new();
    for field in Field::ALL {
        let knows = best_first.iter().find(|of| of.company.get(field).is_some());
        facts.extend(knows.iter().flat_map(|of| {
            let values = of.company.facts().filter(|(known, _)| *known == field);
            let fact =
                |value: &str| SourcedFact { field, value: value.to_owned(), source: of.source };
            values.map(move |(_, value)| fact(value))
        }));
    }
    let key = all.iter().map(|of| of.key.to_owned()).min();
    Profile { facts, key, hidden: None, expired }
}

/// Items that belong together: a disjoint-set forest (Galler and Fischer 1964), its paths halved.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The lower one becomes the root.
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_profile_begins_with_is_in_the_order_of_profiles(
            names in prop::collection::vec("[ab\0é]{0,3}(a{26,31})?[ab\0é]{0,2}", 2),
            named in prop::collection::vec(any::<bool>(), 2),
        ) {
            let profiles: Vec<_> = names
                .into_iter()
                .zip(named)
                .map(|(name, named)| {
                    let company = if named { Company::new(name) } else { Company::of_facts(vec![]) };
                    Profile::named(company.with(Field::City, "a"), 0)
                })
                .collect();
            let begins = profiles[0].begin().cmp(&profiles[1].begin());
            prop_assert!(begins.is_eq() || begins == profiles[0].cmp(&profiles[1]));
        }
    }
}
