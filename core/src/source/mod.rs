//! Sources: where facts come from, and the claims their files make.
//!
//! One file per input format turns rows into [`Claim`]s, one at a time, so that a source may be
//! larger than memory. A row that cannot be read ends the reading with an error that names file,
//! line and value: nothing is skipped, nothing guessed. What claims mean beside each other is
//! decided elsewhere.

mod allotment;
mod arin;
mod asn_csv;
mod asn_kinds;
mod columns;
mod companies;
mod contacts;
mod delegated;
mod delimited;
mod detect;
mod geofeed;
mod json_lines;
mod layout;
mod networks;
mod objects;
mod open;
mod quotes;
mod rpsl;
mod rwhois;
mod table;
mod values;

use std::collections::BTreeSet;
use std::ops::{AddAssign, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use allotment::Allotment;
pub(crate) use jiff::civil::Date;

use crate::company::{Company, Kind};
use crate::error::{Error, Result};
use crate::net::AddressRange;
use crate::words::words;
pub(crate) use layout::{Layout, delimiter, encoding};
use objects::Objects;
use table::Table;

words! {
    /// How a source's files are written.
    pub enum Format {
        /// Rows of `start,end,asn,organisation` without a header: first and last address of a range,
        /// the number of the autonomous system that announces it, and who runs that system.
        AsnCsv => "asn-csv",
        /// CSV with a header or JSON Lines: `network`, or `start` and `end`, and whose it is, or of what
        /// kind.
        Networks => "networks",
        /// CSV with a header or JSON Lines: what is known of companies, each under a `key`.
        Companies => "companies",
        /// CSV with a header or JSON Lines: business contacts of companies. They stay out of the
        /// index unless the policy asks for them.
        Contacts => "contacts",
        /// CSV with a header or JSON Lines: what autonomous systems are used for, `asn` and `kind`.
        AsnKinds => "asn-kinds",
        /// Objects of the internet registries, whole databases or the parts they are split into: whose
        /// networks are, and organisations.
        Rpsl => "rpsl",
        /// The bulk data of ARIN: networks, and the organisations and customers that hold them.
        ArinBulk => "arin-bulk",
        /// What providers tell of their customers' networks by RWhois (RFC 2167).
        Rwhois => "rwhois",
        /// The registries' statistics, "delegated-extended" files: which ranges and autonomous systems are
        /// of one holder. Whose the systems are, other sources say.
        Delegated => "delegated",
        /// Where operators say that their networks are used (RFC 8805). Who does has customers there.
        Geofeed => "geofeed",
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
    pub(crate) basis: Option<String>,
    pub(crate) retrieved: Option<Date>,
    pub(crate) priority: i32,
    pub(crate) layout: Layout,
}

impl Source {
    /// A source without files yet, of priority 0; of -100 where it is of [`Format::Delegated`].
    pub fn new(name: impl Into<String>, format: Format) -> Self {
        let name = name.into();
        // Of the same range the holder of the whole is the last who is meant.
        let priority = if format == Format::Delegated { DELEGATED } else { 0 };
        Self {
            name,
            format,
            paths: Vec::new(),
            url: None,
            licence: None,
            basis: None,
            retrieved: None,
            priority,
            layout: Layout::default(),
        }
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

    /// Says why the facts may be used, such as "public routing table".
    #[must_use]
    pub fn basis(mut self, basis: impl Into<String>) -> Self {
        self.basis = Some(basis.into());
        self
    }

    /// Says when the files were retrieved; claims without a date of their own are of this one.
    #[must_use]
    pub const fn retrieved(mut self, date: Date) -> Self {
        self.retrieved = Some(date);
        self
    }

    /// Sets the priority: of two claims on the same range the one of the higher source wins.
    #[must_use]
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Sets how many bytes a file may have when it is decompressed, 16 GiB unless said: a few kilobytes
    /// can be made to be as many as a disk holds.
    #[must_use]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        self.layout.most = bytes;
        self
    }

    /// Sets what separates the columns of CSV, where it is no comma: one character of ASCII, such as `;`.
    ///
    /// # Errors
    /// [`Error::Usage`] for what cannot separate columns.
    pub fn delimiter(mut self, delimiter: &str) -> Result<Self> {
        self.layout.delimiter = layout::delimiter(delimiter).map_err(Error::Usage)?;
        Ok(self)
    }

    /// Sets how the files' letters are encoded, where that is not UTF-8: a name of the [WHATWG's Encoding
    /// Standard](https://encoding.spec.whatwg.org), such as `windows-1252`.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name of none.
    pub fn encoding(mut self, encoding: &str) -> Result<Self> {
        self.layout.encoding = layout::encoding(encoding).map_err(Error::Usage)?;
        Ok(self)
    }

    /// The name, which every answer from this source carries.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What one row of a source says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Line of the (decompressed) file, from 1.
    pub line: u32,
    pub says: Statement,
}

/// What a source can say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statement {
    /// Whose addresses these are.
    Claim(Claim),
    /// What is known of a company; other rows speak of it by its key.
    Company { key: String, company: Company },
    /// That a company has a contact; the value is that of a `Field::Contact`.
    Contact { company: String, contact: String, date: Option<Date> },
    /// What a range or an autonomous system is used for, whoever has it.
    Use(Use),
    /// Who runs autonomous systems of these numbers.
    System { numbers: RangeInclusive<u32>, owner: Owner },
    /// Which autonomous system announces a range, whoever has it.
    Route { range: AddressRange, asn: u32 },
    /// That a range or autonomous systems are of a holder, of whom no more than this handle is told.
    Delegated { what: DelegatedTo, holder: Option<String>, allotment: Allotment },
    /// Its operator tells where this range is used.
    Located(AddressRange),
}

/// What a registry has delegated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DelegatedTo {
    Range(AddressRange),
    Systems(RangeInclusive<u32>),
}

