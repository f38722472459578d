//! Addresses as they come: of IPv4 alone, which take a quarter of the memory, until another comes.

use std::net::{IpAddr, Ipv4Addr};

/// Addresses, in their order.
pub enum Addresses {
    V4(Vec<Ipv4Addr>),
    Mixed(Vec<IpAddr>),
}

impl Default for Addresses {
    fn default() -> Self {
        Self::V4(Vec::new())
    }
}

impl Addresses {
    pub fn push(&mut self, address: IpAddr) {
        match (&mut *self, address) {
            (Self::V4(all), IpAddr::V4(address)) => all.push(address),
            (Self::V4(all), IpAddr::V6(_)) => {
                let mixed = all.iter().map(|v4| IpAddr::V4(*v4)).chain([address]).collect();
                *self = Self::Mixed(mixed);
            }
            (Self::Mixed(all), address) => all.push(address),
        }
    }

    /// The same, for many.
    pub fn extend_v4(&mut self, addresses: impl Iterator<Item = Ipv4Addr>) {
        match self {
            Self::V4(all) => all.extend(addresses),
            Self::Mixed(all) => all.extend(addresses.map(IpAddr::V4)),
        }
    }
}
