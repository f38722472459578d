//! Tables of values on their way out: aligned, separated by tabs or commas, objects of JSON, or Parquet.

use std::io::{self, Write};

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use firmtrie::Field;
use serde::Serializer;
use serde_json::Value;
use tabwriter::TabWriter;

use crate::Failure;
use crate::parquet;
use crate::text::plain;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns that are aligned, under their names
    Table,
    /// Values separated by tabs
    Tsv,
    /// Values separated by commas, under their names
    Csv,
    /// An object of JSON on each line
    Jsonl,
    /// A list of YAML
    Yaml,
    /// A file of Apache Parquet
    Parquet,
}

/// Writes rows, each with as many values as there are columns.
pub struct Table<W: Write> {
    format: Format,
    names: Vec<&'static str>,
    output: Output<W>,
}

enum Output<W: Write> {
    Plain(W),
    Csv(Box<csv::Writer<W>>),
    Table(TabWriter<W>),
    /// Columns are known when all rows are.
    Parquet(W, Vec<Vec<Value>>),
}

impl<W: Write> Table<W> {
    pub fn new(format: Format, names: Vec<&'static str>, output: W) -> Result<Self, Failure> {
        if format == Format::Parquet {
            parquet::to_terminal()?;
        }
        let output = match format {
            Format::Tsv | Format::Jsonl | Format::Yaml => Output::Plain(output),
            Format::Table => Output::Table(TabWriter::new(output).padding(2)),
            Format::Csv => Output::Csv(Box::new(csv::Writer::from_writer(output))),
            Format::Parquet => Output::Parquet(output, Vec::new()),
        };
        let mut table = Self { format, names, output };
        if matches!(format, Format::Table | Format::Csv) {
            let names: Vec<_> = table.names.iter().map(|name| (*name).to_owned()).collect();
            table.texts(&names)?;
        }
        Ok(table)
    }

    pub fn row(&mut self, values: Vec<Value>) -> Result<(), Failure> {
        if let Output::Parquet(_, rows) = &mut self.output {
            rows.push(values);
            return Ok(());
        }
        match (self.format, &mut self.output) {
            (Format::Jsonl, Output::Plain(output)) => {
                let mut json = serde_json::Serializer::new(&mut *output);
                json.collect_map(self.names.iter().zip(values)).map_err(io::Error::from)?;
                Ok(writeln!(output)?)
            }
            (Format::Yaml, Output::Plain(output)) => {
                // A value of JSON is one of YAML (YAML 1.2.2, section 1.3).
                let mut mark = '-';
                for (name, value) in self.names.iter().zip(values) {
                    writeln!(output, "{mark} {name}: {value}")?;
                    mark = ' ';
                }
                Ok(())
            }
            _ => self.texts(&values.iter().map(shown).collect::<Vec<_>>()),
        }
    }

    /// Where lines of another shape go, if a format has no columns of its own.
    pub fn lines(&mut self) -> Option<&mut W> {
        match &mut self.output {
            Output::Plain(output) => Some(output),
            Output::Table(_) | Output::Csv(_) | Output::Parquet(..) => None,
        }
    }

    fn texts(&mut self, texts: &[String]) -> Result<(), Failure> {
        match &mut self.output {
            Output::Csv(output) => output.write_record(texts).map_err(of_csv)?,
            Output::Plain(output) => writeln!(output, "{}", texts.join("\t"))?,
            Output::Table(output) => writeln!(output, "{}", texts.join("\t"))?,
            Output::Parquet(..) => {}
        }
        Ok(())
    }

    /// Hands over what is written so far. A table is aligned as a whole, and waits for its end.
    pub fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.output {
            Output::Csv(output) => Ok(output.flush()?),
            Output::Plain(output) => Ok(output.flush()?),
            Output::Table(_) | Output::Parquet(..) => Ok(()),
        }
    }

    /// The end.
    pub fn finish(mut self) -> Result<(), Failure> {
        match &mut self.output {
            Output::Table(output) => output.flush()?,
            Output::Parquet(output, rows) => {
                output.write_all(&parquet::file(&self.names, rows)?)?;
                output.flush()?;
            }
            Output::Plain(_) | Output::Csv(_) => {}
        }
        self.flush()
    }
}

/// Columns by their names, and behind them those of a company's facts, which have the names of their fields.
pub fn with_facts<C: Copy>(
    named: &[(&'static str, C)],
    fact: fn(Field) -> C,
) -> Vec<(&'static str, C)> {
    // A name is a column of its own, and a contact none.
    let facts = Field::ALL.into_iter().filter(|of| !matches!(of, Field::Name | Field::Contact));
    let facts = facts.map(|field| (field.as_str(), fact(field)));
    named.iter().copied().chain(facts).collect()
}

/// Reads the name of one of these columns.
pub fn parser<C: Copy + Send + Sync + 'static>(
    columns: Vec<(&'static str, C)>,
) -> impl TypedValueParser<Value = C> {
    let names = PossibleValuesParser::new(columns.iter().map(|(name, _)| *name));
    names.try_map(move |name| {
        let known = columns.iter().find(|(known, _)| *known == name);
        known.map(|(_, column)| *column).ok_or("is no field")
    })
}

/// What the system said, where it did.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A value as text; lists are separated by commas.
pub fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts = values.iter().map(|value| value.as_str().unwrap_or_default());
            texts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    // Quotes would hold a line break in CSV, and a row would be two lines.
    plain(&text)
}
