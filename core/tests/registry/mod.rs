//! The registries of special-purpose space, asked entry by entry.

use firmtrie::net::{Family, IpNet};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    registry: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    block: IpNet,
    globally_reachable: Option<bool>,
}

/// A block of special-purpose space.
pub struct Entry {
    pub first: u128,
    pub last: u128,
    length: u8,
    /// Nothing where the registry decides nothing.
    reachable: Option<bool>,
}

/// The registry of one family.
pub struct Registry(pub Vec<Entry>);

impl Registry {
    pub fn of(family: Family) -> Self {
        let text = include_str!("../../../tests/vectors/special_purpose.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        let entry = |row: &Row| {
            // By hand, so that `::ffff:0:0/96` stays a block of IPv6.
            let (first, last) = match (row.block, family) {
                (IpNet::V4(net), Family::V4) => {
                    (net.network().to_bits().into(), net.broadcast().to_bits().into())
                }
                (IpNet::V6(net), Family::V6) => {
                    (net.network().to_bits(), net.broadcast().to_bits())
                }
                _ => return None,
            };
            let (length, reachable) = (row.block.prefix_len(), row.globally_reachable);
            Some(Entry { first, last, length, reachable })
        };
        Self(vectors.registry.iter().filter_map(entry).collect())
    }

    /// Does the most specific entry that decides say that the address is not globally reachable?
    pub fn withholds(&self, at: u128) -> bool {
        let here = self.0.iter().filter(|entry| entry.first <= at && at <= entry.last);
        let decided = here.filter_map(|entry| Some((entry.length, entry.reachable?)));
        decided.max().is_some_and(|(_, reachable)| !reachable)
    }
}
