//! Columns answer like as many single questions, in every layout, cut and number of threads.
#![cfg(all(feature = "build", feature = "columns"))]

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int8Type, Int32Type, UInt16Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, FixedSizeBinaryArray, Int64Array, LargeStringArray, NullArray,
    RecordBatch, StringArray, StringViewArray, StructArray, UInt32Array,
};
use firmtrie::builder::Manifest;
use firmtrie::columns::{Column, Columns, Invalid};
use firmtrie::net::parse_address;
use firmtrie::{Builder, Field, Format, Index, Snapshot, Source, Status};
use proptest::prelude::*;

fn all() -> Vec<Column> {
    Column::all().collect()
}

/// The made-up world of the vectors, which has every status.
fn world() -> Index {
    let manifest =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/world/firmtrie.toml");
    let builder = Manifest::read(&manifest).unwrap().builder;
    Index::from_bytes(&builder.build().unwrap().0).unwrap()
}

/// The excerpt of the real set.
fn excerpt() -> Index {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/asn");
    let rows = Source::new("asn", Format::AsnCsv)
        .path(folder.join("asn-ipv4.csv"))
        .path(folder.join("asn-ipv6.csv"));
    Index::from_bytes(&Builder::new().source(rows).build().unwrap().0).unwrap()
}

/// What a column says of an address, asked alone.
fn alone(snapshot: &Snapshot, column: Column, address: IpAddr) -> Option<String> {
    let told = snapshot.describe(address).unwrap();
    let hit = snapshot.lookup(address).unwrap();
    match column {
        Column::Company(field) => {
            hit.and_then(|hit| hit.company().unwrap().get(field).map(str::to_owned))
        }
        Column::Network => Some(told.network.to_string()),
        Column::Status => Some(told.status.to_string()),
        Column::Kind => told.kind.map(|kind| kind.to_string()),
        Column::Asn => told.asn.map(|asn| asn.to_string()),
        Column::Confidence => told.confidence.map(|sure| sure.to_string()),
        Column::Sources => hit.map(|_| told.sources.join(", ")),
        _ => unreachable!(),
    }
}

/// A column as texts; a dictionary has each value once, and only those of some row.
fn told(columns: &Columns, column: Column) -> Vec<Option<String>> {
    let array = columns.batch.column_by_name(column.as_str()).unwrap();
    match column {
        Column::Asn => array
            .as_primitive::<UInt32Type>()
            .iter()
            .map(|asn| asn.map(|asn| asn.to_string()))
            .collect(),
        Column::Confidence => {
            let sure = array.as_primitive::<Float64Type>().iter();
            sure.map(|sure| sure.map(|sure| sure.to_string())).collect()
        }
        _ => {
            let array = array.as_dictionary::<Int32Type>();
            let texts = array.downcast_dict::<StringArray>().unwrap();
            let texts: Vec<_> = texts.into_iter().map(|text| text.map(str::to_owned)).collect();
            let values: Vec<_> = array.values().as_string::<i32>().iter().flatten().collect();
            let met: HashSet<_> = texts.iter().flatten().map(String::as_str).collect();
            assert_eq!(values.len(), met.len(), "{column}");
            assert!(values.into_iter().all(|value| met.contains(value)), "{column}");
            texts
        }
    }
}

/// What these texts are answered with in columns, and how many are invalid.
fn check(snapshot: &Snapshot, texts: &[Option<&str>], arrays: &[ArrayRef]) {
    let columns = snapshot.lookup_columns(arrays, &all(), Invalid::Null).unwrap();
    let parsed: Vec<_> = texts.iter().map(|text| text.map(parse_address)).collect();
    assert_eq!(columns.invalid, parsed.iter().filter(|row| matches!(row, Some(Err(_)))).count());
    assert_eq!(columns.batch.num_rows(), texts.len());
    for column in all() {
        let truth = parsed.iter().map(|row| {
            let address = row.as_ref()?.as_ref().ok()?;
            alone(snapshot, column, *address)
        });
        assert_eq!(told(&columns, column), truth.collect::<Vec<_>>(), "{column}");
    }
}

/// Texts of every sort, most of them addresses of the world.
const TEXTS: [Option<&str>; 20] = [
    Some("8.1.0.1"),
    None,
    Some("8.2.0.1"),
    Some("2600:100::1"),
    Some("::ffff:8.1.0.1"),
    Some(""),
    Some("8.1.2.9"),
    Some("nobody"),
    Some("10.0.0.1"),
    Some(" 8.1.0.1 "),
    Some("0.0.0.0"),
    Some("::"),
    Some("8.1.0.1:80"),
    Some("255.255.255.255"),
    Some("1.1.1.1"),
    Some("8.0.0.1"),
    Some("8.5.0.1"),
    Some("08.1.0.1"),
    Some("8.1.2.3"),
    Some("fe80::1%eth0"),
];

