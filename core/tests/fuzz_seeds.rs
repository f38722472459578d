//! Every seed of the fuzzer, through the functions that the fuzzer runs.
#![cfg(feature = "build")]

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;

fn run(target: &str, function: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let files: Vec<_> = fs::read_dir(seeds).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 2);
    for file in files {
        function(&fs::read(file).unwrap());
    }
}

#[test]
fn damaged_indexes() {
    run("index", fuzz::index);
}

#[test]
fn rows_of_asn_csv() {
    run("asn_csv", fuzz::asn_csv);
}

#[test]
fn rows_of_our_own_formats() {
    run("own_formats", fuzz::own_formats);
}

#[test]
fn files_of_registers() {
    run("registers", fuzz::registers);
}

#[test]
fn headers_of_proxies() {
    run("client", fuzz::client);
}
