//! Access: everything that an index and the registry hold about somebody (article 15 GDPR).
//!
//! Whoever is meant is found under any spelling, as objections are. Of the registry nothing but
//! what its entries tell can be given back, since it keeps no more.

use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::firms::Firms;
use super::held::{Held, HeldCompany, HeldFact, HeldNetwork, HeldRequest};
use super::key::Hash;
use super::one::{is_contact, mean_one_of, of_one, own_identifiers};
use super::{Registry, today};
use crate::company::{Contact, Field};
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::index::metadata::SourceMetadata;
use crate::reader::{CompanyId, CompanyRecord, HiddenSet, Index};

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

/// Networks that a prefix may have: an answer is whole, or none.
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
    /// assert_eq!(held.companies[0].networks[0].network, "1.0.0.0/24".parse()?);
    /// assert_eq!(held.requests.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the registry cannot be read, or the index is damaged. [`Error::Usage`] if several firms or people
    /// are known by what is asked, since an answer is of one; and if a prefix has more than 10,000 networks.
    pub fn subject(&self, who: &Who, index: Option<&Index>) -> Result<Held> {
        let mut held = Held {
            day: today().to_string(),
            index_of: None,
            controller: None,
            kept: None,
            companies: Vec::new(),
            networks: Vec::new(),
            requests: Vec::new(),
            sources: Vec::new(),
        };
        let by = if let Who::Known(by) = who { by.clone() } else { Vec::new() };
        let Some(index) = index else {
            held.requests = self.requests_of(who, &by)?;
            return Ok(held);
        };
        let metadata = index.info()?;
        let mut companies = Vec::new();
        match who {
            Who::Known(_) => {
                companies = of_one(&by, &self.meant(&by, index)?, index)?;
            }
            Who::Address(address) => {
                companies.extend(index.lookup(*address)?.map(|hit| hit.company_id()).transpose()?);
                held.networks.push(HeldNetwork::of(&index.describe(*address)?));
            }
            Who::Prefix(prefix) => {
                for network in index.networks_in(*prefix)? {
                    let network = network?;
                    if held.networks.len() == MOST {
                        return Err(Error::Usage(format!(
                            "{prefix} has more than {MOST} networks, which no answer holds; ask about parts of it"
                        )));
                    }
                    companies.extend(network.hit().map(|hit| hit.company_id()).transpose()?);
                    held.networks.push(HeldNetwork::of(&network.describe()?));
                }
            }
        }
        companies.sort_unstable();
        companies.dedup();
        let mut networks: FxHashMap<CompanyId, Vec<HeldNetwork>> = FxHashMap::default();
        for network in index.networks_of(&companies)? {
            let network = network?;
            if let Some(hit) = network.hit() {
                let of = networks.entry(hit.company_id()?).or_default();
                of.push(HeldNetwork::of(&network.describe()?));
            }
        }
        for id in &companies {
            let networks = networks.remove(id).unwrap_or_default();
            let record = index.company(*id)?;
            held.companies.push(company(&record, networks, &metadata.sources, &by));
        }
        held.requests = self.requests_of(who, &also_asked_by(&by, &companies, index)?)?;
        held.index_of = Some(metadata.as_of);
        held.controller = metadata.controller;
        held.kept = metadata.kept;
        held.sources = metadata.sources;
        Ok(held)
    }

    /// The companies of whom these are, each once: those that an objection by them would take out, of a
    /// person those whose contact they are.
    fn meant(&self, by: &[Identifier], index: &Index) -> Result<Vec<CompanyId>> {
        let mut companies = Vec::new();
        for company in index.companies() {
            let (id, record) = company?;
            if mean_one_of(by, &own_identifiers(&record))
                || record.contacts().any(|contact| is_contact(by, &contact))
            {
                companies.push(id);
            }
        }
        if by.iter().any(|by| by.kind() != "email") {
            let mut hidden = HiddenSet::default();
            Firms::of(index, &self.key)?.hide(by, (index, &self.key), &mut hidden)?;
            companies.extend(index.company_ids().filter(|company| hidden.hides_company(*company)));
        }
        companies.sort_unstable();
        companies.dedup();
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
                for identifier in own_identifiers(&record) {
                    if known.insert(identifier.clone()) {
                        also.push(identifier);
                    }
                }
            }
        }
        Ok(also)
    }

    /// The requests of who is known by these, or that are about the space that is asked about.
    fn requests_of(&self, who: &Who, by: &[Identifier]) -> Result<Vec<HeldRequest>> {
        let mut hashes: FxHashSet<Hash> = FxHashSet::default();
        for identifier in by {
            identifier.told_keys(|key| {
                hashes.insert(self.key.hash(key));
            });
        }
        let space = match who {
            Who::Known(_) => None,
            Who::Address(address) => Some(IpNet::from(*address)),
            Who::Prefix(prefix) => Some(*prefix),
        };
        let overlaps = |prefix: &IpNet| {
            space.is_some_and(|space| prefix.contains(&space) || space.contains(prefix))
        };
        let mut numbers = Vec::new();
        self.store.view(|view| {
            view.entries(None, |entry| {
                let is_known = entry.hashes.iter().any(|hash| hashes.contains(hash));
                let prefixes =
                    || entry.prefixes.split_whitespace().filter_map(|it| it.parse().ok());
                // What somebody told of other space around this, or in it, is theirs.
                let is_theirs = !is_known && !prefixes().any(|prefix: IpNet| Some(prefix) == space);
                if is_known || prefixes().any(|prefix| overlaps(&prefix)) {
                    numbers.push((entry.id, is_theirs));
                }
                Ok(())
            })
        })?;
        let request = |(number, is_theirs)| {
            let (entry, steps) = (self.entry(number)?, self.history(Some(number))?);
            let unsealed = if is_theirs { Vec::new() } else { self.unseal(number)? };
            Ok(HeldRequest { entry, steps, unsealed })
        };
        numbers.into_iter().map(request).collect()
    }
}

