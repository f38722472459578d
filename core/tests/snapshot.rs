//! A snapshot hides what a slow reader would leave out, in both families and at every scale.
#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use firmtrie::builder::Policy;
use firmtrie::net::IpNet;
use firmtrie::{
    AnswerId, Builder, CompanyId, Format, Index, Networks, Result, Snapshot, Source, Status,
};
use proptest::prelude::*;

/// 65,536 places, each of `1 << shift` addresses, that begin at `base`.
#[derive(Debug, Clone, Copy)]
struct Space {
    bits: u8,
    base: u128,
    shift: u8,
}

const SPACES: [Space; 4] = [
    Space { bits: 32, base: 0x0b00_0000, shift: 0 },
    Space { bits: 128, base: 0x2600_0005 << 96, shift: 0 },
    // Around the /64, where the trie ends and what is longer begins.
    Space { bits: 128, base: 0x2600_0005 << 96, shift: 57 },
    Space { bits: 128, base: 0x2600_0005 << 96, shift: 80 },
];

impl Space {
    fn address(self, bits: u128) -> IpAddr {
        match self.bits {
            32 => Ipv4Addr::from(u32::try_from(bits).unwrap()).into(),
            _ => Ipv6Addr::from(bits).into(),
        }
    }

    /// The first address of a place.
    fn at(self, place: u32) -> u128 {
        self.base + (u128::from(place) << self.shift)
    }

    /// The prefix around a place, of `longer` bits more than the whole space has.
    fn prefix(self, place: u16, longer: u8) -> IpNet {
        let length = self.bits - 16 - self.shift + longer;
        IpNet::new(self.address(self.at(place.into())), length.min(self.bits)).unwrap().trunc()
    }
}

/// Where firms are: in pieces of many sizes, and unclaimed space between.
const FIRMS: [(u32, u32); 12] = [
    (0, 4096),
    (4096, 256),
    (4352, 1),
    (5000, 77),
    (6000, 1000),
    (8192, 8192),
    (17_000, 3),
    (20_000, 2000),
    (30_000, 20_000),
    (50_000, 1),
    (50_001, 1),
    (60_000, 5536),
];

