//! The registry: who objected, and every other request, durable and private.
//!
//! [`Registry::record`] returns once a [`Request`] is on the disk; entries are never changed, and
//! taking one back is another. What holds on a day is what a build leaves out, and a running reader.
//! It is kept in a folder of its own: `registry.db`, and the key that its hashes are made with, which
//! may lie elsewhere.

mod about;
mod check;
mod deadline;
mod entry;
mod firms;
pub(crate) mod fork;
mod held;
mod in_force;
mod key;
mod lock;
mod met;
mod one;
mod path;
mod restore;
mod rows;
mod seal;
mod store;
mod subject;
mod told;

use std::fmt;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
pub use jiff::civil::Date;

use crate::error::{Error, Result};
pub use crate::identity::Identifier;
use crate::identity::checked;
#[cfg(feature = "build")]
use crate::index::metadata::RegistryTip;
use crate::reader::Stamp;
pub use about::{About, day};
use entry::Text;
pub use entry::{Entry, Request, Right, Step, Taken};
pub(crate) use firms::Firms;
pub use held::{Held, HeldCompany, HeldFact, HeldNetwork, HeldRequest};
pub(crate) use in_force::{Hidden, InForce};
pub(crate) use key::Hash;
use key::Key;
pub use lock::tell_waiting;
pub use met::Met;
pub use path::RegistryPath;
use rows::StoredEntry;
use seal::sealed_of;
pub(crate) use store::FileNumbers;
#[cfg(feature = "live")]
pub(crate) use store::{Standing, Tip};
use store::{Store, StoreView};
pub use subject::Who;
use told::one;

/// The database's name in the registry's folder.
const DATABASE: &str = "registry.db";
/// The key's name there, unless it lies elsewhere.
const KEY: &str = "registry.key";

/// Behind the kind of an identifier that names firms of any country, where kinds are stored.
const ANY_COUNTRY: &str = "*";

/// An opened registry.
///
/// ```
/// use firmtrie::registry::{Identifier, Registry, Request, Right};
/// # let dir = tempfile::tempdir()?;
/// # let dir = dir.path().join("registry");
/// let registry = Registry::create(&dir, None)?;
/// let firm = Identifier::name("Example B.V.", None, Some("NL"))?;
/// let entry = registry.record(Request::new(Right::Objection).by(firm))?;
/// assert_eq!(entry.entry, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Registry {
    store: Store,
    pub(crate) key: Key,
    key_file: PathBuf,
}

/// Neither the key nor what it opens is shown.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("key_file", &self.key_file).finish_non_exhaustive()
    }
}

