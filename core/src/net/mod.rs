//! Address arithmetic: ranges of addresses, the prefixes they are made of, and how texts become both.
//!
//! A range is *any* stretch of one address family; nothing here asks it to be a prefix. Prefixes
//! are [`ipnet::IpNet`], the ecosystem's type. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, RFC
//! 4291 section 2.5.5.2) is the IPv4 address everywhere in this crate.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
#[cfg(feature = "build")]
use std::ops::{Add, Sub};

mod address_set;
mod ipv4_text;
pub(crate) mod ipv4_texts;
#[cfg(feature = "columns")]
pub(crate) mod ipv6_texts;
mod special_purpose;

pub use crate::error::RangeError;
use crate::error::{Error, Result};
pub use address_set::AddressSet;
pub use ipnet::{IpNet, Ipv4Net, Ipv6Net};
pub use special_purpose::special_purpose;
#[cfg(feature = "build")]
pub(crate) use special_purpose::special_purpose_of;

/// The upper 96 bits of an IPv4-mapped IPv6 address: `::ffff:0:0/96`.
pub(crate) const MAPPED: u128 = 0xffff;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 32 bits.
    V4,
    /// 128 bits.
    V6,
}

impl Family {
    /// Bits of an address: 32 or 128.
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// The last address of the family as a number.
    pub const fn max(self) -> u128 {
        match self {
            Self::V4 => u32::MAX as u128,
            Self::V6 => u128::MAX,
        }
    }

    /// The address with this number; bits above the family's width are cut off.
    pub const fn address(self, bits: u128) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
            Self::V6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        }
    }
}

/// The family and the number of an address, IPv4-mapped addresses taken as IPv4.
pub const fn bits_of(address: IpAddr) -> (Family, u128) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (Family::V4, v4.to_bits() as u128),
        IpAddr::V6(v6) => (Family::V6, v6.to_bits()),
    }
}

/// An address of one family as a number: `u32` or `u128`.
#[cfg(feature = "build")]
pub(crate) trait AddressBits:
    Copy + Ord + Send + Sync + fmt::Debug + Into<u128> + Add<Output = Self> + Sub<Output = Self>
{
    const FAMILY: Family;
    const MIN: Self;
    const MAX: Self;
    const ONE: Self;

    /// That of a number which is no higher than the last address of the family.
    fn of(bits: u128) -> Self;
}

#[cfg(feature = "build")]
impl AddressBits for u32 {
    const FAMILY: Family = Family::V4;
    const MIN: Self = Self::MIN;
    const MAX: Self = Self::MAX;
    const ONE: Self = 1;

    fn of(bits: u128) -> Self {
        bits as Self
    }
}

#[cfg(feature = "build")]
impl AddressBits for u128 {
    const FAMILY: Family = Family::V6;
    const MIN: Self = Self::MIN;
    const MAX: Self = Self::MAX;
    const ONE: Self = 1;

    fn of(bits: u128) -> Self {
        bits
    }
}

/// A stretch of addresses of one family, both ends included.
///
/// ```
/// use firmtrie::net::AddressRange;
/// let range = AddressRange::new("192.0.2.1".parse()?, "192.0.2.6".parse()?)?;
/// let prefixes: Vec<String> = range.prefixes().map(|p| p.to_string()).collect();
/// assert_eq!(prefixes, ["192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRange {
    family: Family,
    // Numbers, not addresses, and never above `family.max()`; `first <= last`.
    first: Words,
    last: Words,
}

/// A number in four words, the lowest first: a build holds millions of ranges, and a `u128` would have each
/// of them, and all that is kept with it, begin at a multiple of 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Words([u32; 4]);

impl Words {
    const fn of(number: u128) -> Self {
        Self([number as u32, (number >> 32) as u32, (number >> 64) as u32, (number >> 96) as u32])
    }

    const fn number(self) -> u128 {
        let [a, b, c, d] = self.0;
        a as u128 | (b as u128) << 32 | (c as u128) << 64 | (d as u128) << 96
    }
}

