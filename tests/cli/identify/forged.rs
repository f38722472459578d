//! What visitors write decides neither who they are nor whether others are counted.

use std::fs;

use tempfile::TempDir;

use super::{Said, identified, index};
use crate::{firmtrie, text, write};

/// Companies and their visits, as `identify` finds them, and what it says of broken lines.
fn companies(log: &str, options: &[&str]) -> String {
    let dir = TempDir::new().unwrap();
    let (ran, _) = identified(
        &dir,
        log.as_bytes(),
        &[options, &["--fields", "company,visits", "--quiet"]].concat(),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    let rows =
        ran.output.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rows.map(|row| format!("{} {}", row["company"].as_str().unwrap(), row["visits"]))
        .collect::<Vec<_>>()
        .join(", ")
}

const TRUSTED: [&str; 2] = ["--trusted-proxies", "10.0.0.0/8"];

#[test]
fn a_header_with_another_spelling_is_not_the_proxys() {
    for (name, forged) in
        [("X-Forwarded-For", "X_forwarded_for"), ("X-Forwarded-For", "X_Forwarded_For")]
    {
        for (one, other) in [(name, forged), (forged, name)] {
            let value = |of: &str| if of == name { "1.0.0.9" } else { "1.0.1.9" };
            let (first, second) = (value(one), value(other));
            let caddy = format!(
                "{{\"request\":{{\"remote_ip\":\"10.0.0.1\",\"headers\":{{\"User-Agent\":[\"A\"],\
                 \"{one}\":[\"{first}\"],\"{other}\":[\"{second}\"]}}}}}}\n"
            );
            assert_eq!(companies(&caddy, &TRUSTED), "Example B.V. 1", "{caddy}");
            let traefik = format!(
                "{{\"ClientHost\":\"10.0.0.1\",\"request_User-Agent\":\"A\",\"request_{one}\":\"{first}\",\
                 \"request_{other}\":\"{second}\"}}\n"
            );
            assert_eq!(companies(&traefik, &TRUSTED), "Example B.V. 1", "{traefik}");
        }
    }
}

#[test]
fn quotes_and_breaks_in_what_a_visitor_asks_for_make_no_other_visit() {
    let csv = "time,ip,path,ua\n2015-05-17T10:00:00Z,1.0.0.9,\"/a\n2015-05-17T10:00:00Z,1.0.1.9,/b\",Firefox\n";
    assert_eq!(companies(csv, &[]), "Example B.V. 1");
}

#[test]
fn a_format_in_which_one_could_pass_for_another_is_refused() {
    let dir = TempDir::new().unwrap();
    for format in
        ["%{X-Forwarded-For}i %h %l %u %t \"%r\" %>s", "$time_local|$http_user_agent|$remote_addr"]
    {
        let (ran, _) = identified(&dir, b"", &["--log-format", format]);
        assert!(
            ran.code == Some(2) && ran.errors.contains("pass for another"),
            "{format}: {}",
            ran.errors
        );
    }
}

#[test]
fn traefik_writes_quotes_raw_and_is_known_by_its_end() {
    let line = |peer: &str, agent: &str| {
        let mut said = Said::new(peer, 0, "/");
        said.agent = agent.into();
        format!("{} 1 \"router@docker\" \"http://10.0.0.1:80\" 3ms\n", said.clf(peer).trim_end())
    };
    let forged = line("1.0.1.9", "x\" \"1.0.0.9");
    let log = format!("{}{}", forged.repeat(3), line("1.0.0.9", "A").repeat(3));
    assert_eq!(companies(&log, &[]), "Example B.V. 1, Sample GmbH 1");
    assert_eq!(
        companies(&log, &["--trusted-proxies", "1.0.1.0/24"]),
        "Example B.V. 1, Sample GmbH 1"
    );
}

#[test]
fn quotes_that_are_no_csv_join_no_lines_and_every_line_is_in_the_account() {
    let log = "time,ip,user_agent\n2024-05-17T10:00:00Z,1.0.1.9,\"a\\\"b\"\n2024-05-17T10:00:01Z,1.0.0.9,\"A\"\n\
               2024-05-17T10:00:03Z,1.0.1.9,\"a\\\"b\"\n";
    let dir = TempDir::new().unwrap();
    let account = |log: &str| {
        let report = identified(&dir, log.as_bytes(), &[]).1;
        let broken: u64 = report["broken"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| of["lines"].as_u64().unwrap())
            .sum();
        let count = |of: &serde_json::Value| of.as_u64().unwrap_or(0);
        assert_eq!(
            count(&report["lines"]),
            count(&report["passed_over"]) + count(&report["all"]["requests"]) + broken
        );
        (count(&report["all"]["requests"]), broken)
    };
    assert_eq!(account(log), (1, 2));
    assert_eq!(
        account("\u{feff}time,ip,ua\r\n2026-11-01T00:00:00Z,1.0.0.9,\"a\nb\"\r\n\r\nx\r\n"),
        (1, 1)
    );
    // A log that ends in the middle of a record, and a first row that is a visit's.
    assert_eq!(
        account("time,ip,ua\n2024-05-17T10:00:00Z,1.0.0.9,\"a\n2024-05-17T10:00:00Z,1.0.1.9,B\n").0,
        0
    );
    let (ran, _) =
        identified(&dir, b"1.0.1.9,2024-05-17T10:00:00Z,ip\n1.0.0.9,2024-05-17T10:00:00Z,A\n", &[]);
    assert!(ran.code == Some(1) && ran.errors.contains("--column"), "{}", ran.errors);
}

#[test]
fn the_first_row_of_numbered_columns_is_a_visit_whatever_it_says() {
    let columns = ["--column", "address=2", "--column", "time=1"];
    for agent in ["2", "x-forwarded-for", "address"] {
        let log = format!(
            "2015-05-17T10:00:00Z,1.0.0.9,/,{agent}\n2015-05-17T10:00:01Z,1.0.0.9,/,1.0.1.9\n\
             2015-05-17T10:00:02Z,1.0.1.9,/,Firefox\n"
        );
        assert_eq!(companies(&log, &columns), "Example B.V. 1, Sample GmbH 1", "{agent}");
    }
}

#[test]
fn one_strange_header_among_the_first_lines_hides_nobody() {
    let line = |header: &str| {
        let line = Said::new("10.0.0.1", 0, "/").clf("10.0.0.1");
        format!("{} \"{header}\"\n", line.trim_end())
    };
    for strange in ["junk, 1.0.0.9", "junk", "1.0.0.9:55", "\\x22"] {
        let log = format!("{}{}", line(strange), line("1.0.1.9").repeat(50));
        assert!(companies(&log, &TRUSTED).contains("Sample GmbH 1"), "{strange}");
    }
    assert_eq!(companies(&line("1.0.1.9:55").repeat(3), &TRUSTED), "Sample GmbH 1");
}

#[test]
fn what_stands_in_json_is_found_wherever_it_begins() {
    let health = "{\"remote_ip\":\"10.0.0.1\",\"user_agent\":\"A\"}\n".repeat(150);
    let visit =
        "{\"remote_ip\":\"10.0.0.1\",\"x_forwarded_for\":\"1.0.0.9\",\"user_agent\":\"A\"}\n";
    assert_eq!(companies(&format!("{health}{visit}"), &TRUSTED), "Example B.V. 1");
    let start = "{\"level\":\"info\",\"address\":\"localhost:2019\"}\n".repeat(150);
    let caddy = "{\"request\":{\"client_ip\":\"1.0.0.9\"}}\n";
    assert_eq!(companies(&format!("{start}{caddy}"), &[]), "Example B.V. 1");
    let start = "{\"level\":\"info\",\"msg\":\"up\"}\n".repeat(150);
    assert_eq!(companies(&format!("{start}{caddy}"), &[]), "Example B.V. 1");
    // Elastic's objects: its agent is a program's.
    let nested =
        "{\"source\":{\"ip\":\"1.0.0.9\"},\"user_agent\":{\"original\":\"Googlebot/2.1\"}}\n";
    let visit = nested.replace("Googlebot/2.1", "Firefox");
    assert_eq!(companies(&format!("{nested}{visit}"), &[]), "Example B.V. 1");
    // Elastic's dots, and bytes that are no text.
    assert_eq!(
        companies("{\"@timestamp\":\"2026-11-01T00:00:00Z\",\"source.ip\":\"1.0.0.9\"}\n", &[]),
        "Example B.V. 1"
    );
    let dir = TempDir::new().unwrap();
    let (ran, _) = identified(&dir, b"{\"ip\":\"1.0.0.9\",\"user_agent\":\"A\xff\"}\n", &[]);
    assert!(ran.output.contains("Example B.V."), "{}", ran.errors);
}

#[test]
fn a_socket_a_mark_and_an_encoded_chain_are_no_obstacle() {
    let line = Said::new("1.0.0.9", 0, "/").clf("unix:");
    let log = format!("{} \"1.0.0.9\"\n", line.trim_end());
    assert_eq!(companies(&log, &["--trusted-proxies", "unix"]), "Example B.V. 1");
    for log in ["\u{feff}ip,ua\n1.0.0.9,A\n", "\u{feff}{\"ip\":\"1.0.0.9\"}\n"] {
        assert_eq!(companies(log, &[]), "Example B.V. 1");
    }
    let iis =
        "#Fields: date time c-ip x-forwarded-for\n2026-11-01 00:00:00 10.0.0.1 1.0.0.9,+10.0.0.9\n";
    assert_eq!(companies(iis, &TRUSTED), "Example B.V. 1");
    let cloudfront = iis
        .replace("00 1", "00\t1")
        .replace("01 0", "01\t0")
        .replace("1 1", "1\t1")
        .replace(",+", ",%20");
    assert_eq!(companies(&cloudfront, &TRUSTED), "Example B.V. 1");
    // A column of dates beside one of times.
    assert_eq!(
        companies("date,timestamp,ip\n2026-11-01,2026-11-01T00:00:00Z,1.0.0.9\n", &[]),
        "Example B.V. 1"
    );
}

#[test]
fn rotated_logs_are_read_in_the_order_of_time() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let log = |times: &[i64]| {
        times.iter().map(|at| Said::new("1.0.0.9", *at, "/").clf("1.0.0.9")).collect::<String>()
    };
    write(&dir, "access.log", log(&[86_400 + 300, 86_400 + 36_000]));
    write(&dir, "access.log.1", log(&[82_800, 86_100]));
    fs::create_dir(dir.path().join("access.log.d")).unwrap();
    let pattern = format!("{}/access.log*", text(dir.path()));
    let asked = [
        "identify", &pattern, "--index", &index, "--format", "csv", "--fields", "visits", "--quiet",
    ];
    let ran = firmtrie("", &asked);
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), "visits\n3\n"), "{}", ran.errors);
}