/// One source's statement of a use, which names no company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub of: UseOf,
    pub kind: Kind,
    /// How sure the source is, in ten-thousandths; quite sure where it says nothing.
    pub weight: u16,
    /// Where the source has it from, if it gathers what others say.
    pub from: Option<String>,
    pub date: Option<Date>,
}

/// What a use is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseOf {
    Range(AddressRange),
    Asn(u32),
}

/// One source's statement that a range of addresses belongs to a company.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    pub range: AddressRange,
    pub owner: Owner,
    pub kind: Kind,
    /// The autonomous system that announces the range.
    pub asn: Option<u32>,
    /// When the source last confirmed it.
    pub date: Option<Date>,
    /// In ten-thousandths.
    pub confidence: Option<u16>,
    /// What the source says of the network in its own words.
    pub description: Option<String>,
    pub allotment: Allotment,
}

/// The company of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// The company that some source describes under this key.
    Keyed(String),
    /// A company of which only this is known. It is never taken for one that has a key.
    Named(Company),
}

/// Most autonomous systems that a row may speak of. Registries delegate a few hundred at once.
const MOST_SYSTEMS: u64 = 1 << 16;
/// The priority of delegations, unless it is set.
const DELEGATED: i32 = -100;
/// Longest row, in bytes. Real rows stay below one kilobyte.
const LONGEST_ROW: usize = 1 << 20;

/// Reads one file. After a [`BadRow`](crate::BadRow) the next row follows; after any other error
/// there are no more.
pub(crate) fn read(source: &Source, path: &Path) -> Result<Statements> {
    let layout = source.layout;
    match source.format {
        Format::AsnCsv => asn_csv::rows(path, layout),
        Format::Networks => networks::rows(path, layout),
        Format::Companies => companies::rows(path, layout),
        Format::Contacts => contacts::rows(path, layout),
        Format::AsnKinds => asn_kinds::rows(path, layout),
        Format::Rpsl => rpsl::rows(path, layout),
        Format::ArinBulk => arin::rows(path, layout),
        Format::Delegated => delegated::rows(path, layout),
        Format::Geofeed => geofeed::rows(path, layout),
        Format::Rwhois => Ok(rwhois::rows(path, layout)?.with_keys_of(&source.name)),
    }
}

