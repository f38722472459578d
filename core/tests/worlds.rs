//! Random worlds of claims, beside a slow model that knows nothing of tries, trees and sweeps.
//!
//! The model cuts the address space at every border there is and asks, for each piece, every claim
//! about it. The index must agree on answer, status and network of any address, and list exactly
//! the model's networks, whichever way it is asked.
#![cfg(feature = "build")]

mod registry;

use std::fmt::Write;
use std::fs;
use std::net::IpAddr;

use firmtrie::builder::Policy;
use firmtrie::net::{AddressRange, Family, IpNet};
use firmtrie::registry::Date;
use firmtrie::{Builder, Format, Index, Kind, Source, Status};
use proptest::prelude::*;
use registry::Registry;

/// Priority and date of retrieval of each source.
const SOURCES: [(i32, Option<&str>); 3] = [(0, Some("2025-03-01")), (1, None), (1, None)];
const DATES: [&str; 3] = ["2025-01-01", "2025-03-01", "2025-06-30"];
const KINDS: [Kind; 4] = [Kind::Unknown, Kind::Business, Kind::Hosting, Kind::Consumer];
const NAMES: [&str; 4] = ["Alpha", "Beta", "Gamma", "Delta"];

#[derive(Debug, Clone)]
struct Claim {
    first: u128,
    last: u128,
    source: usize,
    name: usize,
    kind: usize,
    asn: Option<u32>,
    date: Option<usize>,
    confidence: Option<u8>,
}

/// What an address is answered with: status, kind, ASN, name, sources, confidence.
type Answer = (Status, Option<Kind>, Option<u32>, Option<&'static str>, Vec<usize>, Option<i64>);

const NOBODY: Answer = (Status::Unknown, None, None, None, Vec::new(), None);

fn claims(family: Family) -> impl Strategy<Value = Vec<Claim>> {
    // Coarse steps make ranges that are equal, nested and adjacent; fine ones make borders that
    // are no prefix's.
    let (base, steps): (u128, Vec<u32>) = match family {
        Family::V4 => (0x0800_0000, vec![0, 3, 8, 14]),
        Family::V6 => (0x2600 << 112, vec![0, 60, 64, 68, 80]),
    };
    let max = family.max();
    let range = (prop::sample::select(steps), 0..40_u128, 0..20_u128);
    let range = range.prop_map(move |(step, at, length)| {
        let first = base + (at << step);
        (first, first + (length << step) + (1 << step) - 1)
    });
    let range = prop_oneof![
        12 => range.clone(),
        2 => range.prop_map(|(first, last)| (first + 1, last.max(first + 1))),
        1 => any::<u128>().prop_map(move |at| (at & max, at & max)),
        1 => Just((0, max)),
    ];
    let facts = (0..4_usize, 0..4_usize, prop::option::of(1..3_u32), prop::option::of(50..=100_u8));
    let claim = (range, 0..3_usize, prop::option::of(0..3_usize), facts);
    let claim = claim.prop_map(|((first, last), source, date, (name, kind, asn, confidence))| {
        Claim { first, last, source, name, kind, asn, date, confidence }
    });
    prop::collection::vec(claim, 0..25)
}

impl Claim {
    fn date(&self) -> Option<&'static str> {
        self.date.map(|date| DATES[date]).or(SOURCES[self.source].1)
    }

    fn row(&self, family: Family) -> String {
        let text = |value: Option<String>| value.unwrap_or_default();
        format!(
            "{},{},{},{},{},{},{}",
            family.address(self.first),
            family.address(self.last),
            NAMES[self.name],
            KINDS[self.kind],
            text(self.asn.map(|asn| asn.to_string())),
            text(self.date.map(|date| DATES[date].to_owned())),
            text(self.confidence.map(|percent| format!("{}", f64::from(percent) / 100.0))),
        )
    }
}

