//! `firmtrie diff`: what differs between two indexes, and the exit code that says whether anything does.

use serde_json::Value;
use tempfile::TempDir;

use super::identify::rows_of;
use super::{firmtrie, text, write};

fn build(dir: &TempDir, name: &str, rows: &str) -> String {
    let csv = write(dir, &format!("{name}.csv"), format!("network,name,country,kind,asn\n{rows}"));
    let index = dir.path().join(format!("{name}.firm"));
    let ran = firmtrie(
        "",
        &["build", text(&csv), "-o", text(&index), "--source", "rows", "--basis", "test"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    text(&index).to_owned()
}

const OLD: &str = "1.0.0.0/24,Example B.V.,NL,business,64500\n1.0.1.0/24,Sample GmbH,DE,business,64501\n\
                   1.0.2.0/23,Gone Ltd,GB,business,64502\n2001:400::/32,Sample GmbH,DE,business,64501\n";
const NEW: &str = "1.0.0.0/24,Example B.V.,NL,business,64500\n1.0.1.0/24,Example B.V.,NL,business,64500\n\
                   2001:400::/32,Sample GmbH,DE,business,64509\n1.0.4.0/24,New Oy,FI,business,64503\n\
                   1.0.3.0/24,,,isp,64504\n";

#[test]
fn each_change_is_a_line_and_the_exit_code_says_whether_there_is_one() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (build(&dir, "old", OLD), build(&dir, "new", NEW));
    let ran = firmtrie("", &["diff", &old, &new]);
    assert_eq!((ran.code, ran.errors.as_str()), (Some(1), ""));
    assert_eq!(
        ran.output,
        "\
change         of             old                                new
changed_hands  1.0.1.0/24     Sample GmbH (DE) business AS64501  Example B.V. (NL) business AS64500
went           1.0.2.0/24     Gone Ltd (GB) business AS64502     unknown
went           1.0.3.0/24     Gone Ltd (GB) business AS64502     non_business isp
came           1.0.4.0/24     unknown                            New Oy (FI) business AS64503
details        2001:400::/32  Sample GmbH (DE) business AS64501  Sample GmbH (DE) business AS64509
went           company        Gone Ltd (GB)                      -
came           company        -                                  New Oy (FI)

came          1 stretch of networks, 256 IPv4 addresses
went          2 stretches of networks, 512 IPv4 addresses
changed_hands 1 stretch of networks, 256 IPv4 addresses
details       1 stretch of networks, 0 IPv4 addresses
companies     2 differ, of 3 in the old and 3 in the new
"
    );
    let ran = firmtrie("", &["diff", &old, &old]);
    assert_eq!(
        (ran.code, ran.output.as_str()),
        (Some(0), "companies     0 differ, of 3 in the old and 3 in the new\n")
    );
    let ran = firmtrie("", &["diff", &old, "no-such.firm"]);
    assert!(ran.code == Some(2) && ran.errors.contains("no-such.firm"), "{}", ran.errors);
    let ran = firmtrie("", &["diff", &old, &new, "--quiet"]);
    assert_eq!((ran.code, ran.output.as_str(), ran.errors.as_str()), (Some(1), "", ""));
}

#[test]
fn changes_are_asked_for_by_kind_prefix_system_company_and_country() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (build(&dir, "old", OLD), build(&dir, "new", NEW));
    let found = |options: &[&str]| {
        let ran = firmtrie("", &[&["diff", &old, &new, "--format", "jsonl"], options].concat());
        let rows = ran.output.lines().map(|line| serde_json::from_str(line).unwrap());
        let rows: Vec<Value> = rows.collect();
        let told = |row: &Value| {
            format!(
                "{} {}",
                row["change"].as_str().unwrap(),
                row["network"].as_str().unwrap_or("company")
            )
        };
        rows.iter().map(told).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(found(&["--change", "went"]), "went 1.0.2.0/24, went 1.0.3.0/24, went company");
    assert_eq!(found(&["--in", "1.0.3.0/25"]), "went 1.0.3.0/25");
    assert_eq!(found(&["--in", "2001:400:1::/48"]), "details 2001:400:1::/48");
    assert_eq!(found(&["--asn", "64509"]), "details 2001:400::/32");
    assert_eq!(found(&["--company", "new oy"]), "came 1.0.4.0/24, came company");
    assert_eq!(found(&["--country", "gb"]), "went 1.0.2.0/24, went 1.0.3.0/24, went company");
    assert_eq!(found(&["--country", "us"]), "");
    let ran = firmtrie("", &["diff", &old, &new, "--by", "company", "--format", "csv"]);
    assert_eq!(
        ran.output,
        "change,company,stretches,ipv4_addresses\nwent,Gone Ltd,2,512\ncame,New Oy,1,256\n\
         changed_hands,Example B.V.,1,256\ndetails,Sample GmbH,1,0\n"
    );
    let ran = firmtrie(
        "",
        &["diff", &old, &new, "--by", "prefix", "--change", "went", "--format", "csv"],
    );
    assert_eq!(ran.output.lines().count(), 3);
    let ran = firmtrie("", &["diff", &old, &new, "--change", "wnet"]);
    assert!(ran.code == Some(2) && ran.errors.contains("came, went"), "{}", ran.errors);
}

#[test]
fn rows_are_written_in_parquet_too() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (build(&dir, "old", OLD), build(&dir, "new", NEW));
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args(["diff", &old, &new, "--format", "parquet", "--change", "changed_hands"]);
    let rows = rows_of(command.output().unwrap().stdout);
    let expected = serde_json::json!([{"what": "network", "change": "changed_hands", "network": "1.0.1.0/24",
        "old": "Sample GmbH (DE)", "new": "Example B.V. (NL)", "old_status": "company", "new_status": "company",
        "old_kind": "business", "new_kind": "business", "old_asn": 64501, "new_asn": 64500}]);
    assert_eq!(Value::from(rows), expected);
}

