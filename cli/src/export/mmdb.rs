//! MMDB, the file that MaxMind's readers and what is built on them read.
//!
//! Networks are those of the index, and an IPv4-mapped IPv6 address is answered as the IPv4 address; 6to4 and
//! Teredo are not, as in the index. See <https://maxmind.github.io/MaxMind-DB/>. The layouts are those of
//! GeoLite2-ASN, GeoIP2-ISP and GeoIP2-Enterprise, <https://dev.maxmind.com/geoip/docs/databases/>, as far as
//! an index knows what they have.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::net::Ipv6Addr;
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use firmtrie::columns::Column;
use firmtrie::{AnswerId, CompanyRecord, Field, Kind, Network, Snapshot, Status};
use ipnet::{IpNet, Ipv6Net};
use mmdb_writer::{Ipv4Aliasing, Value, Writer};
use rustc_hash::FxHashMap;

use crate::Failure;

/// What a record looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Layout {
    /// The fields of an index, by their names
    #[default]
    Full,
    /// As in GeoLite2-ASN: number and organisation of the autonomous system
    Asn,
    /// As in GeoIP2-ISP: the same, with ISP and organisation
    Isp,
    /// As in GeoIP2-Enterprise: country of registration, and traits
    Enterprise,
}

impl Layout {
    /// What software that asks for a database's type expects.
    const fn database_type(self) -> &'static str {
        match self {
            Self::Full => "firmtrie",
            Self::Asn => "GeoLite2-ASN",
            Self::Isp => "GeoIP2-ISP",
            Self::Enterprise => "GeoIP2-Enterprise",
        }
    }
}

/// `::ffff:0:0/96`, RFC 4291, 2.5.5.2.
const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);

/// The bytes of a file with these networks.
pub fn file<'a>(
    index: &Snapshot,
    networks: impl Iterator<Item = firmtrie::Result<Network<'a>>>,
    layout: Layout,
    columns: &[Column],
    description: &str,
) -> Result<Vec<u8>, Failure> {
    let as_of = index.index().info()?.as_of;
    let mut writer = Writer::builder(layout.database_type())
        .description(&[("en", description)])
        .ipv4_aliasing(Ipv4Aliasing::Disabled)
        // The same index gives the same file, whenever it is exported.
        .build_epoch(epoch(&as_of))
        .build();
    let mut values: FxHashMap<AnswerId, Option<Value>> = FxHashMap::default();
    let mut first = None;
    for network in networks {
        let network = network?;
        let id = network.answer_id();
        let value = match values.entry(id) {
            Entry::Occupied(of) => of.into_mut(),
            Entry::Vacant(of) => of.insert(record(&network, layout, columns)?),
        };
        if let Some(value) = value {
            first.get_or_insert_with(|| value.clone());
            writer.insert_value(network.prefix(), value.clone()).map_err(told)?;
        }
    }
    let Some(first) = first else { return writer.to_bytes().map_err(told) };
    // A place for mapped addresses, which then becomes that of IPv4.
    writer.insert_value(IpNet::V6(MAPPED), first).map_err(told)?;
    let mut bytes = writer.to_bytes().map_err(told)?;
    alias(&mut bytes).ok_or_else(|| told("its tree is not as the format says"))?;
    Ok(bytes)
}

fn told(error: impl std::fmt::Display) -> Failure {
    Failure::Error(format!("the MMDB cannot be written: {error}"))
}

fn epoch(as_of: &str) -> SystemTime {
    let day = as_of.parse().ok().and_then(crate::log::time::day).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_hours(24 * u64::from(day))
}

/// What is known of a network's addresses; nothing, if a layout has no place for it.
fn record(
    network: &Network<'_>,
    layout: Layout,
    columns: &[Column],
) -> Result<Option<Value>, Failure> {
    let class = network.classification();
    let company = network.hit().map(|hit| hit.company()).transpose()?;
    let map = match layout {
        Layout::Full => full(network, company, columns)?,
        Layout::Asn => system(class.asn, company, &[]),
        Layout::Isp => system(class.asn, company, &["isp", "organization"]),
        Layout::Enterprise => enterprise(class.kind, class.asn, company),
    };
    Ok((!map.is_empty()).then_some(Value::Map(map)))
}

type Map = BTreeMap<String, Value>;

fn full(
    network: &Network<'_>,
    company: Option<CompanyRecord<'_>>,
    columns: &[Column],
) -> Result<Map, Failure> {
    let (class, mut map) = (network.classification(), Map::new());
    for column in columns {
        let value = match column {
            Column::Company(field) => {
                company.and_then(|company| company.get(*field)).map(Value::from)
            }
            Column::Status => Some(class.status.as_str().into()),
            Column::Kind => class.kind.map(|kind| kind.as_str().into()),
            Column::Asn => class.asn.map(Value::from),
            Column::Confidence => {
                let confidence = network.hit().map(|hit| hit.confidence()).transpose()?;
                confidence.flatten().map(Value::from)
            }
            Column::Sources => {
                let sources = network.hit().map(|hit| hit.sources()).transpose()?;
                sources.map(Value::array)
            }
            // A reader gives the network itself.
            _ => None,
        };
        if let Some(value) = value {
            map.insert(column.as_str().to_owned(), value);
        }
    }
    // Where nothing but the status is known it is kept: that is what a mask is.
    if class.status == Status::Company && company.is_none() {
        map.clear();
    }
    Ok(map)
}

