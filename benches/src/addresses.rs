//! What is asked for: three mixes of addresses, the same ones for the same world.

use std::net::{Ipv4Addr, Ipv6Addr};

use fastrand::Rng;

use crate::world::World;

/// Addresses of a mix: more than any branch predictor or cache of answers remembers.
pub const COUNT: usize = 1 << 18;
/// Different addresses of the hot mix.
const HOT: u32 = 100_000;
const SEED: u64 = 20_261_125;

/// How addresses are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// From all space, that of the registries for IPv6 (2000::/3).
    Uniform,
    /// A network of the world, then an address inside it.
    Routed,
    /// Routed, but few are asked for most of the time: Zipf's law over 100,000, exponent 1.
    Hot,
}

impl Mix {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Uniform, Self::Routed, Self::Hot];

    /// Its name in a table.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Routed => "routed",
            Self::Hot => "hot",
        }
    }

    /// IPv4 addresses.
    pub fn v4(self, world: &World) -> Vec<Ipv4Addr> {
        let uniform = |rng: &mut Rng| Ipv4Addr::from_bits(rng.u32(..));
        let routed = |rng: &mut Rng| {
            let (net, _) = world.v4[rng.usize(..world.v4.len())];
            Ipv4Addr::from_bits(net.addr().to_bits() | rng.u32(..) & net.hostmask().to_bits())
        };
        self.addresses(uniform, routed)
    }

    /// IPv6 addresses.
    pub fn v6(self, world: &World) -> Vec<Ipv6Addr> {
        let uniform = |rng: &mut Rng| Ipv6Addr::from_bits(1 << 125 | rng.u128(..) >> 3);
        let routed = |rng: &mut Rng| {
            let (net, _) = world.v6[rng.usize(..world.v6.len())];
            Ipv6Addr::from_bits(net.addr().to_bits() | rng.u128(..) & net.hostmask().to_bits())
        };
        self.addresses(uniform, routed)
    }

    fn addresses<A: Copy>(
        self,
        uniform: impl Fn(&mut Rng) -> A,
        routed: impl Fn(&mut Rng) -> A,
    ) -> Vec<A> {
        let mut rng = Rng::with_seed(SEED);
        match self {
            Self::Uniform => (0..COUNT).map(|_| uniform(&mut rng)).collect(),
            Self::Routed => (0..COUNT).map(|_| routed(&mut rng)).collect(),
            Self::Hot => {
                let hot: Vec<A> = (0..HOT).map(|_| routed(&mut rng)).collect();
                // The k-th most frequent has rank n^u for a uniform u: density 1/k.
                let rank = |u: f64| f64::from(HOT).powf(u) as usize - 1;
                (0..COUNT).map(|_| hot[rank(rng.f64())]).collect()
            }
        }
    }
}
