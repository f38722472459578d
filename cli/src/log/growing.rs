//! Logs that are read as they grow: a file through rotation and truncation, and standard input.
//!
//! What is there is handed on at once, and lines that are not whole wait for their rest.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use firmtrie::input::{decompressed, is_compressed};

use super::input::{Piece, Reading, open, read_one};

/// Reads a log as it grows: what is there, and whatever is written to it, or to the one that takes its place
/// (as `logrotate` does). It ends when nobody listens.
pub fn follow(path: PathBuf, reading: Reading) -> io::Result<Receiver<Piece>> {
    let log = Growing::open(path)?;
    Ok(read_one(|| Ok(Box::new(log)), reading))
}

/// Reads standard input as it comes.
pub fn follow_input(reading: Reading) -> Receiver<Piece> {
    let open = || -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(AsItComes { inner: decompressed(io::stdin())?, has_read: false }))
    };
    read_one(open, reading)
}

/// An input whose every piece is handed on before the next is waited for.
struct AsItComes<R> {
    inner: R,
    has_read: bool,
}

impl<R: Read> Read for AsItComes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.has_read) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.inner.read(buffer)?;
        self.has_read = read > 0;
        Ok(read)
    }
}

/// A log that grows. What is not there yet is [`io::ErrorKind::WouldBlock`], and there is no end.
struct Growing {
    path: PathBuf,
    file: File,
    read: u64,
    /// Does what was read end with a line?
    is_whole: bool,
}

impl Growing {
    fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = open(&path)?;
        let mut start = [0; 4];
        let read = file.read(&mut start)?;
        file.rewind()?;
        if is_compressed(&start[..read]) {
            return Err(io::Error::other(
                "is compressed, and so does not grow; read it without --follow",
            ));
        }
        Ok(Self { path, file, read: 0, is_whole: true })
    }

    /// Has another log taken its place, or was it emptied?
    fn is_another(&self) -> io::Result<bool> {
        let (there, here) = match (fs::metadata(&self.path), self.file.metadata()) {
            // Between two logs there may be none.
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            (there, here) => (there?, here?),
        };
        Ok(!same_file(&there, &here) || there.len() < self.read)
    }
}

#[cfg(unix)]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    a.created().ok() == b.created().ok()
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let another = self.is_another()?;
        // First what is left of the one that was read.
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        if read > 0 {
            self.is_whole = buffer[read - 1] == b'\n';
            return Ok(read);
        }
        if another {
            // Its last line was cut, and does not go on in the next log.
            if !std::mem::replace(&mut self.is_whole, true) {
                buffer[0] = b'\n';
                return Ok(1);
            }
            *self = Self::open(std::mem::take(&mut self.path))?;
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}
