//! The guide for privacy officers: its files are written, its commands run, and what they print is
//! what it shows.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::words;

#[test]
fn the_privacy_officers_guide_shows_what_happens() {
    let dir = TempDir::new().unwrap();
    let guide = include_str!("../../docs/privacy-officer.md");
    let mut commands = 0;
    for block in guide.split("\n```").skip(1).step_by(2) {
        let (info, body) = block.split_once('\n').unwrap_or_default();
        match info.split_once(' ') {
            Some(("csv" | "json", name)) => {
                fs::write(dir.path().join(name), body.to_owned() + "\n").unwrap();
            }
            None if info == "console" => {
                let runs = body.strip_prefix("$ ").expect("a command comes first").split("\n$ ");
                for run in runs {
                    commands += 1;
                    let (line, expected) = run.split_once('\n').unwrap_or((run, ""));
                    assert_eq!(said(&dir, line).trim_end(), expected, "$ {line}");
                }
            }
            _ => {}
        }
    }
    assert!(commands >= 15, "{commands}");
    let page = fs::read_to_string(dir.path().join("answer.html")).unwrap();
    assert!(page.contains("Wat wij over u bewaren"));
}

/// What a command prints; a summary of a build is not shown in the guide.
fn said(dir: &TempDir, line: &str) -> String {
    let mut words = words(line);
    assert_eq!(words.remove(0), "firmtrie");
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    let done = command.current_dir(dir.path()).args(&words).output().unwrap();
    assert!(done.status.success(), "$ {line}\n{}", String::from_utf8_lossy(&done.stderr));
    if words[0] == "build" { String::new() } else { String::from_utf8(done.stdout).unwrap() }
}
