//! Rows of values as a file of Parquet.
//!
//! A column is of whole numbers, of numbers, or of texts, as its values are; a list is a text. Rows are kept
//! until the end, so it is for thousands of companies and not for billions of lines.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::Failure;
use crate::table::shown;

/// The bytes of a file with these columns.
pub fn file(names: &[&str], rows: &[Vec<Value>]) -> io::Result<Vec<u8>> {
    let columns = names.iter().enumerate().map(|(place, name)| {
        let values: Vec<_> = rows.iter().map(|row| &row[place]).collect();
        (*name, column(&values), true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties()))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

/// An error if standard output is a terminal.
pub fn to_terminal() -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        return Ok(());
    }
    let reason = "Parquet is not for a terminal; send it to a file, as in > companies.parquet";
    Err(Failure::Usage(reason.into()))
}

/// How files are written.
pub fn properties() -> WriterProperties {
    let zstandard = Compression::ZSTD(ZstdLevel::default());
    let by = concat!("firmtrie ", env!("CARGO_PKG_VERSION"));
    WriterProperties::builder().set_compression(zstandard).set_created_by(by.into()).build()
}

fn column(values: &[&Value]) -> ArrayRef {
    let known = || values.iter().filter(|value| !value.is_null());
    if known().next().is_some() && known().all(|value| value.is_i64()) {
        return Arc::new(values.iter().map(|value| value.as_i64()).collect::<Int64Array>());
    }
    if known().next().is_some() && known().all(|value| value.is_number()) {
        return Arc::new(values.iter().map(|value| value.as_f64()).collect::<Float64Array>());
    }
    let text = |value: &&Value| (!value.is_null()).then(|| shown(value));
    Arc::new(values.iter().map(text).collect::<StringArray>())
}
