//! The command line as a user meets it: what it prints, where, and its exit code.

mod annotate;
#[cfg(unix)]
mod crash;
#[cfg(unix)]
mod deployment;
mod diff;
mod documents;
mod export;
mod follow;
mod identify;
mod lookup;
mod manners;
#[cfg(target_os = "linux")]
mod nightly;
#[cfg(unix)]
mod outputs;
mod page;
mod registry;
mod vectors;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

const ROWS: &str = "1.0.0.0,1.0.0.255,64500,\"Example, Inc.\"\n1.0.1.0,1.0.1.255,64501,\"Tab\tInc.\"\n\
                    2001:400::,2001:400:ffff:ffff:ffff:ffff:ffff:ffff,64500,\"Example, Inc.\"\n";

struct Ran {
    code: Option<i32>,
    output: String,
    errors: String,
}

fn firmtrie(input: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    let done = command.args(arguments).write_stdin(input).output().unwrap();
    Ran {
        code: done.status.code(),
        output: String::from_utf8(done.stdout).unwrap(),
        errors: String::from_utf8(done.stderr).unwrap(),
    }
}

fn write(dir: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The cases that all surfaces run.
fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

/// An index of `ROWS`.
fn index(dir: &TempDir) -> PathBuf {
    let (rows, index) = (write(dir, "rows.csv", ROWS), dir.path().join("companies.firm"));
    let ran = firmtrie("", &["build", text(&rows), "-o", text(&index), "--source", "rows"]);
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), ""), "{}", ran.errors);
    assert!(ran.errors.contains("3 claims: 2 companies"), "{}", ran.errors);
    index
}

#[test]
fn a_line_for_each_address_says_network_as_and_company_or_why_not() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let expected = "1.0.0.9\t1.0.0.0/24\tAS64500\tExample, Inc.\n\
                    1.0.1.9\t1.0.1.0/24\tAS64501\tTab Inc.\n\
                    9.9.9.9\t8.0.0.0/5\t-\tunknown\n\
                    1.0.0.9\t1.0.0.0/24\tAS64500\tExample, Inc.\n";
    let addresses = ["1.0.0.9", "1.0.1.9", "9.9.9.9", "::ffff:1.0.0.9"];
    for mode in [&[][..], &["--in-memory"]] {
        let ran = firmtrie("", &[&["lookup", text(&index)], mode, &addresses].concat());
        assert_eq!((ran.code, ran.output.as_str(), ran.errors.as_str()), (Some(0), expected, ""));
    }
    let ran = firmtrie(&addresses.join("\r\n"), &["lookup", text(&index)]);
    assert_eq!((ran.code, ran.output.as_str(), ran.errors.as_str()), (Some(0), expected, ""));
}

#[test]
fn json_has_one_shape_and_nulls_where_nothing_is_known() {
    let dir = TempDir::new().unwrap();
    let ran = firmtrie("", &["lookup", text(&index(&dir)), "--json", "2001:400::1", "10.0.0.1"]);
    assert_eq!(
        ran.output,
        "{\"address\":\"2001:400::1\",\"status\":\"company\",\"network\":\"2001:400::/32\",\
         \"kind\":\"unknown\",\"asn\":64500,\"company\":{\"name\":\"Example, Inc.\",\
         \"country\":null,\"lei\":null,\"domain\":null},\"sources\":[\"rows\"],\
         \"confidence\":null}\n\
         {\"address\":\"10.0.0.1\",\"status\":\"unknown\",\"network\":\"8.0.0.0/5\",\
         \"kind\":null,\"asn\":null,\"company\":null,\"sources\":[],\"confidence\":null}\n"
    );
}

