//! What a [`Live`](super::Live) and its watcher share: an index file and, where there is one, a registry
//! whose objections hold in it.
//!
//! What this process records holds in its own lookups before it is acknowledged; what others record, and
//! a new index file, holds after the next refresh. A registry that is gone, or is not the one it was, is
//! said; until it can be read, what was known of it holds. A restriction that is over ends by itself.
//!
//! Locks are taken inside [`fork::enter`], so that a forked child finds them free: first the list of
//! followers, then their states.
//!
//! A firm is looked for by what the index says of it. What a source of lesser standing said and the
//! index does not keep, the next build knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ipnet::IpNet;
use jiff::civil::Date;

use super::current::Current;
use super::file::IndexFile;
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::reader::{HiddenSet, Index, Snapshot, Stamp};
use crate::registry::{Entry, Firms, Registry, Tip, fork, today};
use crate::threads;

/// Everyone in this process who follows a registry.
static FOLLOWERS: Mutex<Vec<Weak<Followed>>> = Mutex::new(Vec::new());

pub(super) struct Followed {
    current: Current,
    file: IndexFile,
    registry: Option<FollowedRegistry>,
}

/// Who could not take over what was recorded, and why.
pub(super) struct NotTold {
    pub followed: Arc<Followed>,
    pub error: Error,
}

/// A registry that is followed.
struct FollowedRegistry {
    registry: Registry,
    state: Mutex<State>,
}

/// What whoever swaps needs; lookups do not.
pub(super) struct State {
    firms: Firms,
    progress: Progress,
}

/// How far the registry is known: the file that it is in, what it ended with, and the day.
#[derive(PartialEq, Eq)]
struct Progress {
    file: Option<(u64, u64)>,
    tip: Tip,
    day: Date,
}

impl Progress {
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

impl Followed {
    /// Takes out of an index who is in the registry.
    pub(super) fn new(
        file: IndexFile,
        index: Index,
        registry: Option<Registry>,
    ) -> Result<Arc<Self>> {
        let Some(registry) = registry else {
            let current = Current::new(Snapshot::new(index));
            return Ok(Arc::new(Self { current, file, registry: None }));
        };
        let index = Arc::new(index);
        let (firms, progress, hidden) = read(&index, &registry)?;
        let current = Current::new(Snapshot::hiding(index, hidden));
        let known = FollowedRegistry { registry, state: Mutex::new(State { firms, progress }) };
        let followed = Arc::new(Self { current, file, registry: Some(known) });
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::downgrade(&followed));
        drop(all);
        // What was recorded before it was in the list nobody told it of.
        if let Some(known) = &followed.registry {
            followed.follow(&known.registry, &mut known.lock())?;
        }
        Ok(followed)
    }

    pub(super) const fn current(&self) -> &Current {
        &self.current
    }

    pub(super) const fn file(&self) -> &IndexFile {
        &self.file
    }

