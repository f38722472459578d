//! A verdict on a natural person follows them through all sources of a build.
#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::fs;

use firmtrie::builder::{Contradictions, Policy, Reason, Summary};
use firmtrie::{Builder, Company, Field, Format, Index, Source};
use proptest::prelude::*;

/// Builds from files by their format; in the order given the later sources have the better standing.
fn build(policy: &str, files: &[(Format, &str)]) -> (Vec<u8>, Summary) {
    let dir = tempfile::tempdir().unwrap();
    let policy_file = dir.path().join("own.toml");
    fs::write(&policy_file, policy).unwrap();
    let mut builder = Builder::new().policy(Policy::read(&policy_file).unwrap());
    for (number, (format, text)) in files.iter().enumerate() {
        let path = dir.path().join(number.to_string());
        fs::write(&path, text).unwrap();
        let source = Source::new(number.to_string(), *format).path(path).basis("test");
        builder = builder.source(source.priority(i32::try_from(number).unwrap()));
    }
    builder.build().unwrap()
}

fn at(index: &[u8], address: &str) -> String {
    let index = Index::from_bytes(index).unwrap();
    let address = address.parse().unwrap();
    match index.lookup(address).unwrap() {
        Some(hit) => hit.company().unwrap().name().to_owned(),
        None => index.classify(address).unwrap().status.as_str().to_owned(),
    }
}

const NETWORKS: &str = "network,name,country\n\
    21.0.0.0/24,Studio Zonlicht,\n\
    21.0.1.0/24,STUDIO ZONLICHT,NL\n\
    21.0.2.0/24,Studio Zonlicht,DE\n\
    21.0.3.0/24,Studio Zonlicht B.V.,NL\n\
    21.0.4.0/24,Andere Studio,NL\n";

#[test]
fn who_is_a_sole_trader_by_one_source_is_shown_by_no_other() {
    let companies = "key,name,country,legal_form\nz,Studio Zonlicht,NL,eenmanszaak\n";
    let keyed = "network,company\n21.0.5.0/24,z\n";
    let files =
        [(Format::Companies, companies), (Format::Networks, keyed), (Format::Networks, NETWORKS)];
    let (index, summary) = build("", &files);
    assert_eq!(at(&index, "21.0.0.1"), "withheld");
    assert_eq!(at(&index, "21.0.1.1"), "withheld");
    assert_eq!(at(&index, "21.0.2.1"), "Studio Zonlicht", "of another country");
    assert_eq!(at(&index, "21.0.3.1"), "Studio Zonlicht B.V.", "of another form");
    assert_eq!(at(&index, "21.0.4.1"), "Andere Studio");
    assert_eq!(at(&index, "21.0.5.1"), "withheld");
    assert_eq!(summary.report.contradictions, Contradictions::default());
    let (index, _) = build("[persons]\nleave_out = false\n", &files);
    assert_eq!(at(&index, "21.0.0.1"), "Studio Zonlicht");
}

#[test]
fn the_form_in_a_name_is_none_of_the_name_elsewhere() {
    for name in [
        "Studio Zonlicht eenmanszaak",
        "Eenmanszaak Studio Zonlicht",
        "Studio Zonlicht (zzp)",
        "Studio Zonlicht, eenmanszaak van Petra Klug",
        "Studio Zonlicht (eenmanszaak Petra Klug)",
        "Studio Zonlicht eenmanszaak Utrecht",
    ] {
        let named = format!("network,name,country\n21.0.5.0/24,\"{name}\",NL\n");
        let (index, _) = build("", &[(Format::Networks, &named), (Format::Networks, NETWORKS)]);
        assert_eq!(at(&index, "21.0.0.1"), "withheld", "{name}");
        assert_eq!(at(&index, "21.0.1.1"), "withheld", "{name}");
        assert_eq!(at(&index, "21.0.3.1"), "Studio Zonlicht B.V.", "{name}");
    }
}

#[test]
fn an_identifier_carries_the_verdict_to_another_name() {
    let companies = "key,name,country,legal_form,domain,vat\n\
        a,Zon Media,NL,4QXM,zonlicht.example,\n\
        b,Licht Media,NL,,zonlicht.example,NL123456782B12\n\
        c,Schaduw,NL,,,NL123456782B12\n\
        d,Ander,NL,,ander.example,\n";
    let networks = "network,company\n21.0.0.0/24,a\n21.0.1.0/24,b\n21.0.2.0/24,c\n21.0.3.0/24,d\n";
    let (index, _) = build("", &[(Format::Companies, companies), (Format::Networks, networks)]);
    for (address, expected) in [
        ("21.0.0.1", "withheld"),
        ("21.0.1.1", "withheld"),
        ("21.0.2.1", "withheld"),
        ("21.0.3.1", "Ander"),
    ] {
        assert_eq!(at(&index, address), expected, "{address}");
    }
}

