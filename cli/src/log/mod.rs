//! Access logs: where lines come from, in which layouts, and what a line tells of a request.
//!
//! A layout takes a line apart into [`Parts`], which are borrowed from it where they can be; nothing is
//! kept. A line that does not fit says why ([`Broken`]). Who the visitor is, and what is counted, is
//! decided above.

pub mod arguments;
pub mod growing;
pub mod input;
pub mod json;
pub mod layout;
pub mod names;
mod parquet;
pub mod pattern;
pub mod separated;
pub mod time;
pub mod visitor;

use std::borrow::Cow;

/// What a line tells of a request, as it is written there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The address that opened the connection.
    pub peer: Option<Cow<'a, [u8]>>,
    /// What the proxy's header told, if the layout has it.
    pub header: Option<Cow<'a, [u8]>>,
    /// When, if the layout has it.
    pub time: Option<Cow<'a, [u8]>>,
    /// The day, where the layout writes it apart from the time.
    pub day: Option<Cow<'a, [u8]>>,
    pub agent: Option<Cow<'a, [u8]>>,
    /// The request line: method, target, version.
    pub request: Option<Cow<'a, [u8]>>,
    pub method: Option<Cow<'a, [u8]>>,
    pub path: Option<Cow<'a, [u8]>>,
    pub status: Option<Cow<'a, [u8]>>,
}

impl Part {
    /// All that are read.
    pub const ALL: [Self; 9] = [
        Self::Peer,
        Self::Header,
        Self::Time,
        Self::Day,
        Self::Agent,
        Self::Request,
        Self::Method,
        Self::Path,
        Self::Status,
    ];
}

/// What a layout calls a part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Peer,
    Header,
    Time,
    Day,
    Agent,
    Request,
    Method,
    Path,
    Status,
    /// Read over.
    Other,
}

impl<'a> Parts<'a> {
    /// Fills in one part.
    #[inline]
    pub fn set(&mut self, part: Part, text: impl Into<Cow<'a, [u8]>>) {
        if let Some(place) = self.place(part) {
            *place = Some(text.into());
        }
    }

    /// Takes one part out.
    pub fn take(&mut self, part: Part) -> Option<Cow<'a, [u8]>> {
        self.place(part).and_then(Option::take)
    }

    /// The same, of which nothing is borrowed.
    pub fn into_owned(mut self) -> Parts<'static> {
        let mut owned = Parts::default();
        for part in Part::ALL {
            if let Some(text) = self.take(part) {
                owned.set(part, text.into_owned());
            }
        }
        owned
    }

    #[inline]
    const fn place(&mut self, part: Part) -> Option<&mut Option<Cow<'a, [u8]>>> {
        Some(match part {
            Part::Peer => &mut self.peer,
            Part::Header => &mut self.header,
            Part::Time => &mut self.time,
            Part::Day => &mut self.day,
            Part::Agent => &mut self.agent,
            Part::Request => &mut self.request,
            Part::Method => &mut self.method,
            Part::Path => &mut self.path,
            Part::Status => &mut self.status,
            Part::Other => return None,
        })
    }
}

/// Why a line was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Broken {
    /// It is not of the layout: cut, binary, another program's.
    Layout,
    /// Where the address should be there is none.
    Address,
    /// There is a proxy's header, and it does not tell who came.
    Header,
    /// The time cannot be read.
    Time,
}

impl Broken {
    pub const ALL: [Self; 4] = [Self::Layout, Self::Address, Self::Header, Self::Time];

    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Layout => "not_of_the_format",
            Self::Address => "no_address",
            Self::Header => "no_address_in_header",
            Self::Time => "no_time",
        }
    }
}