impl AddressRange {
    /// The range from `first` to `last`.
    ///
    /// # Errors
    /// When the ends are of different families, or the end lies before the start.
    pub const fn new(first: IpAddr, last: IpAddr) -> Result<Self, RangeError> {
        let ((family, low), (other, high)) = (bits_of(first), bits_of(last));
        // A range over `::ffff:0:0/96` and beyond stays IPv6: its ends decide it together.
        if family as u8 != other as u8 {
            return match (first, last) {
                (IpAddr::V6(a), IpAddr::V6(b)) if a.to_bits() <= b.to_bits() => {
                    Ok(Self::from_bits(Family::V6, a.to_bits(), b.to_bits()))
                }
                _ => Err(RangeError::MixedFamilies { first, last }),
            };
        }
        if high < low {
            return Err(RangeError::EndBeforeStart { first, last });
        }
        Ok(Self::from_bits(family, low, high))
    }

    /// The range of the numbers `first..=last`; the caller vouches for their order and width.
    pub(crate) const fn from_bits(family: Family, first: u128, last: u128) -> Self {
        debug_assert!(first <= last && last <= family.max());
        Self { family, first: Words::of(first), last: Words::of(last) }
    }

    /// The family of both ends.
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The first address.
    pub const fn first(&self) -> IpAddr {
        self.family.address(self.first_bits())
    }

    /// The last address, which belongs to the range.
    pub const fn last(&self) -> IpAddr {
        self.family.address(self.last_bits())
    }

    /// The first address as a number.
    pub const fn first_bits(&self) -> u128 {
        self.first.number()
    }

    /// The last address as a number.
    pub const fn last_bits(&self) -> u128 {
        self.last.number()
    }

    /// Addresses in the range, less one (so that all of IPv6 can be counted).
    pub const fn size_minus_one(&self) -> u128 {
        self.last_bits() - self.first_bits()
    }

    /// Does the range hold this address?
    pub const fn contains(&self, address: IpAddr) -> bool {
        let (family, bits) = bits_of(address);
        family as u8 == self.family as u8 && self.first_bits() <= bits && bits <= self.last_bits()
    }

    /// Does it hold all of another range?
    #[cfg(feature = "build")]
    pub(crate) fn contains_range(&self, other: &Self) -> bool {
        self.family == other.family
            && self.first_bits() <= other.first_bits()
            && other.last_bits() <= self.last_bits()
    }

    /// The fewest prefixes that make up the range, in address order.
    pub const fn prefixes(&self) -> Prefixes {
        Prefixes { family: self.family, next: Some(self.first_bits()), last: self.last_bits() }
    }

    /// The widest prefix inside the range that holds the address `bits`, which must lie in it.
    pub(crate) fn widest_prefix_at(&self, bits: u128) -> IpNet {
        let width = self.family.bits();
        let host_bits = widest_block(self.first_bits(), self.last_bits(), bits, width.into()) as u8;
        prefix(self.family, block(bits, host_bits).0, width - host_bits)
    }
}

impl From<IpNet> for AddressRange {
    fn from(net: IpNet) -> Self {
        // A prefix is never upside down and never of two families.
        match (bits_of(net.network()), bits_of(net.broadcast())) {
            ((family, first), (other, last)) if family == other => {
                Self::from_bits(family, first, last)
            }
            _ => match net {
                IpNet::V4(n) => {
                    let (first, last) = (n.network().to_bits(), n.broadcast().to_bits());
                    Self::from_bits(Family::V4, first.into(), last.into())
                }
                IpNet::V6(n) => {
                    let (first, last) = (n.network().to_bits(), n.broadcast().to_bits());
                    Self::from_bits(Family::V6, first, last)
                }
            },
        }
    }
}

/// By family, then by the first address, then by the last.
impl Ord for AddressRange {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = |of: &Self| (of.family, of.first_bits(), of.last_bits());
        order(self).cmp(&order(other))
    }
}

impl PartialOrd for AddressRange {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first(), self.last())
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The prefixes of a range; made by [`AddressRange::prefixes`].
#[derive(Debug, Clone)]
#[must_use = "iterators do nothing until they are asked"]
pub struct Prefixes {
    family: Family,
    next: Option<u128>,
    last: u128,
}

