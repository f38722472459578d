//! Who asks and who changes a registry take turns, by a lock on its folder.
//!
//! SQLite's own locks are those of POSIX (fcntl(2)): all that a process has on a file fall when
//! anything in it closes that file, a backup that copies the folder for instance, and then two write at
//! once. The lock that is taken here (flock(2)) belongs to what was opened, so nobody else lets go of
//! it; it ends with its process, and leaves no file. Where a file system has no such locks, SQLite's
//! are all there is. On Windows they suffice: there they belong to what was opened.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long one waits for another before looking again.
const PAUSE: Duration = Duration::from_millis(1);

/// Held until it is dropped.
pub(super) struct Turn(#[allow(dead_code, reason = "it is dropped")] Option<File>);

impl Turn {
    /// Waits for a turn with the database at a path: alone, to change it, or with others who ask.
    pub(super) fn take(database: &Path, alone: bool, patience: Duration) -> Result<Self> {
        let folder = match database.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if cfg!(not(unix)) {
            return Ok(Self(None));
        }
        // What cannot be opened is told by who opens the database.
        let Ok(folder) = File::open(folder) else { return Ok(Self(None)) };
        let until = Instant::now() + patience;
        loop {
            match if alone { folder.try_lock() } else { folder.try_lock_shared() } {
                Ok(()) => return Ok(Self(Some(folder))),
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
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
