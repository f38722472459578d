//! Policy files, the operator's lists and the report, through a whole build.
#![cfg(feature = "build")]

use std::fs;
use std::path::PathBuf;

use firmtrie::builder::{Policy, Reason, Summary};
use firmtrie::{Builder, Company, Field, Format, Index, Source, Status};
use proptest::prelude::*;
use tempfile::TempDir;

const ROWS: &str = "network,name,kind,asn,date\n\
    21.0.0.0/8,Wide Works GmbH,,64500,2026-01-01\n\
    21.1.0.0/16,Example Telecom,,64501,2026-01-01\n\
    21.2.0.0/16,Narrow Works GmbH,,64502,2026-01-01\n\
    21.2.3.0/24,Lars Ewald,,64503,2026-01-01\n\
    21.3.0.0/16,Old Works GmbH,,64504,2025-01-01\n\
    10.1.0.0/16,Nobody Works GmbH,,64505,2026-01-01\n";

struct World {
    dir: TempDir,
    rows: PathBuf,
}

impl World {
    fn new(rows: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("rows.csv");
        fs::write(&path, rows).unwrap();
        Self { dir, rows: path }
    }

    fn policy(&self, text: &str) -> firmtrie::Result<Policy> {
        let path = self.dir.path().join("own.toml");
        fs::write(&path, text).unwrap();
        Policy::read(&path)
    }

    fn build(&self, policy: Policy) -> (Index, Summary) {
        let source = Source::new("rows", Format::Networks).path(&self.rows);
        let builder = Builder::new().as_of("2026-11-01".parse().unwrap());
        let (bytes, summary) = builder.policy(policy).source(source).build().unwrap();
        (Index::from_bytes(&bytes).unwrap(), summary)
    }
}

/// The company at an address, or why there is none.
fn at(index: &Index, address: &str) -> String {
    let address = address.parse().unwrap();
    match index.lookup(address).unwrap() {
        Some(hit) => hit.company().unwrap().name().to_owned(),
        None => index.classify(address).unwrap().status.as_str().to_owned(),
    }
}

#[test]
fn a_policy_file_says_what_is_different_from_a_preset() {
    let world = World::new(ROWS);
    let (index, summary) = world.build(Policy::strict());
    assert_eq!(at(&index, "21.1.0.1"), "non_business");
    assert_eq!(at(&index, "21.2.3.1"), "withheld");
    assert_eq!(at(&index, "21.3.0.1"), "Old Works GmbH");
    assert_eq!(summary.metadata.policy, "strict");

    let own =
        "[kinds]\nleave_out = []\n[persons]\nleave_out = false\n[retention]\nclaims = \"1 year\"\n";
    let (index, own) = world.build(world.policy(own).unwrap());
    assert_eq!(at(&index, "21.1.0.1"), "Example Telecom");
    assert_eq!(at(&index, "21.2.3.1"), "Lars Ewald");
    assert_eq!(at(&index, "21.3.0.1"), "withheld");
    assert_eq!(own.metadata.policy, "own");
    assert_ne!(own.metadata.policy_fingerprint, summary.metadata.policy_fingerprint);
    assert_eq!(world.policy("").unwrap().fingerprint(), Policy::strict().fingerprint());
    let patient = "[persons]\nthreshold = 1000\n[kinds]\nthreshold = 1000\n";
    let (index, _) = world.build(world.policy(patient).unwrap());
    assert_eq!(at(&index, "21.1.0.1"), "Example Telecom");
    assert_eq!(at(&index, "21.2.3.1"), "Lars Ewald");
}

