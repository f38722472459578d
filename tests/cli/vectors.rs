//! The vectors that every surface runs, run by the command line.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::{firmtrie, text, vectors, write};

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
fn networks_are_listed_as_written() {
    let dir = TempDir::new().unwrap();
    let index = dir.path().join("world.firm");
    let world = vectors().join("world/firmtrie.toml");
    assert_eq!(firmtrie("", &["build", text(&world), "-o", text(&index)]).code, Some(0));
    let lists = read("networks.json");
    // A company behind an address is an object of a language.
    for case in cases(&lists, "cases").iter().filter(|case| case["behind"].is_null()) {
        let of = [("in", "--in"), ("asn", "--asn"), ("called", "--company")];
        let (word, option) = of.into_iter().find(|(word, _)| !case[word].is_null()).unwrap();
        let wanted = case[word].as_str().map_or_else(|| case[word].to_string(), str::to_owned);
        let ran = firmtrie("", &["networks", text(&index), option, &wanted]);
        let networks: Vec<_> =
            ran.output.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(Value::from(networks.clone()), case["networks"], "{}", case["says"]);
        let unknown = networks.is_empty() && word == "called";
        assert_eq!(ran.code, Some(i32::from(unknown)), "{}", ran.errors);
    }
}

#[test]
fn who_objected_is_left_out_as_written() {
    let registries = read("registry.json");
    let world = vectors().join("world/firmtrie.toml");
    for case in cases(&registries, "cases") {
        let dir = TempDir::new().unwrap();
        let (folder, index) = (dir.path().join("registry"), dir.path().join("world.firm"));
        let run = |arguments: &[&str]| {
            let ran = firmtrie("", arguments);
            assert_eq!(ran.code, Some(0), "{case}: {}", ran.errors);
            ran.output
        };
        run(&["registry", "init", text(&folder)]);
        for request in cases(case, "registry") {
            run(&recorded(&folder, request).iter().map(String::as_str).collect::<Vec<_>>());
        }
        let files = [text(&world), "-o", text(&index), "--registry", text(&folder)];
        let report: Value =
            serde_json::from_str(&run(&[&["build", "--json"], &files[..]].concat())).unwrap();
        for (address, answer) in case["answers"].as_object().unwrap() {
            let found = run(&["lookup", "--json", text(&index), address]);
            let found: Value = serde_json::from_str(&found).unwrap();
            let named = found["company"]["name"].as_str().or(found["status"].as_str());
            assert_eq!(named, answer.as_str(), "{address}: {case}");
        }
        for reason in ["opted_out", "restricted"] {
            let left_out = report["report"]["sources"].as_array().unwrap().iter();
            let claims =
                left_out.filter_map(|source| source["left_out"][reason]["claims"].as_u64());
            let wanted = case["left_out"][reason].as_u64().unwrap_or(0);
            assert_eq!(claims.sum::<u64>(), wanted, "{reason}: {case}");
        }
    }
}

/// The arguments that record a request of a vector, or take an entry back.
fn recorded(folder: &Path, request: &Value) -> Vec<String> {
    let mut request = request.as_object().unwrap().clone();
    if let Some(entry) = request.remove("lift") {
        return ["registry", "lift", text(folder), &entry.to_string()].map(str::to_owned).into();
    }
    let right = request.remove("right").unwrap();
    let command = match right.as_str().unwrap() {
        "objection" => "object",
        "erasure" => "erase",
        "restriction" => "restrict",
        "withdrawal" => "withdraw",
        other => other,
    };
    let mut arguments = vec!["registry".to_owned(), command.to_owned(), text(folder).to_owned()];
    for (word, value) in &request {
        arguments.extend([format!("--{word}"), value.as_str().unwrap().to_owned()]);
    }
    arguments
}

#[test]
fn what_is_refused_is_refused_as_written() {
    let dir = TempDir::new().unwrap();
    let errors = read("errors.json");
    let (path, index) = (write(&dir, "file", ""), crate::index(&dir));
    let refused = |case: &Value, arguments: &[&str], code| {
        let ran = firmtrie("", arguments);
        let said = ran.errors.replace(&format!("{}/", dir.path().display()), "");
        assert_eq!((ran.code, ran.output.as_str()), (Some(code), ""), "{said}");
        assert!(said.contains(case["message"].as_str().unwrap()), "{said}\n{case}");
    };
    for case in cases(&errors, "addresses") {
        let ran = firmtrie("", &["lookup", text(&index), case["text"].as_str().unwrap()]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.output.contains(case["message"].as_str().unwrap()), "{}", ran.output);
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
fn what_registries_publish_is_answered_as_written() {
    let (dir, registers) = (TempDir::new().unwrap(), read("registers.json"));
    let mut manifest = vec!["output = \"x.firm\"\n".to_owned()];
    for source in cases(&registers, "sources") {
        let of = |key: &str| source[key].as_str().unwrap();
        write(&dir, of("name"), of("text"));
        let name = of("name");
        manifest.push(format!(
            "[[source]]\nname = \"{name}\"\npath = \"{name}\"\nformat = \"{}\"\nbasis = \"test\"\n",
            of("format")
        ));
    }
    let manifest = write(&dir, "firmtrie.toml", manifest.concat());
    assert_eq!(firmtrie("", &["build", text(&manifest)]).code, Some(0));
    let index = dir.path().join("x.firm");
    for case in cases(&registers, "answers") {
        let ran =
            firmtrie("", &["lookup", "--json", text(&index), case["address"].as_str().unwrap()]);
        let answer: Value = serde_json::from_str(&ran.output).unwrap();
        let name = answer["company"].get("name").unwrap_or(&Value::Null);
        // What announces a network is told of those that are left out, too.
        let asn = if name.is_null() { &Value::Null } else { &answer["asn"] };
        assert_eq!((name, asn), (&case["name"], &case["asn"]), "{}", case["says"]);
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
