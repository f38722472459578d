//! Opening an index file: mapped, or copied into memory.

use std::path::Path;

use firmtrie::{Index, Mode, Result};

#[allow(unsafe_code)]
pub fn open(mode: Mode, path: &Path) -> Result<Index> {
    match mode {
        Mode::Memory => Index::open(path),
        // SAFETY: the documentation of `open` asks that nobody changes or cuts the file in place;
        // `build` and `firmtrie build` put a new file in its stead.
        _ => unsafe { Index::map(path) },
    }
}