/// Is this the record of whom these mean: by the company's own facts, or a contact's name or mail?
fn is_meant(by: &[Identifier], record: &CompanyRecord) -> bool {
    let mut known_by = Identifier::of_facts(|| record.facts());
    let people = record.contacts().map(|contact: Contact| contact.name);
    known_by.extend(people.filter_map(|name| Identifier::name(name, None, None).ok()));
    mean_one_of(by, &known_by)
}

/// What else those who are meant may have asked by: a firm under another of its names or numbers, a person by
/// their mailbox. A domain that another firm has too may have been the other's word. The companies are sorted.
fn also_asked_by(
    by: &[Identifier],
    companies: &[CompanyId],
    index: &Index,
) -> Result<Vec<Identifier>> {
    // Very many records may be of one firm.
    let (mut also, mut domains) = (by.to_vec(), FxHashSet::default());
    for id in companies {
        let record = index.company(*id)?;
        let own = own_identifiers(&record);
        if mean_one_of(by, &own) {
            let (of_domains, others): (Vec<_>, _) =
                own.into_iter().partition(|own| own.kind() == "domain");
            also.extend(others);
            domains.extend(of_domains);
        } else {
            let people = record.contacts().filter(|contact| is_contact(by, contact));
            let mailboxes = people.filter_map(|contact| contact.email);
            also.extend(mailboxes.filter_map(|email| Identifier::email(email).ok()));
        }
    }
    for company in index.companies() {
        if domains.is_empty() {
            break;
        }
        let (id, record) = company?;
        if companies.binary_search(&id).is_err() {
            let others = own_identifiers(&record);
            domains.retain(|domain| !others.iter().any(|other| domain.means(other)));
        }
    }
    also.extend(domains);
    Ok(also)
}

/// A company's record, for whom these are. Its contacts are other people: the company itself is told
/// of them, one of them of nobody else, and who has an address of nobody.
fn company(
    record: &CompanyRecord,
    networks: Vec<HeldNetwork>,
    sources: &[SourceMetadata],
    by: &[Identifier],
) -> HeldCompany {
    let is_firm = mean_one_of(by, &own_identifiers(record));
    let fact = |((field, value), source): ((Field, &str), usize)| HeldFact {
        field: field.as_str().to_owned(),
        value: match field {
            Field::Contact => {
                value.split('\t').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
            }
            _ => value.to_owned(),
        },
        source: sources.get(source).map(|source| source.name.clone()).unwrap_or_default(),
    };
    let is_told = |((field, value), _): &((Field, &str), usize)| {
        is_firm || *field != Field::Contact || is_contact(by, &Contact::read(value))
    };
    let facts = record.facts().zip(record.fact_sources()).filter(is_told).map(fact).collect();
    let mut people = record.contacts().filter(|contact| !is_firm && is_contact(by, contact));
    let person = people.next().map(|contact| contact.name.to_owned());
    HeldCompany { facts, networks, person }
}
