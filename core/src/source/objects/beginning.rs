//! How a file of objects begins, which tells what it is.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::{MARK, decoded, is_between, name_of};
use crate::error::{Error, Result, excerpt};
use crate::source::{LONGEST_ROW, Layout, open};

/// The first line of a file that is neither blank nor a remark, whatever the file is.
pub(in crate::source) fn first_line(path: &Path, layout: Layout) -> Result<Option<String>> {
    let mut input = BufReader::new(open::open(path, layout)?.take(LONGEST_ROW as u64));
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).map_err(Error::io(path, "read"))? > 0 {
        let text = line.strip_prefix(MARK).unwrap_or(&line).trim_ascii_end();
        if !is_between(text) {
            return Ok(Some(decoded(text).into_owned()));
        }
        line.clear();
    }
    Ok(None)
}

/// Refuses a file that begins with an object of none of these classes. What is answered in place of a database is
/// often a line or two, and would be an empty one.
pub(in crate::source) fn begins_with(path: &Path, all: &[&str], layout: Layout) -> Result<()> {
    let refuse = |reason| Err(Error::Source { path: path.to_path_buf(), reason });
    let Some(line) = first_line(path, layout)? else {
        return refuse("has no rows; expected objects of name: value lines".to_owned());
    };
    // What is no attribute is told with its line.
    let Some(name) = first_name(&line) else { return Ok(()) };
    if all.contains(&name.as_str()) {
        return Ok(());
    }
    refuse(format!(
        "begins with an object of class {}, which no such database has; fetch it again, or correct the \
         format of its source",
        excerpt(&name)
    ))
}

/// The name of the attribute in a line, in small letters, if there is one.
pub(in crate::source) fn first_name(line: &str) -> Option<String> {
    name_of(line.as_bytes()).map(|name| decoded(name).to_ascii_lowercase())
}
