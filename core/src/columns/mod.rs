//! Whole columns: addresses in, flat columns of what is known about them out, in Arrow's format.
//!
//! A column of answers has a row for each address. Texts are dictionaries with `int32` keys, whose
//! values are only those that some row has: one name for a company, however many rows it is in.
//! Nothing is made for a row but its values in the columns. Large inputs are shared among as many
//! threads as there are cores; the result is the same for any number of them.
//!
//! The format is that of <https://arrow.apache.org/docs/format/Columnar.html>.

mod addresses;
mod met;
mod networks;
mod rows;
mod threads;
mod values;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use addresses::Addresses;
pub use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field as ArrowField, Schema};
use rows::Ask;

use crate::company::Field;
use crate::error::{Error, Result};
use crate::reader::{Index, Snapshot, View};
use crate::words::{UnknownWord, same_word};

/// What a column tells of each address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Column {
    /// A fact about the company; where none is named, nothing. `company` is its name, the others
    /// are called as the fields are. A contact is no column.
    Company(Field),
    /// The network, as in `192.0.2.0/24`.
    Network,
    /// How the address is answered: see [`crate::Status`].
    Status,
    /// What the network is used for: see [`crate::Kind`].
    Kind,
    /// The autonomous system, as `uint32`.
    Asn,
    /// How sure the answer is, from 0 to 1, as `float64`.
    Confidence,
    /// The sources that say so, with a comma between two.
    Sources,
}

impl Column {
    /// All that there are.
    pub fn all() -> impl Iterator<Item = Self> {
        let facts = Field::ALL.into_iter().filter(|field| *field != Field::Contact);
        let others =
            [Self::Network, Self::Status, Self::Kind, Self::Asn, Self::Confidence, Self::Sources];
        facts.map(Self::Company).chain(others)
    }

    /// The name of the column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company(Field::Name) => "company",
            Self::Company(field) => field.as_str(),
            Self::Network => "network",
            Self::Status => "status",
            Self::Kind => "kind",
            Self::Asn => "asn",
            Self::Confidence => "confidence",
            Self::Sources => "sources",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Column {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::all().find(|column| same_word(column.as_str(), word)).ok_or_else(|| {
            UnknownWord::of(word, &Self::all().map(Self::as_str).collect::<Vec<_>>())
        })
    }
}

/// What becomes of a row that holds something which is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Invalid {
    /// All its columns are null, and it is counted.
    #[default]
    Null,
    /// It is an error.
    Refuse,
}

/// What is known of a column of addresses.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Columns {
    /// The columns that were asked for, in that order.
    pub batch: RecordBatch,
    /// Rows that held something which is no address; those without a value are not counted.
    pub invalid: usize,
}

impl Index {
    /// What is known of each address of a column, given as the arrays it consists of.
    ///
    /// Addresses are texts (`utf8`, large, view, or a dictionary of them), `uint32` (IPv4), or binary
    /// of 4 or 16 bytes. A row without a value, or with an invalid address, is null in all columns.
    ///
    /// # Errors
    /// [`Error::Usage`] for a column that cannot hold addresses, or one asked for twice.
    /// [`Error::AddressInRow`] for an invalid address, if that is asked for. Those of
    /// [`Index::lookup`].
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use std::sync::Arc;
    ///
    /// use arrow_array::cast::AsArray;
    /// use arrow_array::{ArrayRef, StringArray, types::Int32Type};
    /// use firmtrie::Field;
    /// use firmtrie::columns::{Column, Invalid};
    ///
    /// let visitors: ArrayRef = Arc::new(StringArray::from(vec!["1.0.0.1", "9.9.9.9", "none"]));
    /// let wanted = [Column::Company(Field::Name), Column::Network];
    /// let columns = index.lookup_columns(&[visitors], &wanted, Invalid::Null)?;
    ///
    /// let companies = columns.batch.column(0).as_dictionary::<Int32Type>();
    /// let companies = companies.downcast_dict::<StringArray>().unwrap();
    /// let names: Vec<_> = companies.into_iter().collect();
    /// assert_eq!(names, [Some("Example B.V."), None, None]);
    /// assert_eq!(columns.invalid, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lookup_columns(
        &self,
        addresses: &[ArrayRef],
        columns: &[Column],
        invalid: Invalid,
    ) -> Result<Columns> {
        look_up(View::all(self), addresses, columns, invalid)
    }
}

impl Snapshot {
    /// [`Index::lookup_columns`]; what is hidden is withheld.
    ///
    /// # Errors
    /// Those of [`Index::lookup_columns`].
    pub fn lookup_columns(
        &self,
        addresses: &[ArrayRef],
        columns: &[Column],
        invalid: Invalid,
    ) -> Result<Columns> {
        look_up(self.view(), addresses, columns, invalid)
    }
}

fn look_up(
    view: View,
    addresses: &[ArrayRef],
    columns: &[Column],
    invalid: Invalid,
) -> Result<Columns> {
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].contains(column) {
            return Err(Error::Usage(format!("the column {column} is asked for twice")));
        }
    }
    let addresses = addresses.iter().map(Addresses::new).collect::<Result<Vec<_>>>()?;
    let ask = Ask {
        view,
        networks: columns.contains(&Column::Network),
        answers: columns.iter().any(|column| *column != Column::Network),
        refuse: invalid == Invalid::Refuse,
    };
    let answered = ask.answer(&addresses)?;
    let invalid = answered.invalid;
    let arrays = values::columns(columns, ask, answered)?;
    let fields = columns
        .iter()
        .zip(&arrays)
        .map(|(column, array)| ArrowField::new(column.as_str(), array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let rows = addresses.iter().map(Addresses::len).sum();
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(schema, arrays, &options);
    let batch = batch.map_err(|error| Error::Usage(error.to_string()))?;
    Ok(Columns { batch, invalid })
}
