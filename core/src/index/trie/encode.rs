//! Encoding of the trie, from the stretches with one answer.

use std::ops::Range;

use rayon::prelude::*;

use super::{ROOT, root_lengths};
use crate::index::{ANSWER_BIT, NOBODY, Stretch};

/// Blocks of the root that are encoded together, apart from the others.
const PIECE: usize = 1 << 10;

/// The two sections for ascending, disjoint IPv4 stretches.
pub(crate) fn encode(stretches: &[Stretch<u32>]) -> (Vec<u8>, Vec<u8>) {
    let pieces = (0..ROOT).into_par_iter().step_by(PIECE);
    let pieces: Vec<_> = pieces.map(|top| Encoder::of(top, stretches)).collect();
    let mut words =
        Vec::with_capacity(ROOT + pieces.iter().map(|of| of.nodes.len()).sum::<usize>());
    let mut base = ROOT;
    for piece in &pieces {
        words.extend(piece.root.iter().map(|entry| moved(*entry, base)));
        base += piece.nodes.len();
    }
    let lengths = root_lengths(&words);
    for piece in &pieces {
        let base = words.len();
        words.extend(&piece.nodes);
        for runs in &piece.runs {
            let runs = words[base..][runs.clone()].iter_mut();
            runs.for_each(|entry| *entry = moved(*entry, base));
        }
    }
    drop(pieces);
    for word in &mut words {
        *word = word.to_le();
    }
    (bytemuck::cast_slice(&words).to_vec(), lengths)
}

/// An entry of a piece whose nodes begin with a word.
const fn moved(entry: u32, base: usize) -> u32 {
    if entry & ANSWER_BIT == 0 { entry + (base / 2) as u32 } else { entry }
}

/// Encodes a piece: its offsets count from where its own nodes begin.
struct Encoder<'a> {
    root: Vec<u32>,
    nodes: Vec<u32>,
    /// Where the entries of each node are.
    runs: Vec<Range<usize>>,
    /// The stretches that do not end before the block now being encoded.
    rest: &'a [Stretch<u32>],
}

impl<'a> Encoder<'a> {
    /// The piece that begins with a block of the root.
    fn of(top: usize, stretches: &'a [Stretch<u32>]) -> Self {
        let begin = (top as u32) << 16;
        let rest = &stretches[stretches.partition_point(|of| of.last < begin)..];
        let mut piece = Self { root: Vec::new(), nodes: Vec::new(), runs: Vec::new(), rest };
        for top in top..top + PIECE {
            let entry = piece.entry((top as u32) << 16, 16);
            piece.root.push(entry);
        }
        piece
    }
}

impl Encoder<'_> {
    /// The entry of a block of `2^host_bits` addresses; blocks come in ascending order.
    fn entry(&mut self, first: u32, host_bits: u32) -> u32 {
        let last = first | ((1 << host_bits) - 1);
        while let [done, rest @ ..] = self.rest
            && done.last < first
        {
            self.rest = rest;
        }
        match self.rest.first() {
            Some(stretch) if stretch.first <= first && last <= stretch.last => {
                ANSWER_BIT | stretch.answer
            }
            Some(stretch) if stretch.first <= last => self.node(first, host_bits - 8),
            _ => ANSWER_BIT | NOBODY,
        }
    }

    /// The offset of a new node for a block that has more than one answer.
    fn node(&mut self, first: u32, child_bits: u32) -> u32 {
        let mut bitmap = [0_u32; 8];
        let mut counts = [0_u8; 4];
        let mut runs = Vec::new();
        for child in 0..256 {
            if child % 64 == 0 {
                counts[child / 64] = runs.len() as u8;
            }
            let entry = self.entry(first | (child as u32) << child_bits, child_bits);
            if runs.last() != Some(&entry) {
                bitmap[child / 32] |= 1 << (child % 32);
                runs.push(entry);
            }
        }
        let offset = self.nodes.len() / 2;
        self.nodes.extend(bitmap);
        self.nodes.push(u32::from_le_bytes(counts));
        let first = self.nodes.len();
        self.nodes.extend(runs);
        self.runs.push(first..self.nodes.len());
        self.nodes.resize(self.nodes.len().next_multiple_of(2), 0);
        offset as u32
    }
}
