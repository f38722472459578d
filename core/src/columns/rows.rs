//! Rows to the numbers of their answers and of their networks, in blocks and on a few threads.
//!
//! A block is read, looked up, and its networks numbered, while it is in the first-level cache.

use std::iter;
use std::ops::Range;

use super::addresses::{Addresses, BLOCK, Block, Other};
use super::met::MetCodes;
use super::networks::{Numbering, SKIPPED};
use super::threads::part_size;
use crate::error::{Error, Result};
use crate::reader::{AnswerId, View};
use crate::threads::side_by_side;

/// What is asked of each row.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub view: View<'a>,
    /// Are networks wanted?
    pub networks: bool,
    /// Is anything else?
    pub answers: bool,
    /// Is an invalid address an error?
    pub refuse: bool,
}

/// Of a row without an address.
pub const NO_NETWORK: u32 = u32::MAX;

/// What all rows are answered with.
pub struct Answered {
    /// Of each row the code of its answer, or [`Ask::none`]; if wanted.
    pub codes: Vec<u32>,
    /// Of each row the number of its network, or [`NO_NETWORK`]; if wanted.
    pub networks: Vec<u32>,
    pub numbering: Numbering,
    /// Which codes there are.
    pub met: MetCodes,
    /// Rows that hold something which is no address.
    pub invalid: usize,
}

impl Ask<'_> {
    /// The code of what is withheld; those of other answers are their numbers.
    fn withheld(&self) -> u32 {
        self.view.index.answer_count() as u32
    }

    /// The answer of a code, which is not [`Ask::none`].
    pub fn answer_id(&self, code: u32) -> AnswerId {
        if code == self.withheld() { AnswerId::WITHHELD } else { AnswerId::new(code) }
    }

    /// The code of rows without an address.
    pub fn none(&self) -> u32 {
        self.withheld() + 1
    }

    /// How many codes there can be.
    pub fn codes(&self) -> usize {
        self.view.index.answer_count() + 2
    }

    pub fn answer(self, columns: &[Addresses]) -> Result<Answered> {
        let count: usize = columns.iter().map(Addresses::len).sum();
        let mut codes = vec![0; if self.answers { count } else { 0 }];
        let mut networks = vec![0; if self.networks { count } else { 0 }];
        let size = part_size(count);
        let parts = maybe_chunks(&mut codes, size).zip(maybe_chunks(&mut networks, size));
        let parts = (0..count).step_by(size).zip(parts);
        let mut done = side_by_side(parts, |(first, (codes, networks))| {
            let mut worker = Worker::new(self);
            let rows = first..count.min(first + size);
            worker.part(columns, rows, codes, networks).map(|()| worker)
        })
        .into_iter();

        let mut all = done.next().unwrap_or_else(|| Ok(Worker::new(self)))?;
        let mut renumbered = vec![None];
        for worker in done {
            let worker = worker?;
            all.invalid += worker.invalid;
            all.met.unite(&worker.met);
            renumbered.push(Some(all.numbering.absorb(worker.numbering)?));
        }
        let parts = maybe_chunks(&mut networks, size).zip(renumbered);
        side_by_side(parts, |(networks, renumbered)| {
            let numbers = renumbered.unwrap_or_default();
            for number in networks {
                *number = numbers.get(*number as usize).copied().unwrap_or(*number);
            }
        });
        let Worker { numbering, met, invalid, .. } = all;
        Ok(Answered { codes, networks, numbering, met, invalid })
    }
}

/// Rows that one thread answers.
struct Worker<'a> {
    ask: Ask<'a>,
    block: Block,
    numbering: Numbering,
    met: MetCodes,
    invalid: usize,
}

impl<'a> Worker<'a> {
    fn new(ask: Ask<'a>) -> Self {
        Self {
            ask,
            block: Block::new(),
            numbering: Numbering::new(),
            met: MetCodes::none_of(ask.codes()),
            invalid: 0,
        }
    }

