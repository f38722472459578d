//! JSON Lines: an object of text, numbers and truth values a line, bounded in size.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

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
    pub(super) fn advance(&mut self) -> Result<Option<Result<Object, String>>> {
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
                return Ok(Some(serde_json::from_slice(text).map_err(|error| {
                    // The position only: the message of the error may quote what must not be told.
                    let column = error.column();
                    if error.to_string().starts_with(TWICE) {
                        return format!(
                            "{TWICE}, the second time before character {column}; keep one"
                        );
                    }
                    format!("is not an object of JSON, from character {column} on")
                })));
            }
        }
    }

    /// Line of the object, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }
}

/// Names and values of an object, each name once, and the values as they are written.
pub(super) struct Object(pub(super) BTreeMap<String, Box<RawValue>>);

/// A value as text; nothing where it is null. Numbers are as they are written: what has more digits than a
/// machine's number is the name of something, and 62.10 is not 62.1. Several texts are separated by a blank.
pub(super) fn text_of(value: &RawValue, may_be_list: bool) -> Result<Option<String>, &'static str> {
    const NO_TEXT: &str = "holds what is no letter; write it in UTF-8";
    let written = value.get();
    match written.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(written).map(Some).map_err(|_| NO_TEXT),
        Some(b'{') => Err("is an object; expected text or a number"),
        Some(b'[') if may_be_list => {
            let values: Vec<&RawValue> = serde_json::from_str(written).map_err(|_| NO_TEXT)?;
            if values.iter().any(|value| !value.get().starts_with('"')) {
                return Err("is a list of something else than text");
            }
            let texts = values.iter().map(|value| serde_json::from_str::<String>(value.get()));
            texts
                .collect::<Result<Vec<_>, _>>()
                .map(|texts| Some(texts.join(" ")))
                .map_err(|_| NO_TEXT)
        }
        Some(b'[') => Err("is a list; expected one text or number"),
        _ => Ok(Some(written.to_owned())),
    }
}

const TWICE: &str = "has one name twice";

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Object, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = object.next_key::<String>()? {
            if members.insert(name, object.next_value()?).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Object(members))
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
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
    if let Some(list) = start.strip_prefix(b"[")
        && (list.trim_ascii().is_empty() || list.trim_ascii_start().starts_with(b"{"))
    {
        let reason =
            "is a list of JSON; write its objects as JSON Lines, each on a line of its own".into();
        return Err(Error::Source { path: path.to_path_buf(), reason });
    }
    Ok(start.starts_with(b"{"))
}
