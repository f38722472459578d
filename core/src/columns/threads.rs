//! Work that is shared among a few threads, which end with it.
//!
//! A pool that outlives the call would hang in a forked child, which has none of its threads.

use std::{iter, panic, thread};

use super::addresses::BLOCK;

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
        let others = others.into_iter().map(joined);
        // `collect` pulls the first before it joins the others.
        iter::once_with(|| work(first)).chain(others).collect()
    })
}

/// Two results of work over so many rows: at the same time, if there are many.
pub fn both<A: Send, B>(
    rows: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if part_size(rows) >= rows {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (joined(one), other)
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}
