//! Other libraries, each behind the same two lines: look up one address after the other, add up
//! the numbers found.
//!
//! Every structure is built from the same prefixes and gives the number of an organisation, 0 for
//! none. It takes addresses in the type that it likes best.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ip_network::{Ipv4Network, Ipv6Network};
use ip_network_table::IpNetworkTable;
use ipnet::{Ipv4Net, Ipv6Net};
use maxminddb::PathElement;
use mmdb_writer::{Ipv4Aliasing, Value, Writer};
use prefix_trie::PrefixMap;

use crate::world::World;

/// The name that MaxMind gives to the field with an organisation's name.
const NAME: &str = "autonomous_system_organization";

/// A structure that finds the number of an organisation.
pub struct Peer<A> {
    /// Its name in a table.
    pub title: &'static str,
    pass: Pass<A>,
}

type Pass<A> = Box<dyn Fn(&[A]) -> u64>;

impl<A: Copy + 'static> Peer<A> {
    /// A peer that finds addresses one at a time.
    pub fn new(title: &'static str, find: impl Fn(A) -> u32 + 'static) -> Self {
        let pass = move |addresses: &[A]| addresses.iter().map(|a| u64::from(find(*a))).sum();
        Self { title, pass: Box::new(pass) }
    }

    /// A peer that takes many addresses at once.
    pub fn of_passes(title: &'static str, pass: impl Fn(&[A]) -> u64 + 'static) -> Self {
        Self { title, pass: Box::new(pass) }
    }

    /// Looks up every address and adds up what was found.
    pub fn pass(&self, addresses: &[A]) -> u64 {
        (self.pass)(addresses)
    }
}

/// The peers of one family, as functions from its prefixes.
macro_rules! family {
    ($module:ident, $bits:ty, $addr:ty, $net:ty, $network:ty, $longest_match:ident, $trie:ty, $prefix:ty) => {
        /// Peers for addresses of one family.
        pub mod $module {
            use super::*;

            /// Makes a structure of prefixes.
            pub type Maker = fn(&[($net, u32)]) -> Peer<$addr>;

            /// Those that are built from prefixes alone, by name.
            pub const MAKERS: [(&str, Maker); 5] = [
                ("prefix-trie", prefix_trie),
                ("ip_network_table", network_table),
                ("poptrie", poptrie),
                ("iptrie", iptrie),
                ("binary search", sorted_ranges),
            ];

            /// All that are built from prefixes alone.
            pub fn all(nets: &[($net, u32)]) -> Vec<Peer<$addr>> {
                MAKERS.map(|(_, make)| make(nets)).into()
            }

            /// `prefix-trie`.
            pub fn prefix_trie(nets: &[($net, u32)]) -> Peer<$addr> {
                let map: PrefixMap<$net, u32> = nets.iter().copied().collect();
                Peer::new("prefix-trie", move |address| {
                    map.get_lpm(&<$net>::from(address)).map_or(0, |(_, number)| *number)
                })
            }

            /// `ip_network_table`, a tree bitmap.
            pub fn network_table(nets: &[($net, u32)]) -> Peer<$addr> {
                let mut table = IpNetworkTable::new();
                for (net, number) in nets {
                    let network = <$network>::new(net.addr(), net.prefix_len());
                    table.insert(network.expect("it has no host bits"), *number);
                }
                Peer::new("ip_network_table", move |address| {
                    table.$longest_match(address).map_or(0, |(_, number)| *number)
                })
            }

            /// `poptrie`.
            pub fn poptrie(nets: &[($net, u32)]) -> Peer<$addr> {
                let mut trie = poptrie::Poptrie::<$net, u32>::new();
                for (net, number) in nets {
                    trie.insert(*net, *number);
                }
                Peer::new("poptrie", move |address| trie.lookup(address).copied().unwrap_or(0))
            }

            /// `iptrie`, its level-compressed trie.
            pub fn iptrie(nets: &[($net, u32)]) -> Peer<$addr> {
                let mut trie = <$trie>::with_root(0);
                for (net, number) in nets {
                    trie.insert(<$prefix>::from(*net), *number);
                }
                let trie = trie.compress();
                Peer::new("iptrie", move |address| *trie.lookup(&address).1)
            }

            /// Where each number begins.
            pub fn starts(nets: &[($net, u32)]) -> Vec<(u128, u32)> {
                let ranges = nets.iter().map(|(net, number)| {
                    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
                    (first.into(), last.into(), *number)
                });
                flatten(ranges, <$bits>::MAX.into())
            }

            /// Binary search in the sorted starts of all stretches with one answer.
            pub fn sorted_ranges(nets: &[($net, u32)]) -> Peer<$addr> {
                let starts = starts(nets).into_iter();
                let (starts, numbers): (Vec<$bits>, Vec<u32>) =
                    starts.map(|(start, number)| (start as $bits, number)).unzip();
                Peer::new("binary search", move |address: $addr| {
                    let at = address.to_bits();
                    numbers[starts.partition_point(|start| *start <= at) - 1]
                })
            }
        }
    };
}

