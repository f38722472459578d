//! Files of Parquet, each batch of rows with what is known of its visitors added as columns.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};
use firmtrie::client::TrustedProxies;
use firmtrie::columns::{Column, Invalid};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Index;
use crate::Failure;
use crate::log::input::Reading;
use crate::log::visitor::{bits, visitor};
use crate::log::{Part, Parts};
use crate::parquet::{properties, to_terminal};

/// Rows that are read at once.
const ROWS: usize = 1 << 16;

/// Writes the file with columns added to standard output, and gives how many rows had no address.
pub fn annotate(
    path: &Path,
    reading: &Reading,
    proxies: &TrustedProxies,
    index: &Index,
    columns: &[Column],
    names: &[String],
) -> Result<u64, Failure> {
    let told =
        |error: &dyn std::fmt::Display| Failure::Error(format!("{}: {error}", path.display()));
    to_terminal()?;
    let file = File::open(path).map_err(|error| told(&error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| told(&error))?;
    let schema = builder.schema().clone();
    if let Some(taken) = names
        .iter()
        .find(|name| schema.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name)))
    {
        return Err(told(&format_args!(
            "there is a column {taken} already; give the added ones other names, as with --prefix visitor_"
        )));
    }
    let leaves: Vec<_> =
        builder.parquet_schema().columns().iter().map(|leaf| leaf.path().string()).collect();
    let found = reading.names.find(&leaves);
    let place =
        |part| found.iter().find(|(of, _)| *of == part).map(|(_, place)| leaves[*place].as_str());
    let (peer, header) = (place(Part::Peer), place(Part::Header));
    if peer.is_none() && header.is_none() {
        return Err(told(
            &"no column of it is known to hold the visitor's address; say which does, as in --column \
                          address=client.ip",
        ));
    }
    let batches = builder.with_batch_size(ROWS).build().map_err(|error| told(&error))?;
    // What is added to a file without rows shows what the columns are.
    let nobody: ArrayRef = Arc::new(FixedSizeBinaryBuilder::new(16).finish());
    let nothing = index.lookup_columns(&[nobody], columns, Invalid::Null)?;
    let empty = joined(&RecordBatch::new_empty(schema), &nothing.batch, names);
    let schema = empty.map_err(|error| told(&error))?.schema();
    let mut writer = ArrowWriter::try_new(io::stdout(), schema, Some(properties()))
        .map_err(|error| told(&error))?;
    let mut invalid = 0;
    for batch in batches {
        let batch = batch.map_err(|error| told(&error))?;
        let column = |name: Option<&str>| name.and_then(|name| leaf(&batch, name));
        let addresses = match (column(peer), column(header)) {
            (Some(peer), None) => peer,
            (peer, header) => {
                visitors(proxies, peer.as_ref(), header.as_ref()).map_err(|error| told(&error))?
            }
        };
        let known = index.lookup_columns(&[addresses], columns, Invalid::Null)?;
        invalid += known.invalid as u64;
        let annotated = joined(&batch, &known.batch, names).map_err(|error| told(&error))?;
        writer.write(&annotated).map_err(io::Error::from)?;
    }
    writer.close().map_err(io::Error::from)?;
    Ok(invalid)
}

/// A column by its path.
fn leaf(batch: &RecordBatch, path: &str) -> Option<ArrayRef> {
    if let Some(column) = batch.column_by_name(path) {
        return Some(column.clone());
    }
    let mut names = path.split('.');
    let mut column = batch.column_by_name(names.next()?)?;
    for name in names {
        column = column.as_struct_opt()?.column_by_name(name)?;
    }
    Some(column.clone())
}

/// Who trusted proxies tell, as 16 bytes each.
fn visitors(
    proxies: &TrustedProxies,
    peer: Option<&ArrayRef>,
    header: Option<&ArrayRef>,
) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let texts =
        |column: Option<&ArrayRef>| column.map(|column| cast(column, &DataType::Utf8)).transpose();
    let (peer, header) = (texts(peer)?, texts(header)?);
    let rows = peer.as_ref().or(header.as_ref()).map_or(0, Array::len);
    let text = |column: &Option<ArrayRef>, row: usize| {
        let texts = column.as_ref()?.as_string::<i32>();
        texts.is_valid(row).then(|| texts.value(row).as_bytes().to_vec().into())
    };
    let mut addresses = FixedSizeBinaryBuilder::with_capacity(rows, 16);
    for row in 0..rows {
        let parts =
            Parts { peer: text(&peer, row), header: text(&header, row), ..Parts::default() };
        match visitor(proxies, &parts) {
            Ok(address) => addresses.append_value(bits(address).to_be_bytes())?,
            Err(_) => addresses.append_null(),
        }
    }
    Ok(Arc::new(addresses.finish()))
}

/// Rows with more columns.
fn joined(
    batch: &RecordBatch,
    known: &RecordBatch,
    names: &[String],
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let more = known
        .schema()
        .fields()
        .iter()
        .zip(names)
        .map(|(field, name)| field.as_ref().clone().with_name(name))
        .collect::<Vec<_>>();
    let schema = batch.schema();
    let fields = schema.fields().iter().map(|field| field.as_ref().clone()).chain(more);
    let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone());
    let columns = batch.columns().iter().chain(known.columns()).cloned().collect();
    RecordBatch::try_new(Arc::new(schema), columns)
}
