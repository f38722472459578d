//! Owners: whoever claims speak of, each kept once.
//!
//! Ten million claims speak of a million owners in no order, and to find one of them is to wait for
//! memory. So an owner is kept as one run of bytes, and not as a list of strings; and the owners of a
//! batch of rows are looked up together, part by part: a part is locked once, and its waits overlap.
//!
//! Slots in here differ from run to run: what is made of them must not depend on them.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::company::{Company, Field};
use crate::source::Owner;

/// Parts, each under its own lock, so that threads seldom wait for each other.
const PARTS: usize = 64;

/// Owners, each with the best, which is the lowest, of the standings it came with.
pub(super) struct Owners(Vec<Mutex<Part>>);

#[derive(Default)]
struct Part {
    places: HashTable<Place>,
    /// A [`Record`] for each owner, in the order of their coming.
    records: Vec<u8>,
    count: u32,
}

/// Where an owner is.
#[derive(Clone, Copy)]
struct Place {
    /// The upper half of its hash, which tells it from nearly all others.
    tag: u32,
    /// The word that its record begins with, so that a part may hold 32 GiB.
    word: u32,
}

/// The owners of a batch of rows, before they have slots.
#[derive(Default)]
pub(super) struct PendingOwners {
    bytes: Vec<u8>,
    owners: Vec<Pending>,
}

struct Pending {
    hash: u64,
    /// Where it ends in the bytes of all; it begins where the one before it ends.
    end: usize,
}

impl PendingOwners {
    /// The number of an owner in this batch.
    pub(super) fn add(&mut self, owner: &Owner) -> u32 {
        let start = self.bytes.len();
        write(owner, &mut self.bytes);
        let before = self.owners.len().checked_sub(1);
        // Neighbours often have one owner.
        if let Some(before) = before.filter(|of| self.bytes[self.range(*of)] == self.bytes[start..])
        {
            self.bytes.truncate(start);
            return before as u32;
        }
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(&self.bytes[start..]);
        self.owners.push(Pending { hash: hasher.finish(), end: self.bytes.len() });
        self.owners.len() as u32 - 1
    }

    /// Forgets them, to take those of the next batch.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.owners.clear();
    }

    fn range(&self, number: usize) -> Range<usize> {
        let start = number.checked_sub(1).map_or(0, |before| self.owners[before].end);
        start..self.owners[number].end
    }
}

impl Owners {
    pub(super) fn new() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }

    /// The slots of the owners of a batch, by their numbers in it, which are kept from now on.
    pub(super) fn intern(&self, batch: &PendingOwners, standing: u16) -> Vec<u32> {
        let part = |number: u32| part_of(batch.owners[number as usize].hash);
        let mut by_part: Vec<u32> = (0..batch.owners.len() as u32).collect();
        by_part.sort_unstable_by_key(|number| part(*number));
        let mut slots = vec![0; by_part.len()];
        for numbers in by_part.chunk_by(|a, b| part(*a) == part(*b)) {
            let at = part(numbers[0]);
            let mut part = self.0[at].lock().unwrap_or_else(PoisonError::into_inner);
            for (number, index) in numbers.iter().zip(part.intern(batch, numbers, standing)) {
                slots[*number as usize] = slot(index, at);
            }
        }
        slots
    }

    /// What `make` makes of each owner and its standing, with its slot, in no order.
    pub(super) fn par_map<M: Send>(self, make: impl Fn(Owner, u16) -> M + Sync) -> Vec<(M, u32)> {
        let parts = self.0.into_par_iter().enumerate().flat_map_iter(|(at, part)| {
            let part = part.into_inner().unwrap_or_else(PoisonError::into_inner);
            let (make, mut word) = (&make, 0);
            (0..part.count).map(move |index| {
                let record = Record::at(&part.records, word);
                word += record.words();
                (make(read(record.owner()), record.standing()), slot(index, at))
            })
        });
        parts.collect()
    }
}

/// A zero for each slot up to the last of these.
pub(super) fn one_per_slot<M>(things: &[(M, u32)]) -> Vec<u32> {
    vec![0; things.iter().map(|(_, slot)| *slot as usize + 1).max().unwrap_or(0)]
}

/// The part that an owner is in. A hash table takes the bits at both ends.
const fn part_of(hash: u64) -> usize {
    (hash >> 24) as usize % PARTS
}

