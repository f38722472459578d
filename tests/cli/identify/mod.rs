//! `firmtrie identify`: what visits come to, and what becomes of lines and visitors that are left out.

mod forged;
mod formats;

use std::io::Write;

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Ran, firmtrie, text, write};

/// Two companies, one of them twice, and a network that is left out.
const NETWORKS: &str = "network,name,country,kind,asn\n\
    1.0.0.0/24,Example B.V.,NL,business,64500\n\
    1.0.1.0/24,Sample GmbH,DE,business,64501\n\
    1.0.2.0/24,Example B.V.,NL,business,64502\n\
    2001:400::/32,Sample GmbH,DE,business,64501\n\
    1.0.3.0/24,,,isp,64503\n";

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

pub fn index(dir: &TempDir) -> String {
    let (rows, index) = (write(dir, "networks.csv", NETWORKS), dir.path().join("companies.firm"));
    let ran = firmtrie(
        "",
        &["build", text(&rows), "-o", text(&index), "--source", "rows", "--basis", "test"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    text(&index).to_owned()
}

/// What a log says of a request, in whatever format.
#[derive(Clone)]
pub struct Said {
    pub address: String,
    /// Seconds since 2026-11-01T00:00:00Z.
    at: i64,
    path: String,
    status: u16,
    pub agent: String,
}

impl Said {
    pub fn new(address: &str, at: i64, path: &str) -> Self {
        Self { address: address.into(), at, path: path.into(), status: 200, agent: BROWSER.into() }
    }

    pub fn clf(&self, address: &str) -> String {
        let Self { at, path, status, agent, .. } = self;
        let (day, second) = (1 + at.div_euclid(86_400), at.rem_euclid(86_400));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!(
            "{address} - - [{day:02}/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" \
             {status} 17 \"https://example.com/\" \"{agent}\"\n"
        )
    }

    fn epoch(&self) -> i64 {
        1_793_491_200 + self.at
    }

    fn iso(&self) -> String {
        self.clf("")[6..26]
            .split_once(':')
            .map(|(date, time)| format!("2026-11-{}T{}Z", &date[..2], &time[..8]))
            .unwrap()
    }
}

/// So that a run can be repeated.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

pub fn requests(count: usize) -> Vec<Said> {
    let mut draws = Draws(7);
    let networks = ["1.0.0.", "1.0.1.", "1.0.2.", "1.0.3.", "9.9.9.", "2001:400::", "192.168.0."];
    let paths = ["/", "/a", "/a.css", "/b?x=a.png", "/b.PNG?v=1", "/c.html", "/d.pdf"];
    let agents = [BROWSER, "Another/1.0", "curl/8.5.0", "-"];
    let mut at = 0;
    (0..count)
        .map(|_| {
            // Mostly on, seldom back, sometimes over midnight.
            at = (at + [5, 40, 1000, 1801, -60][draws.below(5) as usize]).max(0);
            Said {
                address: format!("{}{}", networks[draws.below(7) as usize], 1 + draws.below(6)),
                at,
                path: paths[draws.below(7) as usize].into(),
                status: [200, 304, 404, 500][draws.below(4) as usize],
                agent: agents[draws.below(4) as usize].into(),
            }
        })
        .collect()
}

/// The rows of a file of Parquet, as JSON.
pub fn rows_of(bytes: Vec<u8>) -> Vec<Value> {
    let rows = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
    let value = |field: &Field| match field {
        Field::Null => Value::Null,
        Field::Str(text) => text.as_str().into(),
        Field::Long(number) => (*number).into(),
        other => other.to_string().into(),
    };
    let rows = rows.get_row_iter(None).unwrap();
    rows.map(|row| {
        row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
    })
    .collect()
}

#[test]
fn companies_are_written_in_parquet_with_numbers_as_numbers() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let log = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let log = write(&dir, "access.log", log);
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args(["identify", text(&log), "--index", &index, "--format", "parquet"]);
    let rows = rows_of(command.output().unwrap().stdout);
    let at = "2026-11-01T00:00:00Z";
    let expected = serde_json::json!([{"company": "Example B.V.", "domain": null, "country": "NL", "visits": 1,
        "pages": 1, "visitors": 1, "first": at, "last": at}]);
    assert_eq!(Value::from(rows), expected);
}

/// Runs `identify` on a log and gives what it printed and its report.
fn identified(dir: &TempDir, log: &[u8], options: &[&str]) -> (Ran, Value) {
    let (index, log) = (index(dir), write(dir, "access.log", log));
    let report = dir.path().join("report.json");
    let arguments =
        ["identify", text(&log), "--index", &index, "--format", "jsonl", "--report", text(&report)];
    let ran = firmtrie("", &[&arguments, options].concat());
    let report = std::fs::read_to_string(report).unwrap_or_else(|_| "null".into());
    (ran, serde_json::from_str(&report).unwrap())
}

#[test]
fn a_table_is_followed_by_what_it_is_a_part_of() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let log: String = [
        ("1.0.0.9", 0, "/"),
        ("1.0.0.9", 60, "/a.css"),
        ("1.0.0.9", 90_000, "/b"),
        ("1.0.1.7", 90_001, "/"),
        ("9.9.9.9", 90_002, "/"),
    ]
    .map(|(address, at, path)| Said::new(address, at, path).clf(address))
    .concat();
    let log = write(&dir, "access.log", format!("{log}\n10.0.0.1 - nonsense\n"));
    let ran = firmtrie("", &["identify", text(&log), "--index", &index]);
    let place = text(&log);
    assert_eq!(
        ran.output,
        format!(
            "company       domain  country  visits  pages  visitors  first                 last\n\
         Example B.V.          NL       2       2      1         2026-11-01T00:00:00Z  2026-11-02T01:00:00Z\n\
         Sample GmbH           DE       1       1      1         2026-11-02T01:00:01Z  2026-11-02T01:00:01Z\n\
         \n\
         read        7 lines, visits of 2026-11-01 to 2026-11-02\n\
         identified  75.0% of 4 visits, 66.7% of 3 visitors, by 2 companies\n\
         the rest    unknown 25.0%\n\
         not read    not_of_the_format 1 line: {place}:7\n\
         month       2026-11 2 companies\n\
         by day      ▄█ 2026-11-01 to 2026-11-02\n"
        )
    );
    assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""));
    // What is for programs has rows alone on standard output.
    let asked =
        ["identify", place, "--index", &index, "--format", "csv", "--fields", "company,requests"];
    let ran = firmtrie("", &asked);
    assert_eq!(ran.output, "company,requests\nExample B.V.,3\nSample GmbH,1\n");
    assert!(ran.errors.starts_with("read        7 lines"), "{}", ran.errors);
    let ran = firmtrie("", &[&asked[..], &["--quiet"]].concat());
    assert_eq!(ran.errors, "");
}

