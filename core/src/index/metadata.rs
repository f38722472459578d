//! What the file says of itself: where its facts come from, and what was done with them.
//!
//! JSON, so that it can be read without this crate, and so that a later version may add to it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What an index says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The day of the build, as in `2026-11-01`.
    pub as_of: String,
    /// The policy that decided what is left out, as in `strict`.
    pub policy: String,
    /// A fingerprint of all that the policy decides by; the same for the same policy. Empty in an
    /// index that is older than it.
    #[serde(default)]
    pub policy_fingerprint: String,
    /// A keyed fingerprint of what the registry held; `None` if the index was built without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_fingerprint: Option<String>,
    /// What the registry ended with; `None` if the index was built without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_tip: Option<RegistryTip>,
    /// In the order of their numbers.
    pub sources: Vec<SourceMetadata>,
    /// Who answers for the index.
    pub controller: Option<Controller>,
    /// How long facts are kept; an index that is older than this does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// What was read, and what became of it.
    pub counts: Counts,
}

/// How long facts are kept, counted back from the day of the build; for ever where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Kept {
    /// Claims of networks.
    pub claims: Option<Period>,
    /// Business contacts.
    pub contacts: Option<Period>,
}

/// A length of time in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Period {
    /// Months, and the days beside them.
    pub months: u32,
    /// See `months`.
    pub days: u32,
}

impl Kept {
    #[cfg(feature = "build")]
    pub(crate) const fn new(claims: Option<Period>, contacts: Option<Period>) -> Self {
        Self { claims, contacts }
    }
}

/// What a registry ended with when an index was built: a later build wants one that goes on from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegistryTip {
    /// The number of its newest entry.
    pub entries: u64,
    /// The number of its newest step.
    pub steps: u64,
    /// A keyed hash of the two.
    pub hash: String,
}

impl RegistryTip {
    #[cfg(feature = "build")]
    pub(crate) fn new((entries, steps): (u64, u64), hash: u128) -> Self {
        Self { entries, steps, hash: format!("{hash:032x}") }
    }
}

/// A source, as the index remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceMetadata {
    /// Its name, which the answers from it carry.
    pub name: String,
    /// The format of its files.
    pub format: String,
    /// Where they were found.
    pub url: Option<String>,
    /// Under which licence.
    pub licence: Option<String>,
    /// Why the facts may be used.
    pub basis: Option<String>,
    /// When they were retrieved, as in `2026-06-17`.
    pub retrieved: Option<String>,
    /// Of two claims on the same range that of the higher priority has won.
    pub priority: i32,
}

/// Who answers for an index: the controller of Article 4(7) GDPR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Name of the company or person.
    pub name: String,
    /// Where people turn to, such as an e-mail address.
    #[serde(default)]
    pub contact: Option<String>,
    /// The authority that hears complaints.
    #[serde(default)]
    pub authority: Option<String>,
    /// What the facts are processed for; what answers to access requests say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<String>,
    /// Who gets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients: Option<String>,
    /// How long they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
}

/// What was read, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Claims read.
    pub claims: u64,
    /// Contacts read, whether the policy takes them in or not.
    pub contacts: u64,
    /// Rows that could not be read and were passed over.
    pub skipped_rows: u64,
    /// Stretches of neighbouring IPv4 addresses with one answer, those of nobody left out.
    pub ipv4_stretches: u64,
    /// The same for IPv6.
    pub ipv6_stretches: u64,
    /// Prefixes that the IPv4 stretches are made of.
    pub ipv4_networks: u64,
    /// The same for IPv6.
    pub ipv6_networks: u64,
    /// Different answers, that of nobody included.
    pub answers: u64,
    /// Companies.
    pub companies: u64,
}

impl Metadata {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| Error::damaged("Metadata", error.to_string()))
    }

    #[cfg(feature = "build")]
    pub(crate) fn encode(&self) -> Vec<u8> {
        // Strings and numbers can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