const fn slot(index: u32, part: usize) -> u32 {
    index * PARTS as u32 + part as u32
}

impl Part {
    /// The numbers in this part of some of a batch's owners.
    fn intern(&mut self, batch: &PendingOwners, numbers: &[u32], standing: u16) -> Vec<u32> {
        let pending = || numbers.iter().map(|number| *number as usize);
        // Nothing in these loops waits for what another turn of them reads.
        let places: Vec<_> =
            pending().map(|number| self.tagged(batch.owners[number].hash)).collect();
        let known = pending().zip(places).map(|(number, place)| {
            let word = place?.word;
            let record = Record::at(&self.records, word);
            (record.owner() == &batch.bytes[batch.range(number)]).then_some(word)
        });
        let known: Vec<_> = known.collect();
        let numbers = pending().zip(known).map(|(number, known)| {
            let owner = &batch.bytes[batch.range(number)];
            let word = known.unwrap_or_else(|| self.find_or_add(batch.owners[number].hash, owner));
            Record::stand(&mut self.records, word, standing)
        });
        numbers.collect()
    }

    /// The first place of this tag.
    fn tagged(&self, hash: u64) -> Option<Place> {
        let tag = tag(hash);
        self.places.find(spread(tag), |place| place.tag == tag).copied()
    }

    /// The word of an owner's record.
    fn find_or_add(&mut self, hash: u64, owner: &[u8]) -> u32 {
        let tag = tag(hash);
        let is = |place: &Place| {
            place.tag == tag && Record::at(&self.records, place.word).owner() == owner
        };
        if let Some(place) = self.places.find(spread(tag), is) {
            return place.word;
        }
        let word = Record::add(&mut self.records, self.count, owner);
        self.count += 1;
        self.places.insert_unique(spread(tag), Place { tag, word }, |place| spread(place.tag));
        word
    }
}

/// The upper half of a hash. Which part an owner is in comes from the lower one.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash made of a tag: a hash table takes the bits at both ends. The factor is 2^64 over the golden ratio
/// (Knuth, The Art of Computer Programming 3, 6.4).
const fn spread(tag: u32) -> u64 {
    (tag as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// An owner in its part: its number there (`u32`), its length in bytes (`u32`), its standing (`u16`) and
/// itself; little-endian, and zeros behind it up to a whole word.
#[derive(Clone, Copy)]
struct Record<'a>(&'a [u8]);

impl<'a> Record<'a> {
    const WORD: usize = 8;
    const NUMBER: Range<usize> = 0..4;
    const LENGTH: Range<usize> = 4..8;
    const STANDING: Range<usize> = 8..10;
    /// Where the owner itself begins.
    const OWNER: usize = 10;

    /// The record that begins with a word.
    fn at(records: &'a [u8], word: u32) -> Self {
        Self(&records[word as usize * Self::WORD..])
    }

    /// Adds one that has no standing yet; gives the word that it begins with.
    fn add(records: &mut Vec<u8>, number: u32, owner: &[u8]) -> u32 {
        let word = (records.len() / Self::WORD) as u32;
        records.extend(number.to_le_bytes());
        records.extend((owner.len() as u32).to_le_bytes());
        records.extend(u16::MAX.to_le_bytes());
        records.extend(owner);
        records.resize(records.len().next_multiple_of(Self::WORD), 0);
        word
    }

    /// Lets the record that begins with a word have a standing, if that is better; gives its number.
    fn stand(records: &mut [u8], word: u32, standing: u16) -> u32 {
        let record = Record::at(records, word);
        let number = record.number();
        if standing < record.standing() {
            let at = word as usize * Self::WORD;
            records[at..][Self::STANDING].copy_from_slice(&standing.to_le_bytes());
        }
        number
    }

    fn number(self) -> u32 {
        self.0[Self::NUMBER].try_into().map_or(0, u32::from_le_bytes)
    }

    fn standing(self) -> u16 {
        self.0[Self::STANDING].try_into().map_or(0, u16::from_le_bytes)
    }

    fn owner(self) -> &'a [u8] {
        let length = self.0[Self::LENGTH].try_into().map_or(0, u32::from_le_bytes);
        &self.0[Self::OWNER..][..length as usize]
    }

    /// The words that it takes.
    fn words(self) -> u32 {
        (Self::OWNER + self.owner().len()).div_ceil(Self::WORD) as u32
    }
}

