//! Answers and strings: what an answer number stands for.
//!
//! - An **answer** is a row of 12 bytes, fixed so that its number is its index: company, autonomous
//!   system (0, nobody's number by RFC 7607, for none), and the number of its details.
//! - The **offset** of the entry of its company is in a table of its own, since most who ask want the
//!   name and nothing else: four bytes for each answer with a company, and for that of nobody. In
//!   format 2 it was in the row.
//! - **Details** are a row of 12 bytes that many answers share: the two halves of the sources, and a
//!   word of two bytes for kind and status and two for confidence.
//! - A **string** is stored once; facts speak of it by number. Those of the sources' names come
//!   first, so that a source's number is that of its name. Strings, and whatever else is in pieces
//!   of different lengths, lie one behind the other; a table of `u32` ends finds them.

use super::ids::{AnswerId, CompanyId};
use super::integers;
#[cfg(feature = "build")]
use super::numbered::Numbered;
use crate::company::{Kind, Status};
use crate::cpu::prefetch;
use crate::error::{Error, Result};

/// The most sources an index tells apart: an answer has a bit for each.
#[cfg(feature = "build")]
pub(crate) const MOST_SOURCES: usize = 64;
/// In place of a confidence where there is no evidence to weigh.
const NO_CONFIDENCE: u16 = u16::MAX;
/// Certainty, in the ten-thousandths that confidence is counted in.
pub(crate) const CERTAIN: u16 = 10_000;

/// What an address resolves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResolvedAnswer {
    pub status: Status,
    /// Companies count from 1; 0 where the status is not [`Status::Company`].
    pub company: u32,
    pub asn: Option<u32>,
    pub kind: Kind,
    /// Bit `n` is set when source `n` says so.
    pub sources: u64,
    /// In ten-thousandths, up to [`CERTAIN`].
    pub confidence: Option<u16>,
}

impl ResolvedAnswer {
    /// What [`AnswerId::NOBODY`] stands for.
    pub(crate) const NOBODY: Self = Self {
        status: Status::Unknown,
        company: 0,
        asn: None,
        kind: Kind::Unknown,
        sources: 0,
        confidence: None,
    };
    /// What [`AnswerId::WITHHELD`] stands for.
    const WITHHELD: Self = Self { status: Status::Withheld, ..Self::NOBODY };
}

/// Kind, status and confidence, as a row of details holds them.
const fn details_word(answer: &ResolvedAnswer) -> u32 {
    let confidence = match answer.confidence {
        Some(confidence) => confidence,
        None => NO_CONFIDENCE,
    };
    answer.kind as u32 | (answer.status as u32) << 8 | (confidence as u32) << 16
}

/// Company, autonomous system, number of the details.
type AnswerRow = [u32; 3];
/// As format 2 has it: company, offset of its entry, autonomous system, number of the details.
type AnswerRow2 = [u32; 4];
type DetailsRow = [u32; 3];

/// In place of an entry's offset where there is no company: no entry lies there.
const NO_ENTRY: u32 = u32::MAX;

/// The answers of an index file.
#[derive(Clone, Copy)]
pub(crate) struct Answers<'a> {
    rows: Rows<'a>,
    details: &'a [DetailsRow],
}

/// The rows, and where the entries of their companies are.
#[derive(Clone, Copy)]
enum Rows<'a> {
    Three { rows: &'a [AnswerRow], offsets: &'a [u32] },
    Two(&'a [AnswerRow2]),
}

impl<'a> Answers<'a> {
    /// Looks at the sections; reads nothing. The answers from `first_mask` on have no offsets.
    pub(crate) fn new(
        rows: &'a [u8],
        offsets: &'a [u8],
        details: &'a [u8],
        first_mask: u32,
    ) -> Result<Self> {
        let rows = Rows::Three {
            rows: integers("Answers", rows)?,
            offsets: integers("AnswerOffsets", offsets)?,
        };
        let all = Self { rows, details: integers("Details", details)? };
        if offsets.len() != 4 * first_mask as usize {
            return Err(Error::damaged("AnswerOffsets", "not one for each answer with a company"));
        }
        all.whose_masks_begin(first_mask)
    }

    /// The same of a file of format 2.
    pub(crate) fn of_format_2(rows: &'a [u8], details: &'a [u8], first_mask: u32) -> Result<Self> {
        let rows = Rows::Two(integers("Answers", rows)?);
        Self { rows, details: integers("Details", details)? }.whose_masks_begin(first_mask)
    }

