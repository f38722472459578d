//! Objections in a running reader: recorded, swapped in, then acknowledged.
//!
//! A [`Live`] follows an index file and a registry. What this process records holds in its own lookups
//! before [`Registry::record_followed`] returns; what others record, and a new index file, holds after
//! [`Live::refresh`], which [`Live::watch`] calls when a file has changed. A new file that is damaged is
//! refused, and the old one goes on answering. A registry that is gone, or is not the one it was, is
//! said; until it can be read, what was known of it holds. A restriction that is over ends by itself.
//!
//! Locks are taken inside [`fork::enter`], so that a forked child finds them free: first the list of
//! followers, then their states.
//!
//! A firm is looked for by what the index says of it. What a source of lesser standing said and the
//! index does not keep, the next build knows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::Serialize;

use super::entry::{Entry, Request, Step};
use super::firms::Firms;
use super::met::Met;
use super::store::Tip;
use super::{Registry, fork, today};
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::reader::{Followed, Handle, Hidden, Index, Snapshot, Stamp};

/// How often a watcher looks: a quarter of the 100 ms within which others follow.
const PAUSE: Duration = Duration::from_millis(25);
/// For so many looks after a change a watcher asks whatever the files' times say: a second change may
/// come within the same tick of the clock that they are taken from.
const SETTLED: u32 = 10;
/// And every so many looks, since a file system may not tell times at once, and a day ends.
const ANYHOW: u32 = 40;

/// Everyone in this process who follows a registry.
static FOLLOWERS: Mutex<Vec<Weak<Live>>> = Mutex::new(Vec::new());

/// An index file and a registry that are followed while lookups go on.
pub struct Live {
    index: Followed,
    registry: Registry,
    state: Mutex<State>,
}

/// What whoever swaps needs; lookups do not.
struct State {
    firms: Firms,
    known: Known,
}

/// How far the registry is known: the file that it is in, what it ended with, and the day.
#[derive(PartialEq, Eq)]
struct Known {
    file: Option<(u64, u64)>,
    tip: Tip,
    day: Date,
}

impl Known {
    fn of(registry: &Registry) -> Result<Self> {
        Ok(Self::after(registry, None)?.0)
    }

    /// What is there now, and whether it goes on from what was known.
    fn after(registry: &Registry, before: Option<&Self>) -> Result<(Self, bool)> {
        // The file first, so that one that comes meanwhile is seen to be new.
        let file = registry.file().map(Stamp::file);
        let (tip, goes_on) = registry.tip(before.map(|before| &before.tip))?;
        Ok((Self { file, tip, day: today() }, goes_on))
    }
}

/// What came of a change: the entry, which holds, and who in this process could not follow.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Recorded {
    /// The entry, as it is now. It is on the disk.
    #[serde(flatten)]
    pub entry: Entry,
    /// Readers that go on answering from what they knew, until their next look succeeds.
    pub not_followed: Vec<NotFollowed>,
    /// What it meets in the index that it was asked about with.
    pub met: Option<Met>,
}

/// A reader of this process that could not take over what was recorded.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct NotFollowed {
    /// Its index.
    pub index: PathBuf,
    /// Why it could not.
    pub error: String,
}

impl Registry {
    /// Records a request. When this returns it is on the disk, and no lookup that begins later shows
    /// whoever it takes out: by any thread of this process, in any index that is open with this
    /// registry, but those that [`Recorded::not_followed`] names.
    ///
    /// # Errors
    /// Those of [`Registry::record`]; then nothing was recorded.
    pub fn record_followed(&self, request: Request) -> Result<Recorded> {
        let told = (request.right.hides(), request.by.clone(), request.prefixes.clone());
        self.followed(
            |registry| registry.record(request),
            |entry, live, state| {
                let (hides, by, prefixes) = &told;
                let hides = *hides && entry.until.is_none_or(|until| until >= today());
                live.follow_one(state, hides.then_some((by, prefixes)))
            },
        )
    }

    /// Takes a step of a request, as [`Registry::step`] does, and every index follows.
    ///
    /// # Errors
    /// Those of [`Registry::step`]; then no step was taken.
    pub fn step_followed(
        &self,
        entry: u64,
        step: Step,
        day: Option<Date>,
        reason: Option<&str>,
    ) -> Result<Recorded> {
        let change = |registry: &Self| registry.step(entry, step, day, reason);
        self.followed(change, |_, live, state| live.follow(state).map(|_| ()))
    }

