//! Rows to the numbers of their answers and of their networks, in blocks and on a few threads.
//!
//! A block is read, looked up, and its networks numbered, while it is in the first-level cache. The
//! threads end with the call: a pool would hang in a forked child.

use std::net::Ipv6Addr;
use std::ops::Range;
use std::{iter, panic, thread};

use super::addresses::{Addresses, BLOCK, Block, Other};
use super::networks::{Numbering, SKIPPED};
use crate::error::{Error, Result};
use crate::net::Family;
use crate::reader::{Index, Overlay};

/// A thread is begun for no fewer rows.
const LEAST: usize = 1 << 16;

/// What is asked of each row.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub index: &'a Index,
    pub overlay: &'a Overlay,
    /// Are networks wanted?
    pub networks: bool,
    /// Is an invalid address an error?
    pub refuse: bool,
}

/// What all rows are answered with.
pub struct Answered {
    /// Of each row the number of its answer, or [`Ask::withheld`], or [`Ask::none`].
    pub codes: Vec<u32>,
    /// Of each row the number of its network, if wanted; of no meaning where it has none.
    pub networks: Vec<u32>,
    pub numbering: Numbering,
    /// Which codes there are.
    pub used: Vec<bool>,
    /// Rows that hold something which is no address.
    pub invalid: usize,
}

impl Ask<'_> {
    /// The code of what is hidden.
    pub fn withheld(&self) -> u32 {
        self.index.answer_count() as u32
    }

    /// The code of rows without an address.
    pub fn none(&self) -> u32 {
        self.withheld() + 1
    }

    /// How many codes there can be.
    pub fn codes(&self) -> usize {
        self.index.answer_count() + 2
    }

    pub fn answer(self, columns: &[Addresses]) -> Result<Answered> {
        let count = columns.iter().map(Addresses::len).sum();
        let mut codes = vec![0; count];
        let mut networks = vec![0; if self.networks { count } else { 0 }];
        let size = part_size(count);
        let parts = codes.chunks_mut(size).zip(maybe_chunks(&mut networks, size)).enumerate();
        let mut done = side_by_side(parts, |(part, (codes, networks))| {
            let mut worker = Worker::new(self);
            worker.part(columns, part * size, codes, networks).map(|()| worker)
        })
        .into_iter();

        let mut all = done.next().unwrap_or_else(|| Ok(Worker::new(self)))?;
        let mut renumbered = vec![None];
        for worker in done {
            let worker = worker?;
            all.invalid += worker.invalid;
            all.used.iter_mut().zip(worker.used).for_each(|(all, used)| *all |= used);
            renumbered.push(Some(all.numbering.absorb(worker.numbering)?));
        }
        let parts = maybe_chunks(&mut networks, size).zip(renumbered);
        side_by_side(parts, |(networks, renumbered)| {
            let numbers = renumbered.unwrap_or_default();
            for number in networks {
                // What has no network keeps what it has.
                *number = numbers.get(*number as usize).copied().unwrap_or(*number);
            }
        });
        let Worker { numbering, used, invalid, .. } = all;
        Ok(Answered { codes, networks, numbering, used, invalid })
    }
}

/// Rows that one thread answers.
struct Worker<'a> {
    ask: Ask<'a>,
    block: Block,
    lengths: [u8; BLOCK],
    numbering: Numbering,
    used: Vec<bool>,
    invalid: usize,
}

impl<'a> Worker<'a> {
    fn new(ask: Ask<'a>) -> Self {
        Self {
            ask,
            block: Block::new(),
            lengths: [0; BLOCK],
            numbering: Numbering::new(),
            used: vec![false; ask.codes()],
            invalid: 0,
        }
    }

    /// Answers the rows from `first` on, as many as there is room for.
    fn part(
        &mut self,
        columns: &[Addresses],
        first: usize,
        mut codes: &mut [u32],
        mut networks: &mut [u32],
    ) -> Result<()> {
        // The first row of the column, and the next to answer, counted over all columns.
        let (mut begin, mut row) = (0, first);
        for column in columns {
            let mut at = row.clamp(begin, begin + column.len()) - begin;
            while at < column.len() && !codes.is_empty() {
                let count = BLOCK.min(column.len() - at).min(codes.len());
                let (these, later) = codes.split_at_mut(count);
                let (nets, later_nets) = networks.split_at_mut(count.min(networks.len()));
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
        let v4 = &self.block.v4[..rows.len()];
        let lengths = &mut self.lengths[..rows.len()];
        let Ask { index, overlay, networks: wanted, refuse } = self.ask;
        if wanted {
            index.lookup_batch_with_lengths(v4, codes, lengths)?;
        } else {
            index.lookup_batch(v4, codes)?;
        }
        if overlay.hides() {
            for ((address, code), length) in v4.iter().zip(&mut *codes).zip(&mut *lengths) {
                let at = (Family::V4, address.to_bits().into());
                let (hidden, seen) = overlay.seen(index, at, *code, *length)?;
                (*code, *length) = (if hidden { self.ask.withheld() } else { *code }, seen);
            }
        }
        for (at, other) in &self.block.others {
            lengths[*at] = SKIPPED;
            let (at, bits) = match other {
                Other::V6(bits) => (*at, *bits),
                other => {
                    codes[*at] = self.ask.none();
                    if *other == Other::Invalid && refuse {
                        let value = column.value(first + at);
                        return Err(Error::AddressInRow { row: begin + first + at, value });
                    }
                    self.invalid += usize::from(*other == Other::Invalid);
                    continue;
                }
            };
            let (number, length) = index.number_and_length(Ipv6Addr::from_bits(bits).into())?;
            let (hidden, length) = overlay.seen(index, (Family::V6, bits), number, length)?;
            codes[at] = if hidden { self.ask.withheld() } else { number };
            if wanted {
                networks[at] = self.numbering.v6(bits, length)?;
            }
        }
        if wanted {
            self.numbering.v4(v4, lengths, networks)?;
        }
        for code in codes {
            let used = self.used.get_mut(*code as usize);
            *used.ok_or_else(|| Error::damaged("Trie", "an entry is no answer's number"))? = true;
        }
        Ok(())
    }
}

/// Rows of a thread's part: whole blocks, so that whole words of a bitmap belong to one.
pub fn part_size(rows: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(rows / LEAST).max(1);
    rows.div_ceil(threads).next_multiple_of(BLOCK).max(BLOCK)
}

/// Parts of what may not be wanted, and then is empty.
fn maybe_chunks(all: &mut [u32], size: usize) -> impl Iterator<Item = &mut [u32]> {
    all.chunks_mut(size).chain(iter::repeat_with(Default::default))
}

/// What `work` makes of each part, in their order; each on a thread, if there are several.
pub fn side_by_side<T: Send, R: Send>(
    parts: impl Iterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut parts = parts.peekable();
    let Some(first) = parts.next() else { return Vec::new() };
    if parts.peek().is_none() {
        return vec![work(first)];
    }
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let others = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        // `collect` pulls the first before it joins the others.
        iter::once_with(|| work(first)).chain(others).collect()
    })
}
