//! Opening an index file: mapped, or copied into memory.

use std::path::Path;

use firmtrie::{Index, Result};

use crate::errors::{Refused, refuse};

/// How an index is opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// In constant time; the pages are the file's, shared by all processes.
    Map,
    /// A private copy, which nothing that happens to the file can touch.
    Memory,
}

impl Mode {
    pub fn read(text: &str) -> std::result::Result<Self, Refused> {
        match text {
            "mmap" => Ok(Self::Map),
            "memory" => Ok(Self::Memory),
            _ => Err(refuse("usage", format!("there is no mode {text:?}; it is mmap or memory"))),
        }
    }

    #[allow(unsafe_code)]
    pub fn open(self, path: &Path) -> Result<Index> {
        match self {
            // SAFETY: the documentation of `open` asks that nobody changes or cuts the file in place;
            // `build` and `firmtrie build` put a new file in its stead.
            Self::Map => unsafe { Index::map(path) },
            Self::Memory => Index::open(path),
        }
    }
}