#[test]
fn broken_lines_are_counted_by_reason_and_never_lost() {
    let dir = TempDir::new().unwrap();
    let good = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let with = |from: &str, to: &str| good.replace(from, to).into_bytes();
    let long = [b"1.0.0.9 ".as_slice(), &vec![b'x'; 3 << 20], b"\n"].concat();
    let lines: [Vec<u8>; 9] = [
        good.clone().into_bytes(),
        b"\x00\x01\x02\xff\xfe binary \x00\n".to_vec(),
        good.as_bytes()[..60].iter().copied().chain(*b"\n").collect(),
        with("1.0.0.9", "host.example.com"),
        with("Nov", "Brumaire"),
        with("Firefox", "Caf\u{e9} \u{fffd}"),
        // Latin-1, as old servers write.
        [&good.as_bytes()[..good.len() - 2], b"\xe9\"\n"].concat(),
        long,
        good.clone().into_bytes(),
    ];
    let (ran, report) = identified(&dir, &lines.concat(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    let row: Value = serde_json::from_str(ran.output.lines().next().unwrap()).unwrap();
    assert_eq!(
        (row["requests"].as_u64(), row["visits"].as_u64(), row["visitors"].as_u64()),
        (None, Some(3), Some(3))
    );
    let log = dir.path().join("access.log");
    let place = |line: u64| format!("{}:{line}", text(&log));
    let expected = serde_json::json!([
        {"reason": "not_of_the_format", "lines": 3, "examples": [place(2), place(3), place(8)]},
        {"reason": "no_address", "lines": 1, "examples": [place(4)]},
        {"reason": "no_time", "lines": 1, "examples": [place(5)]},
    ]);
    assert_eq!(report["broken"], expected);
    assert_eq!((report["lines"].as_u64(), report["all"]["requests"].as_u64()), (Some(9), Some(4)));
    let (ran, _) = identified(&dir, &lines.concat(), &["--deny-broken"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.errors.starts_with(&format!("error: {}: not of the format", place(2))),
        "{}",
        ran.errors
    );
}

#[test]
fn the_first_line_that_is_not_understood_is_named_whatever_is_wrong_with_it() {
    let dir = TempDir::new().unwrap();
    let good = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let log = format!("{good}{}{good}cut\n", good.replace("Nov", "Brumaire"));
    let (ran, _) = identified(&dir, log.as_bytes(), &["--deny-broken"]);
    let place = format!("error: {}:2: no time", text(&dir.path().join("access.log")));
    assert!(ran.code == Some(1) && ran.errors.starts_with(&place), "{}", ran.errors);
}

#[test]
fn a_header_is_believed_of_trusted_proxies_only_and_junk_in_it_is_counted() {
    let dir = TempDir::new().unwrap();
    let line = |peer: &str, header: &str| {
        let line = Said::new(peer, 0, "/").clf(peer);
        format!("{} \"{header}\"\n", line.trim_end())
    };
    let log = [
        line("10.0.0.1", "1.0.0.9"),
        line("10.0.0.1", "6.6.6.6, 1.0.0.9"),
        line("10.0.0.1", "<script>"),
        line("10.0.0.1", "unknown"),
        line("10.0.0.1", "-"),
        // Who writes the header itself is still who it is.
        line("1.0.1.7", "1.0.0.9"),
    ]
    .concat();
    let (ran, report) = identified(
        &dir,
        log.as_bytes(),
        &["--log-format", "nginx", "--trusted-proxies", "10.0.0.0/8"],
    );
    let rows: Vec<Value> =
        ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row["company"].as_str().unwrap(), row["pages"].as_u64().unwrap()))
        .collect();
    assert_eq!(shown, [("Example B.V.", 2), ("Sample GmbH", 1)]);
    assert_eq!(report["broken"][0]["reason"], "no_address_in_header");
    assert_eq!(report["broken"][0]["lines"], 2);
    assert_eq!(report["set_aside"], serde_json::json!({"special_purpose": 1}));
    // Without a word of proxies nobody's header is read.
    let (_, report) = identified(&dir, log.as_bytes(), &["--log-format", "nginx"]);
    assert_eq!(report["set_aside"], serde_json::json!({"special_purpose": 5}));
}

#[test]
fn who_is_excluded_or_outside_of_the_period_is_in_no_count() {
    let dir = TempDir::new().unwrap();
    let visits = [
        ("1.0.0.9", 0),
        ("1.0.1.7", 10),
        ("1.0.2.5", 20),
        ("9.9.9.9", 30),
        ("1.0.0.8", 86_400 * 2),
    ];
    let log = visits.map(|(address, at)| Said::new(address, at, "/").clf(address)).concat();
    let list = write(
        &dir,
        "exclude.txt",
        "# us\n9.9.9.0/24\nAS64502\nsample gmbh  # rivals\nnobody.example\n",
    );
    let options = ["--exclude", text(&list), "--since", "2026-11-01", "--until", "2026-11-02"];
    let (ran, report) = identified(&dir, log.as_bytes(), &options);
    assert_eq!(ran.output.lines().count(), 1);
    assert!(
        ran.output.contains(
            "\"company\":\"Example B.V.\",\"domain\":null,\"country\":\"NL\",\"visits\":1"
        ),
        "{}",
        ran.output
    );
    assert_eq!(report["set_aside"], serde_json::json!({"excluded": 3, "outside_period": 1}));
    assert_eq!(report["all"]["visits"], 1);
    assert_eq!(
        report["days"],
        serde_json::json!([{"day": "2026-11-01", "visits": 1, "identified": 1}])
    );
    assert!(ran.errors.contains("exclude.txt:5: nobody in the index"), "{}", ran.errors);
    let bad = write(&dir, "bad.txt", "1.0.0.1/24\n");
    let (ran, _) = identified(&dir, log.as_bytes(), &["--exclude", text(&bad)]);
    assert!(
        ran.code == Some(1)
            && ran.errors.contains("bad.txt:1: is no address")
            && !ran.errors.contains("1.0.0")
    );
}

#[test]
fn a_month_is_priced_by_its_unique_companies() {
    let dir = TempDir::new().unwrap();
    let october = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9").replace("01/Nov", "31/Oct");
    let november = [("1.0.0.9", 0), ("1.0.2.9", 5), ("1.0.1.9", 9), ("9.9.9.9", 9)];
    let november = november.map(|(address, at)| Said::new(address, at, "/").clf(address)).concat();
    let tiers = write(&dir, "tiers.csv", "from,to,price,currency\n0,1,10,EUR\n2,2,19.50,EUR\n");
    let (ran, report) =
        identified(&dir, format!("{october}{november}").as_bytes(), &["--tiers", text(&tiers)]);
    assert_eq!(
        report["months"],
        serde_json::json!([
            {"month": "2026-10", "companies": 1, "price": {"price": "10", "currency": "EUR", "tier": "0-1"}},
            {"month": "2026-11", "companies": 2, "price": {"price": "19.50", "currency": "EUR", "tier": "2-2"}},
        ])
    );
    assert!(ran.errors.contains("2026-11 2 companies, 19.50 EUR (tier 2-2)"), "{}", ran.errors);
    for example in ["small.csv", "agency.csv"] {
        let path = format!("{}/../datasets/tiers/{example}", env!("CARGO_MANIFEST_DIR"));
        let (ran, _) = identified(&dir, october.as_bytes(), &["--tiers", &path]);
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
    }
}

#[test]
fn who_objected_after_the_build_is_not_identified() {
    let dir = TempDir::new().unwrap();
    let log =
        ["1.0.0.9", "1.0.1.9"].map(|address| Said::new(address, 0, "/").clf(address)).concat();
    let registry = dir.path().join("registry");
    assert_eq!(firmtrie("", &["registry", "init", text(&registry)]).code, Some(0));
    let objected =
        ["registry", "object", text(&registry), "--name", "Example B.V.", "--country", "NL"];
    assert_eq!(firmtrie("", &objected).code, Some(0));
    let (ran, report) = identified(&dir, log.as_bytes(), &["--registry", text(&registry)]);
    assert!(!ran.output.contains("Example") && ran.output.contains("Sample"), "{}", ran.output);
    assert_eq!(report["visits"]["withheld"]["visits"], 1);
    assert!(!report.to_string().contains("Example"));
}

#[test]
fn no_address_is_written_anywhere() {
    let dir = TempDir::new().unwrap();
    let mut requests = requests(500);
    for said in &mut requests {
        said.path = "/".into();
    }
    let log: String = requests.iter().map(|said| said.clf(&said.address)).collect();
    let broken = "1.0.0.77 what is cut\n1.0.0.78";
    let temporary = TempDir::new().unwrap();
    let (index, log) = (index(&dir), write(&dir, "access.log", format!("{log}{broken}")));
    let report = temporary.path().join("report.json");
    let mut written = String::new();
    for format in ["table", "csv", "tsv", "jsonl"] {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_firmtrie"));
        command.env("TMPDIR", temporary.path()).current_dir(temporary.path());
        command.args([
            "identify",
            text(&log),
            "--index",
            &index,
            "--format",
            format,
            "--report",
            text(&report),
        ]);
        let done = command.output().unwrap();
        written += &String::from_utf8(done.stdout).unwrap();
        written += &String::from_utf8(done.stderr).unwrap();
    }
    for file in std::fs::read_dir(temporary.path()).unwrap() {
        written += &std::fs::read_to_string(file.unwrap().path()).unwrap();
    }
    let mut addresses: Vec<_> = requests.iter().map(|said| said.address.as_str()).collect();
    addresses.extend(["1.0.0.77", "1.0.0.78"]);
    for address in addresses {
        assert!(!written.contains(address), "{address}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_what_was_read_before_stands() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let log = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let whole = write(&dir, "a.log", &log);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let long: String = (0..4000).map(|n| Said::new("1.0.1.9", n, "/").clf("1.0.1.9")).collect();
    gzip.write_all(long.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let cut = write(&dir, "b.log.gz", &gzip[..gzip.len() / 2]);
    let pattern = format!("{}/*.log*", text(dir.path()));
    let ran = firmtrie("", &["identify", &pattern, "--index", &index, "--format", "jsonl"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.output.contains("Example B.V.") && ran.output.contains("Sample GmbH"),
        "{}",
        ran.output
    );
    assert!(
        ran.errors.contains("b.log.gz: ") && ran.errors.contains("what was read before is counted"),
        "{}",
        ran.errors
    );
    for (arguments, said) in [
        (vec!["no-such.log"], "no-such.log: "),
        (vec!["no-such*"], "no-such*: no file is called so"),
        (vec!["-", "-"], "standard input is named twice"),
        (vec![text(dir.path())], "is a directory"),
        (vec![text(&whole), "--log-format", "combnied"], "name one of common"),
        (vec![text(&whole), "--column", "adress=1"], "parts are address"),
        (vec![text(&whole), "--report", text(&whole)], "is there, and is not a report of visits"),
        (vec![text(&whole), "--report", text(&cut)], "is there, and is not a report of visits"),
        (vec![text(&whole), "--trusted-proxies", "proxy"], "is no proxy"),
    ] {
        let ran = firmtrie("", &[&["identify", "--index", &index], &arguments[..]].concat());
        assert!(ran.code != Some(0) && ran.errors.contains(said), "{arguments:?}: {}", ran.errors);
    }
    let ran = firmtrie(
        &log,
        &["identify", "-", "--index", &index, "--format", "csv", "--fields", "company"],
    );
    assert_eq!(ran.output, "company\nExample B.V.\n");
    let ran = firmtrie("", &["identify", "-", "--index", &index, "--quiet", "--format", "jsonl"]);
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), ""));
}
