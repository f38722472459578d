//! What can go wrong, said so that the reader of the message knows what to do next.
//!
//! One error type serves the whole crate. A message names the file, the line and the value it
//! speaks of. Nothing in this crate panics on input, and nothing prints.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong when an index is made, opened or asked.
///
/// ```
/// let error = firmtrie::net::parse_address("no.such.address").unwrap_err();
/// assert_eq!(error.to_string(), "\"no.such.address\" is not an IPv4 or IPv6 address");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `open`, `read`, `write` …
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },

    /// A text is neither an IPv4 nor an IPv6 address.
    #[error("{value:?} is not an IPv4 or IPv6 address")]
    Address {
        /// The text.
        value: String,
    },

    /// A row of a column is neither an IPv4 nor an IPv6 address.
    #[error("row {row}: {value:?} is not an IPv4 or IPv6 address")]
    AddressInRow {
        /// The row, counted from 0 as columns are.
        row: usize,
        /// What it has instead.
        value: String,
    },

    /// A text is not a prefix, or its host bits are not zero.
    #[error("{value:?} {reason}")]
    Prefix {
        /// The text.
        value: String,
        /// Why it was refused.
        reason: String,
    },

    /// A text is not an identifier of the kind it was given as.
    #[error("{value:?} {reason}")]
    Identifier {
        /// The text.
        value: String,
        /// Why it was refused.
        reason: String,
    },

    /// Two addresses do not make a range.
    #[error("{0}")]
    Range(#[from] RangeError),

    /// The file is not an index, or one of a version this crate does not read.
    #[error("{reason}")]
    NotAnIndex {
        /// What was found instead.
        reason: String,
    },

    /// The file is an index, but its bytes contradict each other.
    #[error("damaged index: section {section}: {reason}; build the index again")]
    Damaged {
        /// The section, as `firmtrie info` names it.
        section: &'static str,
        /// What does not hold.
        reason: String,
    },

    /// What is wrong with a file, where the error alone does not say which.
    #[error("{}: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Self>,
    },

    /// A row of a source cannot be read.
    #[error("{0}")]
    BadRow(Box<BadRow>),

    /// A source as a whole cannot be used.
    #[error("{}: {reason}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },

    /// A file may not be written: what is there would be lost.
    #[error("{}: {reason}", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },

    /// A manifest cannot be used.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Where in it, why, and what to do.
        reason: String,
    },

    /// A policy file cannot be used.
    #[error("{}: {reason}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// Where in it, why, and what to do.
        reason: String,
    },

    /// The registry, or its key, cannot be used, or refuses what it was asked.
    #[error("{0}")]
    Registry(String),

    /// What was asked for does not fit together, for example a builder without a source.
    #[error("{0}")]
    Usage(String),

    /// Whoever follows a build stopped it.
    #[error("the build was stopped; the file that was there is as it was")]
    Stopped,

    /// The index would outgrow a limit of its format.
    #[error("{what}: {count} is more than the format holds ({limit})")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
}

/// The line of a text, from 1, that a byte of it is on.
#[cfg(feature = "build")]
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or_default();
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

impl Error {
    /// A word for the kind of error, the same in every language.
    ///
    /// | word | what to do |
    /// | --- | --- |
    /// | `io` | see to the file that is named: its path, its rights, the disk |
    /// | `address`, `prefix`, `range`, `identifier` | correct the text that was given |
    /// | `not_an_index`, `damaged` | build the index again, or with this version |
    /// | `bad_row`, `source` | correct the input at the line that is named, or have bad rows skipped |
    /// | `manifest`, `policy` | correct the file at the line that is named |
    /// | `output` | name another file, or say that what is there may be replaced |
    /// | `registry` | see what the message asks for; nothing was recorded unless it says that it may be |
    /// | `usage` | the call does not fit together; see its documentation |
    /// | `stopped` | nothing: who follows the build wished it |
    /// | `too_large` | build from fewer rows |
    ///
    /// ```
    /// let error = firmtrie::net::parse_address("1.2.3").unwrap_err();
    /// assert_eq!(error.kind(), "address");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Address { .. } | Self::AddressInRow { .. } => "address",
            Self::Prefix { .. } => "prefix",
            Self::Identifier { .. } => "identifier",
            Self::Registry(_) => "registry",
            Self::Range(_) => "range",
            Self::NotAnIndex { .. } => "not_an_index",
            Self::Damaged { .. } => "damaged",
            Self::InFile { source, .. } => source.kind(),
            Self::BadRow(_) => "bad_row",
            Self::Source { .. } => "source",
            Self::Output { .. } => "output",
            Self::Manifest { .. } => "manifest",
            Self::Policy { .. } => "policy",
            Self::Usage(_) => "usage",
            Self::Stopped => "stopped",
            Self::TooLarge { .. } => "too_large",
        }
    }

    /// An [`Error::Io`] about `path`, for use with `map_err`.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, action, source }
    }

    /// The same error, with the file it is about.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self::InFile { path: path.to_path_buf(), source: Box::new(self) }
    }

    /// An [`Error::Damaged`] about `section`.
    pub(crate) fn damaged(section: &'static str, reason: impl Into<String>) -> Self {
        Self::Damaged { section, reason: reason.into() }
    }
}

/// A row that cannot be read: where it is, what is wrong with it.
///
/// Lines and columns count from 1. `line` is 0 when the fault lies with the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRow {
    /// The file.
    pub path: PathBuf,
    /// Line number in the (decompressed) file.
    pub line: u64,
    /// Which column: its name, or its number where there is no header.
    pub column: Option<String>,
    /// The text found there, shortened to 80 characters.
    pub value: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)?;
        if let Some(column) = &self.column {
            write!(f, ": column {column}")?;
        }
        if let Some(value) = &self.value {
            write!(f, ": {value:?}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Shortens a value for an error message, so that a 10 MB line does not become a 10 MB message.
#[cfg(feature = "build")]
pub(crate) fn excerpt(value: &str) -> String {
    const LONGEST: usize = 80;
    match value.char_indices().nth(LONGEST) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}

/// Why two addresses do not make a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// The end lies before the start.
    #[error("the range ends ({last}) before it starts ({first})")]
    EndBeforeStart {
        /// First address given.
        first: IpAddr,
        /// Last address given.
        last: IpAddr,
    },
    /// One end is IPv4, the other IPv6.
    #[error("the range starts at {first} and ends at {last}: both ends must be of one family")]
    MixedFamilies {
        /// First address given.
        first: IpAddr,
        /// Last address given.
        last: IpAddr,
    },
}
