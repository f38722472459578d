//! `firmtrie annotate`: lines go through as they are, with what is known at their end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, StructArray, UInt32Array};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

use super::identify::{Said, index, requests, rows_of};
use super::{Ran, firmtrie, text, write};

fn annotated(input: &[u8], options: &[&str]) -> Ran {
    let dir = TempDir::new().unwrap();
    let (index, input) = (index(&dir), write(&dir, "input", input));
    let mut ran = firmtrie("", &[&["annotate", text(&input), "--index", &index], options].concat());
    // Where it is differs from run to run.
    ran.errors = ran.errors.replace(text(&input), "input");
    ran
}

#[test]
fn each_format_gets_columns_in_its_own_way() {
    let log = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9").replace('\n', "");
    let fields = ["--fields", "company,asn,domain"];
    for (input, expected) in [
        (
            "ip,note\r\n1.0.0.9,\"a, b\"\r\n\r\n9.9.9.9,x\r\nnobody,y\n2001:400::1,z",
            "ip,note,company,asn,domain\r\n1.0.0.9,\"a, b\",Example B.V.,64500,\r\n\r\n9.9.9.9,x,,,\r\nnobody,y,,,\n\
             2001:400::1,z,Sample GmbH,64501,",
        ),
        ("a\tip\nb\t1.0.3.1\n", "a\tip\tcompany\tasn\tdomain\nb\t1.0.3.1\t\t\t\n"),
        (
            "{\"ip\":\"1.0.0.9\" , \"x\":{} } \n{\"ip\":\"9.9.9.9\"}\nbroken\n{}\n",
            "{\"ip\":\"1.0.0.9\" , \"x\":{} ,\"company\":\"Example B.V.\",\"asn\":64500,\"domain\":null} \n\
             {\"ip\":\"9.9.9.9\",\"company\":null,\"asn\":null,\"domain\":null}\nbroken\n\
             {\"company\":null,\"asn\":null,\"domain\":null}\n",
        ),
        (
            &format!("{log}\nno log\n"),
            &format!("{log} \"Example B.V.\" \"64500\" \"-\"\nno log \"-\" \"-\" \"-\"\n"),
        ),
        (
            "#Version: 1.0\n#Fields: c-ip sc-status\n1.0.0.9\t200\n",
            "#Version: 1.0\n#Fields: c-ip sc-status company asn domain\n1.0.0.9\t200\tExample%20B.V.\t64500\t-\n",
        ),
    ] {
        let ran = annotated(input.as_bytes(), &fields);
        assert_eq!((ran.code, ran.output.as_str()), (Some(0), expected), "{}", ran.errors);
    }
}

#[test]
fn what_is_not_understood_is_passed_on_and_counted() {
    let ran = annotated(b"ip,b\n1.0.0.9,1\nx,2\n1.0.0.9\n", &["--fields", "company"]);
    assert_eq!(ran.output, "ip,b,company\n1.0.0.9,1,Example B.V.\nx,2,\n1.0.0.9,\n");
    assert_eq!(
        ran.errors,
        "not_of_the_format: 1 line, passed on with nothing added\n\
                            no_address: 1 line, passed on with nothing added\n"
    );
    let ran = annotated(b"ip,b\n1.0.0.9,1\nx,2\n", &["--deny-broken"]);
    assert_eq!((ran.code, ran.errors.as_str()), (Some(1), "error: input:3: no address\n"));
    let ran = annotated(
        b"ip,b\n1.0.0.9,\"two\nlines\"\n1.0.1.9,\"open\n1.0.0.9,1\n",
        &["--fields", "company"],
    );
    // A value may go on in the next line; what is never closed is passed on as it is.
    let expected = "ip,b,company\n1.0.0.9,\"two\nlines\",Example B.V.\n1.0.1.9,\"open\n1.0.0.9,1\n";
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), expected), "{}", ran.errors);
    let ran = annotated(b"ip\tb\n1.0.0.9\t\"open\n1.0.1.9\tx\n", &["--fields", "company"]);
    assert_eq!(
        ran.output,
        "ip\tb\tcompany\n1.0.0.9\t\"open\tExample B.V.\n1.0.1.9\tx\tSample GmbH\n"
    );
    for input in [
        "ip,company\n1.0.0.9,x\n",
        "{\"ip\":\"1.0.0.9\",\"company\":1}\n",
        "#Fields: c-ip company\n1.0.0.9 x\n",
        "ip,Company\n1.0.0.9,x\n",
        "{\"ip\":\"1.0.0.9\",\"c\\u006fmpany\":1}\n",
        "{\"ip\":\"1.0.0.9\"}\n{\"ip\":\"bad\",\"company\":1}\n",
        "{\"ip\":\"1.0.0.9\",\"company\":1e999}\n",
        "{\"ip\":\"1.0.0.9\",\"company\":1,\"x\":\"\\ud800\"}\n",
    ] {
        let ran = annotated(input.as_bytes(), &[]);
        assert!(ran.code == Some(1) && ran.errors.contains("--prefix"), "{}", ran.errors);
        let ran = annotated(input.as_bytes(), &["--prefix", "visitor_", "--fields", "company"]);
        assert!(ran.code == Some(0) && ran.output.contains("visitor_company"), "{}", ran.errors);
    }
    // Deeper, or as a value, it is no key that is taken.
    let ran = annotated(
        b"{\"ip\":\"1.0.0.9\",\"x\":{\"company\":1},\"y\":\"company\"}\n",
        &["--fields", "company"],
    );
    assert!(
        ran.output.ends_with("\"y\":\"company\",\"company\":\"Example B.V.\"}\n"),
        "{}",
        ran.errors
    );
}