#[test]
fn a_policy_says_which_partnerships_of_persons_are_left_out() {
    let world = World::new(ROWS);
    let left_out = |policy: &Policy, name: &str| {
        policy.judge(&Company::new(name), None).reason == Some(Reason::SoleTrader)
    };
    let names = ["Jansen en Zoon vof", "Zonlicht vof", "Weber & Partner", "Weber & Partner GmbH"];
    for (text, expected) in [
        ("", [true, false, true, false]),
        ("[persons]\npartnerships = \"all\"", [true, true, true, false]),
        ("[persons]\npartnerships = \"none\"", [false; 4]),
        ("preset = \"open\"\n[persons]\nleave_out = true", [true, false, true, false]),
    ] {
        let policy = world.policy(text).unwrap();
        assert_eq!(names.map(|name| left_out(&policy, name)), expected, "{text}");
    }
    let stated = Company::new("Jansen").with(Field::LegalForm, "62Y3");
    assert!(Policy::strict().judge(&stated, None).reason.is_some(), "a code says it too");
}

#[test]
fn the_operators_lists_come_before_the_evidence() {
    let world = World::new(ROWS);
    let lists = "[[always]]\ntreat_as = \"non_business\"\nasns = [64502]\nnetworks = [\"21.128.0.0/9\"]\n\
                 reason = \"guests\"\n\
                 [[always]]\ntreat_as = \"business\"\ncompanies = [\"example TELECOM\", \"Lars Ewald\"]\n\
                 reason = \"looked at\"\n";
    let (index, _) = world.build(world.policy(lists).unwrap());
    assert_eq!(at(&index, "21.1.0.1"), "Example Telecom");
    assert_eq!(at(&index, "21.2.0.1"), "non_business");
    assert_eq!(at(&index, "21.2.3.1"), "Lars Ewald");
    assert_eq!(at(&index, "21.127.0.1"), "Wide Works GmbH");
    assert_eq!(at(&index, "21.128.0.1"), "non_business");

    // A network's mask covers narrower claims, and nothing of special-purpose space.
    let masks = "[[always]]\ntreat_as = \"non_business\"\nnetworks = [\"21.2.0.0/16\", \"10.1.2.0/24\"]\n\
                 reason = \"guests\"\n";
    let (index, _) = world.build(world.policy(masks).unwrap());
    assert_eq!(at(&index, "21.2.3.1"), "non_business");
    assert_eq!(index.classify("10.1.2.3".parse().unwrap()).unwrap().status, Status::Unknown);

    // One that is business speaks for the claims inside it, and not for a person.
    let business =
        "[[always]]\ntreat_as = \"business\"\nnetworks = [\"21.0.0.0/14\"]\nreason = \"ours\"\n";
    let (index, _) = world.build(world.policy(business).unwrap());
    assert_eq!(at(&index, "21.1.0.1"), "Example Telecom");
    assert_eq!(at(&index, "21.2.3.1"), "withheld");
}

#[test]
fn what_is_wrong_in_a_policy_file_is_named_by_its_line() {
    let world = World::new(ROWS);
    for (text, said) in [
        ("preset = \"lax\"", "line 1: \"lax\" is no preset; expected strict or open"),
        ("\n[kinds]\nleave_out = [\"isp\", \"pigeons\"]", "line 3: \"pigeons\": is not one of"),
        ("[retention]\nclaims = \"soon\"", "line 2: \"soon\" is no length of time"),
        ("[persons]\nthreshold = 0", "line 2: 0 is no threshold"),
        ("[persons]\npartnerships = \"some\"", "line 2: \"some\" is no choice of partnerships"),
        ("[persons]\nleave_in = true", "line 2: unknown field `leave_in`"),
        ("[[always]]\ntreat_as = \"business\"\nasns = [1]", "missing field `reason`"),
        ("[[always]]\ntreat_as = \"good\"\nreason = \"x\"", "line 2: \"good\" is no treatment"),
        ("[[always]]\ntreat_as = \"business\"\nreason = \" \"", "line 3: say why"),
        (
            "[[always]]\ntreat_as = \"business\"\nreason = \"x\"\nnetworks = [\"21.0.0.1/8\"]",
            "line 4: \"21.0.0.1/8\"",
        ),
        (
            "[[always]]\ntreat_as = \"business\"\nreason = \"x\"\nasns = [5]\n\
             [[always]]\ntreat_as = \"non_business\"\nreason = \"x\"\nasns = [5]",
            "line 8: AS 5 is on the lists of business and of non-business",
        ),
    ] {
        let error = world.policy(text).unwrap_err();
        assert_eq!(error.kind(), "policy");
        let message = error.to_string();
        assert!(message.contains("own.toml: ") && message.contains(said), "{message}\n{said}");
    }
}

