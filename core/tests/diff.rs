//! What differs between two indexes, beside a look at every address of both.
#![cfg(feature = "build")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firmtrie::diff::{Change, Diff};
use firmtrie::{Builder, Format, Index, Snapshot, Source};
use proptest::prelude::*;

/// A claim: which of 64 addresses it begins with, how many it has, of which family; whose it is.
type Claim = (u8, u8, bool, u8);

/// Names, of which two are one company's under its VAT number; a use; a system.
const ROWS: [&str; 6] = [
    "Alpha B.V.,NL,,business,64500",
    "Beta GmbH,DE,DE136695976,business,64501",
    "Beta Holding GmbH,DE,DE136695976,business,64501",
    "Alpha B.V.,NL,,business,64502",
    "Alpha B.V.,BE,,business,64500",
    ",,,isp,64503",
];

fn address(six: bool, at: u8) -> IpAddr {
    if six {
        Ipv6Addr::from_bits(0x2600 << 112 | u128::from(at)).into()
    } else {
        Ipv4Addr::new(1, 0, 0, at).into()
    }
}

fn snapshot(dir: &tempfile::TempDir, name: &str, claims: &[Claim]) -> Snapshot {
    let mut networks = "start,end,company,kind,asn\n".to_owned();
    let mut companies = "key,name,country,vat\n".to_owned();
    for (key, row) in ROWS.iter().enumerate() {
        let cells: Vec<_> = row.split(',').collect();
        if !cells[0].is_empty() {
            writeln!(companies, "{key},{},{},{}", cells[0], cells[1], cells[2]).unwrap();
        }
    }
    for (first, more, six, whose) in claims {
        let whose = usize::from(*whose) % ROWS.len();
        let cells: Vec<_> = ROWS[whose].split(',').collect();
        let key = if cells[0].is_empty() { String::new() } else { whose.to_string() };
        let (first, last) = (first % 64, first % 64 + more % 16);
        writeln!(
            networks,
            "{},{},{key},{},{}",
            address(*six, first),
            address(*six, last),
            cells[3],
            cells[4]
        )
        .unwrap();
    }
    let path = |file: &str| dir.path().join(format!("{name}-{file}"));
    fs::write(path("networks.csv"), networks).unwrap();
    fs::write(path("companies.csv"), companies).unwrap();
    let source = |file: &str, format| Source::new(file, format).path(path(file)).basis("test");
    let builder = Builder::new().source(source("networks.csv", Format::Networks));
    builder.source(source("companies.csv", Format::Companies)).write(path("index.firm")).unwrap();
    Snapshot::new(Index::open(path("index.firm")).unwrap())
}

