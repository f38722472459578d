//! An overlay: what is taken out of an index that is being read, without building it again.
//!
//! A bit for each company, and ranges of addresses. An empty overlay costs a lookup one branch; one
//! that hides companies a bit read beside the answer's row. Hidden networks answer `withheld`, and
//! the network given for what is shown never reaches into them. Who is to be hidden, and why, is not
//! known here.

use std::net::IpAddr;

use ipnet::IpNet;

use super::answered::{Classification, Description, Match, network};
use super::{Address, Index, Networks};
use crate::company::Status;
use crate::error::Result;
use crate::index::NOBODY;
use crate::net::{AddressRange, Family, bits_of};

/// What is taken out of one index.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n1.0.1.0,1.0.1.255,1,Other B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Index, Overlay};
/// let index = Index::open(&path)?;
/// let hit = index.lookup("1.0.0.1".parse()?)?.expect("it is in the source");
/// let mut overlay = Overlay::default();
/// overlay.hide_company(hit.company_number());
/// assert!(overlay.lookup(&index, "1.0.0.1".parse()?)?.is_none());
/// assert!(overlay.lookup(&index, "1.0.1.1".parse()?)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Is anything hidden?
    hides: bool,
    /// Bit `n % 64` of word `n / 64` is of company `n`; short as the highest hidden allows.
    companies: Vec<u64>,
    /// Of each family the hidden addresses: first and last, ascending and disjoint.
    ranges: [Vec<(u128, u128)>; 2],
    /// A bit for each /16 of IPv4 in which any is hidden, so that most lookups search no ranges.
    touched: Vec<u64>,
}

impl Overlay {
    /// Hides a company, by its number in the index.
    pub fn hide_company(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.companies.len() <= word {
            self.companies.resize(word + 1, 0);
        }
        self.companies[word] |= 1 << (number % 64);
        self.hides = true;
    }

    /// Hides address space, with all that is in it.
    pub fn hide_prefix(&mut self, prefix: IpNet) {
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
        self.hides = true;
    }

    /// Is this company hidden?
    #[inline]
    pub fn hides_company(&self, number: u32) -> bool {
        let word = self.companies.get(number as usize / 64).copied().unwrap_or_default();
        word >> (number % 64) & 1 == 1
    }

