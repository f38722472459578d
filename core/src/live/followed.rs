//! What a [`Live`](super::Live) and its watcher share: an index file and, where there is one, a registry
//! whose objections hold in it.
//!
//! An entry that this process records through [`Followed::change`] holds in its lookups before the entry is
//! acknowledged. All other entries, and a new index file, hold after the next refresh. A registry that is
//! gone, or is another than before, is an error; its last known state goes on to hold until it can be read
//! again. A restriction ends by itself after its last day.
//!
//! Locks are taken in one order, the list of followers before their states, and inside [`fork::enter`], so
//! that a forked child finds them free.
//!
//! A company is found by what the index says of it. Facts that an index does not keep, because a source of
//! better standing had others, are known to the next build only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ipnet::IpNet;
use jiff::civil::Date;

use super::current::Current;
use super::file::IndexFile;
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::reader::{HiddenSet, Index, Snapshot, Stamp};
use crate::registry::{Entry, FileNumbers, Firms, Registry, Standing, Tip, fork, today};
use crate::threads;

/// All of this process that follow a registry.
static FOLLOWERS: Mutex<Vec<Weak<Followed>>> = Mutex::new(Vec::new());

pub(super) struct Followed {
    current: Current,
    file: IndexFile,
    registry: Option<FollowedRegistry>,
}

/// A follower that could not take over what was recorded, and why.
pub(super) struct NotTold {
    pub followed: Arc<Followed>,
    pub error: Error,
}

/// An entry as a change left it, and the file that the change went into.
pub(super) struct Recording {
    pub entry: Entry,
    file: FileNumbers,
}

/// A registry that is followed.
struct FollowedRegistry {
    registry: Registry,
    /// The file that was read last, beside the state: to ask for it waits for no refresh.
    file: Arc<Mutex<FileNumbers>>,
    state: Mutex<State>,
}

/// What a change of the snapshot is worked out from. Lookups do not need it.
pub(super) struct State {
    firms: Firms,
    progress: Progress,
    /// That of the [`FollowedRegistry`]: always the file of the progress.
    file: Arc<Mutex<FileNumbers>>,
}

impl State {
    /// Is what was recorded in the file that was read last?
    fn has(&self, recording: &Recording) -> Result<()> {
        if self.progress.file == recording.file {
            return Ok(());
        }
        Err(Error::Registry(
            "its path leads to another registry now than the one that this was recorded in; have it lead \
             to one, and refresh"
                .to_owned(),
        ))
    }

    fn went_on(&mut self, progress: Progress) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = progress.file;
        self.progress = progress;
    }
}

/// How far the registry is known.
#[derive(PartialEq, Eq)]
struct Progress {
    /// The file that was read.
    file: FileNumbers,
    /// Its newest entry and step.
    tip: Tip,
    /// The day on which it was read: restrictions end.
    day: Date,
}

impl Progress {
    const fn of(standing: &Standing, day: Date) -> Self {
        Self { file: standing.file, tip: standing.tip, day }
    }
}

