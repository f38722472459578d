//! What an address is answered with: light handles on the index, and one plain shape for output.

use std::net::IpAddr;

use serde::Serialize;

use super::{CompanyRecord, Index, Match};
use crate::company::{Field, Kind, Status};
use crate::error::Result;
use crate::index::ids::{AnswerId, CompanyId};
use crate::index::tables::{self, CERTAIN, StoredAnswer};
use crate::net::IpNet;

/// What an answer number stands for; made by [`Index::answer`].
///
/// It holds references into the index: names are read when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    index: &'a Index,
    id: AnswerId,
    pub(super) stored: StoredAnswer<'a>,
}

impl<'a> Answer<'a> {
    /// Whether a company is named, and if not, why.
    pub fn status(&self) -> Status {
        self.stored.status()
    }

    /// What the network is used for.
    pub fn kind(&self) -> Kind {
        self.stored.answer().kind
    }

    /// The autonomous system that announces the network.
    pub fn asn(&self) -> Option<u32> {
        self.stored.answer().asn
    }

    /// Kind and ASN as [`Classification`] gives them: nothing where the answer is withheld or unknown.
    pub fn kind_and_asn(&self) -> (Option<Kind>, Option<u32>) {
        kind_and_asn(&self.stored.answer())
    }

    /// How sure the evidence makes the answer, from 0 to 1; nothing where there is none to weigh.
    pub fn confidence(&self) -> Option<f64> {
        self.stored.answer().confidence.map(|part| f64::from(part) / f64::from(CERTAIN))
    }

    /// The company's number; nothing where no company is named.
    #[inline(always)]
    pub fn company_id(&self) -> Option<CompanyId> {
        (self.status() == Status::Company).then(|| self.stored.company())
    }

    /// The company; nothing where none is named.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when its record is broken.
    #[inline(always)]
    pub fn company(&self) -> Result<Option<CompanyRecord<'a>>> {
        if self.status() != Status::Company {
            return Ok(None);
        }
        self.index.company_of(self.id).map(Some)
    }

    /// The names of the sources that say so.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when a name is broken.
    pub fn sources(&self) -> Result<Vec<&'a str>> {
        let strings = self.index.strings();
        let sources = self.stored.answer().sources;
        (0..u64::BITS)
            .filter(|number| sources >> number & 1 == 1)
            .map(|number| strings.string(number))
            .collect()
    }
}

impl Index {
    /// What an answer is, that of nobody included: with [`Index::lookup_batch`], the companies behind
    /// many addresses.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when there is no answer of this number, or it contradicts itself.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use std::net::Ipv4Addr;
    ///
    /// use firmtrie::AnswerId;
    ///
    /// let visitors = [Ipv4Addr::new(1, 0, 0, 1), Ipv4Addr::new(9, 9, 9, 9)];
    /// let mut ids = [AnswerId::NOBODY; 2];
    /// index.lookup_batch(&visitors, &mut ids)?;
    /// let mut names = Vec::new();
    /// for id in ids {
    ///     names.push(index.answer(id)?.company()?.map(|company| company.name()));
    /// }
    /// assert_eq!(names, [Some("Example B.V."), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline(always)]
    pub fn answer(&self, id: AnswerId) -> Result<Answer<'_>> {
        Ok(Answer { index: self, id, stored: self.answers().stored(id)? })
    }

    /// What each of many answers is, in their order: [`Index::answer`] of each, and about
    /// twice as fast where companies are asked for, since what comes next is fetched from memory
    /// meanwhile.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use firmtrie::AnswerId;
    ///
    /// let visitors: [std::net::Ipv4Addr; 2] = ["1.0.0.1".parse()?, "9.9.9.9".parse()?];
    /// let mut ids = [AnswerId::NOBODY; 2];
    /// index.lookup_batch(&visitors, &mut ids)?;
    /// for (visitor, answer) in visitors.iter().zip(index.answers_of(&ids)) {
    ///     if let Some(company) = answer?.company()? {
    ///         println!("{visitor}: {}", company.name());
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answers_of<'a>(
        &'a self,
        ids: &'a [AnswerId],
    ) -> impl ExactSizeIterator<Item = Result<Answer<'a>>> + use<'a> {
        let answers = self.answers();
        let fetch = move |id: &AnswerId| {
            answers.prefetch(*id);
            answers.prefetch_offset(*id);
        };
        ids.iter().take(ROWS_AHEAD).for_each(fetch);
        ids.iter().enumerate().map(move |(at, id)| {
            if let Some(later) = ids.get(at + ROWS_AHEAD) {
                fetch(later);
            }
            self.prefetch_entry(ids.get(at + ENTRIES_AHEAD));
            self.answer(*id)
        })
    }
}

impl Index {
    /// The name of the company of each of many answers, in their order; nothing for an answer without
    /// one. It is all that most want, and takes two thirds of the time of [`Index::answers_of`].
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use firmtrie::AnswerId;
    ///
    /// let visitors: [std::net::Ipv4Addr; 2] = ["1.0.0.1".parse()?, "9.9.9.9".parse()?];
    /// let mut ids = [AnswerId::NOBODY; 2];
    /// index.lookup_batch(&visitors, &mut ids)?;
    /// let names: Vec<_> = index.names_of(&ids).collect::<firmtrie::Result<_>>()?;
    /// assert_eq!(names, [Some("Example B.V."), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn names_of<'a>(
        &'a self,
        ids: &'a [AnswerId],
    ) -> impl ExactSizeIterator<Item = Result<Option<&'a str>>> + use<'a> {
        let answers = self.answers();
        ids.iter().take(ROWS_AHEAD).for_each(|id| answers.prefetch_offset(*id));
        ids.iter().enumerate().map(move |(at, id)| {
            if let Some(later) = ids.get(at + ROWS_AHEAD) {
                answers.prefetch_offset(*later);
            }
            self.prefetch_entry(ids.get(at + ENTRIES_AHEAD));
            if self.names_company(*id) {
                return self.entry_of_answer(*id).map(|(_, name)| Some(name));
            }
            if *id == AnswerId::WITHHELD { Ok(None) } else { self.knows(*id).map(|()| None) }
        })
    }

    /// Has the entry of an answer's company fetched from memory; its offset should be there by now.
    #[inline(always)]
    fn prefetch_entry(&self, id: Option<&AnswerId>) {
        if let Some(offset) = id.and_then(|id| self.answers().company_offset(*id)) {
            self.companies_table().prefetch(offset);
        }
    }
}

/// How many answers ahead of the one asked for a row, and then its company's entry, are fetched.
const ROWS_AHEAD: usize = 16;
const ENTRIES_AHEAD: usize = 8;

/// How an address is answered; made by [`Index::classify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    pub(super) fn new(address: IpAddr, length: u8, answer: tables::ResolvedAnswer) -> Self {
        let (kind, asn) = kind_and_asn(&answer);
        Self { status: answer.status, network: network(address, length), kind, asn }
    }
}

fn kind_and_asn(answer: &tables::ResolvedAnswer) -> (Option<Kind>, Option<u32>) {
    let stays = matches!(answer.status, Status::Company | Status::NonBusiness);
    (stays.then_some(answer.kind), answer.asn.filter(|_| stays))
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
        let confidence = hit.map_or(Ok(None), |hit| hit.confidence())?;
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
