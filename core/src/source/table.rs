//! A table: rows with named columns, whether the file is CSV or JSON Lines.
//!
//! A format names the columns it knows. Others are noted by name and never looked at. Values are
//! text without the blanks around it; an empty one is as good as none.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use encoding_rs::UTF_8;

use super::columns;
use super::delimited::{Delimited, lossy};
use super::json_lines::{JsonLines, is_json, text_of};
use super::layout::Layout;
use crate::error::{BadRow, Error, Result, excerpt};

/// Unknown columns that are noted: JSON may have any number of them.
const MOST_IGNORED: usize = 100;

/// A file, and the row it is at.
pub(super) struct Table {
    path: PathBuf,
    known: &'static [&'static str],
    content: Content,
    ignored: BTreeSet<String>,
    /// Values are personal data: no error quotes them.
    confidential: bool,
    layout: Layout,
    /// The names in the header, as it has them.
    header: Vec<String>,
}

/// How many columns a record has.
#[derive(Debug, Clone, Copy)]
enum Width {
    Exactly(usize),
    /// The last of the known columns may be missing, and others follow. Records that begin with `#` are
    /// remarks.
    AtLeast(usize),
}

enum Content {
    /// For each known column its index in a record. A header names it, or the format does.
    Csv { records: Delimited, indexes: Vec<Option<usize>>, width: Width, header: bool },
    /// For each known column its value in the line.
    Json { lines: JsonLines, values: Vec<Option<String>> },
}

