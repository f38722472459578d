//! Records of comma-separated values (RFC 4180), bounded in size and counted by line.
//!
//! Where a record ends can be told only from the start of the file on, as a quoted field may hold
//! a line break; so one thread finds the records, and hands batches of them to others.
//!
//! What the `csv` crate does not do is done here: line numbers that stay right after CRLF and
//! blank lines, and a limit on the size of a record, so that neither a forgotten quote nor a
//! compressed bomb fills the memory.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::open::open;
use super::quotes::Quotes;
use super::{LONGEST_ROW, Layout};
use crate::error::{Error, Result};

/// The text of a field, or its bytes if they are no UTF-8.
pub(super) type Cell<'a> = std::result::Result<&'a str, &'a [u8]>;

/// The text of a field, with a sign for each byte that is none.
pub(super) fn lossy(field: Cell) -> Cow<str> {
    field.map_or_else(String::from_utf8_lossy, Cow::from)
}

/// Records, and the one that is at hand: those of a file, or some of them apart from it.
pub(super) struct Delimited {
    path: PathBuf,
    origin: Origin,
    /// Line on which the record at hand starts.
    line: u64,
    /// Line breaks within it.
    breaks: u64,
    /// Does a blank stand behind the first record's separators?
    has_blanks: bool,
}

enum Origin {
    File { reader: csv::Reader<Bounded>, record: ByteRecord },
    Batch { batch: Batch, next: usize },
}

/// Records one behind the other, each with the line on which it starts.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// The bytes, where they lie as soon as they are known to be UTF-8 as a whole.
    text: String,
    /// Where each field ends in them.
    field_ends: Vec<usize>,
    records: Vec<Place>,
    /// What ended the batch, if it is an error.
    error: Option<Error>,
}

/// Where a record of a batch is.
struct Place {
    /// The number of fields up to its end.
    end: usize,
    /// The line on which it starts.
    line: u64,
    /// Line breaks within it.
    breaks: u64,
}

impl Batch {
    fn push(&mut self, record: &ByteRecord, line: u64, breaks: u64) {
        for field in record {
            self.bytes.extend_from_slice(field);
            self.field_ends.push(self.bytes.len());
        }
        self.records.push(Place { end: self.field_ends.len(), line, breaks });
    }

    /// The fields of a record by number.
    fn fields(&self, record: usize) -> std::ops::Range<usize> {
        let end_of = |record: usize| self.records.get(record).map_or(0, |place| place.end);
        record.checked_sub(1).map_or(0, end_of)..end_of(record)
    }

    /// To read all bytes as text at once is faster than field by field.
    fn read_text(&mut self) {
        match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(text) => self.text = text,
            Err(error) => self.bytes = error.into_bytes(),
        }
    }

    fn field(&self, number: usize) -> Option<Cell<'_>> {
        let start = number.checked_sub(1).map_or(0, |before| self.field_ends[before]);
        let field = start..*self.field_ends.get(number)?;
        // Of two fields the first may end inside a letter that the second ends.
        let text = self.text.get(field.clone());
        let bytes = || self.bytes.get(field.clone()).or(self.text.as_bytes().get(field));
        text.map(Ok).or_else(|| Some(read(bytes()?)))
    }
}

