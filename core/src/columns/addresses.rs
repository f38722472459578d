//! Addresses as Arrow columns have them, read block by block.
//!
//! Texts in every layout, dictionaries of them, `uint32` (IPv4), and bytes, 4 or 16 of them. What is
//! no address is told apart from what is missing.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, downcast_integer_array};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::DataType;

use crate::cpu::Cpu;
use crate::error::{Error, Result};
use crate::net::parse_each;
use crate::net::{Family, bits_of, parse_address};

/// Rows of a block: what is kept of them stays in the first-level cache.
pub const BLOCK: usize = 512;

/// The addresses of a block of rows.
pub struct Block {
    /// Those of IPv4, as nearly all are; zero where `others` has something else.
    pub v4: [Ipv4Addr; BLOCK],
    /// The other rows, ascending.
    pub others: Vec<(usize, Other)>,
    /// Texts that wait for a second look.
    unread: Vec<usize>,
    cpu: Cpu,
}

/// A row without an IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    V6(u128),
    Missing,
    Invalid,
}

/// A column of addresses, or some rows of it.
pub struct Addresses {
    rows: ArrayRef,
    /// Which rows have a value, in a dictionary too; nothing, if all have.
    present: Option<NullBuffer>,
}

impl Block {
    pub fn new() -> Self {
        Self {
            v4: [Ipv4Addr::UNSPECIFIED; BLOCK],
            others: Vec::new(),
            unread: Vec::new(),
            cpu: Cpu::detect(),
        }
    }

    /// Reads each of `count` rows that is present.
    #[inline(always)]
    fn fill(
        &mut self,
        count: usize,
        present: impl Fn(usize) -> bool,
        read: impl Fn(usize) -> Result<u32, Other>,
    ) {
        for (at, address) in self.v4.iter_mut().enumerate().take(count) {
            let found = if present(at) { read(at) } else { Err(Other::Missing) };
            *address = Ipv4Addr::from_bits(found.unwrap_or(0));
            if let Err(other) = found {
                self.others.push((at, other));
            }
        }
    }

    /// Reads texts; those that are not present are empty.
    #[inline(always)]
    fn texts(&mut self, texts: &[&[u8]], present: impl Fn(usize) -> bool) {
        self.unread.clear();
        parse_each(self.cpu, texts, &mut self.v4, &mut self.unread);
        for at in &self.unread {
            let found = if present(*at) { other_text(texts[*at]) } else { Err(Other::Missing) };
            self.v4[*at] = Ipv4Addr::from_bits(found.unwrap_or(0));
            if let Err(other) = found {
                self.others.push((*at, other));
            }
        }
    }
}

