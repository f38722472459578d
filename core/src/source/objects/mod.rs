//! Objects: what registries publish, blocks of `name: value` lines with a blank line between them (RPSL,
//! RFC 2622, section 2, and what resembles it).
//!
//! Dialects differ, and all of this is met: values that are empty or go on in lines that begin with a
//! blank, a tab or `+`; names in any case and with a `/`; lines of `%` and `#` that are no object's; a
//! second object right behind the first; letters in UTF-8 and Latin-1 in one file, and those of one that were
//! taken for those of the other.
//!
//! Only objects of the classes that a format asks for are taken apart. Of others, which are mostly persons
//! and their contact data, the first name is read and the lines are counted; they are never kept.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::WINDOWS_1252;
use memchr::memchr;

use super::{Layout, open};
use crate::error::{Error, Result};

mod beginning;
mod range;
mod refused;
#[cfg(test)]
mod tests;
mod used_for;
mod values;

pub(super) use beginning::{begins_with, first_line, first_name};
use refused::{CARRIAGE_RETURN, NO_ATTRIBUTE, wrong};
pub(super) use values::handle_of;

/// Bytes that are read at a time, and that a thread takes apart at a time.
const PIECE: usize = 1 << 20;
/// Most bytes of an object. The largest real ones, sets of networks, have a few hundred kilobytes.
const LONGEST_OBJECT: usize = 1 << 24;
/// Most bytes of an attribute.
const LONGEST_ATTRIBUTE: usize = 1 << 16;
/// What may stand at the start of UTF-8 (RFC 3629, section 6).
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Attributes that begin an object even where no blank line stands before them. `aut-num` and `OrgID` are none:
/// networks have one.
const FIRST: [&str; 28] = [
    "inetnum",
    "inet6num",
    "organisation",
    "route",
    "route6",
    "person",
    "role",
    "irt",
    "mntner",
    "nethandle",
    "v6nethandle",
    "ashandle",
    "pochandle",
    // Of these nothing is wanted, and of what lacks its first line: a person's goes on so.
    "as-block",
    "as-set",
    "contact",
    "domain",
    "filter-set",
    "host",
    "inet-rtr",
    "key-cert",
    "nic-hdl",
    "nic-hdl-br",
    "peering-set",
    "poem",
    "poetic-form",
    "route-set",
    "rtr-set",
];

/// The objects of a file or of a piece of it, and the one it is at.
pub(super) struct Objects {
    path: PathBuf,
    /// Nothing where the buffer holds all there is.
    file: Option<Box<dyn Read + Send>>,
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins, and its number from 1.
    at: usize,
    next_line: u64,
    /// Why the file could not be read on, until it is told.
    failure: Option<Error>,
    /// The first `whole` bytes hold no object in part.
    whole: usize,
    classes: &'static [&'static str],
    /// Each line begins with the class of its object, as in `network:ID: value` (RWhois).
    prefixed: bool,
    /// The class of the object it is at, and its attributes.
    class: &'static str,
    attributes: Vec<Attribute>,
    passed: u64,
}

/// An attribute, by its offsets in the buffer. The value has all of its lines.
#[derive(Clone, Copy)]
struct Attribute {
    name: (usize, usize),
    value: (usize, usize),
    line: u64,
}

