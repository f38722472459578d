//! No process forks while the registry is asked.
//!
//! What a fork copies of an open SQLite connection is worse than nothing: locks on files are not
//! inherited (fork(2), fcntl(2)), but the memory that says they are held is, so that a child would
//! write without them, and locks that other threads hold are never let go of in the child. A store's
//! connection therefore lives as long as one question or one change, inside [`enter`], and
//! `pthread_atfork` makes every fork of this process (of Python, of `daemon(3)`, of a server in C)
//! wait until nobody is inside. Child and parent then go on alike. The one `unsafe` call is that.
//!
//! It does not help against a `clone` that goes around the C library.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Read by who is inside, written by who forks.
static GATE: RwLock<()> = RwLock::new(());
static INSTALLED: Once = Once::new();

thread_local! {
    /// How often this thread is inside: a second read of the lock could wait behind a fork that waits
    /// for the first.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Held from before the fork until after it, by the thread that forks, in both processes.
    static FORKING: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

/// Until it is dropped this process does not fork.
pub(crate) struct Inside(
    #[allow(dead_code, reason = "it is dropped")] Option<RwLockReadGuard<'static, ()>>,
);

/// Waits for a fork that is under way, and holds off others. Whoever takes another lock that a child
/// needs does so inside. No code of another language's runtime may be called inside, since who forks
/// may hold that runtime's lock.
pub(crate) fn enter() -> Inside {
    INSTALLED.call_once(install);
    let first = DEPTH.replace(DEPTH.get() + 1) == 0;
    Inside(first.then(|| GATE.read().unwrap_or_else(PoisonError::into_inner)))
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

#[cfg(unix)]
fn install() {
    // SAFETY: the three are functions of the type that is asked for and stay for as long as the
    // process: the C library forgets those of a library that is unloaded. They do not unwind: they
    // take a lock that is never poisoned, allocate nothing in the child, and a thread-local that is
    // gone at a thread's end is passed over. All they need is there between a fork's two sides,
    // since they run on the thread that forks.
    //
    // It fails for want of memory only; then a fork is what it was without.
    let _ = unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
}

#[cfg(not(unix))]
const fn install() {}

#[cfg(unix)]
extern "C" fn before() {
    let inside = DEPTH.try_with(Cell::get).unwrap_or_default() > 0;
    if !inside {
        let held = GATE.write().unwrap_or_else(PoisonError::into_inner);
        // Where there is no memory to keep it, it ends here: nobody was inside a moment ago.
        let _ = FORKING.try_with(|forking| forking.replace(Some(held)));
    }
}

#[cfg(unix)]
extern "C" fn after() {
    let _ = FORKING.try_with(|forking| forking.replace(None));
}