    /// Answers some rows, counted over all columns.
    fn part(
        &mut self,
        columns: &[Addresses],
        rows: Range<usize>,
        mut codes: &mut [u32],
        mut networks: &mut [u32],
    ) -> Result<()> {
        // Where codes are not wanted, what a block has is forgotten with it.
        let mut unwanted = [0; BLOCK];
        let (mut begin, mut row) = (0, rows.start);
        for column in columns {
            let mut at = row.clamp(begin, begin + column.len()) - begin;
            while at < column.len() && row < rows.end {
                let count = BLOCK.min(column.len() - at).min(rows.end - row);
                let (wanted, later) = codes.split_at_mut(count.min(codes.len()));
                let (nets, later_nets) = networks.split_at_mut(count.min(networks.len()));
                let these = if self.ask.answers { wanted } else { &mut unwanted[..count] };
                self.block(column, at..at + count, begin, these, nets)?;
                (codes, networks) = (later, later_nets);
                (at, row) = (at + count, row + count);
            }
            begin += column.len();
        }
        Ok(())
    }

    fn block(
        &mut self,
        column: &Addresses,
        rows: Range<usize>,
        begin: usize,
        codes: &mut [u32],
        networks: &mut [u32],
    ) -> Result<()> {
        let first = rows.start;
        column.read(rows.clone(), &mut self.block);
        let count = rows.len();
        let v4 = &self.block.v4[..count];
        let mut lengths = [0; BLOCK];
        let lengths = &mut lengths[..count];
        let Ask { view, networks: wanted, refuse, .. } = self.ask;
        let ids = AnswerId::from_slice_mut(codes);
        if wanted {
            view.lookup_batch_with_lengths(v4, ids, lengths)?;
        } else {
            view.lookup_batch(v4, ids)?;
        }
        for (at, other) in &self.block.others {
            lengths[*at] = SKIPPED;
            codes[*at] = self.ask.none();
            if wanted {
                networks[*at] = NO_NETWORK;
            }
            if *other == Other::Invalid && refuse {
                let value = column.value(first + at);
                return Err(Error::AddressInRow { row: begin + first + at, value });
            }
            self.invalid += usize::from(*other == Other::Invalid);
        }
        self.six(lengths, codes, networks)?;
        if wanted {
            self.numbering.v4(&self.block.v4[..count], lengths, networks)?;
        }
        if view.hidden.any() {
            for code in codes.iter_mut().filter(|code| **code == AnswerId::WITHHELD.get()) {
                *code = self.ask.withheld();
            }
        }
        for code in codes {
            let known = self.met.add(*code);
            known.ok_or_else(|| Error::damaged("Trie", "an entry is no answer's number"))?;
        }
        Ok(())
    }

    /// Answers the block's rows of IPv6; their lengths are kept from the numbering of IPv4.
    fn six(&mut self, skipped: &mut [u8], codes: &mut [u32], networks: &mut [u32]) -> Result<()> {
        let Block { v6, v6_rows, .. } = &self.block;
        let mut ids = [AnswerId::NOBODY; BLOCK];
        let ids = &mut ids[..v6.len()];
        let mut lengths = [0; BLOCK];
        if self.ask.networks {
            self.ask.view.lookup_batch_with_lengths(v6, ids, &mut lengths[..v6.len()])?;
        } else {
            self.ask.view.lookup_batch(v6, ids)?;
        }
        for (((row, address), id), length) in v6_rows.iter().zip(v6).zip(ids).zip(lengths) {
            skipped[*row] = SKIPPED;
            codes[*row] = id.get();
            if self.ask.networks {
                networks[*row] = self.numbering.v6(address.to_bits(), length)?;
            }
        }
        Ok(())
    }
}

/// Parts of what may not be wanted, and then is empty.
fn maybe_chunks(all: &mut [u32], size: usize) -> impl Iterator<Item = &mut [u32]> {
    all.chunks_mut(size).chain(iter::repeat_with(Default::default))
}