impl Iterator for Prefixes {
    type Item = IpNet;

    fn next(&mut self) -> Option<IpNet> {
        let first = self.next?;
        let width = self.family.bits();
        // The largest aligned block that starts here and does not pass the end.
        let aligned = if first == 0 { u32::from(width) } else { first.trailing_zeros() };
        let room = match (self.last - first).checked_add(1) {
            Some(count) => count.ilog2(),
            None => 128,
        };
        let host_bits = aligned.min(room).min(u32::from(width)) as u8;
        let (_, end) = block(first, host_bits);
        self.next = if end >= self.last { None } else { Some(end + 1) };
        Some(prefix(self.family, first, width - host_bits))
    }
}

/// First and last number of the aligned block of `2^host_bits` numbers around `bits`.
const fn block(bits: u128, host_bits: u8) -> (u128, u128) {
    let mask = if host_bits >= 128 { u128::MAX } else { (1 << host_bits) - 1 };
    (bits & !mask, bits | mask)
}

/// The widest aligned block that holds `at` and lies in `first..=last`, all numbers of `width`
/// bits: how many bits its numbers differ in.
///
/// A block that holds `at` and not its nearest neighbour outside is at most as wide as the first
/// bit in which the two differ is high.
pub(crate) const fn widest_block(first: u128, last: u128, at: u128, width: u32) -> u32 {
    debug_assert!(first <= at && at <= last);
    let mut free = width;
    if first > 0 && (at ^ (first - 1)).ilog2() < free {
        free = (at ^ (first - 1)).ilog2();
    }
    if last < u128::MAX && (at ^ (last + 1)).ilog2() < free {
        free = (at ^ (last + 1)).ilog2();
    }
    free
}

fn prefix(family: Family, first: u128, length: u8) -> IpNet {
    IpNet::new_assert(family.address(first), length)
}

/// Reads an IPv4 or IPv6 address; an IPv4-mapped address becomes IPv4.
///
/// # Errors
/// [`Error::Address`] for anything else: no host names, no ports, no prefixes, no zone.
///
/// ```
/// let mapped = firmtrie::net::parse_address("::ffff:192.0.2.1")?;
/// assert_eq!(mapped, firmtrie::net::parse_address("192.0.2.1")?);
/// # Ok::<(), firmtrie::Error>(())
/// ```
#[inline(always)]
pub fn parse_address(text: &str) -> Result<IpAddr> {
    match ipv4_texts::parse(text.as_bytes()) {
        Some(bits) => Ok(Ipv4Addr::from_bits(bits).into()),
        None => parse_other(text),
    }
}

/// Short and IPv6 addresses, and what is none.
#[inline(never)]
fn parse_other(text: &str) -> Result<IpAddr> {
    let text = text.trim();
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_canonical()),
        Err(_) => Err(Error::Address { value: text.chars().take(80).collect() }),
    }
}

/// Reads the number of an autonomous system, by itself or as it is printed: `64500`, `AS64500` (RFC 5396).
///
/// # Errors
/// [`Error::Identifier`] when it is none.
///
/// ```
/// assert_eq!(firmtrie::net::parse_asn("AS64500")?, 64500);
/// assert_eq!(firmtrie::net::parse_asn(" 64500 ")?, 64500);
/// assert!(firmtrie::net::parse_asn("AS").is_err());
/// # Ok::<(), firmtrie::Error>(())
/// ```
pub fn parse_asn(text: &str) -> Result<u32> {
    let trimmed = text.trim();
    let digits = match trimmed.get(..2) {
        Some(start) if start.eq_ignore_ascii_case("as") => &trimmed[2..],
        _ => trimmed,
    };
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok());
    number.flatten().ok_or_else(|| Error::Identifier {
        value: text.chars().take(80).collect(),
        reason: "is not the number of an autonomous system; expected 1 to 4294967295, as in 64500 or AS64500"
            .to_owned(),
    })
}

