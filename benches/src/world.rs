//! Who has which network: the real rows, or made-up ones in any number.
//!
//! A world holds what every structure is built from, prefixes with the number of an organisation,
//! and the CSV files that our own index is built from.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use fastrand::Rng;
use firmtrie::builder::Policy;
use firmtrie::{Builder, Format, Index, Source};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tempfile::TempDir;

/// Where the data sets lie, from this package.
const DATASETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../datasets");

/// Thousandths of the prefixes of the real set (2026-06-17) that have each length, rare ones left
/// out.
const LENGTHS_V4: [(u8, u32); 17] = [
    (12, 1),
    (13, 1),
    (14, 2),
    (15, 4),
    (16, 17),
    (17, 12),
    (18, 21),
    (19, 39),
    (20, 59),
    (21, 82),
    (22, 184),
    (23, 183),
    (24, 387),
    (25, 2),
    (26, 3),
    (27, 2),
    (28, 1),
];
const LENGTHS_V6: [(u8, u32); 17] = [
    (29, 62),
    (30, 6),
    (32, 178),
    (34, 24),
    (36, 44),
    (38, 36),
    (40, 70),
    (42, 48),
    (44, 89),
    (46, 67),
    (47, 58),
    (48, 248),
    (52, 12),
    (56, 12),
    (60, 20),
    (64, 24),
    (128, 2),
];
/// The share of IPv6 among the real rows, in thousandths.
const SHARE_V6: u32 = 200;
/// Where IPv6 is allocated, first /32 and the one behind the last: the registries' /12s, and 2001.
const ALLOCATED_V6: [(u32, u32); 6] = [
    (0x2001_0200, 0x2001_0d00),
    (0x2400_0000, 0x2410_0000),
    (0x2600_0000, 0x2610_0000),
    (0x2800_0000, 0x2810_0000),
    (0x2a00_0000, 0x2a10_0000),
    (0x2c00_0000, 0x2c10_0000),
];
/// /8s of IPv4 with special-purpose space inside, which an index leaves out and peers do not.
const AVOIDED_V4: [u8; 9] = [10, 100, 127, 169, 172, 192, 198, 203, 0];
/// Prefixes per organisation in the real set.
const PREFIXES_PER_ORGANISATION: usize = 6;

/// Prefixes and whose they are.
pub struct World {
    /// What to call it in a table.
    pub title: String,
    /// IPv4, wider before narrower, with the number of an organisation.
    pub v4: Vec<(Ipv4Net, u32)>,
    /// IPv6 likewise.
    pub v6: Vec<(Ipv6Net, u32)>,
    /// Autonomous system and name of each organisation; numbers count from 1.
    pub organisations: Vec<(u32, String)>,
    /// The same as rows of `asn-csv`, IPv4 and IPv6.
    pub files: [PathBuf; 2],
    dir: TempDir,
}

impl World {
    /// The real rows: the full set, or the excerpt when it has not been fetched.
    pub fn real() -> Self {
        let full = Path::new(DATASETS).join("full/asn");
        if full.join("asn-ipv4.csv").exists() {
            Self::of_files("full real set", &full)
        } else {
            Self::of_files(
                "excerpt only: `make datasets` fetches the full set",
                &Path::new(DATASETS).join("asn"),
            )
        }
    }

    /// The excerpt that is kept beside the code.
    pub fn excerpt() -> Self {
        Self::of_files("excerpt", &Path::new(DATASETS).join("asn"))
    }

    fn of_files(title: &str, from: &Path) -> Self {
        let mut world = Self::empty(title);
        world.files = ["asn-ipv4.csv", "asn-ipv6.csv"].map(|name| from.join(name));
        // The networks of the index: two of the rows overlap, and prefix tables cannot say so.
        let index = world.index();
        let mut numbers = HashMap::new();
        for network in index.networks() {
            let network = network.expect("the index is sound");
            let hit = network.describe().expect("the index is sound");
            let Some(company) = &hit.company else { continue };
            let organisation = (hit.asn.unwrap_or_default(), company.name.to_owned());
            let next = numbers.len() as u32 + 1;
            let number = *numbers.entry(organisation.clone()).or_insert(next);
            if number == next {
                world.organisations.push(organisation);
            }
            world.push(hit.network, number);
        }
        world.sort();
        world
    }

