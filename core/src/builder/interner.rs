//! Interning: equal things are kept once, whichever thread comes first with them.
//!
//! Ten million claims speak of a million owners in no order, and to find one of them is to wait for
//! memory. So each thing is kept as one run of bytes, and those of a batch are looked up together, part
//! by part: a part is locked once, and the waits for several things overlap.
//!
//! Slots in here differ from run to run: what is made of them must not depend on them.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

/// Parts, each under its own lock, so that threads seldom wait for each other.
const PARTS: usize = 64;

/// Things, each with the lowest of the ranks it came with.
pub(super) struct Interner(Vec<Mutex<Part>>);

#[derive(Default)]
struct Part {
    places: HashTable<Place>,
    /// A [`Record`] for each thing, in the order of their coming.
    records: Vec<u8>,
    count: u32,
}

/// Where a thing is.
#[derive(Clone, Copy)]
struct Place {
    /// The upper half of its hash, which tells it from nearly all others.
    tag: u32,
    /// The word that its record begins with, so that a part may hold 32 GiB.
    word: u32,
}

/// The things of a batch, before they have slots.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    things: Vec<Pending>,
}

struct Pending {
    hash: u64,
    /// Where it ends in the bytes of all; it begins where the one before it ends.
    end: usize,
}

impl Batch {
    /// The number in this batch of the thing whose bytes `write` appends.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u32 {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let before = self.things.len().checked_sub(1);
        // Neighbours are often the same.
        if let Some(before) = before.filter(|of| self.bytes[self.range(*of)] == self.bytes[start..])
        {
            self.bytes.truncate(start);
            return before as u32;
        }
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(&self.bytes[start..]);
        self.things.push(Pending { hash: hasher.finish(), end: self.bytes.len() });
        self.things.len() as u32 - 1
    }

    fn range(&self, number: usize) -> Range<usize> {
        let start = number.checked_sub(1).map_or(0, |before| self.things[before].end);
        start..self.things[number].end
    }
}

impl Interner {
    pub(super) fn new() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }

    /// The slots of the things of a batch, by their numbers in it, which are kept from now on.
    pub(super) fn intern(&self, batch: &Batch, rank: u16) -> Vec<u32> {
        let part = |number: u32| part_of(batch.things[number as usize].hash);
        let mut by_part: Vec<u32> = (0..batch.things.len() as u32).collect();
        by_part.sort_unstable_by_key(|number| part(*number));
        let mut slots = vec![0; by_part.len()];
        for numbers in by_part.chunk_by(|a, b| part(*a) == part(*b)) {
            let at = part(numbers[0]);
            let mut part = self.0[at].lock().unwrap_or_else(PoisonError::into_inner);
            for (number, index) in numbers.iter().zip(part.intern(batch, numbers, rank)) {
                slots[*number as usize] = slot(index, at);
            }
        }
        slots
    }

    /// Gives what has numbers of a batch the slots in their place, and forgets the batch.
    pub(super) fn give_slots<'a>(
        &self,
        batch: &mut Batch,
        rank: u16,
        numbers: impl Iterator<Item = &'a mut u32>,
    ) {
        let slots = self.intern(batch, rank);
        numbers.for_each(|number| *number = slots[*number as usize]);
        batch.bytes.clear();
        batch.things.clear();
    }

    /// What `make` makes of the bytes of each thing and its rank, with its slot, in no order.
    pub(super) fn par_map<M: Send>(self, make: impl Fn(&[u8], u16) -> M + Sync) -> Vec<(M, u32)> {
        let parts = self.0.into_par_iter().enumerate().flat_map_iter(|(at, part)| {
            let part = part.into_inner().unwrap_or_else(PoisonError::into_inner);
            let (make, mut word) = (&make, 0);
            (0..part.count).map(move |index| {
                let record = Record::at(&part.records, word);
                word += record.words();
                (make(record.bytes(), record.rank()), slot(index, at))
            })
        });
        parts.collect()
    }
}

/// A zero for each slot up to the last of these.
pub(super) fn one_per_slot<M>(things: &[(M, u32)]) -> Vec<u32> {
    vec![0; things.iter().map(|(_, slot)| *slot as usize + 1).max().unwrap_or(0)]
}

/// The part that a thing is in. A hash table takes the bits at both ends.
const fn part_of(hash: u64) -> usize {
    (hash >> 24) as usize % PARTS
}

const fn slot(index: u32, part: usize) -> u32 {
    index * PARTS as u32 + part as u32
}

impl Part {
    /// The numbers in this part of some of a batch's things.
    fn intern(&mut self, batch: &Batch, numbers: &[u32], rank: u16) -> Vec<u32> {
        let pending = || numbers.iter().map(|number| *number as usize);
        // Nothing in these loops waits for what another turn of them reads.
        let places: Vec<_> =
            pending().map(|number| self.tagged(batch.things[number].hash)).collect();
        let known = pending().zip(places).map(|(number, place)| {
            let word = place?.word;
            let record = Record::at(&self.records, word);
            (record.bytes() == &batch.bytes[batch.range(number)]).then_some(word)
        });
        let known: Vec<_> = known.collect();
        let numbers = pending().zip(known).map(|(number, known)| {
            let thing = &batch.bytes[batch.range(number)];
            let word = known.unwrap_or_else(|| self.find_or_add(batch.things[number].hash, thing));
            Record::lower(&mut self.records, word, rank)
        });
        numbers.collect()
    }