fn build(family: Family, claims: &[Claim]) -> Index {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new().policy(Policy::strict().listed_kinds(false));
    for (number, (priority, retrieved)) in SOURCES.into_iter().enumerate() {
        let mut rows = String::from("start,end,name,kind,asn,date,confidence\n");
        for claim in claims.iter().filter(|claim| claim.source == number) {
            writeln!(rows, "{}", claim.row(family)).unwrap();
        }
        // A file without a row would be an error: every source says one thing far away.
        let far = if family == Family::V4 { "2600:ffff::,2600:ffff::" } else { "9.9.9.9,9.9.9.9" };
        writeln!(rows, "{far},Far,,,,").unwrap();
        let path = dir.path().join(number.to_string());
        fs::write(&path, rows).unwrap();
        let mut source =
            Source::new(number.to_string(), Format::Networks).path(path).priority(priority);
        if let Some(day) = retrieved {
            source = source.retrieved(day.parse::<Date>().unwrap());
        }
        builder = builder.source(source);
    }
    Index::from_bytes(&builder.build().unwrap().0).unwrap()
}

/// What the claims come to at one address.
fn answer(claims: &[Claim], special: &Registry, at: u128) -> Answer {
    if special.withholds(at) {
        return NOBODY;
    }
    let mut here: Vec<_> = claims.iter().filter(|c| c.first <= at && at <= c.last).collect();
    let priority = |claim: &Claim| -SOURCES[claim.source].0;
    // The newest first, and those without a date last.
    let age = |claim: &Claim| std::cmp::Reverse(claim.date());
    here.sort_by_key(|c| (c.last - c.first, priority(c), age(c), c.first, NAMES[c.name]));
    let Some(best) = here.first() else { return NOBODY };
    let mut agree: Vec<_> = here
        .iter()
        .filter(|c| (c.first, c.last, c.name) == (best.first, best.last, best.name))
        .collect();
    agree.sort_by_key(|c| (priority(c), age(c), KINDS[c.kind], c.asn));
    let kind = agree.iter().map(|c| KINDS[c.kind]).find(|kind| *kind != Kind::Unknown);
    let (kind, asn) = (kind.unwrap_or_default(), agree.iter().find_map(|c| c.asn));
    if matches!(kind, Kind::Hosting | Kind::Consumer) {
        return (Status::NonBusiness, Some(kind), asn, None, Vec::new(), None);
    }
    let of = |source: usize| agree.iter().filter(move |c| c.source == source);
    let sources: Vec<_> = (0..3).filter(|source| of(*source).count() > 0).collect();
    let surest = |source| of(source).filter_map(|c| c.confidence).max();
    let doubts = sources.iter().filter_map(|source| surest(*source));
    let doubt = doubts.map(|percent| 1.0 - f64::from(percent) / 100.0).reduce(|a, b| a * b);
    let confidence = doubt.map(|doubt| ((1.0 - doubt) * 10_000.0).round() as i64);
    (Status::Company, Some(kind), asn, Some(NAMES[best.name]), sources, confidence)
}

/// All addresses, cut where the answer changes.
fn pieces(claims: &[Claim], special: &Registry, max: u128) -> Vec<(AddressRange, Answer)> {
    let family = if max == Family::V4.max() { Family::V4 } else { Family::V6 };
    let ends = |(first, last): (u128, u128)| [Some(first), last.checked_add(1)];
    let ranges = claims.iter().map(|c| (c.first, c.last));
    let ranges = ranges.chain(special.0.iter().map(|entry| (entry.first, entry.last)));
    let mut cuts: Vec<u128> = ranges.flat_map(ends).flatten().filter(|cut| *cut <= max).collect();
    cuts.push(0);
    cuts.sort_unstable();
    cuts.dedup();
    let answers: Vec<_> = cuts.iter().map(|at| (*at, answer(claims, special, *at))).collect();
    let starts: Vec<_> = answers.chunk_by(|a, b| a.1 == b.1).map(|same| &same[0]).collect();
    let ends = starts[1..].iter().map(|(next, _)| next - 1).chain([max]);
    let range =
        |first: u128, last| AddressRange::new(family.address(first), family.address(last)).unwrap();
    starts.iter().zip(ends).map(|((first, a), last)| (range(*first, last), a.clone())).collect()
}

fn given(hit: Option<firmtrie::Match<'_>>, class: firmtrie::Classification) -> Answer {
    let Some(hit) = hit else {
        return (class.status, class.kind, class.asn, None, Vec::new(), None);
    };
    let name = hit.company().unwrap().name().to_owned();
    let name = NAMES.into_iter().find(|known| **known == name).unwrap();
    let sources = hit.sources().unwrap().iter().map(|source| source.parse().unwrap()).collect();
    let confidence = hit.confidence().unwrap().map(|part| (part * 10_000.0).round() as i64);
    (class.status, class.kind, class.asn, Some(name), sources, confidence)
}

