//! Columns of answers as texts, in the way of a format.
//!
//! A text that many rows have is made once.

mod style;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, UInt32Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use clap::builder::TypedValueParser;
use firmtrie::columns::Column;

use crate::table::parser;
pub use style::Style;

/// Reads the name of a column.
pub fn column() -> impl TypedValueParser<Value = Column> {
    parser(Column::all().map(|column| (column.as_str(), column)).collect())
}

/// A column's values, as they are written.
pub enum Values<'a> {
    /// Each text once, and which a row has.
    Texts(Vec<Vec<u8>>, &'a PrimitiveArray<Int32Type>),
    Whole(&'a PrimitiveArray<UInt32Type>),
    Number(&'a PrimitiveArray<Float64Type>),
}

impl<'a> Values<'a> {
    /// Of a column of answers, in the way of a format.
    pub fn of(column: &'a ArrayRef, style: Style) -> Self {
        if let Some(texts) = column.as_dictionary_opt::<Int32Type>() {
            let values = texts.values().as_string::<i32>().iter();
            return Self::Texts(
                values.map(|text| style.text(text.unwrap_or_default())).collect(),
                texts.keys(),
            );
        }
        match column.as_primitive_opt::<UInt32Type>() {
            Some(numbers) => Self::Whole(numbers),
            None => Self::Number(column.as_primitive()),
        }
    }

    /// Writes the value of a row.
    pub fn write(&self, row: usize, style: Style, output: &mut Vec<u8>) {
        match self {
            Self::Texts(texts, keys) if keys.is_valid(row) => {
                output.extend(&texts[keys.value(row) as usize]);
            }
            Self::Whole(numbers) if numbers.is_valid(row) => {
                style.number(&numbers.value(row), output);
            }
            Self::Number(numbers) if numbers.is_valid(row) => {
                style.number(&numbers.value(row), output);
            }
            _ => output.extend(style.nothing()),
        }
    }
}
