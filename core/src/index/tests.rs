//! The lookup structures beside their slow, obvious twin: a list of stretches, searched in order.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::intervals::{self, Intervals};
use super::trie::{self, Trie};
use super::{NOBODY, Place, Stretch};
use crate::cpu::Cpu;
use crate::net::{AddressRange, Family};

/// Every address with its answer: ascending stretches without gaps, nobody's included.
struct Cover(Vec<Stretch<u128>>);

impl Cover {
    /// Answers that begin at these addresses; neighbours with the same answer become one.
    fn new(starts: &BTreeMap<u128, u32>, max: u128) -> Self {
        let mut stretches = vec![Stretch { first: 0, last: max, answer: NOBODY }];
        for (start, answer) in starts {
            let last = stretches.last_mut().unwrap();
            if last.answer == *answer {
                continue;
            }
            if *start == 0 {
                last.answer = *answer;
            } else {
                last.last = start - 1;
                stretches.push(Stretch { first: *start, last: max, answer: *answer });
            }
        }
        // An answer at 0 may have become the same as the next one.
        let merged = stretches.chunk_by(|a, b| a.answer == b.answer);
        Self(merged.map(|same| Stretch { last: same[same.len() - 1].last, ..same[0] }).collect())
    }

    /// What is encoded, each of its addresses made by `of`.
    fn encoded<A>(&self, of: impl Fn(u128) -> A) -> Vec<Stretch<A>> {
        let held = self.0.iter().filter(|stretch| stretch.answer != NOBODY);
        let made =
            |s: &Stretch<u128>| Stretch { first: of(s.first), last: of(s.last), answer: s.answer };
        held.map(made).collect()
    }

    fn number_and_length(&self, family: Family, at: u128) -> (u32, u8) {
        let here = self.0.iter().find(|s| s.first <= at && at <= s.last).unwrap();
        let range = AddressRange::from_bits(family, here.first, here.last);
        (here.answer, range.widest_prefix_at(at).prefix_len())
    }

    /// Both sides of every border.
    fn borders(&self) -> impl Iterator<Item = u128> {
        self.0.iter().flat_map(|stretch| [stretch.first, stretch.last])
    }
}

/// Addresses in few blocks of half the bits, so that several often begin in one /16 or /64.
fn addresses(bits: u32) -> impl Strategy<Value = u128> {
    let half = u128::MAX >> (128 - bits / 2);
    let within = prop_oneof![Just(0), 0..600_u128, Just(half), any::<u128>()];
    (0..2_u128, 0..4_u128, within).prop_map(move |(region, block, within)| {
        (region << (bits - 4)) + (block << (bits / 2)) + (within & half)
    })
}

fn starts(bits: u32) -> impl Strategy<Value = BTreeMap<u128, u32>> {
    let anywhere = any::<u128>().prop_map(move |at| at >> (128 - bits));
    let start = prop_oneof![3 => addresses(bits), 1 => anywhere];
    prop::collection::btree_map(start, 0..4_u32, 0..60)
}

