//! Backup and restore: nothing that can be read is given up, and whoever follows sees what happened.
#![cfg(all(feature = "build", feature = "live"))]

use std::fs;
use std::path::{Path, PathBuf};

use firmtrie::builder::Policy;
use firmtrie::live::Live;
use firmtrie::registry::{Identifier, Registry, Request, Right, Step};
use firmtrie::{Builder, Format, Source};

struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        Registry::create(world.folder(), None).unwrap();
        let rows = (0..4).map(|n| format!("11.0.{n}.0,11.0.{n}.255,{},Firm {n}\n", n + 1));
        let csv = world.path("rows.csv");
        fs::write(&csv, rows.collect::<String>()).unwrap();
        let source = Source::new("rows", Format::AsnCsv).path(&csv);
        Builder::new().policy(Policy::open()).source(source).write(world.path("x.firm")).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn folder(&self) -> PathBuf {
        self.path("registry")
    }

    fn database(&self) -> PathBuf {
        self.folder().join("registry.db")
    }

    fn registry(&self) -> Registry {
        Registry::open(self.folder(), None).unwrap()
    }

    fn record(&self, firm: usize) {
        let by = Identifier::name(&format!("Firm {firm}"), None, None).unwrap();
        self.registry().record(Request::new(Right::Objection).by(by)).unwrap();
    }

    fn backup(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        self.registry().backup(&to, false).unwrap();
        to
    }

    fn restore(&self, from: &Path) -> firmtrie::Result<usize> {
        Registry::restore(self.folder(), from, None)
            .map(|registry| registry.entries().unwrap().len())
    }

    /// The firms that are in force, by opening the index anew.
    fn hidden(&self) -> Vec<usize> {
        hidden(&Live::open(self.path("x.firm"), Some(self.registry())).unwrap())
    }
}

fn hidden(live: &Live) -> Vec<usize> {
    let address = |n| format!("11.0.{n}.9").parse().unwrap();
    (0..4).filter(|n| live.snapshot().lookup(address(*n)).unwrap().is_none()).collect()
}

#[test]
fn what_is_gone_empty_or_damaged_comes_back_and_what_is_damaged_is_kept() {
    let world = World::new();
    world.record(0);
    world.registry().step(1, Step::Done, None, None).unwrap();
    let backup = world.backup("backup");

    fs::remove_file(world.database()).unwrap();
    assert_eq!(world.restore(&backup).unwrap(), 1);
    fs::write(world.database(), "").unwrap();
    assert_eq!(world.restore(&backup).unwrap(), 1);
    fs::write(
        world.database(),
        "this is no database, and was one, as long as a header is".repeat(9),
    )
    .unwrap();
    assert_eq!(world.restore(&backup).unwrap(), 1);
    let mut bytes = fs::read(world.database()).unwrap();
    let from = bytes.len() / 2;
    bytes[from..].fill(7);
    fs::write(world.database(), &bytes).unwrap();
    assert_eq!(world.restore(&backup).unwrap(), 1);
    assert_eq!(fs::read(world.folder().join("registry.db.damaged-3")).unwrap(), bytes);

    assert_eq!(world.registry().entry(1).unwrap().step, Step::Done);
    world.record(1);
    assert_eq!(world.hidden(), [0, 1]);
}

#[test]
fn a_journal_of_what_was_there_is_not_rolled_back_into_what_is_restored() {
    let world = World::new();
    world.record(0);
    world.record(1);
    let backup = world.backup("backup");
    // What a crash leaves in the middle of a change: the file, and a journal that would undo it.
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.pragma_update(None, "cache_size", 1).unwrap();
    other.pragma_update(None, "synchronous", "FULL").unwrap();
    other
        .execute_batch(
            "BEGIN IMMEDIATE; INSERT INTO entries SELECT 3, right, received, until, recorded, kinds,
            hashes, prefixes, sealed FROM entries WHERE id = 2;
        CREATE TABLE filler (text); INSERT INTO filler
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 900)
        SELECT hex(randomblob(400)) FROM n",
        )
        .unwrap();
    let journal = world.folder().join("registry.db-journal");
    let kept = fs::read(&journal).unwrap();
    assert!(kept.len() > 512 && kept[..8] != [0; 8], "it was not hot");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    world.record(2);
    let later = world.backup("later");
    fs::remove_file(world.database()).unwrap();
    fs::write(&journal, kept).unwrap();

    assert_eq!(world.restore(&later).unwrap(), 3);
    assert_eq!(world.hidden(), [0, 1, 2]);
    let refused = world.restore(&backup).unwrap_err().to_string();
    assert!(refused.contains("1 entries and 0 steps that the backup has not"), "{refused}");
}

