//! JSON Lines: an object of text, numbers and truth values a line, bounded in size.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::open::open;
use super::{LONGEST_ROW, Layout};
use crate::error::{Error, Result};

/// A file, and the object it is at.
pub(super) struct JsonLines {
    path: PathBuf,
    input: BufReader<Box<dyn Read + Send>>,
    buffer: Vec<u8>,
    line: u64,
}

impl JsonLines {
    pub(super) fn open(path: &Path, layout: Layout) -> Result<Self> {
        let input = BufReader::new(open(path, layout)?);
        Ok(Self { path: path.to_path_buf(), input, buffer: Vec::new(), line: 0 })
    }

    /// The object of the next line that is not blank, or why it is none; nothing after the last.
    pub(super) fn advance(&mut self) -> Result<Option<Result<Map<String, Value>, String>>> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let mut line = self.input.by_ref().take(LONGEST_ROW as u64 + 1);
            let read = line.read_until(b'\n', &mut self.buffer);
            if read.map_err(Error::io(&self.path, "read"))? == 0 {
                return Ok(None);
            }
            if self.buffer.len() > LONGEST_ROW {
                let reason = format!("line {} is longer than {LONGEST_ROW} bytes", self.line);
                return Err(Error::Source { path: self.path.clone(), reason });
            }
            let mut text = self.buffer.trim_ascii();
            if self.line == 1 {
                text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            }
            if !text.is_empty() {
                // The position only: the message of the error may quote what must not be told.
                return Ok(Some(serde_json::from_slice(text).map_err(|error| {
                    format!("is not an object of JSON, from character {} on", error.column())
                })));
            }
        }
    }

    /// Line of the object, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }
}

/// Does the file begin like JSON Lines?
pub(super) fn is_json(path: &Path, layout: Layout) -> Result<bool> {
    let mut start = Vec::new();
    let mut input = BufReader::new(open(path, layout)?.take(LONGEST_ROW as u64));
    // Up to the first character that is not blank.
    while start.trim_ascii().is_empty() {
        if input.read_until(b'\n', &mut start).map_err(Error::io(path, "read"))? == 0 {
            break;
        }
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(start.trim_ascii_start().starts_with(b"{"))
}
