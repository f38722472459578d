//! Logs in Parquet: their columns as lines of values between tabs, so that what is above reads one thing.
//!
//! Only columns that tell a part of a request are read. Moments become numbers of seconds or of smaller units.
//! A file must lie on a disk: its index stands at its end.

use std::fs::File;
use std::io::{self, Read};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::names::Names;

/// How a file of Parquet begins.
pub const MAGIC: &[u8] = b"PAR1";
/// Rows that are read at once.
const ROWS: usize = 8192;

/// The lines of a file: first the columns' names.
pub struct Lines {
    batches: ParquetRecordBatchReader,
    text: Vec<u8>,
    /// How much of the text was handed over.
    read: usize,
}

impl Lines {
    pub fn open(file: File, names: &Names) -> io::Result<Self> {
        let told =
            |error: ParquetError| io::Error::other(format!("cannot be read as Parquet: {error}"));
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(told)?;
        let schema = builder.parquet_schema();
        let columns: Vec<_> =
            schema.columns().iter().map(|column| column.path().string()).collect();
        let mut wanted: Vec<_> = names.find(&columns).into_iter().map(|(_, place)| place).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mask = ProjectionMask::leaves(schema, wanted.iter().copied());
        let header: Vec<_> = wanted.iter().map(|place| columns[*place].clone()).collect();
        let batches = builder.with_projection(mask).with_batch_size(ROWS).build().map_err(told)?;
        let mut lines = Self { batches, text: Vec::new(), read: 0 };
        for (place, name) in header.iter().enumerate() {
            lines.value(place, name);
        }
        lines.text.push(b'\n');
        Ok(lines)
    }

    /// Adds the lines of some rows.
    fn rows(&mut self, batch: RecordBatch) -> Result<(), ArrowError> {
        let mut columns = Vec::new();
        for column in StructArray::from(batch).columns() {
            leaves(column, &mut columns)?;
        }
        let rows = columns.first().map_or(0, Array::len);
        for row in 0..rows {
            for (place, column) in columns.iter().enumerate() {
                let texts = column.as_string::<i32>();
                self.value(place, if texts.is_null(row) { "" } else { texts.value(row) });
            }
            self.text.push(b'\n');
        }
        Ok(())
    }

    /// Adds a value; what would end it is a blank.
    fn value(&mut self, place: usize, value: &str) {
        if place > 0 {
            self.text.push(b'\t');
        }
        let ends = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r');
        self.text.extend(value.bytes().map(|byte| if ends(byte) { b' ' } else { byte }));
    }
}

/// The columns inside of a column, as texts.
fn leaves(column: &ArrayRef, into: &mut Vec<ArrayRef>) -> Result<(), ArrowError> {
    if let Some(inside) = column.as_struct_opt() {
        return inside.columns().iter().try_for_each(|column| leaves(column, into));
    }
    let column = match column.data_type() {
        DataType::Timestamp(..) => &cast(column, &DataType::Int64)?,
        _ => column,
    };
    into.push(cast(column, &DataType::Utf8)?);
    Ok(())
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.text.len() {
            self.text.clear();
            self.read = 0;
            let Some(batch) = self.batches.next() else { return Ok(0) };
            batch.and_then(|batch| self.rows(batch)).map_err(io::Error::other)?;
        }
        let count = buffer.len().min(self.text.len() - self.read);
        buffer[..count].copy_from_slice(&self.text[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}
