//! Why an address is answered as it is: the claims around it, in the order in which they rank, and what was
//! weighed of each.

#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::fs;
use std::net::IpAddr;

use firmtrie::builder::{Behind, Evidence, ExplainedClaim, Policy, Reason};
use firmtrie::{Builder, Format, Index, Source, Status};
use proptest::prelude::*;

/// Sources of a format and a priority each.
fn builder(dir: &tempfile::TempDir, sources: &[(&str, Format, i32, &str)]) -> Builder {
    let mut builder = Builder::new().as_of("2026-11-01".parse().unwrap());
    for (name, format, priority, text) in sources {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let source = Source::new(*name, *format).path(path).basis("test").priority(*priority);
        builder = builder.source(source);
    }
    builder
}

fn explain(builder: &Builder, address: &str) -> (Index, Vec<ExplainedClaim>) {
    let (bytes, claims) = builder.explain(address.parse().unwrap()).unwrap();
    let index = Index::from_bytes(&bytes).unwrap();
    // The answer is that of the claim which is said to decide.
    let answer = index.describe(address.parse().unwrap()).unwrap();
    match (&answer.company, &claims[..]) {
        (Some(company), [first, ..]) => {
            assert_eq!(
                (company.name, first.left_out),
                (first.company.as_str(), None),
                "{claims:#?}"
            );
        }
        (None, [first, ..]) => assert!(first.left_out.is_some(), "{address}: {claims:#?}"),
        (None, []) => {}
        (Some(_), []) => panic!("{address} is answered of no claim"),
    }
    (index, claims)
}

fn standing(claims: &[ExplainedClaim]) -> Vec<(&str, Option<Behind>, bool)> {
    claims.iter().map(|of| (of.company.as_str(), of.behind, of.agrees)).collect()
}

fn signs(evidence: &[Evidence]) -> Vec<(&str, &str, i32)> {
    evidence.iter().map(|of| (of.of, of.sign, of.points)).collect()
}

#[test]
fn every_claim_says_why_it_stands_behind_the_one_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let low = "network,name,date\n21.0.0.0/24,Zonlicht Works B.V.,2026-10-01\n\
        21.0.0.0/24,Maanlicht Works B.V.,2026-09-01\n21.0.0.0/24,Dauwlicht Works B.V.,2019-01-01\n\
        21.0.0.0/16,Avondlicht Works B.V.,2026-10-01\n";
    let high = "network,name,date\n21.0.0.0/24,Zonlicht Works B.V.,2026-01-01\n";
    let sources = [("low", Format::Networks, 0, low), ("high", Format::Networks, 10, high)];
    let (_, claims) = explain(&builder(&dir, &sources), "21.0.0.9");
    assert_eq!(
        standing(&claims),
        [
            ("Zonlicht Works B.V.", None, false),
            ("Zonlicht Works B.V.", Some(Behind::Priority), true),
            ("Maanlicht Works B.V.", Some(Behind::Older), false),
            ("Dauwlicht Works B.V.", Some(Behind::Expired), false),
            ("Avondlicht Works B.V.", Some(Behind::Wider), false),
        ]
    );
    assert_eq!(claims[0].source, "high");
    assert_eq!(claims[3].left_out, Some(Reason::Expired));
    let ranges = "start,end,name,date\n21.1.0.0,21.1.0.9,Zonlicht Works B.V.,2026-10-01\n\
        21.1.0.1,21.1.0.10,Maanlicht Works B.V.,2026-10-01\n";
    let (_, claims) = explain(&builder(&dir, &[("r", Format::Networks, 0, ranges)]), "21.1.0.5");
    assert_eq!(claims[1].behind, Some(Behind::StartsHigher));
}

#[test]
fn a_claim_says_all_that_was_weighed_of_it_at_the_address() {
    let dir = tempfile::tempdir().unwrap();
    let routes = "21.0.0.0,21.0.63.255,64500,Zonlicht Media B.V.\n";
    let uses = "network,kind,confidence\n21.0.0.0/24,hosting,0.9\n";
    let kinds = "asn,kind,weight\n64500,isp,0.25\n";
    let delegated = "2|ripencc|20261101|1|19830705|20261101|+0200\n\
        ripencc|NL|ipv4|21.0.0.0|16384|20100101|allocated|one\n";
    let feed = "21.0.0.0/18,NL,,,\n";
    let sources = [
        ("routes", Format::AsnCsv, 0, routes),
        ("uses", Format::Networks, 0, uses),
        ("kinds", Format::AsnKinds, 0, kinds),
        ("nro", Format::Delegated, -100, delegated),
        ("feed", Format::Geofeed, 0, feed),
    ];
    let builder = builder(&dir, &sources);
    let (index, claims) = explain(&builder, "21.0.0.9");
    let evidence = signs(&claims[0].evidence);
    for of in [
        ("isp", "words", 20),
        ("isp", "addresses_to_pass_on", 50),
        ("isp", "located_addresses", 30),
        ("isp", "use_of_asn", 25),
        ("hosting", "use", 90),
    ] {
        assert!(evidence.contains(&of), "{of:?}: {evidence:?}");
    }
    assert_eq!(claims[0].left_out, Some(Reason::NonBusiness));
    // What is said of a part of the range is weighed only there.
    let (_, claims) = explain(&builder, "21.0.1.9");
    assert!(!signs(&claims[0].evidence).iter().any(|(.., sign)| *sign == 90));
    let address: IpAddr = "21.0.1.9".parse().unwrap();
    assert_eq!(index.describe(address).unwrap().status, Status::NonBusiness);
}

