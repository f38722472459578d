//! Logs in every format, beside a slow count of the same requests.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    UInt16Array,
};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

use super::{Said, index, requests};
use crate::{Ran, firmtrie, text, write};

/// Visits, pages and visitors by company or status, the plain way.
fn slow(requests: &[Said]) -> BTreeMap<&'static str, (u64, u64, u64)> {
    let mut last: HashMap<(String, String), i64> = HashMap::new();
    let mut visitors: HashMap<&str, HashSet<(String, String)>> = HashMap::new();
    let mut counts: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for said in requests {
        let name = match said.address.rsplit_once(['.', ':']).unwrap().0 {
            "1.0.0" | "1.0.2" => "Example B.V.",
            "1.0.1" | "2001:400:" => "Sample GmbH",
            "1.0.3" => "non_business",
            "192.168.0" => continue,
            _ => "unknown",
        };
        if said.agent == "-" || said.agent.starts_with("curl/") {
            continue;
        }
        let visitor = (said.address.clone(), said.agent.clone());
        let count = counts.entry(name).or_default();
        let before = last.get(&visitor).copied();
        let begins = before.is_none_or(|before| (before - said.at).abs() > 1800);
        last.insert(visitor.clone(), if begins { said.at } else { said.at.max(before.unwrap()) });
        count.0 += u64::from(begins);
        let path = said.path.split('?').next().unwrap().to_lowercase();
        let is_asset = matches!(path.rsplit_once('.'), Some((_, "css" | "png")));
        let is_page = said.status < 400 && !is_asset;
        count.1 += u64::from(is_page);
        visitors.entry(name).or_default().insert(visitor);
        count.2 = visitors[name].len() as u64;
    }
    counts
}

/// What `identify` says of a log.
fn told(ran: &Ran, report: &str) -> (BTreeMap<String, (u64, u64, u64)>, Value) {
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let count = |row: &Value| {
        let of = |field: &str| row[field].as_u64().unwrap_or_default();
        (of("visits"), of("pages"), of("visitors"))
    };
    let mut counts = BTreeMap::new();
    for line in ran.output.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        counts.insert(row["company"].as_str().unwrap().to_owned(), count(&row));
    }
    for status in ["non_business", "unknown", "withheld"] {
        let share = count(&report["visits"][status]);
        if share.0 > 0 {
            counts.insert(status.to_owned(), share);
        }
    }
    (counts, report)
}

