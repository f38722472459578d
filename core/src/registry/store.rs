//! The registry's database: SQLite, append-only, durable when a write returns.
//!
//! Entries and the steps of their requests are only ever added: triggers refuse to change, delete or
//! replace a row. What identifies somebody is there only as keyed hashes, prefixes as they are, free
//! text sealed. A write is acknowledged after it and the end of its journal have been synced
//! (`synchronous = EXTRA` with a rollback journal).
//!
//! A connection is there for one question or one change. What is kept open is lost in many ways: a
//! fork copies it without its locks, POSIX locks of a process fall when anything in it closes the
//! same file, and a database that is replaced is asked on as if it were there. So at rest the registry
//! is one file, whole, which nobody holds open, and while it is asked turns are taken by `lock.rs`. The
//! same is why there is no write-ahead log: it lives beside its database for as long as connections do.
//!
//! What the rows mean is not known here.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rusqlite::backup::Progress;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, Transaction, TransactionBehavior};
use tempfile::NamedTempFile;

use super::entry::Step;
use super::fork;
use super::key::{Hash, Key, sync_folder_of};
use super::lock::{Turn, busy};
use super::rows::{
    Holding, StoredEntry, StoredStep, TABLES, VERSION, holding, insert, insert_step, stored,
    stored_step,
};
use crate::error::{Error, Result};
use crate::reader::Stamp;

/// The database: where it is, and the key that it must be of.
pub(super) struct Store {
    path: PathBuf,
    fingerprint: String,
}

impl Store {
    /// Makes a database that was not there: under another name first, so that a crash leaves none that
    /// is half made.
    pub(super) fn create(path: &Path, key: &Key) -> Result<Self> {
        let fingerprint = key.fingerprint().to_owned();
        let _inside = fork::enter();
        let part = PartialCopy::beside(path)?;
        let store = Self { path: part.0.path().to_owned(), fingerprint: fingerprint.clone() };
        let behavior = TransactionBehavior::Immediate;
        let view = store.connect(behavior)?;
        let made = (|| {
            let within = Transaction::new_unchecked(&view.connection, behavior)?;
            within.execute_batch(TABLES)?;
            let mut row = within.prepare("INSERT INTO meta VALUES (?1, ?2)")?;
            row.execute(["version", VERSION])?;
            row.execute(["key", &fingerprint])?;
            drop(row);
            within.commit()
        })();
        made.map_err(|error: rusqlite::Error| store.failed(&error))?;
        drop(view);
        part.becomes(path)?;
        Ok(Self { path: path.to_owned(), fingerprint })
    }

    /// Opens one, and makes sure that the key is its own.
    pub(super) fn open(path: &Path, key: &Key) -> Result<Self> {
        let store = Self { path: path.to_owned(), fingerprint: key.fingerprint().to_owned() };
        store.view(|_| Ok(()))?;
        Ok(store)
    }