    /// Changes the registry, then has everyone follow. Nobody looks at it meanwhile, so that one entry
    /// more costs one search and not a reading of all.
    fn followed(
        &self,
        change: impl FnOnce(&Self) -> Result<Entry>,
        follow: impl Fn(&Entry, &Live, &mut State) -> Result<()>,
    ) -> Result<Recorded> {
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|live| live.strong_count() > 0);
        let file = self.file().map(Stamp::file);
        let same = |live: &Arc<Live>| live.registry.file().map(Stamp::file) == file;
        let followers: Vec<_> = all.iter().filter_map(Weak::upgrade).filter(same).collect();
        let mut states: Vec<_> = followers.iter().map(|live| (live, live.lock())).collect();
        let entry = change(self)?;
        let mut not_followed = Vec::new();
        for (live, state) in &mut states {
            if let Err(error) = follow(&entry, live, state) {
                let index = live.index.path().to_owned();
                not_followed.push(NotFollowed { index, error: error.to_string() });
            }
        }
        drop(states);
        // Whoever is gone meanwhile ends when nobody holds the list.
        drop(all);
        Ok(Recorded { entry, not_followed, met: None })
    }
}

impl Live {
    /// Opens an index in memory, and takes out of it who is in the registry.
    ///
    /// # Errors
    /// If the index cannot be opened or is damaged, or the registry cannot be read.
    pub fn open(path: impl Into<PathBuf>, registry: Registry) -> Result<Arc<Self>> {
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
    ) -> Result<Arc<Self>> {
        let followed = Followed::open(path, open)?;
        let index = Arc::clone(followed.handle().load().index());
        let (firms, known, hidden) = read(&index, &registry)?;
        followed.handle().swap(Snapshot::hiding(index, hidden));
        let state = Mutex::new(State { firms, known });
        let live = Arc::new(Self { index: followed, registry, state });
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::downgrade(&live));
        drop(all);
        // What was recorded before it was in the list nobody told it of.
        live.follow(&mut live.lock())?;
        Ok(live)
    }

    /// What lookups ask. It is the same for as long as this is there.
    pub const fn handle(&self) -> &Arc<Handle> {
        self.index.handle()
    }

    /// Records a request: [`Registry::record_followed`] of the registry that is followed.
    ///
    /// # Errors
    /// Those of [`Registry::record`].
    pub fn record(&self, request: Request) -> Result<Recorded> {
        self.registry.record_followed(request)
    }

    /// Takes over what has changed: the index file, the registry, the day. Says whether anything had.
    ///
    /// # Errors
    /// If the new index is damaged or cannot be opened, or the registry cannot be read; what was loaded
    /// stays. Also, once, if entries are gone from the registry, as when an older copy was put in its
    /// place; what is there now is taken over.
    pub fn refresh(&self) -> Result<bool> {
        let _inside = fork::enter();
        let mut state = self.lock();
        // One that fails does not keep the other from following.
        let followed = self.follow(&mut state);
        let mut read_anew = None;
        let index = self.index.refresh_hiding(|index| {
            let (firms, known, hidden) = read(index, &self.registry)?;
            read_anew = Some((firms, known));
            Ok(hidden)
        });
        if let Some((firms, known)) = read_anew {
            *state = State { firms, known };
        }
        Ok(followed? | index?)
    }

    /// Refreshes when anything has changed, on a thread of its own, until the watcher is dropped.
    /// `failed` is called with what could not be taken over, once for the same failure.
    ///
    /// # Errors
    /// If no thread can be begun.
    pub fn watch(self: &Arc<Self>, failed: impl Fn(Error) + Send + 'static) -> Result<Watcher> {
        let stop = Arc::new(AtomicBool::new(false));
        let (live, stopped) = (Arc::clone(self), Arc::clone(&stop));
        let look = move || {
            let mut said = None;
            let mut looked = Looked::default();
            while !stopped.load(Ordering::Relaxed) {
                if looked.is_due(live.stamps()) {
                    let failure = live.refresh().err();
                    let message = failure.as_ref().map(ToString::to_string);
                    if let Some(error) = failure.filter(|_| message != said) {
                        failed(error);
                    }
                    said = message;
                }
                std::thread::sleep(PAUSE);
            }
        };
        let thread = std::thread::Builder::new().name("firmtrie-watch".to_owned()).spawn(look);
        let thread = thread.map_err(|error| {
            let path = self.index.path().display();
            Error::Registry(format!(
                "{path}: no thread can be begun that follows the registry: {error}; refresh it yourself"
            ))
        })?;
        Ok(Watcher { stop, thread: Some(thread), process: std::process::id() })
    }

    /// What changes when one of the files does.
    fn stamps(&self) -> Stamps {
        [Stamp::of(self.index.path()), self.registry.file()]
    }

    /// Takes over what the registry says, if it is not known.
    fn follow(&self, state: &mut State) -> Result<bool> {
        let (now, goes_on) = Known::after(&self.registry, Some(&state.known))?;
        if now == state.known {
            return Ok(false);
        }
        let (was, is) = (state.known.tip, now.tip);
        self.reread(state, now)?;
        if !goes_on {
            let reason = if is.entries < was.entries || is.steps < was.steps {
                format!(
                    "the registry went back: it had {} entries and {} steps, and has {} and {}",
                    was.entries, was.steps, is.entries, is.steps
                )
            } else {
                let (entries, steps) = (was.entries, was.steps);
                format!(
                    "the registry is another: its first {entries} entries and {steps} steps were others"
                )
            };
            return Err(Error::Registry(format!(
                "{reason}. If an older copy was put in its place, record again what came after that"
            )));
        }
        Ok(true)
    }

    /// Takes over one entry more, by whom it takes out if it takes out anybody.
    fn follow_one(
        &self,
        state: &mut State,
        out: Option<(&Vec<Identifier>, &Vec<IpNet>)>,
    ) -> Result<()> {
        // What came in between from others needs a reading of all.
        let (now, goes_on) = Known::after(&self.registry, Some(&state.known))?;
        let (was, is) = (state.known.tip, now.tip);
        let one_more = (is.entries, is.steps) == (was.entries + 1, was.steps);
        let same = (now.file, now.day) == (state.known.file, state.known.day);
        if !(goes_on && one_more && same) {
            return self.follow(state).map(|_| ());
        }
        if let Some((by, prefixes)) = out {
            let loaded = self.handle().load();
            let mut hidden = loaded.hidden().clone();
            state.firms.hide(by, (loaded.index(), &self.registry.key), &mut hidden)?;
            for prefix in prefixes {
                hidden.hide_prefix(*prefix);
            }
            self.hide(hidden);
        }
        state.known = now;
        Ok(())
    }

    /// Reads all of it. `known` is from before: what is recorded meanwhile is newer, and read again.
    fn reread(&self, state: &mut State, known: Known) -> Result<()> {
        let in_force = self.registry.in_force(known.day)?;
        let loaded = self.handle().load();
        let hidden = state.firms.hidden(&in_force, (loaded.index(), &self.registry.key))?;
        self.hide(hidden);
        state.known = known;
        Ok(())
    }

    /// Swaps what is hidden in the index for something else.
    fn hide(&self, hidden: Hidden) {
        let index = Arc::clone(self.handle().load().index());
        self.handle().swap(Snapshot::hiding(index, hidden));
    }

    /// A thread that panicked while it held the lock has swapped nothing by halves.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Stamps = [Option<Stamp>; 2];

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

/// Watches until it is dropped; made by [`Live::watch`]. A forked child does not have its thread.
pub struct Watcher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

impl Watcher {
    /// Is its thread of this process?
    pub fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take();
        if !self.is_here() {
            // It stayed with the parent, and waiting for it has no end.
            std::mem::forget(thread);
        } else if let Some(thread) = thread {
            // What it failed with has been said.
            let _ = thread.join();
        }
    }
}

/// What is in an index, what the registry says today, and what that takes out: the first two are
/// read at the same time.
fn read(index: &Index, registry: &Registry) -> Result<(Firms, Known, Hidden)> {
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
    let hidden = firms.hidden(&in_force, (index, key))?;
    Ok((firms, known, hidden))
}
