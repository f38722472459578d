//! Interning: equal things are kept once, whichever thread comes first with them.
//!
//! Slots in here differ from run to run: what is made of them must not depend on them.

use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

/// Parts, each under its own lock, so that threads seldom wait for each other.
const SHARDS: usize = 64;

type Shard<T, R> = Mutex<IndexMap<T, R, FxBuildHasher>>;

/// Things, each with the lowest of the ranks it came with.
pub(super) struct Interner<T, R>(Vec<Shard<T, R>>);

impl<T: Hash + Eq + Send, R: Ord + Copy + Send> Interner<T, R> {
    pub(super) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    /// The slot of a thing, which is kept from now on.
    pub(super) fn intern(&self, thing: T, rank: R) -> u32 {
        // A hash table takes the bits at both ends.
        let part = (FxBuildHasher.hash_one(&thing) >> 32) as usize % SHARDS;
        let mut things = self.0[part].lock().unwrap_or_else(PoisonError::into_inner);
        let entry = things.entry(thing);
        let index = entry.index();
        let lowest = entry.or_insert(rank);
        *lowest = rank.min(*lowest);
        (index * SHARDS + part) as u32
    }

    /// What `make` makes of each thing and its rank, with its slot, in no order.
    pub(super) fn par_map<M: Send>(self, make: impl Fn(T, R) -> M + Sync) -> Vec<(M, u32)> {
        let parts = self.0.into_par_iter().enumerate().flat_map_iter(|(part, things)| {
            let things = things.into_inner().unwrap_or_else(PoisonError::into_inner);
            let make = &make;
            let slots = (0..).map(move |index| (index * SHARDS + part) as u32);
            things.into_iter().zip(slots).map(move |((thing, rank), at)| (make(thing, rank), at))
        });
        parts.collect()
    }
}

/// A zero for each slot up to the last of these.
pub(super) fn one_per_slot<M>(things: &[(M, u32)]) -> Vec<u32> {
    vec![0; things.iter().map(|(_, slot)| *slot as usize + 1).max().unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_of_many_threads_has_one_slot_and_its_lowest_rank() {
        let interner = Interner::new();
        let slot = |n: u32| (n % 1000, interner.intern((n % 1000).to_string(), n / 1000 + 7));
        let mut slots: Vec<(u32, u32)> = (0..9000).into_par_iter().rev().map(slot).collect();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), 1000);
        let kept = interner.par_map(|text, rank| (text, rank));
        let mut row = one_per_slot(&kept);
        for ((text, rank), slot) in kept {
            assert_eq!(rank, 7);
            row[slot as usize] = text.parse().unwrap();
        }
        assert!(slots.into_iter().all(|(n, slot)| row[slot as usize] == n));
    }
}