    /// So many made-up prefixes with the real mix of lengths; the same ones for the same seed.
    /// Some lie inside others, as claims do.
    pub fn generated(claims: usize, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut world = Self::empty(&format!("{claims} generated claims"));
        let organisations = claims / PREFIXES_PER_ORGANISATION + 1;
        world.organisations =
            (1..=organisations as u32).map(|n| (n, format!("Organisation {n} Ltd"))).collect();
        let claims_v6 = claims / 1000 * SHARE_V6 as usize;
        let allocations: Vec<u32> = (0..=claims_v6 / 4)
            .map(|_| {
                let (first, end) = ALLOCATED_V6[rng.usize(..ALLOCATED_V6.len())];
                rng.u32(first..end)
            })
            .collect();
        let mut taken = HashSet::with_capacity(claims);
        while taken.len() < claims {
            let net = if taken.len() < claims_v6 {
                let allocation = allocations[rng.usize(..allocations.len())];
                let length = draw(&mut rng, &LENGTHS_V6);
                let address = u128::from(allocation) << 96 | rng.u128(..) >> 32;
                IpNet::new(Ipv6Addr::from_bits(address).into(), length)
            } else {
                // Now and then a longer one than there are: in the end they are used up.
                let longer = if rng.u8(..16) == 0 { rng.u8(..9) } else { 0 };
                let length = (draw(&mut rng, &LENGTHS_V4) + longer).min(32);
                let address = Ipv4Addr::from_bits(rng.u32(1 << 24..0xe000_0000));
                if AVOIDED_V4.contains(&address.octets()[0]) {
                    continue;
                }
                IpNet::new(address.into(), length)
            };
            let net = net.expect("a length of the family").trunc();
            if taken.insert(net) {
                world.push(net, 1 + rng.u32(..organisations as u32));
            }
        }
        drop(taken);
        world.sort();
        let v4 = world.rows(world.v4.iter().map(|(net, o)| ((*net).into(), *o)));
        let v6 = world.rows(world.v6.iter().map(|(net, o)| ((*net).into(), *o)));
        world.files = [("v4.csv", v4), ("v6.csv", v6)].map(|(name, rows)| {
            let path = world.path(name);
            std::fs::write(&path, rows).expect("a temporary file");
            path
        });
        world
    }

    fn empty(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            v4: Vec::new(),
            v6: Vec::new(),
            organisations: Vec::new(),
            files: Default::default(),
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn push(&mut self, net: IpNet, organisation: u32) {
        match net {
            IpNet::V4(net) => self.v4.push((net, organisation)),
            IpNet::V6(net) => self.v6.push((net, organisation)),
        }
    }

    fn sort(&mut self) {
        self.v4.sort_unstable_by_key(|(net, _)| (net.prefix_len(), net.addr()));
        self.v6.sort_unstable_by_key(|(net, _)| (net.prefix_len(), net.addr()));
    }

    fn rows(&self, nets: impl Iterator<Item = (IpNet, u32)>) -> String {
        nets.fold(String::new(), |mut rows, (net, organisation)| {
            let (first, last) = (net.network(), net.broadcast());
            let (asn, name) = &self.organisations[organisation as usize - 1];
            writeln!(rows, "{first},{last},{asn},{name}").expect("a string takes all");
            rows
        })
    }

    /// How to build our index of it.
    pub fn builder(&self) -> Builder {
        Builder::new()
            .policy(Policy::open())
            .source(self.files.iter().fold(Source::new("asn", Format::AsnCsv), Source::path))
    }

    /// Our index of it, mapped.
    pub fn index(&self) -> Index {
        let path = self.path("world.firm");
        self.builder().write(&path).expect("the rows are sound");
        map(&path)
    }

    /// The path of a file that lives as long as the world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Maps an index that lies in the folder of a world.
pub fn map(path: &Path) -> Index {
    // SAFETY: the folder is our own: a file in it is replaced, and never written into.
    #[allow(unsafe_code)]
    unsafe { Index::map(path) }.expect("a fresh index")
}

fn draw(rng: &mut Rng, lengths: &[(u8, u32)]) -> u8 {
    let total = lengths.iter().map(|(_, share)| share).sum();
    let mut at = rng.u32(0..total);
    for (length, share) in lengths {
        if at < *share {
            return *length;
        }
        at -= share;
    }
    unreachable!("the shares add up")
}
