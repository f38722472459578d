//! Lookups on the command line: a row out for each line in, whatever stands there, in the form that is asked
//! for.

use serde_json::Value;
use tempfile::TempDir;

use crate::{Ran, firmtrie, index, text, vectors, write};

#[test]
fn a_bad_argument_has_an_answer_of_its_own_and_suppresses_no_other() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let ran = firmtrie("", &["lookup", text(&index), "1.0.0.9", "1.0.0", "1.0.1.9"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.output,
        "1.0.0.9\t1.0.0.0/24\tAS64500\tExample, Inc.\n\
         1.0.0\t-\t-\terror: \"1.0.0\" is not an IPv4 or IPv6 address\n\
         1.0.1.9\t1.0.1.0/24\tAS64501\tTab Inc.\n"
    );
    assert_eq!(ran.errors, "error: one line is no address; its answer says so\n");
    assert_eq!(firmtrie("", &["lookup"]).code, Some(2));
    assert_eq!(firmtrie("", &["no-such-command"]).code, Some(2));
}

#[test]
fn a_row_comes_out_for_each_line_so_that_paste_works() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let input = "1.0.0.9\n\nwww.example\n \n1.0.1.9\r\n1.0.0.10";
    for format in ["tsv", "jsonl", "csv", "table"] {
        for fields in [None, Some("address,company,error,line")] {
            let mut arguments = vec!["lookup", text(&index), "--format", format];
            arguments.extend(fields.iter().flat_map(|fields| ["--fields", fields]));
            let ran = firmtrie(input, &arguments);
            let header = usize::from(matches!(format, "csv" | "table"));
            assert_eq!(ran.output.lines().count(), 6 + header, "{format}: {}", ran.output);
            assert_eq!(ran.code, Some(1));
            assert!(
                ran.output.lines().nth(2 + header).unwrap().contains("is not an IPv4"),
                "{format}"
            );
        }
    }
    let ran = firmtrie("1.0.0.9\n\n1.0.1.9\n", &["lookup", text(&index), "--json"]);
    assert_eq!(ran.code, Some(0), "a blank line is no mistake");
    let rows: Vec<Value> =
        ran.output.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(rows[1], serde_json::json!({"address": "", "error": "blank"}));
}

#[test]
fn a_line_is_standard_input_beside_other_addresses() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let ran = firmtrie("1.0.1.9\n", &["lookup", text(&index), "1.0.0.9", "-", "1.0.0.10"]);
    let addresses: Vec<_> = ran.output.lines().map(|row| row.split('\t').next().unwrap()).collect();
    assert_eq!((ran.code, addresses), (Some(0), vec!["1.0.0.9", "1.0.1.9", "1.0.0.10"]));
}

/// An index of the world of the vectors, asked.
fn of_world(input: &str, arguments: &[&str]) -> Ran {
    let dir = TempDir::new().unwrap();
    let world = dir.path().join("world.firm");
    let manifest = vectors().join("world/firmtrie.toml");
    assert_eq!(firmtrie("", &["build", text(&manifest), "-q", "-o", text(&world)]).code, Some(0));
    firmtrie(input, &[&["lookup", text(&world)], arguments].concat())
}

#[test]
fn any_field_of_a_record_can_be_asked_for_in_any_form() {
    let fields = ["--fields", "company,city,vat,legal_form,domains,asn,sources,status"];
    let ask = |format: &str| {
        of_world("", &[&["8.1.0.1", "8.2.0.1", "--format", format], &fields[..]].concat()).output
    };
    let csv = ask("csv");
    let mut rows = csv.lines();
    assert_eq!(rows.next(), Some("company,city,vat,legal_form,domains,asn,sources,status"));
    let alpha = rows.next().unwrap();
    assert!(alpha.starts_with("Alpha B.V.,"), "{alpha}");
    assert!(
        alpha.contains("\"alpha.example, www.alpha.example\",64501,\"geo, whois\",company"),
        "{alpha}"
    );
    assert_eq!(rows.next(), Some(",,,,,64510,,non_business"));
    let jsonl = ask("jsonl");
    let alpha: Value = serde_json::from_str(jsonl.lines().next().unwrap()).unwrap();
    assert_eq!(alpha["domains"], serde_json::json!(["alpha.example", "www.alpha.example"]));
    assert_eq!(alpha["asn"], 64501);
    assert!(alpha["city"].is_string() && alpha["vat"].is_string(), "{alpha}");
    let tsv = ask("tsv");
    assert_eq!(tsv.lines().next().unwrap().split('\t').count(), 8);
    let table = ask("table");
    let column = |line: &str, word: &str| line.find(word);
    let [head, row]: [&str; 2] = [0, 1].map(|at| table.lines().nth(at).unwrap());
    assert_eq!(column(head, "status"), column(row, "company"), "{table}");
    let unknown = of_world("", &["--fields", "town", "8.1.0.1"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.errors.contains("[possible values: address, status, network"),
        "{}",
        unknown.errors
    );
}

#[test]
fn addresses_are_found_inside_of_lines() {
    let log = "8.1.0.1 - - [01/Nov/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/7.88.1\"\n\
               nothing here\n\
               forwarded for [2600:1::5]:443, 8.2.0.1:80\n";
    let ran = of_world(log, &["--grep", "--fields", "line,address,company,status"]);
    assert_eq!(
        (ran.code, ran.output.as_str()),
        (
            Some(0),
            "1\t8.1.0.1\tAlpha B.V.\tcompany\n\
             3\t2600:1::5\tAlpha B.V.\tcompany\n\
             3\t8.2.0.1\t\tnon_business\n"
        )
    );
    let text = of_world(log, &["--grep", "--fields", "text", "--format", "jsonl"]);
    assert!(
        text.output.lines().nth(1).unwrap().contains("forwarded for [2600:1::5]"),
        "{}",
        text.output
    );
}

#[test]
fn what_a_name_holds_breaks_no_row() {
    let dir = TempDir::new().unwrap();
    let rows = "network,name\n1.0.0.0/24,\"Tab\tand, \"\"quote\"\"\nInc.\"\n";
    let (rows, index) = (write(&dir, "n.csv", rows), dir.path().join("x.firm"));
    assert_eq!(
        firmtrie("", &["build", text(&rows), "-q", "--policy", "open", "-o", text(&index)]).code,
        Some(0)
    );
    for format in ["tsv", "table"] {
        let arguments =
            ["lookup", text(&index), "1.0.0.1", "--format", format, "--fields", "company"];
        let output = firmtrie("", &arguments).output;
        assert_eq!(output.lines().last(), Some("Tab and, \"quote\" Inc."), "{format}");
    }
    let csv = firmtrie(
        "",
        &["lookup", text(&index), "1.0.0.1", "--format", "csv", "--fields", "company"],
    );
    assert_eq!(csv.output, "company\n\"Tab and, \"\"quote\"\" Inc.\"\n");
}
