//! Rows of answers: which fields they have, and how they are written.

use std::io::{self, Write};

use clap::builder::TypedValueParser;
use firmtrie::{CompanyRecord, Description, Field};
use serde_json::Value;

use crate::Failure;
use crate::table::{self, Format, Table};
use crate::text::plain;

/// A field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Address,
    Status,
    Network,
    Kind,
    Asn,
    Confidence,
    Sources,
    Company,
    Domains,
    /// Which index answers.
    Index,
    /// Why there is no answer.
    Error,
    /// The number of the line in which the address stands, from 1, and the line.
    Line,
    Text,
    /// A fact of the company.
    Fact(Field),
}

/// Columns by their names; those of facts have the names of their fields.
const NAMED: [(&str, Column); 13] = [
    ("address", Column::Address),
    ("status", Column::Status),
    ("network", Column::Network),
    ("kind", Column::Kind),
    ("asn", Column::Asn),
    ("confidence", Column::Confidence),
    ("sources", Column::Sources),
    ("company", Column::Company),
    ("domains", Column::Domains),
    ("error", Column::Error),
    ("line", Column::Line),
    ("text", Column::Text),
    ("index", Column::Index),
];

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Fact(field) => field.as_str(),
            of => NAMED.iter().find(|(_, column)| *column == of).map_or("", |(name, _)| name),
        }
    }

    /// Reads the name of a column.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        table::parser(table::with_facts(&NAMED, Self::Fact))
    }
}

/// What a row tells: an address that was found or given, and what became of it.
pub struct Row<'a> {
    /// The index that is asked.
    pub index: &'a str,
    /// As it was given, or as it is found in a line.
    pub address: &'a str,
    /// The line in which it stands, from 1, and its text.
    pub line: u64,
    pub text: &'a str,
    pub answer: Result<(Description<'a>, Option<CompanyRecord<'a>>), String>,
}

impl Row<'_> {
    fn value(&self, column: Column) -> Value {
        let found = self.answer.as_ref().ok();
        let told = found.map(|(told, _)| told);
        let fact =
            |field| found.and_then(|(_, record)| record.as_ref()?.get(field)).map(Value::from);
        let value = match column {
            Column::Address => {
                let canonical =
                    told.and_then(|told| told.address).map(|address| address.to_string());
                Some(canonical.unwrap_or_else(|| self.address.to_owned()).into())
            }
            Column::Status => told.map(|told| told.status.as_str().into()),
            Column::Network => told.map(|told| told.network.to_string().into()),
            Column::Kind => told.and_then(|told| told.kind).map(|kind| kind.as_str().into()),
            Column::Asn => told.and_then(|told| told.asn).map(Value::from),
            Column::Confidence => told.and_then(|told| told.confidence).map(Value::from),
            Column::Sources => told.map(|told| told.sources.clone().into()),
            Column::Company => fact(Field::Name),
            Column::Domains => found.map(|(_, record)| {
                let facts = record.iter().flat_map(CompanyRecord::facts);
                facts.filter(|(of, _)| *of == Field::Domain).map(|(_, value)| value).collect()
            }),
            Column::Index => Some(self.index.into()),
            Column::Error => self.answer.as_ref().err().map(|error| error.as_str().into()),
            Column::Line => Some(self.line.into()),
            Column::Text => Some(self.text.into()),
            Column::Fact(field) => fact(field),
        };
        value.unwrap_or(Value::Null)
    }
}

/// Writes rows.
pub struct Rows<W: Write> {
    format: Format,
    /// Nothing: those of the format.
    columns: Option<Vec<Column>>,
    table: Table<W>,
}

/// The columns of a table and of CSV, if none are asked for.
const USUAL: [Column; 6] =
    [Column::Address, Column::Network, Column::Asn, Column::Company, Column::Status, Column::Error];

/// What JSON has if nothing is asked for, as columns.
const WHOLE: [Column; 9] = [
    Column::Address,
    Column::Status,
    Column::Network,
    Column::Kind,
    Column::Asn,
    Column::Company,
    Column::Sources,
    Column::Confidence,
    Column::Error,
];

impl<W: Write> Rows<W> {
    /// Of answers of several indexes each says whose it is.
    pub fn new(
        format: Format,
        columns: Option<Vec<Column>>,
        several: bool,
        output: W,
    ) -> Result<Self, Failure> {
        let columns = match format {
            _ if columns.is_some() => columns,
            Format::Tsv | Format::Jsonl if !several => None,
            Format::Yaml | Format::Jsonl => Some(WHOLE.to_vec()),
            Format::Table | Format::Csv | Format::Parquet | Format::Tsv => Some(USUAL.to_vec()),
        };
        let columns = columns.map(|mut columns| {
            if several && !columns.contains(&Column::Index) {
                columns.insert(0, Column::Index);
            }
            columns
        });
        let names = columns.iter().flatten().map(|column| column.name()).collect();
        Ok(Self { format, columns, table: Table::new(format, names, output)? })
    }

    /// Is anything asked of companies?
    pub fn has_facts(&self) -> bool {
        let of_company =
            |of: &Column| matches!(of, Column::Company | Column::Domains | Column::Fact(_));
        self.columns.iter().flatten().any(of_company)
    }

    pub fn row(&mut self, row: &Row<'_>) -> Result<(), Failure> {
        let Some(columns) = &self.columns else { return self.usual(row) };
        let values = columns.iter().map(|column| row.value(*column)).collect();
        self.table.row(values)
    }

    /// What nobody has asked for otherwise: the plain shape of JSON, or address, network, AS, and the company
    /// or why none is named.
    fn usual(&mut self, row: &Row<'_>) -> Result<(), Failure> {
        let Some(output) = self.table.lines() else { return Ok(()) };
        match (&row.answer, self.format) {
            (Ok((told, _)), Format::Jsonl) => print(told, true, output)?,
            (Err(error), Format::Jsonl) => {
                let told = serde_json::json!({ "address": row.address, "error": error });
                writeln!(output, "{told}")?;
            }
            (Ok((told, _)), _) => {
                let address = told.address.map_or_else(String::new, |address| address.to_string());
                write!(output, "{address}\t{}\t", told.network)?;
                print(told, false, output)?;
            }
            (Err(error), _) => {
                writeln!(output, "{}\t-\t-\terror: {}", plain(row.address), plain(error))?;
            }
        }
        Ok(())
    }

    /// Hands over what is written so far. A table is aligned as a whole, and waits for its end.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.table.flush()
    }

    /// The end.
    pub fn finish(self) -> Result<(), Failure> {
        self.table.finish()
    }
}

/// The rest of a line: AS, and company or status; or an object of JSON.
pub fn print(
    answer: &Description<'_>,
    json: bool,
    output: &mut (impl Write + ?Sized),
) -> Result<(), Failure> {
    if json {
        serde_json::to_writer(&mut *output, answer).map_err(io::Error::from)?;
        return Ok(writeln!(output)?);
    }
    match answer.asn {
        Some(asn) => write!(output, "AS{asn}\t")?,
        None => write!(output, "-\t")?,
    }
    match &answer.company {
        Some(company) => writeln!(output, "{}", plain(company.name))?,
        None => writeln!(output, "{}", answer.status)?,
    }
    Ok(())
}
