//! Sources: where facts come from, and the claims their files make.
//!
//! One file per input format turns rows into [`Claim`]s, one at a time, so that a source may be
//! larger than memory. A row that cannot be read ends the reading with an error that names file,
//! line and value: nothing is skipped, nothing guessed. What claims mean beside each other is
//! decided elsewhere.

mod asn_csv;
mod rows;

use std::path::{Path, PathBuf};

use crate::company::{Company, Kind};
use crate::error::Result;
use crate::net::AddressRange;

/// How a source's files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Rows of `start,end,asn,organisation` without a header: first and last address of a range,
    /// the number of the autonomous system that announces it, and who runs that system.
    AsnCsv,
}

impl Format {
    /// The word for it in every input and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsnCsv => "asn-csv",
        }
    }
}

/// Where facts come from: a name, files of one format, and what is known about their origin.
///
/// ```
/// use firmtrie::{Format, Source};
/// let source = Source::new("ip-location-db/asn", Format::AsnCsv)
///     .path("asn-ipv4.csv")
///     .path("asn-ipv6.csv.gz")
///     .licence("CC-BY-4.0");
/// assert_eq!(source.name(), "ip-location-db/asn");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) url: Option<String>,
    pub(crate) licence: Option<String>,
    pub(crate) priority: i32,
}

impl Source {
    /// A source without files yet, of priority 0.
    pub fn new(name: impl Into<String>, format: Format) -> Self {
        let name = name.into();
        Self { name, format, paths: Vec::new(), url: None, licence: None, priority: 0 }
    }

    /// Adds a file, plain or compressed with gzip (told apart by content, not by name).
    #[must_use]
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        self.paths.push(path.as_ref().to_path_buf());
        self
    }

    /// Says where the files were found.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Says under which licence, best as an SPDX expression.
    #[must_use]
    pub fn licence(mut self, licence: impl Into<String>) -> Self {
        self.licence = Some(licence.into());
        self
    }

    /// Sets the priority: of two claims on the same range the one of the higher source wins.
    #[must_use]
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// The name, which every answer from this source carries.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// One source's statement that a range of addresses belongs to a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub range: AddressRange,
    pub company: Company,
    pub kind: Kind,
    /// The autonomous system that announces the range.
    pub asn: Option<u32>,
}

/// The claims of one file, in its order. After an error there are no more.
pub(crate) fn claims(format: Format, path: &Path) -> Result<impl Iterator<Item = Result<Claim>>> {
    match format {
        Format::AsnCsv => asn_csv::claims(path),
    }
}
