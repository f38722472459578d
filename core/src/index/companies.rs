//! Companies: the name, where a lookup needs one read to find it, and a list of facts.
//!
//! - An **entry** is the `u32` number of its list of facts, the length of the name (a byte, or 255
//!   and then a `u32`) and the name in UTF-8. Entries lie one behind the other. An answer knows the
//!   offset of its company's entry; a table of `u32`, the number of companies and the offset of every
//!   sixteenth, finds the others from there.
//! - A **list of facts** is an rkyv archive: the source of the name, then facts, each a field, a
//!   value and the source it came from, so that an absent field costs nothing. Companies of which
//!   the same is known, most of all nothing but the name, share a list.

use rkyv::rancor;
use rkyv::{Archive, Serialize};

use super::ids::CompanyId;
use super::integers;
use super::tables::Pieces;
#[cfg(feature = "build")]
use super::tables::in_u32;
use crate::cpu::prefetch;
use crate::error::{Error, Result};

/// An offset is kept of one entry in so many.
const STEP: u32 = 16;
/// The same in a file of format 2.
pub(crate) const STEP_2: u32 = 8;
/// In place of a name's length: the length follows in four bytes.
const LONG: u8 = 255;

/// What is known of a company besides its name.
#[derive(Debug, Archive, Serialize, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "build"), allow(dead_code))]
pub(crate) struct Facts {
    pub name_source: u16,
    pub facts: Vec<Fact>,
}

/// One thing known of a company.
#[derive(Debug, Archive, Serialize, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "build"), allow(dead_code))]
pub(crate) struct Fact {
    /// The number of a [`crate::Field`].
    pub field: u16,
    pub source: u16,
    /// The number of a string.
    pub value: u32,
}

/// The companies of an index file.
#[derive(Clone, Copy)]
pub(crate) struct Companies<'a> {
    count: u32,
    /// Of one company in so many the offset is kept.
    step: u32,
    offsets: &'a [u32],
    entries: &'a [u8],
    facts: Pieces<'a>,
}

/// An entry of a company.
pub(crate) struct CompanyEntry<'a> {
    /// UTF-8 if the file is sound.
    pub name: &'a [u8],
    /// The number of its list of facts.
    pub facts: u32,
    /// Where the next entry begins.
    pub end: usize,
}

impl<'a> Companies<'a> {
    /// Looks at the sections; reads nothing.
    pub(crate) fn new(offsets: &'a [u8], entries: &'a [u8], facts: Pieces<'a>) -> Result<Self> {
        Self::of_step(STEP, offsets, entries, facts)
    }

    /// The same where an offset is kept of one entry in `step`.
    pub(crate) fn of_step(
        step: u32,
        offsets: &'a [u8],
        entries: &'a [u8],
        facts: Pieces<'a>,
    ) -> Result<Self> {
        let table: &[u32] = integers("CompanyOffsets", offsets)?;
        let (count, offsets) = table.split_first().map_or((0, table), |(n, rest)| (*n, rest));
        let count = u32::from_le(count);
        if offsets.len() != count.div_ceil(step) as usize {
            return Err(Error::damaged("CompanyOffsets", "not the size that its count asks for"));
        }
        Ok(Self { count, step, offsets, entries, facts })
    }

    /// How many there are.
    pub(crate) const fn count(self) -> usize {
        self.count as usize
    }

