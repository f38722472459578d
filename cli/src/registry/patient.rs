//! A registry that is open, and a word to who waits for it.
//!
//! Who changes a registry waits up to a minute for others, a shell of SQLite that was left open for
//! instance. Nobody should have to guess why a command says nothing for so long.

use std::io::{self, Write as _};
use std::ops::Deref;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use firmtrie::registry::Registry;

use super::Failure;

/// How long a command says nothing.
const SILENCE: Duration = Duration::from_secs(2);

/// A registry. What is asked of it, until it is dropped, should not take long.
pub struct Patient {
    registry: Registry,
    /// Its end ends the thread that would say something.
    _done: Sender<()>,
}

impl Patient {
    pub fn open(folder: &Path, key: Option<&Path>) -> Result<Self, Failure> {
        let (done, waiting) = mpsc::channel();
        let name = folder.display().to_string();
        thread::spawn(move || {
            if waiting.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(
                    io::stderr(),
                    "waiting for {name}: another program may be reading or changing it (a shell of \
                     SQLite, a backup); after a minute this gives up"
                );
            }
        });
        Ok(Self { registry: Registry::open(folder, key)?, _done: done })
    }
}

impl Deref for Patient {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        &self.registry
    }
}
