//! A set of addresses, asked whether it holds one.
//!
//! It is what lists of prefixes are read into: trusted proxies, crawlers, an operator's own offices. It does
//! not tell which of its ranges holds an address.

use std::net::IpAddr;

use super::{AddressRange, IpNet};

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
    /// Ascending; no two overlap or touch.
    ranges: Vec<AddressRange>,
}

impl AddressSet {
    /// Is the address in it? One that is mapped into IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.around(&AddressRange::from(IpNet::from(address.to_canonical())))
    }

    /// Is every address of a range in it?
    #[cfg(feature = "build")]
    pub(crate) fn contains_range(&self, range: &AddressRange) -> bool {
        self.around(range)
    }

    fn around(&self, range: &AddressRange) -> bool {
        let begin = |range: &AddressRange| (range.family(), range.first_bits());
        // Only the last that begins no later can hold it.
        let behind = self.ranges.partition_point(|of| begin(of) <= begin(range));
        self.ranges[..behind]
            .last()
            .is_some_and(|of| of.family() == range.family() && range.last_bits() <= of.last_bits())
    }

    /// Is there no address in it?
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The fewest ranges it is made of, in address order, IPv4 first.
    pub fn ranges(&self) -> &[AddressRange] {
        &self.ranges
    }
}

impl FromIterator<AddressRange> for AddressSet {
    fn from_iter<I: IntoIterator<Item = AddressRange>>(ranges: I) -> Self {
        let mut given: Vec<AddressRange> = ranges.into_iter().collect();
        given.sort_unstable();
        let mut ranges: Vec<AddressRange> = Vec::with_capacity(given.len());
        for range in given {
            let joined = ranges.last_mut().filter(|last| {
                last.family() == range.family()
                    && range.first_bits() <= last.last_bits().saturating_add(1)
            });
            match joined {
                Some(last) => {
                    let end = last.last_bits().max(range.last_bits());
                    *last = AddressRange::from_bits(last.family(), last.first_bits(), end);
                }
                None => ranges.push(range),
            }
        }
        Self { ranges }
    }
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<I: IntoIterator<Item = IpNet>>(prefixes: I) -> Self {
        prefixes.into_iter().map(AddressRange::from).collect()
    }
}
