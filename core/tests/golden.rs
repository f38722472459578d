//! Indexes of every released version of the format open and answer for ever.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use firmtrie::Index;
use firmtrie::net::parse_address;
use serde_json::Value;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

fn golden(name: &str) -> Vec<u8> {
    let file = File::open(tests().join("golden").join(name)).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_index_of_every_format_since_the_second_opens_and_answers() {
    for format in [2, 3] {
        answers(format);
    }
}

fn answers(format: u32) {
    let index = Index::from_bytes(&golden(&format!("format-{format}.firm.gz"))).unwrap();
    assert!(index.verify().is_empty());
    assert_eq!(index.info().unwrap().as_of, "2026-11-01");
    let lookups = tests().join(format!("golden/format-{format}.json"));
    let lookups = std::fs::read_to_string(lookups).unwrap();
    let lookups: Value = serde_json::from_str(&lookups).unwrap();
    for case in lookups["cases"].as_array().unwrap() {
        let address = parse_address(case["address"].as_str().unwrap()).unwrap();
        let answer = serde_json::to_value(index.describe(address).unwrap()).unwrap();
        assert_eq!(answer, case["answer"], "{}", case["says"]);
        let id = index.answer_id(address).unwrap();
        let name = index.lookup(address).unwrap().map(|hit| hit.name().unwrap());
        assert_eq!(name, case["answer"]["company"]["name"].as_str(), "{}", case["says"]);
        assert_eq!(index.answers_of(&[id]).next().unwrap().unwrap().kind_and_asn().1, asn(case));
    }
}

fn asn(case: &Value) -> Option<u32> {
    case["answer"]["asn"].as_u64().map(|asn| asn.try_into().unwrap())
}

#[test]
fn the_index_of_format_1_which_was_never_released_is_refused_with_advice() {
    let error = Index::from_bytes(&golden("format-1.firm.gz")).unwrap_err();
    assert_eq!(error.kind(), "not_an_index");
    assert!(error.to_string().contains("format 1") && error.to_string().contains("build it again"));
}
