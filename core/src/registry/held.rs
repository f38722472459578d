//! What is held about somebody, as plain data: the answer to an access request (article 15 GDPR).

use ipnet::IpNet;
use serde::Serialize;

use super::entry::{Entry, Taken};
use crate::company::{Kind, Status};
use crate::index::metadata::{Controller, Kept, SourceMetadata};
use crate::reader::Description;

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
    /// The networks that are answered with it, and what is told of each.
    pub networks: Vec<HeldNetwork>,
    /// The person who is meant, where it is one of its contacts and not the company.
    pub person: Option<String>,
}

/// One fact.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HeldFact {
    /// Its field, as in [`Field::as_str`](crate::Field::as_str).
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
    /// The names of the sources that say so.
    pub sources: Vec<String>,
    /// How sure the evidence makes it, from 0 to 1, where there is some to weigh.
    pub confidence: Option<f64>,
}

impl HeldNetwork {
    pub(super) fn of(description: &Description) -> Self {
        let &Description { network, status, kind, asn, confidence, .. } = description;
        let company = description.company.as_ref().map(|company| company.name.to_owned());
        let sources = description.sources.iter().map(|source| (*source).to_owned()).collect();
        Self { network, status, kind, asn, company, sources, confidence }
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
    /// What was sealed of it, as [`Registry::unseal`](super::Registry::unseal) tells it; nothing where it is about
    /// other space, around that which was asked about or in it.
    pub unsealed: Vec<(String, String)>,
}
