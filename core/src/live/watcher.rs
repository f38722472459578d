//! A thread that has an index follow its file and its registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::followed::{Followed, Stamps};
use crate::error::{Error, Result};

/// How often a watcher looks: a quarter of the 100 ms within which others follow.
const PAUSE: Duration = Duration::from_millis(25);
/// For so many looks after a change a watcher asks whatever the files' times say: a second change may
/// come within the same tick of the clock that they are taken from.
const SETTLED: u32 = 10;
/// And every so many looks, since a file system may not tell times at once, and a day ends.
const ANYHOW: u32 = 40;

/// What a watcher has seen of the files.
#[derive(Default)]
struct Looked {
    last: Option<Stamps>,
    /// Looks since they changed.
    unchanged: u32,
}

impl Looked {
    /// Is it time to ask, now that the files are like this?
    fn is_due(&mut self, now: Stamps) -> bool {
        let now = Some(now);
        self.unchanged = if self.last == now { self.unchanged + 1 } else { 0 };
        self.last = now;
        self.unchanged < SETTLED || self.unchanged.is_multiple_of(ANYHOW)
    }
}

/// Watches until it is dropped. A forked child does not have its thread.
pub(super) struct Watcher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

impl Watcher {
    /// Refreshes when anything has changed. `failed` is called with what could not be taken over, once for
    /// the same failure.
    ///
    /// # Errors
    /// If no thread can be begun.
    pub(super) fn begin(
        followed: &Arc<Followed>,
        failed: impl Fn(Error) + Send + 'static,
    ) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let path = followed.file().path().display().to_string();
        let (followed, stopped) = (Arc::clone(followed), Arc::clone(&stop));
        let look = move || {
            let mut said = None;
            let mut looked = Looked::default();
            while !stopped.load(Ordering::Relaxed) {
                if looked.is_due(followed.stamps()) {
                    let failure = followed.refresh().err();
                    let message = failure.as_ref().map(ToString::to_string);
                    if let Some(error) = failure.filter(|_| message != said) {
                        failed(error);
                    }
                    said = message;
                }
                thread::sleep(PAUSE);
            }
        };
        let begun = thread::Builder::new().name("firmtrie-watch".to_owned()).spawn(look);
        let thread = begun.map_err(|error| {
            Error::Registry(format!(
                "{path}: no thread can be begun that follows the files: {error}; refresh it yourself"
            ))
        })?;
        Ok(Self { stop, thread: Some(thread), process: std::process::id() })
    }

    /// Is its thread of this process, and does it go on?
    pub(super) fn is_here(&self) -> bool {
        self.is_of_this_process() && self.thread.as_ref().is_some_and(|of| !of.is_finished())
    }

    fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take();
        if !self.is_of_this_process() {
            // It stayed with the parent, and waiting for it has no end.
            std::mem::forget(thread);
        } else if let Some(thread) = thread.filter(|of| of.thread().id() != thread::current().id())
        {
            // Who is told of an error may be the last to let go, and is on this thread; it ends by itself.
            // What it failed with has been said.
            let _ = thread.join();
        }
    }
}