/// What the bytes of an owner begin with.
const KEYED: u8 = 0;
const NAMED: u8 = 1;

/// An owner as bytes: equal ones, and only those, are the same.
fn write(owner: &Owner, bytes: &mut Vec<u8>) {
    match owner {
        Owner::Keyed(key) => {
            bytes.push(KEYED);
            bytes.extend(key.as_bytes());
        }
        Owner::Named(company) => {
            bytes.push(NAMED);
            for (field, value) in company.facts() {
                bytes.extend((field as u16).to_le_bytes());
                bytes.extend((value.len() as u32).to_le_bytes());
                bytes.extend(value.as_bytes());
            }
        }
    }
}

/// The owner that these bytes are.
fn read(bytes: &[u8]) -> Owner {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match bytes.split_first() {
        Some((&NAMED, mut rest)) => {
            let mut facts = Vec::new();
            while let Some(((field, length), next)) = head(rest) {
                let (value, next) = next.split_at(length);
                facts.push((field, text(value)));
                rest = next;
            }
            Owner::Named(Company::of_facts(facts))
        }
        Some((_, key)) => Owner::Keyed(text(key)),
        None => Owner::Keyed(String::new()),
    }
}

/// The field and the length of the fact that these bytes begin with.
fn head(bytes: &[u8]) -> Option<((Field, usize), &[u8])> {
    let (field, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let field = Field::from_number(u16::from_le_bytes(*field))?;
    Some(((field, u32::from_le_bytes(*length) as usize), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(n: u32) -> Owner {
        match n % 3 {
            0 => Owner::Keyed(format!("k{n}")),
            1 => Owner::Named(Company::new(format!("k{n}"))),
            _ => Owner::Named(
                Company::new("Näme".repeat(n as usize % 50)).with(Field::City, n.to_string()),
            ),
        }
    }

    #[test]
    fn an_owner_of_many_threads_has_one_slot_and_its_best_standing() {
        let owners = Owners::new();
        let slots_of = |first: u32| {
            let mut pending = PendingOwners::default();
            let numbers: Vec<u32> = (first..first + 900).map(|n| n % 2000).collect();
            let added: Vec<u32> = numbers.iter().map(|n| pending.add(&owner(*n))).collect();
            let slots = owners.intern(&pending, (first / 2000 + 7) as u16);
            numbers
                .into_iter()
                .zip(added)
                .map(move |(n, at)| (n, slots[at as usize]))
                .collect::<Vec<_>>()
        };
        let firsts = (0..20_000).into_par_iter().rev().step_by(100);
        let mut slots: Vec<(u32, u32)> = firsts.flat_map_iter(slots_of).collect();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), 2000);
        let kept = owners.par_map(|owner, standing| (owner, standing));
        let mut row = one_per_slot(&kept);
        for (at, (_, slot)) in kept.iter().enumerate() {
            row[*slot as usize] = at as u32;
        }
        for (n, slot) in slots {
            let ((kept, standing), _) = &kept[row[slot as usize] as usize];
            assert_eq!((kept, *standing), (&owner(n), 7));
        }
    }

    #[test]
    fn owners_whose_hashes_are_alike_are_kept_apart() {
        let mut part = Part::default();
        let of = |texts: &[&str]| {
            let mut batch = PendingOwners::default();
            texts.iter().for_each(|text| {
                batch.add(&Owner::Keyed((*text).to_owned()));
            });
            batch.owners.iter_mut().for_each(|owner| owner.hash = 5 << 32);
            batch
        };
        let batch = of(&["a", "b", "a", "ab"]);
        assert_eq!(part.intern(&batch, &[0, 1, 2, 3], 0), [0, 1, 0, 2]);
        assert_eq!(part.intern(&of(&["ab", "c"]), &[0, 1], 0), [2, 3]);
    }

    #[test]
    fn neighbours_of_one_owner_are_looked_up_once() {
        let mut pending = PendingOwners::default();
        let added = [1, 1, 4, 1].map(|n| pending.add(&owner(n)));
        assert_eq!(added, [0, 0, 1, 2]);
    }
}
