//! The README shows what the tool prints: its commands are run, and what they print is what stands
//! there. `make readme` writes it anew. And every link of the documentation leads somewhere.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::words;

/// How the README calls the tool, as `make demo` builds it.
const TOOL: &str = "target/quick/firmtrie ";

#[test]
fn the_readme_shows_what_the_tool_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let path = root.join("README.md");
    let written = fs::read_to_string(&path).unwrap();
    let (printed, commands) = printed(&written, &root);
    assert!(commands >= 15, "{commands}");
    if std::env::var_os("FIRMTRIE_README").is_some() {
        fs::write(path, printed).unwrap();
        return;
    }
    for (at, (written, printed)) in written.lines().zip(printed.lines()).enumerate() {
        assert_eq!(written, printed, "README.md:{}; `make readme` writes it anew", at + 1);
    }
    assert_eq!(written, printed);
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut links = 0;
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/privacy-officer.md",
        "bindings/python/README.md",
        "bindings/node/README.md",
        "datasets/asn/README.md",
    ] {
        let page = root.join(page);
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with('#') {
                continue;
            }
            links += 1;
            let file = page.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(file.exists(), "{}: {link} is not there", page.display());
        }
    }
    assert!(links > 30, "{links}");
}

/// The text with what its commands print now, and how many commands there are.
fn printed(written: &str, root: &Path) -> (String, usize) {
    let dir = TempDir::new().unwrap();
    for name in ["datasets", "tests"] {
        link(&root.join(name), &dir.path().join(name));
    }
    let (mut printed, mut commands) = (String::new(), 0);
    let (mut in_block, mut is_ours) = (false, false);
    for line in written.lines() {
        if line.starts_with("```") {
            (in_block, is_ours) = (line == "```console", false);
        }
        let command = line.strip_prefix("$ ").filter(|_| in_block);
        if let Some(command) = command {
            is_ours = command.starts_with(TOOL);
        }
        if command.is_some() || !is_ours {
            writeln!(printed, "{line}").unwrap();
        }
        if let Some(command) = command.and_then(|command| command.strip_prefix(TOOL)) {
            commands += 1;
            printed += &said(dir.path(), command);
        }
    }
    (printed, commands)
}

/// What a command prints, without the time that it took.
fn said(dir: &Path, line: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    let done = command.current_dir(dir).args(words(line)).output().unwrap();
    let mut said = String::new();
    for line in
        [done.stderr, done.stdout].map(|text| String::from_utf8(text).unwrap()).concat().lines()
    {
        let timed = line.strip_suffix(" s").and_then(|line| line.rsplit_once(", "));
        match timed.filter(|(_, seconds)| seconds.parse::<f64>().is_ok()) {
            Some((said_before, _)) => writeln!(said, "{said_before}, 0.1 s").unwrap(),
            None => writeln!(said, "{line}").unwrap(),
        }
    }
    said
}

#[cfg(unix)]
fn link(from: &Path, to: &PathBuf) {
    std::os::unix::fs::symlink(from, to).unwrap();
}

#[cfg(windows)]
fn link(from: &Path, to: &PathBuf) {
    std::os::windows::fs::symlink_dir(from, to).unwrap();
}
