//! The first bytes of the file: magic, version, and where each section lies.
//!
//! | offset | bytes | what |
//! | --- | --- | --- |
//! | 0 | 8 | `FIRMTRIE` |
//! | 8 | 4 | version of the format |
//! | 12 | 4 | number of the first answer that is a mask |
//! | 16 | 8 | length of the file |
//! | 24 | 24 × number of sections | for each section: offset, length, checksum |
//! | … | 8 | checksum of everything before it |
//!
//! Checksums are XXH3-64. A section starts at a multiple of 64, so that a mapped table has the
//! alignment of its integers and a tree node is one cache line; the bytes between are zero.
//! Reading the header reads nothing else: the sections' checksums are for `verify`.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

pub(crate) const MAGIC: [u8; 8] = *b"FIRMTRIE";
const VERSION: u32 = 3;
/// The oldest that is read: it has the sections up to [`Section::Strings`].
const OLDEST: u32 = 2;
const TABLE: usize = 24;
const ROW: usize = 24;
/// Length of the header in bytes.
#[cfg(feature = "build")]
const LENGTH: usize = length(Section::COUNT);
/// Alignment of a section in bytes.
const ALIGNMENT: usize = 64;

/// The sections, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// JSON: where the facts come from.
    Metadata,
    /// `u32` words of the IPv4 trie.
    Trie,
    /// A byte per root entry of the trie.
    TrieLengths,
    /// `u64` keys of the IPv6 tree.
    IntervalKeys,
    /// A `u32` entry per IPv6 stretch.
    IntervalEntries,
    /// `u64` words of the stretches inside a /64.
    IntervalLists,
    /// Fixed-size answers.
    Answers,
    /// Fixed-size details of answers.
    Details,
    /// The number of companies, and `u32` offsets of some of their entries.
    CompanyOffsets,
    /// Entries of companies: their names.
    Companies,
    /// `u32` ends of the lists of facts.
    FactEnds,
    /// Lists of facts.
    Facts,
    /// `u32` ends of the strings.
    StringEnds,
    /// UTF-8, every string once.
    Strings,
    /// `u32` offsets of the entries of the answers' companies.
    AnswerOffsets,
    /// A bit for each /16 of IPv6 in which somebody is.
    IntervalBlocks,
}

impl Section {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::IntervalBlocks as usize + 1;
    /// How many there are in a file of format 2.
    const COUNT_2: usize = Self::Strings as usize + 1;
    const NAMES: [&str; Self::COUNT] = [
        "Metadata",
        "Trie",
        "TrieLengths",
        "IntervalKeys",
        "IntervalEntries",
        "IntervalLists",
        "Answers",
        "Details",
        "CompanyOffsets",
        "Companies",
        "FactEnds",
        "Facts",
        "StringEnds",
        "Strings",
        "AnswerOffsets",
        "IntervalBlocks",
    ];
}

/// Length in bytes of a header of so many sections.
const fn length(sections: usize) -> usize {
    TABLE + ROW * sections + 8
}

/// A header that agrees with itself and with the length of its file.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Answers from this number on are masks.
    pub first_mask: u32,
    /// Version of the format.
    pub version: u32,
    /// Those that the version does not have are empty.
    sections: [Range<usize>; Section::COUNT],
}

impl Header {
    /// Reads the header of a whole file.
    pub(crate) fn read(file: &[u8]) -> Result<Self> {
        let not_an_index = |reason: String| Error::NotAnIndex { reason };
        if !file.starts_with(&MAGIC) {
            return Err(not_an_index(
                "not a firmtrie index: it does not begin with FIRMTRIE".into(),
            ));
        }
        let damaged = |reason: &str| Error::damaged("header", reason);
        let version = u32_at(file, 8).ok_or_else(|| damaged("the file ends inside it"))?;
        if !(OLDEST..=VERSION).contains(&version) {
            let advice = if version > VERSION { "update firmtrie" } else { "build it again" };
            return Err(not_an_index(format!(
                "an index of format {version}, while this program reads {OLDEST} and {VERSION}; {advice}"
            )));
        }
        let count = sections_of(version);
        let length = length(count);
        let header = file.get(..length).ok_or_else(|| damaged("the file ends inside it"))?;
        let (content, _) = header.split_at(length - 8);
        if u64_at(header, content.len()) != Some(xxh3_64(content)) {
            return Err(damaged("its checksum is wrong"));
        }
        if u64_at(header, 16) != Some(file.len() as u64) {
            return Err(damaged("the file is not as long as it says; it may have been cut"));
        }
        let mut sections = [const { 0..0 }; Section::COUNT];
        for (number, section) in sections[..count].iter_mut().enumerate() {
            *section = section_range(header, number)
                .filter(|range| range.end <= file.len() && range.start.is_multiple_of(ALIGNMENT))
                .ok_or_else(|| damaged("a section lies outside the file"))?;
        }
        let first_mask = u32_at(header, 12).unwrap_or_default();
        Ok(Self { first_mask, version, sections })
    }

