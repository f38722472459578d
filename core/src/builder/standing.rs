//! Standing: which source is believed where two say different things of a company.
//!
//! The one with the higher priority, then the one retrieved later, then the one whose name comes
//! first.

use std::cmp::Reverse;

use crate::source::Source;

/// The standings of sources, which must be in the order of their numbers; the best has 0.
pub(super) struct Standings {
    best_first: Vec<u16>,
    of: Vec<u16>,
}

impl Standings {
    pub(super) fn new(sources: &[Source]) -> Self {
        let mut best_first: Vec<u16> = (0..sources.len() as u16).collect();
        best_first.sort_by_key(|number| {
            let source = &sources[*number as usize];
            (Reverse(source.priority), Reverse(source.retrieved))
        });
        let mut of = vec![0; sources.len()];
        for (standing, source) in (0..).zip(&best_first) {
            of[*source as usize] = standing;
        }
        Self { best_first, of }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.of.len()
    }

    /// The standing of the source with this number.
    pub(super) fn of(&self, source: u16) -> u16 {
        self.of[source as usize]
    }

    /// The number of the source with this standing.
    pub(super) fn source(&self, standing: u16) -> u16 {
        self.best_first[standing as usize]
    }
}