    /// Asks what is there at one moment.
    pub(super) fn view<T>(&self, ask: impl FnOnce(&StoreView<'_>) -> Result<T>) -> Result<T> {
        let _inside = fork::enter();
        let behavior = TransactionBehavior::Deferred;
        self.connect(behavior).and_then(|view| self.at_once(&view, behavior, ask))
    }

    /// Changes what is there, after a look at it that nobody else's change comes behind: all or
    /// nothing, and synced when it returns.
    pub(super) fn change<T>(&self, change: impl FnOnce(&StoreView<'_>) -> Result<T>) -> Result<T> {
        let _inside = fork::enter();
        self.changed(&self.connect(TransactionBehavior::Immediate)?, change)
    }

    /// Changes what is there with what is in another database, `backup`.
    pub(super) fn attached(
        &self,
        backup: &str,
        change: impl FnOnce(&StoreView<'_>) -> Result<()>,
    ) -> Result<()> {
        let _inside = fork::enter();
        let view = self.connect(TransactionBehavior::Immediate)?;
        let attached = view.connection.execute("ATTACH ?1 AS backup", [backup]);
        attached.map_err(|error| self.failed(&error))?;
        self.changed(&view, change)
    }

    fn changed<T>(
        &self,
        view: &StoreView<'_>,
        change: impl FnOnce(&StoreView<'_>) -> Result<T>,
    ) -> Result<T> {
        let made = self.at_once(view, TransactionBehavior::Immediate, change)?;
        // What went into a file that has no name any more is in no registry.
        if self.file() != view.file {
            let reason =
                "was replaced while this was recorded, which may not be in it; record it again";
            return Err(self.refuse(reason));
        }
        Ok(made)
    }

    fn at_once<T>(
        &self,
        view: &StoreView<'_>,
        behavior: TransactionBehavior,
        within: impl FnOnce(&StoreView<'_>) -> Result<T>,
    ) -> Result<T> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let transaction = Transaction::new_unchecked(&view.connection, behavior).map_err(failed)?;
        view.is_ours()?;
        let made = within(view)?;
        transaction.commit().map_err(failed)?;
        Ok(made)
    }

    /// Copies the database, as it is at one moment, into a file that was not there.
    pub(super) fn backup(&self, to: &Path) -> Result<()> {
        let _inside = fork::enter();
        let part = PartialCopy::beside(to)?;
        let view = self.connect(TransactionBehavior::Deferred)?;
        view.is_ours()?;
        let silent: Option<fn(Progress)> = None;
        let copied = view.connection.backup("main", part.0.path(), silent);
        copied.map_err(|error| self.failed(&error))?;
        part.becomes(to)
    }

    /// The database's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The numbers of the file of its name, as it is now.
    pub(super) fn file(&self) -> FileNumbers {
        Stamp::of(&self.path).map(Stamp::file)
    }

    /// The database of this key at another path.
    pub(super) fn at(&self, path: &Path) -> Self {
        Self { path: path.to_owned(), fingerprint: self.fingerprint.clone() }
    }

    fn connect(&self, behavior: TransactionBehavior) -> Result<StoreView<'_>> {
        let alone = matches!(behavior, TransactionBehavior::Immediate);
        let turn = Turn::take(&self.path, alone)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |error: &rusqlite::Error| {
            Error::Registry(format!("{}: cannot open the registry: {error}", self.path.display()))
        };
        let (file, mut connection) = loop {
            let file = self.file();
            let opened = Connection::open_with_flags(&self.path, flags);
            let connection = opened.map_err(|error| failed(&error))?;
            // It is the file of that name, and not one that was there a moment before.
            if self.file() == file {
                break (file, connection);
            }
        };
        let mut set = || -> rusqlite::Result<()> {
            connection.busy_handler(Some(busy))?;
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.pragma_update(None, "synchronous", "EXTRA")?;
            connection.pragma_update(None, "foreign_keys", true)
        };
        set().map_err(|error| failed(&error))?;
        Ok(StoreView { store: self, file, connection, _turn: turn })
    }

    pub(super) fn failed(&self, error: &rusqlite::Error) -> Error {
        let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked].map(Some);
        if busy.contains(&error.sqlite_error_code()) {
            let reason = "another program has been holding it for a minute (a shell of SQLite, a backup); \
                          end it and try again";
            return self.refuse(reason);
        }
        self.refuse(&error.to_string())
    }

    fn damaged(&self) -> Error {
        self.refuse("a row holds what this program never writes; restore the registry")
    }

    pub(super) fn refuse(&self, reason: &str) -> Error {
        Error::Registry(format!("{}: {reason}", self.path.display()))
    }
}

/// A database that is not whole yet. It is its owner's alone, as is what SQLite makes beside it.
struct PartialCopy(NamedTempFile);

impl PartialCopy {
    fn beside(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(path);
        let part = tempfile::Builder::new().prefix(".registry.").tempfile_in(folder);
        part.map(Self).map_err(Error::io(path, "create a file beside"))
    }

    /// Puts it where it is to lie, and nothing is yet. A journal that was left there is of one that is gone,
    /// and would be rolled back into whatever takes its name.
    fn becomes(self, path: &Path) -> Result<()> {
        self.0.as_file().sync_all().map_err(Error::io(path, "write"))?;
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        let journal = Path::new(&journal);
        if !path.exists() && journal.exists() {
            std::fs::remove_file(journal).map_err(Error::io(journal, "remove"))?;
        }
        let placed = self.0.persist_noclobber(path);
        placed.map_err(|error| Error::io(path, "create")(error.error))?;
        sync_folder_of(path)
    }
}

/// The device and inode of a file, where there is one.
pub(crate) type FileNumbers = Option<(u64, u64)>;

/// What is in the database, seen within one transaction.
pub(super) struct StoreView<'a> {
    store: &'a Store,
    file: FileNumbers,
    pub(super) connection: Connection,
    /// Let go of after the connection.
    _turn: Turn,
}

impl StoreView<'_> {
    /// The numbers of the file that is open.
    pub(super) const fn file(&self) -> FileNumbers {
        self.file
    }

