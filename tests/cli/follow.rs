//! `firmtrie identify --follow`: visits as they come, through rotation and objections.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::identify::{Said, index};
use super::{firmtrie, text, write};

/// Long enough on a busy machine; a test that passes does not wait so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `identify --follow`, and the lines that it prints.
struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    fn begin(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
        command.args(["identify", "--follow"]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let output: ChildStdout = child.stdout.take().unwrap();
        thread::spawn(move || {
            BufReader::new(output)
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn append(log: &Path, address: &str, at: i64) {
    let mut log = OpenOptions::new().append(true).create(true).open(log).unwrap();
    log.write_all(Said::new(address, at, "/").clf(address).as_bytes()).unwrap();
}

#[test]
fn a_visit_has_a_row_when_it_begins_and_a_rotated_log_is_followed() {
    let dir = TempDir::new().unwrap();
    let (index, log) = (index(&dir), dir.path().join("access.log"));
    append(&log, "1.0.0.9", 0);
    let following = Following::begin(&[text(&log), "--index", &index]);
    assert_eq!(following.next(), "2026-11-01T00:00:00Z\tExample B.V.\t\tNL");
    // Of the same visit no more is told, nor of who is no company.
    append(&log, "1.0.0.9", 60);
    append(&log, "9.9.9.9", 61);
    append(&log, "1.0.1.9", 62);
    assert_eq!(following.next(), "2026-11-01T00:01:02Z\tSample GmbH\t\tDE");
    fs::rename(&log, dir.path().join("access.log.1")).unwrap();
    append(&dir.path().join("access.log.1"), "1.0.2.9", 63);
    append(&log, "1.0.1.8", 64);
    assert_eq!(following.next(), "2026-11-01T00:01:03Z\tExample B.V.\t\tNL");
    assert_eq!(following.next(), "2026-11-01T00:01:04Z\tSample GmbH\t\tDE");
    // Half a line stays half, and is not joined with the next log's first.
    let mut old = OpenOptions::new().append(true).open(&log).unwrap();
    old.write_all(b"1.0.0.77 - - [01/Nov").unwrap();
    thread::sleep(Duration::from_millis(300));
    fs::rename(&log, dir.path().join("access.log.2")).unwrap();
    append(&log, "1.0.2.8", 64);
    assert_eq!(following.next(), "2026-11-01T00:01:04Z\tExample B.V.\t\tNL");
    // Emptied in its place, as `copytruncate` does.
    write(&dir, "access.log", "");
    thread::sleep(Duration::from_millis(500));
    append(&log, "1.0.1.7", 65);
    assert_eq!(following.next(), "2026-11-01T00:01:05Z\tSample GmbH\t\tDE");
}

#[test]
fn what_comes_first_decides_nothing() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let line = |header: &str| {
        let line = Said::new("10.0.0.1", 0, "/").clf("10.0.0.1");
        format!("{} \"{header}\"\n", line.trim_end())
    };
    for first in
        [line("junk"), "\n".into(), "Starting server\n".into(), "{\"msg\":\"up\"}\n".into()]
    {
        let log = write(&dir, "access.log", &first);
        let following =
            Following::begin(&[text(&log), "--index", &index, "--trusted-proxies", "10.0.0.0/8"]);
        thread::sleep(Duration::from_millis(300));
        for _ in 0..3 {
            let mut log = OpenOptions::new().append(true).open(&log).unwrap();
            log.write_all(line("1.0.0.9").as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(150));
        }
        assert_eq!(following.next(), "2026-11-01T00:00:00Z\tExample B.V.\t\tNL", "{first}");
    }
    let gz = write(&dir, "a.gz", b"\x1f\x8b\x08\0");
    let ran = firmtrie("", &["identify", "--follow", text(&gz), "--index", &index]);
    assert!(ran.code == Some(1) && ran.errors.contains("is compressed"), "{}", ran.errors);
}

#[test]
fn who_objects_meanwhile_is_not_shown_again() {
    let dir = TempDir::new().unwrap();
    let (index, registry) = (index(&dir), dir.path().join("registry"));
    assert_eq!(firmtrie("", &["registry", "init", text(&registry)]).code, Some(0));
    let arguments = [
        "-",
        "--index",
        &index,
        "--registry",
        text(&registry),
        "--format",
        "jsonl",
        "--fields",
        "company",
    ];
    let mut following = Following::begin(&arguments);
    let mut input = following.child.stdin.take().unwrap();
    let mut say = |address: &str| {
        input.write_all(Said::new(address, 0, "/").clf(address).as_bytes()).unwrap();
    };
    say("1.0.0.1");
    assert_eq!(following.next(), "{\"company\":\"Example B.V.\"}");
    let objected =
        ["registry", "object", text(&registry), "--name", "Example B.V.", "--country", "NL"];
    assert_eq!(firmtrie("", &objected).code, Some(0));
    say("1.0.0.2");
    say("1.0.1.2");
    assert_eq!(following.next(), "{\"company\":\"Sample GmbH\"}");
}

#[test]
fn one_log_is_followed_that_is_there() {
    let dir = TempDir::new().unwrap();
    let (index, log) = (index(&dir), write(&dir, "a.log", ""));
    for (logs, code, said) in [
        (vec![text(&log), text(&log)], 2, "follows one log"),
        (vec![text(&log), "--format", "parquet"], 2, "whole at its end"),
        (vec!["no-such.log"], 1, "no-such.log: "),
    ] {
        let ran = firmtrie("", &[&["identify", "--follow", "--index", &index], &logs[..]].concat());
        assert!(ran.code == Some(code) && ran.errors.contains(said), "{logs:?}: {}", ran.errors);
    }
}
