//! What the registry promises of its files: private, append-only, kept with their key.
#![cfg(feature = "registry")]

use std::path::Path;

use firmtrie::Field;
use firmtrie::registry::{Date, Identifier, Registry, Request, Right, Step};
use rusqlite::Connection;

fn example() -> Identifier {
    Identifier::name("Exämple Väg B.V.", None, Some("NL")).expect("a name")
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn objection() -> Request {
    Request::new(Right::Objection).by(example())
}

#[test]
fn a_recorded_request_is_there_when_the_registry_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let request = objection().received(day("2026-01-31")).reason("because").channel("mail");
    let entry = registry.record(request.by(Identifier::domain("example.nl").unwrap())).unwrap();
    let again = Registry::open(dir.path(), None).unwrap();
    assert_eq!(again.entries().unwrap(), std::slice::from_ref(&entry));
    assert_eq!(entry.identified_by, ["name", "domain"]);
    assert_eq!(entry.due, day("2026-02-28"));
    assert_eq!(again.due().unwrap().len(), 1);
}

#[test]
fn a_request_goes_its_steps_and_none_twice() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let entry = registry.record(objection().received(day("2026-08-31"))).unwrap().entry;
    registry.step(entry, Step::IdentityAsked, None, None).unwrap();
    registry.step(entry, Step::Verified, None, None).unwrap();
    let error = registry.step(entry, Step::Extended, None, None).unwrap_err().to_string();
    assert!(error.contains("without a reason"), "{error}");
    let extended = registry.step(entry, Step::Extended, None, Some("many requests")).unwrap();
    assert_eq!(extended.due, day("2026-11-30"));
    registry.step(entry, Step::Extended, None, Some("more")).expect_err("extended twice");
    let done = registry.step(entry, Step::Done, Some(day("2026-09-30")), None).unwrap();
    assert_eq!(done.step, Step::Done);
    assert!(registry.due().unwrap().is_empty());
    registry.step(entry, Step::Refused, None, Some("no")).expect_err("done, then refused");
    assert_eq!(registry.lift(entry, None).unwrap().step, Step::Lifted);
    registry.lift(entry, None).expect_err("lifted twice");
    let steps: Vec<_> =
        registry.history(Some(entry)).unwrap().iter().map(|t| t.step.as_str()).collect();
    assert_eq!(steps, ["identity_asked", "verified", "extended", "done", "lifted"]);
    registry.step(7, Step::Done, None, None).expect_err("no entry 7");
    let error = registry.history(Some(7)).expect_err("no entry 7").to_string();
    assert!(error.contains("no entry 7"), "{error}");
}

#[test]
fn requests_that_cannot_be_held_are_refused_and_nothing_of_them_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let prefix = "192.0.2.0/24".parse().unwrap();
    let refused = [
        (Request::new(Right::Objection), "whom"),
        (Request::new(Right::Restriction).by(example()), "until when"),
        (Request::new(Right::Restriction).by(example()).until(day("2020-01-01")), "ends before"),
        (objection().until(day("2030-01-01")), "only a restriction"),
        (objection().received(day("2999-01-01")), "after today"),
        (Request::new(Right::Rectification).by(example()), "which field"),
        (
            Request::new(Right::Rectification).prefix(prefix).rectify(Field::City, "Delft", None),
            "whose",
        ),
        (objection().rectify(Field::City, "Delft", None), "only a rectification"),
        (Request::new(Right::Withdrawal).by(example()), "e-mail"),
        (Request::new(Right::Rectification).by(example()).rectify(Field::Vat, "NL1", None), "VAT"),
        (
            Request::new(Right::Rectification).by(example()).rectify(
                Field::Country,
                "Holland",
                None,
            ),
            "ISO 3166",
        ),
    ];
    for (request, why) in refused {
        let error = registry.record_all([objection(), request]).unwrap_err().to_string();
        assert!(error.contains(why), "{error} should say {why}");
    }
    assert!(registry.entries().unwrap().is_empty());
}

#[test]
fn without_its_own_key_nothing_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, key) = (dir.path().join("registry"), dir.path().join("elsewhere.key"));
    Registry::create(&folder, Some(&key)).unwrap();
    Registry::open(&folder, Some(&key)).unwrap();
    let said = |key: Option<&Path>| Registry::open(&folder, key).expect_err("refused").to_string();
    assert!(said(None).contains("the key cannot be read"), "{}", said(None));
    let other = dir.path().join("other");
    Registry::create(&other, None).unwrap();
    let wrong = other.join("registry.key");
    assert!(said(Some(&wrong)).contains("another key"), "{}", said(Some(&wrong)));
    Registry::create(&folder, Some(&wrong)).expect_err("there is one already");
    Registry::open(dir.path(), Some(&key)).expect_err("none there");
}

