//! Company records: a name and facts, validated when they are first touched and never again.
//!
//! A name must be UTF-8; a list of facts is an rkyv archive that names strings. They are checked
//! the first time, and a bit in the index remembers it; as the bytes never change, what was sound
//! stays sound. Checking a name each time would cost a lookup more than everything else: how long
//! names are and what is in them no processor can guess.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Index;
use super::mapping::{trusted_facts, trusted_name, trusted_string};
use crate::company::{Contact, Field};
use crate::cpu::prefetch;
use crate::error::{Error, Result};
use crate::index::companies::{self, ArchivedFacts};
use crate::index::ids::CompanyId;
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

    /// The business contacts of the company; none unless the policy asked for them.
    pub fn contacts(&self) -> impl Iterator<Item = Contact<'a>> + use<'a> {
        let contacts = self.facts().filter(|(field, _)| *field == Field::Contact);
        contacts.map(|(_, value)| Contact::read(value))
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

/// What has been checked: a bit for each list of facts, for each place of an entry, and for each string,
/// which many facts may name.
///
/// A bit speaks of exactly the bytes that are read under its number, so that a file in which two
/// answers disagree on where a company's entry is cannot pass one for the other.
#[derive(Debug, Default)]
pub(super) struct Checked {
    lists: Bits,
    names: Bits,
    strings: Bits,
}

#[derive(Debug, Default)]
struct Bits(OnceLock<Vec<AtomicU64>>);

impl Bits {
    /// Whether a check has succeeded before; if not it is made now. `count` is always the same.
    #[inline(always)]
    fn check<T>(
        &self,
        count: usize,
        number: usize,
        trusted: impl FnOnce() -> Result<T>,
        check: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        // Zeroed pages of the system: they take no time until they are used.
        let words = self.0.get_or_init(|| bytemuck::zeroed_vec(count.div_ceil(64)));
        let (word, bit) = (words.get(number / 64), 1 << (number % 64));
        // Relaxed: the bit speaks of bytes that were there, unchanged, before any thread began.
        if word.is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0) {
            return trusted();
        }
        let checked = check()?;
        if let Some(word) = word {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(checked)
    }

    /// Has a bit fetched from memory.
    #[inline(always)]
    fn prefetch(&self, number: usize) {
        if let Some(words) = self.0.get() {
            prefetch(words, number / 64);
        }
    }
}

impl Index {
    /// A company by its number.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when there is none of this number, or its record is broken.
    pub fn company(&self, id: CompanyId) -> Result<CompanyRecord<'_>> {
        self.company_at(self.companies_table().place(id)?)
    }

    /// Every company with its number, in the order of numbers.
    pub fn companies(&self) -> impl Iterator<Item = Result<(CompanyId, CompanyRecord<'_>)>> {
        self.company_ids().map(|id| Ok((id, self.company(id)?)))
    }

    pub(crate) fn company_ids(&self) -> impl Iterator<Item = CompanyId> + use<> {
        (1..=self.company_count() as u32).map(CompanyId::new)
    }

    /// Has what is read of the company whose entry is at a place fetched from memory.
    #[inline(always)]
    pub(super) fn prefetch_company(&self, place: u32) {
        self.companies_table().prefetch(place);
        self.checked.names.prefetch(place as usize);
    }

    /// The company whose entry is at a place.
    #[inline(always)]
    pub(super) fn company_at(&self, place: u32) -> Result<CompanyRecord<'_>> {
        let table = self.companies_table();
        let entry = table.entry(place)?;
        let name = self.checked.names.check(
            table.bytes(),
            place as usize,
            || Ok(trusted_name(&entry)),
            || companies::text(entry.name),
        )?;
        let (lists, number) = (table.facts(), entry.facts as usize);
        let facts = self.checked.lists.check(
            lists.count(),
            number,
            || trusted_facts(lists, number),
            || self.check_facts(lists, number),
        )?;
        Ok(CompanyRecord { name, facts, strings: self.strings() })
    }

    #[cold]
    fn check_facts<'a>(&self, lists: Pieces<'a>, number: usize) -> Result<&'a ArchivedFacts> {
        let list = companies::access(lists.get(number)?)?;
        let strings = self.strings();
        let mut several = Vec::new();
        let mut before = None;
        for fact in list.facts.iter() {
            let string = fact.value.to_native();
            self.checked.strings.check(
                strings.count(),
                string as usize,
                || Ok(()),
                || strings.string(string).map(|_| ()),
            )?;
            let number = fact.field.to_native();
            let is_several =
                matches!(Field::from_number(number), Some(Field::Domain | Field::Contact));
            let before = before.replace(number);
            if before.is_some_and(|before| before > number) {
                return Err(Error::damaged("Facts", "a company's facts are not in order"));
            }
            if before == Some(number) && !is_several {
                return Err(Error::damaged("Facts", "a company has two values where one can be"));
            }
            if is_several {
                several.push((number, string));
            }
        }
        // What may be there several times is there once each: so no record is longer than its index.
        several.sort_unstable();
        if several.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::damaged("Facts", "a company has the same value twice"));
        }
        Ok(list)
    }
}