#[test]
fn a_platforms_domain_carries_no_verdict() {
    let mut companies = "key,name,country,legal_form,domain\n".to_owned();
    let mut networks = "network,company\n".to_owned();
    for number in 0..20 {
        let form = if number == 0 { "eenmanszaak" } else { "" };
        writeln!(companies, "{number},Firma {number},NL,{form},platform.example").unwrap();
        writeln!(networks, "21.0.{number}.0/24,{number}").unwrap();
    }
    let (index, _) = build("", &[(Format::Companies, &companies), (Format::Networks, &networks)]);
    assert_eq!(at(&index, "21.0.0.1"), "withheld");
    assert_eq!(at(&index, "21.0.1.1"), "Firma 1");
}

#[test]
fn of_two_that_contradict_each_other_the_more_explicit_holds_and_in_doubt_the_persons() {
    let company = |form: &str| {
        format!("key,name,country,legal_form,register_number\nk,Zon Media,NL,{form},12345678\n")
    };
    for (first, second, expected, counted) in [
        ("eenmanszaak", "besloten vennootschap", "withheld", [1, 0]),
        ("besloten vennootschap", "eenmanszaak", "withheld", [1, 0]),
        ("4QXM", "besloten vennootschap", "withheld", [1, 0]),
        ("54M6", "eenmanszaak", "Zon Media", [0, 1]),
        ("eenmanszaak", "54M6", "Zon Media", [0, 1]),
        ("54M6", "besloten vennootschap", "Zon Media", [0, 0]),
    ] {
        let networks = "network,company\n21.0.0.0/24,k\n";
        let files = [
            (Format::Companies, company(first)),
            (Format::Companies, company(second)),
            (Format::Networks, networks.to_owned()),
        ];
        let files: Vec<_> = files.iter().map(|(format, text)| (*format, text.as_str())).collect();
        let (index, summary) = build("", &files);
        assert_eq!(at(&index, "21.0.0.1"), expected, "{first}, {second}");
        let found = summary.report.contradictions;
        assert_eq!([found.left_out, found.shown], counted, "{first}, {second}");
    }
}

#[test]
fn who_holds_more_space_than_a_person_is_not_everybody_of_that_name() {
    let networks = "network,name,country,date\n\
        21.0.0.0/24,Zonlicht Media,,\n21.4.0.0/14,Zonnestraal Media,,\n21.8.0.0/14,Maanlicht Media,NL,\n\
        21.1.0.0/24,Sterren Media,,\n10.0.0.0/8,Sterren Media,,\n9.0.0.0/12,Sterren Media,,2020-01-01\n";
    let names = ["Zonlicht Media", "Zonnestraal Media", "Maanlicht Media", "Sterren Media"];
    let mut companies = "key,name,country,legal_form\n".to_owned();
    for (key, name) in names.iter().enumerate() {
        writeln!(companies, "{key},{name},NL,eenmanszaak").unwrap();
    }
    let (index, _) = build("", &[(Format::Companies, &companies), (Format::Networks, networks)]);
    assert_eq!(at(&index, "21.0.0.1"), "withheld");
    assert_eq!(at(&index, "21.4.0.1"), "Zonnestraal Media");
    assert_eq!(at(&index, "21.8.0.1"), "withheld", "of the same country");
    assert_eq!(at(&index, "21.1.0.1"), "withheld", "what is not answered is not held");
}

#[test]
fn a_company_that_shares_a_persons_domain_is_another_firm() {
    let companies = "key,name,country,legal_form,domain\n\
        a,Zon Media,NL,eenmanszaak,zon.example\nb,Licht Media B.V.,NL,,zon.example\n\
        c,Maan Media,NL,54M6,zon.example\n";
    let networks = "network,company\n21.0.0.0/24,a\n21.0.1.0/24,b\n21.0.2.0/24,c\n";
    let (index, _) = build("", &[(Format::Companies, companies), (Format::Networks, networks)]);
    assert_eq!(at(&index, "21.0.0.1"), "withheld");
    assert_eq!(at(&index, "21.0.1.1"), "Licht Media B.V.");
    assert_eq!(at(&index, "21.0.2.1"), "Maan Media");
}

#[test]
fn what_the_operator_lists_as_a_business_is_no_person_and_makes_none() {
    let policy =
        "[[always]]\ntreat_as = \"business\"\ncompanies = [\"Zon Media\"]\nreason = \"asked\"\n";
    let companies = "key,name,country,legal_form,domain\n\
        a,Zon Media,NL,eenmanszaak,zon.example\nb,Licht Media,NL,,zon.example\n";
    let networks = "network,company\n21.0.0.0/24,a\n21.0.1.0/24,b\n";
    let (index, _) = build(policy, &[(Format::Companies, companies), (Format::Networks, networks)]);
    assert_eq!(at(&index, "21.0.0.1"), "Zon Media");
    assert_eq!(at(&index, "21.0.1.1"), "Licht Media");
}

