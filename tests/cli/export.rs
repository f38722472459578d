//! `firmtrie export`: what other software reads is what the index answers.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use firmtrie::{Index, Snapshot};
use maxminddb::{Reader, geoip2};
use serde_json::Value;
use tempfile::TempDir;

use super::identify::{index, rows_of};
use super::{firmtrie, text, write};

fn exported(dir: &TempDir, index: &str, to: &str, options: &[&str]) -> Vec<u8> {
    let output = dir.path().join(format!("out.{to}"));
    let arguments = ["export", index, "--to", to, "-o", text(&output), "--force"];
    let ran = firmtrie("", &[&arguments, options].concat());
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), ""), "{}", ran.errors);
    assert!(ran.errors.contains("objections after that do not reach it"), "{}", ran.errors);
    std::fs::read(output).unwrap()
}

/// Addresses on and around the borders of networks, and some between.
fn probes(index: &Snapshot, random: usize) -> Vec<IpAddr> {
    let mut probes = Vec::new();
    for network in index.networks() {
        let prefix = network.unwrap().prefix();
        for border in [prefix.network(), prefix.broadcast()] {
            let around = match border {
                IpAddr::V4(v4) => {
                    [v4.to_bits().wrapping_sub(1), v4.to_bits(), v4.to_bits().wrapping_add(1)]
                        .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
                }
                IpAddr::V6(v6) => {
                    [v6.to_bits().wrapping_sub(1), v6.to_bits(), v6.to_bits().wrapping_add(1)]
                        .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
                }
            };
            probes.extend(around);
        }
    }
    let mut state = 7_u128;
    for place in 0..random {
        state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
        let bits = (state >> 64) as u64;
        probes.push(match place % 4 {
            0 => Ipv6Addr::from_bits(0x2000 << 112 | u128::from(bits) << 60).into(),
            1 => Ipv4Addr::from_bits(bits as u32).to_ipv6_mapped().into(),
            _ => Ipv4Addr::from_bits(bits as u32).into(),
        });
    }
    probes
}

/// Compares an MMDB with the index it was exported from.
fn compare(index: &Path, mmdb: Vec<u8>, random: usize) -> usize {
    let snapshot = Snapshot::new(Index::open(index).unwrap());
    let reader = Reader::from_source(mmdb).unwrap();
    let probes = probes(&snapshot, random);
    for address in &probes {
        // `::/96` is where an MMDB has IPv4; no visitor has an address in it.
        if matches!(address, IpAddr::V6(v6) if v6.to_bits() >> 32 == 0) {
            continue;
        }
        let told = snapshot.describe(*address).unwrap();
        let found: Option<Value> = reader.lookup(*address).unwrap().decode().unwrap();
        let of = |key: &str| found.as_ref().map_or(Value::Null, |found| found[key].clone());
        let expected = serde_json::to_value(&told).unwrap();
        // Whose it is that is withheld, an export does not tell.
        if expected["status"] == "withheld" {
            assert_eq!(found, None, "{address}");
            continue;
        }
        let status = if found.is_none() { "unknown".into() } else { of("status") };
        assert_eq!(status, expected["status"], "{address}");
        assert_eq!(
            of("company"),
            expected["company"].get("name").cloned().unwrap_or_default(),
            "{address}"
        );
        for key in ["kind", "asn"] {
            assert_eq!(of(key), expected[key], "{address}");
        }
    }
    probes.len()
}

