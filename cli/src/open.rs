//! How the commands open an index, and the only `unsafe` code of the command line.
#![allow(unsafe_code)]

use std::path::Path;

use firmtrie::Index;

use crate::Failure;

/// Maps an index, or reads it into memory.
pub fn open(path: &Path, in_memory: bool) -> Result<Index, Failure> {
    if in_memory {
        return Ok(Index::open(path)?);
    }
    // SAFETY: `firmtrie build` replaces an index and never writes into one; for files that come
    // another way `--in-memory` is offered.
    Ok(unsafe { Index::map(path)? })
}
