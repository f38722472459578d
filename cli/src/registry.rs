//! `firmtrie registry`: objections and other requests, from the day they come to their answer.

mod page;
mod request;
mod subject;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use firmtrie::registry::{Date, Entry, Registry, Right, Step, day};
use serde::Serialize;

use crate::Failure;
use crate::text::plain;
use page::{Language, Letter};
use request::{Recorded, WhoArguments};
use subject::Page;

/// Record objections and other requests, and answer them
///
/// Identifiers are kept as keyed hashes, reasons and values sealed; whoever has the registry without
/// its key finds nobody in it. Nothing is ever changed or deleted: taking an entry back is another.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a registry and its key
    Init(Location),
    /// Copy the registry as it is now, while it is used: the way to back it up or move it
    Backup {
        #[command(flatten)]
        location: Location,
        /// The folder to copy it to
        #[arg(value_name = "TO")]
        to: PathBuf,
        /// Copy the key too. Who has both knows who objected
        #[arg(long)]
        with_key: bool,
    },
    /// Bring a registry that is gone or damaged back from a backup, and add what it has not
    Restore {
        #[command(flatten)]
        location: Location,
        /// The folder that it was backed up to
        #[arg(value_name = "FROM")]
        from: PathBuf,
    },
    /// An objection: who it is about is not shown any more, whatever sources say
    Object(Recorded),
    /// The same with the right of erasure
    Erase(Recorded),
    /// Not to be shown until a day, while something is looked into
    Restrict {
        #[command(flatten)]
        of: Recorded,
        /// The last day
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Date,
    },
    /// Put a wrong fact right, in every later build
    Rectify {
        #[command(flatten)]
        of: Recorded,
        /// The field, as in the companies format: name, city, vat …
        #[arg(long)]
        field: String,
        /// Its right value; it may be "value" of --who instead
        #[arg(long, required_unless_present = "who")]
        value: Option<String>,
        /// The value that is wrong; it may be "old" of --who instead
        #[arg(long)]
        old: Option<String>,
    },
    /// A request to see everything that is held; `subject` answers it
    Access(Recorded),
    /// A request to have it in a form that machines read; `subject --json` answers it
    Portability(Recorded),
    /// A contact withdraws consent: the contact goes, the company stays
    Withdraw(Recorded),
    /// Take a step of a request: identity_asked, verified, extended, done, refused
    Step {
        #[command(flatten)]
        location: Location,
        /// The number of the entry
        entry: u64,
        /// The step
        step: Step,
        /// The day on which it was taken [default: today, UTC]
        #[arg(long, value_name = "DATE", value_parser = day)]
        day: Option<Date>,
        /// Why; it is kept sealed, and needed for extended and refused
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take an entry back: what it asked for holds no more
    Lift {
        #[command(flatten)]
        location: Location,
        /// The number of the entry
        entry: u64,
        /// Why; it is kept sealed
        #[arg(long)]
        reason: Option<String>,
    },
    /// Everything that index and registry hold about somebody, each fact with its source
    Subject {
        #[command(flatten)]
        location: Location,
        #[command(flatten)]
        who: WhoArguments,
        /// The index to look into
        #[arg(long, value_name = "INDEX.firm")]
        index: Option<PathBuf>,
        /// Where to put the answer as a page of HTML, or - for standard output
        #[arg(long, value_name = "FILE.html", requires = "index")]
        page: Option<PathBuf>,
        /// Replace a file at --page that is no such page
        #[arg(long, requires = "page")]
        force: bool,
        /// The language of the page
        #[arg(long, value_enum, default_value_t = Language::English)]
        language: Language,
        /// To whom the page is, in lines of an address [default: the company that is held]
        #[arg(long, value_name = "ADDRESS", requires = "page")]
        to: Option<String>,
        /// What the page is found by [default: the numbers of the requests of access]
        #[arg(long, value_name = "TEXT", requires = "page")]
        reference: Option<String>,
    },
    /// Every entry: its right, dates and state, and nothing that identifies anybody
    List(Location),
    /// The steps of an entry, or of all
    History {
        #[command(flatten)]
        location: Location,
        /// The number of the entry
        entry: Option<u64>,
        /// Say what was sealed with it, too
        #[arg(long, requires = "entry")]
        unseal: bool,
    },
    /// What has no answer yet, the first due first; exit code 1 if one is late
    Due {
        #[command(flatten)]
        location: Location,
        /// The day that is asked about [default: today, UTC]
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
    },
}

/// Where a registry is, and how to answer.
#[derive(Args)]
pub struct Location {
    /// The registry's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Its key, if it does not lie in the folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Location {
    fn open(&self) -> Result<Registry, Failure> {
        Ok(Registry::open(&self.folder, self.key.as_deref())?)
    }

    /// Prints lines, or the same as JSON.
    fn say<T: Serialize>(
        &self,
        what: &T,
        lines: impl FnOnce() -> Vec<String>,
    ) -> Result<(), Failure> {
        let mut output = io::stdout().lock();
        if self.json {
            let json = serde_json::to_string(what).map_err(io::Error::from)?;
            return Ok(writeln!(output, "{json}")?);
        }
        for line in lines() {
            writeln!(output, "{line}")?;
        }
        Ok(())
    }

