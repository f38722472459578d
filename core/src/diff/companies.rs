//! Which company of the old index is which of the new.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Change;
use crate::company::Field;
use crate::error::Result;
use crate::reader::{CompanyId, CompanyRecord, Snapshot};

/// A company that came, went, or has another name or other facts.
#[derive(Debug, Clone, Copy)]
pub struct CompanyChange<'a> {
    /// [`Change::Came`], [`Change::Went`], [`Change::Renamed`] or [`Change::Details`].
    pub change: Change,
    /// As it was.
    pub old: Option<CompanyRecord<'a>>,
    /// As it is.
    pub new: Option<CompanyRecord<'a>>,
}

/// The companies of two indexes. Records that tell the same company in one index are one here.
#[derive(Debug)]
pub struct Companies<'a> {
    /// Who each of the old is now; by its number, less one.
    now: Vec<Option<CompanyId>>,
    /// The first of the new that is the same; likewise.
    first: Vec<Option<CompanyId>>,
    changes: Vec<CompanyChange<'a>>,
    counts: (usize, usize),
}

/// What tells who a company is, the surest first.
#[derive(Default)]
struct Known<'a> {
    by_identifier: FxHashMap<(Field, &'a str, Option<&'a str>), CompanyId>,
    by_name: FxHashMap<String, Vec<(CompanyId, CompanyRecord<'a>)>>,
}

const IDENTIFIERS: [Field; 3] = [Field::Lei, Field::Vat, Field::RegisterNumber];

/// An identifier, with the country whose number it is.
fn identifier<'a>(
    of: &CompanyRecord<'a>,
    field: Field,
) -> Option<(Field, &'a str, Option<&'a str>)> {
    let country = (field == Field::RegisterNumber).then(|| of.get(Field::Country)).flatten();
    Some((field, of.get(field)?, country))
}

impl<'a> Known<'a> {
    fn add(&mut self, id: CompanyId, company: CompanyRecord<'a>) {
        for field in IDENTIFIERS {
            if let Some(identifier) = identifier(&company, field) {
                self.by_identifier.entry(identifier).or_insert(id);
            }
        }
        self.by_name.entry(company.name().to_lowercase()).or_default().push((id, company));
    }

    /// Who this company of the other index is.
    fn find(&self, company: &CompanyRecord<'a>) -> Option<CompanyId> {
        let told = IDENTIFIERS.iter().filter_map(|field| identifier(company, *field));
        if let Some(id) =
            told.into_iter().find_map(|identifier| self.by_identifier.get(&identifier))
        {
            return Some(*id);
        }
        let called = self.by_name.get(&company.name().to_lowercase())?;
        let agree = |field: Field, other: &CompanyRecord<'_>| match (
            company.get(field),
            other.get(field),
        ) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let country = company.get(Field::Country);
        let maybe = called.iter().filter(|(_, other)| {
            agree(Field::Country, other) && IDENTIFIERS.iter().all(|field| agree(*field, other))
        });
        let same = maybe.clone().find(|(_, other)| other.get(Field::Country) == country);
        // Of several of a name in countries that are not told, it may be any.
        let only = maybe.clone().next().filter(|_| maybe.count() == 1);
        same.or(only).map(|(id, _)| *id)
    }
}

/// The companies of one index that are shown: each, its number, and the first that is the same.
fn all<'a>(index: &'a Snapshot, known: &mut Known<'a>) -> Result<Vec<Option<CompanyId>>> {
    let mut first = Vec::with_capacity(index.index().company_count());
    for company in index.index().companies() {
        let (id, company) = company?;
        if index.hides_company(id) {
            first.push(None);
            continue;
        }
        let same = known.find(&company);
        if same.is_none() {
            known.add(id, company);
        }
        first.push(same.or(Some(id)));
    }
    Ok(first)
}

impl<'a> Companies<'a> {
    pub(super) fn of(old: &'a Snapshot, new: &'a Snapshot) -> Result<Self> {
        let (mut was, mut is) = (Known::default(), Known::default());
        let (first_old, first) = (all(old, &mut was)?, all(new, &mut is)?);
        let count = |first: &[Option<CompanyId>]| ids(first).count();
        let counts = (count(&first_old), count(&first));
        let mut came: FxHashSet<CompanyId> = ids(&first).collect();
        let (mut now, mut changes) = (vec![None; first_old.len()], Vec::new());
        for id in ids(&first_old) {
            let company = old.index().company(id)?;
            let found = is.find(&company);
            now[place(id)] = found;
            let successor = found.map(|id| new.index().company(id)).transpose()?;
            if let Some(found) = found {
                came.remove(&found);
            }
            let change = match &successor {
                None => Change::Went,
                Some(new) if new.name() != company.name() => Change::Renamed,
                Some(new) if !new.facts().eq(company.facts()) => Change::Details,
                Some(_) => continue,
            };
            changes.push(CompanyChange { change, old: Some(company), new: successor });
        }
        for (at, same) in first_old.iter().enumerate() {
            now[at] = same.and_then(|same| now[place(same)]);
        }
        for id in ids(&first).filter(|id| came.contains(id)) {
            let company = new.index().company(id)?;
            changes.push(CompanyChange { change: Change::Came, old: None, new: Some(company) });
        }
        Ok(Self { now, first, changes, counts })
    }

    /// Is a company of the old index this one of the new?
    pub fn are_same(&self, old: CompanyId, new: CompanyId) -> bool {
        let of = |of: &[Option<CompanyId>], id: CompanyId| of.get(place(id)).copied().flatten();
        of(&self.now, old).is_some_and(|now| of(&self.first, new) == Some(now))
    }

    /// Those that came, went, or changed: first the old ones by their numbers, then who came.
    pub fn changes(&self) -> &[CompanyChange<'a>] {
        &self.changes
    }

    /// How many there were, and are.
    pub const fn counts(&self) -> (usize, usize) {
        self.counts
    }
}

/// Where what is known of a company stands: companies count from 1.
const fn place(id: CompanyId) -> usize {
    (id.get() as usize).wrapping_sub(1)
}

/// Companies that are the first of those that are the same.
fn ids(first: &[Option<CompanyId>]) -> impl Iterator<Item = CompanyId> {
    first.iter().enumerate().filter_map(|(at, id)| id.filter(|id| place(*id) == at))
}
