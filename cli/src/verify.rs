//! `firmtrie verify`: is an index whole?

use std::io::{self, Write};

use clap::Args;

use crate::{Failure, open};

/// Check every checksum and every reference of an index
///
/// Says what is wrong, a line each, and exits with 1 if anything is.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    index: open::IndexFile,
    /// Print an object of JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let errors = arguments.index.open()?.verify();
    let path = arguments.index.path.display();
    let mut output = io::stdout().lock();
    if arguments.json {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        writeln!(output, "{}", serde_json::json!({"index": path.to_string(), "errors": errors}))?;
    } else {
        for error in &errors {
            writeln!(output, "{path}: {error}")?;
        }
        if errors.is_empty() {
            writeln!(output, "{path}: all is well")?;
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::Said) }
}