impl Registry {
    /// Makes a registry in a folder, which is made too, and its key, in the folder or in a file
    /// elsewhere. Both are for their owner only. A key that is there already is taken: a crash may
    /// have come before the database was made.
    ///
    /// # Errors
    /// If there is one already, or its files cannot be written.
    pub fn create(folder: impl AsRef<Path>, key: Option<&Path>) -> Result<Self> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(Error::io(folder, "make"))?;
        let database = folder.join(DATABASE);
        if is_there(&database) {
            return Err(Error::Registry(format!(
                "{}: there is a registry already",
                folder.display()
            )));
        }
        // One that is empty was never made.
        let _ = std::fs::remove_file(&database);
        let key_file = key_file(folder, key);
        let key = if key_file.exists() { Key::read(&key_file) } else { Key::create(&key_file) }?;
        let store = Store::create(&database, &key)?;
        key::sync_folder_of(folder)?;
        Ok(Self { store, key, key_file })
    }

    /// Opens the registry in a folder, with the key that lies in it or elsewhere.
    ///
    /// # Errors
    /// If there is none, or the key is missing or not its own.
    pub fn open(folder: impl AsRef<Path>, key: Option<&Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let database = folder.join(DATABASE);
        if !is_there(&database) {
            let reason = "there is no registry here; make one with `firmtrie registry init`, or correct the path";
            return Err(Error::Registry(format!("{}: {reason}", folder.display())));
        }
        let key_file = key_file(folder, key);
        let key = Key::read(&key_file)?;
        let store = Store::open(&database, &key)?;
        Ok(Self { store, key, key_file })
    }

    /// Copies the registry as it is now into a folder, which is made if it is not there: the way to
    /// back it up while it is used. The key goes along only when asked: who has both knows who
    /// objected.
    ///
    /// # Errors
    /// If there is a registry or a key in that folder already, or it cannot be written.
    pub fn backup(&self, folder: impl AsRef<Path>, with_key: bool) -> Result<()> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(Error::io(folder, "make"))?;
        let [database, key] = [DATABASE, KEY].map(|name| folder.join(name));
        if database.exists() || (with_key && key.exists()) {
            let reason = "there is a registry or a key already; name another folder";
            return Err(Error::Registry(format!("{}: {reason}", folder.display())));
        }
        if with_key {
            Key::copy(&self.key_file, &key)?;
        }
        self.store.backup(&database)?;
        key::sync_folder_of(folder)
    }

    /// Brings a registry back from a backup, while readers and writers go on and follow. `folder` is the
    /// registry's, `from` has the backup, `key` is the file of the key, if it does not lie in `folder`.
    ///
    /// One that is gone or damaged is replaced; what is damaged is kept beside it. To one that can be
    /// read is added what it has not. What was recorded after the backup and cannot be read is to be
    /// recorded again.
    ///
    /// # Errors
    /// If the backup is not whole or of another key, or has not all that the registry has: a registry
    /// only grows.
    pub fn restore(
        folder: impl AsRef<Path>,
        from: impl AsRef<Path>,
        key: Option<&Path>,
    ) -> Result<Self> {
        let (folder, from) = (folder.as_ref(), from.as_ref());
        let key_file = key_file(folder, key);
        let key = Key::read(&key_file)?;
        let backup = Store::open(&from.join(DATABASE), &key)?;
        std::fs::create_dir_all(folder).map_err(Error::io(folder, "make"))?;
        let store = restore::restore(&backup, &folder.join(DATABASE))?;
        key::sync_folder_of(folder)?;
        Ok(Self { store, key, key_file })
    }

    /// Records a request. It holds in every build, and survives a crash, when this returns. Readers that
    /// are open take it over at their next refresh; `record_live`, of the feature `live`, has those of this
    /// process do so before it returns.
    ///
    /// # Errors
    /// If the request is about nobody, lacks what its right needs, or cannot be written.
    pub fn record(&self, request: Request) -> Result<Entry> {
        Ok(self.record_in_file(request)?.0)
    }

    /// Records a request. Gives also the numbers of the file that it went into.
    pub(crate) fn record_in_file(&self, request: Request) -> Result<(Entry, FileNumbers)> {
        // The answer is made before the entry holds: nothing that fails later calls it failed.
        self.insert([request], |view, first| Ok((one(view, first)?, view.file())))
    }

    /// Records many requests, all or none, and gives the number of the first; the others follow it. As with
    /// [`Registry::record`], readers that are open take them over at their next refresh.
    ///
    /// # Errors
    /// As for [`Registry::record`].
    pub fn record_all(&self, requests: impl IntoIterator<Item = Request>) -> Result<u64> {
        self.insert(requests, |_, first| Ok(first))
    }

    /// Records requests, and what is told of them by the number of the first.
    fn insert<T>(
        &self,
        requests: impl IntoIterator<Item = Request>,
        told: impl FnOnce(&StoreView<'_>, u64) -> Result<T>,
    ) -> Result<T> {
        let today = today();
        let entries = requests.into_iter().map(|request| self.prepare(&request, today));
        let mut entries = entries.collect::<Result<Vec<_>>>()?;
        if entries.is_empty() {
            return Err(Error::Registry("there is nothing to record".to_owned()));
        }
        self.store.change(|view| {
            let first = store::newest(view)?.0 + 1;
            for (number, (entry, text)) in (first..).zip(&mut entries) {
                entry.id = number;
                if let Some(text) = text {
                    let of = sealed_of(number, entry.right.as_str());
                    entry.sealed = Some(self.key.seal(text, &of)?);
                }
                view.insert(entry)?;
            }
            told(view, first)
        })
    }

    /// Takes a step of a request: a reason is kept sealed. As with [`Registry::record`], readers that are open
    /// take it over at their next refresh.
    ///
    /// # Errors
    /// If there is no such entry, or it is answered, refused or lifted already.
    pub fn step(
        &self,
        entry: u64,
        step: Step,
        day: Option<Date>,
        reason: Option<&str>,
    ) -> Result<Entry> {
        Ok(self.step_in_file(entry, step, day, reason)?.0)
    }

    /// Takes a step. Gives also the numbers of the file that it went into.
    pub(crate) fn step_in_file(
        &self,
        entry: u64,
        step: Step,
        day: Option<Date>,
        reason: Option<&str>,
    ) -> Result<(Entry, FileNumbers)> {
        self.store.change(|view| {
            let known = one(view, entry)?;
            check::may_take(&known, step, reason.is_some())?;
            let day = day.unwrap_or_else(today);
            check::check_day(&known, day)?;
            let sealed = match reason {
                Some(reason) => Some(self.key.seal(reason, &sealed_of(entry, step.as_str()))?),
                None => None,
            };
            view.insert_step((entry, step, day), sealed.as_deref())?;
            Ok((one(view, entry)?, view.file()))
        })
    }

    /// Takes an entry back, once: what it asked for does not hold any more.
    ///
    /// # Errors
    /// If there is no such entry, or it is lifted already.
    pub fn lift(&self, entry: u64, reason: Option<&str>) -> Result<Entry> {
        self.step(entry, Step::Lifted, None, reason)
    }

    /// What tells what holds on a day from what holds on another, as indexes remember it.
    ///
    /// # Errors
    /// If the registry cannot be read.
    pub fn fingerprint(&self, day: Date) -> Result<String> {
        Ok(self.in_force(day)?.fingerprint())
    }

    /// What it ends with, for an index to remember: nobody without the key can tell of what that is.
    #[cfg(feature = "build")]
    pub(crate) fn tip_to_keep(&self) -> Result<RegistryTip> {
        self.store.view(|view| {
            let (entries, steps) = store::newest(view)?;
            self.tip_at(view, entries, steps)
        })
    }

    /// Has it all that was there when an index was built?
    #[cfg(feature = "build")]
    pub(crate) fn goes_on_from(&self, tip: &RegistryTip) -> Result<bool> {
        self.store.view(|view| Ok(self.tip_at(view, tip.entries, tip.steps)? == *tip))
    }

    #[cfg(feature = "build")]
    fn tip_at(&self, view: &StoreView<'_>, entries: u64, steps: u64) -> Result<RegistryTip> {
        let last = view.last(entries, steps)?;
        let [entry, step] =
            last.map(|last| last.map_or_else(String::new, |row| format!("{row:032x}")));
        Ok(RegistryTip::new((entries, steps), self.key.hash(&format!("tip\t{entry}\t{step}"))))
    }

    /// What holds on a day.
    pub(crate) fn in_force(&self, day: Date) -> Result<InForce> {
        self.store.view(|view| in_force::read(view, (&self.store, &self.key), day))
    }

    /// The file that it is in, as it is now; nothing, if it is gone.
    pub(crate) fn file(&self) -> Option<Stamp> {
        Stamp::of(self.store.path())
    }

    /// The numbers of that file.
    #[cfg(feature = "live")]
    pub(crate) fn file_numbers(&self) -> FileNumbers {
        self.store.file()
    }

    /// How it stands, beside how it stood before.
    #[cfg(feature = "live")]
    pub(crate) fn standing(&self, before: Option<&Tip>) -> Result<Standing> {
        self.store.view(|view| view.standing(before))
    }

    /// The same, and what holds on a day, at one moment.
    #[cfg(feature = "live")]
    pub(crate) fn standing_in_force(
        &self,
        before: Option<&Tip>,
        day: Date,
    ) -> Result<(Standing, InForce)> {
        self.store.view(|view| {
            Ok((view.standing(before)?, in_force::read(view, (&self.store, &self.key), day)?))
        })
    }

    /// Checks a request, and makes of it what is stored, and what is to be sealed with it.
    fn prepare(&self, request: &Request, today: Date) -> Result<(StoredEntry, Option<String>)> {
        let received = request.received.unwrap_or(today);
        check::request(request, received, today)?;
        let mut hashes: Vec<Hash> = Vec::new();
        let mut kinds: Vec<String> = Vec::new();
        for identifier in &request.by {
            identifier.keys(|key| hashes.push(self.key.hash(key)));
            let open = if identifier.is_of_any_country() { ANY_COUNTRY } else { "" };
            let kind = format!("{}{open}", identifier.kind());
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        hashes.sort_unstable();
        hashes.dedup();
        let prefixes: Vec<String> = request.prefixes.iter().map(IpNet::to_string).collect();
        let mut text = request.text.clone();
        if let Some((field, new, _)) = &mut text.rectified {
            // An empty value takes the field away.
            if !new.is_empty() {
                *new = checked(*field, new.trim()).map_err(|reason| {
                    Error::Registry(format!("rectification: {} {new:?} {reason}", field.as_str()))
                })?;
            }
        }
        let text = if text == Text::default() {
            None
        } else {
            let text = serde_json::to_string(&text)
                .map_err(|error| Error::Registry(format!("cannot be sealed: {error}")))?;
            Some(text)
        };
        let stored = StoredEntry {
            id: 0,
            right: request.right,
            received,
            until: request.until,
            kinds: kinds.join(","),
            hashes,
            prefixes: prefixes.join(" "),
            sealed: None,
        };
        Ok((stored, text))
    }
}

/// Is there a database? An empty file is one that was never made.
fn is_there(database: &Path) -> bool {
    std::fs::metadata(database).is_ok_and(|file| file.len() > 0)
}

fn key_file(folder: &Path, key: Option<&Path>) -> PathBuf {
    key.map_or_else(|| folder.join(KEY), Path::to_owned)
}

/// Today, in UTC: the day that every function takes which is not told another.
pub fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}