    /// Is this address hidden, whoever has it?
    #[inline]
    pub fn hides_address(&self, address: IpAddr) -> bool {
        let (family, bits) = bits_of(address);
        self.hides_bits(family, bits)
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
    fn hides_bits(&self, family: Family, bits: u128) -> bool {
        let ranges = &self.ranges[family as usize];
        !ranges.is_empty() && {
            let behind = ranges.partition_point(|(first, _)| *first <= bits);
            ranges[..behind].last().is_some_and(|(_, last)| bits <= *last)
        }
    }

    /// [`Index::lookup`], but for what is hidden.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline(always)]
    pub fn lookup<'a>(&self, index: &'a Index, address: IpAddr) -> Result<Option<Match<'a>>> {
        index.lookup_shown(address, |company, at, length| {
            if self.hides { self.shown(company, at, length) } else { Some(length) }
        })
    }

    /// [`Index::number`]; what is hidden has the number 0, nobody's.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline(always)]
    pub fn number(&self, index: &Index, address: IpAddr) -> Result<u32> {
        let number = index.number(address)?;
        let hidden = self.hides && self.hides_answer(index, number, bits_of(address))?;
        Ok(if hidden { NOBODY } else { number })
    }

    /// [`Index::number_and_length`]; what is hidden has the number 0, nobody's, and the length of
    /// its network, which is withheld as a whole.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn number_and_length(&self, index: &Index, address: IpAddr) -> Result<(u32, u8)> {
        let (number, length) = index.number_and_length(address)?;
        let (hidden, length) = self.seen(index, bits_of(address), number, length)?;
        Ok((if hidden { NOBODY } else { number }, length))
    }

    /// Is anything hidden at all?
    #[cfg(feature = "columns")]
    pub(crate) const fn hides(&self) -> bool {
        self.hides
    }

    /// Is the answer of an address hidden, and the length of the network that is told of it, from
    /// what the index says.
    #[inline]
    pub(crate) fn seen(
        &self,
        index: &Index,
        (family, bits): (Family, u128),
        number: u32,
        length: u8,
    ) -> Result<(bool, u8)> {
        if !self.hides {
            return Ok((false, length));
        }
        let network = network(family.address(bits), length);
        let length = within(network, self.around(family, bits), bits).prefix_len();
        Ok((self.hides_answer(index, number, (family, bits))?, length))
    }

    /// The length of the network to be told of an address of a company, or nothing if it is hidden.
    fn shown(&self, company: u32, (family, bits): (Family, u128), length: u8) -> Option<u8> {
        if self.hides_company(company) {
            return None;
        }
        if self.is_far(family, bits) && (family == Family::V6 || length >= 16) {
            return Some(length);
        }
        let network = network(family.address(bits), length);
        let within = || within(network, self.around(family, bits), bits).prefix_len();
        (!self.hides_bits(family, bits)).then(within)
    }

    /// [`Index::classify`]; what is hidden is withheld.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn classify(&self, index: &Index, address: IpAddr) -> Result<Classification> {
        Ok(self.answered(index, address)?.0)
    }

    /// [`Index::describe`]; what is hidden is withheld.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn describe<'a>(&self, index: &'a Index, address: IpAddr) -> Result<Description<'a>> {
        let (class, hit) = self.answered(index, address)?;
        Description::new(Some(address.to_canonical()), class, hit)
    }

    fn answered<'a>(
        &self,
        index: &'a Index,
        address: IpAddr,
    ) -> Result<(Classification, Option<Match<'a>>)> {
        let (number, length) = index.number_and_length(address)?;
        let address = address.to_canonical();
        let (hidden, length) = self.seen(index, bits_of(address), number, length)?;
        if !hidden {
            return index.answered(address, length, number);
        }
        let (status, network) = (Status::Withheld, network(address, length));
        Ok((Classification { status, network, kind: None, asn: None }, None))
    }

    /// [`Index::lookup_batch`]; what is hidden has the number 0, nobody's.
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`].
    pub fn lookup_batch<A: Address>(
        &self,
        index: &Index,
        addresses: &[A],
        answers: &mut [u32],
    ) -> Result<()> {
        index.lookup_batch(addresses, answers)?;
        if !self.hides {
            return Ok(());
        }
        for (address, number) in addresses.iter().zip(answers) {
            if self.hides_answer(index, *number, bits_of((*address).into()))? {
                *number = NOBODY;
            }
        }
        Ok(())
    }

    /// What is shown of networks, with the number of its answer, in their order: those of hidden
    /// companies are left out, and of those that hold hidden addresses the parts around them given.
    ///
    /// # Errors
    /// Those of the networks.
    pub fn networks(&self, index: &Index, networks: Networks<'_>) -> Result<Vec<(IpNet, u32)>> {
        let mut shown = Vec::new();
        for whole in networks {
            let whole = whole?.prefix();
            let range = AddressRange::from(whole);
            let family = range.family();
            let number = index.number(range.first())?;
            let mut at = range.first_bits();
            loop {
                let part = within(whole, self.around(family, at), at);
                if number != NOBODY && !self.hides_answer(index, number, (family, at))? {
                    shown.push((part, number));
                }
                let last = AddressRange::from(part).last_bits();
                if last >= range.last_bits() {
                    break;
                }
                at = last + 1;
            }
        }
        Ok(shown)
    }

    /// Is the answer of an address hidden? What nobody is named for is not.
    fn hides_answer(
        &self,
        index: &Index,
        number: u32,
        (family, bits): (Family, u128),
    ) -> Result<bool> {
        let company = index.answer(number)?.company_number();
        Ok(company.is_some_and(|company| self.hides_company(company))
            || number != NOBODY && self.hides_bits(family, bits))
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

/// The widest part of a network around an address that is within these bounds.
fn within(network: IpNet, (first, last): (u128, u128), bits: u128) -> IpNet {
    let range = AddressRange::from(network);
    let (from, to) = (range.first_bits(), range.last_bits());
    if first <= from && to <= last {
        return network;
    }
    AddressRange::from_bits(range.family(), from.max(first), to.min(last)).widest_prefix_at(bits)
}
