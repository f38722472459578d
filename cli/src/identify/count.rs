//! The way of a log through the program: blocks are read ahead, understood on all threads, and counted on all
//! threads, part of the visitors by part.
//!
//! What comes out is the same on any number of threads: a part of the visitors is counted in the order of the
//! log.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::report::Lines;
use super::requests::{EXAMPLES, Memory, Reader, Request, Requests, SHARDS, World};
use super::tally::{Shard, Totals};
use crate::Failure;
use crate::log::Broken;
use crate::log::input::{Batch, Block, Piece, batch};

/// Counts what a reader hands over.
pub struct Counting<'a> {
    pub reader: &'a Reader,
    /// The logs' names.
    pub names: &'a [String],
    /// Is the first line that is not understood an error?
    pub deny_broken: bool,
}

impl Counting<'_> {
    /// Counts to the end. `world` is asked who is looked up, time and again; `visits` is told of the requests
    /// with which visits begin, those of a block or several at once.
    pub fn all(
        &self,
        pieces: &Receiver<Piece>,
        mut world: impl FnMut() -> Result<Arc<World>, Failure>,
        mut visits: impl FnMut(&World, &[Request]) -> Result<(), Failure>,
    ) -> Result<(Lines, Totals), Failure> {
        let mut lines = Lines::default();
        let mut shards: Vec<Shard> = (0..SHARDS).map(|_| Shard::default()).collect();
        // Where each log is: the number of its next line.
        let mut next = vec![1; self.names.len()];
        let memories = Mutex::new(Vec::new());
        while let Some(Batch { blocks, unread }) = batch(pieces) {
            let unread = unread.into_iter();
            lines
                .unread
                .extend(unread.map(|(log, reason)| format!("{}: {reason}", self.names[log])));
            if let Some(first) = blocks.first() {
                self.reader.begin(first);
            }
            let world = world()?;
            let read = self.understand(&world, &blocks, &memories)?;
            for (block, read) in blocks.iter().zip(&read) {
                let next = &mut next[block.log];
                if self.deny_broken {
                    none_broken(&self.names[block.log], *next, read)?;
                }
                lines.add(&self.names[block.log], *next, read, EXAMPLES);
                *next += read.lines;
            }
            visits(&world, &count(&world, &mut shards, &read))?;
        }
        Ok((lines, Totals::of(&shards)))
    }

    fn understand(
        &self,
        world: &World,
        blocks: &[Block],
        memories: &Mutex<Vec<Memory>>,
    ) -> Result<Vec<Requests>, Failure> {
        let read = |block: &Block| {
            let mut memory = lock(memories).pop().unwrap_or_default();
            let read = self.reader.read(world, block, &mut memory);
            lock(memories).push(memory);
            read
        };
        blocks.par_iter().map(read).collect()
    }
}

/// Counts the requests of blocks, and gives those with which visits begin.
fn count(world: &World, shards: &mut [Shard], read: &[Requests]) -> Vec<Request> {
    let is_company = |answer| world.index.index().names_company(answer);
    let of_shard = |(part, shard): (usize, &mut Shard)| {
        let mut begun = Vec::new();
        for read in read {
            shard.count(&read.shards[part], is_company, |request| begun.push(*request));
        }
        begun
    };
    shards.par_iter_mut().enumerate().flat_map_iter(of_shard).collect()
}

/// A lock that a panic of another thread does not take: what is in it is a cache.
fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error for the first line of a block that is not understood.
fn none_broken(log: &str, first: u64, read: &Requests) -> Result<(), Failure> {
    let broken = Broken::ALL.into_iter().zip(&read.broken);
    let broken = broken.filter_map(|(reason, (_, places))| Some((*places.first()?, reason)));
    let Some((place, reason)) = broken.min() else { return Ok(()) };
    let reason = reason.as_str().replace('_', " ");
    Err(Failure::Error(format!(
        "{log}:{}: {reason}; without --deny-broken such lines are counted and passed over",
        first + place
    )))
}