/// The requests in Parquet, with what Parquet has and text has not.
fn parquet(requests: &[Said]) -> Vec<u8> {
    let texts = |of: &dyn Fn(&Said) -> String| {
        requests.iter().map(|said| Some(of(said))).collect::<StringArray>()
    };
    let times = requests.iter().map(|said| said.epoch() * 1_000_000 + 5);
    let times = TimestampMicrosecondArray::from_iter_values(times);
    let agents: DictionaryArray<Int32Type> =
        requests.iter().map(|said| said.agent.as_str()).collect();
    let statuses: UInt16Array = requests.iter().map(|said| said.status).collect();
    let request = StructArray::try_from(vec![
        ("client_ip", Arc::new(texts(&|said| said.address.clone())) as ArrayRef),
        ("uri", Arc::new(texts(&|said| said.path.clone()))),
    ]);
    let batch = RecordBatch::try_from_iter([
        ("note", Arc::new(texts(&|_| "a\n\tb".into())) as ArrayRef),
        ("request", Arc::new(request.unwrap())),
        ("user_agent", Arc::new(agents)),
        ("ts", Arc::new(times.with_timezone("Europe/Amsterdam"))),
        ("status", Arc::new(statuses)),
    ]);
    let (mut bytes, batch) = (Vec::new(), batch.unwrap());
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The same requests in every format: a file's name, its content, and what must be said of it.
fn logs(requests: &[Said]) -> Vec<(&'static str, Vec<u8>, Vec<&'static str>)> {
    let all =
        |line: &dyn Fn(&Said) -> String| requests.iter().map(line).collect::<String>().into_bytes();
    let combined = all(&|said| said.clf(&said.address));
    let csv = all(&|said| {
        let Said { address, path, status, agent, .. } = said;
        format!("{},{address},{status},{path},{agent}\r\n", said.iso())
    });
    let proxied = all(&|said| {
        let line = said.clf("10.0.0.1");
        format!("{} \"{}, 10.0.0.2\"\n", line.trim_end(), said.address)
    });
    let apache = all(&|said| {
        let Said { address, status, path, agent, .. } = said;
        format!("{address}|{status}|{}000|{agent}|GET {path} HTTP/2\n", said.epoch())
    });
    vec![
        ("access.log", combined, vec![]),
        ("caddy.jsonl", all(&caddy), vec![]),
        ("log.csv", [b"time,ip,status,path,user_agent\r\n".to_vec(), csv].concat(), vec![]),
        ("cloudfront.tsv", cloudfront(requests).into_bytes(), vec![]),
        ("proxied.log", proxied, vec!["--trusted-proxies", "10.0.0.0/8"]),
        ("apache.log", apache, vec!["--log-format", "%a|%>s|%{msec}t|%{User-Agent}i|%r"]),
        ("log.parquet", parquet(requests), vec![]),
    ]
}

fn caddy(said: &Said) -> String {
    let Said { address, path, status, agent, .. } = said;
    let headers = serde_json::json!({"User-Agent": [agent]});
    let request =
        serde_json::json!({"client_ip": address, "method": "GET", "uri": path, "headers": headers});
    let epoch = said.epoch();
    format!("{{\"ts\":{epoch}.25,\"request\":{request},\"status\":{status}}}\n")
}

/// Its columns change in the middle of it.
fn cloudfront(requests: &[Said]) -> String {
    let mut log =
        "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem sc-status cs(User-Agent)\n".to_owned();
    for (place, said) in requests.iter().enumerate() {
        let (iso, agent) = (said.iso(), said.agent.replace(' ', "%20"));
        let at = format!("{}\t{}", &iso[..10], &iso[11..19]);
        let rest = format!("{}\t{}\t{}\t{agent}", said.address, said.path, said.status);
        if place == requests.len() / 2 {
            log += "#Fields: c-ip cs-uri-stem sc-status cs(User-Agent) date time\n";
        }
        let (first, second) = if place < requests.len() / 2 { (at, rest) } else { (rest, at) };
        log += &[&first, "\t", &second, "\n"].concat();
    }
    log
}

fn compressed(by: &str, log: &[u8]) -> Vec<u8> {
    match by {
        ".gz" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(log).unwrap();
            gzip.finish().unwrap()
        }
        ".zst" => zstd::encode_all(log, 1).unwrap(),
        _ => log.to_vec(),
    }
}

#[test]
fn a_log_in_any_format_comes_to_what_a_slow_count_comes_to() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let requests = requests(4000);
    // Pages of who is not identified are in no report.
    let pages = |(name, (visits, pages, visitors)): (&str, (u64, u64, u64))| {
        (name.to_owned(), visits, if name.contains(' ') { pages } else { 0 }, visitors)
    };
    let expected: Vec<_> = slow(&requests).into_iter().map(pages).collect();
    let report = dir.path().join("report.json");
    for (name, log, options) in logs(&requests) {
        for by in ["", ".gz", ".zst"] {
            if name == "log.parquet" && !by.is_empty() {
                continue;
            }
            let path = write(&dir, &format!("{name}{by}"), compressed(by, &log));
            let arguments = [
                "identify",
                text(&path),
                "--index",
                &index,
                "--format",
                "jsonl",
                "--report",
                text(&report),
            ];
            let ran = firmtrie("", &[&arguments, &options[..]].concat());
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.errors);
            let (counts, told) = told(&ran, text(&report));
            let counts: Vec<_> = counts.iter().map(|(name, count)| pages((name, *count))).collect();
            assert_eq!(counts, expected, "{name}{by}");
            assert_eq!(told["broken"], serde_json::json!([]), "{name}");
        }
    }
}
