//! What a company's record is read from: checked when it is first touched, and trusted from then on.
//!
//! A name must be UTF-8; a list of facts is an rkyv archive that names strings, which must be UTF-8. A
//! bit in the index remembers what was found sound; as the bytes never change, it stays sound. Checking
//! a name each time would cost a lookup more than everything else: how long names are and what is in
//! them no processor can guess. The bits, and what they vouch for, can be reached in this file only.
#![allow(unsafe_code)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Index;
use crate::company::{Field, Status};
use crate::error::{Error, Result};
use crate::index::companies::{self, ArchivedFacts, CompanyEntry};
use crate::index::ids::{AnswerId, CompanyId};
use crate::index::tables::Pieces;

/// What has been checked: a bit for each list of facts, for the name that each answer leads to and that
/// each company's number leads to, and for each string, which many facts may name.
///
/// A bit speaks of exactly the bytes that are read under its number, so that a file in which two
/// answers disagree on where a company's entry is cannot pass one for the other. A bit for each offset
/// would be one table in place of two, and forty times as large: that would be waited for.
#[derive(Debug, Default)]
pub(super) struct Checked {
    lists: Bits,
    of_answers: Bits,
    of_companies: Bits,
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
}

/// A list of facts that was found sound, and the strings it names, each of which was found to be UTF-8.
///
/// It is its number: who asks for a name alone does not read where the list is.
#[derive(Clone, Copy)]
pub(super) struct CheckedFacts<'a> {
    index: &'a Index,
    number: u32,
}

impl<'a> CheckedFacts<'a> {
    fn list(self) -> Option<&'a ArchivedFacts> {
        let list = self.index.companies_table().facts().get(self.number as usize).ok()?;
        // SAFETY: this is made by `Index::checked_facts` alone, after `check_facts`, and in it
        // `rkyv::access`, accepted these very bytes: the number decides where they are. They have not
        // changed since: they are private memory, or mapped under the contract of `Index::map`.
        Some(unsafe { rkyv::access_unchecked(list) })
    }

    /// The number of the source of each fact whose field is known, the name's first.
    pub(super) fn sources(self) -> impl Iterator<Item = usize> + use<'a> {
        let others = self.iter().filter(|(field, ..)| Field::from_number(*field).is_some());
        let others = others.map(|(_, source, _)| usize::from(source));
        let name = self.list().map_or(0, |list| list.name_source.to_native());
        std::iter::once(usize::from(name)).chain(others)
    }

    /// Each fact: the number of its field, the number of its source, and its value.
    #[inline]
    pub(super) fn iter(self) -> impl Iterator<Item = (u16, u16, &'a str)> + use<'a> {
        let strings = self.index.strings();
        let facts = self.list().map_or(&[][..], |list| list.facts.as_slice());
        facts.iter().map(move |fact| {
            let bytes = strings.get(fact.value.to_native() as usize).unwrap_or_default();
            // SAFETY: this list is made by `Index::checked_facts` alone, after every string that it names
            // was found to be UTF-8. The bytes have not changed since: they are private memory, or mapped
            // under the contract of `Index::map`.
            let value = unsafe { std::str::from_utf8_unchecked(bytes) };
            (fact.field.to_native(), fact.source.to_native(), value)
        })
    }
}

impl Index {
    /// The entry of an answer's company, and its name.
    #[inline(always)]
    pub(super) fn entry_of_answer(&self, id: AnswerId) -> Result<(CompanyEntry<'_>, &str)> {
        let offset = self.answers().company_offset(id);
        let offset = offset.ok_or_else(|| {
            Error::damaged("AnswerOffsets", "no company's answer has this number")
        })?;
        let entry = self.companies_table().entry(offset)?;
        let name = self.checked.of_answers.check(
            self.answer_count(),
            id.index(),
            // SAFETY: the bit of an answer is set after these very bytes were found to be UTF-8: its number
            // decides the offset, and that decides what the entry is. They have not changed since: they are
            // private memory, or mapped under the contract of `Index::map`.
            || Ok(unsafe { std::str::from_utf8_unchecked(entry.name) }),
            || self.check_answer(id, offset, entry.name),
        )?;
        Ok((entry, name))
    }

    /// The name of an answer's company, if the answer's row says that this is its company.
    #[cold]
    fn check_answer<'a>(&self, id: AnswerId, offset: u32, name: &'a [u8]) -> Result<&'a str> {
        let stored = self.answers().stored(id)?;
        if stored.status() != Status::Company {
            return Err(Error::damaged("Answers", "a mask has the number of a company's answer"));
        }
        if self.companies_table().offset(stored.company())? != offset {
            return Err(Error::damaged("Answers", "an answer does not know where its company is"));
        }
        companies::text(name)
    }

    /// The entry of a company, which is at an offset that the table gives for its number, and its name.
    pub(super) fn entry_of_company(
        &self,
        id: CompanyId,
        offset: u32,
    ) -> Result<(CompanyEntry<'_>, &str)> {
        let table = self.companies_table();
        let entry = table.entry(offset)?;
        let name = self.checked.of_companies.check(
            table.count() + 1,
            id.get() as usize,
            // SAFETY: as above; here the company's number decides the offset.
            || Ok(unsafe { std::str::from_utf8_unchecked(entry.name) }),
            || companies::text(entry.name),
        )?;
        Ok((entry, name))
    }

    /// A list of facts by its number.
    #[inline(always)]
    pub(super) fn checked_facts(&self, number: u32) -> Result<CheckedFacts<'_>> {
        let lists = self.companies_table().facts();
        let check = || self.check_facts(lists, number as usize);
        self.checked.lists.check(lists.count(), number as usize, || Ok(()), check)?;
        Ok(CheckedFacts { index: self, number })
    }

    #[cold]
    fn check_facts(&self, lists: Pieces<'_>, number: usize) -> Result<()> {
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
            // Of a field that a later version added nothing is known.
            let is_several =
                matches!(Field::from_number(number), None | Some(Field::Domain | Field::Contact));
            if Field::from_number(number) == Some(Field::Name) {
                return Err(Error::damaged("Facts", "a name is among a company's other facts"));
            }
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
        Ok(())
    }
}
