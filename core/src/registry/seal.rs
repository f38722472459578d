//! What is sealed with an entry or a step, and belongs to it alone.

use super::entry::{Right, Text};
use super::key::Key;
use super::store::Store;
use crate::error::Result;

/// What a seal belongs to: moved to another entry it does not open.
pub(super) fn sealed_of(entry: u64, what: &str) -> String {
    format!("{what} of {entry}")
}

/// What was sealed with an entry, if anything was.
pub(super) fn unsealed(
    store: &Store,
    key: &Key,
    (entry, right, sealed): (u64, Right, Option<&[u8]>),
) -> Result<Option<Text>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let text = key.open(sealed, &sealed_of(entry, right.as_str()))?;
    let damaged = |error| store.refuse(&format!("a sealed text is damaged: {error}"));
    serde_json::from_str(&text).map(Some).map_err(damaged)
}
