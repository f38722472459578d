//! What the file says of itself: where its facts come from.
//!
//! JSON, so that it can be read without this crate, and so that a later version may add to it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Where the facts of an index come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// In the order of their numbers.
    pub sources: Vec<SourceMetadata>,
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
    /// Of two claims on the same range that of the higher priority has won.
    pub priority: i32,
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
