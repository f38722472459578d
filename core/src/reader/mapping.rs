//! How the bytes of a file come into memory.
//!
//! [`Index::open`] copies the file into private memory: safe and sound whatever happens to the
//! file later. [`Index::map`] maps it: constant time and shared between processes, but the caller
//! vouches that nobody changes the file in place. Neither trusts what the bytes say.
#![allow(unsafe_code)]

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;
use rkyv::util::AlignedVec;

use super::Index;
use crate::error::{Error, Result};
use crate::index::header::Header;

/// The bytes of an index file; their start has the alignment of a section.
#[derive(Debug)]
pub(super) enum Bytes {
    Private(AlignedVec<64>),
    Mapped(Mmap),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Private(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

impl Index {
    /// Reads an index into private memory.
    ///
    /// Takes time and memory in proportion to the file; see [`Index::map`] for neither.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::NotAnIndex`] when it is something else
    /// or of another version, [`Error::Damaged`] when its header contradicts itself or the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut file = opened(path)?;
        // Room for all of it, so that it is not copied as it grows. What claims to be huge gets
        // room as it is read.
        let length = file.metadata().map_or(0, |metadata| metadata.len().min(1 << 30));
        let mut bytes = AlignedVec::with_capacity(length as usize);
        bytes.extend_from_reader(&mut file).map_err(Error::io(path, "read"))?;
        Self::new(Bytes::Private(bytes)).map_err(|error| error.in_file(path))
    }

    /// Copies an index that is in memory already.
    ///
    /// # Errors
    /// Those of [`Index::open`] but the first.
    pub fn from_bytes(index: &[u8]) -> Result<Self> {
        // Before it is copied: what is no index may be large.
        Header::read(index)?;
        let mut bytes = AlignedVec::with_capacity(index.len());
        bytes.extend_from_slice(index);
        Self::new(Bytes::Private(bytes))
    }

    /// Maps an index: only the header is read, whatever the size; the rest is read when asked for.
    ///
    /// # Errors
    /// Those of [`Index::open`].
    ///
    /// # Safety
    /// As long as the index lives nobody may change or shorten the file in place, in this process
    /// or another: its bytes are borrowed as if they were constant, and a page that is gone ends
    /// the process (SIGBUS). `Builder::write` keeps to this: it replaces the file by another.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("companies.firm");
    /// # std::fs::write(dir.path().join("asn.csv"), "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv)
    /// #     .path(dir.path().join("asn.csv"));
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// // SAFETY: the nightly build replaces the file and never writes into it.
    /// let index = unsafe { firmtrie::Index::map(&path)? };
    /// assert!(index.lookup("1.0.0.1".parse()?)?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub unsafe fn map(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = opened(path)?;
        // SAFETY: the caller vouches that the file does not change while it is mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(Error::io(path, "map"))?;
        Self::new(Bytes::Mapped(map)).map_err(|error| error.in_file(path))
    }
}

/// Opens a file to read it. A directory opens as well, and would be refused later, in words about mapping.
fn opened(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(Error::io(path, "open"))?;
    match file.metadata() {
        Ok(found) if found.is_dir() => Err(Error::io(path, "open")(is_a_directory())),
        _ => Ok(file),
    }
}

#[cfg(unix)]
fn is_a_directory() -> std::io::Error {
    /// `EISDIR` of every Unix.
    const EISDIR: i32 = 21;
    std::io::Error::from_raw_os_error(EISDIR)
}

#[cfg(not(unix))]
fn is_a_directory() -> std::io::Error {
    std::io::ErrorKind::IsADirectory.into()
}
