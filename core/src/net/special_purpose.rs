//! Special-purpose address space: what no company can be behind, whatever a source claims.
//!
//! The blocks are those that the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890,
//! as updated by RFC 8190; state of 2025-10-09) call not globally reachable, less the globally
//! reachable entries inside them. Entries the registries leave undecided (`N/A` or empty: 6to4,
//! its retired relays) count as what is around them. Multicast has a registry of its own and is
//! not here: no visitor has such an address.

use super::{AddressRange, AddressSet, Family, IpNet};

/// Entries that are not globally reachable; those inside another entry are not repeated.
const UNREACHABLE: [&str; 26] = [
    "0.0.0.0/8",       // "This network", RFC 791
    "10.0.0.0/8",      // private use, RFC 1918
    "100.64.0.0/10",   // shared address space of carriers, RFC 6598
    "127.0.0.0/8",     // loopback, RFC 1122
    "169.254.0.0/16",  // link-local, RFC 3927
    "172.16.0.0/12",   // private use, RFC 1918
    "192.0.0.0/24",    // IETF protocol assignments, RFC 6890
    "192.0.2.0/24",    // documentation, RFC 5737
    "192.88.99.2/32",  // 6a44 relay anycast, RFC 6751
    "192.168.0.0/16",  // private use, RFC 1918
    "198.18.0.0/15",   // benchmarking, RFC 2544
    "198.51.100.0/24", // documentation, RFC 5737
    "203.0.113.0/24",  // documentation, RFC 5737
    "240.0.0.0/4",     // reserved, RFC 1112, with the limited broadcast address, RFC 8190
    "::/128",          // unspecified, RFC 4291
    "::1/128",         // loopback, RFC 4291
    "::ffff:0:0/96",   // IPv4-mapped, RFC 4291: such an address is looked up as IPv4
    "64:ff9b:1::/48",  // local-use IPv4/IPv6 translation, RFC 8215
    "100::/64",        // discard-only, RFC 6666
    "100:0:0:1::/64",  // dummy prefix, RFC 9780
    "2001::/23",       // IETF protocol assignments, RFC 2928
    "2001:db8::/32",   // documentation, RFC 3849
    "3fff::/20",       // documentation, RFC 9637
    "5f00::/16",       // segment routing identifiers, RFC 9602
    "fc00::/7",        // unique local, RFC 4193
    "fe80::/10",       // link-local, RFC 4291
];

/// Globally reachable entries inside an unreachable one.
const REACHABLE_INSIDE: [&str; 9] = [
    "192.0.0.9/32",    // port control protocol anycast, RFC 7723
    "192.0.0.10/32",   // TURN anycast, RFC 8155
    "2001:1::1/128",   // port control protocol anycast, RFC 7723
    "2001:1::2/128",   // TURN anycast, RFC 8155
    "2001:1::3/128",   // DNS-SD service registration anycast, RFC 9665
    "2001:3::/32",     // automatic multicast tunneling, RFC 7450
    "2001:4:112::/48", // AS112, RFC 7535
    "2001:20::/28",    // ORCHIDv2, RFC 7343
    "2001:30::/28",    // drone remote identification, RFC 9374
];

/// All special-purpose space: no company can be behind it, and no visitor of the open internet has an
/// address in it.
///
/// ```
/// let special = firmtrie::net::special_purpose();
/// assert!(special.contains("192.168.1.7".parse()?) && !special.contains("9.9.9.9".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn special_purpose() -> AddressSet {
    [Family::V4, Family::V6].into_iter().flat_map(special_purpose_of).collect()
}

/// The special-purpose space of a family, as ascending, disjoint ranges.
pub(crate) fn special_purpose_of(family: Family) -> Vec<AddressRange> {
    let mut ranges = Vec::new();
    let exceptions = blocks(&REACHABLE_INSIDE, family);
    for block in blocks(&UNREACHABLE, family) {
        let mut next = block.first_bits();
        for hole in exceptions.iter().filter(|hole| block.contains(hole.first())) {
            if next < hole.first_bits() {
                ranges.push(AddressRange::from_bits(family, next, hole.first_bits() - 1));
            }
            next = hole.last_bits() + 1;
        }
        ranges.push(AddressRange::from_bits(family, next, block.last_bits()));
    }
    ranges
}

/// The blocks of one family, ascending.
fn blocks(table: &[&str], family: Family) -> Vec<AddressRange> {
    let mut blocks: Vec<AddressRange> = table
        .iter()
        .filter_map(|text| match (text.parse().ok()?, family) {
            (IpNet::V4(net), Family::V4) => {
                Some((net.network().to_bits().into(), net.broadcast().to_bits().into()))
            }
            // Not by `AddressRange::from`, for which the mapped block is all of IPv4.
            (IpNet::V6(net), Family::V6) => {
                Some((net.network().to_bits(), net.broadcast().to_bits()))
            }
            _ => None,
        })
        .map(|(first, last)| AddressRange::from_bits(family, first, last))
        .collect();
    blocks.sort_unstable();
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_read_and_the_ranges_are_ascending_and_disjoint() {
        let read = [Family::V4, Family::V6]
            .map(|f| blocks(&UNREACHABLE, f).len() + blocks(&REACHABLE_INSIDE, f).len());
        assert_eq!(read.iter().sum::<usize>(), UNREACHABLE.len() + REACHABLE_INSIDE.len());
        for family in [Family::V4, Family::V6] {
            let ranges = special_purpose_of(family);
            assert!(ranges.windows(2).all(|pair| pair[0].last_bits() < pair[1].first_bits()));
        }
    }
}
