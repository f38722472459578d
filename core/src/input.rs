//! Inputs: files that may be compressed, told apart by content and not by name.
//!
//! What is decompressed is not looked at here.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// RFC 1952, section 2.3.1.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// RFC 8878, section 3.1.1.
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Does what begins so need [`decompressed`]?
///
/// ```
/// assert!(firmtrie::input::is_compressed(b"\x1f\x8b\x08") && !firmtrie::input::is_compressed(b"plain"));
/// ```
pub fn is_compressed(start: &[u8]) -> bool {
    start.starts_with(&GZIP) || start.starts_with(&ZSTANDARD)
}

/// The content of what may be plain, gzip (RFC 1952) or Zstandard (RFC 8878).
///
/// ```
/// use std::io::Read;
/// let mut text = String::new();
/// firmtrie::input::decompressed(&b"plain"[..])?.read_to_string(&mut text)?;
/// assert_eq!(text, "plain");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the first bytes cannot be read, or no decoder can be made.
pub fn decompressed<'a, R: Read + Send + 'a>(input: R) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let start = input.fill_buf()?;
    Ok(if start.starts_with(&GZIP) {
        Box::new(MultiGzDecoder::new(input))
    } else if start.starts_with(&ZSTANDARD) {
        Box::new(zstd::Decoder::with_buffer(input)?)
    } else {
        Box::new(input)
    })
}
