//! The index that a build replaces: may it be, or would who objected come back?

use std::path::Path;

use crate::error::{Error, Result};
use crate::reader::Index;
use crate::registry::Registry;

/// Refuses to replace an index that was made under a registry by one that is made under none, or under
/// one that has lost entries. What is at the path and is no index tells nothing.
pub(super) fn check_registry(path: &Path, registry: Option<&Registry>) -> Result<()> {
    // A pipe would be waited for, which this process is to fill.
    if !path.is_file() {
        return Ok(());
    }
    let refuse = |reason: &str| Err(Error::Registry(format!("{}: {reason}", path.display())));
    let Ok(before) = Index::open(path).and_then(|index| index.info()) else {
        if registry.is_none() && says_registry(path) {
            return refuse(
                "is damaged, and was made under a registry; this build names none, and whoever objected \
                     would come back. Name the registry, or say that it is to be built without registry",
            );
        }
        return Ok(());
    };
    match (registry, &before.registry_tip) {
        (None, _) if before.registry_fingerprint.is_some() => refuse(
            "was made under a registry, and this build names none: whoever objected would come back. \
                 Name the registry, or say that it is to be built without registry",
        ),
        (Some(registry), Some(tip)) if !registry.goes_on_from(tip)? => refuse(&format!(
            "was made under a registry of {} entries and {} steps, which the one that is named has not: \
                 whoever objected would come back. Restore it from a backup, or build to another path",
            tip.entries, tip.steps
        )),
        _ => Ok(()),
    }
}

/// Is there what an index says that was made under a registry? For what cannot be read as an index.
fn says_registry(path: &Path) -> bool {
    let is_file = std::fs::metadata(path).is_ok_and(|file| file.is_file());
    let word = aho_corasick::AhoCorasick::new(["\"registry_fingerprint\""]);
    let found = |bytes: Vec<u8>| word.is_ok_and(|word| word.is_match(&bytes));
    is_file && std::fs::read(path).is_ok_and(found)
}
