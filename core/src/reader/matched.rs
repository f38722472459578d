//! The company behind an address: a light handle, which reads what it is asked for.
//!
//! Most who look an address up want to know whether there is a company, and its name. So a match is
//! the number of an answer, the address, and the place where the search ended; the answer's row, the
//! length of the network and the company's record are read when they are asked for, and what is
//! damaged in them is an error then.

use super::answered::{Answer, network};
use super::view::View;
use super::{AnswerId, CompanyId, CompanyRecord};
use crate::company::Kind;
use crate::error::{Error, Result};
use crate::index::Place;
use crate::net::{Family, IpNet};

/// The company behind an address; made by [`Index::lookup`](super::Index::lookup).
///
/// An [`Answer`] with a company, and the network that has it.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    pub(super) view: View<'a>,
    pub(super) id: AnswerId,
    /// The address as a number, and its family.
    pub(super) bits: u128,
    pub(super) family: Family,
    pub(super) place: Place,
}

impl<'a> Match<'a> {
    /// The widest prefix that holds the address and in which every address has the same answer.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the bytes on the way contradict each other.
    #[inline]
    pub fn network(&self) -> Result<IpNet> {
        let length = self.view.index.length(self.bits, self.place)?;
        let length = self.view.hidden.length_shown((self.family, self.bits), length);
        Ok(network(self.family.address(self.bits), length))
    }

    /// The number of its answer: equal answers have equal numbers.
    pub const fn answer_id(&self) -> AnswerId {
        self.id
    }

    /// What is known of the network: all below is read from there.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the answer contradicts itself.
    #[inline(always)]
    pub fn answer(&self) -> Result<Answer<'a>> {
        let answer = self.view.index.answer(self.id)?;
        if answer.company_id().is_none() {
            return Err(Error::damaged("Answers", "a mask has the number of a company's answer"));
        }
        Ok(answer)
    }

    /// See [`Answer::kind`].
    ///
    /// # Errors
    /// Those of [`Match::answer`].
    pub fn kind(&self) -> Result<Kind> {
        self.answer().map(|answer| answer.kind())
    }

    /// See [`Answer::asn`].
    ///
    /// # Errors
    /// Those of [`Match::answer`].
    pub fn asn(&self) -> Result<Option<u32>> {
        self.answer().map(|answer| answer.asn())
    }

    /// See [`Answer::confidence`].
    ///
    /// # Errors
    /// Those of [`Match::answer`].
    pub fn confidence(&self) -> Result<Option<f64>> {
        self.answer().map(|answer| answer.confidence())
    }

    /// The company's number.
    ///
    /// # Errors
    /// Those of [`Match::answer`].
    #[inline(always)]
    pub fn company_id(&self) -> Result<CompanyId> {
        self.answer().map(|answer| answer.stored.company())
    }

    /// The company.
    ///
    /// # Errors
    /// [`Error::Damaged`] when its record is broken.
    #[inline(always)]
    pub fn company(&self) -> Result<CompanyRecord<'a>> {
        self.view.index.company_of(self.id)
    }

    /// The company's name, as its source writes it: all that most want, and two reads.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is broken.
    #[inline(always)]
    pub fn name(&self) -> Result<&'a str> {
        self.view.index.entry_of_answer(self.id).map(|(_, name)| name)
    }

    /// See [`Answer::sources`].
    ///
    /// # Errors
    /// Those of [`Match::answer`] and [`Answer::sources`].
    pub fn sources(&self) -> Result<Vec<&'a str>> {
        self.answer()?.sources()
    }
}
