//! The rows of the registry's database: how they are laid out, read and written.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row, params};

use super::entry::{Right, Step};
use super::key::Hash;

/// The layout of the tables. Numbers are indexes in [`Right::ALL`] and [`Step::ALL`]; days are ISO
/// 8601; hashes are 16 bytes each, little-endian, one behind the other, since an index on random
/// ones would cost more than everything else. A request is extended, answered (done or refused) and
/// lifted once.
pub(super) const TABLES: &str = "
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, right INTEGER NOT NULL, received TEXT NOT NULL, until TEXT,
    recorded TEXT NOT NULL, kinds TEXT NOT NULL, hashes BLOB NOT NULL, prefixes TEXT NOT NULL,
    sealed BLOB) STRICT;
CREATE TABLE steps (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries (id), step INTEGER NOT NULL,
    day TEXT NOT NULL, recorded TEXT NOT NULL, sealed BLOB) STRICT;
CREATE UNIQUE INDEX once ON steps (entry, step) WHERE step >= 3;
CREATE UNIQUE INDEX answered ON steps (entry) WHERE step IN (4, 5);
CREATE INDEX steps_of_entry ON steps (entry);
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER entries_fixed BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER entries_new BEFORE INSERT ON entries
    WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER steps_kept BEFORE DELETE ON steps
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER steps_fixed BEFORE UPDATE ON steps
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER steps_new BEFORE INSERT ON steps
    WHEN EXISTS (SELECT 1 FROM steps WHERE id = NEW.id
        OR (NEW.step >= 3 AND entry = NEW.entry AND step = NEW.step)
        OR (NEW.step IN (4, 5) AND entry = NEW.entry AND step IN (4, 5)))
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER meta_kept BEFORE DELETE ON meta
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER meta_fixed BEFORE UPDATE ON meta
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
CREATE TRIGGER meta_new BEFORE INSERT ON meta
    WHEN EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the registry only grows'); END;
";

/// The version of [`TABLES`].
pub(super) const VERSION: &str = "2";
/// An entry as it is stored.
#[derive(Debug)]
pub(super) struct StoredEntry {
    pub(super) id: u64,
    pub(super) right: Right,
    pub(super) received: Date,
    pub(super) until: Option<Date>,
    pub(super) kinds: String,
    pub(super) hashes: Vec<Hash>,
    pub(super) prefixes: String,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Of a stored entry what it takes to know what it holds, where the database has it.
pub(super) struct Holding<'a> {
    pub(super) id: u64,
    pub(super) right: Right,
    pub(super) until: Option<Date>,
    hashes: &'a [[u8; 16]],
    pub(super) prefixes: &'a str,
    pub(super) sealed: Option<&'a [u8]>,
}

impl Holding<'_> {
    pub(super) fn hashes(&self) -> impl ExactSizeIterator<Item = Hash> {
        self.hashes.iter().map(|hash| Hash::from_le_bytes(*hash))
    }
}

/// A step as it is stored.
#[derive(Debug)]
pub(super) struct StoredStep {
    pub(super) entry: u64,
    pub(super) step: Step,
    pub(super) day: Date,
    pub(super) recorded: String,
    pub(super) sealed: Option<Vec<u8>>,
}

pub(super) fn insert(connection: &Connection, entry: &StoredEntry) -> rusqlite::Result<()> {
    let mut row = connection.prepare_cached(
        "INSERT INTO entries (id, right, received, until, recorded, kinds, hashes, prefixes, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let hashes: Vec<u8> = entry.hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    row.execute(params![
        entry.id.cast_signed(),
        entry.right as i64,
        entry.received.to_string(),
        entry.until.map(|day| day.to_string()),
        now(),
        entry.kinds,
        hashes,
        entry.prefixes,
        entry.sealed,
    ])?;
    Ok(())
}

pub(super) fn insert_step(
    connection: &Connection,
    (entry, step, day): (u64, Step, Date),
    sealed: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let mut row = connection.prepare_cached(
        "INSERT INTO steps (entry, step, day, recorded, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    row.execute(params![entry.cast_signed(), step as i64, day.to_string(), now(), sealed])?;
    Ok(())
}

/// This second, in UTC.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn stored(row: &Row<'_>) -> Option<StoredEntry> {
    let day = |text: String| text.parse::<Date>().ok();
    let (hashes, rest) = row.get_ref(5).ok()?.as_blob().ok()?.as_chunks::<16>();
    let until: Option<String> = row.get(3).ok()?;
    let until = match until {
        Some(text) => Some(day(text)?),
        None => None,
    };
    rest.is_empty().then_some(StoredEntry {
        id: row.get::<_, i64>(0).ok()? as u64,
        right: *Right::ALL.get(usize::from(row.get::<_, u8>(1).ok()?))?,
        received: day(row.get(2).ok()?)?,
        until,
        kinds: row.get(4).ok()?,
        hashes: hashes.iter().map(|hash| Hash::from_le_bytes(*hash)).collect(),
        prefixes: row.get(6).ok()?,
        sealed: row.get(7).ok()?,
    })
}

pub(super) fn holding<'a>(row: &'a Row<'_>) -> Option<Holding<'a>> {
    let (hashes, rest) = row.get_ref(3).ok()?.as_blob().ok()?.as_chunks();
    let until = row.get_ref(2).ok()?.as_str_or_null().ok()?;
    rest.is_empty().then_some(Holding {
        id: row.get::<_, i64>(0).ok()? as u64,
        right: *Right::ALL.get(usize::from(row.get::<_, u8>(1).ok()?))?,
        until: until.map(str::parse).transpose().ok()?,
        hashes,
        prefixes: row.get_ref(4).ok()?.as_str().ok()?,
        sealed: row.get_ref(5).ok()?.as_blob_or_null().ok()?,
    })
}

pub(super) fn stored_step(row: &Row<'_>) -> Option<StoredStep> {
    Some(StoredStep {
        entry: row.get::<_, i64>(0).ok()? as u64,
        step: *Step::ALL.get(usize::from(row.get::<_, u8>(1).ok()?))?,
        day: row.get::<_, String>(2).ok()?.parse().ok()?,
        recorded: row.get(3).ok()?,
        sealed: row.get(4).ok()?,
    })
}