#[cfg(unix)]
#[test]
fn its_files_are_their_owners_and_a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    registry.record(objection()).unwrap();
    let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap());
    let modes: Vec<_> = files
        .map(|file| (file.file_name(), file.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    assert!(modes.len() == 2 && modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
    let key = dir.path().join("registry.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Registry::open(dir.path(), None).expect_err("refused").to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn rows_are_never_changed_deleted_or_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let entry = registry.record(objection()).unwrap().entry;
    registry.step(entry, Step::Done, None, None).unwrap();
    let database = Connection::open(dir.path().join("registry.db")).unwrap();
    for statement in [
        "DELETE FROM entries",
        "UPDATE entries SET hashes = x''",
        "INSERT OR REPLACE INTO entries SELECT id, right, received, until, recorded, kinds, x'', prefixes, sealed FROM entries",
        "REPLACE INTO entries (id, right, received, recorded, kinds, hashes, prefixes) VALUES (1, 3, '', '', '', x'', '')",
        "DELETE FROM steps",
        "UPDATE steps SET step = 6",
        "INSERT OR REPLACE INTO steps SELECT id, entry, 5, day, recorded, sealed FROM steps",
        "INSERT OR REPLACE INTO steps (entry, step, day, recorded) VALUES (1, 4, '', '')",
        "DELETE FROM meta",
        "UPDATE meta SET value = ''",
        "INSERT OR REPLACE INTO meta VALUES ('key', '')",
    ] {
        let error = database.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("only grows"), "{statement}: {error}");
    }
    assert_eq!(registry.entries().unwrap().len(), 1);
}

#[test]
fn the_files_give_nothing_away() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let request = Request::new(Right::Rectification)
        .by(example())
        .by(Identifier::domain("geheim.example.com").unwrap())
        .by(Identifier::email("klacht@geheim.example.com").unwrap())
        .by(Identifier::vat("NL004495445B01").unwrap())
        .by(Identifier::lei("529900T8BM49AURSDO55").unwrap())
        .by(Identifier::register("01234567", Some("NL")).unwrap())
        .reason("Omdat het moet")
        .channel("per brief")
        .rectify(Field::Street, "Achterweg 12", Some("Voorweg 11".to_owned()));
    let entry = registry.record(request).unwrap().entry;
    registry.step(entry, Step::Refused, None, Some("Geen bewijs")).unwrap();
    let secrets = [
        "exämple",
        "example vag",
        "examplevag",
        "exampleväg",
        "geheim",
        "klacht",
        "004495445",
        "529900T8BM49AURSDO55",
        "1234567",
        "omdat het",
        "brief",
        "achterweg",
        "voorweg",
        "bewijs",
    ];
    let mut searched = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase();
        searched += bytes.len();
        for secret in secrets {
            let secret = secret.to_ascii_lowercase();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in the registry");
        }
    }
    assert!(searched > 10_000, "the write-ahead log is searched too");
}

#[test]
fn of_two_final_steps_at_once_one_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    for _ in 0..10 {
        let entry = registry.record(objection()).unwrap().entry;
        let take = |step| {
            let other = Registry::open(dir.path(), None).unwrap();
            move || other.step(entry, step, None, Some("because")).is_ok()
        };
        let (done, refused) = (take(Step::Done), take(Step::Refused));
        let taken = std::thread::scope(|scope| {
            [scope.spawn(done), scope.spawn(refused)].map(|thread| thread.join().unwrap())
        });
        assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
        assert_eq!(registry.history(Some(entry)).unwrap().len(), 1);
    }
}

#[test]
fn a_step_is_dated_between_the_request_and_today() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let entry = registry.record(objection().received(day("2026-10-02"))).unwrap().entry;
    let tomorrow = firmtrie::registry::today().tomorrow().unwrap();
    let refused = [(tomorrow, "after today"), (day("2026-10-01"), "before the request")];
    for (on, why) in refused {
        let error = registry.step(entry, Step::Verified, Some(on), None).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    registry.step(entry, Step::Verified, Some(day("2026-10-09")), None).unwrap();
    registry.step(entry, Step::Done, Some(firmtrie::registry::today()), None).unwrap();
}

#[test]
fn a_sealed_text_opens_with_its_own_entry_only() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    for reason in ["of the first", "of the second"] {
        registry.record(objection().reason(reason)).unwrap();
    }
    assert_eq!(registry.unseal(2).unwrap(), [("reason".to_owned(), "of the second".to_owned())]);
    // Who can write the file puts the one in the place of the other.
    let database = Connection::open(dir.path().join("registry.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER entries_fixed;
             UPDATE entries SET sealed = (SELECT sealed FROM entries WHERE id = 1) WHERE id = 2;",
        )
        .unwrap();
    drop(database);
    assert!(registry.unseal(2).unwrap_err().to_string().contains("damaged"));
    assert!(registry.unseal(1).is_ok());
}
