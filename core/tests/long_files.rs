//! Files of so many rows that several threads read them: what is said of a row must not depend on
//! where in the file it stands.
#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use firmtrie::net::parse_address;
use firmtrie::{Builder, Error, Format, Index, Source};
use tempfile::TempDir;

/// More rows than a batch has, several times over.
const ROWS: u32 = 100_000;

/// Row `n`: a /24 of its own company; every 1,000th name has a line break in it.
fn row(n: u32) -> String {
    let (a, b) = (1 + n / 65_536, n % 65_536);
    let network = format!("{a}.{}.{}", b / 256, b % 256);
    let name = if n.is_multiple_of(1000) {
        format!("\"Name {n},\nIn Two Lines\"")
    } else {
        format!("Name {n}")
    };
    format!("{network}.0,{network}.255,{},{name}\n", n + 1)
}

/// The line on which row `n` starts.
fn line(n: u32) -> u32 {
    1 + n + n.div_ceil(1000)
}

fn rows(replaced: &[(u32, &str)]) -> String {
    (0..ROWS).fold(String::new(), |mut all, n| {
        match replaced.iter().find(|(at, _)| *at == n) {
            Some((_, bad)) => writeln!(all, "{bad}").unwrap(),
            None => all += &row(n),
        }
        all
    })
}

fn builder(dir: &TempDir, content: &str) -> Builder {
    let path = dir.path().join("rows.csv");
    fs::write(&path, content).unwrap();
    Builder::new().source(Source::new("rows", Format::AsnCsv).path(Path::new(&path)))
}

#[test]
fn every_row_of_a_long_file_is_answered() {
    let dir = TempDir::new().unwrap();
    let (bytes, summary) = builder(&dir, &rows(&[])).build().unwrap();
    assert_eq!(summary.metadata.counts.claims, u64::from(ROWS));
    let index = Index::from_bytes(&bytes).unwrap();
    for n in [0, 1, 8191, 8192, 8193, 50_000, 65_535, 65_536, ROWS - 1] {
        let text = row(n);
        let (address, _) = text.split_once(',').unwrap();
        let hit = index.lookup(parse_address(address).unwrap()).unwrap().unwrap();
        assert_eq!(hit.asn().unwrap(), Some(n + 1));
        let name = hit.company().unwrap().name();
        assert!(name.starts_with(&format!("Name {n}")), "{name}");
        assert_eq!(name.contains('\n'), n.is_multiple_of(1000));
    }
}

#[test]
fn a_bad_row_is_named_by_its_line_wherever_it_stands() {
    let dir = TempDir::new().unwrap();
    for n in [0, 8191, 8192, 70_001, ROWS - 1] {
        let error = builder(&dir, &rows(&[(n, "1.0.0.9,1.0.0.1,1,X")])).build().unwrap_err();
        let Error::BadRow(bad) = &error else { panic!("{error}") };
        // The replaced row of two lines has one.
        assert_eq!(bad.line, u64::from(line(n)), "row {n}: {error}");
    }
}

#[test]
fn of_many_bad_rows_the_first_is_told_and_all_can_be_left_out() {
    let dir = TempDir::new().unwrap();
    let bad = [(9_001, "1.1.1.1,x,1,X"), (30_001, "1.1.1.1,y,1,X"), (90_001, "1.1.1.1,z,1,X")];
    let builder = builder(&dir, &rows(&bad));
    let error = builder.build().unwrap_err().to_string();
    assert!(error.contains("\"x\""), "{error}");
    let (_, summary) = builder.skip_bad_rows(true).build().unwrap();
    assert_eq!(summary.skipped.count, 3);
    let lines: Vec<u64> = summary.skipped.first.iter().map(|bad| bad.line).collect();
    assert_eq!(lines, bad.map(|(n, _)| u64::from(line(n))));
}

#[test]
fn a_file_that_grows_beyond_its_limit_when_decompressed_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("rows.csv.gz");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, rows(&[]).as_bytes()).unwrap();
    fs::write(&path, gzip.finish().unwrap()).unwrap();
    let source = || Source::new("rows", Format::AsnCsv).path(&path);
    let error =
        Builder::new().source(source().max_size(1_000_000)).build().unwrap_err().to_string();
    assert!(error.contains("rows.csv.gz") && error.contains("more than 1000000 bytes"), "{error}");
    Builder::new().source(source().max_size(rows(&[]).len() as u64)).build().unwrap();
}

#[test]
fn very_many_claims_on_one_range_are_each_looked_at_once() {
    let dir = TempDir::new().unwrap();
    // Compared each with all others this takes minutes.
    let same: String = (0..300_000)
        .fold(String::new(), |all, n| all + &format!("11.0.0.0,11.0.0.255,{},Firm {n}\n", n + 1));
    let (bytes, _) =
        builder(&dir, &same).policy(firmtrie::builder::Policy::open()).build().unwrap();
    let index = Index::from_bytes(&bytes).unwrap();
    assert!(index.lookup(parse_address("11.0.0.1").unwrap()).unwrap().is_some());
}

#[test]
fn a_files_format_is_found_without_reading_it_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    for (row, format) in [
        ("1.0.0.0,1.0.0.255,64500,Example Works B.V.\n", Format::AsnCsv),
        ("inetnum: 1.0.0.0/24\ndescr: Example Works B.V.\n", Format::Rpsl),
    ] {
        fs::write(&path, row.repeat((17 << 20) / row.len())).unwrap();
        assert_eq!(Format::detect(&path).unwrap(), format);
    }
}
