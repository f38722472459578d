//! What is printed of texts from sources, and what is written for one reader only.

use std::io::Write as _;
use std::path::Path;

use crate::Failure;

/// A text in one column of one line: a tab or a line break would look like another, an escape would be
/// obeyed by a terminal, and marks of direction would show another text (UTS #55).
pub fn plain(text: &str) -> String {
    let unseen = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(unseen, " ")
}

/// Writes a file that holds what others need not know: its owner alone may read it.
pub fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::Error(format!("{}: cannot write: {error}", path.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    // One that was there before may have been open to all.
    #[cfg(unix)]
    if file.metadata().map_err(failed)?.is_file() {
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(own).map_err(failed)?;
    }
    file.write_all(text.as_bytes()).map_err(failed)
}
