//! Indexes of every version of the format open and answer for ever.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use firmtrie::{Index, parse_address};
use serde_json::Value;

#[test]
fn the_index_of_format_1_opens_and_answers() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let file = File::open(tests.join("golden/format-1.firm.gz")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let index = Index::from_bytes(&bytes).unwrap();
    assert!(index.verify().is_empty());
    assert_eq!(index.info().unwrap().as_of, "2026-11-01");
    let lookups = std::fs::read_to_string(tests.join("vectors/lookups.json")).unwrap();
    let lookups: Value = serde_json::from_str(&lookups).unwrap();
    for case in lookups["cases"].as_array().unwrap() {
        let address = parse_address(case["address"].as_str().unwrap()).unwrap();
        let answer = serde_json::to_value(index.describe(address).unwrap()).unwrap();
        assert_eq!(answer, case["answer"], "{}", case["says"]);
    }
}
