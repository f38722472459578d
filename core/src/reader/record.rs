//! Company records: validated when they are first touched, and never again.
//!
//! A record is an rkyv archive that names strings. Both are checked the first time, and a bit in
//! the index remembers it; as the bytes never change, what was sound stays sound.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Index;
use super::mapping::{trusted_record, trusted_string};
use crate::company::Field;
use crate::error::Result;
use crate::index::tables::{ArchivedRecord, Pieces};

/// A company's record in the index; made by `Match::company` and [`Index::company`].
#[derive(Clone, Copy)]
pub struct CompanyRecord<'a> {
    record: &'a ArchivedRecord,
    strings: Pieces<'a>,
}

impl<'a> CompanyRecord<'a> {
    /// The name as its source writes it.
    pub fn name(&self) -> &'a str {
        trusted_string(self, self.record.name.to_native())
    }

    /// The first value of a field.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.facts().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Every fact, the name first, by ascending field. Fields that a later version added are left
    /// out.
    pub fn facts(&self) -> impl Iterator<Item = (Field, &'a str)> + use<'a> {
        let this = *self;
        let others = this.record.facts.iter().filter_map(move |fact| {
            let field = Field::from_number(fact.field.to_native())?;
            Some((field, trusted_string(&this, fact.value.to_native())))
        });
        std::iter::once((Field::Name, this.name())).chain(others)
    }

    /// The number of the source of each fact, in the order of [`CompanyRecord::facts`]: its place
    /// in `Metadata::sources`.
    pub fn fact_sources(&self) -> impl Iterator<Item = usize> + use<'a> {
        let known = |field| Field::from_number(field).is_some();
        let others = self.record.facts.iter().filter(move |fact| known(fact.field.to_native()));
        let others = others.map(|fact| usize::from(fact.source.to_native()));
        std::iter::once(usize::from(self.record.name_source.to_native())).chain(others)
    }

    /// The strings, every one of which that the record names has been checked.
    pub(super) const fn strings(&self) -> Pieces<'a> {
        self.strings
    }

    /// Checks everything that the record leads to.
    fn check(record: &ArchivedRecord, strings: Pieces<'_>) -> Result<()> {
        strings.string(record.name.to_native())?;
        record.facts.iter().try_for_each(|fact| strings.string(fact.value.to_native()).map(drop))
    }
}

impl fmt::Debug for CompanyRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.facts()).finish()
    }
}

/// A bit for each record: has it been checked?
#[derive(Debug, Default)]
pub(super) struct Checked(OnceLock<Vec<AtomicU64>>);

impl Checked {
    fn word(&self, records: usize, number: usize) -> Option<&AtomicU64> {
        // Zeroed pages of the system: they take no time until they are used.
        let words = self.0.get_or_init(|| bytemuck::zeroed_vec(records.div_ceil(64)));
        words.get(number / 64)
    }
}

impl Index {
    /// A company by its number, which counts from 1.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when there is none of this number, or its record is broken.
    pub fn company(&self, number: u32) -> Result<CompanyRecord<'_>> {
        let (records, strings) = (self.records(), self.strings());
        let place = number.wrapping_sub(1) as usize;
        let bit = 1 << (place % 64);
        let word = self.checked.word(records.count(), place);
        // Relaxed: the bit speaks of bytes that were there, unchanged, before any thread began.
        if word.is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0) {
            return Ok(CompanyRecord { record: trusted_record(records, place)?, strings });
        }
        let record = records.record(number)?;
        CompanyRecord::check(record, strings)?;
        if let Some(word) = word {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(CompanyRecord { record, strings })
    }

    /// Every company with its number, in the order of numbers.
    pub fn companies(&self) -> impl Iterator<Item = Result<(u32, CompanyRecord<'_>)>> {
        let count = self.company_count() as u32;
        (1..=count).map(|number| Ok((number, self.company(number)?)))
    }
}
