//! What sources say of the use of space, and name nobody: weighed with what is known of whoever has it.
#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::fs;

use firmtrie::builder::{Policy, Summary};
use firmtrie::{Builder, Format, Index, Kind, Source, Status};
use proptest::prelude::*;

type File<'a> = (Format, &'a str);

fn try_build(files: &[File]) -> firmtrie::Result<(Index, Summary)> {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new().as_of("2026-11-01".parse().unwrap());
    for (number, (format, text)) in files.iter().enumerate() {
        let path = dir.path().join(format!("{number}.csv"));
        fs::write(&path, text).unwrap();
        let source = Source::new(number.to_string(), *format).path(path).basis("test");
        builder = builder.source(source);
    }
    let (bytes, summary) = builder.policy(Policy::strict().listed_kinds(false)).build()?;
    Ok((Index::from_bytes(&bytes).unwrap(), summary))
}

fn build(files: &[File]) -> Index {
    try_build(files).unwrap().0
}

/// The company at an address, or its status; and its kind, if that is told.
fn at(index: &Index, address: &str) -> (String, Option<Kind>) {
    let address = address.parse().unwrap();
    let class = index.classify(address).unwrap();
    match index.lookup(address).unwrap() {
        Some(hit) => (hit.company().unwrap().name().to_owned(), class.kind),
        None => (class.status.as_str().to_owned(), class.kind),
    }
}

fn is(name: &str, kind: Kind) -> (String, Option<Kind>) {
    (name.to_owned(), Some(kind))
}

const COMPANIES: &str = "network,name,asn\n\
    21.0.0.0/16,Zonlicht Works B.V.,64500\n\
    21.0.5.0/24,Maanlicht Works B.V.,64501\n\
    2a00:1::/32,Zonlicht Works B.V.,64500\n";

#[test]
fn a_range_of_a_kind_is_one_whoever_has_it() {
    let uses = "network,kind\n21.0.4.0/23,hosting\n21.1.0.0/16,isp\n21.2.0.0/16,education\n2a00:1:2::/48,mobile\n";
    let index = build(&[(Format::Networks, COMPANIES), (Format::Networks, uses)]);
    assert_eq!(at(&index, "21.0.0.1"), is("Zonlicht Works B.V.", Kind::Unknown));
    assert_eq!(at(&index, "21.0.4.1"), is("non_business", Kind::Hosting));
    assert_eq!(
        at(&index, "21.0.5.1"),
        is("non_business", Kind::Hosting),
        "a narrower claim inside"
    );
    assert_eq!(at(&index, "21.0.6.1"), is("Zonlicht Works B.V.", Kind::Unknown));
    assert_eq!(at(&index, "2a00:1:2::1"), is("non_business", Kind::Mobile));
    assert_eq!(at(&index, "2a00:1:3::1"), is("Zonlicht Works B.V.", Kind::Unknown));
    // What nobody claims is known by its use where that is left out, and by nothing else.
    assert_eq!(at(&index, "21.1.0.1"), is("non_business", Kind::Isp));
    assert_eq!(at(&index, "21.2.0.1").0, "unknown");
    let network = index.classify("21.0.4.1".parse().unwrap()).unwrap().network;
    assert_eq!(network, "21.0.4.0/24".parse().unwrap(), "of another autonomous system");
}

#[test]
fn a_kind_that_is_shown_is_told_with_the_company() {
    let uses = "network,kind\n21.0.5.0/24,education\n";
    let index = build(&[(Format::Networks, COMPANIES), (Format::Networks, uses)]);
    assert_eq!(at(&index, "21.0.5.1"), is("Maanlicht Works B.V.", Kind::Education));
}

#[test]
fn the_most_specific_range_speaks() {
    let uses = "network,kind\n21.0.0.0/16,hosting\n21.0.128.0/17,business\n";
    let index = build(&[(Format::Networks, COMPANIES), (Format::Networks, uses)]);
    assert_eq!(at(&index, "21.0.0.1"), is("non_business", Kind::Hosting));
    assert_eq!(at(&index, "21.0.200.1"), is("Zonlicht Works B.V.", Kind::Business));
}

#[test]
fn an_autonomous_system_of_a_kind_is_one_for_all_claims_that_it_announces() {
    let kinds = "asn,kind,weight,source\n64500,hosting,,list\n64501,education,0.9,list\n";
    let index = build(&[(Format::Networks, COMPANIES), (Format::AsnKinds, kinds)]);
    assert_eq!(at(&index, "21.0.0.1"), is("non_business", Kind::Hosting));
    assert_eq!(at(&index, "2a00:1::1"), is("non_business", Kind::Hosting));
    assert_eq!(at(&index, "21.0.5.1"), is("Maanlicht Works B.V.", Kind::Education));
}

