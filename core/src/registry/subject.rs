//! Access: everything that an index and the registry hold about somebody (article 15 GDPR).
//!
//! Whoever is meant is found under any spelling, as objections are. Of the registry nothing but
//! what its entries tell can be given back, since it keeps no more.

use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::entry::{Entry, Taken};
use super::firms::Firms;
use super::key::Hash;
use super::{Registry, today};
use crate::company::{Contact, Field, Kind, Status};
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::index::metadata::{Controller, Kept, SourceMetadata};
use crate::reader::{CompanyId, CompanyRecord, Description, HiddenSet, Index};

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A firm, or a contact by their e-mail address; several identifiers are all of one.
    Known(Vec<Identifier>),
    /// Whoever has an address.
    Address(IpAddr),
    /// Whoever has address space.
    Prefix(IpNet),
}

impl Who {
    /// The one of whom everything is asked: identifiers of one firm or contact, or one address, or
    /// one prefix.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is none of them, or several.
    pub fn one(by: Vec<Identifier>, space: &[IpNet]) -> Result<Self> {
        match (&by[..], space) {
            ([_, ..], []) => Ok(Self::Known(by)),
            ([], [net]) if net.prefix_len() == net.max_prefix_len() => {
                Ok(Self::Address(net.addr()))
            }
            ([], [net]) => Ok(Self::Prefix(*net)),
            _ => Err(Error::Usage(
                "say who: identifiers of one firm or contact, or one address, or one prefix"
                    .to_owned(),
            )),
        }
    }
}

/// Everything that is held about somebody.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Held {
    /// The day of the answer.
    pub day: String,
    /// The day on which the index was built; `None` if none was looked into.
    pub index_of: Option<String>,
    /// Who answers for the index.
    pub controller: Option<Controller>,
    /// How long its facts are kept.
    pub kept: Option<Kept>,
    /// Companies in the index.
    pub companies: Vec<HeldCompany>,
    /// What the address or the prefix is answered with.
    pub networks: Vec<HeldNetwork>,
    /// Requests in the registry, with their steps.
    pub requests: Vec<HeldRequest>,
    /// The sources of the facts.
    pub sources: Vec<SourceMetadata>,
}

/// A company's record.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HeldCompany {
    /// Each fact with the name of its source.
    pub facts: Vec<HeldFact>,
    /// The networks that are answered with it.
    pub networks: Vec<IpNet>,
}

/// One fact.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HeldFact {
    /// Its field, as in [`Field::as_str`].
    pub field: String,
    /// Its value.
    pub value: String,
    /// The name of its source.
    pub source: String,
}

/// A network, and what it is answered with.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HeldNetwork {
    /// The network.
    pub network: IpNet,
    /// Its status.
    pub status: Status,
    /// Its kind, where it is told.
    pub kind: Option<Kind>,
    /// Its autonomous system.
    pub asn: Option<u32>,
    /// The company's name.
    pub company: Option<String>,
}

impl HeldNetwork {
    fn of(description: &Description) -> Self {
        let &Description { network, status, kind, asn, .. } = description;
        let company = description.company.as_ref().map(|company| company.name.to_owned());
        Self { network, status, kind, asn, company }
    }
}

/// A request.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HeldRequest {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// The steps that were taken.
    pub steps: Vec<Taken>,
}

/// Networks given of a prefix, at most: who asks for all space gets the first.
const MOST: usize = 10_000;

impl Registry {
    /// Everything that is held about somebody, in the registry and in an index (article 15 GDPR).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// use firmtrie::registry::{Identifier, Registry, Request, Right, Who};
    /// let registry = Registry::create(dir.path().join("registry"), None)?;
    /// let who = Identifier::name("Example B.V.", None, None)?;
    /// registry.record(Request::new(Right::Access).by(who.clone()))?;
    /// let index = firmtrie::Index::open(&path)?;
    /// let held = registry.subject(&Who::Known(vec![who]), Some(&index))?;
    /// assert_eq!(held.companies[0].facts[0].value, "Example B.V.");
    /// assert_eq!(held.companies[0].networks, ["1.0.0.0/24".parse()?]);
    /// assert_eq!(held.requests.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the registry cannot be read, or the index is damaged. [`Error::Usage`] if a name or a number
    /// without a country is that of firms in several, since an answer is of one.
    pub fn subject(&self, who: &Who, index: Option<&Index>) -> Result<Held> {
        let mut held = Held {
            day: today().to_string(),
            index_of: None,
            controller: None,
            kept: None,
            companies: Vec::new(),
            networks: Vec::new(),
            requests: self.requests_of(who)?,
            sources: Vec::new(),
        };
        let Some(index) = index else { return Ok(held) };
        let metadata = index.info()?;
        let mut companies = Vec::new();
        match who {
            Who::Known(by) => {
                companies = self.meant(by, index)?;
                of_one_country(by, index, &companies)?;
            }
            Who::Address(address) => {
                companies.extend(index.lookup(*address)?.map(|hit| hit.company_id()));
                held.networks.push(HeldNetwork::of(&index.describe(*address)?));
            }
            Who::Prefix(prefix) => {
                for network in index.networks_in(*prefix)?.take(MOST) {
                    let network = network?;
                    companies.extend(network.hit().map(|hit| hit.company_id()));
                    held.networks.push(HeldNetwork::of(&network.describe()?));
                }
            }
        }
        companies.sort_unstable();
        companies.dedup();
        let by = if let Who::Known(by) = who { by.as_slice() } else { &[] };
        for id in companies {
            held.companies.push(company(index, id, &metadata.sources, by)?);
        }
        held.index_of = Some(metadata.as_of);
        held.controller = metadata.controller;
        held.kept = metadata.kept;
        held.sources = metadata.sources;
        Ok(held)
    }