#[test]
fn a_public_list_and_the_operators_own_are_evidence_with_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let networks = "network,name\n52.95.0.0/16,Zonlicht Works B.V.\n";
    let sources = [("networks", Format::Networks, 0, networks)];
    let policy = dir.path().join("policy.toml");
    fs::write(
        &policy,
        "[[always]]\ntreat_as = \"non_business\"\nnetworks = [\"21.0.0.0/24\"]\nasns = [64500]\n\
        reason = \"guests\"\n",
    )
    .unwrap();
    let with_policy = |sources| builder(&dir, sources).policy(Policy::read(&policy).unwrap());
    let (_, claims) = explain(&with_policy(&sources), "52.95.110.1");
    let list = claims[0].evidence.iter().find(|of| of.sign == "listed_network").unwrap();
    assert_eq!((list.of, list.found.as_str(), list.points), ("hosting", "ipranges/amazon", 100));
    assert_eq!(claims[0].left_out, Some(Reason::NonBusiness));

    let networks = "network,name,asn\n21.0.0.0/16,Zonlicht Works B.V.,64500\n\
        21.0.0.0/28,Maanlicht Works B.V.,64501\n";
    let sources = [("networks", Format::Networks, 0, networks)];
    let (index, claims) = explain(&with_policy(&sources), "21.0.0.9");
    let found = |claim: &ExplainedClaim| {
        let listed = claim.evidence.iter().filter(|of| of.sign == "list");
        listed.map(|of| of.found.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(&claims[0]), ["21.0.0.0/24"]);
    assert_eq!(found(&claims[1]), ["21.0.0.0/24", "AS 64500"]);
    assert!(claims.iter().all(|claim| claim.left_out == Some(Reason::NonBusiness)));
    assert_eq!(index.describe("21.0.0.9".parse().unwrap()).unwrap().status, Status::NonBusiness);
}

#[test]
fn who_is_a_person_by_another_row_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let companies = "key,name,country,legal_form\na,Zonlicht Advies,NL,eenmanszaak\n";
    let networks =
        "network,company,name,country\n21.0.0.0/24,a,,\n21.1.0.0/24,,Zonlicht Advies,NL\n";
    let sources = [
        ("companies", Format::Companies, 0, companies),
        ("networks", Format::Networks, 0, networks),
    ];
    let (_, claims) = explain(&builder(&dir, &sources), "21.1.0.9");
    assert_eq!(claims[0].left_out, Some(Reason::SoleTrader));
    assert!(signs(&claims[0].evidence).contains(&("person", "elsewhere", 100)));
}

/// The claims of a block, of a customer's assignment in it, and of a pool in that.
const NESTED: &str = "inetnum: 21.0.0.0 - 21.0.63.255\ndescr: Zonlicht Broadband B.V.\n\
    status: ALLOCATED PA\nsource: RIPE\n\n\
    inetnum: 21.0.4.0 - 21.0.4.255\ndescr: Maanlicht Works B.V.\nstatus: ASSIGNED PA\nsource: RIPE\n\n\
    inetnum: 21.0.4.64 - 21.0.4.127\nnetname: MAANLICHT-DHCP\ndescr: DHCP pool of guests\n\
    status: ASSIGNED PA\nsource: RIPE\n";

