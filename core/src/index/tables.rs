//! Answers, company records and strings: what an answer number stands for.
//!
//! - An **answer** is a row of 20 bytes, fixed so that its number is its place.
//! - A **company record** is an rkyv archive: a name and a list of facts, each a field, a value and
//!   the source it came from, so that an absent field costs nothing. It is validated whenever it
//!   is touched.
//! - A **string** is stored once; records speak of it by number. Those of the sources' names come
//!   first, so that a source's number is that of its name.
//!
//! Records and strings lie one behind the other; a table of `u32` ends finds them.

use rkyv::rancor;
use rkyv::{Archive, Serialize};

use super::{NOBODY, integers};
use crate::company::{Kind, Status};
use crate::error::{Error, Result};

/// The most sources an index tells apart: an answer has a bit for each.
#[cfg(feature = "build")]
pub(crate) const MOST_SOURCES: usize = 64;
/// In place of a confidence where there is no evidence to weigh.
#[cfg(feature = "build")]
const NO_CONFIDENCE: u16 = u16::MAX;
/// Certainty, in the ten-thousandths that confidence is counted in.
pub(crate) const CERTAIN: u16 = 10_000;

/// What an address resolves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Answer {
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

impl Answer {
    /// What answer [`NOBODY`] stands for.
    pub(crate) const NOBODY: Self = Self {
        status: Status::Unknown,
        company: 0,
        asn: None,
        kind: Kind::Unknown,
        sources: 0,
        confidence: None,
    };
}

/// An answer in the file: company, autonomous system (0, nobody's number by RFC 7607, for none),
/// the two halves of sources, and a word of two bytes for kind and status and two for confidence.
type AnswerRow = [u32; 5];

/// A company in the file. Numbers are those of strings.
#[derive(Archive, Serialize)]
#[cfg_attr(not(feature = "build"), allow(dead_code))]
pub(crate) struct Record {
    pub name: u32,
    pub name_source: u16,
    pub facts: Vec<Fact>,
}

/// One thing known of a company.
#[derive(Archive, Serialize)]
#[cfg_attr(not(feature = "build"), allow(dead_code))]
pub(crate) struct Fact {
    /// The number of a [`crate::Field`].
    pub field: u16,
    pub source: u16,
    pub value: u32,
}

/// The answers of an index file.
#[derive(Clone, Copy)]
pub(crate) struct Answers<'a>(&'a [AnswerRow]);

impl<'a> Answers<'a> {
    /// Looks at the section; reads nothing.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self> {
        integers("Answers", bytes).map(Self)
    }

    /// How many there are, [`NOBODY`] included.
    pub(crate) const fn count(self) -> usize {
        self.0.len()
    }

    /// The answer with this number.
    pub(crate) fn get(self, number: u32) -> Result<Answer> {
        if number == NOBODY { Ok(Answer::NOBODY) } else { self.row(number) }
    }

    /// What the file says under this number, that of nobody included.
    pub(crate) fn row(self, number: u32) -> Result<Answer> {
        let damaged = |reason| Error::damaged("Answers", reason);
        let row =
            self.0.get(number as usize).ok_or_else(|| damaged("no answer has this number"))?;
        let [company, asn, low, high, word] = row.map(u32::from_le);
        let [kind, status, ..] = word.to_le_bytes().map(usize::from);
        Ok(Answer {
            status: *Status::ALL.get(status).ok_or_else(|| damaged("unknown status"))?,
            company,
            asn: Some(asn).filter(|asn| *asn != 0),
            kind: *Kind::ALL.get(kind).ok_or_else(|| damaged("unknown kind"))?,
            sources: u64::from(high) << 32 | u64::from(low),
            confidence: Some((word >> 16) as u16).filter(|part| *part <= CERTAIN),
        })
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

    /// Do the pieces fill their section?
    pub(crate) fn is_whole(self) -> bool {
        let end = self.ends.last().map_or(0, |end| u32::from_le(*end));
        end as usize == self.bytes.len()
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

    /// The record of a company; companies count from 1.
    pub(crate) fn record(self, company: u32) -> Result<&'a ArchivedRecord> {
        let number = company.checked_sub(1).ok_or_else(|| {
            Error::damaged(self.section, "an answer with a company does not say which")
        })?;
        rkyv::access::<ArchivedRecord, rancor::Error>(self.get(number as usize)?)
            .map_err(|error| Error::damaged(self.section, format!("a record is broken: {error}")))
    }
}

/// The section for answers; the first is [`Answer::NOBODY`].
#[cfg(feature = "build")]
pub(crate) fn encode_answers(answers: &[Answer]) -> Vec<u8> {
    let row = |answer: &Answer| -> AnswerRow {
        let confidence = answer.confidence.unwrap_or(NO_CONFIDENCE);
        let word = answer.kind as u32 | (answer.status as u32) << 8 | u32::from(confidence) << 16;
        let (low, high) = (answer.sources as u32, (answer.sources >> 32) as u32);
        [answer.company, answer.asn.unwrap_or(0), low, high, word]
    };
    answers.iter().flat_map(row).flat_map(u32::to_le_bytes).collect()
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
        let count = bytes.len() as u64;
        let end = u32::try_from(count).map_err(|_| Error::TooLarge {
            what,
            count,
            limit: u32::MAX.into(),
        })?;
        ends.extend(end.to_le_bytes());
    }
    Ok((ends, bytes))
}

/// The archive of a record.
#[cfg(feature = "build")]
pub(crate) fn encode_record(record: &Record) -> Result<impl AsRef<[u8]> + use<>> {
    rkyv::to_bytes::<rancor::Error>(record)
        .map_err(|error| Error::Usage(format!("a company record cannot be archived: {error}")))
}
