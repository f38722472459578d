//! Whom a request is about, and how it came: the arguments that most registry commands share.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use firmtrie::Field;
use firmtrie::registry::{About, Date, Met, Request, Right, Who, day};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::Location;
use crate::Failure;
use crate::open::IndexFile;

/// Whom it is about. Several that are given are all of one firm.
#[derive(Args)]
#[group(skip)]
pub struct WhoArguments {
    /// Legal entity identifier
    #[arg(long, value_name = "LEI")]
    lei: Vec<String>,
    /// VAT number, with its country's letters
    #[arg(long, value_name = "NUMBER")]
    vat: Vec<String>,
    /// Number in the commercial register of --country, or of any country
    #[arg(long, value_name = "NUMBER")]
    register: Vec<String>,
    /// Internet domain
    #[arg(long)]
    domain: Vec<String>,
    /// E-mail address of a contact
    #[arg(long)]
    email: Vec<String>,
    /// Name, with its legal form, in --country, or in any country
    #[arg(long)]
    name: Vec<String>,
    /// Country, as in NL
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// IP address
    #[arg(long, value_name = "ADDRESS")]
    address: Vec<String>,
    /// Address space, as in 192.0.2.0/24
    #[arg(long)]
    prefix: Vec<String>,
    /// The same as an object of JSON, in a file or in standard input, -, since who is named in an
    /// argument can be read in the list of processes: {"name": "Firm B.V.", "country": "NL"}
    #[arg(long, value_name = "FILE")]
    who: Option<PathBuf>,
}

/// What is told of somebody, and of how they asked: words of [`About`] and what they say.
#[derive(Default)]
pub struct Told(Vec<(String, String)>);

impl Told {
    /// Reads an object whose values are texts, or lists of them.
    fn read(path: &Path) -> Result<Self, Failure> {
        let (named, text) = if path == Path::new("-") {
            ("standard input".to_owned(), io::read_to_string(io::stdin().lock()))
        } else {
            (path.display().to_string(), fs::read_to_string(path))
        };
        let wrong = |what: String| Failure::Usage(format!("{named}: {what}"));
        let text = text.map_err(|error| wrong(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| {
            wrong(format!("is no object of texts, as in {{\"name\": \"Firm\"}}: {error}"))
        })
    }

    fn add<'a>(&mut self, word: &str, texts: impl IntoIterator<Item = &'a String>) {
        self.0.extend(texts.into_iter().map(|text| (word.to_owned(), text.clone())));
    }

    /// What an argument or the JSON says, and takes it out.
    pub fn take(
        &mut self,
        word: &str,
        argument: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        let mut said: Vec<_> =
            self.0.extract_if(.., |(known, _)| known == word).map(|(_, text)| text).collect();
        said.extend(argument.cloned());
        match said.len() {
            0 | 1 => Ok(said.pop()),
            _ => Err(Failure::Usage(format!("{word} is told more than once"))),
        }
    }

    fn about(&self) -> Result<About, Failure> {
        let words = self.0.iter().map(|(word, text)| (word.as_str(), text.as_str()));
        About::read(words).map_err(usage)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object)
    }
}

/// Reads an object; a word that is there twice says both, where a map would lose one.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Told;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object whose values are texts or lists of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Told, A::Error> {
        let mut told = Told::default();
        while let Some((word, texts)) = object.next_entry::<String, Texts>()? {
            match texts {
                Texts::One(text) => told.add(&word, [&text]),
                Texts::Many(texts) => told.add(&word, &texts),
            }
        }
        Ok(told)
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "a value is neither a text nor a list of texts")]
enum Texts {
    One(String),
    Many(Vec<String>),
}

/// An error of whoever asks is one of usage.
fn usage(error: firmtrie::Error) -> Failure {
    match error {
        firmtrie::Error::Usage(reason) => Failure::Usage(reason),
        error => error.into(),
    }
}

impl WhoArguments {
    fn told(&self) -> Result<Told, Failure> {
        let mut told = self.who.as_deref().map(Told::read).transpose()?.unwrap_or_default();
        for (word, texts) in [
            ("lei", &self.lei),
            ("vat", &self.vat),
            ("domain", &self.domain),
            ("email", &self.email),
            ("register", &self.register),
            ("name", &self.name),
            ("address", &self.address),
            ("prefix", &self.prefix),
        ] {
            told.add(word, texts);
        }
        told.add("country", &self.country);
        Ok(told)
    }

    /// The file that is read for it, where there is one.
    pub fn file(&self) -> Option<&Path> {
        self.who.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// The one of whom everything is asked.
    pub fn one(&self) -> Result<Who, Failure> {
        self.told()?.about()?.one().map_err(usage)
    }
}

/// A request, and how it came.
#[derive(Args)]
pub struct Recorded {
    #[command(flatten)]
    pub location: Location,
    #[command(flatten)]
    who: WhoArguments,
    /// The day on which it came; an answer is due a month later [default: today, UTC]
    #[arg(long, value_name = "DATE", value_parser = day)]
    received: Option<Date>,
    /// The way on which it came, such as mail; it is kept sealed
    #[arg(long)]
    channel: Option<String>,
    /// Why; it is kept sealed
    #[arg(long)]
    reason: Option<String>,
    /// An index that tells what else the firm is known by: the request holds all of it
    #[arg(long, value_name = "INDEX.firm")]
    index: Option<PathBuf>,
    /// Take out more than a hundredth of the index, or a /8
    #[arg(long)]
    yes: bool,
}

impl Recorded {
    /// All that is told of it.
    pub fn told(&self) -> Result<Told, Failure> {
        let mut told = self.who.told()?;
        told.add("received", &self.received.map(|day| day.to_string()));
        told.add("channel", &self.channel);
        told.add("reason", &self.reason);
        Ok(told)
    }

    /// Records it, and says its entry.
    pub fn record(
        &self,
        told: &Told,
        right: Right,
        more: impl FnOnce(Request) -> Request,
    ) -> Result<(), Failure> {
        let about = told.about()?;
        let index = self.index.as_ref().map(|path| IndexFile::at(path).open()).transpose()?;
        let mut request = more(about.request(right, index.as_ref())?);
        if self.yes {
            request = request.sure(true);
        }
        let recorded = self.location.open()?.record_live(request, index.as_ref())?;
        if let (Some(met), Some(path), false) = (&recorded.met, &self.index, self.location.json) {
            // The entry is on the disk: who cannot be told this has not failed to record it.
            let _ = tell_met(met, path);
        }
        self.location.say_recorded(&recorded, &recorded.entry);
        Ok(())
    }
}

/// Says what a request meets in an index, beside its entry, which is for programs to read.
fn tell_met(met: &Met, index: &Path) -> io::Result<()> {
    let index = index.display();
    let mut errors = io::stderr().lock();
    if met.networks == 0 {
        return writeln!(
            errors,
            "{index}: nothing in it is known by this; look whether it is written as meant"
        );
    }
    let what = if met.taken_out { "takes out" } else { "is about" };
    let named: Vec<_> = met.first.iter().take(10).map(ToString::to_string).collect();
    let more = if met.networks > named.len() { ", …" } else { "" };
    let named = named.join(", ");
    writeln!(errors, "{index}: {what} {} networks: {named}{more}", met.networks)
}

/// A field of a company by its column's name.
pub fn field(text: &str) -> Result<Field, Failure> {
    text.parse().map_err(|error| Failure::Usage(format!("{text:?} is no field; it {error}")))
}