    /// The number of a company's answer is then that of a row.
    fn whose_masks_begin(self, first_mask: u32) -> Result<Self> {
        if first_mask as usize > self.count() {
            return Err(Error::damaged("Answers", "the first mask is not among them"));
        }
        Ok(self)
    }

    /// How many there are, [`AnswerId::NOBODY`] included.
    pub(crate) const fn count(self) -> usize {
        match self.rows {
            Rows::Three { rows, .. } => rows.len(),
            Rows::Two(rows) => rows.len(),
        }
    }

    /// The answer with this number.
    pub(crate) fn get(self, id: AnswerId) -> Result<ResolvedAnswer> {
        if id == AnswerId::NOBODY {
            Ok(ResolvedAnswer::NOBODY)
        } else {
            Ok(self.stored(id)?.answer())
        }
    }

    /// Has the row with this number fetched from memory.
    #[inline(always)]
    pub(crate) fn prefetch(self, id: AnswerId) {
        match self.rows {
            Rows::Three { rows, .. } => prefetch(rows, id.index()),
            Rows::Two(rows) => prefetch(rows, id.index()),
        }
    }

    /// Has the offset of the entry of an answer's company fetched from memory.
    #[inline(always)]
    pub(crate) fn prefetch_offset(self, id: AnswerId) {
        match self.rows {
            Rows::Three { offsets, .. } => prefetch(offsets, id.index()),
            Rows::Two(rows) => prefetch(rows, id.index()),
        }
    }

    /// Where the entry of an answer's company is: of an answer with a company an offset, of another
    /// nothing, or what is no offset.
    #[inline(always)]
    pub(crate) fn company_offset(self, id: AnswerId) -> Option<u32> {
        match self.rows {
            Rows::Three { offsets, .. } => {
                offsets.get(id.index()).map(|offset| u32::from_le(*offset))
            }
            Rows::Two(rows) => rows.get(id.index()).map(|row| u32::from_le(row[1])),
        }
    }

    /// What the offset of the entry of an answer without a company must be.
    pub(crate) const fn no_offset(self, id: AnswerId) -> Option<u32> {
        match self.rows {
            Rows::Three { offsets, .. } if id.index() < offsets.len() => Some(NO_ENTRY),
            Rows::Three { .. } => None,
            Rows::Two(_) => Some(0),
        }
    }

    #[inline(always)]
    fn row(self, id: AnswerId) -> Option<AnswerRow> {
        match self.rows {
            Rows::Three { rows, .. } => rows.get(id.index()).copied(),
            Rows::Two(rows) => rows.get(id.index()).map(|row| [row[0], row[2], row[3]]),
        }
    }

    /// What the file says under this number, that of nobody included; and what every file says of what
    /// is withheld.
    #[inline(always)]
    pub(crate) fn stored(self, id: AnswerId) -> Result<StoredAnswer<'a>> {
        let damaged = |section, reason| Error::damaged(section, reason);
        let Some([company, asn, details]) = self.row(id) else {
            return StoredAnswer::withheld(id)
                .ok_or_else(|| damaged("Answers", "no answer has this number"));
        };
        let details = self.details.get(u32::from_le(details) as usize);
        let details = details.ok_or_else(|| damaged("Details", "no details have this number"))?;
        let (company, asn) = (u32::from_le(company), u32::from_le(asn));
        let stored = StoredAnswer { company, asn, details };
        let [kind, status, ..] = stored.word().to_le_bytes();
        if usize::from(kind) >= Kind::ALL.len() || usize::from(status) >= Status::ALL.len() {
            return Err(damaged("Details", "unknown kind or status"));
        }
        Ok(stored)
    }
}

/// An answer as it lies in the file. Its kind and status are known ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredAnswer<'a> {
    company: u32,
    asn: u32,
    details: &'a DetailsRow,
}

impl StoredAnswer<'_> {
    /// What is not in the file.
    #[cold]
    fn withheld(id: AnswerId) -> Option<Self> {
        const DETAILS: DetailsRow = [0, 0, details_word(&ResolvedAnswer::WITHHELD).to_le()];
        (id == AnswerId::WITHHELD).then_some(Self { company: 0, asn: 0, details: &DETAILS })
    }

    #[inline(always)]
    const fn word(self) -> u32 {
        u32::from_le(self.details[2])
    }

    #[inline(always)]
    pub(crate) fn status(self) -> Status {
        let status = usize::from(self.word().to_le_bytes()[1]);
        Status::ALL.get(status).copied().unwrap_or(Status::Unknown)
    }

    #[inline(always)]
    pub(crate) const fn company(self) -> CompanyId {
        CompanyId::new(self.company)
    }

    pub(crate) fn answer(self) -> ResolvedAnswer {
        let [low, high, word] = self.details.map(u32::from_le);
        let kind = usize::from(word.to_le_bytes()[0]);
        ResolvedAnswer {
            status: self.status(),
            company: self.company,
            asn: Some(self.asn).filter(|asn| *asn != 0),
            kind: Kind::ALL.get(kind).copied().unwrap_or(Kind::Unknown),
            sources: u64::from(high) << 32 | u64::from(low),
            confidence: Some((word >> 16) as u16).filter(|part| *part <= CERTAIN),
        }
    }
}

