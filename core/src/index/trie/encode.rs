//! Encoding of the trie, from the stretches with one answer.

use super::{ROOT, root_lengths};
use crate::index::{ANSWER_BIT, NOBODY, Stretch};

/// The two sections for ascending, disjoint IPv4 stretches.
pub(crate) fn encode(stretches: &[Stretch<u32>]) -> (Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder { words: vec![0; ROOT], rest: stretches };
    for top in 0..ROOT {
        encoder.words[top] = encoder.entry((top as u32) << 16, 16);
    }
    let lengths = root_lengths(&encoder.words[..ROOT]);
    (encoder.words.iter().flat_map(|word| word.to_le_bytes()).collect(), lengths)
}

struct Encoder<'a> {
    words: Vec<u32>,
    /// The stretches that do not end before the block now being encoded.
    rest: &'a [Stretch<u32>],
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
        let offset = self.words.len() / 2;
        self.words.extend(bitmap);
        self.words.push(u32::from_le_bytes(counts));
        self.words.extend(runs);
        self.words.resize(self.words.len().next_multiple_of(2), 0);
        offset as u32
    }
}