#[test]
fn a_bad_row_is_named_and_the_index_that_was_there_stays() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let before = fs::read(&index).unwrap();
    for (row, said) in [
        (&b"1.0.0.9,1.0.0.1,1,X"[..], "bad.csv:2: column 2 (end)"),
        (b"1.0.0.9,::1,1,X", "bad.csv:2: column 2 (end)"),
        (b"1.0.0.1,1.0.0.9,ASX,X", "bad.csv:2: column 3 (asn): \"ASX\""),
        (b"1.0.0.1,1.0.0.9,1", "bad.csv:2: has 3 columns"),
        (b"1.0.0.1,1.0.0.9,1,Caf\xe9", "bad.csv:2: column 4 (organisation)"),
    ] {
        let bad = write(&dir, "bad.csv", [b"2.0.0.0,2.0.0.255,1,Good\n", row, b"\n"].concat());
        let ran = firmtrie("", &["build", text(&bad), "-o", text(&index)]);
        assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""));
        assert!(ran.errors.contains(said), "{}", ran.errors);
        assert_eq!(ran.errors.lines().count(), 1);
    }
    let empty = write(&dir, "empty.csv", "");
    let ran = firmtrie("", &["build", text(&empty), "-o", text(&index)]);
    assert!(ran.code == Some(1) && ran.errors.contains("empty.csv: has no rows"), "{}", ran.errors);
    let ran = firmtrie("", &["build", "no-such.csv", "-o", text(&index)]);
    assert!(ran.code == Some(1) && ran.errors.contains("no-such.csv: cannot open"));

    for no_file in ["/dev/stdin", text(dir.path())] {
        let ran = firmtrie(ROWS, &["build", no_file, "-o", text(&index)]);
        let said =
            format!("error: {no_file}: is a directory, a pipe or a device; expected a file\n");
        assert_eq!((ran.code, ran.errors), (Some(1), said));
    }

    assert!(fs::read(&index).unwrap() == before);
    // Nothing half-written lies about either.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
}

#[test]
fn a_file_that_is_no_index_is_named() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let cut = write(&dir, "cut.firm", &fs::read(&index).unwrap()[..1000]);
    let rows = dir.path().join("rows.csv");
    for (file, said) in [(&rows, "rows.csv: not a firmtrie index"), (&cut, "cut.firm: damaged")] {
        for mode in [&[][..], &["--in-memory"]] {
            let ran = firmtrie("", &[&["lookup", text(file), "1.0.0.1"], mode].concat());
            assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""));
            assert!(ran.errors.contains(said), "{}", ran.errors);
        }
    }
}

#[test]
fn the_summary_of_a_build_can_be_json() {
    let dir = TempDir::new().unwrap();
    let (rows, index) = (write(&dir, "rows.csv", ROWS), dir.path().join("companies.firm"));
    let ran = firmtrie("", &["build", text(&rows), "-o", text(&index), "--json"]);
    let summary: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
    let counts = &summary["counts"];
    assert_eq!((&counts["claims"], &counts["companies"]), (&3.into(), &2.into()));
    assert_eq!(summary["bytes"], fs::metadata(&index).unwrap().len());
    assert_eq!(ran.errors, "");
}

#[test]
fn a_manifest_or_files_of_several_formats_make_an_index() {
    let dir = TempDir::new().unwrap();
    let networks =
        write(&dir, "n.csv", "network,company,kind\n1.0.0.0/24,a,\n1.0.1.0/24,a,hosting\n");
    let companies = write(&dir, "c.csv", "key,name,country,note\na,Alpha B.V.,NL,x\n");
    let contacts = write(&dir, "p.csv", "company,name\na,Somebody\n");
    let index = dir.path().join("x.firm");
    let day = ["--as-of", "2026-11-01"];
    let files = ["build", text(&networks), text(&companies), text(&contacts), "-o", text(&index)];
    let ran = firmtrie("", &[&files[..], &["--source", "s"], &day].concat());
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), ""), "{}", ran.errors);
    assert!(ran.errors.contains("c.csv: ignored columns note\n1 contacts were left out\n"));
    let looked = firmtrie("", &["lookup", text(&index), "1.0.0.1", "1.0.1.1", "--json"]).output;
    assert!(
        looked.contains("\"country\":\"NL\"") && looked.contains("\"sources\":[\"s/networks\"]")
    );
    assert!(
        looked.contains(
            "\"status\":\"non_business\",\"network\":\"1.0.1.0/24\",\"kind\":\"hosting\""
        )
    );
    let quick = fs::read(&index).unwrap();

    let manifest = "as_of = 2026-11-01\noutput = \"x.firm\"\n\
                    [[source]]\nname = \"s/networks\"\npath = \"n.csv\"\nbasis = \"b\"\n\
                    [[source]]\nname = \"s/companies\"\npath = \"c.csv\"\nbasis = \"b\"\n";
    let manifest = write(&dir, "firmtrie.toml", manifest);
    let ran = firmtrie("", &["build", text(&manifest), "--policy", "open"]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    assert!(ran.errors.contains("WARNING: policy open"), "{}", ran.errors);
    assert!(fs::read(&index).unwrap() != quick);
    assert_eq!(firmtrie("", &["build", text(&manifest), text(&networks)]).code, Some(2));
    assert_eq!(firmtrie("", &["build", text(&networks), text(&companies)]).code, Some(2));
    let ran = firmtrie("", &["build", text(&companies), text(&manifest), "-o", text(&index)]);
    assert!(ran.code == Some(2) && ran.errors.contains("stands alone"), "{}", ran.errors);
}