/// Pieces of different lengths, one behind the other, found by a table of their ends.
#[derive(Clone, Copy)]
pub(crate) struct Pieces<'a> {
    section: &'static str,
    ends: &'a [u32],
    bytes: &'a [u8],
}

impl<'a> Pieces<'a> {
    /// Looks at the two sections; reads nothing.
    pub(crate) fn new(section: &'static str, ends: &'a [u8], bytes: &'a [u8]) -> Result<Self> {
        Ok(Self { section, ends: integers(section, ends)?, bytes })
    }

    /// How many there are.
    pub(crate) const fn count(self) -> usize {
        self.ends.len()
    }

    /// Do the pieces lie one behind the other, and fill their section? Then they are together no longer
    /// than it.
    pub(crate) fn verify(self) -> Result<()> {
        let damaged = |reason| Err(Error::damaged(self.section, reason));
        if !self.ends.is_sorted_by_key(|end| u32::from_le(*end)) {
            return damaged("a piece ends before it begins");
        }
        let end = self.ends.last().map_or(0, |end| u32::from_le(*end));
        if end as usize != self.bytes.len() {
            return damaged("its pieces do not fill it");
        }
        Ok(())
    }

    /// The bytes of a piece, counted from 0.
    pub(crate) fn get(self, number: usize) -> Result<&'a [u8]> {
        let end = |number: usize| self.ends.get(number).map(|end| u32::from_le(*end) as usize);
        let start = if number == 0 { Some(0) } else { end(number - 1) };
        start
            .zip(end(number))
            .and_then(|(start, end)| self.bytes.get(start..end))
            .ok_or_else(|| Error::damaged(self.section, "a piece lies outside it"))
    }

    /// The string with this number.
    pub(crate) fn string(self, number: u32) -> Result<&'a str> {
        std::str::from_utf8(self.get(number as usize)?)
            .map_err(|_| Error::damaged(self.section, "a string is not UTF-8"))
    }
}

/// The sections for answers, offsets and details; the first answer is [`ResolvedAnswer::NOBODY`], and those
/// with a company come before the masks. `offsets` are those of the companies' entries.
#[cfg(feature = "build")]
pub(crate) fn encode_answers(answers: &[ResolvedAnswer], offsets: &[u32]) -> [Vec<u8>; 3] {
    let mut details = Numbered::new();
    let mut rows = Vec::with_capacity(12 * answers.len());
    for answer in answers {
        let word = details_word(answer);
        let row: DetailsRow = [answer.sources as u32, (answer.sources >> 32) as u32, word];
        let number = details.number(row);
        let row: AnswerRow = [answer.company, answer.asn.unwrap_or(0), number];
        rows.extend(row.into_iter().flat_map(u32::to_le_bytes));
    }
    let details = details.all.into_iter().flatten().flat_map(u32::to_le_bytes).collect();
    let offset = |company: u32| company.checked_sub(1).map(|company| offsets[company as usize]);
    let named = answers.iter().take_while(|answer| answer.status <= Status::Company);
    let offsets = named.map(|answer| offset(answer.company).unwrap_or(NO_ENTRY));
    [rows, offsets.flat_map(u32::to_le_bytes).collect(), details]
}

/// The two sections for pieces: their ends, and the pieces.
#[cfg(feature = "build")]
pub(crate) fn encode_pieces<T: AsRef<[u8]>>(
    what: &'static str,
    pieces: impl IntoIterator<Item = T>,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut ends, mut bytes) = (Vec::new(), Vec::new());
    for piece in pieces {
        bytes.extend_from_slice(piece.as_ref());
        ends.extend(in_u32(what, bytes.len())?.to_le_bytes());
    }
    Ok((ends, bytes))
}

/// A count as the format holds it.
#[cfg(feature = "build")]
pub(super) fn in_u32(what: &'static str, count: usize) -> Result<u32> {
    let (count, limit) = (count as u64, u32::MAX.into());
    u32::try_from(count).map_err(|_| Error::TooLarge { what, count, limit })
}
