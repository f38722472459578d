//! Work that is shared among threads which end with it.
//!
//! A pool that outlives the call would hang in a forked child, which has none of its threads. A panic of
//! a thread goes on in the one that waits for it. How much work is worth a thread its owner knows.

use std::{iter, panic, thread};

/// What `work` makes of each part, in their order; each on a thread, if there are several.
pub(crate) fn side_by_side<T: Send, R: Send>(
    parts: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut parts = parts.into_iter().peekable();
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

/// Two results, worked out at the same time.
pub(crate) fn both<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (joined(one), other)
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}
