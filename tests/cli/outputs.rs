//! What a command writes destroys nothing: no input, no file of another sort, no device; and all that a
//! build writes appears together.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Command as Process, Stdio};

use tempfile::TempDir;

use crate::{Ran, firmtrie, index, text, write};

const ROWS: &str = "network,name\n1.0.0.0/24,Example B.V.\n";

/// A folder with a source, a manifest of it, a policy and a registry.
fn folder() -> TempDir {
    let dir = TempDir::new().unwrap();
    write(&dir, "networks.csv", ROWS);
    write(&dir, "policy.toml", "preset = \"strict\"\n");
    let manifest = "policy = \"policy.toml\"\nregistry = \"registry\"\n[[source]]\nname = \"whois\"\n\
                    format = \"networks\"\npath = \"networks.csv\"\nbasis = \"a test\"\n";
    write(&dir, "firmtrie.toml", manifest);
    write(&dir, "letter.txt", "Dear Sir or Madam\n");
    let made = firmtrie("", &["registry", "init", text(&dir.path().join("registry"))]);
    assert_eq!(made.code, Some(0), "{}", made.errors);
    dir
}

/// Runs a command, which is refused with this word, and after which the file is as it was.
fn refused(file: &Path, says: &str, arguments: &[&str]) {
    let before = fs::read(file).unwrap();
    let ran = firmtrie("", arguments);
    assert_eq!(ran.code, Some(1), "{arguments:?}");
    assert!(ran.errors.contains(text(file)) && ran.errors.contains(says), "{}", ran.errors);
    assert_eq!(fs::read(file).unwrap(), before, "{arguments:?}");
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
}

#[test]
fn what_a_build_reads_is_never_replaced_by_its_index_or_its_report() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let (manifest, index) = (at("firmtrie.toml"), at("x.firm"));
    symlink(at("networks.csv"), at("link.firm")).unwrap();
    for input in [
        "firmtrie.toml",
        "networks.csv",
        "policy.toml",
        "registry/registry.db",
        "registry/registry.key",
    ] {
        let input = at(input);
        for force in [&[][..], &["--force"]] {
            let says =
                if force.is_empty() { "name another file" } else { "is read by this command" };
            let build = [&["build", text(&manifest)], force].concat();
            refused(&input, says, &[&build[..], &["-o", text(&input)]].concat());
            let report = ["-o", text(&index), "--report", text(&input)];
            refused(&input, says, &[&build[..], &report].concat());
            assert!(!index.exists());
        }
    }
    // Which is there only while the registry is changed.
    let journal = at("registry/registry.db-journal");
    let ran = firmtrie("", &["build", text(&manifest), "-o", text(&journal)]);
    assert!(ran.errors.contains("is read by this command") && !journal.exists(), "{}", ran.errors);
    let before = fs::read(at("networks.csv")).unwrap();
    let ran = firmtrie("", &["build", text(&manifest), "--force", "-o", text(&at("link.firm"))]);
    assert!(ran.errors.contains("link.firm: is read by this command"), "{}", ran.errors);
    assert_eq!(fs::read(at("networks.csv")).unwrap(), before);
}

#[test]
fn a_file_of_another_sort_is_replaced_only_when_that_is_forced() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let (letter, index, report) = (at("letter.txt"), at("x.firm"), at("report.json"));
    let manifest = at("firmtrie.toml");
    let build = ["build", text(&manifest)];
    refused(&letter, "is not an index", &[&build[..], &["-o", text(&letter)]].concat());
    let diary = write(&dir, "diary", "FIRMTRIE diary");
    refused(&diary, "is not an index", &[&build[..], &["-o", text(&diary)]].concat());
    let to_letter = ["-o", text(&index), "--report", text(&letter)];
    refused(&letter, "is not a report of a build", &[&build[..], &to_letter].concat());
    assert!(!index.exists());
    // Its own are replaced, night after night; so is what is empty.
    fs::write(&report, "").unwrap();
    for _ in 0..2 {
        for report in [text(&report), text(&at("table.txt"))] {
            done(&firmtrie("", &[&build[..], &["-o", text(&index), "--report", report]].concat()));
        }
    }
    // One for the other is a slip.
    refused(
        &index,
        "is not a report",
        &[&build[..], &["-o", text(&at("y.firm")), "--report", text(&index)]].concat(),
    );
    refused(&report, "is not an index", &[&build[..], &["-o", text(&report)]].concat());
    refused(
        &index,
        "named for two",
        &[&build[..], &["-o", text(&index), "--report", text(&index), "--force"]].concat(),
    );
    done(&firmtrie("", &[&build[..], &["--force", "-o", text(&letter)]].concat()));
    assert!(fs::read(&letter).unwrap().starts_with(b"FIRMTRIE"));
}