    pub(super) fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref().map(|known| &known.registry)
    }

    /// What changes when one of the files does.
    pub(super) fn stamps(&self) -> Stamps {
        [Stamp::of(self.file.path()), self.registry().and_then(Registry::file)]
    }

    /// Takes over what has changed: the index file, the registry, the day. Says whether anything had.
    pub(super) fn refresh(&self) -> Result<bool> {
        let _inside = fork::enter();
        let Some(known) = &self.registry else {
            return self.file.refresh(&self.current, |_| Ok(HiddenSet::default()));
        };
        let (registry, mut state) = (&known.registry, known.lock());
        // One that fails does not keep the other from following.
        let followed = self.follow(registry, &mut state);
        let mut read_anew = None;
        let index = self.file.refresh(&self.current, |index| {
            let (firms, progress, hidden) = read(index, registry)?;
            read_anew = Some(State { firms, progress });
            Ok(hidden)
        });
        if let Some(read) = read_anew {
            *state = read;
        }
        Ok(followed? | index?)
    }

    /// Changes a registry, then has everyone of this process follow who follows it. Nobody looks at it
    /// meanwhile, so that one entry more costs one search and not a reading of all. Gives those who could
    /// not, and why.
    pub(super) fn change(
        registry: &Registry,
        change: impl FnOnce(&Registry) -> Result<Entry>,
        follow: impl Fn(&Entry, &Self, &Registry, &mut State) -> Result<()>,
    ) -> Result<(Entry, Vec<NotTold>)> {
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|followed| followed.strong_count() > 0);
        let file = |registry: &Registry| registry.file().map(Stamp::file);
        let wanted = file(registry);
        let of_this =
            |followed: &Arc<Self>| followed.registry().is_some_and(|of| file(of) == wanted);
        let followers: Vec<_> = all.iter().filter_map(Weak::upgrade).filter(of_this).collect();
        let known = followers.iter().filter_map(|of| Some((of, of.registry.as_ref()?)));
        let mut states: Vec<_> =
            known.map(|(of, known)| (of, &known.registry, known.lock())).collect();
        let entry = change(registry)?;
        let mut failed = Vec::new();
        for (followed, registry, state) in &mut states {
            if let Err(error) = follow(&entry, followed, registry, state) {
                failed.push(NotTold { followed: Arc::clone(followed), error });
            }
        }
        drop(states);
        // Whoever is gone meanwhile ends when nobody holds the list.
        drop(all);
        Ok((entry, failed))
    }

    /// Takes over what the registry says, if it is not known.
    pub(super) fn follow(&self, registry: &Registry, state: &mut State) -> Result<bool> {
        let (now, goes_on) = Progress::after(registry, Some(&state.progress))?;
        if now == state.progress {
            return Ok(false);
        }
        let (was, is) = (state.progress.tip, now.tip);
        self.reread(registry, state, now)?;
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
    pub(super) fn follow_one(
        &self,
        registry: &Registry,
        state: &mut State,
        out: Option<(&Vec<Identifier>, &Vec<IpNet>)>,
    ) -> Result<()> {
        // What came in between from others needs a reading of all.
        let (now, goes_on) = Progress::after(registry, Some(&state.progress))?;
        let (was, is) = (state.progress.tip, now.tip);
        let one_more = (is.entries, is.steps) == (was.entries + 1, was.steps);
        let same = (now.file, now.day) == (state.progress.file, state.progress.day);
        if !(goes_on && one_more && same) {
            return self.follow(registry, state).map(|_| ());
        }
        if let Some((by, prefixes)) = out {
            let snapshot = self.current.load();
            let mut hidden = snapshot.hidden().clone();
            state.firms.hide(by, (snapshot.index(), &registry.key), &mut hidden)?;
            for prefix in prefixes {
                hidden.hide_prefix(*prefix);
            }
            self.current.swap(Arc::clone(snapshot.index()), hidden);
        }
        state.progress = now;
        Ok(())
    }

    /// Reads all of it. `progress` is from before: what is recorded meanwhile is newer, and read again.
    fn reread(&self, registry: &Registry, state: &mut State, progress: Progress) -> Result<()> {
        let in_force = registry.in_force(progress.day)?;
        let index = self.current.index();
        let hidden = state.firms.hidden(&in_force, (&index, &registry.key))?;
        self.current.swap(index, hidden);
        state.progress = progress;
        Ok(())
    }
}

impl FollowedRegistry {
    /// A thread that panicked while it held the lock has swapped nothing by halves.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) type Stamps = [Option<Stamp>; 2];

/// What is in an index, what the registry says today, and what that takes out: the first two are
/// read at the same time.
fn read(index: &Index, registry: &Registry) -> Result<(Firms, Progress, HiddenSet)> {
    let key = &registry.key;
    let in_force = || {
        // What is recorded while this is read is newer than what is known, and so read again.
        let progress = Progress::of(registry)?;
        Ok((registry.in_force(progress.day)?, progress))
    };
    let (firms, in_force): (_, Result<_>) = threads::both(|| Firms::of(index, key), in_force);
    let (firms, (in_force, progress)) = (firms?, in_force?);
    let hidden = firms.hidden(&in_force, (index, key))?;
    Ok((firms, progress, hidden))
}
