//! Quotes that are left open, told with the line on which they begin (RFC 4180, 2.5 to 2.7).
//!
//! A reader of CSV takes all up to the next quote for the field, and so swallows rows without a word. Here
//! the bytes pass by on their way to it: a quoted field must end before a separator or the line's end.

use std::io::{self, Read};

/// Passes bytes on, and stops at a quote that is not closed.
pub(super) struct Quotes<R> {
    inner: R,
    delimiter: u8,
    /// The byte before the next one; a line's end, at the start.
    before: u8,
    state: State,
    /// Line ends so far.
    lines: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    /// Within quotes that were opened on this line.
    Inside(u64),
    /// Behind a quote within them: it ends them, or is the first of two that stand for one.
    Closing(u64),
}

impl<R: Read> Quotes<R> {
    pub(super) const fn new(inner: R, delimiter: u8) -> Self {
        Self { inner, delimiter, before: b'\n', state: State::Outside, lines: 0 }
    }

    /// Looks at the next bytes, hopping from quote to quote.
    fn look(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut at = 0;
        while at < bytes.len() {
            if let State::Closing(opened) = self.state {
                self.state = match bytes[at] {
                    b'"' => State::Inside(opened),
                    b'\r' | b'\n' => State::Outside,
                    byte if byte == self.delimiter => State::Outside,
                    _ => return Err(open_quote(opened)),
                };
                self.pass(&bytes[at..=at]);
                at += 1;
                continue;
            }
            let Some(hop) = memchr::memchr(b'"', &bytes[at..]) else {
                self.pass(&bytes[at..]);
                break;
            };
            self.pass(&bytes[at..at + hop]);
            at += hop;
            self.state = match self.state {
                State::Inside(opened) => State::Closing(opened),
                _ if self.begins_field() => State::Inside(self.lines + 1),
                state => state,
            };
            self.pass(&bytes[at..=at]);
            at += 1;
        }
        Ok(())
    }

    /// Does a field begin here? A quote elsewhere is a letter as others are.
    fn begins_field(&self) -> bool {
        self.before == self.delimiter || matches!(self.before, b'\n' | b'\r')
    }

    fn pass(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.before = *last;
            self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.state {
            State::Inside(opened) if read == 0 && !buffer.is_empty() => Err(open_quote(opened)),
            _ => self.look(&buffer[..read]).map(|()| read),
        }
    }
}

fn open_quote(line: u64) -> io::Error {
    let reason = format!(
        "line {line}: the quote that begins a value here is not closed; write a quote within a value twice"
    );
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, piece: usize) -> Result<String, String> {
        let mut quotes = Quotes::new(text.as_bytes(), b',');
        let (mut all, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            match quotes.read(&mut buffer) {
                Ok(0) => return Ok(String::from_utf8(all).unwrap()),
                Ok(read) => all.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn what_is_well_written_passes_by_in_pieces_of_any_size() {
        for text in [
            "",
            "a,b\n",
            "\"a\",\"b\"\r\n\"c\"",
            "\"a, \"\"b\"\"\",c\n",
            "\"a\nb\",c\n\"\"\n",
            "5\" disk,b\n",
            " \"a,b\n",
            "a\"\",b",
        ] {
            for piece in 1..9 {
                assert_eq!(read(text, piece).as_deref(), Ok(text));
            }
        }
    }

    #[test]
    fn a_quote_left_open_is_named_with_the_line_on_which_it_begins() {
        for (text, line) in [
            ("a,\"b\n", 1),
            ("a,b\nc,\"d\ne,\"f\"\n", 2),
            ("\"a\nb\",c\n\"d\n\"e\n", 3),
            ("a,b\n\"c\" d,e\n", 2),
        ] {
            for piece in 1..9 {
                let error = read(text, piece).unwrap_err();
                assert!(error.starts_with(&format!("line {line}: the quote")), "{text:?}: {error}");
            }
        }
    }
}