#[test]
fn the_report_counts_by_reason_and_names_nobody() {
    let world = World::new(ROWS);
    let (_, Summary { report, .. }) = world.build(Policy::strict());
    let [source] = &report.sources[..] else { panic!("{report:?}") };
    assert_eq!((source.claims, source.shown), (6, 3));
    let counts = |reason| {
        let out = &source.left_out[&reason];
        let lines: Vec<u32> = out.examples.iter().map(|example| example.line).collect();
        (out.claims, out.ipv4_addresses, lines)
    };
    assert_eq!(counts(Reason::NonBusiness), (1, 65_536, vec![3]));
    assert_eq!(counts(Reason::SoleTrader), (1, 256, vec![5]));
    assert_eq!(counts(Reason::SpecialPurpose), (1, 65_536, vec![7]));
    assert_eq!((report.companies, report.companies_in_index), (6, 3));
    let (json, table) = (serde_json::to_string(&report).unwrap(), report.to_string());
    for text in [json, table] {
        assert!(text.contains("sole_trader") && text.contains("rows.csv"), "{text}");
        for name in ["Ewald", "Telecom", "Works"] {
            assert!(!text.contains(name), "{text}");
        }
    }
}

#[test]
fn the_report_and_the_index_are_the_same_in_every_order_of_rows() {
    let (head, rows) = ROWS.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    let first = World::new(ROWS).build(Policy::strict());
    for _ in 0..rows.len() {
        rows.rotate_left(1);
        let world = World::new(&[&[head], rows.as_slice()].concat().join("\n"));
        let (index, summary) = world.build(Policy::strict());
        let shown = |summary: &Summary| summary.report.sources[0].shown;
        assert_eq!(shown(&summary), shown(&first.1));
        for network in first.0.networks() {
            let address = network.unwrap().prefix().network();
            let answer =
                |index: &Index| serde_json::to_value(index.describe(address).unwrap()).unwrap();
            assert_eq!(answer(&index), answer(&first.0));
        }
    }
}

const COMPANIES: &str = "key,name,country,industry\n\
    a,Alpha Works GmbH,DE,62.01\nb,Beta Union,DE,94.20\nc,Gamma Telecom,NL,61.10\n";
const NETWORKS: &str = "network,company\n21.0.0.0/16,a\n21.1.0.0/16,b\n21.2.0.0/16,c\n";
const CONTACTS: &str = "company,name,job_title,email,date\n\
    a,Jo Doe,Head of Sales,jo@alpha.example,2026-06-01\n\
    a,Ann Other,,,2026-05-01\n\
    a,Ann Other,,,2026-05-02\n\
    a,Long Gone,Clerk,gone@alpha.example,2025-06-01\n\
    a,At Home,Clerk,at.home@gmail.com,2026-06-01\n\
    b,In Union,Secretary,in@union.example,2026-06-01\n\
    c,Of Carrier,Clerk,of@gamma.example,2026-06-01\n";

fn with_contacts(policy: Policy, contacts: &str) -> (Vec<u8>, Summary) {
    let dir = TempDir::new().unwrap();
    let mut builder = Builder::new().policy(policy).as_of("2026-11-01".parse().unwrap());
    for (name, format, text) in [
        ("networks", Format::Networks, NETWORKS),
        ("companies", Format::Companies, COMPANIES),
        ("contacts", Format::Contacts, contacts),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        builder = builder.source(Source::new(name, format).path(&path));
    }
    builder.build().unwrap()
}