#[test]
fn every_layout_of_texts_is_answered_like_single_questions() {
    let snapshot = Snapshot::new(world());
    let texts = TEXTS.to_vec();
    let dictionary: arrow_array::DictionaryArray<Int8Type> = texts.iter().copied().collect();
    let mut wide = StringDictionaryBuilder::<UInt16Type>::new();
    for text in &texts {
        wide.append_option(*text);
    }
    let plain: ArrayRef = Arc::new(StringArray::from(texts.clone()));
    let table = RecordBatch::try_from_iter([("ip", Arc::clone(&plain))]).unwrap();
    let layouts: [ArrayRef; 6] = [
        plain,
        Arc::new(LargeStringArray::from(texts.clone())),
        Arc::new(StringViewArray::from(texts.clone())),
        Arc::new(dictionary),
        Arc::new(wide.finish()),
        Arc::new(StructArray::from(table)),
    ];
    for array in layouts {
        check(&snapshot, &texts, std::slice::from_ref(&array));
        // Cut into pieces, some of them empty.
        for cut in 0..=texts.len() {
            let later = array.slice(cut, texts.len() - cut);
            check(&snapshot, &texts, &[array.slice(0, cut), later.slice(0, 0), later]);
        }
    }
    check(&snapshot, &[], &[]);
    check(&snapshot, &[None, None], &[Arc::new(NullArray::new(2))]);
}

/// Addresses as so many bytes each.
fn packed<const N: usize>(rows: [Option<[u8; N]>; 4]) -> ArrayRef {
    let size = i32::try_from(N).unwrap();
    let rows = FixedSizeBinaryArray::try_from_sparse_iter_with_size(rows.into_iter(), size);
    Arc::new(rows.unwrap())
}

#[test]
fn numbers_and_bytes_are_addresses_too() {
    let snapshot = Snapshot::new(world());
    let four = [Some("8.1.0.1"), None, Some("8.1.2.9"), Some("0.0.0.0")];
    let bits =
        four.map(|text| text.map(|text| u32::from(text.parse::<std::net::Ipv4Addr>().unwrap())));
    check(&snapshot, &four, &[Arc::new(UInt32Array::from(bits.to_vec()))]);
    check(&snapshot, &four, &[packed(bits.map(|bits| bits.map(u32::to_be_bytes)))]);

    let six = [Some("2600:100::1"), None, Some("::ffff:8.1.0.1"), Some("::")];
    let bits =
        six.map(|text| text.map(|text| text.parse::<std::net::Ipv6Addr>().unwrap().octets()));
    check(&snapshot, &six, &[packed(bits)]);
    let mixed: [Option<&[u8]>; 4] = [Some(&[8, 1, 0, 1]), Some(&[8, 1]), None, Some(&[0; 16])];
    let texts = [Some("8.1.0.1"), Some("two bytes"), None, Some("::")];
    check(&snapshot, &texts, &[Arc::new(BinaryArray::from(mixed.to_vec()))]);
}

#[test]
fn what_is_hidden_is_withheld_and_its_network_never_told_beyond_it() {
    let index = world();
    let hit = index.lookup("8.1.2.9".parse().unwrap()).unwrap().unwrap();
    let company = hit.company_id().unwrap();
    let mut snapshot = Snapshot::new(index);
    snapshot.hide_company(company);
    snapshot.hide_prefix("8.1.0.64/26".parse().unwrap());
    snapshot.hide_prefix("2600:100::/64".parse().unwrap());
    let mut texts = TEXTS.to_vec();
    texts.extend([Some("8.1.0.65"), Some("8.1.0.127"), Some("8.1.0.128"), Some("2600:100:1::1")]);
    let array: ArrayRef = Arc::new(StringArray::from(texts.clone()));
    check(&snapshot, &texts, &[Arc::clone(&array)]);
    // Without their networks they are the same.
    let status = [Column::Status];
    let columns = snapshot.lookup_columns(&[array], &status, Invalid::Null).unwrap();
    let truth = texts.iter().map(|text| {
        let address = text.map(parse_address)?.ok()?;
        alone(&snapshot, Column::Status, address)
    });
    assert_eq!(told(&columns, Column::Status), truth.collect::<Vec<_>>());
    let withheld = snapshot.classify("8.1.0.65".parse().unwrap()).unwrap();
    assert_eq!(withheld.status, Status::Withheld);
}

