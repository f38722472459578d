//! Who is left out is gone: no byte of their names, identifiers, domains and contacts is in an index.
//!
//! A search of the file, raw and whatever the case, in UTF-8 and UTF-16, for every text about anybody
//! who is not in it. Texts of fewer than six bytes, and those that are part of a text that is in it by
//! right, could be there by chance: they are counted, and must be few.
#![cfg(feature = "build")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use firmtrie::builder::Policy;
use firmtrie::registry::{Identifier, Registry, Request, Right};
use firmtrie::{Builder, Format, Index, Source};

/// Fewer bytes than these are anywhere.
const SHORTEST: usize = 6;

/// Those of `texts` that `bytes`, those of an index, hold without right, and how many were set aside.
fn traces<'a>(index: &[u8], bytes: &[u8], texts: &[&'a str]) -> (Vec<&'a str>, usize) {
    let index = Index::from_bytes(index).unwrap();
    let mut kept = String::new();
    for company in index.companies() {
        for (_, value) in company.unwrap().1.facts() {
            writeln!(kept, "{value}").unwrap();
        }
    }
    kept += &serde_json::to_string(&index.info().unwrap()).unwrap();
    let finder =
        |texts: &[&[u8]]| AhoCorasick::builder().ascii_case_insensitive(true).build(texts).unwrap();
    let long: Vec<&[u8]> = texts
        .iter()
        .map(
            |text| {
                if text.len() < SHORTEST { b"\0\0\0\0\0\0\0".as_slice() } else { text.as_bytes() }
            },
        )
        .collect();
    let by_right: HashSet<usize> = finder(&long)
        .find_overlapping_iter(&kept)
        .map(|found| found.pattern().as_usize())
        .collect();
    let sought: Vec<usize> = (0..texts.len())
        .filter(|at| texts[*at].len() >= SHORTEST && !by_right.contains(at))
        .collect();
    let mut found = HashSet::new();
    for encode in [|text: &str| text.as_bytes().to_vec(), utf16] {
        let patterns: Vec<Vec<u8>> = sought.iter().map(|at| encode(texts[*at])).collect();
        let patterns: Vec<&[u8]> = patterns.iter().map(Vec::as_slice).collect();
        let places = finder(&patterns);
        found.extend(
            places.find_overlapping_iter(bytes).map(|one| sought[one.pattern().as_usize()]),
        );
    }
    (found.into_iter().map(|at| texts[at]).collect(), texts.len() - sought.len())
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_trace_would_be_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.csv");
    fs::write(&path, "1.0.0.0,1.0.0.255,1,Example Bakery GmbH\n").unwrap();
    let source = Source::new("rows", Format::AsnCsv).path(&path);
    let index = Builder::new().source(source).build().unwrap().0;
    assert_eq!(traces(&index, &index, &["EXAMPLE BAKERY", "Lars Ewald", "short"]), (vec![], 2));
    for trace in [b"lars ewald".to_vec(), utf16("Lars Ewald")] {
        assert_eq!(
            traces(&index, &[index.as_slice(), &trace].concat(), &["Lars Ewald"]).0,
            ["Lars Ewald"]
        );
    }
}

#[test]
fn nobody_left_out_of_the_real_set_has_left_a_trace() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets");
    let full = data.join("full/asn");
    let folder = if full.exists() { full } else { data.join("asn") };
    let files = ["asn-ipv4.csv", "asn-ipv6.csv"].map(|name| folder.join(name));
    let source = files.iter().fold(Source::new("asn", Format::AsnCsv), Source::path);
    let bytes = Builder::new().source(source).build().unwrap().0;
    let index = Index::from_bytes(&bytes).unwrap();
    let shown: HashSet<String> =
        index.companies().map(|company| company.unwrap().1.name().to_owned()).collect();
    let mut names = HashSet::new();
    for file in files {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_path(file).unwrap();
        names.extend(rows.records().map(|row| row.unwrap()[3].trim().to_owned()));
    }
    let gone: Vec<&str> =
        names.iter().filter(|name| !shown.contains(*name)).map(String::as_str).collect();
    assert!(gone.len() * 5 > names.len(), "{} of {}", gone.len(), names.len());
    let (traces, aside) = traces(&bytes, &bytes, &gone);
    assert!(traces.is_empty(), "{} traces", traces.len());
    assert!(aside * 5 < gone.len(), "{aside} of {} were set aside", gone.len());
}

