//! Addresses as Arrow columns have them, read block by block.
//!
//! Texts in every layout, dictionaries of them, `uint32` (IPv4), and bytes, 4 or 16 of them. What is
//! no address is told apart from what is missing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, downcast_integer_array};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::DataType;

use crate::cpu::Cpu;
use crate::error::{Error, Result};
use crate::net::{Family, bits_of, ipv4_texts, ipv6_texts, parse_address};

/// Rows of a block: what is kept of them stays in the first-level cache.
pub const BLOCK: usize = 512;

/// The addresses of a block of rows.
pub struct Block {
    /// Those of IPv4; zero in the other rows.
    pub v4: [Ipv4Addr; BLOCK],
    /// Those of IPv6, and their rows, ascending.
    pub v6: Vec<Ipv6Addr>,
    pub v6_rows: Vec<usize>,
    /// The rows without an address, ascending.
    pub others: Vec<(usize, Other)>,
    /// Texts that wait for a second look.
    unread: Vec<usize>,
    /// What was read of them as IPv6.
    six: Vec<Option<u128>>,
    cpu: Cpu,
}

/// A row without an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    Missing,
    Invalid,
}

/// What a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    V4(u32),
    V6(u128),
    None(Other),
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
            v6: Vec::new(),
            v6_rows: Vec::new(),
            others: Vec::new(),
            unread: Vec::new(),
            six: Vec::new(),
            cpu: Cpu::detect(),
        }
    }

    /// Reads each of `count` rows that is present.
    #[inline(always)]
    fn fill(
        &mut self,
        count: usize,
        present: impl Fn(usize) -> bool,
        read: impl Fn(usize) -> Found,
    ) {
        for at in 0..count {
            self.put(at, if present(at) { read(at) } else { Found::None(Other::Missing) });
        }
    }

    #[inline(always)]
    fn put(&mut self, at: usize, found: Found) {
        self.v4[at] = Ipv4Addr::from_bits(if let Found::V4(bits) = found { bits } else { 0 });
        match found {
            Found::V4(_) => (),
            Found::V6(bits) => {
                self.v6.push(Ipv6Addr::from_bits(bits));
                self.v6_rows.push(at);
            }
            Found::None(other) => self.others.push((at, other)),
        }
    }

    /// Reads texts; those that are not present are empty.
    #[inline(always)]
    fn texts(&mut self, texts: &[&[u8]], present: impl Fn(usize) -> bool) {
        let mut unread = std::mem::take(&mut self.unread);
        unread.clear();
        ipv4_texts::parse_each(self.cpu, texts, &mut self.v4, &mut unread);
        let mut six = std::mem::take(&mut self.six);
        ipv6_texts::parse_each(self.cpu, texts, &unread, &mut six);
        for (at, six) in unread.iter().zip(&six) {
            let found = match six {
                Some(bits) => canonical(Ipv6Addr::from_bits(*bits).to_canonical()),
                None if present(*at) => other_text(texts[*at]),
                None => Found::None(Other::Missing),
            };
            self.put(*at, found);
        }
        (self.unread, self.six) = (unread, six);
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
        block.v6.clear();
        block.v6_rows.clear();
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
            block.fill(count, present, |at| Found::V4(values.value(index(at))));
        }
        DataType::FixedSizeBinary(_) => packed!(values.as_fixed_size_binary()),
        DataType::Binary => packed!(values.as_binary::<i32>()),
        DataType::LargeBinary => packed!(values.as_binary::<i64>()),
        DataType::BinaryView => packed!(values.as_binary_view()),
        // `Null`: nothing is present.
        _ => block.fill(count, |_| false, |_| Found::None(Other::Missing)),
    }
}

/// What is no dotted IPv4 address of eight characters or more.
#[cold]
fn other_text(text: &[u8]) -> Found {
    let address = std::str::from_utf8(text).ok().and_then(|text| parse_address(text).ok());
    address.map_or(Found::None(Other::Invalid), canonical)
}

fn packed(bytes: &[u8]) -> Found {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Found::V4(u32::from_be_bytes(bytes));
    }
    let sixteen = <[u8; 16]>::try_from(bytes);
    sixteen.map_or(Found::None(Other::Invalid), |bytes| canonical(IpAddr::from(bytes)))
}

const fn canonical(address: IpAddr) -> Found {
    match bits_of(address) {
        (Family::V4, bits) => Found::V4(bits as u32),
        (Family::V6, bits) => Found::V6(bits),
    }
}