#[test]
fn lines_that_are_a_little_late_begin_no_visit() {
    let times = [0, 25 * 60, 60, 32 * 60];
    let log = times.map(|at| Said::new("1.0.0.9", at, "/").clf("1.0.0.9")).concat();
    assert_eq!(companies(&log, &[]), "Example B.V. 1");
}

#[test]
fn the_same_log_comes_to_the_same_numbers() {
    let dir = TempDir::new().unwrap();
    let log: String = (0..20_000_u32)
        .map(|n| {
            let mut said = Said::new("1.0.0.9", 0, "/");
            said.agent = format!("Browser {}", n.wrapping_mul(2_654_435_761));
            said.clf("1.0.0.9")
        })
        .collect();
    let once = identified(&dir, log.as_bytes(), &[]).1;
    let again = identified(&dir, log.as_bytes(), &[]).1;
    assert_eq!(once, again);
    let visitors = once["all"]["visitors"].as_u64().unwrap();
    assert!((19_700..20_300).contains(&visitors), "{visitors}");
}

#[test]
fn a_log_of_which_nothing_is_understood_is_an_error() {
    let dir = TempDir::new().unwrap();
    let (ran, _) = identified(&dir, b"{\"who\":1}\n{\"who\":2}\n", &[]);
    assert!(ran.code == Some(1) && ran.errors.contains("--column"), "{}", ran.errors);
    let (ran, _) = identified(&dir, b"1.0.0.9\n", &["--log-format", "combined"]);
    assert!(ran.code == Some(1) && ran.errors.contains("no line was understood"), "{}", ran.errors);
    let (ran, _) = identified(&dir, b"", &["--log-format", "bogus"]);
    assert!(ran.code == Some(2) && ran.errors.contains("name one of common"), "{}", ran.errors);
    let (ran, _) = identified(&dir, b"", &["--since", "2026-11-02", "--until", "2026-11-01"]);
    assert!(ran.code == Some(2) && ran.errors.contains("after --until"), "{}", ran.errors);
    // A line that is far too long comes first.
    let line = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    let (ran, report) =
        identified(&dir, format!("{}\n{line}", "x".repeat(3 << 20)).as_bytes(), &[]);
    assert_eq!(
        (ran.code, report["broken"][0]["lines"].as_u64()),
        (Some(0), Some(1)),
        "{}",
        ran.errors
    );
}