/// What a change is of one address, by what both indexes say.
fn plain(old: &Snapshot, new: &Snapshot, address: IpAddr) -> Option<&'static str> {
    let who = |of: &Snapshot| {
        let hit = of.lookup(address).unwrap();
        let company = hit.map(|hit| hit.company().unwrap());
        company
            .map(|of| (of.name().to_owned(), of.get(firmtrie::Field::Country).map(str::to_owned)))
    };
    let class = |of: &Snapshot| {
        of.classify(address).map(|class| (class.status, class.kind, class.asn)).unwrap()
    };
    let (a, b, was, is) = (who(old), who(new), class(old), class(new));
    let beta =
        |of: &Option<(String, _)>| of.as_ref().is_some_and(|(name, _)| name.starts_with("Beta"));
    match (&a, &b) {
        (None, Some(_)) => Some("came"),
        (Some(_), None) => Some("went"),
        (Some(x), Some(y)) if x != y && !(beta(&a) && beta(&b)) => Some("changed_hands"),
        (Some(x), Some(y)) if x != y => Some("renamed"),
        (None, None) if was.0 != is.0 => Some("status"),
        _ => (was != is).then_some("details"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_address_is_in_the_change_that_a_plain_comparison_finds(
        old in prop::collection::vec(any::<Claim>(), 1..12),
        new in prop::collection::vec(any::<Claim>(), 1..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (snapshot(&dir, "old", &old), snapshot(&dir, "new", &new));
        let diff = Diff::new(&old, &new).unwrap();
        let changes: Vec<_> = diff.networks().map(Result::unwrap).collect();
        for six in [false, true] {
            for at in 0..100 {
                let address = address(six, at);
                let found: Vec<_> = changes.iter().filter(|of| of.range.contains(address)).collect();
                let expected = plain(&old, &new, address);
                prop_assert_eq!(found.iter().map(|of| of.change.as_str()).collect::<Vec<_>>(),
                    expected.into_iter().collect::<Vec<_>>(), "{}", address);
            }
        }
        // In order, and none goes on where another of its pair ended.
        prop_assert!(changes.windows(2).all(|pair| pair[0].range < pair[1].range));
        // The other way round, who came went.
        let back = Diff::new(&new, &old).unwrap();
        let count = |diff: &Diff<'_>| {
            let mut counts = BTreeMap::new();
            for change in diff.networks().map(Result::unwrap) {
                *counts.entry(change.change).or_insert(0) += change.range.size_minus_one() + 1;
            }
            counts
        };
        let (there, back) = (count(&diff), count(&back));
        prop_assert_eq!(there.get(&Change::Came), back.get(&Change::Went));
        prop_assert_eq!(there.get(&Change::ChangedHands), back.get(&Change::ChangedHands));
    }

    #[test]
    fn nothing_differs_from_itself(claims in prop::collection::vec(any::<Claim>(), 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (snapshot(&dir, "one", &claims), snapshot(&dir, "other", &claims));
        let diff = Diff::new(&one, &other).unwrap();
        prop_assert_eq!(diff.networks().count(), 0);
        prop_assert!(diff.companies().changes().is_empty());
    }
}

#[test]
fn companies_are_the_same_by_their_identifiers_and_else_by_name_and_country() {
    let dir = tempfile::tempdir().unwrap();
    let build = |name: &str, companies: &str| {
        let path = |file: &str| dir.path().join(format!("{name}-{file}"));
        let keys = companies.lines().map(|line| line.split(',').next().unwrap());
        let networks: Vec<_> = keys.map(|key| format!("1.0.{key}.0/24,{key},business\n")).collect();
        let networks = networks.concat();
        fs::write(path("networks.csv"), format!("network,company,kind\n{networks}")).unwrap();
        fs::write(path("companies.csv"), format!("key,name,country,vat,city\n{companies}"))
            .unwrap();
        let source = |file: &str, format| Source::new(file, format).path(path(file)).basis("test");
        let builder = Builder::new().source(source("networks.csv", Format::Networks));
        builder
            .source(source("companies.csv", Format::Companies))
            .write(path("index.firm"))
            .unwrap();
        Snapshot::new(Index::open(path("index.firm")).unwrap())
    };
    let old = build(
        "old",
        "1,Alpha B.V.,NL,,\n2,Beta GmbH,DE,DE136695976,Bonn\n3,Gamma Ltd,,,\n4,Delta NV,BE,,\n5,Same Inc.,US,,\n",
    );
    let new = build(
        "new",
        "1,Alpha B.V.,BE,,\n2,Beta SE,DE,DE136695976,Bonn\n3,GAMMA LTD,GB,,\n4,Delta NV,BE,,Gent\n5,Same Inc.,US,,\n6,New Oy,FI,,\n",
    );
    let diff = Diff::new(&old, &new).unwrap();
    let mut told: Vec<_> = diff
        .companies()
        .changes()
        .iter()
        .map(|of| {
            let name = of.old.or(of.new).unwrap().name().to_owned();
            (name, of.change.as_str())
        })
        .collect();
    told.sort();
    let expected = [
        ("Alpha B.V.", "came"),
        ("Alpha B.V.", "went"),
        ("Beta GmbH", "renamed"),
        ("Delta NV", "details"),
        ("Gamma Ltd", "renamed"),
        ("New Oy", "came"),
    ];
    assert_eq!(told, expected.map(|(name, change)| (name.to_owned(), change)));
    assert_eq!(diff.companies().counts(), (5, 6));
}

#[test]
fn who_is_hidden_went() {
    let dir = tempfile::tempdir().unwrap();
    let claims = [(0, 9, false, 0), (20, 9, false, 1)];
    let (old, mut new) = (snapshot(&dir, "old", &claims), snapshot(&dir, "new", &claims));
    let company = new.lookup(address(false, 20)).unwrap().unwrap().company_id().unwrap();
    new.hide_company(company);
    let diff = Diff::new(&old, &new).unwrap();
    let changes: Vec<_> = diff.networks().map(Result::unwrap).collect();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].change, changes[0].range.first()), (Change::Went, address(false, 20)));
    assert_eq!(diff.companies().changes().len(), 1);
}
