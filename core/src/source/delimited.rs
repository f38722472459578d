//! Rows of delimited text: opened, decompressed, bounded, and counted by line.
//!
//! What the `csv` crate does not do is done here: line numbers that stay right after CRLF and
//! blank lines, and a limit on the size of a row, so that neither a forgotten quote nor a
//! compressed bomb fills the memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Terminator};
use flate2::bufread::MultiGzDecoder;

use super::Records;
use crate::error::{BadRow, Error, Result, excerpt};

/// Longest row, in bytes. Real rows stay below one kilobyte.
const LONGEST_ROW: usize = 1 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A column of a file without a header: its number from 1, and what it holds.
#[derive(Clone, Copy)]
pub(super) struct Column(pub usize, pub &'static str);

/// A file of delimited rows, and the row it is at.
pub(super) struct Delimited {
    path: PathBuf,
    reader: csv::Reader<Bounded>,
    record: ByteRecord,
    /// Line on which the row in `record` starts.
    line: u64,
}

impl Delimited {
    /// Opens a file, plain or gzip.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut file =
            BufReader::with_capacity(1 << 16, File::open(path).map_err(Error::io(path, "open"))?);
        let start = file.fill_buf().map_err(Error::io(path, "read"))?;
        let content: Box<dyn Read + Send> = if start.starts_with(&GZIP_MAGIC) {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        // A last line without its end would be counted as if it had none before it.
        let content = Bounded { inner: Box::new(content.chain(&b"\n"[..])), since_row: 0 };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(content);
        Ok(Self { path: path.to_path_buf(), reader, record: ByteRecord::new(), line: 0 })
    }

    fn go_on(&mut self) -> Result<bool> {
        loop {
            self.reader.get_mut().since_row = 0;
            let next_line = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => return Err(self.unreadable(next_line, error)),
            }
            // The reader stands behind the row's end. Its own line number for the row is that of
            // the blank lines before it.
            let inside = self.record.as_slice().split(|byte| *byte == b'\n').count() - 1;
            self.line = self.reader.position().line() - 1 - inside as u64;
            if self.record.len() > 1 || !self.record.as_slice().trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Columns of the row.
    pub(super) fn columns(&self) -> usize {
        self.record.len()
    }

    /// The text of a column, without the blanks around it; empty where the row is too short.
    pub(super) fn text(&self, column: Column) -> Result<&str> {
        let bytes = self.record.get(column.0 - 1).unwrap_or_default();
        std::str::from_utf8(bytes).map(str::trim).map_err(|_| {
            self.refuse(column, String::from_utf8_lossy(bytes), "is not UTF-8; convert the file")
        })
    }

    /// An error about one column of the row.
    pub(super) fn refuse<'a>(
        &self,
        Column(number, name): Column,
        value: impl Into<Cow<'a, str>>,
        reason: impl Into<String>,
    ) -> Error {
        Error::BadRow(Box::new(BadRow {
            path: self.path.clone(),
            line: self.line,
            column: Some(format!("{number} ({name})")),
            value: Some(excerpt(&value.into())),
            reason: reason.into(),
        }))
    }

    /// An error about the row as a whole.
    pub(super) fn refuse_row(&self, reason: impl Into<String>) -> Error {
        let (path, line, reason) = (self.path.clone(), self.line, reason.into());
        Error::BadRow(Box::new(BadRow { path, line, column: None, value: None, reason }))
    }

    fn unreadable(&self, line: u64, error: csv::Error) -> Error {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                // Nobody knows where the next row would begin.
                let reason = format!("line {line}: {error}");
                Error::Source { path: self.path.clone(), reason }
            }
            csv::ErrorKind::Io(error) => Error::io(&self.path, "read")(error),
            other => {
                let reason = format!("line {line}: {other:?}");
                Error::Source { path: self.path.clone(), reason }
            }
        }
    }
}

impl Records for Delimited {
    fn advance(&mut self) -> Result<bool> {
        self.go_on()
    }

    fn line(&self) -> u64 {
        self.line
    }
}

/// A reader that refuses to go on when a row does not end.
struct Bounded {
    inner: Box<dyn Read + Send>,
    /// Bytes handed out since the last row was complete.
    since_row: usize,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row > LONGEST_ROW {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the row is longer than {LONGEST_ROW} bytes; is a quote left open?"),
            ));
        }
        let count = self.inner.read(buffer)?;
        self.since_row += count;
        Ok(count)
    }
}
