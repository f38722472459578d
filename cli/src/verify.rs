//! `firmtrie verify`: is an index whole?

use std::io::{self, Write};

use clap::Args;

use crate::{Failure, open};

/// Check every checksum and every reference of indexes
///
/// Says what is wrong, a line each, and exits with 1 if anything is.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// More indexes, by path or pattern
    #[arg(value_name = "INDEX")]
    more: Vec<String>,
    /// Print an object of JSON for each
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut indexes = vec![(arguments.index.path.display().to_string(), arguments.index.open()?)];
    indexes.extend(open::more(&arguments.more)?);
    let mut output = io::stdout().lock();
    let mut is_whole = true;
    for (path, index) in indexes {
        let errors = index.verify();
        is_whole &= errors.is_empty();
        if arguments.json {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            writeln!(output, "{}", serde_json::json!({"index": path, "errors": errors}))?;
            continue;
        }
        for error in &errors {
            writeln!(output, "{path}: {error}")?;
        }
        if errors.is_empty() {
            writeln!(output, "{path}: all is well")?;
        }
    }
    if is_whole { Ok(()) } else { Err(Failure::Said) }
}
