//! Opening a source's file: plain, gzip or Zstandard, told apart by content and not by name; in UTF-8, or in
//! what it is said to be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use encoding_rs::UTF_8;
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::Layout;
use crate::error::{Error, Result};
use crate::input::decompressed;

/// The marks at the start of UTF-16, of either order of bytes (RFC 2781, 3.2).
const UTF_16_MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
/// So many bytes of a text tell whether half of them are zero, those of one place in each pair.
const BEGINNING: usize = 64;

/// The decompressed content of a file in UTF-8. That more is read of it than it may have is an error.
pub(super) fn open(path: &Path, layout: Layout) -> Result<Box<dyn Read + Send>> {
    let Layout { most, encoding, .. } = layout;
    let limited = Limited { inner: content(path)?, left: most, most };
    if encoding != UTF_8 {
        // A mark at the start tells which of the two of UTF-16 it is.
        let mut decoder = DecodeReaderBytesBuilder::new();
        decoder.encoding(Some(encoding)).bom_override(true);
        return Ok(Box::new(decoder.build(limited)));
    }
    let mut limited = BufReader::new(limited);
    let start = limited.fill_buf().map_err(Error::io(path, "read"))?;
    if let Some(reason) = unreadable(start) {
        return Err(Error::Source { path: path.to_path_buf(), reason });
    }
    Ok(Box::new(limited))
}

/// Files that are text only when another program has unpacked them, by how they begin.
const OTHERS: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xfd7zXZ\0", "compressed by xz"),
    (b"BZh", "compressed by bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"PAR1", "Parquet"),
];

/// What a file is that cannot be read here, by its first bytes.
fn unreadable(start: &[u8]) -> Option<String> {
    let other = OTHERS.iter().find(|(mark, _)| start.starts_with(mark));
    if let Some((_, what)) = other {
        return Some(format!(
            "is {what}; unpack it, or write it as text, plain or by gzip or Zstandard"
        ));
    }
    if start.starts_with(b"\xff\xfe\0\0") || start.starts_with(b"\0\0\xfe\xff") {
        return Some("is written in UTF-32; convert it to UTF-8".to_owned());
    }
    let is_utf_16 = UTF_16_MARKS.iter().any(|mark| start.starts_with(mark))
        || has_zero_halves(&start[..start.len().min(BEGINNING)]);
    is_utf_16.then(|| {
        "is written in UTF-16; say encoding = \"utf-16\" of its source, in a manifest, or convert it to UTF-8"
            .to_owned()
    })
}

/// Is it text of Latin letters in UTF-16? A zero that stands alone is a slip, and told of its row.
fn has_zero_halves(start: &[u8]) -> bool {
    let pairs = start.chunks_exact(2);
    let zeros = |place: usize| pairs.clone().filter(|pair| pair[place] == 0).count();
    zeros(0).max(zeros(1)) > pairs.len() / 2
}

struct Limited {
    inner: Box<dyn Read + Send>,
    left: u64,
    most: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let most = self.most;
            io::Error::other(format!(
                "it has more than {most} bytes when it is decompressed; if it is meant to, set max_size of \
                 its source"
            ))
        })?;
        Ok(read)
    }
}

fn content(path: &Path) -> Result<Box<dyn Read + Send>> {
    let file = File::open(path).map_err(Error::io(path, "open"))?;
    // A file is opened once to see what it is and once to read it: a pipe would lose its start.
    if !file.metadata().map_err(Error::io(path, "read"))?.is_file() {
        let reason = "is a directory, a pipe or a device; expected a file".into();
        return Err(Error::Source { path: path.to_path_buf(), reason });
    }
    decompressed(file).map_err(Error::io(path, "decompress"))
}