impl Objects {
    /// Opens a file of which objects of these classes, in small letters, are wanted.
    pub(super) fn open(
        path: &Path,
        classes: &'static [&'static str],
        layout: Layout,
    ) -> Result<Self> {
        let file = Some(open::open(path, layout)?);
        Ok(Self { file, ..Self::of(path, classes, Vec::new(), 1) })
    }

    /// The same objects, each line of which begins with the class before the attribute's name.
    pub(super) fn prefixed(self) -> Self {
        Self { prefixed: true, ..self }
    }

    fn of(path: &Path, classes: &'static [&'static str], buffer: Vec<u8>, next_line: u64) -> Self {
        let (path, whole) = (path.to_path_buf(), buffer.len());
        let attributes = Vec::new();
        Self {
            path,
            file: None,
            buffer,
            at: 0,
            next_line,
            failure: None,
            whole,
            classes,
            prefixed: false,
            class: "",
            attributes,
            passed: 0,
        }
    }

    /// Takes the next objects apart from the file, so that another thread may read them. Nothing at its
    /// end, and where it cannot be read: then going to the next object tells why.
    pub(super) fn split_off(&mut self) -> Option<Self> {
        if self.at == self.whole {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.failure = Some(error);
                    return None;
                }
            }
        }
        let rest = self.buffer.split_off(self.whole);
        let mut buffer = std::mem::replace(&mut self.buffer, rest);
        buffer.drain(..self.at);
        let prefixed = self.prefixed;
        let piece = Self { prefixed, ..Self::of(&self.path, self.classes, buffer, self.next_line) };
        self.next_line += memchr::memchr_iter(b'\n', &piece.buffer).count() as u64;
        (self.at, self.whole) = (0, 0);
        Some(piece)
    }

    /// Objects of other classes that were passed over.
    pub(super) const fn passed(&self) -> u64 {
        self.passed
    }

    /// Has it met any object, of whatever class?
    pub(super) const fn has_any(&self) -> bool {
        self.passed > 0 || !self.attributes.is_empty()
    }

    /// Goes to the next object of the classes that are wanted; false after the last.
    ///
    /// # Errors
    /// After [`Error::BadRow`] the object behind it is next.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        loop {
            if self.at == self.whole && !self.fill()? {
                return Ok(false);
            }
            let (line, next) = self.line();
            if is_between(line) {
                self.go_to(next);
            } else if let Some(class) = self.wanted(line).filter(|_| wrong(line).is_none()) {
                self.class = class;
                return self.take_apart().map(|()| true);
            } else if let Some(reason) = wrong(line) {
                self.attributes.clear();
                let error = self.refuse_line(reason);
                self.skip_object(None);
                return Err(error);
            } else {
                self.passed += 1;
                self.skip_object(None);
            }
        }
    }

    /// Reads on until the buffer holds a whole object; false where the file has ended.
    fn fill(&mut self) -> Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.whole = 0;
        loop {
            let Some(file) = &mut self.file else {
                self.whole = self.buffer.len();
                return Ok(self.whole > 0);
            };
            let before = self.buffer.len();
            let read = file.take(PIECE as u64).read_to_end(&mut self.buffer);
            let read = read.map_err(Error::io(&self.path, "read"))?;
            if read == 0 {
                self.file = None;
                continue;
            }
            if self.next_line == 1 && self.buffer.starts_with(MARK) {
                self.buffer.drain(..MARK.len());
            }
            // Its end may be a blank line of which a part was there before.
            if let Some(end) = end_of_objects(&self.buffer, before.saturating_sub(4)) {
                self.whole = end;
                return Ok(true);
            }
            if self.buffer.len() > LONGEST_OBJECT {
                let reason = format!(
                    "line {}: an object begins that has more than {LONGEST_OBJECT} bytes; blank lines \
                     separate objects",
                    self.next_line
                );
                return Err(Error::Source { path: self.path.clone(), reason });
            }
        }
    }

    /// The next line without its end, and where the line behind it begins; both are inside the whole
    /// objects.
    fn line(&self) -> (&[u8], usize) {
        let rest = &self.buffer[self.at..self.whole];
        let (line, next) = match memchr(b'\n', rest) {
            Some(end) => (&rest[..end], self.at + end + 1),
            None => (rest, self.whole),
        };
        let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        (&line[..end], next)
    }

    const fn go_to(&mut self, next: usize) {
        self.at = next;
        self.next_line += 1;
    }

    /// The class of an object that begins with a line, if it is wanted.
    fn wanted(&self, line: &[u8]) -> Option<&'static str> {
        let name = name_of(line)?;
        self.classes.iter().find(|class| is(class, name)).copied()
    }

    /// Goes to the next line that is blank, or begins another object which is wanted, from the first line of
    /// what is passed over or from inside of an object that is refused. The latter is of this class.
    fn skip_object(&mut self, refused: Option<&'static str>) {
        self.go_to(self.line().1);
        while self.at < self.whole {
            let (line, next) = self.line();
            let begins =
                |class| if self.prefixed { Some(class) != refused } else { FIRST.contains(&class) };
            if is_blank(line) || self.wanted(line).is_some_and(begins) {
                break;
            }
            self.go_to(next);
        }
    }

    /// Notes the attributes of the object that begins here.
    fn take_apart(&mut self) -> Result<()> {
        self.attributes.clear();
        while self.at < self.whole {
            let (at, (line, next)) = (self.at, self.line());
            let end = at + line.len();
            match line.first() {
                _ if memchr(b'\r', line).is_some() => {
                    let error = self.refuse_line(CARRIAGE_RETURN);
                    self.skip_object(Some(self.class));
                    return Err(error);
                }
                Some(b' ' | b'\t' | b'+') if !is_blank(line) => {
                    // The first line of an object has a name, so there is an attribute to go on with.
                    if let Some(attribute) = self.attributes.last_mut() {
                        attribute.value.1 = end;
                    }
                }
                Some(b'%' | b'#') => {}
                _ if is_blank(line) => break,
                _ => {
                    let Some((from, name, value)) = self.name_in(line) else {
                        let error = self.refuse_line(NO_ATTRIBUTE);
                        self.skip_object(Some(self.class));
                        return Err(error);
                    };
                    let is_first = !self.prefixed && is_one_of(&FIRST, name);
                    if !self.attributes.is_empty() && is_first {
                        break;
                    }
                    let value = (at + value, end);
                    let name = (at + from, at + from + name.len());
                    self.attributes.push(Attribute { name, value, line: self.next_line });
                }
            }
            self.go_to(next);
        }
        let long = |of: &&Attribute| of.value.1 - of.value.0 > LONGEST_ATTRIBUTE;
        let Some(attribute) = self.attributes.iter().find(long) else { return Ok(()) };
        let reason = format!("has more than {LONGEST_ATTRIBUTE} bytes");
        Err(self.refuse_attribute(attribute, &reason))
    }

    /// The name of the attribute in a line, and the offsets of name and value there.
    fn name_in<'a>(&self, line: &'a [u8]) -> Option<(usize, &'a [u8], usize)> {
        let first = name_of(line)?;
        if !self.prefixed {
            return Some((0, first, first.len() + 1));
        }
        // The name may tell of what type the value is, as in `Organization;I`.
        let from = first.len() + 1;
        let end = from + memchr(b':', &line[from..])?;
        let name = &line[from..end];
        let name = &name[..memchr(b';', name).unwrap_or(name.len())];
        (is(self.class, first) && !name.is_empty()).then_some((from, name, end + 1))
    }

    /// The class of the object, as the format writes it.
    pub(super) const fn class(&self) -> &'static str {
        self.class
    }

    /// Line on which the object begins, from 1.
    pub(super) const fn line_number(&self) -> u64 {
        match self.attributes.as_slice() {
            [first, ..] => first.line,
            [] => self.next_line,
        }
    }

    /// The text of the first attribute of a name that has one.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.texts(name).next()
    }

    /// The texts of all attributes of a name, each line by itself; those without any are left out.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.attributes
            .iter()
            .filter(move |attribute| is(name, self.slice(attribute.name)))
            .flat_map(|attribute| self.slice(attribute.value).split(|byte| *byte == b'\n'))
            .map(|line| line.strip_prefix(b"+").unwrap_or(line).trim_ascii())
            .filter(|line| !line.is_empty())
            .map(|line| repaired(decoded(line)))
    }

    fn slice(&self, (from, to): (usize, usize)) -> &[u8] {
        &self.buffer[from..to]
    }
}

