//! How many threads a column's rows are shared among.

use std::thread;

use super::addresses::BLOCK;
use crate::threads;

/// A thread is begun for no fewer rows.
const LEAST: usize = 1 << 16;

/// Rows of a thread's part: whole blocks, so that whole words of a bitmap belong to one.
pub fn part_size(rows: usize) -> usize {
    let most = rows / LEAST;
    // Asking for the cores takes as long as thousands of rows: the system reads files for it.
    let cores = if most > 1 { thread::available_parallelism().map_or(1, usize::from) } else { 1 };
    let threads = cores.min(most).max(1);
    rows.div_ceil(threads).next_multiple_of(BLOCK).max(BLOCK)
}

/// Two results of work over so many rows: at the same time, if there are many.
pub fn both<A: Send, B>(
    rows: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if part_size(rows) >= rows { (one(), other()) } else { threads::both(one, other) }
}
