//! The command line of firmtrie: arguments in, text or JSON out, an exit code.
//!
//! Exit code 0 says that all went well, 1 that something went wrong, 2 that the command was not
//! understood. Answers go to standard output and nothing else does; bars and summaries go to
//! standard error, bars only if that is a terminal. What a command does is in a file of its name.
#![deny(unsafe_code)]

mod annotate;
mod answers;
mod build;
mod diff;
mod explain;
mod export;
mod generate;
mod grep;
mod identify;
mod info;
mod log;
mod lookup;
mod networks;
mod open;
mod parquet;
mod publish;
mod registry;
mod rows;
mod selection;
mod table;
mod text;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "firmtrie", version, about = "Which company is behind this IP address?")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Annotate(Box<annotate::Arguments>),
    Build(build::Arguments),
    Diff(diff::Arguments),
    Explain(explain::Arguments),
    Export(export::Arguments),
    Identify(Box<identify::Arguments>),
    Lookup(lookup::Arguments),
    Networks(networks::Arguments),
    Info(info::Arguments),
    Verify(verify::Arguments),
    Publish(publish::Arguments),
    Registry(registry::Arguments),
    Completions(generate::Completions),
    Man(generate::Man),
}

/// Why a command ended early.
enum Failure {
    /// Exit code 1.
    Error(String),
    /// Exit code 2.
    Usage(String),
    /// Exit code 1, and everything has been said.
    Said,
    /// Exit code 0: whoever reads the output has seen enough, as `head` does.
    Enough,
}

impl From<firmtrie::Error> for Failure {
    fn from(error: firmtrie::Error) -> Self {
        if matches!(&error, firmtrie::Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
        {
            return Self::Enough;
        }
        Self::Error(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Enough,
            _ => Self::Error(format!("standard input or output: {error}")),
        }
    }
}

/// Nobody should have to guess why a command says nothing for a minute.
fn waiting() {
    let _ = writeln!(
        io::stderr(),
        "waiting for the registry: another program is reading or changing it (a shell of SQLite, a \
         backup); after a minute this gives up"
    );
}

fn main() -> ExitCode {
    firmtrie::registry::tell_waiting(waiting);
    let done = match Arguments::parse().command {
        Command::Annotate(arguments) => annotate::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Identify(arguments) => identify::run(&arguments),
        Command::Lookup(arguments) => lookup::run(&arguments),
        Command::Networks(arguments) => networks::run(&arguments),
        Command::Info(arguments) => info::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments),
        Command::Registry(arguments) => registry::run(&arguments),
        Command::Completions(arguments) => generate::completions(&arguments),
        Command::Man(arguments) => generate::man(&arguments),
    };
    let (code, message) = match done {
        Ok(()) | Err(Failure::Enough) => return ExitCode::SUCCESS,
        Err(Failure::Said) => return ExitCode::from(1),
        Err(Failure::Error(message)) => (1, message),
        Err(Failure::Usage(message)) => (2, message),
    };
    // With standard error gone there is nobody left to tell.
    let (red, plain) = (anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset);
    let _ = writeln!(anstream::stderr(), "{red}error:{plain} {message}");
    ExitCode::from(code)
}
