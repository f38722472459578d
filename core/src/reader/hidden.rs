//! What is hidden in an index that is being read: companies and address space, without building it again.
//!
//! A bit for each company, and ranges of addresses. Where nothing is hidden it costs a lookup one branch;
//! where companies are, a bit read beside the answer's row. Who is to be hidden, and why, is not known
//! here.

use ipnet::IpNet;

use super::answered::network;
use crate::index::ids::CompanyId;
use crate::net::{AddressRange, Family};

/// What is hidden in one index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HiddenSet {
    /// Is anything hidden?
    any: bool,
    /// Bit `n % 64` of word `n / 64` is of company `n`; short as the highest hidden allows.
    companies: Vec<u64>,
    /// Of each family the hidden addresses: first and last, ascending and disjoint.
    ranges: [Vec<(u128, u128)>; 2],
    /// A bit for each /16 of IPv4 in which any is hidden, so that most lookups search no ranges.
    touched: Vec<u64>,
}

impl HiddenSet {
    /// Nothing is.
    pub(super) const NOTHING: &'static Self = &Self {
        any: false,
        companies: Vec::new(),
        ranges: [Vec::new(), Vec::new()],
        touched: Vec::new(),
    };

    /// Hides a company, by its number in the index.
    pub(crate) fn hide_company(&mut self, id: CompanyId) {
        let number = id.get();
        let word = number as usize / 64;
        if self.companies.len() <= word {
            self.companies.resize(word + 1, 0);
        }
        self.companies[word] |= 1 << (number % 64);
        self.any = true;
    }

    /// Hides address space, with all that is in it.
    pub(crate) fn hide_prefix(&mut self, prefix: IpNet) {
        let range = AddressRange::from(prefix);
        let (first, last) = (range.first_bits(), range.last_bits());
        if range.family() == Family::V4 {
            self.touched.resize(1 << 10, 0);
            (first >> 16..=last >> 16)
                .for_each(|at| self.touched[at as usize / 64] |= 1 << (at % 64));
        }
        let ranges = &mut self.ranges[range.family() as usize];
        // Of prefixes one holds the other, or they are apart.
        let from = ranges.partition_point(|(_, end)| *end < first);
        let to = ranges.partition_point(|(begin, _)| *begin <= last);
        let holds = |(begin, end): &(u128, u128)| *begin <= first && last <= *end;
        if !ranges[from..to].iter().any(holds) {
            ranges.splice(from..to, [(first, last)]);
        }
        self.any = true;
    }

    /// Is this company hidden?
    #[inline]
    pub(crate) fn hides_company(&self, id: CompanyId) -> bool {
        let number = id.get();
        let word = self.companies.get(number as usize / 64).copied().unwrap_or_default();
        word >> (number % 64) & 1 == 1
    }

    /// Is nothing hidden in the /16 of an IPv4 address, or in all of IPv6?
    #[inline]
    fn is_far(&self, family: Family, bits: u128) -> bool {
        let at = bits as usize >> 16;
        match family {
            Family::V4 => self.touched.get(at / 64).is_none_or(|word| word >> (at % 64) & 1 == 0),
            Family::V6 => self.ranges[Family::V6 as usize].is_empty(),
        }
    }

    #[inline]
    pub(super) fn hides_bits(&self, family: Family, bits: u128) -> bool {
        let ranges = &self.ranges[family as usize];
        !ranges.is_empty() && {
            let behind = ranges.partition_point(|(first, _)| *first <= bits);
            ranges[..behind].last().is_some_and(|(_, last)| bits <= *last)
        }
    }

    /// Is any address of a range hidden by itself?
    pub(super) fn hides_in(&self, range: AddressRange) -> bool {
        let (first, last) = (range.first_bits(), range.last_bits());
        let ranges = &self.ranges[range.family() as usize];
        let behind = ranges.partition_point(|(_, end)| *end < first);
        ranges.get(behind).is_some_and(|(begin, _)| *begin <= last)
    }

    /// Is anything hidden at all?
    #[inline]
    pub(crate) const fn any(&self) -> bool {
        self.any
    }

    /// Is an address of a company hidden, with the company or by itself?
    pub(super) fn hides(&self, company: CompanyId, (family, bits): (Family, u128)) -> bool {
        self.hides_company(company) || !self.is_far(family, bits) && self.hides_bits(family, bits)
    }

    /// The length of the network to be told of an address that is shown.
    #[inline]
    pub(super) fn length_shown(&self, (family, bits): (Family, u128), length: u8) -> u8 {
        if !self.any || self.is_far(family, bits) && (family == Family::V6 || length >= 16) {
            return length;
        }
        self.length_around(family, bits, length)
    }

    /// The length of the widest part of an address's network that is hidden as a whole, or shown.
    #[inline]
    pub(super) fn length_around(&self, family: Family, bits: u128, length: u8) -> u8 {
        self.part_around(network(family.address(bits), length), bits).prefix_len()
    }

    /// The widest part of a network around one of its addresses that is hidden as a whole, or shown.
    pub(super) fn part_around(&self, network: IpNet, bits: u128) -> IpNet {
        let range = AddressRange::from(network);
        let (from, to) = (range.first_bits(), range.last_bits());
        let (first, last) = self.around(range.family(), bits);
        if first <= from && to <= last {
            return network;
        }
        AddressRange::from_bits(range.family(), from.max(first), to.min(last))
            .widest_prefix_at(bits)
    }

    /// The addresses around one that are all hidden, or all not.
    fn around(&self, family: Family, bits: u128) -> (u128, u128) {
        let ranges = &self.ranges[family as usize];
        let behind = ranges.partition_point(|(first, _)| *first <= bits);
        let last = ranges.get(behind).map_or(family.max(), |(next, _)| next - 1);
        match ranges[..behind].last() {
            Some((first, end)) if bits <= *end => (*first, *end),
            Some((_, end)) => (end + 1, last),
            None => (0, last),
        }
    }
}