/// The autonomous system, and the company's name under these keys and its own.
fn system(asn: Option<u32>, company: Option<CompanyRecord<'_>>, names: &[&str]) -> Map {
    let mut map = Map::new();
    if let Some(asn) = asn {
        map.insert("autonomous_system_number".to_owned(), asn.into());
    }
    if let Some(company) = company {
        for name in ["autonomous_system_organization"].iter().chain(names) {
            map.insert((*name).to_owned(), company.name().into());
        }
    }
    map
}

fn enterprise(kind: Option<Kind>, asn: Option<u32>, company: Option<CompanyRecord<'_>>) -> Map {
    let mut traits = system(asn, company, &["isp", "organization"]);
    if let Some(domain) = company.and_then(|company| company.get(Field::Domain)) {
        traits.insert("domain".to_owned(), domain.into());
    }
    if let Some(kind) = kind.and_then(user_type) {
        traits.insert("user_type".to_owned(), kind.into());
    }
    let mut map = Map::new();
    if !traits.is_empty() {
        map.insert("traits".to_owned(), Value::Map(traits));
    }
    // The country where the company is registered, and not where the address is.
    if let Some(country) = company.and_then(|company| company.get(Field::Country)) {
        let country = Value::map([("iso_code", Value::from(country))]);
        map.insert("registered_country".to_owned(), country);
    }
    map
}

/// What MaxMind calls a kind.
const fn user_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Business => Some("business"),
        Kind::Hosting => Some("hosting"),
        Kind::Isp | Kind::Consumer => Some("residential"),
        Kind::Mobile => Some("cellular"),
        Kind::Education => Some("college"),
        Kind::Government => Some("government"),
        _ => None,
    }
}

/// Has the tree's record of `::ffff:0:0/96` lead where that of `::/96`, IPv4, leads.
fn alias(bytes: &mut [u8]) -> Option<()> {
    let metadata = maxminddb::Reader::from_source(&*bytes).ok()?.metadata().clone();
    let tree = Tree { record: usize::from(metadata.record_size), nodes: metadata.node_count };
    let v4 = tree.walk(bytes, (0..96).map(|_| 0))?;
    let v4 = tree.read(bytes, v4.0, v4.1)?;
    let mapped = tree.walk(bytes, (0..96).map(|depth| usize::from(depth >= 80)))?;
    tree.write(bytes, mapped.0, mapped.1, v4)
}

/// The tree at a file's beginning: nodes of two records.
struct Tree {
    /// Bits of a record: 24, 28 or 32.
    record: usize,
    nodes: u32,
}

impl Tree {
    /// The node and side of the last of some bits.
    fn walk(&self, bytes: &[u8], bits: impl Iterator<Item = usize>) -> Option<(u32, usize)> {
        let (mut node, mut last) = (0, None);
        for bit in bits {
            if let Some((before, side)) = last {
                node = self.read(bytes, before, side).filter(|node| *node < self.nodes)?;
            }
            last = Some((node, bit));
        }
        last
    }

    /// Where a node's bytes are.
    const fn place(&self, node: u32) -> usize {
        node as usize * self.record / 4
    }

    fn read(&self, bytes: &[u8], node: u32, side: usize) -> Option<u32> {
        let node = bytes.get(self.place(node)..)?.get(..self.record / 4)?;
        let number =
            |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        Some(match (self.record, side) {
            // The four upper bits of both stand between them.
            (28, 0) => number(&node[..3]) | u32::from(node[3] >> 4) << 24,
            (28, _) => number(&node[4..]) | u32::from(node[3] & 15) << 24,
            (bits, side) => number(&node[side * bits / 8..][..bits / 8]),
        })
    }

    fn write(&self, bytes: &mut [u8], node: u32, side: usize, to: u32) -> Option<()> {
        let place = self.place(node);
        let node = bytes.get_mut(place..)?.get_mut(..self.record / 4)?;
        let be = to.to_be_bytes();
        match (self.record, side) {
            (28, 0) => {
                node[..3].copy_from_slice(&be[1..]);
                node[3] = be[0] << 4 | node[3] & 15;
            }
            (28, _) => {
                node[4..].copy_from_slice(&be[1..]);
                node[3] = node[3] & 0xf0 | be[0];
            }
            (bits, side) => {
                node[side * bits / 8..][..bits / 8].copy_from_slice(&be[4 - bits / 8..]);
            }
        }
        Some(())
    }
}
