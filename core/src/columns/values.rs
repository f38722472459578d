//! From the numbers of answers to the columns that are asked for.
//!
//! What a column says of an answer is read once for each answer that is met, into a table in which
//! the rows are then looked up. The keys of a dictionary count its values in the order of the
//! answers' numbers; a value is in it once, and only if some row has it.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, PrimitiveArray, StringArray, UInt32Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};

use super::Column;
use super::met::Slots;
use super::networks::as_i32;
use super::rows::{Answered, Ask, NO_NETWORK};
use super::threads::{both, part_size};
use crate::company::Status;
use crate::error::Result;
use crate::index::numbered::Numbered;
use crate::reader::{Answer, AnswerId, Index};
use crate::threads::side_by_side;

/// In a table of keys: nothing.
const NO_KEY: u32 = u32::MAX;
/// In a table of autonomous systems: nothing. No network has this one (RFC 7607).
const NO_ASN: u32 = 0;

/// What a column says of each slot.
enum ValueTable {
    /// Keys and the texts that they are of.
    Texts(Vec<u32>, StringArray),
    Asns(Vec<u32>),
    /// NaN is nothing.
    Confidences(Vec<f64>),
}

/// The columns in the order in which they are asked for.
pub fn columns(wanted: &[Column], ask: Ask<'_>, answered: Answered) -> Result<Vec<ArrayRef>> {
    let Answered { mut codes, mut networks, numbering, met, .. } = answered;
    let slots = met.slots(&mut codes);
    if !ask.networks {
        return others(wanted, ask, codes, &slots);
    }
    let rows = codes.len().max(networks.len());
    let nulls = if slots.index(ask.none()).is_some() {
        bitmap(&mut networks, |_, key| {
            let known = *key != NO_NETWORK;
            *key = if known { *key } else { 0 };
            known
        })
    } else {
        None
    };
    let network = || numbering.texts().map(|texts| dictionary(networks, nulls, texts));
    let (network, others) = both(rows, network, || others(wanted, ask, codes, &slots));
    let (network, mut others) = (network?, others?.into_iter());
    let column = |column: &Column| match column {
        Column::Network => Some(ArrayRef::clone(&network)),
        _ => others.next(),
    };
    Ok(wanted.iter().filter_map(column).collect())
}

/// All columns but that of the networks.
fn others(
    wanted: &[Column],
    ask: Ask<'_>,
    mut rows: Vec<u32>,
    slots: &Slots,
) -> Result<Vec<ArrayRef>> {
    let mut wanted = wanted.iter().filter(|column| **column != Column::Network).peekable();
    let met = answers_met(ask, slots);
    let mut columns = Vec::new();
    while let Some(column) = wanted.next() {
        let table = ValueTable::new(*column, ask.view.index, &met, slots)?;
        columns.push(if wanted.peek().is_none() {
            // In the place of the slots.
            table.column(Cow::Owned(std::mem::take(&mut rows)))
        } else {
            table.column(Cow::Borrowed(&rows))
        });
    }
    Ok(columns)
}

impl ValueTable {
    fn new(column: Column, index: &Index, met: &[AnswerId], slots: &Slots) -> Result<Self> {
        match column {
            Column::Asn => {
                let asn = |answer: Answer<'_>| answer.kind_and_asn().1;
                numbers(index.answers_of(met), slots, NO_ASN, asn).map(Self::Asns)
            }
            Column::Confidence => {
                let sure = |answer: Answer<'_>| answer.confidence().filter(|_| is_named(answer));
                numbers(index.answers_of(met), slots, f64::NAN, sure).map(Self::Confidences)
            }
            column => texts(column, index.answers_of(met), slots),
        }
    }

    /// The column of rows by their slots.
    fn column(self, slots: Cow<'_, [u32]>) -> ArrayRef {
        let look_up = |slots: Cow<'_, [u32]>, table: &[u32], none: u32| {
            let mut rows = slots.into_owned();
            let nulls = bitmap(&mut rows, |_, row| {
                let value = table.get(*row as usize).copied().unwrap_or(none);
                *row = if value == none { 0 } else { value };
                value != none
            });
            (rows, nulls)
        };
        match self {
            Self::Texts(table, values) => {
                let (keys, nulls) = look_up(slots, &table, NO_KEY);
                dictionary(keys, nulls, values)
            }
            Self::Asns(table) => {
                let (asns, nulls) = look_up(slots, &table, NO_ASN);
                Arc::new(UInt32Array::new(asns.into(), nulls))
            }
            Self::Confidences(table) => {
                let mut rows = vec![0.0; slots.len()];
                let nulls = bitmap(&mut rows, |at, row| {
                    let value = table.get(slots[at] as usize).copied().unwrap_or(f64::NAN);
                    *row = if value.is_nan() { 0.0 } else { value };
                    !value.is_nan()
                });
                Arc::new(Float64Array::new(rows.into(), nulls))
            }
        }
    }
}

