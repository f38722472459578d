//! Work that is shared among a few threads, which end with it.
//!
//! A pool would outlive it, and Node.js may unload a module when the thread that loaded it ends.

use std::panic;
use std::thread;

/// No more threads than a few: others have work too.
const THREADS: usize = 4;

/// What `work` makes of each part of `all`, in their order. A thread is begun for no fewer than
/// `least`.
pub fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    least: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS).min(all.len() / least);
    if threads < 2 {
        return vec![work(all)];
    }
    let work = &work;
    thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(threads));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let done = threads.into_iter().map(thread::ScopedJoinHandle::join);
        done.map(|result| result.unwrap_or_else(|panic| panic::resume_unwind(panic))).collect()
    })
}
