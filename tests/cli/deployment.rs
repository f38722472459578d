//! What a nightly build and its readers rely on: an index is published whole or not at all, and keys are
//! read as containers have them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{firmtrie, text, write};

/// An index of one firm, under a registry if one is named.
fn built(dir: &TempDir, name: &str, firm: &str, registry: Option<&Path>) -> PathBuf {
    let rows = write(dir, "rows.csv", format!("network,name\n1.0.0.0/24,{firm}\n"));
    let path = dir.path().join(name);
    let mut arguments = vec!["build", text(&rows), "-q", "--basis", "a test", "-o", text(&path)];
    if let Some(registry) = registry {
        arguments.extend(["--registry", text(registry)]);
    }
    let ran = firmtrie("", &arguments);
    // Under a registry it warns that nobody answers for the index.
    assert_eq!((ran.code, ran.errors.is_empty()), (Some(0), registry.is_none()), "{}", ran.errors);
    path
}

fn shown(index: &Path) -> String {
    firmtrie("", &["lookup", text(index), "1.0.0.1"]).output
}

#[test]
fn a_new_index_takes_the_place_of_the_live_one_which_keeps_its_owner_and_mode() {
    let dir = TempDir::new().unwrap();
    let (live, new) =
        (built(&dir, "live.firm", "Old B.V.", None), built(&dir, "new.firm", "New B.V.", None));
    fs::set_permissions(&live, PermissionsExt::from_mode(0o640)).unwrap();
    let before = fs::metadata(&live).unwrap();
    let held = fs::File::open(&live).unwrap();
    let ran = firmtrie("", &["publish", text(&new), text(&live)]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    assert!(shown(&live).contains("New B.V."));
    let after = fs::metadata(&live).unwrap();
    assert_eq!((after.mode(), after.uid()), (before.mode(), before.uid()));
    assert_ne!(after.ino(), before.ino(), "another file");
    assert_eq!(held.metadata().unwrap().len(), before.len(), "who has the old one open keeps it");
    assert!(new.exists());
}

#[test]
fn what_is_damaged_or_brings_back_who_objected_is_not_published() {
    let dir = TempDir::new().unwrap();
    let registry = dir.path().join("registry");
    firmtrie("", &["registry", "init", text(&registry)]);
    let none = built(&dir, "none.firm", "New B.V.", None);
    let early = built(&dir, "early.firm", "New B.V.", Some(&registry));
    let objected = firmtrie("", &["registry", "object", text(&registry), "--name", "New B.V."]);
    assert_eq!(objected.code, Some(0));
    let live = built(&dir, "live.firm", "New B.V.", Some(&registry));
    assert!(shown(&live).ends_with("withheld\n"));
    let before = fs::read(&live).unwrap();
    let mut damaged = before.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = write(&dir, "damaged.firm", damaged);
    let letter = write(&dir, "letter.txt", "Dear Sir or Madam");
    for (new, to, says) in [
        (&damaged, &live, "damaged index"),
        (&letter, &live, "not a firmtrie index"),
        (&none, &live, "whoever objected would come back"),
        (
            &early,
            &live,
            "a registry of 1 entries and 0 steps, and the new index under one of 0 and 0",
        ),
        (&live, &letter, "is there, and is not an index"),
        (&live, &live, "is read by this command"),
    ] {
        let ran = firmtrie("", &["publish", text(new), text(to)]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.errors.contains(says), "{}", ran.errors);
        assert_eq!(fs::read(&live).unwrap(), before);
    }
    assert_eq!(fs::read(&letter).unwrap(), b"Dear Sir or Madam");
    let again = built(&dir, "again.firm", "New B.V.", Some(&registry));
    assert_eq!(firmtrie("", &["publish", "-q", text(&again), text(&live)]).code, Some(0));
    let forced = ["publish", "--without-registry", text(&none), text(&live)];
    assert_eq!(firmtrie("", &forced).code, Some(0));
    assert!(shown(&live).contains("New B.V."));
}

/// The command of a user who is nobody, in a group.
fn as_nobody(group: u32, arguments: &[&str], told: bool) -> Option<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args(arguments).uid(65534).gid(group);
    if told {
        command.env("FIRMTRIE_KEY_GROUP_READABLE", "1");
    }
    // Only the superuser may become another, and the binary may lie where only they may go.
    command.output().ok()
}

#[test]
fn a_key_is_read_as_containers_have_it_and_a_registry_where_nothing_may_be_written() {
    const GROUP: u32 = 54321;
    let dir = TempDir::new().unwrap();
    let (registry, key) = (dir.path().join("registry"), dir.path().join("registry.key"));
    let at = ["--key", text(&key)];
    firmtrie("", &[&["registry", "init", text(&registry)], &at[..]].concat());
    let object = ["registry", "object", text(&registry), "--name", "New B.V."];
    assert_eq!(firmtrie("", &[&object[..], &at].concat()).code, Some(0));
    let mode =
        |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let list = [&["registry", "list", text(&registry)], &at[..]].concat();
    // Readable by everybody: refused, with what to do; by its group: when told.
    mode(&key, 0o444);
    let ran = firmtrie("", &list);
    assert!(
        ran.errors.contains("its mode is 0444") && ran.errors.contains("0400 or 0440"),
        "{}",
        ran.errors
    );
    mode(&key, 0o440);
    let ran = firmtrie("", &list);
    assert!(ran.errors.contains("set FIRMTRIE_KEY_GROUP_READABLE=1"), "{}", ran.errors);
    mode(&key, 0o460);
    assert!(firmtrie("", &list).errors.contains("changed by its group"));

    mode(dir.path(), 0o755);
    mode(&registry, 0o550);
    mode(&key, 0o440);
    let files = [registry.clone(), registry.join("registry.db"), key.clone()];
    let given = files.iter().all(|path| chown(path, None, Some(GROUP)).is_ok());
    mode(&registry.join("registry.db"), 0o440);
    let asked = if given { as_nobody(GROUP, &list, true) } else { None };
    let Some(done) = asked else {
        writeln!(std::io::stderr(), "SKIPPED: readers as another user").unwrap();
        return;
    };
    let (out, errors) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && out.contains("1\tobjection"), "{errors}");
    let lift = [&["registry", "lift", text(&registry), "1"], &at[..]].concat();
    let refused = as_nobody(GROUP, &lift, true).unwrap();
    assert_eq!(refused.status.code(), Some(1), "it may be read, and not written");
    let stranger = as_nobody(GROUP + 1, &list, true).unwrap();
    assert_eq!(stranger.status.code(), Some(1));
}