    /// Says what was recorded. It is on the disk: who cannot be told so has not failed to record it.
    fn say_recorded<T: Serialize>(&self, what: &T, entry: &Entry) {
        if let Err(Failure::Error(reason)) = self.say(what, || vec![line(entry)]) {
            let number = entry.entry;
            let _ = writeln!(
                io::stderr(),
                "entry {number} is recorded, and cannot be printed: {reason}"
            );
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Init(location) => init(location),
        Command::Backup { location, to, with_key } => {
            location.open()?.backup(to, *with_key)?;
            let made = serde_json::json!({ "registry": to, "with_key": with_key });
            location.say(&made, || {
                let without = if *with_key { "" } else { "; without its key it is of no use" };
                vec![format!("copied {} to {}{without}", location.folder.display(), to.display())]
            })
        }
        Command::Restore { location, from } => {
            let registry = Registry::restore(&location.folder, from, location.key.as_deref())?;
            let entries = registry.entries()?.len();
            let made = serde_json::json!({ "registry": location.folder, "entries": entries });
            location.say(&made, || {
                vec![format!("restored {}; it has {entries} entries", location.folder.display())]
            })
        }
        Command::Object(of) => recorded(of, Right::Objection),
        Command::Erase(of) => recorded(of, Right::Erasure),
        Command::Restrict { of, until } => {
            of.record(&of.told()?, Right::Restriction, |request| request.until(*until))
        }
        Command::Rectify { of, field, value, old } => {
            rectify(of, field, value.as_ref(), old.as_ref())
        }
        Command::Access(of) => recorded(of, Right::Access),
        Command::Portability(of) => recorded(of, Right::Portability),
        Command::Withdraw(of) => recorded(of, Right::Withdrawal),
        Command::Step { location, entry, step, day, reason } => {
            let entry = location.open()?.step(*entry, *step, *day, reason.as_deref())?;
            location.say_recorded(&entry, &entry);
            Ok(())
        }
        Command::Lift { location, entry, reason } => {
            let entry = location.open()?.lift(*entry, reason.as_deref())?;
            location.say_recorded(&entry, &entry);
            Ok(())
        }
        Command::Subject { location, who, index, page, force, language, to, reference } => {
            let letter =
                Letter { language: *language, to: to.as_deref(), reference: reference.as_deref() };
            let page = page.as_ref().map(|path| Page { path, force: *force, letter });
            subject::run(location, who, index.as_ref(), page.as_ref())
        }
        Command::List(location) => {
            let entries = location.open()?.entries()?;
            location.say(&entries, || entries.iter().map(line).collect())
        }
        Command::History { location, entry, unseal } => history(location, *entry, *unseal),
        Command::Due { location, on } => due(location, *on),
    }
}

fn init(location: &Location) -> Result<(), Failure> {
    let key = location.key.clone().unwrap_or_else(|| location.folder.join("registry.key"));
    let key_was_there = key.exists();
    Registry::create(&location.folder, location.key.as_deref())?;
    let folder = location.folder.display().to_string();
    let made = serde_json::json!({ "registry": folder, "key": key });
    location.say(&made, || {
        let mut lines = vec![format!(
            "made {folder} and its key {}; keep a copy of the key elsewhere, since nothing can be \
             left out without it",
            key.display()
        )];
        if key_was_there {
            lines.push(
                "the key was there already: if a registry of it was lost, bring it back with \
                 `firmtrie registry restore` instead, since this one knows of nobody"
                    .to_owned(),
            );
        }
        if key.parent() == Some(location.folder.as_path()) {
            lines.push(
                "the key lies beside the registry: who copies the folder has both and can find out \
                 who objected; move it, and name it with --key"
                    .to_owned(),
            );
        }
        lines
    })
}

fn rectify(
    of: &Recorded,
    field: &str,
    value: Option<&String>,
    old: Option<&String>,
) -> Result<(), Failure> {
    let field = request::field(field)?;
    let mut told = of.told()?;
    let old = told.take("old", old)?;
    let value = told.take("value", value)?.ok_or_else(|| {
        Failure::Usage("the right value is not told; give it as --value".to_owned())
    })?;
    of.record(&told, Right::Rectification, |request| request.rectify(field, value, old))
}

fn recorded(of: &Recorded, right: Right) -> Result<(), Failure> {
    of.record(&of.told()?, right, |request| request)
}

/// An entry as a line: nothing in it identifies anybody.
fn line(entry: &Entry) -> String {
    let mut line = vec![format!(
        "{}\t{}\t{}\treceived {}, due {}",
        entry.entry, entry.right, entry.step, entry.received, entry.due
    )];
    if let Some(until) = entry.until {
        line.push(format!("until {until}"));
    }
    if !entry.identified_by.is_empty() {
        let of = if entry.any_country { " in any country" } else { "" };
        line.push(format!("by {}{of}", entry.identified_by.join(" and ")));
    }
    match entry.prefixes {
        0 => {}
        1 => line.push("1 prefix".to_owned()),
        many => line.push(format!("{many} prefixes")),
    }
    line.join(", ")
}

fn history(location: &Location, entry: Option<u64>, unseal: bool) -> Result<(), Failure> {
    let registry = location.open()?;
    let steps = registry.history(entry)?;
    let sealed = match entry {
        Some(entry) if unseal => registry.unseal(entry)?,
        _ => Vec::new(),
    };
    let json = serde_json::json!({ "steps": steps, "unsealed": sealed });
    location.say(&json, || {
        let steps = steps.iter().map(|step| {
            format!("{}\t{}\t{}\trecorded {}", step.entry, step.step, step.day, step.recorded)
        });
        let sealed = sealed.iter().map(|(what, text)| format!("{what}\t{}", plain(text)));
        steps.chain(sealed).collect()
    })
}

fn due(location: &Location, on: Option<Date>) -> Result<(), Failure> {
    let day = on.unwrap_or_else(firmtrie::registry::today);
    let entries = location.open()?.due()?;
    location.say(&entries, || {
        let late = |entry: &Entry| if entry.due < day { "\tLATE" } else { "" };
        entries.iter().map(|entry| line(entry) + late(entry)).collect()
    })?;
    if entries.iter().any(|entry| entry.due < day) { Err(Failure::Said) } else { Ok(()) }
}
