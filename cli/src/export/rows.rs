//! A row for each network: CSV, JSON Lines, Parquet, and what ClickHouse's `ip_trie` takes.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use firmtrie::columns::{Column, Invalid};
use firmtrie::{Network, Snapshot};
use parquet::arrow::ArrowWriter;

use crate::Failure;
use crate::answers::{Style, Values};
use crate::log::visitor::bits;
use crate::parquet::properties;

/// Networks that are looked up at once.
const ROWS: usize = 1 << 16;

/// Where rows go.
pub enum Rows<'a> {
    /// Texts between commas, under their names; the first is called so.
    Csv(&'static str, &'a mut dyn Write),
    Jsonl(&'a mut dyn Write),
    Parquet(&'a mut (dyn Write + Send)),
}

/// Writes a row for each network.
pub fn write<'a>(
    index: &Snapshot,
    networks: impl Iterator<Item = firmtrie::Result<Network<'a>>>,
    columns: &[Column],
    rows: Rows<'_>,
) -> Result<(), Failure> {
    match rows {
        Rows::Csv(first, output) => {
            let names = columns.iter().map(|column| column.as_str());
            let names: Vec<_> = std::iter::once(first).chain(names).collect();
            writeln!(output, "{}", names.join(","))?;
            batches(index, networks, columns, |batch| csv(&batch, output))
        }
        Rows::Jsonl(output) => batches(index, networks, columns, |batch| jsonl(&batch, output)),
        Rows::Parquet(output) => {
            let schema = batch(index, &[], columns)?.schema();
            let file = ArrowWriter::try_new(output, schema, Some(properties()));
            let mut file = file.map_err(io::Error::from)?;
            let write = |batch: RecordBatch| Ok(file.write(&batch).map_err(io::Error::from)?);
            batches(index, networks, columns, write)?;
            file.close().map_err(io::Error::from)?;
            Ok(())
        }
    }
}

fn batches<'a>(
    index: &Snapshot,
    networks: impl Iterator<Item = firmtrie::Result<Network<'a>>>,
    columns: &[Column],
    mut each: impl FnMut(RecordBatch) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut some = Vec::with_capacity(ROWS);
    for network in networks {
        some.push(network?);
        if some.len() == ROWS {
            each(batch(index, &some, columns)?)?;
            some.clear();
        }
    }
    each(batch(index, &some, columns)?)
}

/// The networks as texts, and columns of what is known of them.
fn batch(
    index: &Snapshot,
    networks: &[Network<'_>],
    columns: &[Column],
) -> Result<RecordBatch, Failure> {
    let mut addresses = FixedSizeBinaryBuilder::with_capacity(networks.len(), 16);
    for network in networks {
        // Sixteen bytes are what the builder takes.
        let _ = addresses.append_value(bits(network.prefix().addr()).to_be_bytes());
    }
    let addresses: ArrayRef = Arc::new(addresses.finish());
    let known = index.lookup_columns(&[addresses], columns, Invalid::Null)?.batch;
    let texts: StringArray =
        networks.iter().map(|network| Some(network.prefix().to_string())).collect();
    let schema = known.schema();
    let fields = std::iter::once(Arc::new(Field::new("network", DataType::Utf8, false)))
        .chain(schema.fields().iter().cloned());
    let arrays =
        std::iter::once(Arc::new(texts) as ArrayRef).chain(known.columns().iter().cloned());
    let batch =
        RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), arrays.collect());
    Ok(batch.map_err(io::Error::other)?)
}

fn csv(batch: &RecordBatch, output: &mut dyn Write) -> Result<(), Failure> {
    let style = Style::Separated(b',');
    lines(
        batch,
        style,
        output,
        |place, line| {
            if place > 0 {
                style.between(line);
            }
        },
        b"\n",
    )
}

fn jsonl(batch: &RecordBatch, output: &mut dyn Write) -> Result<(), Failure> {
    let style = Style::Json;
    let schema = batch.schema();
    let names: Vec<_> = schema.fields().iter().map(|field| style.text(field.name())).collect();
    let key = |place: usize, line: &mut Vec<u8>| {
        line.push(if place == 0 { b'{' } else { b',' });
        line.extend(&names[place]);
        line.push(b':');
    };
    lines(batch, style, output, key, b"}\n")
}

/// A line for each row; `before` is what stands before each value.
fn lines(
    batch: &RecordBatch,
    style: Style,
    output: &mut dyn Write,
    before: impl Fn(usize, &mut Vec<u8>),
    end: &[u8],
) -> Result<(), Failure> {
    let prefixes = batch.column(0).as_string::<i32>();
    let values: Vec<_> =
        batch.columns()[1..].iter().map(|column| Values::of(column, style)).collect();
    let mut text = Vec::new();
    for row in 0..batch.num_rows() {
        before(0, &mut text);
        text.extend(style.text(prefixes.value(row)));
        for (place, values) in (1..).zip(&values) {
            before(place, &mut text);
            values.write(row, style, &mut text);
        }
        text.extend(end);
    }
    Ok(output.write_all(&text)?)
}