#[test]
fn order_and_every_byte_are_kept_over_many_blocks() {
    let requests = requests(40_000);
    let lines: Vec<_> = requests.iter().map(|said| said.clf(&said.address)).collect();
    let ran = annotated(lines.concat().as_bytes(), &["--fields", "status"]);
    assert_eq!(ran.output.lines().count(), lines.len());
    for (line, annotated) in lines.iter().zip(ran.output.lines()) {
        let rest = annotated.strip_prefix(line.trim_end()).unwrap();
        let status = match &line[..6] {
            "1.0.3." => " \"non_business\"",
            "9.9.9." | "192.16" => " \"unknown\"",
            _ => " \"company\"",
        };
        assert_eq!(rest, status, "{line}");
    }
}

#[test]
fn a_long_line_is_passed_on_whole() {
    let long = "x".repeat(5 << 20);
    let ran = annotated(
        format!("ip,note\n1.0.0.9,{long}\n1.0.1.9,y\n").as_bytes(),
        &["--fields", "company"],
    );
    assert_eq!(
        ran.output,
        format!("ip,note,company\n1.0.0.9,{long},Example B.V.\n1.0.1.9,y,Sample GmbH\n")
    );
}

#[test]
fn parquet_gets_columns_of_its_own_types() {
    let addresses: ArrayRef =
        Arc::new(StringArray::from(vec![Some("10.0.0.1"), Some("9.9.9.9"), None, Some("x")]));
    let header: ArrayRef =
        Arc::new(StringArray::from(vec![Some("1.0.0.9"), Some("1.0.1.9"), None, None]));
    let request = StructArray::try_from(vec![("remote_ip", addresses)]).unwrap();
    let numbers: ArrayRef = Arc::new(UInt32Array::from(vec![1, 2, 3, 4]));
    let columns =
        [("n", numbers), ("request", Arc::new(request) as ArrayRef), ("x_forwarded_for", header)];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let dir = TempDir::new().unwrap();
    let (index, input) = (index(&dir), write(&dir, "input.parquet", bytes));
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args([
        "annotate",
        text(&input),
        "--index",
        &index,
        "--fields",
        "company,asn",
        "--trusted-proxies",
        "10.0.0.0/8",
    ]);
    let done = command.output().unwrap();
    let rows = rows_of(done.stdout);
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Value>();
    assert_eq!(column("company"), serde_json::json!(["Example B.V.", null, null, null]));
    assert_eq!(column("asn"), serde_json::json!(["64500", null, null, null]));
    assert_eq!(column("n"), serde_json::json!(["1", "2", "3", "4"]));
    assert_eq!(rows[0].as_object().unwrap().len(), 5);
}

#[test]
fn a_line_is_answered_before_the_next_is_waited_for() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args(["annotate", "--index", &index, "--fields", "company"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut lines = BufReader::new(output).lines();
    input.write_all(b"{\"ip\":\"1.0.0.9\"}\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "{\"ip\":\"1.0.0.9\",\"company\":\"Example B.V.\"}");
    input.write_all(b"{\"ip\":\"1.0.1.9\"}\n{\"ip\"").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "{\"ip\":\"1.0.1.9\",\"company\":\"Sample GmbH\"}");
    input.write_all(b":\"9.9.9.9\"}").unwrap();
    drop(input);
    assert_eq!(lines.next().unwrap().unwrap(), "{\"ip\":\"9.9.9.9\",\"company\":null}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_stands_around_the_lines_is_kept_too() {
    let fields = ["--fields", "company"];
    let ran = annotated(b"\xef\xbb\xbfip\r\n1.0.0.9\r\n", &fields);
    assert_eq!(ran.output, "\u{feff}ip,company\r\n1.0.0.9,Example B.V.\r\n", "{}", ran.errors);
    let ran = annotated(b"{\"ip\":\"1.0.0.9\"} \t\n", &fields);
    assert_eq!(ran.output, "{\"ip\":\"1.0.0.9\",\"company\":\"Example B.V.\"} \t\n");
    // What a server says before its first request decides nothing.
    let log = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let ran = annotated(format!("\nStarting\n{log}").as_bytes(), &fields);
    assert_eq!(ran.output, format!("\nStarting \"-\"\n{} \"Example B.V.\"\n", log.trim_end()));
    // A tab that a visitor sends is none of IIS.
    let ran = annotated(b"#Fields: c-ip cs-uri-stem\n1.0.0.9 /a\n1.0.1.9 /b\tx\n", &fields);
    assert_eq!(
        ran.output,
        "#Fields: c-ip cs-uri-stem company\n1.0.0.9 /a Example%20B.V.\n1.0.1.9 /b\tx Sample%20GmbH\n"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_opened_once() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let command = format!(
        "mkfifo ff; (printf 'ip\\n1.0.0.9\\n' > ff &); timeout 30 {} annotate ff --index {index} --fields company",
        env!("CARGO_BIN_EXE_firmtrie")
    );
    for _ in 0..20 {
        let _ = std::fs::remove_file(dir.path().join("ff"));
        let done = Command::new("sh").args(["-c", &command]).current_dir(&dir).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&done.stdout), "ip,company\n1.0.0.9,Example B.V.\n");
    }
}
