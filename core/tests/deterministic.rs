//! The same sources give the same bytes, whatever the order of rows, files and sources, and on any
//! number of threads.
#![cfg(feature = "build")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use firmtrie::builder::{Manifest, Policy};
use firmtrie::registry::Date;
use firmtrie::{Builder, Format, Index, Source};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

fn shuffled(text: &str) -> String {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut rows: Vec<_> = text.lines().map(|row| (rng.next_u64(), row)).collect();
    rows.sort_unstable();
    rows.iter().fold(String::new(), |mut all, (_, row)| {
        writeln!(all, "{row}").unwrap();
        all
    })
}

fn build(threads: usize, sources: &[Source]) -> Vec<u8> {
    // Midnight may pass between two builds.
    let builder =
        Builder::new().policy(Policy::open()).as_of("2026-11-01".parse::<Date>().unwrap());
    let builder = sources.iter().cloned().fold(builder, Builder::source);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| builder.build().unwrap().0)
}

#[test]
fn order_and_threads_do_not_show() {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/asn");
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    // Claims that overlap, are equal, and differ in nothing but the company, from two sources.
    let rival = "1.0.0.0,1.0.0.255,64500,Zebra\n1.0.0.0,1.0.0.255,64500,Aardvark\n\
                 8.0.0.0,9.255.255.255,64501,Wide\n8.8.0.0,8.8.255.255,64501,Wide\n";
    fs::write(file("rival.csv"), rival).unwrap();
    fs::write(file("rival-shuffled.csv"), shuffled(rival)).unwrap();
    for name in ["asn-ipv4.csv", "asn-ipv6.csv"] {
        fs::write(file(name), shuffled(&fs::read_to_string(real.join(name)).unwrap())).unwrap();
    }
    let first = [
        Source::new("real", Format::AsnCsv)
            .path(real.join("asn-ipv4.csv"))
            .path(real.join("asn-ipv6.csv")),
        Source::new("rival", Format::AsnCsv).path(file("rival.csv")).priority(1),
    ];
    let second = [
        Source::new("rival", Format::AsnCsv).path(file("rival-shuffled.csv")).priority(1),
        Source::new("real", Format::AsnCsv).path(file("asn-ipv6.csv")).path(file("asn-ipv4.csv")),
    ];
    let bytes = build(1, &first);
    assert!(bytes == build(2, &first));
    assert!(bytes == build(1, &second));
    assert!(bytes == build(2, &second));

    let index = Index::from_bytes(&bytes).unwrap();
    let hit = index.lookup("1.0.0.1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(hit.company().unwrap().name(), "Aardvark");
    assert_eq!(hit.sources().unwrap(), ["rival"]);
}

#[test]
fn the_order_of_rows_does_not_show_in_a_world_of_all_formats() {
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/world");
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&world).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        // A header and a manifest stay as they are.
        let (head, rows) = match name {
            "networks.csv" | "companies.csv" => text.split_at(text.find('\n').unwrap() + 1),
            "firmtrie.toml" => (text.as_str(), ""),
            _ => ("", text.as_str()),
        };
        fs::write(dir.path().join(name), [head, &shuffled(rows)].concat()).unwrap();
    }
    let build = |folder: &Path| {
        Manifest::read(folder.join("firmtrie.toml")).unwrap().builder.build().unwrap().0
    };
    assert!(build(&world) == build(dir.path()));
}

#[test]
fn a_company_without_an_address_left_is_not_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.csv");
    let rows = "1.0.0.0,1.0.0.255,64500,Hidden behind two\n1.0.0.0,1.0.0.127,64501,First half\n\
                1.0.0.128,1.0.0.255,64502,Second half\n10.0.0.0,10.0.0.255,64503,In private space\n";
    fs::write(&path, rows).unwrap();
    let bytes = build(1, &[Source::new("rows", Format::AsnCsv).path(&path)]);
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("First half") && holds("Second half"));
    assert!(!holds("Hidden") && !holds("In private"));
    let index = Index::from_bytes(&bytes).unwrap();
    assert_eq!((index.company_count(), index.answer_count()), (2, 3));
}