/// A company of a random world, and whether it should be shown.
struct Holder {
    name: String,
    form: &'static str,
    kind: &'static str,
    date: &'static str,
    shown: bool,
}

fn holder(of: &str, draw: u64) -> Holder {
    let holder = |name: String, form, kind, date, shown| Holder { name, form, kind, date, shown };
    match draw % 6 {
        0 => holder(format!("Bakery {of} GmbH"), "", "", "2026-05-01", true),
        1 => holder(format!("Steel {of} Works"), "54M6", "business", "2026-05-01", true),
        2 => holder(format!("Trader {of}"), "4QXM", "", "2026-05-01", false),
        3 => holder(format!("FOP Ivan {of}"), "", "", "2026-05-01", false),
        4 => holder(format!("Carrier {of} Telecom"), "", "isp", "2026-05-01", false),
        _ => holder(format!("Ancient {of} GmbH"), "", "business", "2020-05-01", false),
    }
}

#[test]
fn nobody_left_out_of_two_hundred_worlds_has_left_a_trace() {
    let mut checked = 0;
    for world in 0..200_u64 {
        let dir = tempfile::tempdir().unwrap();
        let mut networks = "network,company,kind,date\n".to_owned();
        let mut companies =
            "key,name,country,legal_form,register_number,domain,street,city\n".to_owned();
        let mut contacts = "company,name,job_title,email\n".to_owned();
        let mut gone = Vec::new();
        for number in 0..12_u64 {
            // Letters that stand for the world and the number, so that texts do not repeat.
            let mixed = (world * 64 + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let of: String =
                (0..10).map(|at| char::from(b'a' + (mixed >> (at * 6) & 15) as u8)).collect();
            let Holder { name, form, kind, date, shown } = holder(&of, mixed >> 7);
            let texts = [
                name,
                format!("HRB{of}"),
                format!("{of}.example"),
                format!("Street of {of}"),
                format!("Person {of}"),
                format!("mail@{of}.example"),
            ];
            let [name, register, domain, street, person, mail] = &texts;
            writeln!(companies, "{of},{name},NL,{form},{register},{domain},{street},Town").unwrap();
            writeln!(contacts, "{of},{person},Director,{mail}").unwrap();
            writeln!(networks, "11.{number}.0.0/16,{of},{kind},{date}").unwrap();
            // No policy asks for contacts here: those of companies that are shown stay out, too.
            gone.extend(if shown { texts[4..].to_vec() } else { texts.to_vec() });
        }
        let mut builder = Builder::new().as_of("2026-11-01".parse().unwrap());
        for (name, format, text) in [
            ("n", Format::Networks, networks),
            ("c", Format::Companies, companies),
            ("p", Format::Contacts, contacts),
        ] {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            builder = builder.source(Source::new(name, format).path(&path));
        }
        let bytes = builder.build().unwrap().0;
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        let (traces, aside) = traces(&bytes, &bytes, &gone);
        assert!(traces.is_empty(), "world {world}: {traces:?}");
        assert_eq!(aside, 0);
        checked += gone.len();
    }
    assert!(checked > 5000, "{checked}");
}

/// What a firm is known by: in one source all of it, in another one part, in a disguise.
struct Firm {
    key: String,
    name: String,
    lei: String,
    register: String,
    vat: String,
    domain: String,
}

impl Firm {
    fn new(of: &str, draw: u64) -> Self {
        let digits = draw % 90_000_000 + 10_000_000;
        let lei = format!("9695{:014}", draw % 100_000_000_000_000);
        // Check digits of ISO 7064, MOD 97-10; all characters here are digits.
        let rest = lei
            .bytes()
            .chain(*b"00")
            .fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
        Self {
            key: of.to_owned(),
            name: format!("Bäckerei {of} Werke GmbH"),
            lei: format!("{lei}{:02}", 98 - rest),
            register: digits.to_string(),
            vat: format!("KZ{digits}77"),
            domain: format!("{of}.nl"),
        }
    }

    /// By one thing that it says of itself.
    fn objects(&self, by: u64) -> Request {
        let by = match by % 5 {
            0 => Identifier::name(&self.name, None, Some("AT")),
            1 => Identifier::lei(&self.lei),
            2 => Identifier::register(&self.register, Some("AT")),
            3 => Identifier::vat(&self.vat),
            _ => Identifier::domain(&self.domain),
        };
        let right = [Right::Objection, Right::Erasure][by.is_ok() as usize];
        Request::new(right).by(by.unwrap())
    }

    /// The rows of another source, which know it under another name or by one number only.
    fn disguised(&self, how: u64) -> (String, String) {
        let Self { key, name, lei, register, vat, domain } = self;
        let other = format!("Brotfabrik {key} AG");
        let spelt = name.replace('ä', "ae").to_uppercase().replace("GMBH", "Ges. m. b. H.");
        let row = match how % 5 {
            0 => format!("2{key},{spelt},,,,,"),
            1 => format!("2{key},{other},BE,{},,,", lei.to_lowercase()),
            2 => format!("2{key},{other},AT,,FN 0{register},,"),
            3 => format!("2{key},{other},DE,,,{} {},", &vat[..2], &vat[2..]),
            _ => format!("2{key},{other},DE,,,,https://www.{}/", domain.to_uppercase()),
        };
        let named = if how.is_multiple_of(5) { spelt } else { other };
        (row, named)
    }
}

#[test]
fn who_objected_in_two_hundred_worlds_does_not_come_back_from_another_source() {
    let mut objected = 0;
    for world in 0..200_u64 {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::create(dir.path().join("registry"), None).unwrap();
        let mut first = "key,name,country,lei,register_number,vat,domain\n".to_owned();
        let (mut second, mut networks) = (first.clone(), "network,company,name\n".to_owned());
        let (mut gone, mut kept, mut requests) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..12_u64 {
            let mixed = (world * 64 + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let of: String =
                (0..10).map(|at| char::from(b'a' + (mixed >> (at * 6) & 15) as u8)).collect();
            let firm = Firm::new(&of, mixed >> 5);
            let (row, named) = firm.disguised(mixed >> 9);
            let Firm { key, name, lei, register, vat, domain } = &firm;
            writeln!(first, "{key},{name},AT,{lei},{register},{vat},{domain}").unwrap();
            writeln!(second, "{row}").unwrap();
            writeln!(networks, "11.{number}.0.0/17,{key},").unwrap();
            writeln!(networks, "11.{number}.128.0/18,2{key},").unwrap();
            writeln!(networks, "11.{number}.192.0/18,,{}", name.replace('ä', "a")).unwrap();
            let addresses =
                [0, 128, 192].map(|third| format!("11.{number}.{third}.1").parse().unwrap());
            if mixed >> 13 & 1 == 0 {
                kept.push(addresses);
                continue;
            }
            requests.push(firm.objects(mixed >> 17));
            let texts = [key, name, &named, lei, register, vat, domain].map(ToOwned::to_owned);
            gone.extend(texts.into_iter().chain([of, name.replace('ä', "a")]));
        }
        objected += requests.len();
        if requests.is_empty() {
            continue;
        }
        registry.record_all(requests).unwrap();
        let mut builder = Builder::new()
            .as_of("2026-11-01".parse().unwrap())
            // Words made by chance may speak for a kind.
            .policy(Policy::open())
            .registry(dir.path().join("registry"));
        for (name, format, text) in [
            ("n", Format::Networks, networks),
            ("a", Format::Companies, first),
            ("b", Format::Companies, second),
        ] {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            builder = builder.source(Source::new(name, format).path(&path));
        }
        let bytes = builder.build().unwrap().0;
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        let (traces, _) = traces(&bytes, &bytes, &gone);
        assert!(traces.is_empty(), "world {world}: {traces:?}");
        let index = Index::from_bytes(&bytes).unwrap();
        for address in kept.into_iter().flatten() {
            assert!(index.lookup(address).unwrap().is_some(), "world {world}: {address} is masked");
        }
    }
    assert!(objected > 800, "{objected}");
}