/// Where the last object ends that ends in a buffer, by a blank line that begins not before `from`.
fn end_of_objects(buffer: &[u8], from: usize) -> Option<usize> {
    let ends = memchr::memrchr_iter(b'\n', buffer).take_while(|end| *end >= from);
    ends.map(|end| (end, &buffer[end + 1..]))
        .find(|(_, rest)| rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
        .map(|(end, _)| end + 1)
}

/// The name at the start of an attribute's line.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
    let end = line.iter().position(|byte| !is_of_a_name(byte))?;
    (end > 0 && line[end] == b':').then(|| &line[..end])
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// Is a line no object's?
fn is_between(line: &[u8]) -> bool {
    is_blank(line) || matches!(line[0], b'%' | b'#')
}

fn is(name: &str, found: &[u8]) -> bool {
    found.eq_ignore_ascii_case(name.as_bytes())
}

fn is_one_of(names: &[&str], found: &[u8]) -> bool {
    names.iter().any(|name| is(name, found))
}

/// The text, with letters of UTF-8 that were taken for windows-1252 and written again put right.
fn repaired(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(&text);
    match std::str::from_utf8(&bytes) {
        Ok(right) if !unmappable => Cow::Owned(right.to_owned()),
        _ => text,
    }
}

/// Text in UTF-8, or in Latin-1 where it is not (as WHATWG decodes it: windows-1252).
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}