#[test]
fn bad_rows_are_skipped_only_when_that_is_asked_for() {
    let dir = TempDir::new().unwrap();
    let rows = write(&dir, "n.csv", "network,name\n1.0.0.0/24,X\n1.0.0.0/33,X\n");
    let index = dir.path().join("x.firm");
    let build = ["build", text(&rows), "-o", text(&index)];
    assert_eq!(firmtrie("", &build).code, Some(1));
    let ran = firmtrie("", &[&build[..], &["--skip-bad-rows"]].concat());
    assert_eq!(ran.code, Some(0));
    assert!(ran.errors.starts_with("skipped ") && ran.errors.contains("n.csv:3: column network"));
    assert!(ran.errors.contains("\n1 bad rows were skipped\n"), "{}", ran.errors);
}

#[test]
fn networks_are_listed_by_prefix_company_and_as() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let list = |arguments: &[&str]| {
        let ran = firmtrie("", &[&["networks", text(&index)], arguments].concat());
        assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""));
        ran.output
    };
    let (first, second, third) = (
        "1.0.0.0/24\tAS64500\tExample, Inc.\n",
        "1.0.1.0/24\tAS64501\tTab Inc.\n",
        "2001:400::/32\tAS64500\tExample, Inc.\n",
    );
    assert_eq!(list(&[]), [first, second, third].concat());
    assert_eq!(list(&["--in", "1.0.1.128/25"]), second);
    assert_eq!(list(&["--company", "EXAMPLE, inc."]), [first, third].concat());
    assert_eq!(list(&["--asn", "64501"]), second);
    assert_eq!(
        list(&["--asn", "64501", "--json"]),
        "{\"status\":\"company\",\"network\":\"1.0.1.0/24\",\"kind\":\"unknown\",\"asn\":64501,\
         \"company\":{\"name\":\"Tab\\tInc.\",\"country\":null,\"lei\":null,\"domain\":null},\
         \"sources\":[\"rows\"],\"confidence\":null}\n"
    );
    let run = |arguments: &[&str]| firmtrie("", &[&["networks", text(&index)], arguments].concat());
    let ran = run(&["--company", "Nobody"]);
    assert!(ran.code == Some(1) && ran.errors.contains("\"Nobody\""), "{}", ran.errors);
    assert_eq!(run(&["--in", "1.0.1.1/24"]).code, Some(2));
    assert_eq!(run(&["--asn", "1", "--company", "X"]).code, Some(2));
}

