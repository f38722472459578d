//! A set of addresses, asked whether it holds one.
//!
//! It is what lists of prefixes are read into: trusted proxies, crawlers, an operator's own offices. It does
//! not tell which of its ranges holds an address.

use std::net::IpAddr;

use super::{AddressRange, Family, IpNet};

/// Addresses of both families, made of ranges.
///
/// ```
/// use firmtrie::net::{AddressSet, parse_prefix};
/// let own: AddressSet = [parse_prefix("192.0.2.0/24")?, parse_prefix("2001:db8::/32")?].into_iter().collect();
/// assert!(own.contains("192.0.2.7".parse()?) && !own.contains("192.0.3.0".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: Stretches<u32>,
    v6: Stretches<u128>,
}

/// Numbers in stretches, ascending; no two overlap or touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stretches<A> {
    firsts: Vec<A>,
    lasts: Vec<A>,
}

impl<A: Copy + Ord> Stretches<A> {
    /// Are all numbers from `first` to `last` in it?
    fn contain(&self, first: A, last: A) -> bool {
        // Only the last that begins no later can hold them.
        let behind = self.firsts.partition_point(|of| *of <= first);
        behind.checked_sub(1).is_some_and(|at| last <= self.lasts[at])
    }

    fn push(&mut self, first: A, last: A) {
        self.firsts.push(first);
        self.lasts.push(last);
    }

    fn iter(&self) -> impl Iterator<Item = (A, A)> {
        self.firsts.iter().copied().zip(self.lasts.iter().copied())
    }
}

impl AddressSet {
    /// Is the address in it? One that is mapped into IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.contain(address.to_bits(), address.to_bits()),
            IpAddr::V6(address) => self.v6.contain(address.to_bits(), address.to_bits()),
        }
    }

    /// Is every address of a range in it?
    #[cfg(feature = "build")]
    pub(crate) fn contains_range(&self, range: &AddressRange) -> bool {
        let (first, last) = (range.first_bits(), range.last_bits());
        match range.family() {
            Family::V4 => self.v4.contain(first as u32, last as u32),
            Family::V6 => self.v6.contain(first, last),
        }
    }

    /// Is there no address in it?
    pub const fn is_empty(&self) -> bool {
        self.v4.firsts.is_empty() && self.v6.firsts.is_empty()
    }

    /// The fewest ranges it is made of, in address order, IPv4 first.
    pub fn ranges(&self) -> impl Iterator<Item = AddressRange> {
        let v4 = self.v4.iter().map(|(first, last)| (Family::V4, first.into(), last.into()));
        let v6 = self.v6.iter().map(|(first, last)| (Family::V6, first, last));
        v4.chain(v6).map(|(family, first, last)| AddressRange::from_bits(family, first, last))
    }
}

impl FromIterator<AddressRange> for AddressSet {
    fn from_iter<I: IntoIterator<Item = AddressRange>>(ranges: I) -> Self {
        let mut given: Vec<AddressRange> = ranges.into_iter().collect();
        given.sort_unstable();
        let mut joined: Vec<AddressRange> = Vec::with_capacity(given.len());
        for range in given {
            let touched = joined.last_mut().filter(|last| {
                last.family() == range.family()
                    && range.first_bits() <= last.last_bits().saturating_add(1)
            });
            match touched {
                Some(last) => {
                    let end = last.last_bits().max(range.last_bits());
                    *last = AddressRange::from_bits(last.family(), last.first_bits(), end);
                }
                None => joined.push(range),
            }
        }
        let mut set = Self::default();
        for range in joined {
            let (first, last) = (range.first_bits(), range.last_bits());
            match range.family() {
                Family::V4 => set.v4.push(first as u32, last as u32),
                Family::V6 => set.v6.push(first, last),
            }
        }
        set
    }
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<I: IntoIterator<Item = IpNet>>(prefixes: I) -> Self {
        prefixes.into_iter().map(AddressRange::from).collect()
    }
}