/// Everything the index lists of one family, as prefixes with answers.
fn listed<'a>(
    networks: impl Iterator<Item = firmtrie::Result<firmtrie::Network<'a>>>,
) -> Vec<(IpNet, Answer)> {
    networks
        .map(Result::unwrap)
        .map(|network| (network.prefix(), given(network.hit(), network.classification())))
        .collect()
}

fn agrees(family: Family, claims: &[Claim], random: &[u128]) -> Result<(), TestCaseError> {
    // Mapped addresses are IPv4, and special-purpose space of IPv6: they need no claim here.
    let special = Registry::of(family);
    let pieces = pieces(claims, &special, family.max());
    let index = build(family, claims);
    let borders = pieces.iter().flat_map(|(range, _)| [range.first_bits(), range.last_bits()]);
    for at in borders.chain(random.iter().map(|at| at & family.max())) {
        let address: IpAddr = family.address(at);
        if address.to_canonical() != address {
            continue;
        }
        let (range, answer) = pieces
            .iter()
            .find(|(range, _)| range.first_bits() <= at && at <= range.last_bits())
            .unwrap();
        let class = index.classify(address).unwrap();
        let hit = index.lookup(address).unwrap();
        prop_assert_eq!(&given(hit, class), answer, "{}", address);
        let network = range.prefixes().find(|net| net.contains(&address)).unwrap();
        prop_assert_eq!(class.network, network);
        prop_assert!(hit.is_none_or(|hit| hit.network().unwrap() == network));
    }

    let expected: Vec<(IpNet, Answer)> = pieces
        .iter()
        .filter(|(_, answer)| *answer != NOBODY)
        .flat_map(|(range, answer)| range.prefixes().map(|net| (net, answer.clone())))
        .collect();
    let far: IpNet =
        if family == Family::V4 { "::/0".parse().unwrap() } else { "0.0.0.0/0".parse().unwrap() };
    let whole: IpNet = IpNet::new(family.address(0), 0).unwrap();
    prop_assert_eq!(&listed(index.networks_in(whole).unwrap()), &expected);
    prop_assert_eq!(index.networks_in(far).unwrap().count(), 1);
    prop_assert_eq!(index.networks().count(), expected.len() + 1);
    for at in &random[..20] {
        let inside = expected.get((*at % 997) as usize).map_or(*at, |(net, _)| first(*net));
        let length = (at >> 7) as u8 % (family.bits() + 1);
        let prefix = IpNet::new(family.address(inside & family.max()), length).unwrap().trunc();
        if prefix.network().to_canonical() != prefix.network() {
            continue;
        }
        let meets = |net: &IpNet| prefix.contains(net) || net.contains(&prefix);
        let there: Vec<_> = expected.iter().filter(|(net, _)| meets(net)).cloned().collect();
        prop_assert_eq!(listed(index.networks_in(prefix).unwrap()), there, "{}", prefix);
    }
    for company in index.companies() {
        let (id, record) = company.unwrap();
        if record.name() == "Far" {
            continue;
        }
        let of = expected.iter().filter(|(_, answer)| answer.3 == Some(record.name()));
        prop_assert_eq!(listed(index.networks_of(&[id]).unwrap()), of.cloned().collect::<Vec<_>>());
    }
    for asn in 1..3 {
        let of = expected.iter().filter(|(_, answer)| answer.2 == Some(asn));
        prop_assert_eq!(
            listed(index.networks_of_asn(asn).unwrap()),
            of.cloned().collect::<Vec<_>>()
        );
    }
    Ok(())
}

fn first(net: IpNet) -> u128 {
    AddressRange::from(net).first_bits()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn worlds_of_ipv4(
        claims in claims(Family::V4), random in prop::collection::vec(any::<u128>(), 1_000)
    ) {
        agrees(Family::V4, &claims, &random)?;
    }

    #[test]
    fn worlds_of_ipv6(
        claims in claims(Family::V6), random in prop::collection::vec(any::<u128>(), 1_000)
    ) {
        agrees(Family::V6, &claims, &random)?;
    }
}