family!(
    v4,
    u32,
    Ipv4Addr,
    Ipv4Net,
    Ipv4Network,
    longest_match_ipv4,
    iptrie::Ipv4RTrieMap<u32>,
    iptrie::Ipv4Prefix
);
family!(
    v6,
    u128,
    Ipv6Addr,
    Ipv6Net,
    Ipv6Network,
    longest_match_ipv6,
    iptrie::Ipv6RTrieMap<u32>,
    iptrie::Ipv6Prefix
);

/// Where each answer begins, for ranges that hold each other or nothing of each other.
pub fn flatten(ranges: impl Iterator<Item = (u128, u128, u32)>, max: u128) -> Vec<(u128, u32)> {
    let mut ranges: Vec<_> = ranges.collect();
    // A wider one before those inside it.
    ranges.sort_unstable_by_key(|(first, last, _)| (*first, u128::MAX - last));
    let mut starts = vec![(0, 0)];
    let mut begin = |at: u128, number: u32| {
        if starts.last().is_some_and(|last| last.0 == at) {
            starts.pop();
        }
        if starts.last().is_none_or(|last| last.1 != number) {
            starts.push((at, number));
        }
    };
    // Last address and number of the ranges around the place that the sweep has come to.
    let mut open: Vec<(u128, u32)> = Vec::new();
    let end = ranges.iter().map(|range| Some(*range)).chain([None]);
    for range in end {
        while let Some((last, _)) = open.last().copied()
            && range.is_none_or(|range| last < range.0)
        {
            open.pop();
            if last < max {
                begin(last + 1, open.last().map_or(0, |outer| outer.1));
            }
        }
        if let Some((first, last, number)) = range {
            begin(first, number);
            open.push((last, number));
        }
    }
    starts
}

/// A MaxMind database of a world, with the fields of MaxMind's own one of autonomous systems.
pub fn mmdb(world: &World) -> Vec<u8> {
    let values: Vec<Value> = world
        .organisations
        .iter()
        .map(|(asn, name)| {
            let number = ("autonomous_system_number".to_owned(), Value::U32(*asn));
            Value::map([number, (NAME.to_owned(), Value::String(name.clone()))])
        })
        .collect();
    // Real rows announce 2002::/16, where aliases of IPv4 would lie.
    let mut writer = Writer::builder("ASN").ipv4_aliasing(Ipv4Aliasing::Disabled).build();
    let mut insert = |net: ipnet::IpNet, organisation: u32| {
        let value = values[organisation as usize - 1].clone();
        writer.insert_value(net, value).expect("a network of the internet");
    };
    world.v4.iter().for_each(|(net, organisation)| insert((*net).into(), *organisation));
    world.v6.iter().for_each(|(net, organisation)| insert((*net).into(), *organisation));
    writer.to_bytes().expect("it fits")
}

/// `maxminddb`: to where the record lies, and with its name decoded.
pub fn maxminddb<A: Copy + Into<IpAddr> + 'static>(mmdb: Vec<u8>) -> [Peer<A>; 2] {
    let reader = Arc::new(maxminddb::Reader::from_source(mmdb).expect("it was just written"));
    let again = Arc::clone(&reader);
    let lookup = Peer::new("maxminddb", move |address: A| {
        let hit = reader.lookup(address.into()).expect("the file is sound");
        hit.offset().unwrap_or_default() as u32
    });
    let name = Peer::new("maxminddb, name", move |address: A| {
        let hit = again.lookup(address.into()).expect("the file is sound");
        let name: Option<&str> = hit.decode_path(&[PathElement::Key(NAME)]).expect("a string");
        name.map_or(0, |name| name.len() as u32)
    });
    [lookup, name]
}