impl Delimited {
    pub(super) fn open(path: &Path, layout: Layout) -> Result<Self> {
        let content = Quotes::new(open(path, layout)?, layout.delimiter);
        // A last line without its end would be counted as if it had none before it.
        let content = content.chain(&b"\n"[..]);
        let reader = ReaderBuilder::new()
            .delimiter(layout.delimiter)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Bounded { inner: Box::new(content), since_record: 0 });
        let origin = Origin::File { reader, record: ByteRecord::new() };
        Ok(Self { path: path.to_path_buf(), origin, line: 0, breaks: 0, has_blanks: false })
    }

    /// Takes the next records, at most so many, apart from the file; nothing after the last.
    pub(super) fn split_off(&mut self, most: usize) -> Option<Self> {
        let mut batch = Batch::default();
        while batch.records.len() < most {
            match self.advance() {
                Ok(false) => break,
                Ok(true) => match &self.origin {
                    Origin::File { record, .. } => batch.push(record, self.line, self.breaks),
                    Origin::Batch { .. } => return None,
                },
                Err(error) => {
                    batch.error = Some(error);
                    break;
                }
            }
        }
        let empty = batch.records.is_empty() && batch.error.is_none();
        let origin = Origin::Batch { batch, next: 0 };
        let has_blanks = self.has_blanks;
        (!empty).then(|| Self { path: self.path.clone(), origin, line: 0, breaks: 0, has_blanks })
    }

    /// Goes to the next record that is not blank; false after the last.
    pub(super) fn advance(&mut self) -> Result<bool> {
        let (reader, record) = match &mut self.origin {
            Origin::File { reader, record } => (reader, record),
            Origin::Batch { batch, next } => {
                if *next == 0 {
                    batch.read_text();
                }
                let Some(place) = batch.records.get(*next) else {
                    return batch.error.take().map_or(Ok(false), Err);
                };
                (self.line, self.breaks, *next) = (place.line, place.breaks, *next + 1);
                return Ok(true);
            }
        };
        // Blank lines before it are no record.
        let is_first = self.line == 0;
        loop {
            reader.get_mut().since_record = 0;
            let next_line = reader.position().line();
            match reader.read_byte_record(record) {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => return Err(self.unreadable(next_line, error)),
            }
            // The reader stands behind the record's end. Its own line number for the record is
            // that of the blank lines before it.
            let breaks = record.as_slice().iter().map(|byte| u64::from(*byte == b'\n'));
            self.breaks = breaks.sum();
            self.line = reader.position().line() - 1 - self.breaks;
            if record.len() > 1 || !record.as_slice().trim_ascii().is_empty() {
                if is_first {
                    self.has_blanks = record.iter().skip(1).any(|field| field.starts_with(b" "));
                }
                return Ok(true);
            }
        }
    }

    /// Line on which the record starts, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// A field that holds what looks like rows of so many columns: the quote before it was left open, and
    /// a later one closed it.
    ///
    /// In prose a blank stands behind commas, and they separate nothing, unless the first record has blanks there.
    pub(super) fn swallowed_rows(&self, delimiter: u8, columns: usize) -> Option<usize> {
        if self.breaks == 0 {
            return None;
        }
        (0..self.len()).find(|index| {
            let field = self.field(*index).unwrap_or(Ok(""));
            let field = field.map_or_else(|bytes| bytes, str::as_bytes);
            let separators = field
                .split(|byte| *byte == b'\n')
                .map(|line| separators_in(line, delimiter, self.has_blanks));
            let separators: Vec<_> = separators.collect();
            let [first, whole @ .., last] = &separators[..] else { return false };
            let (before, behind) = (*index, columns.saturating_sub(index + 1));
            (behind > 0 && *first >= behind)
                || (before > 0 && *last >= before)
                || whole.iter().any(|count| columns > 1 && *count + 1 >= columns)
        })
    }

    /// How many fields the record has.
    pub(super) fn len(&self) -> usize {
        match &self.origin {
            Origin::File { record, .. } => record.len(),
            Origin::Batch { batch, next } => batch.fields(next.saturating_sub(1)).len(),
        }
    }

    /// A field, counted from 0.
    pub(super) fn field(&self, index: usize) -> Option<Cell<'_>> {
        match &self.origin {
            Origin::File { record, .. } => record.get(index).map(read),
            Origin::Batch { batch, next } => {
                let mut fields = batch.fields(next.saturating_sub(1));
                batch.field(fields.nth(index)?)
            }
        }
    }

    fn unreadable(&self, line: u64, error: csv::Error) -> Error {
        // Nobody knows where the next record would begin.
        let reason = match error.into_kind() {
            csv::ErrorKind::Io(error) => match error.kind() {
                io::ErrorKind::FileTooLarge => format!("line {line}: {error}"),
                // A quote, which names its own line.
                io::ErrorKind::InvalidData if error.to_string().starts_with("line ") => {
                    error.to_string()
                }
                _ => return Error::io(&self.path, "read")(error),
            },
            other => format!("line {line}: {other:?}"),
        };
        Error::Source { path: self.path.clone(), reason }
    }
}

fn read(bytes: &[u8]) -> Cell<'_> {
    std::str::from_utf8(bytes).map_err(|_| bytes)
}

/// The separators in a line of a value that may be those of a row.
fn separators_in(line: &[u8], delimiter: u8, has_blanks: bool) -> usize {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let at = memchr::memchr_iter(delimiter, line);
    at.filter(|at| has_blanks || line.get(at + 1) != Some(&b' ')).count()
}

/// A reader that refuses to go on when a record does not end.
struct Bounded {
    inner: Box<dyn Read + Send>,
    /// Bytes handed out since the last record was complete.
    since_record: usize,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_record > LONGEST_ROW {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the row is longer than {LONGEST_ROW} bytes; is a quote left open?"),
            ));
        }
        let count = self.inner.read(buffer)?;
        self.since_record += count;
        Ok(count)
    }
}
