//! What public lists say that networks and autonomous systems are used for: clouds, content networks, relays,
//! crawlers and scanners, and who hosts others. `datasets/kinds/README.md` tells where the lists are from.
//!
//! A list is evidence as what a source says of a use is: it decides of who claims the space, and claims none
//! itself. Of each row it is known of which day it is, so that an old one can be left out as an old claim is.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tables::lines;
use crate::company::Kind;
use crate::index::tables::CERTAIN;
#[cfg(feature = "bots")]
use crate::net::AddressSet;
use crate::net::{AddressRange, Family, parse_prefix};
use crate::source::Date;

pub(super) const SYSTEMS: &str = include_str!("tables/listed_systems.csv");
pub(super) const NETWORKS: &str = include_str!("tables/listed_networks.csv");

/// A kind that a list says, how sure it is, in ten-thousandths, and the day of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListedKind {
    pub kind: Kind,
    pub weight: u16,
    /// The list.
    pub list: &'static str,
    pub date: Date,
}

/// A listed network, by its first and last address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListedNetwork {
    pub first: u128,
    pub last: u128,
    pub says: ListedKind,
}

/// All that is listed.
pub(crate) struct Listed {
    /// Of each family, ascending and disjoint.
    networks: [Vec<ListedNetwork>; 2],
    systems: FxHashMap<u32, ListedKind>,
    /// The day of the newest row.
    pub date: Date,
}

static LISTED: LazyLock<Listed> = LazyLock::new(|| Listed::of(NETWORKS, SYSTEMS));

impl Listed {
    pub(super) fn all() -> &'static Self {
        &LISTED
    }

    /// Reads the tables, whose rows the tests have read.
    fn of(networks: &'static str, systems: &'static str) -> Self {
        let mut listed =
            Self { networks: Default::default(), systems: FxHashMap::default(), date: Date::MIN };
        for line in lines(networks) {
            let Some((range, says)) = network(line) else { continue };
            listed.date = listed.date.max(says.date);
            let (first, last) = (range.first_bits(), range.last_bits());
            listed.networks[range.family() as usize].push(ListedNetwork { first, last, says });
        }
        for line in lines(systems) {
            let Some((asn, says)) = system(line) else { continue };
            listed.date = listed.date.max(says.date);
            listed.systems.insert(asn, says);
        }
        listed
    }

    /// What is said of an autonomous system.
    pub(crate) fn of_asn(&self, asn: u32) -> Option<ListedKind> {
        self.systems.get(&asn).copied()
    }

    /// The listed networks that have addresses between these two.
    pub(crate) fn meeting(&self, family: Family, first: u128, last: u128) -> &[ListedNetwork] {
        let networks = &self.networks[family as usize];
        let from = networks.partition_point(|of| of.last < first);
        let count = networks[from..].partition_point(|of| of.first <= last);
        &networks[from..from + count]
    }
}

/// The addresses in lists whose names begin so.
#[cfg(feature = "bots")]
pub(crate) fn listed_addresses(lists: &str) -> AddressSet {
    let networks = lines(NETWORKS).filter_map(network);
    networks.filter(|(_, says)| says.list.starts_with(lists)).map(|(range, _)| range).collect()
}

/// `network,kind,source,date`, which its operator says itself.
fn network(line: &'static str) -> Option<(AddressRange, ListedKind)> {
    let mut columns = line.split(',');
    let range = parse_prefix(columns.next()?).ok()?.into();
    let kind = columns.next()?.parse().ok()?;
    let list = columns.next()?;
    let date = columns.next_back()?.parse().ok()?;
    Some((range, ListedKind { kind, weight: CERTAIN, list, date }))
}

/// `asn,kind,weight,source,date`.
fn system(line: &'static str) -> Option<(u32, ListedKind)> {
    let mut columns = line.split(',');
    let asn = columns.next()?.parse().ok()?;
    let kind = columns.next()?.parse().ok()?;
    let weight: f64 = columns.next()?.parse().ok()?;
    let list = columns.next()?;
    let date = columns.next_back()?.parse().ok()?;
    let weight = (weight * f64::from(CERTAIN)) as u16;
    Some((asn, ListedKind { kind, weight, list, date }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_networks_are_ascending_and_disjoint() {
        let listed = Listed::all();
        let networks = listed.networks.iter().map(Vec::len).sum::<usize>();
        // But for the headers; no system stands there twice.
        assert_eq!(networks, NETWORKS.lines().count() - 1);
        assert_eq!(listed.systems.len(), SYSTEMS.lines().count() - 1);
        for networks in &listed.networks {
            assert!(networks.is_sorted_by(|a, b| a.first <= a.last && a.last < b.first));
        }
    }

    #[test]
    fn networks_are_found_by_any_of_their_addresses() {
        let rows = "10.0.0.0/24,hosting,list,2026-01-02\n10.0.2.0/24,hosting,list,2026-01-01";
        let listed = Listed::of(rows, "64500,isp,0.6,list,2026-01-03");
        let meeting = |first: u128, last: u128| {
            let of = |bits: u128| 0x0a00_0000 + bits;
            listed.meeting(Family::V4, of(first), of(last)).len()
        };
        assert_eq!(meeting(0, 0), 1);
        assert_eq!(meeting(255, 512), 2);
        assert_eq!(meeting(256, 511), 0);
        assert_eq!(meeting(767, 9999), 1);
        assert_eq!(listed.date.to_string(), "2026-01-03");
        let says = listed.of_asn(64500).unwrap();
        assert_eq!((says.kind, says.weight, says.list), (Kind::Isp, 6000, "list"));
    }
}