    /// The first place of this tag.
    fn tagged(&self, hash: u64) -> Option<Place> {
        let tag = tag(hash);
        self.places.find(spread(tag), |place| place.tag == tag).copied()
    }

    /// The word of a thing's record.
    fn find_or_add(&mut self, hash: u64, thing: &[u8]) -> u32 {
        let tag = tag(hash);
        let is = |place: &Place| {
            place.tag == tag && Record::at(&self.records, place.word).bytes() == thing
        };
        if let Some(place) = self.places.find(spread(tag), is) {
            return place.word;
        }
        let word = Record::add(&mut self.records, self.count, thing);
        self.count += 1;
        self.places.insert_unique(spread(tag), Place { tag, word }, |place| spread(place.tag));
        word
    }
}

/// The upper half of a hash. Which part a thing is in comes from the lower one.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash made of a tag: a hash table takes the bits at both ends. The factor is 2^64 over the golden ratio
/// (Knuth, The Art of Computer Programming 3, 6.4).
const fn spread(tag: u32) -> u64 {
    (tag as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A thing in its part: its number there (`u32`), its length in bytes (`u32`), its rank (`u16`) and
/// itself; little-endian, and zeros behind it up to a whole word.
#[derive(Clone, Copy)]
struct Record<'a>(&'a [u8]);

impl<'a> Record<'a> {
    const WORD: usize = 8;
    const NUMBER: Range<usize> = 0..4;
    const LENGTH: Range<usize> = 4..8;
    const RANK: Range<usize> = 8..10;
    /// Where the thing itself begins.
    const THING: usize = 10;

    /// The record that begins with a word.
    fn at(records: &'a [u8], word: u32) -> Self {
        Self(&records[word as usize * Self::WORD..])
    }

    /// Adds one that has no rank yet; gives the word that it begins with.
    fn add(records: &mut Vec<u8>, number: u32, thing: &[u8]) -> u32 {
        let word = (records.len() / Self::WORD) as u32;
        records.extend(number.to_le_bytes());
        records.extend((thing.len() as u32).to_le_bytes());
        records.extend(u16::MAX.to_le_bytes());
        records.extend(thing);
        records.resize(records.len().next_multiple_of(Self::WORD), 0);
        word
    }

    /// Lets the record that begins with a word have a rank, if that is lower; gives its number.
    fn lower(records: &mut [u8], word: u32, rank: u16) -> u32 {
        let record = Record::at(records, word);
        let number = record.number();
        if rank < record.rank() {
            let at = word as usize * Self::WORD;
            records[at..][Self::RANK].copy_from_slice(&rank.to_le_bytes());
        }
        number
    }

    fn number(self) -> u32 {
        self.0[Self::NUMBER].try_into().map_or(0, u32::from_le_bytes)
    }

    fn rank(self) -> u16 {
        self.0[Self::RANK].try_into().map_or(0, u16::from_le_bytes)
    }

    fn bytes(self) -> &'a [u8] {
        let length = self.0[Self::LENGTH].try_into().map_or(0, u32::from_le_bytes);
        &self.0[Self::THING..][..length as usize]
    }

    /// The words that it takes.
    fn words(self) -> u32 {
        (Self::THING + self.bytes().len()).div_ceil(Self::WORD) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> (Batch, Vec<u32>) {
        let mut batch = Batch::default();
        let add = |text: T| batch.add(|bytes| bytes.extend(text.as_ref().as_bytes()));
        let numbers = texts.into_iter().map(add).collect();
        (batch, numbers)
    }

    #[test]
    fn a_thing_of_many_threads_has_one_slot_and_its_lowest_rank() {
        let interner = Interner::new();
        let slots_of = |first: u32| {
            let things: Vec<u32> = (first..first + 900).map(|n| n % 2000).collect();
            let (batch, numbers) = batch(things.iter().map(|n| "x".repeat(9) + &n.to_string()));
            let slots = interner.intern(&batch, (first / 2000 + 7) as u16);
            let slots = numbers.into_iter().map(move |number| slots[number as usize]);
            things.into_iter().zip(slots).collect::<Vec<_>>()
        };
        let firsts = (0..200_u32).into_par_iter().rev().map(|n| n * 100);
        let mut slots: Vec<(u32, u32)> = firsts.flat_map_iter(slots_of).collect();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), 2000);
        let kept = interner.par_map(|thing, rank| (thing.to_vec(), rank));
        let mut row = one_per_slot(&kept);
        for ((thing, rank), slot) in kept {
            assert_eq!(rank, 7);
            row[slot as usize] = String::from_utf8(thing[9..].to_vec()).unwrap().parse().unwrap();
        }
        assert!(slots.into_iter().all(|(n, slot)| row[slot as usize] == n));
    }

    #[test]
    fn things_whose_hashes_are_alike_are_kept_apart() {
        let mut part = Part::default();
        let alike = |texts: &[&str]| {
            let (mut batch, _) = batch(texts);
            batch.things.iter_mut().for_each(|thing| thing.hash = 5 << 32);
            batch
        };
        assert_eq!(part.intern(&alike(&["a", "b", "a", "ab"]), &[0, 1, 2, 3], 0), [0, 1, 0, 2]);
        assert_eq!(part.intern(&alike(&["ab", "c"]), &[0, 1], 0), [2, 3]);
    }

    #[test]
    fn neighbours_that_are_the_same_are_looked_up_once() {
        assert_eq!(batch(["a", "a", "b", "a", ""]).1, [0, 0, 1, 2, 3]);
    }
}