proptest! {
    #[test]
    fn the_trie_answers_like_the_list(
        starts in starts(32), probes in prop::collection::vec(any::<u32>(), 50)
    ) {
        let cover = Cover::new(&starts, Family::V4.max());
        let (words, lengths) = trie::encode(&cover.encoded(|at| at as u32));
        let trie = Trie::new(&words, &lengths).unwrap();
        let probes: Vec<_> = cover.borders().chain(probes.into_iter().map(u128::from)).collect();
        let addresses: Vec<_> = probes.iter().map(|at| Ipv4Addr::from_bits(*at as u32)).collect();
        let (truth, true_lengths): (Vec<_>, Vec<_>) =
            probes.iter().map(|at| cover.number_and_length(Family::V4, *at)).unzip();
        for cpu in Cpu::available() {
            let mut answers = vec![u32::MAX; addresses.len()];
            trie.on(cpu).numbers(&addresses, &mut answers).unwrap();
            prop_assert_eq!(&answers, &truth, "{:?}", cpu);
            let mut lengths = vec![u8::MAX; addresses.len()];
            answers.fill(u32::MAX);
            trie.on(cpu).numbers_and_lengths(&addresses, &mut answers, &mut lengths).unwrap();
            prop_assert_eq!((&answers, &lengths), (&truth, &true_lengths), "{:?}", cpu);
        }
        for at in probes {
            let expected = cover.number_and_length(Family::V4, at);
            for cpu in Cpu::available() {
                let trie = trie.on(cpu);
                prop_assert_eq!(trie.number_and_length(at as u32).unwrap(), expected);
                prop_assert_eq!(trie.number(at as u32).unwrap(), expected.0);
                let (number, place) = trie.number_and_place(at as u32).unwrap();
                prop_assert_eq!((number, trie.length(at as u32, place).unwrap()), expected);
            }
        }
    }

    #[test]
    fn the_intervals_answer_like_the_list(
        starts in starts(128), probes in prop::collection::vec(any::<u128>(), 50)
    ) {
        let cover = Cover::new(&starts, Family::V6.max());
        let [keys, entries, lists, blocks] = intervals::encode(&cover.encoded(|at| at));
        let intervals = Intervals::new(&keys, &entries, &lists, Some(&blocks)).unwrap();
        let probes: Vec<_> = cover.borders().chain(probes).collect();
        let addresses: Vec<_> = probes.iter().map(|at| Ipv6Addr::from_bits(*at)).collect();
        let (truth, true_lengths): (Vec<_>, Vec<_>) =
            probes.iter().map(|at| cover.number_and_length(Family::V6, *at)).unzip();
        for cpu in Cpu::available() {
            let mut answers = vec![u32::MAX; addresses.len()];
            intervals.on(cpu).numbers(&addresses, &mut answers).unwrap();
            prop_assert_eq!(&answers, &truth, "{:?}", cpu);
            let mut lengths = vec![u8::MAX; addresses.len()];
            answers.fill(u32::MAX);
            intervals.on(cpu).numbers_and_lengths(&addresses, &mut answers, &mut lengths).unwrap();
            prop_assert_eq!((&answers, &lengths), (&truth, &true_lengths), "{:?}", cpu);
        }
        for at in probes {
            let expected = cover.number_and_length(Family::V6, at);
            for cpu in Cpu::available() {
                let intervals = intervals.on(cpu);
                prop_assert_eq!(intervals.number_and_length(at).unwrap(), expected);
                prop_assert_eq!(intervals.number(at).unwrap(), expected.0);
                let (number, place) = intervals.number_and_place(at).unwrap();
                prop_assert_eq!(number, expected.0);
                if let Place::Slot(slot) = place {
                    prop_assert_eq!(intervals.length(at, slot).unwrap(), expected.1);
                } else {
                    prop_assert_eq!(number, NOBODY);
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_a_lookup_panic(
        starts in starts(32),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        probes in prop::collection::vec(any::<u32>(), 50)
    ) {
        let cover = Cover::new(&starts, Family::V4.max());
        let mut six = cover.encoded(|at| at << 96);
        for stretch in &mut six {
            stretch.last |= u128::MAX >> 32;
        }
        let damage = |bytes: &mut Vec<u8>, from: usize| {
            for (at, value) in &changes {
                if bytes.len() > from {
                    let at = from + at.index(bytes.len() - from);
                    bytes[at] = *value;
                }
            }
        };
        let (mut words, lengths) = trie::encode(&cover.encoded(|at| at as u32));
        damage(&mut words, 0);
        damage(&mut words, 4 << 16);
        let [mut keys, mut entries, mut lists, mut blocks] = intervals::encode(&six);
        damage(&mut keys, 0);
        damage(&mut entries, 0);
        damage(&mut lists, 0);
        damage(&mut blocks, 0);
        let trie = Trie::new(&words, &lengths).unwrap();
        let intervals = Intervals::new(&keys, &entries, &lists, Some(&blocks)).unwrap();
        for at in cover.borders().map(|at| at as u32).chain(probes) {
            let _ = (trie.number(at), trie.number_and_length(at));
            let six = u128::from(at) << 96;
            let _ = (intervals.number(six), intervals.number_and_length(six));
        }
        let four: Vec<_> = cover.borders().map(|at| Ipv4Addr::from_bits(at as u32)).collect();
        let six: Vec<_> = cover.borders().map(|at| Ipv6Addr::from_bits(at << 96)).collect();
        let mut answers = vec![0; four.len()];
        for cpu in Cpu::available() {
            let _ = trie.on(cpu).numbers(&four, &mut answers);
            let mut lengths = vec![0; four.len()];
            let _ = trie.on(cpu).numbers_and_lengths(&four, &mut answers, &mut lengths);
            let _ = intervals.on(cpu).numbers(&six, &mut answers);
        }
    }
}

#[test]
fn a_tree_of_every_size_finds_each_of_its_keys() {
    // The most keys that so many levels have: each height is walked by code of its own, up to eight levels.
    let full = (0..7).map(|inner| 8 * 9_u32.pow(inner));
    for count in (1..200).chain(full.flat_map(|keys| [keys - 1, keys, keys + 1])) {
        let stretches: Vec<_> = (0..count)
            .map(|n: u32| {
                let first = u128::from(n) << 100;
                Stretch { first, last: first + (1 << 100) - 1, answer: 1 + n % 7 }
            })
            .collect();
        let [keys, entries, lists, blocks] = intervals::encode(&stretches);
        let intervals = Intervals::new(&keys, &entries, &lists, Some(&blocks)).unwrap();
        // All of a small tree; of a large one the ends, and some of every part.
        let step = (count as usize / 5_000).max(1);
        let ends = stretches.iter().take(100).chain(stretches.iter().rev().take(100));
        let asked: Vec<_> = stretches.iter().step_by(step).chain(ends).collect();
        for intervals in Cpu::available().into_iter().map(|cpu| intervals.on(cpu)) {
            for stretch in &asked {
                assert_eq!(intervals.number(stretch.first).unwrap(), stretch.answer);
                assert_eq!(intervals.number(stretch.last).unwrap(), stretch.answer);
            }
            assert_eq!(intervals.number(u128::MAX).unwrap(), NOBODY);
        }
    }
}

#[test]
fn a_node_cut_by_the_end_of_the_trie_is_told_and_no_panic() {
    let (words, lengths) = trie::encode(&[]);
    let mut words: Vec<u32> = bytemuck::pod_collect_to_vec(&words);
    // The last root entry leads to a node of which only the bits are there.
    *words.last_mut().unwrap() = (words.len() / 2) as u32;
    words.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    let trie = Trie::new(bytemuck::cast_slice(&words), &lengths).unwrap();
    assert!(trie.verify(1).is_err());
    assert!(trie.number(u32::MAX).is_err() && trie.number_and_length(u32::MAX).is_err());
}