#[test]
fn weights_add_up_over_lists_and_not_over_rows_of_one() {
    for (kinds, expected) in [
        ("64500,hosting,0.3,a\n", "Zonlicht Works B.V."),
        ("64500,hosting,0.3,a\n64500,hosting,0.3,a\n", "Zonlicht Works B.V."),
        ("64500,hosting,0.3,a\n64500,hosting,0.3,b\n", "non_business"),
        ("64500,hosting,0.6,a\n64500,business,0.9,b\n", "Zonlicht Works B.V."),
        ("64500,hosting,0.3,\n64500,hosting,0.2,\n", "Zonlicht Works B.V."),
    ] {
        let kinds = format!("asn,kind,weight,source\n{kinds}");
        let index = build(&[(Format::Networks, COMPANIES), (Format::AsnKinds, &kinds)]);
        assert_eq!(at(&index, "21.0.0.1").0, expected, "{kinds}");
    }
}

#[test]
fn evidence_is_weighed_with_the_name() {
    let names = "network,name\n21.0.0.0/16,Example Bank AG\n21.1.0.0/16,Example Telecom AG\n";
    let uses = "network,kind,confidence\n21.0.0.0/16,hosting,0.2\n21.1.0.0/16,business,1\n";
    let index = build(&[(Format::Networks, names), (Format::Networks, uses)]);
    assert_eq!(at(&index, "21.0.0.1"), is("Example Bank AG", Kind::Business));
    assert_eq!(at(&index, "21.1.0.1"), is("non_business", Kind::Isp), "in doubt");
    let files = [(Format::Networks, names), (Format::Networks, uses), (Format::Networks, uses)];
    assert_eq!(at(&build(&files), "21.1.0.1"), is("Example Telecom AG", Kind::Business));
}

#[test]
fn a_use_makes_nobody_of_a_sole_trader() {
    let names = "network,name\n21.0.4.0/23,Lars Ewald\n";
    let uses = "network,kind\n21.0.4.0/25,business\n21.0.5.0/24,education\n";
    let index = build(&[(Format::Networks, names), (Format::Networks, uses)]);
    for address in ["21.0.4.1", "21.0.5.1"] {
        assert_eq!(at(&index, address), ("withheld".to_owned(), None), "{address}");
    }
}

#[test]
fn what_is_too_old_says_nothing_and_the_report_counts_what_was_said() {
    let uses = "network,kind,date\n21.0.0.0/16,hosting,2020-01-01\n";
    let files = [(Format::Networks, COMPANIES), (Format::Networks, uses)];
    let (index, summary) = try_build(&files).unwrap();
    assert_eq!(at(&index, "21.0.0.1").0, "Zonlicht Works B.V.");
    assert_eq!([summary.report.sources[0].uses, summary.report.sources[1].uses], [0, 1]);
    assert_eq!(summary.report.sources[1].claims, 0);
}