#[test]
fn contacts_are_in_the_index_only_where_the_policy_asks_and_only_those_it_may_hold() {
    let holds =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|at| at == text.as_bytes());
    let everybody = ["Jo Doe", "Ann Other", "Long Gone", "At Home", "In Union", "Of Carrier"];
    let (bytes, _) = with_contacts(Policy::strict(), CONTACTS);
    assert!(everybody.iter().all(|name| !holds(&bytes, name)));

    let asks = World::new("").policy("[contacts]\ninclude = true\n").unwrap();
    let (bytes, summary) = with_contacts(asks.clone(), CONTACTS);
    let index = Index::from_bytes(&bytes).unwrap();
    assert!(index.verify().is_empty());
    let hit = index.lookup("21.0.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    let contacts: Vec<_> = company.contacts().map(|of| (of.name, of.job_title, of.email)).collect();
    let jo = ("Jo Doe", Some("Head of Sales"), Some("jo@alpha.example"));
    assert_eq!(contacts, [("Ann Other", None, None), jo]);
    assert!(everybody[2..].iter().all(|name| !holds(&bytes, name)));
    let report = &summary.report.sources[1];
    assert_eq!((report.name.as_str(), report.contacts, report.contacts_taken), ("contacts", 7, 4));

    let (head, rows) = CONTACTS.split_once('\n').unwrap();
    let turned: Vec<&str> = rows.lines().rev().collect();
    assert!(with_contacts(asks, &format!("{head}\n{}\n", turned.join("\n"))).0 == bytes);
}

#[test]
fn a_contact_that_two_sources_have_is_of_the_one_that_is_believed() {
    let dir = TempDir::new().unwrap();
    let asks = World::new("").policy("[contacts]\ninclude = true\n").unwrap();
    let mut builder = Builder::new().policy(asks).as_of("2026-11-01".parse().unwrap());
    let contacts = "company,name\na,Ann Other\n";
    for (name, format, text, priority) in [
        ("networks", Format::Networks, NETWORKS, 0),
        ("companies", Format::Companies, COMPANIES, 0),
        ("a low", Format::Contacts, contacts, 0),
        ("z high", Format::Contacts, contacts, 9),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        builder = builder.source(Source::new(name, format).priority(priority).path(&path));
    }
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    let hit = index.lookup("21.0.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    let mut said = company.facts().zip(company.fact_sources());
    let (_, source) = said.find(|((field, _), _)| *field == Field::Contact).unwrap();
    assert_eq!(index.info().unwrap().sources[source].name, "z high");
}

#[test]
fn a_description_speaks_for_the_use_of_its_network_and_not_for_its_holder() {
    let world = World::new(
        "network,name,kind,description\n\
         21.0.0.0/16,Wide Works GmbH,,office\n\
         21.0.1.0/24,Wide Works GmbH,,Dynamic pool of DSL customers\n\
         21.0.2.0/24,Wide Works GmbH,business,Dynamic pool\n",
    );
    let (index, _) = world.build(Policy::strict());
    assert_eq!(at(&index, "21.0.0.1"), "Wide Works GmbH");
    assert_eq!(at(&index, "21.0.1.1"), "non_business");
    assert_eq!(at(&index, "21.0.2.1"), "Wide Works GmbH");
}

proptest! {
    #[test]
    fn any_name_and_form_is_judged(
        name in "[ -~àéñüßøŁÇа-яІїＡ北\u{ad}]{0,40}|\\PC{0,30}|[$^* .&-]{0,12}",
        form in "\\PC{0,12}|[A-Z0-9]{4}",
        addresses in proptest::option::of(any::<u64>()),
    ) {
        let company = Company::new(name).with(Field::LegalForm, form);
        let verdict = Policy::strict().judge(&company, addresses);
        prop_assert_eq!(&verdict, &Policy::strict().judge(&company, addresses));
        // What is shown is not weighed as a person, and what is a person is not shown.
        let person = verdict.evidence.iter().filter(|of| of.of == "person").map(|of| of.points);
        prop_assert_eq!(person.sum::<i32>() >= 50, verdict.reason == Some(Reason::SoleTrader));
        prop_assert!(Policy::open().judge(&company, addresses).reason.is_none());
    }
}
