//! The ways to ask: what an index says, but for what is hidden in it.
//!
//! They are written once, here and in `batch.rs` and `walk.rs`. An [`Index`] asks with nothing hidden, a [`Snapshot`](super::Snapshot)
//! with what is hidden in it. Hidden networks answer `withheld`, and have the number of nobody; the
//! network told of what is shown never reaches into them.

use std::net::IpAddr;

use super::Index;
use super::answered::{Classification, Description, Match, network};
use super::hidden::HiddenSet;
use crate::company::Status;
use crate::error::{Error, Result};
use crate::index::NOBODY;
use crate::net::{Family, bits_of};

/// An index, and what is hidden in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub index: &'a Index,
    pub hidden: &'a HiddenSet,
}

impl<'a> View<'a> {
    /// All of an index.
    #[inline(always)]
    pub(crate) const fn all(index: &'a Index) -> Self {
        Self { index, hidden: HiddenSet::NOTHING }
    }

    #[inline(always)]
    pub(super) fn lookup(self, address: IpAddr) -> Result<Option<Match<'a>>> {
        let (family, bits) = bits_of(address);
        let (number, length) = self.index.find(family, bits)?;
        if !self.index.names_company(number) {
            return Ok(None);
        }
        let answer = self.index.answer(number)?;
        if answer.status() != Status::Company {
            return Err(Error::damaged("Answers", "a mask has the number of a company's answer"));
        }
        let hit = Match::new(answer, (family, bits), length);
        if !self.hidden.any() {
            return Ok(Some(hit));
        }
        let length = self.hidden.shown(hit.company_number(), (family, bits), length);
        Ok(length.map(|length| Match::new(answer, (family, bits), length)))
    }

    #[inline(always)]
    pub(super) fn number(self, address: IpAddr) -> Result<u32> {
        let (family, bits) = bits_of(address);
        let number = match family {
            Family::V4 => self.index.trie().number(bits as u32)?,
            Family::V6 => self.index.intervals().number(bits)?,
        };
        let hidden = self.hidden.any() && self.hides(number, (family, bits))?;
        Ok(if hidden { NOBODY } else { number })
    }

    #[inline]
    pub(super) fn number_and_length(self, address: IpAddr) -> Result<(u32, u8)> {
        let (family, bits) = bits_of(address);
        let (number, length) = self.index.find(family, bits)?;
        let (hidden, length) = self.told((family, bits), number, length)?;
        Ok((if hidden { NOBODY } else { number }, length))
    }

    pub(super) fn classify(self, address: IpAddr) -> Result<Classification> {
        Ok(self.answered(address)?.0)
    }

    pub(super) fn describe(self, address: IpAddr) -> Result<Description<'a>> {
        let (class, hit) = self.answered(address)?;
        Description::new(Some(address.to_canonical()), class, hit)
    }

    /// Is the answer of an address hidden, and which length has the network that is told of it? From
    /// what the index says of it.
    #[inline]
    pub(crate) fn told(
        self,
        (family, bits): (Family, u128),
        number: u32,
        length: u8,
    ) -> Result<(bool, u8)> {
        if !self.hidden.any() {
            return Ok((false, length));
        }
        let length = self.hidden.length_around(family, bits, length);
        Ok((self.hides(number, (family, bits))?, length))
    }

    /// Is the answer of an address hidden? What nobody is named for is not.
    pub(super) fn hides(self, number: u32, (family, bits): (Family, u128)) -> Result<bool> {
        let company = self.index.answer(number)?.company_number();
        Ok(company.is_some_and(|company| self.hidden.hides_company(company))
            || number != NOBODY && self.hidden.hides_bits(family, bits))
    }

    fn answered(self, address: IpAddr) -> Result<(Classification, Option<Match<'a>>)> {
        let (family, bits) = bits_of(address);
        let (number, length) = self.index.find(family, bits)?;
        let address = address.to_canonical();
        let (hidden, length) = self.told((family, bits), number, length)?;
        if !hidden {
            return self.index.answered(address, length, number);
        }
        let (status, network) = (Status::Withheld, network(address, length));
        Ok((Classification { status, network, kind: None, asn: None }, None))
    }
}
