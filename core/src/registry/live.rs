//! Objections in a running reader: recorded, swapped in, then acknowledged.
//!
//! A [`Live`] holds an index file and a registry open. What this process records holds in its own
//! lookups before [`Live::record`] returns; what others record, and a new index file, holds after
//! [`Live::refresh`], which [`Live::watch`] calls many times a second. A new file that is damaged is
//! refused, and the old one goes on answering. A restriction that is over ends by itself.
//!
//! A firm is looked for by what the index says of it. What a source of lesser standing said and the
//! index does not keep, the next build knows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::civil::Date;

use super::entry::{Entry, Request};
use super::firms::Firms;
use super::{Registry, today};
use crate::error::{Error, Result};
use crate::reader::{Followed, Handle, Index, Overlay};

/// How often a watcher looks: a quarter of the 100 ms within which others follow.
const PAUSE: Duration = Duration::from_millis(25);

/// An index file and a registry that are followed while lookups go on.
pub struct Live {
    index: Followed,
    state: Mutex<State>,
}

/// What whoever swaps needs; lookups do not.
struct State {
    registry: Registry,
    firms: Firms,
    known: Known,
}

/// How far the registry is known: its newest entry and step, and the day.
#[derive(PartialEq, Eq)]
struct Known {
    newest: (u64, u64),
    day: Date,
}

impl Known {
    fn of(registry: &Registry) -> Result<Self> {
        Ok(Self { newest: registry.newest()?, day: today() })
    }
}

impl Live {
    /// Opens an index in memory, and takes out of it who is in the registry.
    ///
    /// # Errors
    /// If the index cannot be opened or is damaged, or the registry cannot be read.
    pub fn open(path: impl Into<PathBuf>, registry: Registry) -> Result<Self> {
        Self::with(path, registry, |path| Index::open(path))
    }

    /// The same with an index that is opened in another way, such as [`Index::map`].
    ///
    /// # Errors
    /// Those of [`Live::open`].
    pub fn with(
        path: impl Into<PathBuf>,
        registry: Registry,
        open: impl Fn(&Path) -> Result<Index> + Send + Sync + 'static,
    ) -> Result<Self> {
        let followed = Followed::open(path, open)?;
        let (firms, known, overlay) = read(followed.handle().load().index(), &registry)?;
        followed.handle().set_overlay(overlay);
        Ok(Self { index: followed, state: Mutex::new(State { registry, firms, known }) })
    }

    /// What lookups ask. It is the same for as long as this is there.
    pub const fn handle(&self) -> &Arc<Handle> {
        self.index.handle()
    }

    /// Records a request. When this returns it is on the disk, and no lookup that begins later, by
    /// any thread of this process, shows whoever it takes out.
    ///
    /// # Errors
    /// Those of [`Registry::record`].
    pub fn record(&self, request: Request) -> Result<Entry> {
        let mut state = self.lock();
        let hides = request.right.hides();
        let (by, prefixes) = (request.by.clone(), request.prefixes.clone());
        let entry = state.registry.record(request)?;
        // One entry more costs one search; what came in between from others needs all of it.
        let (entries, steps) = state.known.newest;
        let now = Known::of(&state.registry)?;
        if now != (Known { newest: (entries + 1, steps), day: state.known.day }) {
            self.reread(&mut state)?;
            return Ok(entry);
        }
        if hides && entry.until.is_none_or(|until| until >= now.day) {
            let loaded = self.handle().load();
            let mut overlay = loaded.overlay().clone();
            state.firms.hide(&by, (loaded.index(), &state.registry.key), &mut overlay)?;
            for prefix in prefixes {
                overlay.hide_prefix(prefix);
            }
            self.handle().set_overlay(overlay);
        }
        state.known = now;
        Ok(entry)
    }

    /// Takes over what has changed: the index file, the registry, the day. Says whether anything had.
    ///
    /// # Errors
    /// If the new index is damaged or cannot be opened, or the registry cannot be read. What was
    /// loaded stays.
    pub fn refresh(&self) -> Result<bool> {
        let mut state = self.lock();
        let mut read_anew = None;
        self.index.refresh_hiding(|index| {
            let (firms, known, overlay) = read(index, &state.registry)?;
            read_anew = Some((firms, known));
            Ok(overlay)
        })?;
        if let Some((firms, known)) = read_anew {
            (state.firms, state.known) = (firms, known);
            return Ok(true);
        }
        let changed = Known::of(&state.registry)? != state.known;
        if changed {
            self.reread(&mut state)?;
        }
        Ok(changed)
    }

    /// Refreshes many times a second, on a thread of its own, until the watcher is dropped. `failed`
    /// is called with what could not be taken over.
    pub fn watch(self: &Arc<Self>, failed: impl Fn(Error) + Send + 'static) -> Watcher {
        let stop = Arc::new(AtomicBool::new(false));
        let (live, stopped) = (Arc::clone(self), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                if let Err(error) = live.refresh() {
                    failed(error);
                }
                std::thread::sleep(PAUSE);
            }
        });
        Watcher { stop, thread: Some(thread) }
    }

    fn reread(&self, state: &mut State) -> Result<()> {
        let known = Known::of(&state.registry)?;
        let in_force = state.registry.in_force(known.day)?;
        let loaded = self.handle().load();
        let overlay = state.firms.overlay(&in_force, (loaded.index(), &state.registry.key))?;
        self.handle().set_overlay(overlay);
        state.known = known;
        Ok(())
    }

    /// A thread that panicked while it held the lock has swapped nothing by halves.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches until it is dropped; made by [`Live::watch`].
pub struct Watcher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // What it failed with has been said.
            let _ = thread.join();
        }
    }
}

/// What is in an index, what the registry says today, and what that takes out: the first two are
/// read at the same time.
fn read(index: &Index, registry: &Registry) -> Result<(Firms, Known, Overlay)> {
    let key = &registry.key;
    let (firms, in_force) = std::thread::scope(|scope| {
        let firms = scope.spawn(|| Firms::of(index, key));
        // What is recorded while this is read is newer than what is known, and so read again.
        let known = Known::of(registry);
        let in_force = known.and_then(|known| Ok((registry.in_force(known.day)?, known)));
        (firms.join(), in_force)
    });
    let firms = firms.map_err(|_| Error::damaged("Companies", "cannot be read"))??;
    let (in_force, known) = in_force?;
    let overlay = firms.overlay(&in_force, (index, key))?;
    Ok((firms, known, overlay))
}