#[test]
fn rows_that_say_nothing_are_refused_by_their_line() {
    for (format, text, expected) in [
        (Format::Networks, "network,name,kind\n21.0.0.0/16,,\n", ":2: names neither a company"),
        (Format::Networks, "network,kind\n21.0.0.0/16,unknown\n", ":2: names neither a company"),
        (Format::Networks, "network,kind\n21.0.0.0/16,pigeons\n", ":2: column kind"),
        (Format::Networks, "network,kind,date\n21.0.0.0/16,isp,2027-01-01\n", ":2: column date"),
        (Format::AsnKinds, "asn,kind\n0,isp\n", ":2: column asn"),
        (Format::AsnKinds, "asn,kind\n64500,\n", ":2: column kind"),
        (Format::AsnKinds, "asn,kind\n64500,unknown\n", ":2: column kind"),
        (Format::AsnKinds, "asn,kind,weight\n64500,isp,2\n", ":2: column weight"),
        (Format::AsnKinds, "asn,name\n64500,isp\n", "expected columns asn and kind"),
    ] {
        let error =
            try_build(&[(Format::Networks, COMPANIES), (format, text)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let dir = tempfile::tempdir().unwrap();
    let detect = |text: &str| {
        let path = dir.path().join("x");
        fs::write(&path, text).unwrap();
        Format::detect(&path).ok()
    };
    assert_eq!(detect("asn,kind\n1,isp\n"), Some(Format::AsnKinds));
    assert_eq!(detect("network,kind\n21.0.0.0/8,isp\n"), Some(Format::Networks));
    assert_eq!(detect("network,asn,kind\n21.0.0.0/8,1,isp\n"), Some(Format::Networks));
}

/// A claim of a company or, without a name, of a use, on addresses of a small space.
#[derive(Debug, Clone)]
struct Row {
    first: u8,
    last: u8,
    name: Option<usize>,
    kind: Kind,
}

const NAMES: [&str; 3] = ["Zonlicht Works B.V.", "Maanlicht Works B.V.", "Sterren Works B.V."];

fn row() -> impl Strategy<Value = Row> {
    let kinds =
        prop::sample::select(vec![Kind::Hosting, Kind::Isp, Kind::Education, Kind::Business]);
    (any::<u8>(), any::<u8>(), prop::option::of(0..3_usize), kinds)
        .prop_map(|(a, b, name, kind)| Row { first: a.min(b), last: a.max(b), name, kind })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_address_is_answered_as_by_asking_all_rows(rows in prop::collection::vec(row(), 1..12)) {
        let mut companies = "start,end,name\n9.9.9.9,9.9.9.9,Far Works B.V.\n".to_owned();
        let mut uses = "start,end,kind\n9.9.8.9,9.9.8.9,education\n".to_owned();
        for Row { first, last, name, kind } in &rows {
            match name {
                Some(name) => {
                    writeln!(companies, "21.0.0.{first},21.0.0.{last},{}", NAMES[*name]).unwrap();
                }
                None => writeln!(uses, "21.0.0.{first},21.0.0.{last},{kind}").unwrap(),
            }
        }
        let index = build(&[(Format::Networks, &companies), (Format::Networks, &uses)]);
        for address in 0..=255_u8 {
            let here = |row: &&Row| row.first <= address && address <= row.last;
            let company = rows.iter().filter(here).filter(|row| row.name.is_some());
            let company = company.min_by_key(|row| (row.last - row.first, row.first, NAMES[row.name.unwrap()]));
            let said: Vec<_> = rows.iter().filter(here).filter(|row| row.name.is_none()).collect();
            let smallest = said.iter().map(|row| (row.last - row.first, row.first)).min();
            let said = said.iter().filter(|row| Some((row.last - row.first, row.first)) == smallest);
            // Of two kinds with as many points the one that is left out.
            let order = [Kind::Business, Kind::Education, Kind::Hosting, Kind::Isp];
            let kind = said.map(|row| row.kind).max_by_key(|kind| order.iter().position(|of| of == kind));
            let expected = match (company, kind) {
                (_, Some(kind @ (Kind::Hosting | Kind::Isp))) => is("non_business", kind),
                (Some(company), kind) => is(NAMES[company.name.unwrap()], kind.unwrap_or_default()),
                (None, _) => ("unknown".to_owned(), None),
            };
            prop_assert_eq!(at(&index, &format!("21.0.0.{address}")), expected, "{}", address);
        }
    }
}

#[test]
fn a_status_is_told_for_every_use() {
    let index = build(&[
        (Format::Networks, COMPANIES),
        (Format::Networks, "network,kind\n21.3.0.0/16,consumer\n"),
    ]);
    assert_eq!(index.classify("21.3.0.1".parse().unwrap()).unwrap().status, Status::NonBusiness);
}

/// The first network that a public list names.
fn listed_network() -> String {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/src/policy/tables/listed_networks.csv");
    let table = fs::read_to_string(table).unwrap();
    table.lines().nth(1).unwrap().split(',').next().unwrap().to_owned()
}

#[test]
fn public_lists_speak_of_what_is_claimed_and_claim_nothing() {
    let network = listed_network();
    let inside: std::net::Ipv4Addr = network.split('/').next().unwrap().parse().unwrap();
    // No network before the first is listed.
    let beside = std::net::Ipv4Addr::from_bits(inside.to_bits() - 1);
    let wide = format!("{}.0.0.0/8", inside.octets()[0]);
    let status = |rows: &str, policy: Policy| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("network,name,asn\n{rows}")).unwrap();
        let source = Source::new("names", Format::Networks).path(file.path()).basis("test");
        let builder = Builder::new().policy(policy).as_of("2026-11-01".parse().unwrap());
        let index = Index::from_bytes(&builder.source(source).build().unwrap().0).unwrap();
        let of = |address: std::net::Ipv4Addr| index.classify(address.into()).unwrap().status;
        (of(inside), of(beside))
    };
    let rows = format!("{wide},Zonlicht Works B.V.,\n");
    let (company, nobody) = (Status::Company, Status::Unknown);
    let strict = Policy::strict;
    assert_eq!(status(&rows, strict()), (Status::NonBusiness, company));
    assert_eq!(status(&rows, strict().listed_kinds(false)), (company, company));
    assert_eq!(status("26.0.0.0/8,Zonlicht Works B.V.,\n", strict()), (nobody, nobody));
    // Of Amazon's system by its number, whatever it is called.
    let rows = format!("{wide},Zonlicht Works B.V.,16509\n");
    assert_eq!(status(&rows, strict()).1, Status::NonBusiness);
    assert_eq!(status(&rows, strict().listed_kinds(false)).1, company);
}
