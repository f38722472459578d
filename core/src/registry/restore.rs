//! A registry from its backup: what is gone or damaged is replaced, what can be read is added to.
//!
//! Nothing that can be read is given up: a backup that has not all of it is refused. What is damaged is
//! moved aside.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::fork;
use super::lock::{Turn, busy};
use super::store::Store;
use crate::error::{Error, Result};

/// What is at a path.
enum There {
    Nothing,
    Damaged,
    Database,
}

/// Brings the database at a path back from a backup of the same key.
pub(super) fn restore(backup: &Store, to: &Path) -> Result<Store> {
    let _inside = fork::enter();
    let from = backup.path();
    if from.canonicalize().is_ok_and(|from| to.canonicalize().is_ok_and(|to| to == from)) {
        return Err(backup.refuse("is the registry itself; name the folder of a backup"));
    }
    let turn = Turn::take(from, false)?;
    if !matches!(there(from)?, There::Database) {
        return Err(backup.refuse("is damaged; restore from another backup"));
    }
    drop(turn);
    // Nobody records between the look and what is done about it.
    let turn = Turn::take(to, true)?;
    match there(to)? {
        There::Database => {
            drop(turn);
            add(from, &backup.at(to))?;
        }
        There::Nothing => backup.backup(to)?,
        There::Damaged => {
            std::fs::rename(to, aside(to)).map_err(Error::io(to, "move aside"))?;
            backup.backup(to)?;
        }
    }
    Ok(backup.at(to))
}

/// Looks whether a database is there, and whole, in a turn: what a crash left half done is rolled back
/// first.
fn there(path: &Path) -> Result<There> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(There::Nothing),
        Err(error) => return Err(Error::io(path, "read")(error)),
        Ok(file) if file.len() == 0 => return Ok(There::Damaged),
        Ok(_) => {}
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let found = Connection::open_with_flags(path, flags).and_then(|mut connection| {
        connection.busy_handler(Some(busy))?;
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))
    });
    match found {
        Ok(verdict) if verdict == "ok" => Ok(There::Database),
        Ok(_) => Ok(There::Damaged),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(There::Damaged),
            _ => Err(Error::Registry(format!("{}: {error}", path.display()))),
        },
    }
}

/// Adds what a backup has and a registry has not, within one change.
fn add(from: &Path, to: &Store) -> Result<()> {
    let from = from.to_str().ok_or_else(|| to.refuse("the backup's path is not UTF-8"))?;
    to.attached(from, |view| {
        let missing = "SELECT
            (SELECT count(*) FROM (SELECT * FROM main.entries EXCEPT SELECT * FROM backup.entries)),
            (SELECT count(*) FROM (SELECT * FROM main.steps EXCEPT SELECT * FROM backup.steps))";
        let counts = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let failed = |error: rusqlite::Error| to.failed(&error);
        let (entries, steps) = view.connection.query_row(missing, [], counts).map_err(failed)?;
        if (entries, steps) != (0, 0) {
            return Err(to.refuse(&format!(
                "has {entries} entries and {steps} steps that the backup has not, and a registry only \
                 grows: there is nothing to restore"
            )));
        }
        view.connection
            .execute_batch(
                "INSERT INTO main.entries SELECT * FROM backup.entries
                    WHERE id > (SELECT coalesce(max(id), 0) FROM main.entries) ORDER BY id;
                 INSERT INTO main.steps SELECT * FROM backup.steps
                    WHERE id > (SELECT coalesce(max(id), 0) FROM main.steps) ORDER BY id;",
            )
            .map_err(failed)
    })
}

/// A name for what is damaged that nothing has.
fn aside(database: &Path) -> PathBuf {
    let named = |number: u32| database.with_extension(format!("db.damaged-{number}"));
    (1..=u32::MAX).map(named).find(|name| !name.exists()).unwrap_or_else(|| named(0))
}
