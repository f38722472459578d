//! The ways to ask: what an index says, but for what is hidden in it.
//!
//! They are written once, here and in `batch.rs` and `walk.rs`. An [`Index`] asks with nothing hidden, a
//! [`Snapshot`](super::Snapshot) with what is hidden in it. Hidden networks are answered with
//! [`AnswerId::WITHHELD`] by whatever way is asked; the network told of what is shown never reaches into
//! them.

use std::net::IpAddr;

use super::Index;
use super::answered::{Classification, Description};
use super::hidden::HiddenSet;
use super::matched::Match;
use crate::company::Status;
use crate::error::Result;
use crate::index::Place;
use crate::index::ids::AnswerId;
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
        let (id, place) = self.index.find(family, bits)?;
        if !self.index.names_company(id) {
            return self.index.knows(id).map(|()| None);
        }
        let hit = Match { view: self, id, bits, family, place };
        if self.hidden.any() && self.hidden.hides(hit.company_id()?, (family, bits)) {
            return Ok(None);
        }
        Ok(Some(hit))
    }

    #[inline(always)]
    pub(crate) fn answer_id(self, address: IpAddr) -> Result<AnswerId> {
        let (family, bits) = bits_of(address);
        let number = match family {
            Family::V4 => self.index.trie().number(bits as u32)?,
            Family::V6 => self.index.intervals().number(bits)?,
        };
        self.shown_id((family, bits), AnswerId::new(number))
    }

    #[inline]
    pub(crate) fn answer_id_and_length(self, address: IpAddr) -> Result<(AnswerId, u8)> {
        let (family, bits) = bits_of(address);
        let (id, length) = self.index.find_with_length(family, bits)?;
        self.told((family, bits), id, length)
    }

    pub(super) fn classify(self, address: IpAddr) -> Result<Classification> {
        Ok(self.answered(address)?.0)
    }

    pub(super) fn describe(self, address: IpAddr) -> Result<Description<'a>> {
        let (class, hit) = self.answered(address)?;
        Description::new(Some(address.to_canonical()), class, hit)
    }

    /// What is told of an address of which the index says this: answer, and length of the network.
    #[inline]
    pub(super) fn told(
        self,
        (family, bits): (Family, u128),
        id: AnswerId,
        length: u8,
    ) -> Result<(AnswerId, u8)> {
        if !self.hidden.any() {
            return Ok((id, length));
        }
        let length = self.hidden.length_around(family, bits, length);
        Ok((self.shown_id((family, bits), id)?, length))
    }

    /// The answer that is told of an address of which the index gives this one. Where nobody is known
    /// nothing is hidden.
    #[inline]
    pub(super) fn shown_id(self, (family, bits): (Family, u128), id: AnswerId) -> Result<AnswerId> {
        if !self.hidden.any() {
            return Ok(id);
        }
        let company = self.index.answer(id)?.company_id();
        let hidden = company.is_some_and(|company| self.hidden.hides_company(company))
            || id != AnswerId::NOBODY && self.hidden.hides_bits(family, bits);
        Ok(if hidden { AnswerId::WITHHELD } else { id })
    }

    /// What the addresses of a network are answered with, from any of them and its length. The network is
    /// all shown.
    pub(super) fn answered_with(
        self,
        address: IpAddr,
        length: u8,
        id: AnswerId,
    ) -> Result<(Classification, Option<Match<'a>>)> {
        let answer = self.index.answers().get(id)?;
        let (family, bits) = bits_of(address);
        let hit = Match { view: self, id, bits, family, place: Place::Length(length) };
        let hit = (answer.status == Status::Company).then_some(hit);
        Ok((Classification::new(address, length, answer), hit))
    }

    fn answered(self, address: IpAddr) -> Result<(Classification, Option<Match<'a>>)> {
        let (family, bits) = bits_of(address);
        let (id, length) = self.index.find_with_length(family, bits)?;
        let address = address.to_canonical();
        let (id, length) = self.told((family, bits), id, length)?;
        self.answered_with(address, length, id)
    }
}