/// What a format reads in a file of this content.
#[cfg(test)]
fn rows_of(rows: fn(&Path, Layout) -> Result<Statements>, content: &[u8]) -> Result<Vec<Row>> {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    rows(file.path(), Layout::default())?.collect()
}

/// A day written as in `2026-11-01` (ISO 8601).
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    // Years of more or fewer digits are possible, and nobody means them.
    text.parse().ok().filter(|_| text.len() == 10)
}

/// Asks which columns a file has; tells whether they are those that a format needs.
type HasColumns = fn(&dyn Fn(&str) -> bool) -> bool;

/// The rows of one file, in its order; none at all is an error.
pub(crate) struct Statements {
    rows: Rows,
    /// Whose own the keys are, if those of another source may mean others.
    keys_of: Option<Arc<str>>,
    expected: &'static str,
    any: bool,
    ended: bool,
}

/// What a file consists of, and what one piece of that says.
enum Rows {
    Table(Table, fn(&Table) -> Result<Statement>),
    /// Some rows say nothing; was there such a row?
    Sparse(Table, fn(&Table) -> Result<Option<Statement>>, bool),
    /// Some objects say nothing of their own; so many have been met.
    Objects(Objects, fn(&Objects) -> Result<Option<Statement>>, u64),
}

/// Objects of a registry that say nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PassedOver {
    /// Persons, contacts and others that are no concern of a format: they were not read.
    pub others: u64,
    /// Networks that name nobody.
    pub unnamed: u64,
}

impl AddAssign for PassedOver {
    fn add_assign(&mut self, more: Self) {
        self.others += more.others;
        self.unnamed += more.unnamed;
    }
}

impl Statements {
    fn new(table: Table, expected: &'static str, parse: fn(&Table) -> Result<Statement>) -> Self {
        Self { rows: Rows::Table(table, parse), keys_of: None, expected, any: false, ended: false }
    }

    /// The rows of a table of which some say nothing.
    const fn of_some(
        table: Table,
        expected: &'static str,
        parse: fn(&Table) -> Result<Option<Statement>>,
    ) -> Self {
        let rows = Rows::Sparse(table, parse, false);
        Self { rows, keys_of: None, expected, any: false, ended: false }
    }

    /// The objects of a file.
    const fn of_objects(
        objects: Objects,
        expected: &'static str,
        parse: fn(&Objects) -> Result<Option<Statement>>,
    ) -> Self {
        Self {
            rows: Rows::Objects(objects, parse, 0),
            keys_of: None,
            expected,
            any: false,
            ended: false,
        }
    }

    /// The rows of a table of this format, if it `has_columns` that the format needs.
    fn of_format(
        format: Format,
        table: Table,
        has_columns: HasColumns,
        expected: &'static str,
        parse: fn(&Table) -> Result<Statement>,
    ) -> Result<Self> {
        if has_columns(&|column| table.has(column)) {
            return Ok(Self::new(table, expected, parse));
        }
        let (format, found) = (format.as_str(), table.found());
        Err(table.refuse_file(format!(
            "is not of format {format}; expected columns {expected}; {found}"
        )))
    }

    /// Takes the next rows, at most so many of a table, apart from the file, so that another thread may
    /// read them. Nothing where there are none left that can be: then go on with this one.
    pub(crate) fn split_off(&mut self, most: usize) -> Option<Self> {
        if self.ended {
            return None;
        }
        let rows = match &mut self.rows {
            Rows::Table(table, parse) => Rows::Table(table.split_off(most)?, *parse),
            Rows::Sparse(table, parse, _) => Rows::Sparse(table.split_off(most)?, *parse, false),
            Rows::Objects(objects, parse, _) => Rows::Objects(objects.split_off()?, *parse, 0),
        };
        self.any = true;
        let keys_of = self.keys_of.clone();
        Some(Self { rows, keys_of, any: true, ..*self })
    }