    /// Checks what reading the header leaves out: the checksum of every section, that sections
    /// follow each other in their order, and that there is nothing between them.
    pub(crate) fn verify(&self, file: &[u8]) -> Vec<Error> {
        let is_padding = |gap: Option<&[u8]>| {
            gap.is_some_and(|gap| gap.len() < ALIGNMENT && gap.iter().all(|byte| *byte == 0))
        };
        let mut errors = Vec::new();
        let mut end = length(sections_of(self.version));
        for (number, range) in self.present().iter().enumerate() {
            let bytes = file.get(range.clone()).unwrap_or_default();
            let checksum = u64_at(file, TABLE + ROW * number + 16);
            if checksum != Some(xxh3_64(bytes)) {
                errors.push(Error::damaged(Section::NAMES[number], "its checksum is wrong"));
            }
            if !is_padding(file.get(end..range.start)) {
                errors.push(Error::damaged(Section::NAMES[number], "something lies before it"));
            }
            end = range.end;
        }
        if !is_padding(file.get(end..)) {
            errors.push(Error::damaged("header", "something lies behind the last section"));
        }
        errors
    }

    /// Name and length in bytes of each section, in the order of the file.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Section::NAMES.into_iter().zip(self.present().iter().map(|range| range.len() as u64))
    }

    fn present(&self) -> &[Range<usize>] {
        &self.sections[..sections_of(self.version)]
    }

    /// The bytes of a section of the file whose header this is.
    pub(crate) fn section<'a>(&self, file: &'a [u8], section: Section) -> &'a [u8] {
        file.get(self.sections[section as usize].clone()).unwrap_or_default()
    }
}

/// How many sections a file of this version has.
const fn sections_of(version: u32) -> usize {
    if version == 2 { Section::COUNT_2 } else { Section::COUNT }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

fn section_range(header: &[u8], number: usize) -> Option<Range<usize>> {
    let start = u64_at(header, TABLE + ROW * number)?;
    let end = start.checked_add(u64_at(header, TABLE + ROW * number + 8)?)?;
    Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// A whole file: the header, then the sections.
#[cfg(feature = "build")]
pub(crate) fn assemble(first_mask: u32, sections: &[Vec<u8>; Section::COUNT]) -> Vec<u8> {
    let mut offset = LENGTH.next_multiple_of(ALIGNMENT);
    let mut table = Vec::with_capacity(LENGTH);
    for section in sections {
        for number in [offset as u64, section.len() as u64, xxh3_64(section)] {
            table.extend(number.to_le_bytes());
        }
        offset = (offset + section.len()).next_multiple_of(ALIGNMENT);
    }
    let mut file = Vec::with_capacity(offset);
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend(first_mask.to_le_bytes());
    file.extend((offset as u64).to_le_bytes());
    file.extend(table);
    file.extend(xxh3_64(&file).to_le_bytes());
    for section in sections {
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        file.extend_from_slice(section);
    }
    file.resize(offset, 0);
    file
}

#[cfg(all(test, feature = "build"))]
mod tests {
    use super::*;

    fn sections() -> [Vec<u8>; Section::COUNT] {
        std::array::from_fn(|number| vec![number as u8; number * 7])
    }

    #[test]
    fn a_file_gives_back_its_sections() {
        let file = assemble(9, &sections());
        let header = Header::read(&file).unwrap();
        assert_eq!(header.first_mask, 9);
        for (section, number) in
            [(Section::Metadata, 0), (Section::IntervalBlocks, Section::COUNT - 1)]
        {
            assert_eq!(header.section(&file, section), sections()[number]);
        }
    }

    #[test]
    fn a_cut_file_and_any_changed_byte_of_the_header_are_refused() {
        let file = assemble(9, &sections());
        for length in 0..file.len() {
            assert!(Header::read(&file[..length]).is_err(), "{length}");
        }
        for at in 0..LENGTH {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                assert!(Header::read(&changed).is_err(), "{at}");
            }
        }
    }

    #[test]
    fn another_version_says_what_to_do() {
        let mut file = assemble(0, &sections());
        file[8] = 4;
        let message = Header::read(&file).unwrap_err().to_string();
        assert!(message.contains("format 4") && message.contains("update firmtrie"), "{message}");
        let message = Header::read(b"start,end\n").unwrap_err().to_string();
        assert!(message.contains("not a firmtrie index"), "{message}");
    }
}