#[test]
fn large_columns_are_answered_on_several_threads_like_small_ones() {
    let index = excerpt();
    let mut texts: Vec<Option<String>> = Vec::new();
    for network in index.networks() {
        let prefix = network.unwrap().prefix();
        texts.push(Some(prefix.network().to_string()));
        texts.push(Some(prefix.broadcast().to_string()));
    }
    // The last rows bring networks that the first have not.
    let mut texts: Vec<_> = texts.iter().cycle().take(300_000).cloned().collect();
    texts[5] = None;
    texts[200_001] = Some("none".into());
    texts[299_999] = Some("127.0.0.1".into());
    let texts: Vec<_> = texts.iter().map(Option::as_deref).collect();
    let snapshot = Snapshot::new(index);
    let array: ArrayRef = Arc::new(StringArray::from(texts.clone()));
    let columns = snapshot.lookup_columns(&[array], &all(), Invalid::Null).unwrap();
    assert_eq!(columns.invalid, 1);
    let parts: Vec<ArrayRef> = texts
        .chunks(1000)
        .map(|part| Arc::new(StringArray::from(part.to_vec())) as ArrayRef)
        .collect();
    let again = snapshot.lookup_columns(&parts, &all(), Invalid::Null).unwrap();
    assert_eq!(columns.batch, again.batch);
    for column in all() {
        let told = told(&columns, column);
        for (part, rows) in parts.iter().zip(told.chunks(1000)) {
            let alone =
                snapshot.lookup_columns(std::slice::from_ref(part), &[column], Invalid::Null);
            assert_eq!(self::told(&alone.unwrap(), column), rows);
        }
    }
    // Those of one column alone are made in another place.
    for column in all() {
        let one = snapshot.lookup_columns(&parts, &[column], Invalid::Null).unwrap();
        assert_eq!(told(&one, column), told(&columns, column));
    }
}

#[test]
fn an_invalid_address_is_refused_with_its_row_and_value_if_asked_for() {
    let index = world();
    let mut texts = vec![Some("8.1.0.1"); 200_000];
    texts[150_000] = Some("later");
    texts[70_000] = Some("8.1.0.256");
    let parts: Vec<ArrayRef> = texts
        .chunks(60_000)
        .map(|part| Arc::new(StringArray::from(part.to_vec())) as ArrayRef)
        .collect();
    let wanted = [Column::Company(Field::Name)];
    let error = index.lookup_columns(&parts, &wanted, Invalid::Refuse).unwrap_err();
    assert_eq!(error.to_string(), "row 70000: \"8.1.0.256\" is not an IPv4 or IPv6 address");
    assert_eq!(error.kind(), "address");
    assert_eq!(index.lookup_columns(&parts, &wanted, Invalid::Null).unwrap().invalid, 2);
}

#[test]
fn a_column_that_can_hold_no_addresses_is_refused_with_a_word_on_what_can() {
    let index = world();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let table = [("a", Arc::clone(&numbers)), ("b", Arc::clone(&numbers))];
    let table: ArrayRef = Arc::new(StructArray::from(RecordBatch::try_from_iter(table).unwrap()));
    for (array, word) in [(numbers, "uint32"), (table, "a, b")] {
        let error = index.lookup_columns(&[array], &[Column::Asn], Invalid::Null).unwrap_err();
        assert_eq!(error.kind(), "usage");
        assert!(error.to_string().contains(word), "{error}");
    }
    let twice = index.lookup_columns(&[], &[Column::Asn, Column::Asn], Invalid::Null).unwrap_err();
    assert!(twice.to_string().contains("asn"), "{twice}");
    let unknown = "contact".parse::<Column>().unwrap_err().to_string();
    assert!(unknown.contains("company, country"), "{unknown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rows_are_answered_like_single_questions(
        rows in prop::collection::vec(
            prop::option::weighted(0.9, prop_oneof![
                8 => (8_u8..=8, 0_u8..9, any::<u8>(), any::<u8>()).prop_map(|(a, b, c, d)| format!("{a}.{b}.{c}.{d}")),
                2 => (0_u16..3, any::<u16>()).prop_map(|(a, b)| format!("2600:{a:x}00::{b:x}")),
                1 => any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from(bits).to_string()),
                1 => "[0-9.:a]{0,9}",
            ]), 0..1200),
        cut in any::<prop::sample::Index>(),
    ) {
        let snapshot = Snapshot::new(world());
        let texts: Vec<_> = rows.iter().map(Option::as_deref).collect();
        let cut = cut.index(texts.len() + 1);
        let part = |part: &[Option<&str>]| Arc::new(StringViewArray::from(part.to_vec())) as ArrayRef;
        check(&snapshot, &texts, &[part(&texts[..cut]), part(&texts[cut..])]);
    }
}