impl Addresses {
    /// # Errors
    /// [`Error::Usage`] for a column that cannot hold addresses.
    pub fn new(array: &ArrayRef) -> Result<Self> {
        match array.data_type() {
            // A table of one column, which some tools give in place of the column.
            DataType::Struct(fields) if fields.len() == 1 => {
                let column = Self::new(array.as_struct().column(0))?;
                let present = NullBuffer::union(column.present.as_ref(), array.nulls());
                Ok(Self { present, ..column })
            }
            DataType::Struct(fields) => {
                let names: Vec<_> = fields.iter().map(|field| field.name().as_str()).collect();
                let names = names.join(", ");
                Err(Error::Usage(format!("a table of {names}: give its column of addresses")))
            }
            kind if holds_addresses(kind) => {
                Ok(Self { rows: ArrayRef::clone(array), present: array.logical_nulls() })
            }
            kind => Err(Error::Usage(format!(
                "a column of {kind} holds no addresses: give texts, uint32, or 4 or 16 bytes"
            ))),
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Reads rows, of which there are up to [`BLOCK`].
    pub fn read(&self, rows: Range<usize>, block: &mut Block) {
        block.others.clear();
        let (first, count) = (rows.start, rows.len());
        let present = |at: usize| self.present.as_ref().is_none_or(|p| p.is_valid(first + at));
        let Some(dictionary) = self.rows.as_any_dictionary_opt() else {
            return read(&self.rows, count, present, |at| first + at, block);
        };
        let mut keys = [0; BLOCK];
        copy_keys(dictionary.keys(), rows, &mut keys);
        read(dictionary.values(), count, present, |at| keys[at], block);
    }

    /// What a row has in place of an address, for messages.
    pub fn value(&self, row: usize) -> String {
        let (values, at) = match self.rows.as_any_dictionary_opt() {
            Some(dictionary) => {
                let mut key = [0];
                copy_keys(dictionary.keys(), row..row + 1, &mut key);
                (dictionary.values(), key[0])
            }
            None => (&self.rows, row),
        };
        let text = match values.data_type() {
            DataType::Utf8 => values.as_string::<i32>().value(at),
            DataType::LargeUtf8 => values.as_string::<i64>().value(at),
            DataType::Utf8View => values.as_string_view().value(at),
            DataType::Binary => return format!("{:02x?}", values.as_binary::<i32>().value(at)),
            DataType::LargeBinary => {
                return format!("{:02x?}", values.as_binary::<i64>().value(at));
            }
            DataType::BinaryView => return format!("{:02x?}", values.as_binary_view().value(at)),
            _ => return String::new(),
        };
        text.chars().take(80).collect()
    }
}

fn holds_addresses(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => holds_addresses(values),
        DataType::FixedSizeBinary(width) => matches!(width, 4 | 16),
        _ => matches!(
            kind,
            DataType::Null
                | DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::UInt32
                | DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
        ),
    }
}

/// The keys of some rows of a dictionary; those of missing rows mean nothing.
fn copy_keys(keys: &dyn Array, rows: Range<usize>, to: &mut [usize]) {
    downcast_integer_array!(
        keys => for (to, key) in to.iter_mut().zip(&keys.values()[rows]) {
            *to = key.as_usize();
        },
        _ => ()
    );
}

/// Reads so many rows, each at its index in `values`.
#[inline(always)]
fn read(
    values: &ArrayRef,
    count: usize,
    present: impl Fn(usize) -> bool,
    index: impl Fn(usize) -> usize,
    block: &mut Block,
) {
    macro_rules! texts {
        ($values:expr) => {{
            let values = $values;
            let mut texts = [&[][..]; BLOCK];
            for (at, text) in texts.iter_mut().enumerate().take(count) {
                if present(at) {
                    *text = values.value(index(at)).as_bytes();
                }
            }
            block.texts(&texts[..count], present);
        }};
    }
    macro_rules! packed {
        ($values:expr) => {{
            let values = $values;
            block.fill(count, present, |at| packed(values.value(index(at))))
        }};
    }
    match values.data_type() {
        DataType::Utf8 => texts!(values.as_string::<i32>()),
        DataType::LargeUtf8 => texts!(values.as_string::<i64>()),
        DataType::Utf8View => texts!(values.as_string_view()),
        DataType::UInt32 => {
            let values = values.as_primitive::<UInt32Type>();
            block.fill(count, present, |at| Ok(values.value(index(at))));
        }
        DataType::FixedSizeBinary(_) => packed!(values.as_fixed_size_binary()),
        DataType::Binary => packed!(values.as_binary::<i32>()),
        DataType::LargeBinary => packed!(values.as_binary::<i64>()),
        DataType::BinaryView => packed!(values.as_binary_view()),
        // `Null`: nothing is present.
        _ => block.fill(count, |_| false, |_| Err(Other::Missing)),
    }
}

/// What is no dotted IPv4 address of eight characters or more.
#[cold]
fn other_text(text: &[u8]) -> Result<u32, Other> {
    let text = std::str::from_utf8(text).map_err(|_| Other::Invalid)?;
    canonical(parse_address(text).map_err(|_| Other::Invalid)?)
}

fn packed(bytes: &[u8]) -> Result<u32, Other> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Ok(u32::from_be_bytes(bytes));
    }
    let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| Other::Invalid)?;
    canonical(IpAddr::from(bytes))
}

const fn canonical(address: IpAddr) -> Result<u32, Other> {
    match bits_of(address) {
        (Family::V4, bits) => Ok(bits as u32),
        (Family::V6, bits) => Err(Other::V6(bits)),
    }
}