/// Reads a prefix such as `192.0.2.0/24`; a bare address is the prefix of that one address.
///
/// # Errors
/// [`Error::Prefix`] when it is not a prefix, or when bits after its length are set: such a text
/// has two readings, and guessing one of them would put a company on somebody else's addresses.
///
/// ```
/// let error = firmtrie::net::parse_prefix("192.0.2.1/24").unwrap_err();
/// assert!(error.to_string().contains("write 192.0.2.0/24"));
/// ```
pub fn parse_prefix(text: &str) -> Result<IpNet> {
    let refuse = |reason: String| Error::Prefix { value: text.chars().take(80).collect(), reason };
    let trimmed = text.trim();
    if !trimmed.contains('/') {
        return trimmed.parse::<IpAddr>().map(|a| mapped_to_v4(IpNet::from(a))).map_err(|_| {
            refuse("is not a prefix; write an address and a length, as in 192.0.2.0/24".into())
        });
    }
    let net: IpNet = trimmed.parse().map_err(|_| {
        refuse("is not a prefix; write an address and a length, as in 192.0.2.0/24".into())
    })?;
    if net.trunc() != net {
        return Err(refuse(format!(
            "has host bits set; write {} for the network, or {}/{} for the address",
            net.trunc(),
            net.addr(),
            net.max_prefix_len()
        )));
    }
    Ok(mapped_to_v4(net))
}

/// A prefix inside `::ffff:0:0/96` is the IPv4 prefix it maps.
pub(crate) fn mapped_to_v4(net: IpNet) -> IpNet {
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.network().to_ipv4_mapped() {
            Some(v4) => IpNet::V4(Ipv4Net::new_assert(v4, v6.prefix_len() - 96)),
            None => net,
        },
        _ => net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(first: &str, last: &str) -> AddressRange {
        AddressRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_whole_of_either_family_is_one_prefix() {
        assert_eq!(range("0.0.0.0", "255.255.255.255").prefixes().count(), 1);
        let v6 = range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_eq!(v6.prefixes().map(|p| p.to_string()).collect::<Vec<_>>(), ["::/0"]);
        assert_eq!(v6.widest_prefix_at(7).to_string(), "::/0");
    }

    #[test]
    fn mapped_addresses_are_ipv4_and_a_range_beyond_them_is_not() {
        assert_eq!(range("::ffff:1.0.0.0", "::ffff:1.0.0.255"), range("1.0.0.0", "1.0.0.255"));
        assert_eq!(range("::fffe:0:0", "::ffff:1.0.0.255").family(), Family::V6);
        let mixed = AddressRange::new("1.0.0.0".parse().unwrap(), "::1".parse().unwrap());
        assert!(matches!(mixed, Err(RangeError::MixedFamilies { .. })));
        assert_eq!(parse_prefix("::ffff:1.0.0.0/120").unwrap().to_string(), "1.0.0.0/24");
    }

    #[test]
    fn host_bits_are_refused_with_both_readings_named() {
        let message = parse_prefix("10.1.2.3/8").unwrap_err().to_string();
        assert!(message.contains("write 10.0.0.0/8") && message.contains("10.1.2.3/32"));
    }

    proptest! {
        #[test]
        fn prefixes_tile_their_range_and_the_widest_is_one_of_them_or_wider(
            a in any::<u32>(), b in any::<u32>(), at in any::<u32>()
        ) {
            let (low, high) = (a.min(b), a.max(b));
            let at = low + (u64::from(at) % (u64::from(high - low) + 1)) as u32;
            let range = AddressRange::from_bits(Family::V4, low.into(), high.into());
            let mut next = u128::from(low);
            for net in range.prefixes() {
                let tile = AddressRange::from(net);
                prop_assert_eq!(tile.first_bits(), next);
                next = tile.last_bits() + 1;
                if tile.contains(IpAddr::V4(at.into())) {
                    prop_assert_eq!(range.widest_prefix_at(at.into()), net);
                }
            }
            prop_assert_eq!(next, u128::from(high) + 1);
        }
    }
}