#[test]
fn an_mmdb_answers_what_the_index_answers() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let mmdb = exported(&dir, &index, "mmdb", &[]);
    assert!(compare(Path::new(&index), mmdb.clone(), 10_000) > 10_000);
    // The same index gives the same file, whenever.
    assert_eq!(exported(&dir, &index, "mmdb", &[]), mmdb);
    let reader = Reader::from_source(mmdb).unwrap();
    let metadata = reader.metadata();
    assert_eq!((metadata.database_type.as_str(), metadata.ip_version), ("firmtrie", 6));
    assert!(
        metadata.description["en"].contains("built under no registry"),
        "{:?}",
        metadata.description
    );
    let found: Value =
        reader.lookup("1.0.0.9".parse().unwrap()).unwrap().decode().unwrap().unwrap();
    let expected = serde_json::json!({"company": "Example B.V.", "country": "NL", "status": "company",
        "kind": "business", "asn": 64500, "sources": ["rows"]});
    let found = found.as_object().unwrap().iter().filter(|(key, _)| *key != "confidence");
    assert_eq!(found.map(|(key, value)| (key.clone(), value.clone())).collect::<Value>(), expected);
}

#[test]
fn the_full_set_as_mmdb_answers_what_the_index_answers() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/full/asn");
    if !full.exists() {
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: the full set is not there; `make datasets` fetches it"
        );
        return;
    }
    let dir = TempDir::new().unwrap();
    let index = dir.path().join("asn.firm");
    let rows = ["asn-ipv4.csv", "asn-ipv6.csv"].map(|name| full.join(name));
    let ran = firmtrie(
        "",
        &["build", text(&rows[0]), text(&rows[1]), "-o", text(&index), "--basis", "test"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    let mmdb = exported(&dir, text(&index), "mmdb", &[]);
    assert!(compare(&index, mmdb, 1_000_000) > 2_000_000);
}

#[test]
fn layouts_are_those_that_software_expects() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let address: IpAddr = "1.0.1.9".parse().unwrap();
    let asn = Reader::from_source(exported(&dir, &index, "mmdb", &["--layout", "asn"])).unwrap();
    assert_eq!(asn.metadata().database_type, "GeoLite2-ASN");
    let found: geoip2::Asn<'_> = asn.lookup(address).unwrap().decode().unwrap().unwrap();
    assert_eq!(found.autonomous_system_number, Some(64501));
    assert_eq!(found.autonomous_system_organization, Some("Sample GmbH"));
    let isp = Reader::from_source(exported(&dir, &index, "mmdb", &["--layout", "isp"])).unwrap();
    let found: geoip2::Isp<'_> = isp.lookup(address).unwrap().decode().unwrap().unwrap();
    assert_eq!((found.isp, found.organization), (Some("Sample GmbH"), Some("Sample GmbH")));
    let all =
        Reader::from_source(exported(&dir, &index, "mmdb", &["--layout", "enterprise"])).unwrap();
    let found: geoip2::Enterprise<'_> = all.lookup(address).unwrap().decode().unwrap().unwrap();
    assert_eq!(found.registered_country.iso_code, Some("DE"));
    assert_eq!(found.country.iso_code, None);
    assert_eq!(
        (found.traits.user_type, found.traits.organization),
        (Some("business"), Some("Sample GmbH"))
    );
    // Of who is left out a layout tells no name, and what it has no word for is not there.
    let masked: IpAddr = "1.0.3.9".parse().unwrap();
    assert!(isp.lookup(masked).unwrap().decode::<Value>().unwrap().is_none());
}

#[test]
fn rows_are_networks_in_order_with_what_is_known_of_them() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let fields = ["--fields", "company,asn,status"];
    let csv = String::from_utf8(exported(&dir, &index, "csv", &fields)).unwrap();
    assert_eq!(
        csv,
        "network,company,asn,status\n1.0.0.0/24,Example B.V.,64500,company\n1.0.1.0/24,Sample GmbH,64501,company\n\
         1.0.2.0/24,Example B.V.,64502,company\n1.0.3.0/24,,,non_business\n2001:400::/32,Sample GmbH,64501,company\n"
    );
    let clickhouse = String::from_utf8(exported(&dir, &index, "clickhouse", &fields)).unwrap();
    assert_eq!(clickhouse, csv.replacen("network", "prefix", 1));
    let of_csv: Vec<Vec<_>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let jsonl = String::from_utf8(exported(&dir, &index, "jsonl", &fields)).unwrap();
    let rows: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let parquet = rows_of(exported(&dir, &index, "parquet", &fields));
    assert_eq!((rows.len(), parquet.len()), (of_csv.len(), of_csv.len()));
    for ((cells, row), of_parquet) in of_csv.iter().zip(&rows).zip(&parquet) {
        let shown = |value: &Value| {
            value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned).replace("null", "")
        };
        let names = ["network", "company", "asn", "status"];
        assert_eq!(names.map(|name| shown(&row[name])).to_vec(), *cells);
        assert_eq!(names.map(|name| shown(&of_parquet[name])).to_vec(), *cells);
    }
    let some = String::from_utf8(exported(
        &dir,
        &index,
        "csv",
        &["--company", "sample gmbh", "--fields", "asn"],
    ))
    .unwrap();
    assert_eq!(some, "network,asn\n1.0.1.0/24,64501\n2001:400::/32,64501\n");
}