impl Followed {
    /// Opens an index to be followed, and hides in it whom the registry takes out.
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
        let known = FollowedRegistry::new(registry, firms, progress);
        let followed = Arc::new(Self { current, file, registry: Some(known) });
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::downgrade(&followed));
        drop(all);
        // Entries that were recorded between the reading above and here were told to the list without it.
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

    /// Stamps of the two files, which change when a file does.
    pub(super) fn stamps(&self) -> Stamps {
        [Stamp::of(self.file.path()), self.registry().and_then(Registry::file)]
    }

    /// Takes over the index file and the registry as they are today. Returns whether anything had changed.
    pub(super) fn refresh(&self) -> Result<bool> {
        let _inside = fork::enter();
        let Some(known) = &self.registry else {
            return self.file.refresh(&self.current, |_| Ok(HiddenSet::default()));
        };
        let (registry, mut state) = (&known.registry, known.lock());
        // The index is refreshed even if the registry cannot be read, and the other way round.
        let followed = self.follow(registry, &mut state);
        let mut read_anew = None;
        let index = self.file.refresh(&self.current, |index| {
            let (firms, progress, hidden) = read(index, registry)?;
            read_anew = Some((firms, progress));
            Ok(hidden)
        });
        if let Some((firms, progress)) = read_anew {
            state.firms = firms;
            state.went_on(progress);
        }
        Ok(followed? | index?)
    }

    /// Changes a registry, then has all its followers of this process take the change over. Returns those
    /// that could not.
    ///
    /// Their states are locked from before the change until after it, so that no follower reads the whole
    /// registry on account of an entry that it is about to be told. A follower that then has not read the
    /// file that the change went into is among those that could not, wherever its path leads.
    pub(super) fn change(
        registry: &Registry,
        change: impl FnOnce(&Registry) -> Result<(Entry, FileNumbers)>,
        follow: impl Fn(&Recording, &Self, &Registry, &mut State) -> Result<()>,
    ) -> Result<(Entry, Vec<NotTold>)> {
        let _inside = fork::enter();
        let mut all = FOLLOWERS.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|followed| followed.strong_count() > 0);
        let followers: Vec<_> = all.iter().filter_map(Weak::upgrade).collect();
        let known = followers.iter().filter_map(|of| Some((of, of.registry.as_ref()?)));
        let wanted = registry.file_numbers();
        let (these, others): (Vec<_>, Vec<_>) = known.partition(|(_, known)| known.is_of(wanted));
        let these = these.into_iter().map(|(of, known)| (of, known, known.lock()));
        let mut states: Vec<_> = these.collect();
        let (entry, file) = change(registry)?;
        // A path may have been made to lead elsewhere while the locks were waited for.
        let of_this = others.into_iter().filter(|(_, known)| known.is_of(file));
        states.extend(of_this.map(|(of, known)| (of, known, known.lock())));
        let recording = Recording { entry, file };
        let mut failed = Vec::new();
        for (followed, known, state) in &mut states {
            let told = follow(&recording, followed, &known.registry, state);
            if let Err(error) = told.and_then(|()| state.has(&recording)) {
                failed.push(NotTold { followed: Arc::clone(followed), error });
            }
        }
        drop(states);
        // A follower whose last owner let go of it meanwhile ends here, after the lock on the list.
        drop(all);
        Ok((recording.entry, failed))
    }

    /// Takes over what the registry says, if that has changed. Returns whether it had.
    pub(super) fn follow(&self, registry: &Registry, state: &mut State) -> Result<bool> {
        let (was, day) = (state.progress.tip, today());
        if Progress::of(&registry.standing(Some(&was))?, day) == state.progress {
            return Ok(false);
        }
        let (now, in_force) = registry.standing_in_force(Some(&was), day)?;
        let index = self.current.index();
        let hidden = state.firms.hidden(&in_force, (&index, &registry.key))?;
        self.current.swap(index, hidden);
        state.went_on(Progress::of(&now, day));
        let is = now.tip;
        if !now.goes_on {
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

    /// Takes over one more entry. `out` is whom it takes out, if anybody.
    pub(super) fn follow_one(
        &self,
        (registry, state): (&Registry, &mut State),
        recording: &Recording,
        out: Option<(&Vec<Identifier>, &Vec<IpNet>)>,
    ) -> Result<()> {
        let (was, day) = (state.progress.tip, today());
        let now = registry.standing(Some(&was))?;
        let one_more = (was.entries + 1, was.steps) == (now.tip.entries, now.tip.steps)
            && now.tip.entries == recording.entry.entry;
        let same =
            [now.file, recording.file] == [state.progress.file; 2] && day == state.progress.day;
        // Where others have recorded something as well, all of it is read.
        if !(now.goes_on && one_more && same) {
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
        state.went_on(Progress::of(&now, day));
        Ok(())
    }
}

impl FollowedRegistry {
    fn new(registry: Registry, firms: Firms, progress: Progress) -> Self {
        let file = Arc::new(Mutex::new(progress.file));
        let state = State { firms, progress, file: Arc::clone(&file) };
        Self { registry, file, state: Mutex::new(state) }
    }

    /// Does it follow this file? Its path leads there, or it has read it: where its path leads nowhere any
    /// more it fails to follow, and is named.
    fn is_of(&self, file: FileNumbers) -> bool {
        self.registry.file_numbers() == file || self.file() == file
    }

    /// The file that was read last.
    fn file(&self) -> FileNumbers {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lock that a panic has poisoned is taken: a snapshot is swapped whole or not at all.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) type Stamps = [Option<Stamp>; 2];

/// Reads the companies of an index and, at the same time, the registry as of today; returns them with what
/// the one takes out of the other.
fn read(index: &Index, registry: &Registry) -> Result<(Firms, Progress, HiddenSet)> {
    let key = &registry.key;
    let day = today();
    let in_force = || registry.standing_in_force(None, day);
    let (firms, in_force) = threads::both(|| Firms::of(index, key), in_force);
    let (firms, (standing, in_force)) = (firms?, in_force?);
    let hidden = firms.hidden(&in_force, (index, key))?;
    Ok((firms, Progress::of(&standing, day), hidden))
}
