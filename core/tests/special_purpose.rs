//! Special-purpose space is never answered, even for a source that claims everything, and
//! everything else is: compared with the whole registries of IANA, entry by entry.
#![cfg(feature = "build")]

use std::net::IpAddr;

use firmtrie::{AddressRange, Builder, Format, Index, IpNet, Source, Status};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    registry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    block: IpNet,
    globally_reachable: Option<bool>,
}

fn index_of_everything() -> Index {
    let file = tempfile::NamedTempFile::new().unwrap();
    let all = "0.0.0.0,255.255.255.255,1,All of it\n\
               ::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,1,All of it\n";
    std::fs::write(file.path(), all).unwrap();
    let source = Source::new("everything", Format::AsnCsv).path(file.path());
    Index::from_bytes(&Builder::new().source(source).build().unwrap().0).unwrap()
}

/// The block as addresses of its own family: `::ffff:0:0/96` stays IPv6.
fn ends(block: IpNet) -> (u128, u128, bool) {
    match block {
        IpNet::V4(net) => (net.network().to_bits().into(), net.broadcast().to_bits().into(), false),
        IpNet::V6(net) => (net.network().to_bits(), net.broadcast().to_bits(), true),
    }
}

fn may_be_answered(registry: &[Entry], at: u128, six: bool) -> bool {
    registry
        .iter()
        .filter(|entry| {
            let (first, last, entry_six) = ends(entry.block);
            entry_six == six && first <= at && at <= last
        })
        .filter_map(|entry| Some((entry.block.prefix_len(), entry.globally_reachable?)))
        .max()
        .is_none_or(|(_, reachable)| reachable)
}

#[test]
fn claims_over_all_space_are_answered_exactly_where_the_registries_allow() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../tests/vectors/special_purpose.json")).unwrap();
    let index = index_of_everything();
    let (mut answered, mut refused) = (0, 0);
    for entry in &vectors.registry {
        let (first, last, six) = ends(entry.block);
        let max = if six { u128::MAX } else { u32::MAX.into() };
        let middle = first + (last - first) / 2;
        for at in [first.saturating_sub(1), first, middle, last, last.saturating_add(1).min(max)] {
            let address = if six { IpAddr::V6(at.into()) } else { IpAddr::V4((at as u32).into()) };
            // A mapped address is asked, and answered, as IPv4.
            let expected = match address.to_canonical() {
                IpAddr::V4(v4) => may_be_answered(&vectors.registry, v4.to_bits().into(), false),
                IpAddr::V6(_) => may_be_answered(&vectors.registry, at, six),
            };
            let hit = index.lookup(address).unwrap();
            assert_eq!(hit.is_some(), expected, "{address}, beside {}", entry.block);
            let class = index.classify(address).unwrap();
            assert_eq!(class.status == Status::Company, expected);
            assert!(AddressRange::from(class.network).contains(address), "{}", class.network);
            if expected { answered += 1 } else { refused += 1 }
        }
    }
    assert!(answered > 50 && refused > 50, "{answered} and {refused} of either");
}
