//! Opening an index file: mapped, or copied into memory. The only unsafe code of this package.

use std::path::Path;

use firmtrie::{Index, Result};
use pyo3::prelude::*;

use crate::errors::refuse;

/// How an index is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In constant time; the pages are the file's, shared by all processes.
    Map,
    /// A private copy, which nothing that happens to the file can touch.
    Memory,
}

impl Mode {
    pub fn read(text: &str) -> PyResult<Self> {
        match text {
            "mmap" => Ok(Self::Map),
            "memory" => Ok(Self::Memory),
            _ => Err(refuse("usage", format!("there is no mode {text:?}; it is mmap or memory"))),
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Map => "mmap",
            Self::Memory => "memory",
        }
    }

    #[allow(unsafe_code)]
    pub fn open(self, path: &Path) -> Result<Index> {
        match self {
            // SAFETY: the documentation of `firmtrie.open` asks that nobody changes or cuts the
            // file in place; `build` and `firmtrie build` put a new file in its stead.
            Self::Map => unsafe { Index::map(path) },
            Self::Memory => Index::open(path),
        }
    }
}
