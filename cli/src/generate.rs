//! `firmtrie completions` and `firmtrie man`: what a shell and `man` know of the commands.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Failure;

/// Print completions for a shell
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie completions bash > /usr/share/bash-completion/completions/firmtrie
  firmtrie completions zsh > ~/.zfunc/_firmtrie
  firmtrie completions fish > ~/.config/fish/completions/firmtrie.fish
  source <(firmtrie completions bash)")]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Write manual pages, one for each command
#[derive(Args)]
#[command(after_help = "Examples:
  firmtrie man /usr/local/share/man/man1
  firmtrie man /tmp && man /tmp/firmtrie-identify.1")]
pub struct Man {
    /// The folder they go to
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Prints completions.
pub fn completions(arguments: &Completions) -> Result<(), Failure> {
    let mut command = crate::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "firmtrie", &mut script);
    Ok(io::stdout().write_all(&script)?)
}

/// Writes manual pages.
pub fn man(arguments: &Man) -> Result<(), Failure> {
    let told =
        |error: io::Error| Failure::Error(format!("{}: {error}", arguments.folder.display()));
    let command = crate::Arguments::command().disable_help_subcommand(true);
    fs::create_dir_all(&arguments.folder).map_err(told)?;
    clap_mangen::generate_to(command, &arguments.folder).map_err(told)
}
