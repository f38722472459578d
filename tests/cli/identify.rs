//! `firmtrie identify`: logs in every format, beside a slow count of the same requests.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;

use serde_json::Value;
use tempfile::TempDir;

use super::{Ran, firmtrie, text, write};

/// Two companies, one of them twice, and a network that is left out.
const NETWORKS: &str = "network,name,country,kind,asn\n\
    1.0.0.0/24,Example B.V.,NL,business,64500\n\
    1.0.1.0/24,Sample GmbH,DE,business,64501\n\
    1.0.2.0/24,Example B.V.,NL,business,64502\n\
    2001:400::/32,Sample GmbH,DE,business,64501\n\
    1.0.3.0/24,,,isp,64503\n";

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn index(dir: &TempDir) -> String {
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
struct Said {
    address: String,
    /// Seconds since 2026-11-01T00:00:00Z.
    at: i64,
    path: String,
    status: u16,
    agent: String,
}

impl Said {
    fn new(address: &str, at: i64, path: &str) -> Self {
        Self { address: address.into(), at, path: path.into(), status: 200, agent: BROWSER.into() }
    }

    fn clf(&self, address: &str) -> String {
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

fn requests(count: usize) -> Vec<Said> {
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
        let before = last.insert(visitor.clone(), said.at);
        count.0 += u64::from(before.is_none_or(|before| (before - said.at).abs() > 1800));
        let path = said.path.split('?').next().unwrap().to_lowercase();
        let is_page = said.status < 400 && !path.ends_with(".css") && !path.ends_with(".png");
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

#[test]
fn a_log_in_any_format_comes_to_what_a_slow_count_comes_to() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let requests = requests(4000);
    let expected = slow(&requests);
    let report = dir.path().join("report.json");
    let all = |line: &dyn Fn(&Said) -> String| requests.iter().map(line).collect::<String>();
    let combined = all(&|said| said.clf(&said.address));
    let json = all(&|said| {
        let Said { address, path, status, agent, .. } = said;
        let request = serde_json::json!({"client_ip": address, "method": "GET", "uri": path, "headers": {"User-Agent": [agent]}});
        format!(
            "{}\n",
            serde_json::json!({"ts": said.epoch() as f64 + 0.25, "request": request, "status": status})
        )
    });
    let columns = |said: &Said, separator: &str| {
        [&said.iso(), &said.address, &said.status.to_string(), &said.path, &said.agent]
            .map(String::as_str)
            .join(separator)
    };
    let csv = format!(
        "time,ip,status,path,user_agent\r\n{}",
        all(&|said| format!("{}\r\n", columns(said, ",")))
    );
    let fields = "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem sc-status cs(User-Agent)\n";
    let w3c = |said: &Said| {
        let iso = said.iso();
        let agent = said.agent.replace(' ', "%20");
        format!(
            "{}\t{}\t{}\t{}\t{}\t{agent}\n",
            &iso[..10],
            &iso[11..19],
            said.address,
            said.path,
            said.status
        )
    };
    // The columns change in the middle of it.
    let swapped = "#Fields: c-ip cs-uri-stem sc-status cs(User-Agent) date time\n";
    let w3c: String = requests
        .iter()
        .enumerate()
        .map(|(place, said)| match place {
            0..2000 => w3c(said),
            _ => {
                let line = w3c(said);
                let (at, rest) = (&line[..19], &line[20..line.len() - 1]);
                let before = if place == 2000 { swapped } else { "" };
                format!("{before}{rest}\t{at}\n")
            }
        })
        .collect();
    let proxied = all(&|said| {
        let line = said.clf("10.0.0.1");
        format!("{} \"{}, 10.0.0.2\"\n", &line[..line.len() - 1], said.address)
    });
    let apache = all(&|said| {
        let Said { address, status, path, agent, .. } = said;
        format!("{status}|{}000|{agent}|{address}|GET {path} HTTP/2\n", said.epoch())
    });
    let apache_format = "%>s|%{msec}t|%{User-Agent}i|%a|%r";
    let trusted = ["--trusted-proxies", "10.0.0.0/8"];
    for (name, log, options) in [
        ("access.log", combined.as_str(), &[][..]),
        ("caddy.jsonl", &json, &[]),
        ("log.csv", &csv, &[]),
        ("cloudfront.tsv", &format!("{fields}{w3c}"), &[]),
        ("proxied.log", &proxied, &trusted),
        ("apache.log", &apache, &["--log-format", apache_format]),
    ] {
        for compressed in ["", ".gz", ".zst"] {
            let content = match compressed {
                ".gz" => {
                    let mut gzip =
                        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    gzip.write_all(log.as_bytes()).unwrap();
                    gzip.finish().unwrap()
                }
                ".zst" => zstd::encode_all(log.as_bytes(), 1).unwrap(),
                _ => log.as_bytes().to_vec(),
            };
            let path = write(&dir, &format!("{name}{compressed}"), content);
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
            let ran = firmtrie("", &[&arguments, options].concat());
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.errors);
            let (counts, told) = told(&ran, text(&report));
            let counts: BTreeMap<_, _> =
                counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
            // Pages of who is not identified are in no report.
            let pages = |(name, (visits, pages, visitors)): (&str, (u64, u64, u64))| {
                (name.to_owned(), visits, if name.contains(' ') { pages } else { 0 }, visitors)
            };
            let expected: Vec<_> =
                expected.iter().map(|(name, count)| pages((name, *count))).collect();
            let counts: Vec<_> = counts.into_iter().map(pages).collect();
            assert_eq!(counts, expected, "{name}{compressed}");
            assert_eq!(told["broken"].as_array().unwrap().len(), 0, "{name}: {}", told["broken"]);
        }
    }
}
