//! The file and the tables in it, found once when it is opened.
//!
//! A lookup then begins at its table, not at the header. Finding a table reads nothing of it.

use self_cell::self_cell;

use super::mapping::Bytes;
use crate::error::Result;
use crate::index::companies::{Companies, STEP_2};
use crate::index::header::{Header, Section};
use crate::index::intervals::Intervals;
use crate::index::tables::{Answers, Pieces};
use crate::index::trie::Trie;

self_cell! {
    /// The bytes of a file, and its tables, which borrow from them.
    pub(super) struct File {
        owner: Bytes,
        #[covariant]
        dependent: Tables,
    }
}

/// Where everything is in a file.
pub(super) struct Tables<'a> {
    pub header: Header,
    pub metadata: &'a [u8],
    pub trie: Trie<'a>,
    pub intervals: Intervals<'a>,
    pub answers: Answers<'a>,
    pub companies: Companies<'a>,
    pub strings: Pieces<'a>,
}

impl File {
    /// Finds the tables; [`crate::Error::Damaged`] when one has not the size that it must have.
    pub(super) fn open(bytes: Bytes) -> Result<Self> {
        Self::try_new(bytes, |bytes| Tables::find(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.borrow_owner()
    }

    pub(super) fn tables(&self) -> &Tables<'_> {
        self.borrow_dependent()
    }
}

impl<'a> Tables<'a> {
    fn answers(header: &Header, section: impl Fn(Section) -> &'a [u8]) -> Result<Answers<'a>> {
        let (rows, details) = (section(Section::Answers), section(Section::Details));
        if header.version == 2 {
            return Answers::of_format_2(rows, details, header.first_mask);
        }
        Answers::new(rows, section(Section::AnswerOffsets), details, header.first_mask)
    }

    fn companies(header: &Header, section: impl Fn(Section) -> &'a [u8]) -> Result<Companies<'a>> {
        let (offsets, entries) = (section(Section::CompanyOffsets), section(Section::Companies));
        let facts = Pieces::new("Facts", section(Section::FactEnds), section(Section::Facts))?;
        if header.version == 2 {
            return Companies::of_step(STEP_2, offsets, entries, facts);
        }
        Companies::new(offsets, entries, facts)
    }

    fn find(bytes: &'a [u8]) -> Result<Self> {
        let header = Header::read(bytes)?;
        let section = |section| header.section(bytes, section);
        Ok(Self {
            metadata: section(Section::Metadata),
            trie: Trie::new(section(Section::Trie), section(Section::TrieLengths))?,
            intervals: Intervals::new(
                section(Section::IntervalKeys),
                section(Section::IntervalEntries),
                section(Section::IntervalLists),
                (header.version > 2).then(|| section(Section::IntervalBlocks)),
            )?,
            answers: Self::answers(&header, section)?,
            companies: Self::companies(&header, section)?,
            strings: Pieces::new(
                "Strings",
                section(Section::StringEnds),
                section(Section::Strings),
            )?,
            header,
        })
    }
}