fn index(space: Space) -> Index {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = String::new();
    for (firm, (first, size)) in FIRMS.iter().enumerate() {
        let (first, last) = (space.at(*first), space.at(first + size) - 1);
        let (first, last) = (space.address(first), space.address(last));
        writeln!(rows, "{first},{last},{},Firm {firm}", firm + 1).unwrap();
    }
    let csv = dir.path().join("rows.csv");
    std::fs::write(&csv, rows).unwrap();
    let source = Source::new("asn", Format::AsnCsv).path(&csv);
    let builder = Builder::new().policy(Policy::open()).source(source);
    Index::from_bytes(&builder.build().unwrap().0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_snapshot_hides_what_a_slow_reader_would(
        space in prop::sample::select(&SPACES[..]),
        companies in prop::collection::btree_set(0..12_u32, 0..4),
        prefixes in prop::collection::vec((any::<u16>(), 1..=24_u8), 0..5),
        inside in any::<u64>(),
    ) {
        let index = Arc::new(index(space));
        let mut snapshot = Snapshot::new(Arc::clone(&index));
        let mut hidden = Vec::new();
        for company in index.companies() {
            let (number, record) = company.unwrap();
            if companies.iter().any(|firm| record.name() == format!("Firm {firm}")) {
                snapshot.hide_company(number);
                hidden.push(record.name().to_owned());
            }
        }
        let nets: Vec<_> =
            prefixes.iter().map(|(place, longer)| space.prefix(*place, *longer)).collect();
        for net in &nets {
            snapshot.hide_prefix(*net);
        }
        let shown = |address: IpAddr| {
            let name = index.lookup(address).unwrap()?.company().unwrap().name().to_owned();
            let in_space = nets.iter().any(|net| net.contains(&address));
            (!in_space && !hidden.contains(&name)).then_some(name)
        };

        let list = |networks: Networks<'_>| {
            let networks = networks.map(|network| network.map(|of| (of.prefix(), of.answer_id())));
            networks.collect::<Result<Vec<_>>>().unwrap()
        };
        let networks = list(snapshot.networks());
        prop_assert!(networks.is_sorted());
        // Those of a prefix are those that have an address in common with it, in whatever part is hidden.
        for (at, net) in nets.iter().enumerate() {
            let wider = IpNet::new(net.network(), net.prefix_len() - 1).unwrap().trunc();
            for asked in [*net, wider, networks.get(at).map_or(*net, |(net, _)| *net)] {
                let meet = |net: &IpNet| net.contains(&asked) || asked.contains(net);
                let expected: Vec<_> =
                    networks.iter().filter(|(net, _)| meet(net)).copied().collect();
                prop_assert_eq!(list(snapshot.networks_in(asked).unwrap()), expected, "{}", asked);
                let hides = nets.iter().any(|net| net.contains(&asked) || asked.contains(net));
                prop_assert_eq!(snapshot.hides_in(asked), hides, "{}", asked);
            }
        }
        let of = |address: &IpAddr| networks.iter().find(|(net, _)| net.contains(address));
        // A step that meets places at their first address, and others within.
        let within = u128::from(inside) % (1 << space.shift);
        let mut all: Vec<_> = (0..=u32::from(u16::MAX))
            .step_by(7)
            .map(|place| space.address(space.at(place) + u128::from(place % 2) * within))
            .collect();
        let ends = |net: &IpNet| [net.network(), net.broadcast()];
        all.extend(nets.iter().flat_map(ends));
        all.extend(networks.iter().map(|(net, _)| net).flat_map(ends));
        let mut ids = vec![AnswerId::NOBODY; all.len()];
        snapshot.lookup_batch(&all, &mut ids).unwrap();
        let (mut with_lengths, mut lengths) = (ids.clone(), vec![0; all.len()]);
        snapshot.lookup_batch_with_lengths(&all, &mut with_lengths, &mut lengths).unwrap();
        let four = |address: &IpAddr| if let IpAddr::V4(four) = address { Some(*four) } else { None };
        if let Some(all) = all.iter().map(four).collect::<Option<Vec<_>>>() {
            let (mut ids, mut of_four) = (ids.clone(), vec![0; all.len()]);
            snapshot.lookup_batch_with_lengths(&all, &mut ids, &mut of_four).unwrap();
            prop_assert_eq!((&ids, &of_four), (&with_lengths, &lengths));
        }
        prop_assert_eq!(&with_lengths, &ids);
        // So many are worth several threads.
        let many = all.repeat(4);
        let mut at_once = vec![AnswerId::NOBODY; many.len()];
        snapshot.par_lookup_batch(&many, &mut at_once).unwrap();
        prop_assert_eq!(at_once, ids.repeat(4));
        for ((address, id), told) in all.into_iter().zip(ids).zip(lengths) {
            let expected = shown(address);
            let hit = snapshot.lookup(address).unwrap();
            let name = hit.map(|hit| hit.company().unwrap().name().to_owned());
            prop_assert_eq!(&name, &expected, "{}", address);
            prop_assert_eq!(index.names_company(id), expected.is_some());
            let (one, length) = snapshot.answer_id_and_length(address).unwrap();
            prop_assert_eq!((one, snapshot.answer_id(address).unwrap()), (id, id));
            let class = snapshot.classify(address).unwrap();
            prop_assert_eq!(class.status == Status::Company, expected.is_some());
            prop_assert_eq!(class.status, index.answer(id).unwrap().status());
            let nobody = index.answer_id(address).unwrap() == AnswerId::NOBODY;
            prop_assert_eq!(class.status == Status::Unknown, nobody);
            prop_assert!(hit.is_none_or(|hit| hit.network().unwrap() == class.network));
            prop_assert_eq!((length, told), (class.network.prefix_len(), length));
            let listed = expected.is_some().then_some((class.network, id));
            prop_assert_eq!(of(&address).copied(), listed);
            // At both ends of the network, and so within it, the answer is the same.
            for end in ends(&class.network) {
                prop_assert_eq!(&shown(end), &expected, "{} of {}", end, class.network);
            }
        }
    }
}

#[test]
fn a_company_that_is_not_in_the_index_hides_nobody_and_takes_no_memory() {
    let mut snapshot = Snapshot::new(index(SPACES[0]));
    let count = snapshot.index().company_count() as u32;
    for number in [0, count + 1, u32::MAX] {
        snapshot.hide_company(CompanyId::new(number));
        assert!(!snapshot.hides_company(CompanyId::new(number)));
    }
    let shown = snapshot.networks().map(|network| network.unwrap().prefix());
    assert!(shown.eq(snapshot.index().networks().map(|network| network.unwrap().prefix())));
}