    /// The lists of facts.
    pub(crate) const fn facts(self) -> Pieces<'a> {
        self.facts
    }

    /// The offset of a company's entry; companies count from 1.
    pub(crate) fn offset(self, company: CompanyId) -> Result<u32> {
        let damaged = |reason| Error::damaged("CompanyOffsets", reason);
        let number = company.get().checked_sub(1).filter(|number| *number < self.count);
        let number = number.ok_or_else(|| damaged("no company has this number"))?;
        let offset = self.offsets.get((number / self.step) as usize);
        let mut offset = u32::from_le(*offset.ok_or_else(|| damaged("it is too short"))?);
        for _ in 0..number % self.step {
            offset = self.entry(offset)?.end as u32;
        }
        Ok(offset)
    }

    /// The offset of each company's entry, in the order of numbers: from one entry to the next, so that all
    /// take no longer than they are long. After an error there are no more.
    pub(crate) fn offsets(self) -> impl Iterator<Item = Result<u32>> + use<'a> {
        let mut next = Some(0);
        (0..self.count).map_while(move |company| {
            let offset = next.take()?;
            let known = self.offsets.get((company / self.step) as usize);
            if company % self.step == 0 && known.map(|known| u32::from_le(*known)) != Some(offset) {
                let reason = "an entry is not where it is said to be";
                return Some(Err(Error::damaged("CompanyOffsets", reason)));
            }
            let entry = self.entry(offset);
            next = entry.as_ref().ok().map(|entry| entry.end as u32);
            Some(entry.map(|_| offset))
        })
    }

    /// The entry at an offset.
    #[inline(always)]
    pub(crate) fn entry(self, offset: u32) -> Result<CompanyEntry<'a>> {
        self.parts(offset as usize)
            .ok_or_else(|| Error::damaged("Companies", "an entry lies outside it"))
    }

    /// Has the entry at an offset fetched from memory, unless it is long.
    #[inline(always)]
    pub(crate) fn prefetch(self, offset: u32) {
        prefetch(self.entries, offset as usize);
    }

    #[inline(always)]
    fn parts(self, offset: usize) -> Option<CompanyEntry<'a>> {
        let entry = self.entries.get(offset..)?;
        let (facts, rest) = entry.split_first_chunk()?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = if *length == LONG {
            let (length, rest) = rest.split_first_chunk()?;
            (u32::from_le_bytes(*length) as usize, rest)
        } else {
            (usize::from(*length), rest)
        };
        let (name, rest) = rest.split_at_checked(length)?;
        let end = self.entries.len() - rest.len();
        Some(CompanyEntry { name, facts: u32::from_le_bytes(*facts), end })
    }

    /// Do the entries fill their section, each where it is said to be?
    pub(crate) fn verify(self) -> Result<()> {
        let mut end = 0;
        for offset in self.offsets() {
            end = self.entry(offset?)?.end;
        }
        if end != self.entries.len() {
            return Err(Error::damaged("Companies", "something lies behind the last entry"));
        }
        Ok(())
    }
}

/// Validates a name.
pub(crate) fn text(name: &[u8]) -> Result<&str> {
    std::str::from_utf8(name).map_err(|_| Error::damaged("Companies", "a name is not UTF-8"))
}

/// Validates a list of facts.
pub(crate) fn access(list: &[u8]) -> Result<&ArchivedFacts> {
    rkyv::access::<ArchivedFacts, rancor::Error>(list)
        .map_err(|error| Error::damaged("Facts", format!("a list is broken: {error}")))
}

/// The offset of each company's entry, and the two sections, for companies given by name and list
/// of facts.
#[cfg(feature = "build")]
pub(crate) fn encode<'a>(
    companies: impl Iterator<Item = (&'a str, u32)>,
) -> Result<(Vec<u32>, Vec<u8>, Vec<u8>)> {
    let (mut offsets, mut entries) = (Vec::new(), Vec::new());
    for (name, facts) in companies {
        offsets.push(in_u32("bytes of companies", entries.len())?);
        entries.extend(facts.to_le_bytes());
        match u8::try_from(name.len()) {
            Ok(length) if length != LONG => entries.push(length),
            _ => {
                entries.push(LONG);
                entries.extend(in_u32("bytes of a name", name.len())?.to_le_bytes());
            }
        }
        entries.extend(name.as_bytes());
    }
    let every = offsets.iter().step_by(STEP as usize);
    let table = std::iter::once(offsets.len() as u32).chain(every.copied());
    let table = table.flat_map(u32::to_le_bytes).collect();
    Ok((offsets, table, entries))
}

/// The archive of a list of facts.
#[cfg(feature = "build")]
pub(crate) fn encode_facts(facts: &Facts) -> Result<impl AsRef<[u8]> + use<>> {
    rkyv::to_bytes::<rancor::Error>(facts)
        .map_err(|error| Error::Usage(format!("a list of facts cannot be archived: {error}")))
}

#[cfg(all(test, feature = "build"))]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_length_come_back() {
        let names: Vec<String> = [0, 2, 20, 254, 256, 70_000, 4, 6, 8, 10, 252, 258]
            .map(|length| "ä".repeat(length / 2))
            .to_vec();
        let (offsets, table, entries) = encode(names.iter().map(String::as_str).zip(0..)).unwrap();
        // Aligned as a section is.
        let table: Vec<u32> = bytemuck::pod_collect_to_vec(&table);
        let facts = Pieces::new("Facts", &[], &[]).unwrap();
        let table = bytemuck::cast_slice(&table);
        let companies = Companies::new(table, &entries, facts).unwrap();
        companies.verify().unwrap();
        for (number, name) in (1..).zip(&names) {
            let offset = companies.offset(CompanyId::new(number)).unwrap();
            assert_eq!(offset, offsets[number as usize - 1]);
            let entry = companies.entry(offset).unwrap();
            assert_eq!((entry.name, entry.facts), (name.as_bytes(), number - 1));
        }
        assert!(companies.offset(CompanyId::new(0)).is_err());
        assert!(companies.offset(CompanyId::new(13)).is_err());
        assert!(companies.entry(entries.len() as u32).is_err());
    }
}