    /// Is it a registry that this program reads, and the key its own?
    fn is_ours(&self) -> Result<()> {
        let meta = |name: &str| {
            let value = "SELECT value FROM meta WHERE name = ?1";
            self.connection
                .query_row(value, [name], |row| row.get::<_, String>(0))
                .map_err(|error| self.store.failed(&error))
        };
        let version = meta("version")?;
        if version != VERSION {
            let reason =
                format!("is a registry of version {version}; this program reads {VERSION}");
            return Err(self.store.refuse(&reason));
        }
        if meta("key")? != self.store.fingerprint {
            let reason = "was made with another key; under this one everybody who objected would come \
                          back, so nothing is done";
            return Err(self.store.refuse(reason));
        }
        Ok(())
    }

    /// One entry, or every entry by its number.
    pub(super) fn entries(
        &self,
        number: Option<u64>,
        mut each: impl FnMut(StoredEntry) -> Result<()>,
    ) -> Result<()> {
        const ALL: &str = "SELECT id, right, received, until, kinds, hashes, prefixes, sealed
             FROM entries ORDER BY id";
        const ONE: &str = "SELECT id, right, received, until, kinds, hashes, prefixes, sealed
             FROM entries WHERE id = ?1";
        self.read(ALL, ONE, number, |row| each(stored(row).ok_or_else(|| self.store.damaged())?))
    }

    /// Of every entry, by its number, what it holds: a fraction of the work of reading it whole.
    pub(super) fn holdings(&self, mut each: impl FnMut(Holding<'_>) -> Result<()>) -> Result<()> {
        let query = "SELECT id, right, until, hashes, prefixes, sealed FROM entries ORDER BY id";
        self.each(query, [], |row| each(holding(row).ok_or_else(|| self.store.damaged())?))
    }

    /// Every step of an entry, or of all, in the order in which they were recorded.
    pub(super) fn steps(
        &self,
        entry: Option<u64>,
        mut each: impl FnMut(StoredStep) -> Result<()>,
    ) -> Result<()> {
        const ALL: &str = "SELECT entry, step, day, recorded, sealed FROM steps ORDER BY id";
        const ONE: &str =
            "SELECT entry, step, day, recorded, sealed FROM steps WHERE entry = ?1 ORDER BY id";
        self.read(ALL, ONE, entry, |row| {
            each(stored_step(row).ok_or_else(|| self.store.damaged())?)
        })
    }

    /// The entries that hold nothing any more: they were refused, or lifted.
    pub(super) fn over(&self, mut each: impl FnMut(u64)) -> Result<()> {
        let query = "SELECT entry FROM steps WHERE step IN (?1, ?2)";
        let ends = [Step::Refused, Step::Lifted].map(|step| step as i64);
        self.each(query, ends, |row| {
            each(row.get::<_, i64>(0).map_err(|error| self.store.failed(&error))? as u64);
            Ok(())
        })
    }

    /// The rows of all, or of one number.
    fn read(
        &self,
        all: &str,
        one: &str,
        number: Option<u64>,
        each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match number {
            None => self.each(all, [], each),
            Some(number) => self.each(one, [number.cast_signed()], each),
        }
    }

    fn each(
        &self,
        query: &str,
        parameters: impl rusqlite::Params,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let failed = |error: rusqlite::Error| self.store.failed(&error);
        let mut query = self.connection.prepare_cached(query).map_err(failed)?;
        let mut rows = query.query(parameters).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            each(row)?;
        }
        Ok(())
    }

