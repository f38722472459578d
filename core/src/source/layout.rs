//! How a file is written down: what separates its columns, and how its letters are encoded.

use encoding_rs::{Encoding, UTF_8};

/// Largest file, in bytes when it is decompressed. The largest real sources have a few gigabytes.
const LARGEST_FILE: u64 = 16 << 30;

/// What is told of a file before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes that it may have when it is decompressed.
    pub most: u64,
    /// What separates columns.
    pub delimiter: u8,
    pub encoding: &'static Encoding,
}

impl Default for Layout {
    fn default() -> Self {
        Self { most: LARGEST_FILE, delimiter: b',', encoding: UTF_8 }
    }
}

/// Separators that are common, with their names.
pub(super) const SEPARATORS: [(char, &str); 4] =
    [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

/// The separator that a manifest names: one character, or `tab`.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err(format!(
            "{text:?} separates no columns; write one character, as in \";\", or \"tab\""
        )),
    }
}

/// The encoding of a name of the WHATWG's Encoding Standard, <https://encoding.spec.whatwg.org>.
pub(crate) fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        format!(
            "{label:?} is no encoding; it is utf-8, windows-1252, iso-8859-15, utf-16, shift_jis …"
        )
    })
}
