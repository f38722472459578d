//! Verification of the trie: every node where it must be, every run its own, every network as wide as
//! it can be.

use super::{ANSWER_BIT, ROOT, RUNS, Trie, bits_of, node, root_lengths};
use crate::error::{Error, Result};

impl Trie<'_> {
    /// Checks everything that a walk may meet: it leads to one of `answers` numbers, and every
    /// network is as wide as it can be.
    pub(crate) fn verify(self, answers: u32) -> Result<()> {
        let mut verifier = Verifier { trie: self, answers, next: ROOT };
        let root = &self.words[..ROOT];
        // Depth first, as the encoder placed the nodes: children before their node.
        for entry in root {
            verifier.entry(u32::from_le(*entry), 2)?;
        }
        if verifier.next != self.words.len() {
            return Err(Error::damaged("Trie", "it has words that nothing leads to"));
        }
        let root: Vec<u32> = root.iter().map(|entry| u32::from_le(*entry)).collect();
        if root_lengths(&root) != self.lengths {
            return Err(Error::damaged("TrieLengths", "a network has the wrong length"));
        }
        Ok(())
    }
}

/// A pass over all entries, in the order in which the encoder placed their nodes.
struct Verifier<'a> {
    trie: Trie<'a>,
    answers: u32,
    /// The index of the word where the next node must be.
    next: usize,
}

impl Verifier<'_> {
    /// Checks an entry below which there may be so many levels of nodes.
    fn entry(&mut self, entry: u32, levels: u32) -> Result<()> {
        let damaged = |reason| Err(Error::damaged("Trie", reason));
        if entry & ANSWER_BIT != 0 {
            let known = entry & !ANSWER_BIT < self.answers;
            return if known { Ok(()) } else { damaged("an entry is no answer's number") };
        }
        let Some(node) = node(self.trie.words, entry).filter(|_| levels > 0) else {
            return Err(Trie::broken());
        };
        // A node may be cut by the end of the trie.
        let Some(head) = node.head() else { return Err(Trie::broken()) };
        let groups: [u64; 4] = std::array::from_fn(|group| bits_of(head, group));
        let mut before = 0;
        let mut counts = [0; 4];
        for (count, group) in counts.iter_mut().zip(groups) {
            *count = before as u8;
            before += group.count_ones() as usize;
        }
        let begins_well = groups[0] & 1 == 1 && head[RUNS - 1] == u32::from_ne_bytes(counts);
        let Some(runs) = node.0.get(RUNS..RUNS + before).filter(|_| begins_well) else {
            return damaged("a node miscounts its runs");
        };
        if runs.windows(2).any(|pair| pair[0] == pair[1]) || runs.len() < 2 {
            return damaged("two neighbouring runs of a node are the same");
        }
        for run in runs {
            self.entry(u32::from_le(*run), levels - 1)?;
        }
        // Each node is met once, and where it must be: so the pass ends.
        if 2 * entry as usize != self.next {
            return damaged("a node is not where it must be");
        }
        let end = RUNS + runs.len();
        if end % 2 == 1 && node.0.get(end).is_some_and(|word| *word != 0) {
            return damaged("a node is followed by something");
        }
        self.next += end.next_multiple_of(2);
        Ok(())
    }
}