/// A record of a random world: what one source says of a firm.
#[derive(Debug, Clone)]
struct Record {
    name: usize,
    country: usize,
    form: usize,
    domain: Option<usize>,
    vat: Option<usize>,
}

const NAMES: [&str; 6] = [
    "Studio Zonlicht",
    "Studio Maanlicht",
    "Media Sterren",
    "Media Regenbui",
    "Design Wolken",
    "Design Nevel",
];
const COUNTRIES: [&str; 3] = ["", "NL", "DE"];
const FORMS: [&str; 5] = ["", "", "eenmanszaak", "4QXM", "54M6"];
const VATS: [&str; 3] = ["NL123456782B12", "DE136695976", "BE0403170701"];

fn record() -> impl Strategy<Value = Record> {
    let ids = (prop::option::of(0..4_usize), prop::option::of(0..3_usize));
    (0..6_usize, 0..3_usize, 0..5_usize, ids).prop_map(|(name, country, form, (domain, vat))| {
        Record { name, country, form, domain, vat }
    })
}

/// The slow twin: who is left out, by asking every pair again until nothing changes.
fn left_out(records: &[Record]) -> Vec<bool> {
    let level = |form: usize| match FORMS[form] {
        "eenmanszaak" => (3, 0),
        "4QXM" => (4, 0),
        "54M6" => (0, 4),
        _ => (0, 0),
    };
    let company: Vec<u8> = records.iter().map(|record| level(record.form).1).collect();
    let mut sole: Vec<u8> = records.iter().map(|record| level(record.form).0).collect();
    // A record that says less is caught by one that says more, and not the other way round.
    let is_same = |a: &Record, b: &Record, is_company: bool| {
        let shared = |a: Option<usize>, b: Option<usize>| a.is_some() && a == b;
        let named = a.name == b.name && (b.country == 0 || a.country == b.country);
        named || !is_company && shared(a.domain, b.domain) || shared(a.vat, b.vat)
    };
    loop {
        let before = sole.clone();
        for a in 0..records.len() {
            if sole[a] == 0 || sole[a] < company[a] {
                continue;
            }
            for b in 0..records.len() {
                if is_same(&records[a], &records[b], company[b] > 1) {
                    sole[b] = sole[b].max(sole[a]);
                }
            }
        }
        if before == sole {
            return (0..records.len()).map(|at| sole[at] > 0 && sole[at] >= company[at]).collect();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn in_any_world_who_is_left_out_has_no_byte_in_the_index(records in prop::collection::vec(record(), 1..12)) {
        let mut companies = "key,name,country,legal_form,domain,vat\n".to_owned();
        let mut networks = "network,company\n".to_owned();
        for (at, record) in records.iter().enumerate() {
            let domain = record.domain.map(|domain| format!("zon{domain}.example"));
            let vat = record.vat.map_or("", |vat| VATS[vat]);
            let (name, country) = (NAMES[record.name], COUNTRIES[record.country]);
            let form = FORMS[record.form];
            writeln!(companies, "{at},{name},{country},{form},{},{vat}", domain.unwrap_or_default()).unwrap();
            writeln!(networks, "21.0.{at}.0/24,{at}").unwrap();
        }
        let (index, _) = build("", &[(Format::Companies, &companies), (Format::Networks, &networks)]);
        let out = left_out(&records);
        let bytes = |text: &str| index.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()));
        let mut shown_texts = String::new();
        for (at, record) in records.iter().enumerate() {
            let expected = if out[at] { "withheld" } else { NAMES[record.name] };
            prop_assert_eq!(at_of(&index, at), expected, "{}: {:?}", at, records);
            if !out[at] {
                let vat = record.vat.map_or("", |vat| VATS[vat]);
                writeln!(shown_texts, "{} zon{:?}.example {vat}", NAMES[record.name], record.domain).unwrap();
            }
        }
        for (record, out) in records.iter().zip(out) {
            let vat = record.vat.map_or("", |vat| VATS[vat]);
            for text in [NAMES[record.name], vat] {
                if out && !text.is_empty() && !shown_texts.contains(text) {
                    prop_assert!(!bytes(text), "{text}");
                }
            }
        }
    }
}

fn at_of(index: &[u8], at: usize) -> String {
    self::at(index, &format!("21.0.{at}.1"))
}

#[test]
fn a_form_alone_decides_without_a_build_too() {
    let company = Company::new("Zonlicht").with(Field::LegalForm, "4QXM");
    assert_eq!(Policy::strict().judge(&company, None).reason, Some(Reason::SoleTrader));
}
