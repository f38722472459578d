//! Open indexes, shared by all threads of the process: one file is mapped once.
//!
//! Readers of the same file, registry and mode share one; what one of them reloads all have, and
//! what was replaced is let go of at once: nobody keeps it but lookups that are under way.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use firmtrie::live::Live;
use firmtrie::registry::RegistryPath;
use firmtrie::{Mode, Result};

use crate::errors::{Refused, thrown};
use crate::mapping;

/// What tells one open index from another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Opening {
    pub path: PathBuf,
    pub mode: Mode,
    pub registry: Option<RegistryPath>,
}

impl Opening {
    fn begin(&self) -> Result<Live> {
        let mode = self.mode;
        let registry = self.registry.as_ref().map(RegistryPath::open).transpose()?;
        let open = move |path: &Path| mapping::open(mode, path);
        let live = Live::open_with(&self.path, registry, open)?;
        if live.registry().is_some() {
            // Whoever reloads is told.
            live.watch(|_| ());
        }
        Ok(live)
    }
}

/// Where a registry lies, if one is named.
pub fn registry(
    folder: Option<String>,
    key: Option<String>,
) -> std::result::Result<Option<RegistryPath>, Refused> {
    RegistryPath::named(folder.map(PathBuf::from), key.map(PathBuf::from)).map_err(thrown)
}

/// How long a reload waits for lookups that still read what it has replaced: a lookup takes less than
/// a microsecond, ten million of them a second or two.
const PATIENCE: Duration = Duration::from_secs(2);

/// An open index.
pub struct Shared {
    live: Live,
    /// Reloads take turns, each when what the one before has replaced is gone: so there are never
    /// more than two indexes.
    turn: Mutex<()>,
}

static OPEN: Mutex<Option<HashMap<Opening, Weak<Shared>>>> = Mutex::new(None);

fn open() -> MutexGuard<'static, Option<HashMap<Opening, Weak<Shared>>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Opens an index, or joins those who have it open; they take over too what is new.
    pub fn open(opening: &Opening) -> Result<Arc<Self>> {
        let joined = open().as_ref().and_then(|open| open.get(opening)?.upgrade());
        if let Some(shared) = joined {
            shared.refresh()?;
            return Ok(shared);
        }
        let opened = Arc::new(Self { live: opening.begin()?, turn: Mutex::new(()) });
        let mut open = open();
        let known = open.get_or_insert_default();
        known.retain(|_, shared| shared.strong_count() > 0);
        // Another thread may have been faster.
        if let Some(shared) = known.get(opening).and_then(Weak::upgrade) {
            return Ok(shared);
        }
        known.insert(opening.clone(), Arc::downgrade(&opened));
        Ok(opened)
    }

    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// What is loaded now: for work on another thread when it begins, since what waits for its turn
    /// should keep nothing alive.
    pub fn loaded(&self) -> Arc<firmtrie::Snapshot> {
        Arc::clone(&self.live.snapshot())
    }

    /// Takes over a new file, and what the registry says now. Says whether anything was new.
    pub fn refresh(&self) -> Result<bool> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let old = Arc::downgrade(self.live.snapshot().index());
        let new = self.live.refresh()?;
        let begun = Instant::now();
        while old.as_ptr() != Arc::as_ptr(self.live.snapshot().index())
            && old.strong_count() > 0
            && begun.elapsed() < PATIENCE
        {
            std::thread::yield_now();
        }
        Ok(new)
    }
}
