//! What errors tell of objects: file, line and object, and never what may be a person's.
//!
//! A line that is no attribute may be of a person whose object lost one; so no such line is quoted. Of a value
//! the first line is, since what follows it may be another object's.

use memchr::memchr;

use super::{Attribute, Objects, decoded, is, name_of};
use crate::error::{BadRow, Error, excerpt};

impl Objects {
    /// An error about the file as a whole.
    pub(in crate::source) fn refuse_file(&self, reason: String) -> Error {
        Error::Source { path: self.path.clone(), reason }
    }

    /// An error about the first attribute of a name, or about the object where it has none.
    pub(in crate::source) fn refuse(&self, name: &str, reason: &str) -> Error {
        let mut attributes = self.attributes.iter();
        match attributes.find(|attribute| is(name, self.slice(attribute.name))) {
            Some(attribute) => self.refuse_attribute(attribute, reason),
            None => self.bad(self.line_number(), None, None, format!("has no {name}: {reason}")),
        }
    }

    pub(super) fn refuse_attribute(&self, attribute: &Attribute, reason: &str) -> Error {
        let name = decoded(self.slice(attribute.name)).to_ascii_lowercase();
        let value = told(self.slice(attribute.value));
        self.bad(attribute.line, Some(name), Some(value), reason.to_owned())
    }

    /// An error about the next line, which is no attribute. What stands there may be of a person, whose object
    /// lost a line, and is not told.
    pub(super) fn refuse_line(&self, reason: &str) -> Error {
        self.bad(self.next_line, None, None, reason.to_owned())
    }

    fn bad(
        &self,
        line: u64,
        column: Option<String>,
        value: Option<String>,
        mut reason: String,
    ) -> Error {
        if let Some(first) = self.attributes.first() {
            let (class, key) = (self.class(), told(self.slice(first.value)));
            reason = format!("{reason} (in {class} {key})");
        }
        let path = self.path.clone();
        Error::BadRow(Box::new(BadRow { path, line, column, value, reason }))
    }
}

pub(super) const NO_ATTRIBUTE: &str =
    "is no attribute; expected name: value (the line is not shown, since it may be a person's)";

pub(super) const CARRIAGE_RETURN: &str =
    "has a carriage return within; lines end in LF or CRLF, so convert the file";

/// Why a line is none with which an object begins.
pub(super) fn wrong(line: &[u8]) -> Option<&'static str> {
    if name_of(line).is_none() {
        return Some(NO_ATTRIBUTE);
    }
    memchr(b'\r', line).map(|_| CARRIAGE_RETURN)
}

/// What an error tells of a value: the first of its lines.
fn told(value: &[u8]) -> String {
    let value = value.trim_ascii();
    let end = value.iter().position(u8::is_ascii_control).unwrap_or(value.len());
    excerpt(&decoded(&value[..end]))
}