    /// A digest of a row, all of it: nothing, where none has the number. Indexes keep what is made of
    /// it, so its bytes are of this program alone.
    fn digest(&self, row: &str, id: u64) -> Result<Option<Hash>> {
        let mut digest = None;
        self.each(row, [id.cast_signed()], |row| {
            let mut hasher = blake3::Hasher::new();
            for column in 0..row.as_ref().column_count() {
                let value = row.get_ref(column).map_err(|error| self.store.failed(&error))?;
                match value {
                    ValueRef::Null => hasher.update(&[0]),
                    ValueRef::Integer(number) => hasher.update(&[1]).update(&number.to_le_bytes()),
                    ValueRef::Real(number) => hasher.update(&[2]).update(&number.to_le_bytes()),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => hasher
                        .update(&[3])
                        .update(&(bytes.len() as u64).to_le_bytes())
                        .update(bytes),
                };
            }
            let mut first = [0; 16];
            hasher.finalize_xof().fill(&mut first);
            digest = Some(Hash::from_le_bytes(first));
            Ok(())
        })?;
        Ok(digest)
    }

    /// How it stands, beside how it stood before.
    #[cfg(feature = "live")]
    pub(super) fn standing(&self, before: Option<&Tip>) -> Result<Standing> {
        let (entries, steps) = newest(self)?;
        let goes_on = match before {
            Some(tip) => self.last(tip.entries, tip.steps)? == tip.last,
            None => true,
        };
        let tip = Tip { entries, steps, last: self.last(entries, steps)? };
        Ok(Standing { file: self.file, tip, goes_on })
    }

    /// Digests of an entry and a step.
    pub(super) fn last(&self, entry: u64, step: u64) -> Result<[Option<Hash>; 2]> {
        let entry = self.digest("SELECT * FROM entries WHERE id = ?1", entry)?;
        Ok([entry, self.digest("SELECT * FROM steps WHERE id = ?1", step)?])
    }

    /// Adds an entry under its number.
    pub(super) fn insert(&self, entry: &StoredEntry) -> Result<()> {
        insert(&self.connection, entry).map_err(|error| self.store.failed(&error))
    }

    /// Adds a step.
    pub(super) fn insert_step(&self, step: (u64, Step, Date), sealed: Option<&[u8]>) -> Result<()> {
        insert_step(&self.connection, step, sealed).map_err(|error| self.store.failed(&error))
    }
}

/// How a registry stands at one moment.
#[cfg(feature = "live")]
pub(crate) struct Standing {
    /// The file that was read.
    pub(crate) file: FileNumbers,
    /// How far it goes.
    pub(crate) tip: Tip,
    /// Is all there that it had before, with what came after it?
    pub(crate) goes_on: bool,
}

/// How far a registry goes: the numbers of its newest entry and its newest step, 0 where there is
/// none, and digests of the two. An older copy that others were added to is told from the original.
#[cfg(feature = "live")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) entries: u64,
    pub(crate) steps: u64,
    last: [Option<Hash>; 2],
}

/// The numbers of the newest entry and the newest step: what changes when anything does.
pub(super) fn newest(view: &StoreView<'_>) -> Result<(u64, u64)> {
    let query = "SELECT (SELECT max(id) FROM entries), (SELECT max(id) FROM steps)";
    let number = |row: &Row<'_>, column| {
        Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.unwrap_or_default() as u64)
    };
    view.connection
        .query_row(query, [], |row| Ok((number(row, 0)?, number(row, 1)?)))
        .map_err(|error| view.store.failed(&error))
}
