//! The real set: every kind of address is answered as a sorted list of its rows answers it.
//!
//! The full set is read from `datasets/full/asn`, where `make datasets` puts it; where it is not,
//! its test says so and passes, and the same test runs on the excerpt alone.
#![cfg(feature = "build")]

use std::collections::BTreeSet;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use firmtrie::builder::Policy;
use firmtrie::net::{AddressRange, Family, bits_of};
use firmtrie::{Builder, Format, Index, Source};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A row as the test reads it, by itself, without the code under test.
struct Row {
    first: u128,
    last: u128,
    asn: u32,
    name: String,
}

/// The rows of each family, in the order of their starts. At most neighbours overlap: the real set
/// has one such pair, at 215.0.0.0.
struct Naive {
    v4: Vec<Row>,
    v6: Vec<Row>,
}

impl Naive {
    fn read(folder: &Path) -> Self {
        let rows = |file| {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).from_path(folder.join(file)).unwrap();
            let rows = reader.records().map(Result::unwrap).map(|record| Row {
                first: bits_of(record[0].parse().unwrap()).1,
                last: bits_of(record[1].parse().unwrap()).1,
                asn: record[2].parse().unwrap(),
                name: record[3].trim().to_owned(),
            });
            let mut rows: Vec<_> = rows.collect();
            rows.sort_by_key(|row| row.first);
            assert!(rows.windows(3).all(|three| three[0].last < three[2].first));
            rows
        };
        Self { v4: rows("asn-ipv4.csv"), v6: rows("asn-ipv6.csv") }
    }

    fn rows(&self, family: Family) -> &[Row] {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// The row an address is in, less the one block of the set that is special-purpose space.
    fn find(&self, family: Family, at: u128) -> Option<&Row> {
        let rows = self.rows(family);
        let after = rows.partition_point(|row| row.first <= at);
        let here = rows[..after].iter().rev().take(2).filter(|row| at <= row.last);
        let row = here.min_by_key(|row| row.last - row.first)?;
        let special = ["192.88.99.2/32", "2001::/32"].iter().any(|block| {
            AddressRange::from(firmtrie::net::parse_prefix(block).unwrap())
                .contains(family.address(at))
        });
        (!special).then_some(row)
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets").join(name)
}

fn build(folder: &Path) -> Index {
    let source = Source::new("ip-location-db/asn", Format::AsnCsv)
        .path(folder.join("asn-ipv4.csv"))
        .path(folder.join("asn-ipv6.csv"));
    Index::from_bytes(&Builder::new().policy(Policy::open()).source(source).build().unwrap().0)
        .unwrap()
}

/// Addresses of a family: around and inside sampled rows, and anywhere.
fn probes(naive: &Naive, family: Family, count: usize) -> BTreeSet<u128> {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut random = || u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
    let (rows, max) = (naive.rows(family), family.max());
    let mut probes = BTreeSet::from([0, max]);
    while probes.len() < count {
        let row = &rows[(random() % rows.len() as u128) as usize];
        let inside = row.first + random() % (row.last - row.first + 1);
        probes.extend([row.first, row.last, inside, random() & max]);
        probes.extend([row.first.saturating_sub(1), row.last.saturating_add(1).min(max)]);
    }
    probes
}

fn differences(naive: &Naive, index: &Index, count: usize) -> Vec<IpAddr> {
    let mut different = Vec::new();
    for family in [Family::V4, Family::V6] {
        for at in probes(naive, family, count / 2) {
            let address = family.address(at);
            // An address that is IPv4-mapped is IPv4, and not what this list is about.
            if bits_of(address) != (family, at) {
                continue;
            }
            let expected = naive.find(family, at).map(|row| (row.asn, row.name.as_str()));
            let hit = index.lookup(address).unwrap();
            let company =
                hit.map(|hit| (hit.asn().unwrap().unwrap(), hit.company().unwrap().name()));
            let network = AddressRange::from(index.classify(address).unwrap().network);
            let ends = [network.first_bits(), network.last_bits()];
            let alike = ends.iter().all(|end| {
                naive.find(family, *end).map(|row| (row.asn, row.name.as_str())) == expected
            });
            if company != expected || !alike || !network.contains(address) {
                different.push(address);
            }
        }
    }
    different
}

#[test]
fn the_excerpt_is_answered_as_its_rows_say() {
    let naive = Naive::read(&folder("asn"));
    assert_eq!((naive.v4.len(), naive.v6.len()), (3_363, 6_816));
    let differences = differences(&naive, &build(&folder("asn")), 20_000);
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn two_hundred_thousand_addresses_of_the_full_set_are_answered_as_its_rows_say() {
    let folder = folder("full/asn");
    if !folder.exists() {
        // Past the test runner, which keeps what a passing test prints.
        let word = "SKIPPED: the full set is not there; `make datasets` fetches it";
        writeln!(std::io::stderr(), "{word}").unwrap();
        return;
    }
    let naive = Naive::read(&folder);
    assert_eq!((naive.v4.len(), naive.v6.len()), (411_961, 103_197));
    let index = build(&folder);
    let differences = differences(&naive, &index, 200_000);
    assert!(differences.is_empty(), "{} differences: {differences:?}", differences.len());
}
