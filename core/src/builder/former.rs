//! The index that a build replaces: may it be, or would who objected come back?

use std::path::Path;

use crate::error::{Error, Result};
use crate::index::metadata::Metadata;
use crate::reader::Index;
use crate::registry::Registry;

const COMES_BACK: &str = "whoever objected would come back";

/// Refuses to replace an index that was made under a registry by one that is made under none, or under
/// one that has lost entries. What is at the path and is no index tells nothing.
pub(super) fn check_registry(path: &Path, registry: Option<&Registry>) -> Result<()> {
    let Some(before) = before(path, registry.is_none())? else { return Ok(()) };
    match (registry, &before.registry_tip) {
        (None, _) if before.registry_fingerprint.is_some() => refuse(
            path,
            &format!(
                "was made under a registry, and this build names none: {COMES_BACK}. Name the registry, or \
                 say that it is to be built without registry"
            ),
        ),
        (Some(registry), Some(tip)) if !registry.goes_on_from(tip)? => refuse(
            path,
            &format!(
                "was made under a registry of {} entries and {} steps, which the one that is named has not: \
                 {COMES_BACK}. Restore it from a backup, or build to another path",
                tip.entries, tip.steps
            ),
        ),
        _ => Ok(()),
    }
}

/// The same of an index that was made elsewhere, of which no registry can be asked.
pub(super) fn check_successor(path: &Path, after: &Metadata) -> Result<()> {
    let under_none = after.registry_fingerprint.is_none();
    let Some(before) = before(path, under_none)? else { return Ok(()) };
    if under_none && before.registry_fingerprint.is_some() {
        let made = "was made under a registry, and the new index under none";
        return refuse(path, &format!("{made}: {COMES_BACK}. Build the new one under it"));
    }
    let (Some(old), Some(new)) = (&before.registry_tip, &after.registry_tip) else { return Ok(()) };
    let grew = new.entries >= old.entries && new.steps >= old.steps;
    let same = (new.entries, new.steps) == (old.entries, old.steps);
    if !grew || (same && new.hash != old.hash) {
        return refuse(
            path,
            &format!(
                "was made under a registry of {} entries and {} steps, and the new index under one of {} and \
                 {}, or another: {COMES_BACK}. Build the new one again",
                old.entries, old.steps, new.entries, new.steps
            ),
        );
    }
    Ok(())
}

/// What the index at a path says of itself; nothing, where there is none. One that is damaged and speaks of
/// a registry is not replaced by one that is made under none.
fn before(path: &Path, under_none: bool) -> Result<Option<Metadata>> {
    // A pipe would be waited for, which this process is to fill.
    if !path.is_file() {
        return Ok(None);
    }
    match Index::open(path).and_then(|index| index.info()) {
        Ok(before) => Ok(Some(before)),
        Err(_) if under_none && says_registry(path) => refuse(
            path,
            &format!(
                "is damaged, and was made under a registry; this build names none, and {COMES_BACK}. Name \
                 the registry, or say that it is to be built without registry"
            ),
        ),
        Err(_) => Ok(None),
    }
}

fn refuse<T>(path: &Path, reason: &str) -> Result<T> {
    Err(Error::Registry(format!("{}: {reason}", path.display())))
}

/// Is there what an index says that was made under a registry? For what cannot be read as an index.
fn says_registry(path: &Path) -> bool {
    let word = aho_corasick::AhoCorasick::new(["\"registry_fingerprint\""]);
    let found = |bytes: Vec<u8>| word.is_ok_and(|word| word.is_match(&bytes));
    std::fs::read(path).is_ok_and(found)
}
