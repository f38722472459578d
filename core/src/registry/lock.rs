//! Who asks and who changes a registry take turns, by a lock on its folder.
//!
//! SQLite's own locks are those of POSIX (fcntl(2)): all that a process has on a file fall when
//! anything in it closes that file, a backup that copies the folder for instance, and then two write at
//! once. The lock that is taken here (flock(2)) belongs to what was opened, so nobody else lets go of
//! it; it ends with its process, and leaves no file. Where a file system has no such locks, SQLite's
//! are all there is. On Windows they suffice: there they belong to what was opened.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long one waits for the others.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How long one waits for another before looking again.
const PAUSE: Duration = Duration::from_millis(1);

/// How long one waits before that is told, for each of the two locks.
const SILENCE: Duration = Duration::from_secs(1);

/// Whom it is told.
static WAITING: OnceLock<fn()> = OnceLock::new();

/// Has a function called whenever this process has waited a second or two for another one that reads or
/// changes a registry; it goes on waiting for a minute. The first function is kept.
///
/// ```
/// firmtrie::registry::tell_waiting(|| eprintln!("waiting for the registry"));
/// ```
pub fn tell_waiting(tell: fn()) {
    let _ = WAITING.set(tell);
}

fn told() {
    if let Some(tell) = WAITING.get() {
        tell();
    }
}

/// Waits for one who holds SQLite's own lock, after so many times; false when that is enough.
pub(super) fn busy(times: i32) -> bool {
    const EACH: Duration = Duration::from_millis(10);
    let waited = EACH * times.unsigned_abs();
    if waited == SILENCE {
        told();
    }
    std::thread::sleep(EACH);
    waited < PATIENCE
}

/// Held until it is dropped.
pub(super) struct Turn(#[allow(dead_code, reason = "it is dropped")] Option<File>);

impl Turn {
    /// Waits for a turn with the database at a path: alone, to change it, or with others who ask.
    pub(super) fn take(database: &Path, alone: bool) -> Result<Self> {
        let folder = match database.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if cfg!(not(unix)) {
            return Ok(Self(None));
        }
        // What cannot be opened is told by who opens the database.
        let Ok(folder) = File::open(folder) else { return Ok(Self(None)) };
        let since = Instant::now();
        let mut is_told = false;
        loop {
            match if alone { folder.try_lock() } else { folder.try_lock_shared() } {
                Ok(()) => return Ok(Self(Some(folder))),
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
                Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => {
                    if !is_told && since.elapsed() > SILENCE {
                        is_told = true;
                        told();
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    let reason = "somebody else has been changing it for a minute; try again";
                    return Err(Error::Registry(format!("{}: {reason}", database.display())));
                }
            }
        }
    }
}