#[test]
fn a_build_that_lost_too_much_is_refused_and_the_last_index_stays() {
    let dir = TempDir::new().unwrap();
    let rows = |count: usize| -> String {
        let row = |n| format!("1.0.{n}.0/24,Firm {n} B.V.,NL,business,64500\n");
        (0..count).map(row).collect::<Vec<_>>().concat()
    };
    let index = build(&dir, "index", &rows(100));
    let before = std::fs::read(&index).unwrap();
    let next = |rows: &str, options: &[&str]| {
        let csv = write(&dir, "next.csv", format!("network,name,country,kind,asn\n{rows}"));
        let arguments =
            ["build", text(&csv), "-o", &index, "--source", "rows", "--basis", "test", "--quiet"];
        firmtrie("", &[&arguments, options].concat())
    };
    let ran = next(&rows(94), &["--max-change", "5%"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.errors.contains("index.firm: is kept: 6.00% of its companies went, 6.00% of its IPv4 addresses of companies \
                             went or changed hands, most of it said by the source rows, and 5.00% is allowed"),
        "{}", ran.errors
    );
    // Who lost may have objected.
    assert!(!ran.errors.contains("Firm "), "{}", ran.errors);
    assert_eq!(std::fs::read(&index).unwrap(), before);
    // Companies that are there, of which others have the addresses.
    let moved = rows(100).replace("1.0.9", "1.1.9");
    let ran = next(&moved, &["--max-change", "0.05"]);
    assert!(
        ran.code == Some(1) && ran.errors.contains("kept: 11.00% of its IPv4 addresses"),
        "{}",
        ran.errors
    );
    for (rows, options) in [
        (rows(120), &["--max-change", "5%"][..]),
        (rows(115), &["--max-change", "5%"]),
        (rows(10), &["--max-change", "95%"]),
        (rows(100), &["--max-change", "0%"]),
        (rows(5), &[]),
    ] {
        let ran = next(&rows, options);
        assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""), "{options:?}");
    }
    let other = build(&dir, "other", &rows(100));
    let ran = next(&rows(5), &["--max-change", "5%", "--against", &other]);
    assert!(ran.code == Some(1) && ran.errors.contains("other.firm: is kept"), "{}", ran.errors);
    let ran = next(&rows(5), &["--max-change", "500%"]);
    assert!(ran.code == Some(2) && ran.errors.contains("5%"), "{}", ran.errors);
    // Of the first there is no last one.
    std::fs::remove_file(&index).unwrap();
    assert_eq!(next(&rows(5), &["--max-change", "0%"]).code, Some(0));
}
