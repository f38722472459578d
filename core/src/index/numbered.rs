//! Things of which a file holds each once, under a number: strings, lists of facts, details.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Every thing once, numbered from 0 as they come. Things are cheap to clone.
pub(crate) struct Numbered<T> {
    /// In the order of their numbers.
    pub all: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    pub(crate) fn new() -> Self {
        Self { all: Vec::new(), numbers: FxHashMap::default() }
    }

    /// The number of a thing, a new one if it was not there.
    pub(crate) fn number(&mut self, thing: T) -> u32 {
        *self.numbers.entry(thing).or_insert_with_key(|thing| {
            self.all.push(thing.clone());
            self.all.len() as u32 - 1
        })
    }
}