/// A table of what `of` says of each answer that is met.
fn numbers<'a, T: Copy>(
    answers: impl Iterator<Item = Result<Answer<'a>>>,
    slots: &Slots,
    none: T,
    of: impl Fn(Answer<'a>) -> Option<T>,
) -> Result<Vec<T>> {
    let mut table = vec![none; slots.size];
    for (index, answer) in answers.enumerate() {
        table[slots.of(index)] = of(answer?).unwrap_or(none);
    }
    Ok(table)
}

/// A table of what a column of texts says of each answer that is met.
fn texts<'a>(
    column: Column,
    answers: impl Iterator<Item = Result<Answer<'a>>>,
    slots: &Slots,
) -> Result<ValueTable> {
    let mut table = vec![NO_KEY; slots.size];
    let (mut values, mut bytes) = (Numbered::new(), 0);
    for (index, answer) in answers.enumerate() {
        if let Some(text) = text(column, answer?)? {
            let known = values.all.len();
            table[slots.of(index)] = values.number(text);
            // Before the next is made: a file that was made to can have very many long ones.
            bytes += values.all[known..].iter().map(|text| text.len()).sum::<usize>();
            as_i32("bytes of different texts", bytes)?;
        }
    }
    Ok(ValueTable::Texts(table, StringArray::from_iter_values(values.all)))
}

/// What a column says of an answer; nothing of a company where none is named.
fn text(column: Column, answer: Answer<'_>) -> Result<Option<Cow<'_, str>>> {
    Ok(match column {
        Column::Status => Some(answer.status().as_str().into()),
        Column::Kind => answer.kind_and_asn().0.map(|kind| kind.as_str().into()),
        Column::Sources if is_named(answer) => Some(answer.sources()?.join(", ").into()),
        Column::Company(field) => {
            let company = answer.company()?;
            company.and_then(|company| company.get(field)).map(Cow::Borrowed)
        }
        Column::Network | Column::Asn | Column::Confidence | Column::Sources => None,
    })
}

fn is_named(answer: Answer<'_>) -> bool {
    answer.status() == Status::Company
}

/// The answers that some row has, in the order of their codes.
fn answers_met(ask: Ask<'_>, slots: &Slots) -> Vec<AnswerId> {
    let of_answers = slots.codes.iter().take_while(|code| **code != ask.none());
    of_answers.map(|code| ask.answer_id(*code)).collect()
}

/// Keys are below the number of values: a row has the one that its value was given.
fn dictionary(keys: Vec<u32>, nulls: Option<NullBuffer>, values: StringArray) -> ArrayRef {
    let keys = ScalarBuffer::<i32>::from(Buffer::from_vec(keys));
    let keys = PrimitiveArray::new(keys, nulls);
    Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(values)))
}

/// Changes each row, by its index, and tells which have a value; nothing, if all have.
fn bitmap<T: Send>(
    rows: &mut [T],
    change: impl Fn(usize, &mut T) -> bool + Sync,
) -> Option<NullBuffer> {
    const WORD: usize = u64::BITS as usize;
    let (count, size) = (rows.len(), part_size(rows.len()));
    let mut words = vec![0_u64; count.div_ceil(WORD)];
    let parts = rows.chunks_mut(size).zip(words.chunks_mut(size / WORD)).enumerate();
    let present: usize = side_by_side(parts, |(part, (rows, words))| {
        let mut at = part * size;
        let mut present = 0;
        for (rows, word) in rows.chunks_mut(WORD).zip(words) {
            for (bit, row) in rows.iter_mut().enumerate() {
                *word |= u64::from(change(at + bit, row)) << bit;
            }
            at += WORD;
            present += word.count_ones() as usize;
        }
        present
    })
    .into_iter()
    .sum();
    // Arrow counts the bits of a byte, and the bytes of a bitmap, upwards.
    let words: Vec<u64> = words.into_iter().map(u64::to_le).collect();
    let bits = BooleanBuffer::new(Buffer::from_vec(words), 0, count);
    (present < count).then(|| NullBuffer::new(bits))
}