#[test]
fn the_part_of_a_range_is_its_customers_and_the_rest_its_providers() {
    let dir = tempfile::tempdir().unwrap();
    let crm = "network,name,confidence\n21.0.4.0/24,Maanlicht Works B.V.,0.6\n21.0.4.0/25,Maanlicht Works B.V.,0.5\n";
    let other = "network,name,confidence\n21.0.4.0/24,Maanlicht Works B.V.,0.5\n";
    let sources = [
        ("ripe", Format::Rpsl, 0, NESTED),
        ("crm", Format::Networks, 0, crm),
        ("other", Format::Networks, 0, other),
    ];
    let builder = builder(&dir, &sources);
    let (index, claims) = explain(&builder, "21.0.4.200");
    // The sources that agree on the customer's range are named; confidences are those of witnesses:
    // 1 - (1 - 0.6) * (1 - 0.5).
    let answer = index.describe("21.0.4.200".parse().unwrap()).unwrap();
    assert_eq!(answer.network.to_string(), "21.0.4.128/25");
    assert_eq!(answer.company.as_ref().unwrap().name, "Maanlicht Works B.V.");
    let mut named: Vec<_> = claims.iter().filter(|of| of.behind.is_none() || of.agrees).collect();
    named.sort_by(|a, b| a.source.cmp(&b.source));
    let named: Vec<_> = named.iter().map(|of| of.source.as_str()).collect();
    assert_eq!(answer.sources, named);
    assert_eq!(claims.last().unwrap().company, "Zonlicht Broadband B.V.");
    assert_eq!(claims.last().unwrap().behind, Some(Behind::Wider));

    assert_eq!(answer.confidence, Some(0.8));

    // The pool hides the customer, and the customer the provider, which is not shown anywhere.
    let status = |address: &str| index.describe(address.parse().unwrap()).unwrap().status;
    assert_eq!(status("21.0.4.1"), Status::Company);
    assert_eq!(status("21.0.5.1"), Status::NonBusiness);
    let (_, pool) = explain(&builder, "21.0.4.100");
    assert_eq!(
        (pool[0].range.as_str(), status("21.0.4.100")),
        ("21.0.4.64/26", Status::NonBusiness)
    );
    assert!(pool[1..].iter().all(|claim| claim.behind.is_some()));
}

#[test]
fn what_agrees_speaks_for_the_claim_that_decides() {
    let dir = tempfile::tempdir().unwrap();
    let best = "start,end,name\n21.0.4.0,21.0.4.255,Zonlicht Works GmbH\n9.255.0.0,11.0.0.255,Maanlicht Works GmbH\n";
    let agrees = "network,name,kind\n21.0.4.0/24,Zonlicht Works GmbH,isp\n";
    let sources = [("best", Format::Networks, 10, best), ("agrees", Format::Networks, 0, agrees)];
    let builder = builder(&dir, &sources);
    let (_, claims) = explain(&builder, "21.0.4.1");
    assert_eq!(claims[0].left_out, Some(Reason::NonBusiness));
    assert!(signs(&claims[0].evidence).contains(&("isp", "said", 100)));
    // Only some of its addresses are of a special purpose.
    let (_, claims) = explain(&builder, "10.0.0.1");
    assert_eq!(claims[0].left_out, Some(Reason::SpecialPurpose));
    assert_eq!(explain(&builder, "11.0.0.1").1[0].left_out, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_claim_that_is_told_first_is_the_answer(
        claims in prop::collection::vec(
            (0..2_usize, 0..200_u8, 0..60_u8, 0..4_usize, 0..4_usize, 0..3_usize), 1..12,
        ),
        listed in 0..3_u8,
    ) {
        const NAMES: [&str; 4] = ["Zonlicht Works B.V.", "Jan Jansen", "Zonlicht Broadband", "Maan B.V."];
        const KINDS: [&str; 4] = ["", "business", "isp", "hosting"];
        const DATES: [&str; 3] = ["", "2026-10-01", "2019-01-01"];
        let mut rows = ["start,end,name,kind,date\n".to_owned(), "start,end,name,kind,date\n".to_owned()];
        for (source, first, more, name, kind, date) in claims {
            let (name, kind, date) = (NAMES[name], KINDS[kind], DATES[date]);
            let last = first.saturating_add(more);
            writeln!(rows[source], "21.0.0.{first},21.0.0.{last},{name},{kind},{date}").unwrap();
        }
        let dir = tempfile::tempdir().unwrap();
        let [low, high] = &rows;
        let unclaimed = "start,end,name\n21.9.0.0,21.9.0.9,Sterlicht B.V.\n";
        let uses = "network,kind,confidence\n21.0.0.64/27,hosting,0.9\n";
        let mut sources = vec![("first", Format::Networks, 0, unclaimed), ("uses", Format::Networks, 0, uses)];
        for (name, priority, text) in [("low", 0, low), ("high", 5, high)] {
            if text.lines().count() > 1 {
                sources.push((name, Format::Networks, priority, text));
            }
        }
        let mut builder = builder(&dir, &sources);
        if listed > 0 {
            let policy = dir.path().join("policy.toml");
            let treat_as = ["business", "non_business"][usize::from(listed - 1)];
            fs::write(&policy, format!(
                "[[always]]\ntreat_as = \"{treat_as}\"\nnetworks = [\"21.0.0.32/27\"]\nreason = \"test\"\n"
            )).unwrap();
            builder = builder.policy(Policy::read(&policy).unwrap());
        }
        for last in (0..=255).step_by(17) {
            explain(&builder, &format!("21.0.0.{last}"));
        }
    }
}
