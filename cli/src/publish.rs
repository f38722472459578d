//! `firmtrie publish`: a new index in the place of the one that readers follow.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use firmtrie::builder::publish;

use crate::Failure;

/// Put an index in the place of the one that readers follow
///
/// Checks every checksum and reference of NEW, writes a copy beside LIVE and gives it LIVE's name in one
/// step: readers have the old one or the new one, whole. Never copy over LIVE: whoever has it mapped is ended
/// by the system. An index that would bring back who objected is refused.
#[derive(Args)]
pub struct Arguments {
    /// The new index
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Where readers look
    #[arg(value_name = "LIVE")]
    live: PathBuf,
    /// Publish an index that was made under no registry, or when it had less: who objected comes back
    #[arg(long)]
    without_registry: bool,
    /// Replace a file at LIVE that is no index
    #[arg(long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { new, live, without_registry, force, quiet } = arguments;
    if [new, live].into_iter().any(|path| path == Path::new("-")) {
        return Err(Failure::Usage("publish takes files, and no standard input or output".into()));
    }
    publish(new, live, *without_registry, *force)?;
    if !quiet {
        writeln!(io::stderr(), "{}: published {}", live.display(), new.display())?;
    }
    Ok(())
}