    /// The companies of whom these are: those that an objection by them would take out, of a person
    /// those whose contact they are.
    fn meant(&self, by: &[Identifier], index: &Index) -> Result<Vec<CompanyId>> {
        let mut companies = Vec::new();
        for company in index.companies() {
            let (id, record) = company?;
            if is_meant(by, &record) {
                companies.push(id);
            }
        }
        if by.iter().any(|by| by.kind() != "email") {
            let mut hidden = HiddenSet::default();
            Firms::of(index, &self.key)?.hide(by, (index, &self.key), &mut hidden)?;
            companies.extend(index.company_ids().filter(|company| hidden.hides_company(*company)));
        }
        Ok(companies)
    }

    /// What the companies that are meant are also known by in an index: a request that holds it is
    /// met under any of them.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn also_known_by(by: &[Identifier], index: &Index) -> Result<Vec<Identifier>> {
        let mut also = by.to_vec();
        // Very many companies may have one name.
        let mut known: FxHashSet<Identifier> = by.iter().cloned().collect();
        for company in index.companies() {
            let record = company?.1;
            if is_meant(by, &record) {
                // A contact's mailbox is that of a person, and not asked about.
                let facts = || record.facts().filter(|(field, _)| *field != Field::Contact);
                for identifier in Identifier::of_facts(facts) {
                    if known.insert(identifier.clone()) {
                        also.push(identifier);
                    }
                }
            }
        }
        Ok(also)
    }

    fn requests_of(&self, who: &Who) -> Result<Vec<HeldRequest>> {
        let mut hashes: Vec<Hash> = Vec::new();
        if let Who::Known(by) = who {
            for identifier in by {
                identifier.asked_keys(|key| hashes.push(self.key.hash(key)));
            }
        }
        let overlaps = |prefix: &str| {
            let Ok(prefix) = prefix.parse::<IpNet>() else { return false };
            match who {
                Who::Known(_) => false,
                Who::Address(address) => prefix.contains(address),
                Who::Prefix(of) => prefix.contains(of) || of.contains(&prefix),
            }
        };
        let mut numbers = Vec::new();
        self.store.view(|view| {
            view.entries(None, |entry| {
                let known = entry.hashes.iter().any(|hash| hashes.contains(hash));
                if known || entry.prefixes.split_whitespace().any(overlaps) {
                    numbers.push(entry.id);
                }
                Ok(())
            })
        })?;
        let request = |number| {
            Ok(HeldRequest { entry: self.entry(number)?, steps: self.history(Some(number))? })
        };
        numbers.into_iter().map(request).collect()
    }
}

/// Is this the record of whom these mean: by the company's own facts, or a contact's name or mail?
fn is_meant(by: &[Identifier], record: &CompanyRecord) -> bool {
    let mut known_by = Identifier::of_facts(|| record.facts());
    let people = record.contacts().map(|contact: Contact| contact.name);
    known_by.extend(people.filter_map(|name| Identifier::name(name, None, None).ok()));
    by.iter().any(|by| known_by.iter().any(|known| by.means(known)))
}

/// A company's record, for whom these are. Its contacts are other people: the company itself is told
/// of them, one of them of nobody else, and who has an address of nobody.
fn company(
    index: &Index,
    id: CompanyId,
    sources: &[SourceMetadata],
    by: &[Identifier],
) -> Result<HeldCompany> {
    let record = index.company(id)?;
    let own: Vec<_> =
        Identifier::of_facts(|| record.facts().filter(|(field, _)| *field != Field::Contact));
    let is_firm = by.iter().any(|by| own.iter().any(|own| by.means(own)));
    let fact = |((field, value), source): ((Field, &str), usize)| HeldFact {
        field: field.as_str().to_owned(),
        value: value.replace('\t', ", "),
        source: sources.get(source).map(|source| source.name.clone()).unwrap_or_default(),
    };
    let is_told = |((field, value), _): &((Field, &str), usize)| {
        is_firm || *field != Field::Contact || is_contact(by, &Contact::read(value))
    };
    let facts = record.facts().zip(record.fact_sources()).filter(is_told).map(fact).collect();
    let networks = index.networks_of(&[id])?.map(|network| Ok(network?.prefix()));
    Ok(HeldCompany { facts, networks: networks.collect::<Result<_>>()? })
}

/// Is a contact one of these, by name or mailbox?
fn is_contact(by: &[Identifier], contact: &Contact) -> bool {
    let mailbox = contact.email.and_then(|email| Identifier::email(email).ok());
    let name = Identifier::name(contact.name, None, None).ok();
    let known_by = [mailbox, name].into_iter().flatten();
    known_by.into_iter().any(|known| by.iter().any(|by| by.means(&known)))
}

/// Are the companies that are meant by a name, or a number of a register, of one country at the most?
fn of_one_country(by: &[Identifier], index: &Index, companies: &[CompanyId]) -> Result<()> {
    if !by.iter().all(Identifier::is_of_any_country) {
        return Ok(());
    }
    let mut countries = Vec::new();
    for company in companies {
        let record = index.company(*company)?;
        countries.extend(record.get(Field::Country).map(str::to_owned));
    }
    countries.sort_unstable();
    countries.dedup();
    if countries.len() > 1 {
        let countries = countries.join(", ");
        return Err(Error::Usage(format!(
            "firms of several countries are known by this: {countries}; say the country, since an answer \
             is of one firm"
        )));
    }
    Ok(())
}
