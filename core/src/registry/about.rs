//! Whom a request is about, and how it came, read from pairs of a word and a text, as the command line and
//! the packages of other languages are given them.

use ipnet::IpNet;
use jiff::civil::Date;

use super::Registry;
use super::entry::{Request, Right};
use super::subject::Who;
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::net::{parse_address, parse_prefix};
use crate::reader::Index;

/// Whom a request is about, and how it came.
///
/// ```
/// use firmtrie::registry::{About, Right};
/// let about = About::read([("name", "Alpha B.V."), ("country", "NL"), ("channel", "mail")])?;
/// let request = about.request(Right::Objection, None)?;
/// assert!(About::read([("phone", "1")]).is_err());
/// # Ok::<(), firmtrie::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    by: Vec<Identifier>,
    space: Vec<IpNet>,
    received: Option<Date>,
    channel: Option<String>,
    reason: Option<String>,
    sure: bool,
}

impl About {
    /// The words that [`About::read`] knows.
    pub const WORDS: [&str; 13] = [
        "lei", "vat", "register", "country", "domain", "email", "name", "address", "prefix",
        "received", "channel", "reason", "sure",
    ];

    /// Reads pairs of a word and a text.
    ///
    /// | word | text |
    /// | --- | --- |
    /// | `lei`, `vat`, `domain`, `email` | what the firm is known by |
    /// | `register`, `name` | the same, in the `country` that is given beside it, or in any |
    /// | `address`, `prefix` | its space |
    /// | `received` | the day on which the request came, `YYYY-MM-DD` |
    /// | `channel`, `reason` | free text, which is kept sealed |
    /// | `sure` | `true`, if a very large part of an index is meant ([`Request::sure`]) |
    ///
    /// Words of the first three rows may be given several times: they are all of one firm.
    ///
    /// # Errors
    /// [`Error::Usage`] for a word that is not known, and for one of the others that is given twice. An
    /// error of its own for a text that its word cannot have.
    pub fn read<'a>(words: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let words: Vec<_> = words.into_iter().collect();
        for (at, (word, _)) in words.iter().enumerate() {
            let one = matches!(*word, "country" | "received" | "channel" | "reason" | "sure");
            if one && words[..at].iter().any(|(before, _)| before == word) {
                return Err(Error::Usage(format!("{word} is given twice; give one")));
            }
        }
        let country = words.iter().find(|(word, _)| *word == "country").map(|(_, text)| *text);
        let mut about = Self::default();
        for (word, text) in words {
            match word {
                "lei" => about.by.push(Identifier::lei(text)?),
                "vat" => about.by.push(Identifier::vat(text)?),
                "domain" => about.by.push(Identifier::domain(text)?),
                "email" => about.by.push(Identifier::email(text)?),
                "register" => about.by.push(Identifier::register(text, country)?),
                "name" => about.by.push(Identifier::name(text, None, country)?),
                "country" => {}
                "address" => about.space.push(parse_address(text)?.into()),
                "prefix" => about.space.push(parse_prefix(text)?),
                "received" => about.received = Some(day(text)?),
                "channel" => about.channel = Some(text.to_owned()),
                "reason" => about.reason = Some(text.to_owned()),
                "sure" => {
                    about.sure = text.to_ascii_lowercase().parse().map_err(|_| {
                        Error::Usage(format!("{text:?} is not true or false; give sure as one"))
                    })?;
                }
                _ => return Err(Error::Usage(format!("nobody is known by a {word:?}"))),
            }
        }
        Ok(about)
    }

    /// Makes the request. With an index, it is also about all that the index knows the firm by.
    ///
    /// # Errors
    /// Those of [`Registry::also_known_by`].
    pub fn request(self, right: Right, index: Option<&Index>) -> Result<Request> {
        let by = match index {
            Some(index) => Registry::also_known_by(&self.by, index)?,
            None => self.by,
        };
        let mut request = by.into_iter().fold(Request::new(right), Request::by);
        request = self.space.into_iter().fold(request, Request::prefix);
        request = request.sure(self.sure);
        if let Some(day) = self.received {
            request = request.received(day);
        }
        if let Some(channel) = self.channel {
            request = request.channel(channel);
        }
        if let Some(reason) = self.reason {
            request = request.reason(reason);
        }
        Ok(request)
    }

    /// Returns the one person or firm that everything is asked of.
    ///
    /// # Errors
    /// Those of [`Who::one`].
    pub fn one(self) -> Result<Who> {
        Who::one(self.by, &self.space)
    }
}

/// Reads a day, `YYYY-MM-DD`. A text that goes on with a time is read up to it.
///
/// # Errors
/// [`Error::Usage`] if the text does not begin with a day.
pub fn day(text: &str) -> Result<Date> {
    let wrong =
        || Error::Usage(format!("{text:?} is not a day; give it as YYYY-MM-DD, as in 2026-11-01"));
    text.get(..10).unwrap_or(text).parse().map_err(|_| wrong())
}