#[test]
fn an_access_answer_replaces_its_own_page_and_nothing_else() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let (index, page) = (index(&dir), at("answer.html"));
    let registry = at("registry");
    let key = registry.join("registry.key");
    let asked = [
        "registry",
        "subject",
        text(&registry),
        "--name",
        "Example, Inc.",
        "--index",
        text(&index),
    ];
    for (file, says) in [
        (at("networks.csv"), "is not a page of an answer"),
        (key.clone(), "is not a page of an answer"),
        (index.clone(), "is not a page of an answer"),
    ] {
        refused(&file, says, &[&asked[..], &["--page", text(&file)]].concat());
    }
    refused(&key, "is read by this", &[&asked[..], &["--force", "--page", text(&key)]].concat());
    refused(
        &index,
        "is read by this",
        &[&asked[..], &["--force", "--page", text(&index)]].concat(),
    );
    let who = write(&dir, "who.json", "{\"name\": \"Example, Inc.\"}");
    let by_file =
        ["registry", "subject", text(&registry), "--who", text(&who), "--index", text(&index)];
    refused(&who, "is read by this", &[&by_file[..], &["--force", "--page", text(&who)]].concat());
    for _ in 0..2 {
        done(&firmtrie("", &[&asked[..], &["--page", text(&page)]].concat()));
    }
    let printed = firmtrie("", &[&asked[..], &["--page", "-"]].concat());
    assert_eq!(printed.output, fs::read_to_string(&page).unwrap(), "and nothing beside the page");
    let both = firmtrie("", &[&asked[..], &["--page", "-", "--json"]].concat());
    assert_eq!(both.code, Some(2));
    assert!(both.errors.contains("named for the page and for JSON"), "{}", both.errors);
    let folder = dir.path().join("none/");
    let ran = firmtrie("", &[&asked[..], &["--page", text(&folder)]].concat());
    assert!(ran.code == Some(1) && ran.errors.contains("is a directory that is not there"));
    assert!(!at("none").exists());
}

#[test]
fn a_device_or_a_pipe_is_written_to_and_stays_what_it_is() {
    let dir = folder();
    let manifest = dir.path().join("firmtrie.toml");
    let build = ["build", text(&manifest)];
    done(&firmtrie("", &[&build[..], &["-o", "/dev/null", "--report", "/dev/null"]].concat()));
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    let file = dir.path().join("x.firm");
    done(&firmtrie("", &[&build[..], &["-o", text(&file)]].concat()));
    let expected = fs::read(&file).unwrap();
    // Standard output, by its name and by its device, into a pipe and into a file.
    for name in ["-", "/dev/stdout", "/dev/fd/1"] {
        let mut process = Process::new(env!("CARGO_BIN_EXE_firmtrie"));
        process.args(build).args(["-o", name]).stderr(Stdio::null());
        assert_eq!(process.output().unwrap().stdout, expected, "{name} into a pipe");
        let redirected = dir.path().join("redirected.firm");
        process.stdout(fs::File::create(&redirected).unwrap());
        assert!(process.status().unwrap().success());
        assert_eq!(fs::read(&redirected).unwrap(), expected, "{name} into a file");
        let appended = fs::OpenOptions::new().append(true).open(&redirected).unwrap();
        process.stdout(appended);
        assert!(process.status().unwrap().success());
        let twice = [&expected[..], &expected].concat();
        assert_eq!(fs::read(&redirected).unwrap(), twice, "{name} behind what is in a file");
    }
    // The shell has opened a source to be written to.
    let source = dir.path().join("networks.csv");
    let mut process = Process::new(env!("CARGO_BIN_EXE_firmtrie"));
    process.args(build).args(["-o", "-"]).stderr(Stdio::null());
    process.stdout(fs::File::options().append(true).open(&source).unwrap());
    assert!(!process.status().unwrap().success());
    assert_eq!(fs::read_to_string(&source).unwrap(), ROWS);
    let ran = firmtrie("", &[&build[..], &["-o", "-", "--report", "-"]].concat());
    assert!(ran.errors.contains("standard output is named for two outputs"), "{}", ran.errors);
    assert_eq!(firmtrie("", &[&build[..], &["-o", "-", "--json"]].concat()).code, Some(2));
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_old_index() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let (manifest, index) = (at("firmtrie.toml"), at("x.firm"));
    let build = ["build", text(&manifest), "-o", text(&index), "--report"];
    done(&firmtrie("", &[&build[..], &[text(&at("report.json"))]].concat()));
    let before = fs::read(&index).unwrap();
    write(&dir, "networks.csv", "network,name\n1.0.0.0/24,Other B.V.\n");
    // Its folder is missing, which is known before; or the device is full, which is not.
    for report in [text(&at("no/report.json")), "/dev/full"] {
        let ran = firmtrie("", &[&build[..], &[report]].concat());
        assert_eq!(ran.code, Some(1), "{report}");
        assert!(ran.errors.contains(report), "{}", ran.errors);
        assert_eq!(fs::read(&index).unwrap(), before, "{report}");
    }
}

#[test]
fn a_build_says_how_old_the_public_lists_are() {
    let dir = TempDir::new().unwrap();
    write(&dir, "networks.csv", ROWS);
    let build = |as_of: &str, listed: &str| {
        let manifest = format!(
            "as_of = {as_of}\n{listed}[[source]]\nname = \"whois\"\nformat = \"networks\"\n\
             path = \"networks.csv\"\nbasis = \"a test\"\n"
        );
        write(&dir, "firmtrie.toml", &manifest);
        let path = |name: &str| text(&dir.path().join(name)).to_owned();
        let ran = firmtrie("", &["build", &path("firmtrie.toml"), "-o", &path("out.firm")]);
        done(&ran);
        ran.errors.contains("NOTE: the public lists of kinds are of 20")
    };
    assert!(build("2099-01-01", ""));
    assert!(!build("2099-01-01", "listed_kinds = false\n"));
    assert!(!build("2026-11-01", ""));
}