    /// The same rows, whose keys are this source's own.
    fn with_keys_of(self, source: &str) -> Self {
        Self { keys_of: Some(source.into()), ..self }
    }

    /// The statement with the key as it is told from those of other sources.
    fn with_own_key(&self, mut says: Statement) -> Statement {
        if let Some(source) = &self.keys_of
            && let Statement::Company { key, .. }
            | Statement::Claim(Claim { owner: Owner::Keyed(key), .. }) = &mut says
        {
            *key = format!("{source}: {key}");
        }
        says
    }

    /// The columns so far that the format does not know. Nothing of them is kept.
    pub(crate) const fn ignored(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        match &self.rows {
            Rows::Table(table, _) => table.ignored(),
            Rows::Sparse(..) | Rows::Objects(..) => &NONE,
        }
    }

    /// What was passed over so far.
    pub(crate) const fn passed_over(&self) -> PassedOver {
        match &self.rows {
            Rows::Table(..) | Rows::Sparse(..) => PassedOver { others: 0, unnamed: 0 },
            Rows::Objects(objects, _, unnamed) => {
                PassedOver { others: objects.passed(), unnamed: *unnamed }
            }
        }
    }

    /// Those of them that may be slips, and what may be meant.
    pub(crate) fn slips(&self) -> Vec<(String, &'static str)> {
        match &self.rows {
            Rows::Table(table, _) => table.slips(),
            Rows::Sparse(..) | Rows::Objects(..) => Vec::new(),
        }
    }
}

impl Rows {
    /// Goes to the next row that says something; nothing after the last.
    fn next(&mut self) -> Result<Option<Result<Statement>>> {
        match self {
            Self::Table(table, parse) => Ok(table.advance()?.then(|| parse(table))),
            Self::Sparse(table, parse, any) => {
                while table.advance()? {
                    if let Some(says) = parse(table).transpose() {
                        return Ok(Some(says));
                    }
                    *any = true;
                }
                Ok(None)
            }
            Self::Objects(objects, parse, unnamed) => {
                while objects.advance()? {
                    if let Some(says) = parse(objects).transpose() {
                        return Ok(Some(says));
                    }
                    *unnamed += 1;
                }
                Ok(None)
            }
        }
    }

    /// Was there anything, though it said nothing?
    const fn are_any(&self) -> bool {
        match self {
            Self::Table(..) => false,
            Self::Sparse(_, _, any) => *any,
            Self::Objects(objects, ..) => objects.has_any(),
        }
    }

    const fn line(&self) -> u64 {
        match self {
            Self::Table(table, _) | Self::Sparse(table, ..) => table.line(),
            Self::Objects(objects, ..) => objects.line_number(),
        }
    }

    fn refuse_file(&self, reason: String) -> Error {
        match self {
            Self::Table(table, _) | Self::Sparse(table, ..) => table.refuse_file(reason),
            Self::Objects(objects, ..) => objects.refuse_file(reason),
        }
    }
}

impl Iterator for Statements {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        if self.ended {
            return None;
        }
        let row = match self.rows.next() {
            Ok(Some(row)) => Some(row),
            Ok(None) if self.any || self.rows.are_any() => None,
            Ok(None) => {
                Some(Err(self.rows.refuse_file(format!("has no rows; expected {}", self.expected))))
            }
            Err(error) => Some(Err(error)),
        };
        self.any = true;
        self.ended = !matches!(row, Some(Ok(_) | Err(Error::BadRow(_))));
        let line = self.rows.line() as u32;
        row.map(|row| row.map(|says| Row { line, says: self.with_own_key(says) }))
    }
}
