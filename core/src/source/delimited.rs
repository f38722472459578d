//! Records of comma-separated values (RFC 4180), bounded in size and counted by line.
//!
//! What the `csv` crate does not do is done here: line numbers that stay right after CRLF and
//! blank lines, and a limit on the size of a record, so that neither a forgotten quote nor a
//! compressed bomb fills the memory.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::LONGEST_ROW;
use super::open::open;
use crate::error::{Error, Result};

/// A file, and the record it is at.
pub(super) struct Delimited {
    path: PathBuf,
    reader: csv::Reader<Bounded>,
    record: ByteRecord,
    line: u64,
}

impl Delimited {
    pub(super) fn open(path: &Path) -> Result<Self> {
        // A last line without its end would be counted as if it had none before it.
        let content = open(path)?.chain(&b"\n"[..]);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Bounded { inner: Box::new(content), since_record: 0 });
        Ok(Self { path: path.to_path_buf(), reader, record: ByteRecord::new(), line: 0 })
    }

    /// Goes to the next record that is not blank; false after the last.
    pub(super) fn advance(&mut self) -> Result<bool> {
        loop {
            self.reader.get_mut().since_record = 0;
            let next_line = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => return Err(self.unreadable(next_line, error)),
            }
            // The reader stands behind the record's end. Its own line number for the record is
            // that of the blank lines before it.
            let inside = self.record.as_slice().split(|byte| *byte == b'\n').count() - 1;
            self.line = self.reader.position().line() - 1 - inside as u64;
            if self.record.len() > 1 || !self.record.as_slice().trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Line on which the record starts, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// How many fields the record has.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// A field, counted from 0.
    pub(super) fn field(&self, place: usize) -> Option<&[u8]> {
        self.record.get(place)
    }

    fn unreadable(&self, line: u64, error: csv::Error) -> Error {
        // Nobody knows where the next record would begin.
        let reason = match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() != io::ErrorKind::FileTooLarge => {
                return Error::io(&self.path, "read")(error);
            }
            csv::ErrorKind::Io(error) => format!("line {line}: {error}"),
            other => format!("line {line}: {other:?}"),
        };
        Error::Source { path: self.path.clone(), reason }
    }
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
