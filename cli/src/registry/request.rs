//! Whom a request is about, and how it came: the arguments that most registry commands share.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use firmtrie::{
    Date, Field, Identifier, IpNet, Met, Registry, Request, Right, Who, parse_address, parse_prefix,
};

use super::Place;
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
}

impl WhoArguments {
    fn identifiers(&self) -> Result<Vec<Identifier>, Failure> {
        let country = self.country.as_deref();
        let mut by = Vec::new();
        for (texts, read) in [
            (&self.lei, Identifier::lei as fn(&str) -> firmtrie::Result<Identifier>),
            (&self.vat, Identifier::vat),
            (&self.domain, Identifier::domain),
            (&self.email, Identifier::email),
        ] {
            for text in texts {
                by.push(read(text)?);
            }
        }
        for number in &self.register {
            by.push(Identifier::register(number, country)?);
        }
        for name in &self.name {
            by.push(Identifier::name(name, None, country)?);
        }
        Ok(by)
    }

    fn space(&self) -> Result<Vec<IpNet>, Failure> {
        let addresses = self.address.iter().map(|text| Ok(IpNet::from(parse_address(text)?)));
        let prefixes = self.prefix.iter().map(|text| Ok(parse_prefix(text)?));
        addresses.chain(prefixes).collect()
    }

    /// The one of whom everything is asked.
    pub fn one(&self) -> Result<Who, Failure> {
        Who::one(self.identifiers()?, &self.space()?).map_err(|error| match error {
            firmtrie::Error::Usage(reason) => Failure::Usage(reason),
            error => error.into(),
        })
    }
}

/// A request, and how it came.
#[derive(Args)]
pub struct Recorded {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    who: WhoArguments,
    /// The day on which it came; an answer is due a month later [default: today, UTC]
    #[arg(long, value_name = "DATE")]
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
    /// Records it, and says its entry.
    pub fn record(
        &self,
        right: Right,
        more: impl FnOnce(Request) -> Request,
    ) -> Result<(), Failure> {
        let mut by = self.who.identifiers()?;
        let index = self.index.as_ref().map(|path| IndexFile::at(path).open()).transpose()?;
        if let Some(index) = &index {
            by = Registry::also_known_by(&by, index)?;
        }
        let mut request = by.into_iter().fold(Request::new(right), Request::by);
        request = self.who.space()?.into_iter().fold(request, Request::prefix);
        if let Some(day) = self.received {
            request = request.received(day);
        }
        if let Some(channel) = &self.channel {
            request = request.channel(channel);
        }
        if let Some(reason) = &self.reason {
            request = request.reason(reason);
        }
        let request = more(request).sure(self.yes);
        let recorded = self.place.open()?.record_meeting(request, index.as_ref())?;
        if let (Some(met), Some(path), false) = (&recorded.met, &self.index, self.place.json) {
            // The entry is on the disk: who cannot be told this has not failed to record it.
            let _ = tell_met(met, path);
        }
        self.place.say(&recorded, || vec![super::line(&recorded.entry)])
    }
}

/// Says what a request meets in an index, beside its entry, which is for programs to read.
fn tell_met(met: &Met, index: &Path) -> std::io::Result<()> {
    let index = index.display();
    let mut errors = std::io::stderr().lock();
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
