//! Access logs: where lines come from, in which layouts, and what a line tells of a request.
//!
//! A layout takes a line apart into [`Parts`], which are borrowed from it; nothing is copied and nothing is
//! kept. A line that does not fit says why ([`Broken`]). Who the visitor is, and what is counted, is
//! decided above.

pub mod pattern;
pub mod time;

/// What a line tells of a request, as it is written there.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The address that opened the connection.
    pub peer: &'a [u8],
    /// What the proxy's header told, if the layout has it.
    pub header: Option<&'a [u8]>,
    /// When, if the layout has it.
    pub time: Option<&'a [u8]>,
    /// The day, where the layout writes it apart from the time.
    pub day: Option<&'a [u8]>,
    pub agent: Option<&'a [u8]>,
    /// The request line: method, target, version.
    pub request: Option<&'a [u8]>,
    pub method: Option<&'a [u8]>,
    pub path: Option<&'a [u8]>,
    pub status: Option<&'a [u8]>,
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
    pub const fn set(&mut self, part: Part, text: &'a [u8]) {
        match part {
            Part::Peer => self.peer = text,
            Part::Header => self.header = Some(text),
            Part::Time => self.time = Some(text),
            Part::Day => self.day = Some(text),
            Part::Agent => self.agent = Some(text),
            Part::Request => self.request = Some(text),
            Part::Method => self.method = Some(text),
            Part::Path => self.path = Some(text),
            Part::Status => self.status = Some(text),
            Part::Other => {}
        }
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