#[test]
fn what_can_be_read_is_added_to_and_never_goes_back() {
    let world = World::new();
    world.record(0);
    let first = world.backup("first");
    world.record(1);
    world.registry().step(1, Step::Done, None, None).unwrap();
    let second = world.backup("second");

    let running = Live::open(world.path("x.firm"), Some(world.registry())).unwrap();
    assert!(world.restore(&first).is_err());
    assert_eq!((hidden(&running), world.restore(&second).unwrap()), (vec![0, 1], 2));

    // Somebody put the older copy in its place, and then finds the newer one.
    fs::copy(first.join("registry.db"), world.path("copied")).unwrap();
    fs::rename(world.path("copied"), world.database()).unwrap();
    let said = running.refresh().unwrap_err().to_string();
    assert!(said.contains("it had 2 entries and 1 steps, and has 1 and 0"), "{said}");
    assert_eq!(hidden(&running), [0]);
    assert_eq!(world.restore(&second).unwrap(), 2);
    assert!(running.refresh().unwrap());
    assert_eq!(hidden(&running), [0, 1]);
    assert_eq!(world.registry().entry(1).unwrap().step, Step::Done);

    // One that went on from the older copy is another, and neither loses what it has.
    fs::copy(first.join("registry.db"), world.path("copied")).unwrap();
    fs::rename(world.path("copied"), world.database()).unwrap();
    world.record(3);
    assert!(world.restore(&second).is_err());
    assert_eq!(world.hidden(), [0, 3]);
}

#[test]
fn a_registry_with_as_many_entries_that_are_others_is_seen_to_be_another() {
    let world = World::new();
    world.record(0);
    let older = fs::read(world.database()).unwrap();
    world.record(1);
    let running = Live::open(world.path("x.firm"), Some(world.registry())).unwrap();
    // In place, so that it is the same file; and another entry comes before anybody looks.
    fs::write(world.database(), older).unwrap();
    world.record(2);
    let said = running.refresh().unwrap_err().to_string();
    assert!(said.contains("its first 2 entries and 0 steps were others"), "{said}");
    assert_eq!(hidden(&running), [0, 2]);
    assert!(!running.refresh().unwrap());
}

#[test]
fn a_backup_that_is_damaged_or_of_another_key_is_refused_and_nothing_changes() {
    let world = World::new();
    world.record(0);
    let backup = world.backup("backup");
    fs::remove_file(world.database()).unwrap();
    let other = World::new();
    assert!(world.restore(&other.backup("backup")).is_err());
    let mut bytes = fs::read(backup.join("registry.db")).unwrap();
    let from = bytes.len() - 5000;
    bytes[from..].fill(0xa5);
    fs::write(backup.join("registry.db"), bytes).unwrap();
    let refused = world.restore(&backup).unwrap_err().to_string();
    assert!(refused.contains("damaged") || refused.contains("malformed"), "{refused}");
    assert!(!world.database().exists());
    assert!(world.restore(Path::new("/nowhere")).is_err());
}

#[test]
fn a_registry_is_not_restored_from_itself() {
    let world = World::new();
    world.record(0);
    let refused = world.restore(&world.folder()).unwrap_err().to_string();
    assert!(refused.contains("is the registry itself"), "{refused}");
    world.record(1);
}

#[cfg(unix)]
#[test]
fn who_waits_for_a_turn_while_the_file_is_replaced_records_into_what_is_there() {
    let world = World::new();
    world.record(0);
    let backup = world.backup("backup");
    let (registry, folder) = (world.registry(), fs::File::open(world.folder()).unwrap());
    folder.lock().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let by = Identifier::domain("example.nl").unwrap();
            registry.record(Request::new(Right::Objection).by(by))
        });
        // It has come as far as it can; if it has not, it does not wait for what is replaced.
        std::thread::sleep(std::time::Duration::from_millis(100));
        fs::rename(backup.join("registry.db"), world.database()).unwrap();
        folder.unlock().unwrap();
        assert_eq!(waiting.join().unwrap().unwrap().entry, 2);
    });
    assert_eq!(world.registry().entries().unwrap().len(), 2);
}
