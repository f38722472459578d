//! What columns need beside what they give: less than half as much again.
#![cfg(all(feature = "build", feature = "columns"))]

use std::alloc::System;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;
use cap::Cap;
use firmtrie::columns::{Column, Invalid};
use firmtrie::{Builder, Field, Format, Index, Source};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

const ROWS: u32 = 4_000_000;

#[test]
fn columns_need_little_more_memory_than_they_are_given_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/asn");
    let rows = Source::new("asn", Format::AsnCsv).path(folder.join("asn-ipv4.csv"));
    let index = Index::from_bytes(&Builder::new().source(rows).build().unwrap().0).unwrap();
    // All of IPv4, in an order in which neighbours lie far apart.
    let address = |row: u32| Ipv4Addr::from_bits(row.wrapping_mul(0x9e37_79b1)).to_string();
    // Made in its place, so that what it needs meanwhile is not the most that is ever needed.
    let mut texts = StringBuilder::with_capacity(ROWS as usize, 15 * ROWS as usize);
    (0..ROWS).map(address).for_each(|text| texts.append_value(text));
    let array: ArrayRef = Arc::new(texts.finish());
    let (company, country) = (Column::Company(Field::Name), Column::Company(Field::Country));
    for wanted in [
        &[company][..],
        &[Column::Network],
        &[company, Column::Network],
        &[company, Column::Asn, Column::Kind, country, Column::Network],
    ] {
        let before = MEMORY.allocated();
        let given = index.lookup_columns(&[Arc::clone(&array)], wanted, Invalid::Null).unwrap();
        // The most that was ever needed: by this one, or by a smaller one before.
        let peak = MEMORY.max_allocated();
        let given = given.batch.get_array_memory_size();
        let needed = peak - before;
        assert!(10 * needed <= 14 * given, "{wanted:?}: {needed} for {given} bytes");
    }
}
