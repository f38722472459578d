//! How columns are added to a line: in the way of its format.

use std::io::Write;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::text::plain;

/// The way of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Keys of an object.
    Json,
    /// Values behind this separator, quoted if they must be (RFC 4180).
    Separated(u8),
    /// Values behind this separator, written as URLs write them.
    W3c(u8),
    /// Quoted texts behind a blank.
    Log,
}

/// What a W3C log escapes: what would end a value, or begin an escape.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'"').add(b'+');

impl Style {
    /// What stands between what is added and what is before it.
    pub fn between(self, output: &mut Vec<u8>) {
        output.push(match self {
            Self::Json => b',',
            Self::Separated(separator) | Self::W3c(separator) => separator,
            Self::Log => b' ',
        });
    }

    /// The way of the line that names columns, which in a W3C log are always behind blanks.
    pub const fn of_header(self) -> Self {
        match self {
            Self::W3c(_) => Self::W3c(b' '),
            of => of,
        }
    }

    /// A text, as it is added.
    pub fn text(self, text: &str) -> Vec<u8> {
        let text = plain(text);
        match self {
            Self::Json => serde_json::to_vec(&text).unwrap_or_default(),
            Self::Separated(separator) => {
                let is_bare = !text.bytes().any(|byte| byte == separator || byte == b'"');
                if is_bare {
                    text.into_bytes()
                } else {
                    format!("\"{}\"", text.replace('"', "\"\"")).into_bytes()
                }
            }
            Self::W3c(_) => utf8_percent_encode(&text, ESCAPED).to_string().into_bytes(),
            Self::Log => {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into_bytes()
            }
        }
    }

    /// A number.
    pub fn number(self, number: &dyn std::fmt::Display, output: &mut Vec<u8>) {
        // Into memory, which does not fail.
        let _ = match self {
            Self::Log => write!(output, "\"{number}\""),
            _ => write!(output, "{number}"),
        };
    }

    /// What is not known.
    pub const fn nothing(self) -> &'static [u8] {
        match self {
            Self::Json => b"null",
            Self::Separated(_) => b"",
            Self::W3c(_) => b"-",
            Self::Log => b"\"-\"",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_so_that_its_format_reads_it_again() {
        let text = "A \"B\", C\\D\n100%";
        for (style, expected) in [
            (Style::Json, r#""A \"B\", C\\D 100%""#),
            (Style::Separated(b','), r#""A ""B"", C\D 100%""#),
            (Style::Separated(b'\t'), r#""A ""B"", C\D 100%""#),
            (Style::W3c(b'\t'), "A%20%22B%22,%20C\\D%20100%25"),
            (Style::Log, r#""A \"B\", C\\D 100%""#),
        ] {
            assert_eq!(String::from_utf8(style.text(text)).unwrap(), expected, "{style:?}");
        }
    }
}
