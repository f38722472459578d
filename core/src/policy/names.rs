//! The names of people in Latin letters, as they are folded: given, commonly given, a family's.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tables::rows;

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    CommonlyGiven,
    Given,
    Family,
}

/// What a word is as a name; nothing where it is none that is known.
pub(super) fn of(word: &str) -> Option<Known> {
    static NAMES: LazyLock<FxHashMap<&str, &str>> =
        LazyLock::new(|| rows(include_str!("tables/names.tsv")).collect());
    match NAMES.get(word)? {
        marks if marks.contains('G') => Some(Known::CommonlyGiven),
        marks if marks.contains('g') => Some(Known::Given),
        _ => Some(Known::Family),
    }
}

/// Are these two words a given name and another, each of some letters?
pub(super) fn are_names(first: &str, second: &str) -> bool {
    let is_long = |word: &str| word.len() > 2;
    let is_given = matches!(of(first), Some(Known::CommonlyGiven | Known::Given));
    is_long(first) && is_long(second) && is_given && of(second).is_some()
}
