//! No file can make the reader panic: cut, changed or made up, it gives an error or an answer.
#![cfg(feature = "build")]

use std::net::IpAddr;

use firmtrie::{Builder, Format, Index, Source};
use proptest::prelude::*;

const ROWS: &str = "\
1.0.0.0,1.0.0.255,64500,Example B.V.\n\
1.0.0.64,1.0.0.67,64501,Nested GmbH\n\
1.1.0.0,1.255.255.255,64502,Wide SA\n\
2001:400::,2001:900:ffff:ffff:ffff:ffff:ffff:ffff,64500,Example B.V.\n\
2600::5,2600::9,64501,Inside a subnet\n\
2600:0:0:1::,2600:0:0:ffff:ffff:ffff:ffff:ffff,64501,Nested GmbH\n";

fn bytes() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ROWS).unwrap();
    let source = Source::new("rows", Format::AsnCsv).path(file.path());
    Builder::new().source(source).build().unwrap().0
}

/// Asks everything there is to ask. What comes back does not matter, that it comes back does.
fn ask_everything(bytes: &[u8]) {
    let Ok(index) = Index::from_bytes(bytes) else { return };
    let probes = ["1.0.0.0", "1.0.0.66", "1.1.1.1", "9.9.9.9", "::", "2001:500::", "2600::6"];
    let more = ["2600:0:0:1::", "2600::a", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
    for text in probes.iter().chain(&more) {
        let address: IpAddr = text.parse().unwrap();
        let _ = (index.number(address), index.classify(address));
        if let Ok(description) = index.describe(address) {
            serde_json::to_string(&description).unwrap();
        }
        if let Ok(Some(hit)) = index.lookup(address) {
            let _ = (hit.network(), hit.confidence(), hit.sources());
            let _ = hit.company().map(|company| format!("{company:?}"));
        }
    }
    let _ = (index.answer_count(), index.company_count(), index.metadata());
    for company in [0, 1, 4, u32::MAX] {
        let _ = index.company(company).map(|company| format!("{company:?}"));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = bytes();
    // Every length around the header and the sections' ends, and steps through the rest.
    let near = (0..whole.len()).filter(|at| *at < 1_000 || at % 61 == 0);
    for length in near.chain(whole.len() - 500..whole.len()) {
        assert!(Index::from_bytes(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn any_changed_byte_of_header_and_section_table_is_refused() {
    let whole = bytes();
    // Magic, numbers, 11 sections of 24 bytes, checksum; before the first multiple of 64 is zero.
    let header = 24 + 11 * 24 + 8;
    for at in 0..header {
        for value in [0, 1, 0x7f, 0x80, 0xff, !whole[at]] {
            let mut changed = whole.clone();
            changed[at] = value;
            assert_eq!(Index::from_bytes(&changed).is_err(), changed != whole, "{at}: {value}");
            ask_everything(&changed);
        }
    }
}

#[test]
fn the_index_remembers_its_sources() {
    let index = Index::from_bytes(&bytes()).unwrap();
    let sources = index.metadata().unwrap().sources;
    assert_eq!(sources.len(), 1);
    assert_eq!((sources[0].name.as_str(), sources[0].format.as_str()), ("rows", "asn-csv"));
}

proptest! {
    #[test]
    fn random_changes_anywhere_give_an_error_or_an_answer(
        // Most bytes are the trie's root: half of the changes go to what comes behind it.
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..200
        )
    ) {
        let mut changed = bytes();
        for (at, behind, value) in changes {
            let from = if behind { changed.len() - 2_000 } else { 320 };
            let at = from + at.index(changed.len() - from);
            changed[at] = value;
        }
        ask_everything(&changed);
    }

    #[test]
    fn bytes_that_are_no_index_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert!(Index::from_bytes(&bytes).is_err());
        let begins_well = [b"FIRMTRIE\x01\0\0\0".as_slice(), &bytes].concat();
        prop_assert!(Index::from_bytes(&begins_well).is_err());
    }
}