#[test]
fn sets_for_a_firewall_are_those_of_whom_they_were_asked_of() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let nft = String::from_utf8(exported(&dir, &index, "nftables", &["--company", "Sample GmbH"]))
        .unwrap();
    assert_eq!(
        nft,
        "table inet firmtrie {\n\tset sample_gmbh_v4 {\n\t\ttype ipv4_addr\n\t\tflags interval\n\
         \t\telements = { 1.0.1.0/24 }\n\t}\n\tset sample_gmbh_v6 {\n\t\ttype ipv6_addr\n\t\tflags interval\n\
         \t\telements = { 2001:400::/32 }\n\t}\n}\n"
    );
    // Neighbours are one, since nobody asks whose they are; of who is no company there is none.
    let ipset =
        String::from_utf8(exported(&dir, &index, "ipset", &["--in", "1.0.0.0/22"])).unwrap();
    assert_eq!(
        ipset,
        "create n1_0_0_0_22_v4 hash:net family inet maxelem 65536\nadd n1_0_0_0_22_v4 1.0.0.0/23\n\
         add n1_0_0_0_22_v4 1.0.2.0/24\n\
         create n1_0_0_0_22_v6 hash:net family inet6 maxelem 65536\n"
    );
    let ran = firmtrie("", &["export", &index, "--to", "nftables"]);
    assert!(ran.code == Some(2) && ran.errors.contains("--company"), "{}", ran.errors);
}

#[test]
fn who_objected_is_in_no_export() {
    let dir = TempDir::new().unwrap();
    let (index, registry) = (index(&dir), dir.path().join("registry"));
    assert_eq!(firmtrie("", &["registry", "init", text(&registry)]).code, Some(0));
    let objected =
        ["registry", "object", text(&registry), "--name", "Example B.V.", "--country", "NL"];
    assert_eq!(firmtrie("", &objected).code, Some(0));
    for to in ["mmdb", "csv", "jsonl", "parquet", "clickhouse"] {
        let bytes = exported(&dir, &index, to, &["--registry", text(&registry)]);
        let has = |name: &[u8]| bytes.windows(name.len()).any(|at| at == name);
        assert!(has(b"Sample GmbH") && !has(b"Example"), "{to}");
    }
    let mmdb = exported(&dir, &index, "mmdb", &["--registry", text(&registry)]);
    let reader = Reader::from_source(mmdb).unwrap();
    let found: Option<Value> = reader.lookup("1.0.0.9".parse().unwrap()).unwrap().decode().unwrap();
    assert_eq!(found, None);
}

#[test]
fn a_file_that_is_there_is_kept_unless_it_is_forced() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let there = write(&dir, "there.csv", "mine");
    let ran = firmtrie("", &["export", &index, "--to", "csv", "-o", text(&there)]);
    assert!(ran.code == Some(1) && ran.errors.contains("is there"), "{}", ran.errors);
    assert_eq!(std::fs::read(&there).unwrap(), b"mine");
    let ran = firmtrie("", &["export", &index, "--to", "csv", "-o", &index, "--force"]);
    assert!(
        ran.code == Some(1) && ran.errors.contains("is read by this command"),
        "{}",
        ran.errors
    );
    let ran = firmtrie("", &["export", &index, "--to", "csv", "--fields", "asn", "--quiet"]);
    assert_eq!((ran.output.lines().count(), ran.errors.as_str()), (6, ""));
}

