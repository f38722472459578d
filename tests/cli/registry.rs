//! The registry from the command line: requests, their answers, and that nothing acknowledged is lost.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Ran, firmtrie, text, write};

fn made(dir: &TempDir) -> PathBuf {
    let folder = dir.path().join("registry");
    let ran = firmtrie("", &["registry", "init", text(&folder)]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    assert!(ran.output.contains("keep a copy of the key"), "{}", ran.output);
    folder
}

/// `registry COMMAND DIR rest`.
fn registry(folder: &Path, command: &str, rest: &[&str]) -> Ran {
    firmtrie("", &[&["registry", command, text(folder)], rest].concat())
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.errors, "");
    serde_json::from_str(&ran.output).unwrap()
}

#[test]
fn whom_a_request_is_about_need_not_be_an_argument() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let asked = |command: &str, who: &str, rest: &[&str]| {
        firmtrie(
            who,
            &[&["registry", command, text(&folder), "--who", "-", "--json"], rest].concat(),
        )
    };
    let who = r#"{"name": ["Alpha B.V.", "Alfa B.V."], "country": "NL", "email": "a@alpha.example",
        "prefix": "8.1.0.0/24", "received": "2026-01-31", "channel": "mail"}"#;
    let entry = json(&asked("object", who, &["--reason", "not wanted"]));
    assert_eq!(entry["identified_by"], serde_json::json!(["name", "email"]));
    assert_eq!((&entry["received"], &entry["prefixes"]), (&"2026-01-31".into(), &1.into()));
    let held = json(&asked("subject", r#"{"name": "Alfa B.V.", "country": "NL"}"#, &[]));
    assert_eq!(held["requests"].as_array().unwrap().len(), 1, "{held}");

    let right = r#"{"domain": "alpha.example", "value": "Utrecht", "old": "Amsterdam"}"#;
    json(&asked("rectify", right, &["--field", "city"]));
    let history = json(&registry(&folder, "history", &["2", "--unseal", "--json"])).to_string();
    assert!(history.contains("Utrecht") && history.contains("Amsterdam"), "{history}");

    // A word that is there twice says both.
    let who = r#"{"domain": "beta.example", "domain": "beta.test"}"#;
    assert_eq!(asked("object", who, &[]).code, Some(0));
    for domain in ["beta.example", "beta.test"] {
        let held = json(&registry(&folder, "subject", &["--domain", domain, "--json"]));
        assert_eq!(held["requests"].as_array().unwrap().len(), 1, "{domain}");
    }

    for (who, rest, said) in [
        ("", &[][..], "standard input: is no object of texts"),
        ("[]", &[], "expected an object"),
        (r#"{"name": 1}"#, &[], "neither a text nor a list of texts"),
        (r#"{"nmae": "Firm"}"#, &[], "nmae"),
        (r#"{"name": "Firm", "country": "NL"}"#, &["--country", "BE"], "country is given twice"),
        (r#"{"name": "Firm", "country": "NL", "country": "BE"}"#, &[], "country is given twice"),
    ] {
        let ran = asked("object", who, rest);
        assert_eq!(ran.code, Some(2), "{who}: {}", ran.errors);
        assert!(ran.errors.contains(said), "{who}: {}", ran.errors);
    }
    let ran = asked("rectify", r#"{"domain": "alpha.example"}"#, &["--field", "city"]);
    assert!(ran.code == Some(2) && ran.errors.contains("--value"), "{}", ran.errors);
    assert_eq!(json(&registry(&folder, "list", &["--json"])).as_array().unwrap().len(), 3);
}

#[test]
fn an_objection_goes_from_mail_to_proof() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let rows = write(&dir, "rows.csv", super::ROWS);
    let index = dir.path().join("companies.firm");
    let build = || {
        let arguments = ["build", text(&rows), "-o", text(&index), "--registry", text(&folder)];
        firmtrie(
            "",
            &[&arguments[..], &["--source", "rows", "--basis", "made up for tests"]].concat(),
        )
    };
    assert_eq!(build().code, Some(0));
    assert!(
        firmtrie("", &["info", text(&index), "--registry", text(&folder)])
            .output
            .contains("as it is today")
    );

    let who = ["--name", "EXAMPLE incorporated", "--country", "US"];
    let how = ["--received", "2026-01-31", "--channel", "mail", "--reason", "not wanted"];
    let ran = registry(&folder, "object", &[&who[..], &how].concat());
    assert_eq!(
        ran.output, "1\tobjection\treceived\treceived 2026-01-31, due 2026-02-28, by name\n",
        "{}",
        ran.errors
    );
    let info = firmtrie("", &["info", text(&index), "--registry", text(&folder), "--json"]);
    assert_eq!(json(&info)["registry_is_current"], false);
    assert_eq!(build().code, Some(0));
    let ran = firmtrie("", &["lookup", text(&index), "1.0.0.9"]);
    assert_eq!(ran.output, "1.0.0.9\t1.0.0.0/24\t-\twithheld\n");

    let ran = registry(&folder, "due", &["--on", "2026-02-28"]);
    assert_eq!(ran.code, Some(0), "{}", ran.output);
    let ran = registry(&folder, "due", &["--on", "2026-03-01"]);
    assert_eq!((ran.code, ran.output.trim_end().ends_with("LATE")), (Some(1), true));
    let ran = registry(&folder, "step", &["1", "extended", "--reason", "many requests"]);
    assert!(ran.output.contains("due 2026-04-30"), "{}", ran.output);
    assert_eq!(registry(&folder, "step", &["1", "done", "--day", "2026-02-20"]).code, Some(0));
    assert_eq!(registry(&folder, "due", &["--on", "2030-01-01"]).code, Some(0));

    let held = json(&registry(
        &folder,
        "subject",
        &[&who[..], &["--index", text(&index), "--json"]].concat(),
    ));
    assert_eq!(held["companies"], serde_json::json!([]));
    assert_eq!(held["requests"][0]["step"], "done");
    let history = json(&registry(&folder, "history", &["1", "--unseal", "--json"]));
    assert_eq!(
        history["unsealed"],
        serde_json::json!([
            ["channel", "mail"],
            ["reason", "not wanted"],
            ["extended", "many requests"]
        ])
    );
    let list = registry(&folder, "list", &[]).output;
    assert!(
        !list.to_lowercase().contains("example") && list.contains("1\tobjection\tdone"),
        "{list}"
    );

    assert_eq!(registry(&folder, "lift", &["1"]).code, Some(0));
    let again = registry(&folder, "lift", &["1"]);
    assert_eq!(
        (again.code, again.errors.contains("lifted already")),
        (Some(1), true),
        "{}",
        again.errors
    );
    assert_eq!(build().code, Some(0));
    assert!(firmtrie("", &["lookup", text(&index), "1.0.0.9"]).output.contains("Example, Inc."));
}

#[test]
fn every_right_has_a_command_and_every_answer_is_json_too() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let name = ["--name", "Example B.V.", "--country", "NL", "--json"];
    for (command, rest, right) in [
        ("object", &[][..], "objection"),
        ("erase", &["--prefix", "192.0.2.0/24", "--address", "2001:db8::1"], "erasure"),
        ("restrict", &["--until", "2999-01-01"], "restriction"),
        (
            "rectify",
            &["--field", "city", "--value", "Delft", "--old", "Gouda", "--reason", "moved"],
            "rectification",
        ),
        ("access", &[], "access"),
        ("portability", &[], "portability"),
        ("withdraw", &["--email", "eva@example.nl"], "withdrawal"),
    ] {
        let entry = json(&registry(&folder, command, &[rest, &name].concat()));
        assert_eq!(entry["right"], right);
    }
    assert_eq!(json(&registry(&folder, "list", &["--json"])).as_array().unwrap().len(), 7);
    for (command, rest, code, said) in [
        ("object", &[][..], 1, "whom"),
        ("object", &["--vat", "NL1"], 1, "VAT"),
        ("object", &["--prefix", "192.0.2.1/24"], 1, "192.0.2.1/24"),
        (
            "rectify",
            &["--field", "colour", "--value", "red", "--domain", "example.nl"],
            2,
            "colour",
        ),
        ("step", &["99", "done"], 1, "no entry 99"),
        ("step", &["1", "over"], 2, "over"),
        ("subject", &[], 2, "say who"),
    ] {
        let ran = registry(&folder, command, rest);
        assert_eq!(
            (ran.code, ran.errors.contains(said)),
            (Some(code), true),
            "{command} {rest:?}: {}",
            ran.errors
        );
    }
    let nowhere = registry(dir.path(), "list", &[]);
    assert_eq!(
        (nowhere.code, nowhere.errors.contains("there is no registry here")),
        (Some(1), true)
    );
}

/// Objections by calls from four workers, of which a part is killed at a moment of chance.
#[cfg(unix)]
#[test]
fn nothing_acknowledged_is_lost_when_calls_are_killed() {
    const CALLS: u32 = 1000;
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let (next, acknowledged) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    let killed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let call = next.fetch_add(1, Ordering::Relaxed);
                    if call >= CALLS {
                        return;
                    }
                    let prefix = format!("11.{}.{}.0/24", call / 256, call % 256);
                    let mut child = Command::new(env!("CARGO_BIN_EXE_firmtrie"))
                        .args(["registry", "object", text(&folder), "--prefix", &prefix, "--json"])
                        .args(["--domain", "geheim.example.com", "--reason", "strikt geheim"])
                        .stdout(Stdio::piped())
                        .stderr(Stdio::null())
                        .spawn()
                        .unwrap();
                    // Every second one is killed, within twice the time that one takes.
                    if call % 2 == 0 {
                        let wait = u64::from(call.wrapping_mul(2_654_435_761) >> 16) % 12_000;
                        std::thread::sleep(Duration::from_micros(wait));
                        child.kill().unwrap();
                    }
                    let output = child.wait_with_output().unwrap();
                    if output.stdout.ends_with(b"\n") {
                        acknowledged.lock().unwrap().push(prefix);
                    } else {
                        killed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    // What was left by the dead is searched before anybody opens it again.
    for file in fs::read_dir(&folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase();
        for secret in [&b"geheim"[..], b"example.com", b"strikt"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
    let database = rusqlite::Connection::open(folder.join("registry.db")).unwrap();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut query = database.prepare("SELECT prefixes FROM entries").unwrap();
    let kept: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let acknowledged = acknowledged.into_inner().unwrap();
    for prefix in &acknowledged {
        assert!(kept.contains(prefix), "{prefix} was acknowledged and is not there");
    }
    let killed = killed.into_inner();
    assert!(
        killed > 50 && acknowledged.len() > 500,
        "{killed} killed, {} acknowledged",
        acknowledged.len()
    );

    // They all mask.
    let rows = write(&dir, "rows.csv", "11.0.0.0,11.255.255.255,1,Wide Works B.V.\n");
    let index = dir.path().join("x.firm");
    let arguments = [
        "build",
        text(&rows),
        "-o",
        text(&index),
        "--basis",
        "made up",
        "--registry",
        text(&folder),
    ];
    assert_eq!(firmtrie("", &arguments).code, Some(0));
    let asked: String = acknowledged.iter().map(|prefix| prefix.replace("0/24", "9\n")).collect();
    let answers = firmtrie(&asked, &["lookup", text(&index)]).output;
    assert!(answers.lines().all(|line| line.ends_with("withheld")), "{answers}");
}

/// Needs the right to mount: without it the test says so.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_and_acknowledges_nothing() {
    use std::io::Write as _;
    let dir = TempDir::new().unwrap();
    let small = dir.path().join("small");
    fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs", text(&small)])
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        let _ = writeln!(std::io::stderr(), "skipped: a tmpfs cannot be mounted here");
        return;
    }
    let _unmount = Unmount(small.clone());
    let folder = small.join("registry");
    assert_eq!(firmtrie("", &["registry", "init", text(&folder)]).code, Some(0));
    let reason = "x".repeat(20_000);
    let mut acknowledged = 0;
    let refused = (0..100).find_map(|_| {
        let ran = registry(&folder, "object", &["--domain", "example.nl", "--reason", &reason]);
        acknowledged += u32::from(ran.code == Some(0));
        (ran.code != Some(0)).then_some(ran)
    });
    let refused = refused.expect("256 KB are full at some time");
    assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""));
    assert!(
        refused.errors.contains("full") || refused.errors.contains("I/O"),
        "{}",
        refused.errors
    );
    fs::write(small.join("x"), b"").ok();
    // With room again everything acknowledged is there, and nothing else.
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let list = json(&registry(&copy, "list", &["--json"]));
    assert_eq!(list.as_array().unwrap().len() as u32, acknowledged);
}

#[cfg(target_os = "linux")]
struct Unmount(PathBuf);

#[cfg(target_os = "linux")]
impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_backup_is_whole_and_a_registry_that_was_half_made_is_finished() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    registry(&folder, "object", &["--domain", "example.nl"]);
    let copy = dir.path().join("copy");
    let ran = registry(&folder, "backup", &[text(&copy)]);
    assert!(ran.output.ends_with("without its key it is of no use\n"), "{}", ran.errors);
    assert_eq!(fs::read_dir(&copy).unwrap().count(), 1);
    assert_eq!(registry(&copy, "list", &[]).code, Some(1));
    let key = folder.join("registry.key");
    let listed = registry(&copy, "list", &["--key", text(&key)]).output;
    assert_eq!(listed, registry(&folder, "list", &[]).output);
    let again = registry(&folder, "backup", &[text(&copy), "--with-key"]);
    assert!(
        again.code == Some(1) && again.errors.contains("name another folder"),
        "{}",
        again.errors
    );
    assert_eq!(fs::read_dir(&copy).unwrap().count(), 1);

    let ran = registry(&folder, "restore", &[text(&copy)]);
    assert!(ran.output.ends_with("it has 1 entries\n"), "{}", ran.errors);
    registry(&folder, "object", &["--domain", "example.be"]);
    let ran = registry(&folder, "restore", &[text(&copy)]);
    assert!(ran.code == Some(1) && ran.errors.contains("a registry only grows"), "{}", ran.errors);
    fs::write(folder.join("registry.db"), "no database").unwrap();
    let ran = registry(&folder, "restore", &[text(&copy), "--json"]);
    assert_eq!(json(&ran)["entries"], 1, "{}", ran.errors);
    assert!(folder.join("registry.db.damaged-1").exists());

    let whole = dir.path().join("whole");
    assert_eq!(registry(&folder, "backup", &[text(&whole), "--with-key"]).code, Some(0));
    assert_eq!(registry(&whole, "list", &[]).output, listed);
    // A crash came after the key, or before the database had anything in it.
    for half in [false, true] {
        fs::remove_file(whole.join("registry.db")).unwrap();
        if half {
            fs::write(whole.join("registry.db"), "").unwrap();
        }
        assert_eq!(registry(&whole, "list", &[]).code, Some(1));
        let ran = registry(&whole, "init", &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
        assert!(ran.output.contains("the key was there already"), "{}", ran.output);
        assert_eq!(registry(&whole, "object", &["--domain", "example.nl"]).code, Some(0));
        assert_eq!(registry(&whole, "init", &[]).code, Some(1));
    }
}

/// An index of `Firm 0 Ltd` and so on, each with a /24 of 11.0.0.0/8.
fn many_firms(dir: &TempDir, count: usize) -> PathBuf {
    let row = |n| format!("11.{}.{}.0,11.{0}.{1}.255,{},Firm {n} Ltd\n", n / 256, n % 256, n + 1);
    let rows = write(dir, "many.csv", (0..count).map(row).collect::<String>());
    let index = dir.path().join("many.firm");
    let ran = firmtrie("", &["build", text(&rows), "-o", text(&index), "--policy", "open"]);
    assert_eq!(ran.code, Some(0), "{}", ran.errors);
    index
}

#[test]
fn recording_tells_what_it_meets_and_a_very_large_part_must_be_meant() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let index = many_firms(&dir, 300);
    let index = ["--index", text(&index)];
    let ran = registry(&folder, "object", &[&["--name", "firm 7 limited"], &index[..]].concat());
    assert!(ran.output.ends_with(", by name in any country\n"), "{}", ran.output);
    assert!(ran.errors.ends_with("takes out 1 networks: 11.0.7.0/24\n"), "{}", ran.errors);
    let slip = registry(&folder, "object", &[&["--domain", "exampel.nl"], &index[..]].concat());
    assert!(slip.errors.contains("nothing in it is known by this"), "{}", slip.errors);
    let told = json(&registry(
        &folder,
        "restrict",
        &[&["--prefix", "11.0.9.64/26", "--until", "2999-01-01", "--json"], &index[..]].concat(),
    ));
    assert_eq!(told["met"]["first"], serde_json::json!(["11.0.9.64/26"]));
    assert_eq!((&told["met"]["companies"], &told["met"]["networks"]), (&1.into(), &1.into()));
    // A hundredth of the index is three firms; a /8 is very large whatever is in it.
    for (prefix, with) in [("11.0.16.0/22", &index[..]), ("9.0.0.0/8", &[]), ("2000::/12", &[])] {
        let objection = [&["--prefix", prefix], with].concat();
        let ran = registry(&folder, "object", &objection);
        assert!(ran.code == Some(1) && ran.errors.contains("(--yes)"), "{}", ran.errors);
    }
    assert_eq!(registry(&folder, "list", &[]).output.lines().count(), 3);
    // Very many small ones are no large one.
    let small: Vec<_> = (0..300).map(|n| format!("2001:db8:{n:x}::/48")).collect();
    let small: Vec<_> = small.iter().flat_map(|net| ["--prefix", net]).collect();
    assert_eq!(registry(&folder, "object", &small).code, Some(0));
    for halves in [["9.0.0.0/9", "9.128.0.0/9"], ["0.0.0.0/0", "::/0"]] {
        let objection = ["--prefix", halves[0], "--prefix", halves[1]];
        assert_eq!(registry(&folder, "object", &objection).code, Some(1));
        let meant = [&objection[..], &["--yes"]].concat();
        assert_eq!(registry(&folder, "object", &meant).code, Some(0));
    }
}

#[test]
fn an_index_that_was_made_under_a_registry_is_not_replaced_without_one_unless_that_is_said() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let rows = write(&dir, "rows.csv", super::ROWS);
    let index = dir.path().join("companies.firm");
    let build = |more: &[&str]| {
        let build = ["build", text(&rows), "-o", text(&index), "--basis", "made up"];
        firmtrie("", &[&build[..], more].concat())
    };
    assert_eq!(build(&["--registry", text(&folder)]).code, Some(0));
    let before = fs::read(&index).unwrap();
    let ran = build(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.errors.contains("made under a registry"), "{}", ran.errors);
    assert_eq!(fs::read(&index).unwrap(), before);
    assert_eq!(build(&["--without-registry"]).code, Some(0));
    assert_eq!(build(&[]).code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn an_entry_is_not_called_failed_when_nobody_hears_what_it_meets() {
    let dir = TempDir::new().unwrap();
    let (folder, index) = (made(&dir), many_firms(&dir, 10));
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args([
        "registry",
        "object",
        text(&folder),
        "--name",
        "Firm 7",
        "--index",
        text(&index),
    ]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done = command.stderr(full).output().unwrap();
    assert!(done.status.success() && done.stdout.starts_with(b"1\tobjection\t"));
}

#[test]
fn an_entry_is_not_called_failed_when_it_cannot_be_printed() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    for (arguments, said) in [
        (&["object", "--domain", "example.nl"][..], "entry 1 is recorded"),
        (&["object", "--domain", "example.nl", "--json"], "entry 2 is recorded"),
        (&["step", "1", "done"], "entry 1 is recorded"),
        (&["lift", "2"], "entry 2 is recorded"),
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
        command.arg("registry").arg(arguments[0]).arg(&folder).args(&arguments[1..]);
        let done = command.stdout(full).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && errors.contains(said), "{arguments:?}: {errors}");
    }
    let entries = json(&registry(&folder, "list", &["--json"]));
    assert_eq!((&entries[0]["step"], &entries[1]["step"]), (&"done".into(), &"lifted".into()));
}

#[cfg(unix)]
#[test]
fn who_waits_for_another_program_is_told_so_and_then_served() {
    let dir = TempDir::new().unwrap();
    let folder = made(&dir);
    let networks = write(&dir, "n.csv", "network,name\n11.1.0.0/16,Alpha Works B.V.\n");
    let index = dir.path().join("x.firm");
    let object = ["registry", "object", text(&folder), "--domain", "example.nl"];
    let build = ["build", text(&networks), "--registry", text(&folder), "-q", "-o", text(&index)];
    let held = fs::File::open(&folder).unwrap();
    held.lock().unwrap();
    let begun = [&object[..], &build].map(|arguments| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let mut waiting = begun.map(|mut process| {
        let mut errors = BufReader::new(process.stderr.take().unwrap()).lines();
        let said = errors.find_map(|line| line.ok().filter(|line| line.starts_with("waiting")));
        assert!(said.unwrap().starts_with("waiting for the registry: another program"));
        process
    });
    held.unlock().unwrap();
    assert!(waiting.iter_mut().all(|process| process.wait().unwrap().success()));
}
