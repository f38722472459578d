//! Company records: a name, and facts that are validated when they are first touched.
//!
//! A list of facts is an rkyv archive that names strings. Both are checked the first time, and a
//! bit in the index remembers it; as the bytes never change, what was sound stays sound. Names are
//! so short that checking them costs less than asking whether they have been.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Index;
use super::mapping::{trusted_facts, trusted_string};
use crate::company::Field;
use crate::error::Result;
use crate::index::companies::{self, ArchivedFacts};
use crate::index::tables::Pieces;

/// A company's record in the index; made by `Match::company` and [`Index::company`].
#[derive(Clone, Copy)]
pub struct CompanyRecord<'a> {
    name: &'a str,
    facts: &'a ArchivedFacts,
    strings: Pieces<'a>,
}

impl<'a> CompanyRecord<'a> {
    /// The name as its source writes it.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The first value of a field.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.facts().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Every fact, the name first, by ascending field. Fields that a later version added are left
    /// out.
    pub fn facts(&self) -> impl Iterator<Item = (Field, &'a str)> + use<'a> {
        let this = *self;
        let others = this.facts.facts.iter().filter_map(move |fact| {
            let field = Field::from_number(fact.field.to_native())?;
            Some((field, trusted_string(&this, fact.value.to_native())))
        });
        std::iter::once((Field::Name, this.name())).chain(others)
    }

    /// The number of the source of each fact, in the order of [`CompanyRecord::facts`]: its place
    /// in `Metadata::sources`.
    pub fn fact_sources(&self) -> impl Iterator<Item = usize> + use<'a> {
        let known = |field| Field::from_number(field).is_some();
        let others = self.facts.facts.iter().filter(move |fact| known(fact.field.to_native()));
        let others = others.map(|fact| usize::from(fact.source.to_native()));
        std::iter::once(usize::from(self.facts.name_source.to_native())).chain(others)
    }

    /// The strings, every one of which that the facts name has been checked.
    pub(super) const fn strings(&self) -> Pieces<'a> {
        self.strings
    }
}

impl fmt::Debug for CompanyRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.facts()).finish()
    }
}

/// A bit for each list of facts: has it been checked?
#[derive(Debug, Default)]
pub(super) struct Checked(OnceLock<Vec<AtomicU64>>);

impl Checked {
    #[inline]
    fn word(&self, lists: usize, number: usize) -> Option<&AtomicU64> {
        // Zeroed pages of the system: they take no time until they are used.
        let words = self.0.get_or_init(|| bytemuck::zeroed_vec(lists.div_ceil(64)));
        words.get(number / 64)
    }
}

impl Index {
    /// A company by its number, which counts from 1.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when there is none of this number, or its record is broken.
    pub fn company(&self, number: u32) -> Result<CompanyRecord<'_>> {
        self.company_at(self.companies_table().place(number)?)
    }

    /// Every company with its number, in the order of numbers.
    pub fn companies(&self) -> impl Iterator<Item = Result<(u32, CompanyRecord<'_>)>> {
        let count = self.company_count() as u32;
        (1..=count).map(|number| Ok((number, self.company(number)?)))
    }

    /// The company whose entry is at a place.
    #[inline]
    pub(super) fn company_at(&self, place: u32) -> Result<CompanyRecord<'_>> {
        let entry = self.companies_table().entry(place)?;
        let facts = self.facts(entry.facts as usize)?;
        Ok(CompanyRecord { name: entry.name, facts, strings: self.strings() })
    }

    /// A list of facts, checked now or before.
    #[inline]
    fn facts(&self, number: usize) -> Result<&ArchivedFacts> {
        let lists = self.companies_table().facts();
        let bit = 1 << (number % 64);
        let word = self.checked.word(lists.count(), number);
        // Relaxed: the bit speaks of bytes that were there, unchanged, before any thread began.
        if word.is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0) {
            return trusted_facts(lists, number);
        }
        let list = self.checked_facts(lists, number)?;
        if let Some(word) = word {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(list)
    }

    #[cold]
    fn checked_facts<'a>(&self, lists: Pieces<'a>, number: usize) -> Result<&'a ArchivedFacts> {
        let list = companies::access(lists.get(number)?)?;
        let strings = self.strings();
        for fact in list.facts.iter() {
            strings.string(fact.value.to_native())?;
        }
        Ok(list)
    }
}
