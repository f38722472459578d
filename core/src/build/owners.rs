//! Owners: whoever claims speak of, each kept once, whichever file and thread names it first.
//!
//! Places in here differ from run to run: what is made of them must not depend on them.

use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::source::Owner;

/// Parts, each under its own lock, so that threads seldom wait for each other.
const PARTS: usize = 64;

/// Owners, each with the best standing of the sources that name it.
type Part = IndexMap<Owner, u16, FxBuildHasher>;

/// Gathers owners from all threads.
pub(super) struct Owners(Vec<Mutex<Part>>);

impl Owners {
    pub(super) fn new() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }

    /// The place of an owner, which a source of this standing names; a lower standing is better.
    pub(super) fn place(&self, owner: Owner, standing: u16) -> u32 {
        // A hash table takes the bits at both ends.
        let part = (FxBuildHasher.hash_one(&owner) >> 32) as usize % PARTS;
        let mut owners = self.0[part].lock().unwrap_or_else(PoisonError::into_inner);
        let entry = owners.entry(owner);
        let index = entry.index();
        let best = entry.or_insert(standing);
        *best = standing.min(*best);
        (index * PARTS + part) as u32
    }

    /// What `make` makes of each owner and its standing, with its place, in no order.
    pub(super) fn par_map<T: Send>(self, make: impl Fn(Owner, u16) -> T + Sync) -> Vec<(u32, T)> {
        let parts = self.0.into_par_iter().enumerate().flat_map_iter(|(part, owners)| {
            let owners = owners.into_inner().unwrap_or_else(PoisonError::into_inner);
            let make = &make;
            let places = (0..).map(move |index| (index * PARTS + part) as u32);
            places.zip(owners).map(move |(place, (owner, standing))| (place, make(owner, standing)))
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::Company;

    #[test]
    fn an_owner_that_many_threads_name_has_one_place_and_its_best_standing() {
        let owner = |n: u32| match n % 2 {
            0 => Owner::Keyed(n.to_string()),
            _ => Owner::Named(Company::new(n.to_string())),
        };
        let owners = Owners::new();
        let named = |n: u32| (n % 1000, owners.place(owner(n % 1000), (n / 1000) as u16 + 7));
        let mut placed: Vec<(u32, u32)> = (0..9000).into_par_iter().rev().map(named).collect();
        placed.sort_unstable();
        placed.dedup();
        assert_eq!(placed.len(), 1000);
        let mut kept = owners.par_map(|owner, standing| (owner, standing));
        kept.sort_by_key(|(place, _)| *place);
        placed.sort_by_key(|(_, place)| *place);
        for ((n, expected), (place, kept)) in placed.into_iter().zip(kept) {
            assert_eq!((place, kept), (expected, (owner(n), 7)));
        }
    }
}