#[test]
fn info_says_what_is_in_an_index_and_verify_whether_it_is_whole() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let ran = firmtrie("", &["info", text(&index)]);
    assert_eq!(ran.code, Some(0));
    for line in [
        "policy       strict ",
        "claims       3\n",
        "source       rows (asn-csv)\n",
        "section      Trie, ",
    ] {
        assert!(ran.output.contains(line), "{}", ran.output);
    }
    let json = firmtrie("", &["info", "--json", text(&index)]).output;
    let info: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(info["sources"][0]["name"], "rows");
    assert_eq!(info["bytes"], fs::metadata(&index).unwrap().len());
    // The root of the trie alone has 65,536 words of four bytes.
    assert!(info["sections"]["Trie"].as_u64().unwrap() > 4 << 16, "{info}");
    let sections = info["sections"].as_object().unwrap().values();
    let sum: u64 = sections.map(|bytes| bytes.as_u64().unwrap()).sum();
    assert!((1..1500).contains(&(info["bytes"].as_u64().unwrap() - sum)), "{info}");

    let ran = firmtrie("", &["verify", text(&index)]);
    assert_eq!((ran.code, ran.output.ends_with("companies.firm: all is well\n")), (Some(0), true));
    let mut bytes = fs::read(&index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = write(&dir, "damaged.firm", bytes);
    let ran = firmtrie("", &["verify", text(&damaged), "--json"]);
    assert_eq!(ran.code, Some(1));
    let said: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
    assert!(said["errors"][0].as_str().unwrap().contains("its checksum is wrong"), "{said}");
}

#[test]
fn a_build_reports_what_was_left_out_and_asks_for_a_basis() {
    let dir = TempDir::new().unwrap();
    let rows = write(
        &dir,
        "rows.csv",
        "1.0.0.0,1.0.0.255,64500,Example Works GmbH\n1.0.1.0,1.0.1.255,64501,Lars Ewald\n",
    );
    let out = dir.path().join("x.firm");
    let build = |more: &[&str]| {
        let arguments = [&["build", text(&rows), "-o", text(&out), "--as-of", "2026-11-01"], more];
        let ran = firmtrie("", &arguments.concat());
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
        ran.errors
    };
    let said = build(&[]);
    assert!(said.contains("source asn-csv declares no basis"), "{said}");
    assert!(said.contains("left out: 1 claims, sole_trader"), "{said}");

    let (json, table) = (dir.path().join("r.json"), dir.path().join("r.txt"));
    let said = build(&["--basis", "public routing table", "--report", text(&json)]);
    assert!(!said.contains("basis"), "{said}");
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let source = &report["sources"][0];
    assert_eq!((&source["basis"], &source["shown"]), (&"public routing table".into(), &1.into()));
    let example = &source["left_out"]["sole_trader"]["examples"][0];
    assert_eq!((&example["line"], &example["file"]), (&2.into(), &text(&rows).into()));
    build(&["--report", text(&table)]);
    let table = fs::read_to_string(table).unwrap();
    assert!(
        table.contains("1 of 2 companies are in the index") && !table.contains("Ewald"),
        "{table}"
    );
}

#[test]
fn a_policy_can_be_a_file_and_what_is_wrong_with_it_is_told() {
    let dir = TempDir::new().unwrap();
    let rows = write(&dir, "rows.csv", "1.0.1.0,1.0.1.255,64501,Lars Ewald\n");
    let policy = write(&dir, "mild.toml", "[persons]\nleave_out = false\n");
    let out = dir.path().join("x.firm");
    let build =
        |policy: &str| firmtrie("", &["build", text(&rows), "-o", text(&out), "--policy", policy]);
    assert_eq!(build(text(&policy)).code, Some(0));
    let ran = firmtrie("", &["lookup", text(&out), "1.0.1.1"]);
    assert!(ran.output.ends_with("Lars Ewald\n"), "{}", ran.output);
    let info = firmtrie("", &["info", text(&out)]).output;
    assert!(info.contains("policy       mild "), "{info}");
    fs::write(&policy, "[persons]\nleave_out = 1\n").unwrap();
    let ran = build(text(&policy));
    assert!(ran.code == Some(2) && ran.errors.contains("mild.toml: line 2"), "{}", ran.errors);
    assert_eq!(build("lax").code, Some(2));
}

