//! The vectors that every surface runs, run by the command line.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::{firmtrie, text, write};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(vectors().join(name)).unwrap()).unwrap()
}

fn cases<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    vectors[name].as_array().unwrap()
}

#[test]
fn the_world_answers_as_written() {
    let dir = TempDir::new().unwrap();
    let index = dir.path().join("world.firm");
    let world = vectors().join("world/firmtrie.toml");
    let ran = firmtrie("", &["build", text(&world), "-o", text(&index)]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    let lookups = read("lookups.json");
    let cases = cases(&lookups, "cases");
    let addresses: Vec<_> = cases.iter().map(|case| case["address"].as_str().unwrap()).collect();
    let ran = firmtrie(&addresses.join("\n"), &["lookup", "--json", text(&index)]);
    let answers: Vec<Value> =
        ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(answers) {
        assert_eq!(answer, case["answer"], "{}", case["says"]);
    }
}

#[test]
fn what_is_refused_is_refused_as_written() {
    let dir = TempDir::new().unwrap();
    let errors = read("errors.json");
    let path = write(&dir, "file", "");
    let refused = |case: &Value, arguments: &[&str], code| {
        let ran = firmtrie("", arguments);
        let said = ran.errors.replace(&format!("{}/", dir.path().display()), "");
        assert_eq!((ran.code, ran.output.as_str()), (Some(code), ""), "{said}");
        assert!(said.contains(case["message"].as_str().unwrap()), "{said}\n{case}");
    };
    for case in cases(&errors, "addresses") {
        refused(case, &["lookup", text(&path), case["text"].as_str().unwrap()], 2);
    }
    for case in cases(&errors, "prefixes") {
        refused(case, &["networks", text(&path), "--in", case["text"].as_str().unwrap()], 2);
    }
    for case in cases(&errors, "indexes") {
        fs::write(&path, case["text"].as_str().unwrap()).unwrap();
        refused(case, &["info", text(&path)], 1);
    }
    for case in cases(&errors, "sources") {
        write(&dir, "source", case["text"].as_str().unwrap());
        let format = case["format"].as_str().unwrap();
        let manifest = format!(
            "output = \"x.firm\"\n[[source]]\nname = \"s\"\nformat = \"{format}\"\n\
             path = \"source\"\nbasis = \"test\"\n"
        );
        let manifest = write(&dir, "firmtrie.toml", manifest);
        refused(case, &["build", text(&manifest)], 1);
    }
}

#[test]
fn companies_are_judged_as_written() {
    let judged = read("policy.json");
    for case in cases(&judged, "cases") {
        let mut arguments = vec!["explain".to_owned(), "--json".to_owned()];
        for (option, key) in [
            ("--name", "name"),
            ("--legal-form", "legal_form"),
            ("--country", "country"),
            ("--addresses", "addresses"),
        ] {
            if let Some(value) = case.get(key) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                arguments.extend([option.to_owned(), value]);
            }
        }
        let ran = firmtrie("", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let verdict: Value = serde_json::from_str(&ran.output).unwrap();
        assert_eq!(verdict["reason"], case["reason"], "{case}");
    }
}
