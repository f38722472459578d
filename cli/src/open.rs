//! How the commands open an index, and the only `unsafe` code of the command line.
#![allow(unsafe_code)]

use std::path::{Path, PathBuf};

use clap::Args;
use firmtrie::Index;

use crate::Failure;

/// Which index, and how it is opened.
#[derive(Args)]
pub struct IndexFile {
    /// The index
    #[arg(value_name = "INDEX")]
    pub path: PathBuf,
    /// Read the index into memory, for a file that others may change in place
    #[arg(long)]
    in_memory: bool,
}

impl IndexFile {
    /// The one at a path, to be mapped.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), in_memory: false }
    }

    /// Maps the index, or reads it into memory.
    pub fn open(&self) -> Result<Index, Failure> {
        if self.in_memory {
            return Ok(Index::open(&self.path)?);
        }
        Ok(map(&self.path)?)
    }
}

/// Maps an index.
pub fn map(path: &Path) -> firmtrie::Result<Index> {
    // SAFETY: `firmtrie build` replaces an index and never writes into one; for files that
    // come another way `--in-memory` is offered.
    unsafe { Index::map(path) }
}
