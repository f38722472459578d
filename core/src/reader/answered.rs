//! What an address is answered with: light handles on the index, and one plain shape for output.

use std::net::IpAddr;

use serde::Serialize;

use super::{CompanyRecord, Index};
use crate::company::{Field, Kind, Status};
use crate::error::Result;
use crate::index::tables::{Answer, CERTAIN, Stored};
use crate::net::{Family, IpNet};

/// The company behind an address; made by [`Index::lookup`].
///
/// It holds numbers and a reference: names are read from the index when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    index: &'a Index,
    answer: Stored<'a>,
    /// The address as a number, and its family.
    bits: u128,
    family: Family,
    length: u8,
}

impl<'a> Match<'a> {
    #[inline(always)]
    pub(super) const fn new(
        index: &'a Index,
        (family, bits): (Family, u128),
        length: u8,
        answer: Stored<'a>,
    ) -> Self {
        Self { index, answer, bits, family, length }
    }

    /// The widest prefix that holds the address and in which every address has the same answer.
    pub fn network(&self) -> IpNet {
        network(self.family.address(self.bits), self.length)
    }

    /// What the network is used for.
    pub fn kind(&self) -> Kind {
        self.answer.answer().kind
    }

    /// The autonomous system that announces the network.
    pub fn asn(&self) -> Option<u32> {
        self.answer.answer().asn
    }

    /// How sure the evidence makes the answer, from 0 to 1; nothing where there is none to weigh.
    pub fn confidence(&self) -> Option<f64> {
        self.answer.answer().confidence.map(|part| f64::from(part) / f64::from(CERTAIN))
    }

    /// The company's number, which counts from 1.
    pub const fn company_number(&self) -> u32 {
        self.answer.company()
    }

    /// The company.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when its record is broken.
    #[inline(always)]
    pub fn company(&self) -> Result<CompanyRecord<'a>> {
        self.index.company_at(self.answer.place())
    }

    /// The names of the sources that say so.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when a name is broken.
    pub fn sources(&self) -> Result<Vec<&'a str>> {
        let strings = self.index.strings();
        let sources = self.answer.answer().sources;
        (0..u64::BITS)
            .filter(|number| sources >> number & 1 == 1)
            .map(|number| strings.string(number))
            .collect()
    }
}

/// How an address is answered; made by [`Index::classify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Classification {
    /// Whether a company is named, and if not, why.
    pub status: Status,
    /// The widest prefix that holds the address and in which every address has the same answer.
    pub network: IpNet,
    /// What the network is used for; nothing where the status is `withheld` or `unknown`.
    pub kind: Option<Kind>,
    /// The autonomous system; nothing where the status is `withheld` or `unknown`.
    pub asn: Option<u32>,
}

impl Classification {
    pub(super) fn new(address: IpAddr, length: u8, answer: Answer) -> Self {
        let stays = matches!(answer.status, Status::Company | Status::NonBusiness);
        Self {
            status: answer.status,
            network: network(address, length),
            kind: stays.then_some(answer.kind),
            asn: answer.asn.filter(|_| stays),
        }
    }
}

/// Everything an answer tells, in the shape that every language and the command line give; made
/// by [`Index::describe`]. Serialised, fields without a value are null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Description<'a> {
    /// The address that was asked for; left out where a whole network is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// Whether a company is named, and if not, why.
    pub status: Status,
    /// See [`Classification::network`].
    pub network: IpNet,
    /// See [`Classification::kind`].
    pub kind: Option<Kind>,
    /// See [`Classification::asn`].
    pub asn: Option<u32>,
    /// The company, if the status is `company`.
    pub company: Option<CompanyName<'a>>,
    /// The names of the sources that say so; empty unless the status is `company`.
    pub sources: Vec<&'a str>,
    /// See [`Match::confidence`].
    pub confidence: Option<f64>,
}

/// What identifies a company in a [`Description`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CompanyName<'a> {
    /// [`Field::Name`].
    pub name: &'a str,
    /// [`Field::Country`].
    pub country: Option<&'a str>,
    /// [`Field::Lei`].
    pub lei: Option<&'a str>,
    /// The first [`Field::Domain`].
    pub domain: Option<&'a str>,
}

impl<'a> Description<'a> {
    pub(super) fn new(
        address: Option<IpAddr>,
        Classification { status, network, kind, asn }: Classification,
        hit: Option<Match<'a>>,
    ) -> Result<Self> {
        let company = hit.map(|hit| hit.company().map(CompanyName::new)).transpose()?;
        let sources = hit.map_or(Ok(Vec::new()), |hit| hit.sources())?;
        let confidence = hit.and_then(|hit| hit.confidence());
        Ok(Self { address, status, network, kind, asn, company, sources, confidence })
    }
}

impl<'a> CompanyName<'a> {
    fn new(record: CompanyRecord<'a>) -> Self {
        Self {
            name: record.name(),
            country: record.get(Field::Country),
            lei: record.get(Field::Lei),
            domain: record.get(Field::Domain),
        }
    }
}

/// The prefix of this length around an address. A length that the family has no bits for comes
/// only from damaged bytes, and is cut.
pub(super) fn network(address: IpAddr, length: u8) -> IpNet {
    let host = IpNet::from(address);
    IpNet::new(address, length).unwrap_or(host).trunc()
}
