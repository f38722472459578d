//! The tables of words and names in other scripts than the Latin one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tables::{rows, triples};
use super::words::Words;

/// What is known of names, by `tables/make_script_names.py`.
pub(super) static NAMES: LazyLock<FxHashMap<&str, &str>> =
    LazyLock::new(|| rows(include_str!("tables/script_names.tsv")).collect());

/// Rows of a kind, a word and the scripts it is of.
pub(super) fn table() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    triples(include_str!("tables/script_words.tsv"))
}

/// Words of a kind for a script, as they are folded.
pub(super) fn words_of(kind: &str, script: &str) -> Vec<String> {
    let of = table().filter(|(what, _, of)| *what == kind && of.split(' ').any(|of| of == script));
    of.map(|(_, word, _)| folded(word)).collect()
}

/// A word as those of names are folded.
pub(super) fn folded(word: &str) -> String {
    Words::of(word).iter().map(|(word, _)| word).collect::<Vec<_>>().join(" ")
}