#[test]
fn explain_says_the_verdict_and_its_evidence() {
    let ran =
        firmtrie("", &["explain", "--name", "Lars Ewald Telecom", "--legal-form", "eenmanszaak"]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    assert!(ran.output.starts_with("left out: sole_trader, kind isp\n"), "{}", ran.output);
    assert!(ran.output.contains("+200  person     legal_form: eenmanszaak\n"), "{}", ran.output);
    let ran = firmtrie("", &["explain", "--name", "Example Works GmbH", "--policy", "open"]);
    assert_eq!(ran.output, "shown, kind unknown\n");
}

#[test]
fn days_and_numbers_are_taken_as_they_are_printed_and_refused_with_what_is_expected() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let of = |asn: &str| firmtrie("", &["networks", text(&index), "--asn", asn]);
    assert_eq!(of("AS64500").output, of("64500").output);
    assert_eq!(of("AS64500").code, Some(0));
    let refused = of("ASX");
    assert!(
        refused.code == Some(2) && refused.errors.contains("as in 64500 or AS64500"),
        "{}",
        refused.errors
    );
    let build = ["build", "x.csv", "-o", "x.firm", "--as-of", "31-12-2025"];
    let refused = firmtrie("", &build);
    assert!(
        refused.code == Some(2) && refused.errors.contains("give it as YYYY-MM-DD"),
        "{}",
        refused.errors
    );
    let rows = write(&dir, "n.csv", "network,name,asn\n1.0.0.0/24,X,AS64500\n");
    let built = dir.path().join("n.firm");
    assert_eq!(
        firmtrie("", &["build", text(&rows), "-q", "--basis", "a test", "-o", text(&built)]).code,
        Some(0)
    );
    assert!(firmtrie("", &["lookup", text(&built), "1.0.0.1"]).output.contains("AS64500\tX"));
}

#[test]
fn explain_weighs_what_a_source_says_of_the_network() {
    let name = ["explain", "--name", "Juno Telecom Verzekeringen"];
    assert!(firmtrie("", &name).output.starts_with("left out: non_business, kind isp\n"));
    let said = firmtrie("", &[&name[..], &["--kind", "business", "--country", "NL"]].concat());
    assert!(said.output.starts_with("shown, kind business\n"), "{}", said.output);
    assert!(said.output.contains("+100  business   said"), "{}", said.output);
    assert_eq!(firmtrie("", &[&name[..], &["--kind", "shop"]].concat()).code, Some(2));
}

#[test]
fn explain_tells_every_claim_of_an_address_the_one_that_decides_first() {
    let manifest = vectors().join("world/firmtrie.toml");
    let ask = |address: &str| firmtrie("", &["explain", text(&manifest), "--address", address]);
    let ran = ask("8.2.3.4");
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    let lines: Vec<_> = ran.output.lines().collect();
    assert!(
        lines[0].contains("networks.csv:")
            && lines[0].contains("\t8.2.3.0/24\twhois\tAlpha B.V.\t"),
        "{}",
        ran.output
    );
    assert!(lines[0].ends_with("\tdecides\tshown"), "{}", ran.output);
    assert!(lines[1..].contains(&" +100  business   said: by its source, which goes before words"));
    assert!(
        lines[1..].iter().any(|line| line.ends_with("\twider\tleft out: non_business")),
        "{}",
        ran.output
    );
    assert_eq!(*lines.last().unwrap(), "answer\t8.2.3.0/24\tAlpha B.V.");
    let private = ask("10.0.0.1").output;
    assert!(private.contains("\tdecides\tleft out: special_purpose\n"), "{private}");
    assert!(private.ends_with("answer\t10.0.0.0/7\tunknown\n"), "{private}");
    assert_eq!(ask("x").code, Some(2));
    let json = firmtrie("", &["explain", text(&manifest), "--address", "8.2.3.4", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&json.output).unwrap();
    assert_eq!(told["claims"][0]["company"], "Alpha B.V.");
    assert_eq!(told["claims"][1]["behind"], "wider");
    assert_eq!(told["claims"][1]["evidence"][0]["sign"], "words");
    assert_eq!(told["answer"]["status"], "company");
    for wrong in
        [&["explain"][..], &["explain", text(&manifest)], &["explain", "--address", "8.2.3.4"]]
    {
        assert_eq!(firmtrie("", wrong).code, Some(2), "{wrong:?}");
    }
}