#[test]
fn a_network_that_is_withheld_is_in_no_export_of_an_index_that_was_built_so() {
    let dir = TempDir::new().unwrap();
    let registry = dir.path().join("registry");
    assert_eq!(firmtrie("", &["registry", "init", text(&registry)]).code, Some(0));
    let objected =
        ["registry", "object", text(&registry), "--name", "Gone B.V.", "--country", "NL"];
    assert_eq!(firmtrie("", &objected).code, Some(0));
    let rows = "network,name,country,kind\n1.1.0.0/24,Gone B.V.,NL,business\n1.1.1.0/24,Sample GmbH,DE,business\n";
    let (rows, index) = (write(&dir, "rows.csv", rows), dir.path().join("built.firm"));
    let build = [
        "build",
        text(&rows),
        "-o",
        text(&index),
        "--basis",
        "test",
        "--registry",
        text(&registry),
    ];
    assert_eq!(firmtrie("", &build).code, Some(0));
    for to in ["csv", "jsonl", "clickhouse", "nftables", "ipset"] {
        let bytes = exported(&dir, text(&index), to, &["--in", "1.1.0.0/16"]);
        let exported = String::from_utf8(bytes).unwrap();
        assert!(
            exported.contains("1.1.1.0/24") && !exported.contains("1.1.0.0/24"),
            "{to}: {exported}"
        );
    }
    assert!(compare(&index, exported(&dir, text(&index), "mmdb", &[]), 1000) > 1000);
}

#[test]
fn what_is_read_is_never_written_over() {
    let dir = TempDir::new().unwrap();
    let (index, registry) = (index(&dir), dir.path().join("registry"));
    let key = dir.path().join("key");
    assert_eq!(
        firmtrie("", &["registry", "init", text(&registry), "--key", text(&key)]).code,
        Some(0)
    );
    let before = std::fs::read(registry.join("registry.db")).unwrap();
    let asked = [
        "export",
        &index,
        "--registry",
        text(&registry),
        "--key",
        text(&key),
        "--to",
        "csv",
        "--force",
    ];
    for output in [registry.join("registry.db"), registry.join("registry.db-wal"), key.clone()] {
        let ran = firmtrie("", &[&asked[..], &["-o", text(&output)]].concat());
        assert!(
            ran.code == Some(1) && ran.errors.contains("is read by this command"),
            "{}",
            ran.errors
        );
    }
    assert_eq!(std::fs::read(registry.join("registry.db")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn who_has_seen_enough_of_an_export_is_no_error() {
    let dir = TempDir::new().unwrap();
    let rows: String = (0..200)
        .flat_map(|a| (0..200).map(move |b| format!("1.{a}.{b}.0/24,Firm {a} {b} B.V.,business\n")))
        .collect();
    let (rows, index) = (
        write(&dir, "rows.csv", format!("network,name,kind\n{rows}")),
        dir.path().join("many.firm"),
    );
    assert_eq!(
        firmtrie("", &["build", text(&rows), "-o", text(&index), "--basis", "test"]).code,
        Some(0)
    );
    let binary = env!("CARGO_BIN_EXE_firmtrie");
    let small = text(&dir.path().join("small.firm")).to_owned();
    std::fs::copy(super::identify::index(&dir), &small).unwrap();
    for (command, code) in [
        (format!("export {} --to csv --quiet", text(&index)), 0),
        (format!("export {} --to jsonl --quiet", text(&index)), 0),
        (format!("diff {} {small}", text(&index)), 1),
        (format!("diff {} {small} --format csv", text(&index)), 1),
    ] {
        let line = format!("set -o pipefail; {binary} {command} | head -1");
        let done = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!((done.status.code(), errors.as_ref()), (Some(code), ""), "{command}");
    }
}