impl Table {
    /// Opens a file whose rows are the known columns in their order, without a header.
    pub(super) fn headerless(
        path: &Path,
        known: &'static [&'static str],
        layout: Layout,
    ) -> Result<Self> {
        let records = Delimited::open(path, layout)?;
        let indexes = (0..known.len()).map(Some).collect();
        Ok(Self::new(
            path,
            known,
            layout,
            Content::Csv { records, indexes, width: Width::Exactly(known.len()), header: false },
        ))
    }

    /// The same table without a header, of which records may have so few columns, and any more.
    pub(super) fn with_at_least(mut self, least: usize) -> Self {
        if let Content::Csv { width, .. } = &mut self.content {
            *width = Width::AtLeast(least);
        }
        self
    }

    /// Opens CSV with a header, in any order of columns, or JSON Lines if the file begins so.
    pub(super) fn open(
        path: &Path,
        known: &'static [&'static str],
        layout: Layout,
    ) -> Result<Self> {
        if is_json(path, layout)? {
            let (lines, values) = (JsonLines::open(path, layout)?, vec![None; known.len()]);
            return Ok(Self::new(path, known, layout, Content::Json { lines, values }));
        }
        let mut records = Delimited::open(path, layout)?;
        let (mut ignored, mut header) = (BTreeSet::new(), Vec::new());
        let mut indexes = vec![None; known.len()];
        if records.advance()? {
            for index in 0..records.len() {
                let name = lossy(records.field(index).unwrap_or(Ok("")));
                let name = name.trim().to_ascii_lowercase();
                header.push(name.clone());
                match known.iter().position(|known| *known == name) {
                    Some(column) if indexes[column].is_some() => {
                        let reason = format!("the header names column {name} twice");
                        return Err(Error::Source { path: path.to_path_buf(), reason });
                    }
                    Some(column) => indexes[column] = Some(index),
                    None if name.is_empty() => {}
                    None => {
                        ignored.insert(excerpt(&name));
                    }
                }
            }
        }
        let width = records.len();
        if let Some(index) = records.swallowed_rows(layout.delimiter, width) {
            let reason = format!("the header {}", swallowed(index));
            return Err(Error::Source { path: path.to_path_buf(), reason });
        }
        let width = Width::Exactly(width);
        let content = Content::Csv { records, indexes, width, header: true };
        Ok(Self { ignored, header, ..Self::new(path, known, layout, content) })
    }

    fn new(path: &Path, known: &'static [&'static str], layout: Layout, content: Content) -> Self {
        let path = path.to_path_buf();
        Self {
            path,
            known,
            content,
            ignored: BTreeSet::new(),
            confidential: false,
            layout,
            header: Vec::new(),
        }
    }

    /// The same table, no value of which is quoted in an error.
    pub(super) fn confidential(self) -> Self {
        Self { confidential: true, ..self }
    }

    /// Takes the next rows, at most so many, apart from the file; nothing after the last, and
    /// nothing where rows cannot be told apart without reading them.
    pub(super) fn split_off(&mut self, most: usize) -> Option<Self> {
        let Content::Csv { records, indexes, width, header } = &mut self.content else {
            return None;
        };
        let records = records.split_off(most)?;
        let (indexes, width, header) = (indexes.clone(), *width, *header);
        let content = Content::Csv { records, indexes, width, header };
        let confidential = self.confidential;
        Some(Self { confidential, ..Self::new(&self.path, self.known, self.layout, content) })
    }

    /// Goes to the next row; false after the last.
    ///
    /// # Errors
    /// After [`Error::BadRow`] the row after it is next.
    pub(super) fn advance(&mut self) -> Result<bool> {
        match &mut self.content {
            Content::Csv { records, width, header, .. } => {
                if !records.advance()? {
                    return Ok(false);
                }
                while matches!(width, Width::AtLeast(_)) && is_remark(records) {
                    if !records.advance()? {
                        return Ok(false);
                    }
                }
                let (found, header) = (records.len(), *header);
                let (fits, expected, least) = match *width {
                    Width::Exactly(width) => (found == width, width, ""),
                    Width::AtLeast(width) => (found >= width, width, "at least "),
                };
                if !fits {
                    let than = if header { "its header has" } else { "the format has" };
                    let separator = match self.layout.delimiter {
                        b',' => "a comma".to_owned(),
                        b'\t' => "a tab".to_owned(),
                        other => format!("a {:?}", char::from(other)),
                    };
                    let hint = if found > expected {
                        format!("; put a value that holds {separator} in double quotes")
                    } else {
                        String::new()
                    };
                    let reason =
                        format!("has {found} columns where {than} {least}{expected}{hint}");
                    return Err(self.refuse_row(reason));
                }
                if let Some(index) = records.swallowed_rows(self.layout.delimiter, expected) {
                    return Err(self.refuse_row(swallowed(index)));
                }
                Ok(true)
            }
            Content::Json { lines, values } => {
                let Some(object) = lines.advance()? else { return Ok(false) };
                values.fill(None);
                let object = match object {
                    Ok(object) => object,
                    Err(reason) => return Err(self.refuse_row(reason)),
                };
                for (name, value) in object.0 {
                    match self.known.iter().position(|known| *known == name) {
                        // A company may have several domains.
                        Some(column) => match text_of(&value, name == "domain") {
                            Ok(text) => values[column] = text,
                            Err(reason) => return Err(self.refuse(&name, "", reason)),
                        },
                        None if self.ignored.len() < MOST_IGNORED => {
                            self.ignored.insert(excerpt(&name));
                        }
                        None => {}
                    }
                }
                Ok(true)
            }
        }
    }

    /// Line on which the row starts, from 1.
    pub(super) const fn line(&self) -> u64 {
        match &self.content {
            Content::Csv { records, .. } => records.line(),
            Content::Json { lines, .. } => lines.line(),
        }
    }

    /// Unknown columns met so far.
    pub(super) const fn ignored(&self) -> &BTreeSet<String> {
        &self.ignored
    }

    /// Unknown columns that are a letter or two from known ones which the file does not have.
    pub(super) fn slips(&self) -> Vec<(String, &'static str)> {
        let near = |name: &String| {
            let known = columns::nearest(name, self.known)?;
            let letters = if known.len() < 7 { 1 } else { 2 };
            let is_slip = strsim::osa_distance(name, known) <= letters && !self.is_named(known);
            is_slip.then(|| (name.clone(), known))
        };
        self.ignored.iter().filter_map(near).collect()
    }

    /// Does the header name this column? Objects of JSON have no header.
    fn is_named(&self, column: &str) -> bool {
        matches!(self.content, Content::Csv { .. }) && self.has(column)
    }

    /// Whether the file can have a value in this column.
    pub(super) fn has(&self, column: &str) -> bool {
        match (&self.content, self.column(column)) {
            (Content::Csv { indexes, .. }, Some(column)) => indexes[column].is_some(),
            (Content::Json { .. }, column) => column.is_some(),
            (_, None) => false,
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|known| *known == name)
    }

    /// The text of a column; nothing where it is empty or the file does not have it.
    pub(super) fn text(&self, column: &'static str) -> Result<Option<&str>> {
        let Some(index) = self.column(column) else { return Ok(None) };
        let text = match &self.content {
            Content::Csv { records, indexes, .. } => {
                let field = indexes[index].and_then(|at| records.field(at));
                field.unwrap_or(Ok("")).map_err(|bytes| {
                    let value = String::from_utf8_lossy(bytes);
                    let reason = "is not UTF-8; say what it is with encoding = \"windows-1252\" (or another) of \
                                  its source, in a manifest, or convert the file";
                    self.refuse(column, value, reason)
                })?
            }
            Content::Json { values, .. } => values[index].as_deref().unwrap_or_default(),
        };
        // Few texts have anything to trim.
        let text = match text.as_bytes() {
            [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
            _ => {
                if text.starts_with(' ') && text.trim_start().starts_with('"') {
                    let reason = "has a blank before its quote, which then is a letter as others are; \
                                  write the quote right behind the separator";
                    return Err(self.refuse(column, text, reason));
                }
                text.trim()
            }
        };
        // By another encoding what it has no letter for becomes this sign.
        if self.layout.encoding != UTF_8 && text.contains(char::REPLACEMENT_CHARACTER) {
            let reason = format!(
                "is not {}; correct the encoding of its source",
                self.layout.encoding.name()
            );
            return Err(self.refuse(column, text, reason));
        }
        if memchr::memchr(0, text.as_bytes()).is_some() {
            return Err(self.refuse(column, text, "holds a NUL, which no text does; correct it"));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// What was found in the header where the columns of a format were expected.
    pub(super) fn found(&self) -> String {
        if self.header.is_empty() {
            return "it has no rows".to_owned();
        }
        columns::found(&self.header, self.layout.delimiter, self.known)
    }

    /// The text of a column that a row must have.
    pub(super) fn required(&self, column: &'static str) -> Result<&str> {
        self.text(column)?.ok_or_else(|| self.refuse(column, "", "is empty"))
    }

    /// An error about one column of the row.
    pub(super) fn refuse<'a>(
        &self,
        column: &str,
        value: impl Into<Cow<'a, str>>,
        reason: impl Into<String>,
    ) -> Error {
        // Without a header a number finds the column sooner than a name.
        let number = match &self.content {
            Content::Csv { header: false, .. } => self.column(column).map(|index| index + 1),
            _ => None,
        };
        Error::BadRow(Box::new(BadRow {
            path: self.path.clone(),
            line: self.line(),
            column: Some(number.map_or(column.to_owned(), |number| format!("{number} ({column})"))),
            value: (!self.confidential).then(|| excerpt(&value.into())),
            reason: reason.into(),
        }))
    }

    /// An error about the file as a whole.
    pub(super) fn refuse_file(&self, reason: String) -> Error {
        Error::Source { path: self.path.clone(), reason }
    }

    /// An error about the row as a whole.
    pub(super) fn refuse_row(&self, reason: impl Into<String>) -> Error {
        let (path, line, reason) = (self.path.clone(), self.line(), reason.into());
        Error::BadRow(Box::new(BadRow { path, line, column: None, value: None, reason }))
    }
}

fn is_remark(record: &Delimited) -> bool {
    matches!(record.field(0), Some(Ok(text)) if text.starts_with('#'))
}

/// Why a row is refused that holds others.
fn swallowed(index: usize) -> String {
    format!(
        "holds what looks like whole rows in column {}: a quote is left open, or a later one is; \
         close it, or write the value on one line",
        index + 1
    )
}
