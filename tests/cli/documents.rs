//! The documents show what happens: their files are written, the commands of their console blocks are
//! run, and what they print is what stands there. `make readme` writes it anew. And every link of the
//! documentation leads somewhere.
//!
//! A block ```` ```csv companies.csv ```` is the file of that name; a block ```` ```console ```` holds commands
//! of a shell, each after `$ `, and all that they print. All of one page run in one folder. Whatever
//! cannot run here (installing, services) stands in blocks of another word.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The pages, and how many commands of each are run at least.
const PAGES: [(&str, usize); 4] = [
    ("README.md", 15),
    ("docs/privacy-officer.md", 15),
    ("docs/deployment.md", 9),
    ("docs/operator.md", 9),
];

#[test]
fn the_documents_show_what_commands_print() {
    let root = root();
    for (name, least) in PAGES {
        let path = root.join(name);
        let written = fs::read_to_string(&path).unwrap();
        let (printed, commands) = printed(&written, &root);
        assert!(commands >= least, "{name}: {commands}");
        if std::env::var_os("FIRMTRIE_README").is_some() {
            fs::write(path, printed).unwrap();
            continue;
        }
        for (at, (written, printed)) in written.lines().zip(printed.lines()).enumerate() {
            assert_eq!(written, printed, "{name}:{}; `make readme` writes it anew", at + 1);
        }
        assert_eq!(written, printed);
    }
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file() {
    let mut links = 0;
    let pages = PAGES.iter().map(|(name, _)| *name).chain([
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "bindings/python/README.md",
        "bindings/node/README.md",
        "datasets/asn/README.md",
        "datasets/kinds/README.md",
        "datasets/registers/README.md",
    ]);
    for page in pages {
        let page = root().join(page);
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The text with what its commands print now, and how many commands there are.
fn printed(written: &str, root: &Path) -> (String, usize) {
    let dir = TempDir::new().unwrap();
    for name in ["datasets", "tests"] {
        link(&root.join(name), &dir.path().join(name));
    }
    let (mut printed, mut commands) = (String::new(), 0);
    // Of a file that is being written its name; of a console nothing.
    let (mut console, mut file) = (false, None);
    for line in written.lines() {
        match line.strip_prefix("```") {
            Some(info) => {
                if let Some((name, text)) = file.take() {
                    fs::write(dir.path().join::<&str>(name), text).unwrap();
                }
                console = info == "console";
                file = info.split_once(' ').map(|(_, name)| (name, String::new()));
                writeln!(printed, "{line}").unwrap();
            }
            None if console => {
                if let Some(command) = line.strip_prefix("$ ") {
                    commands += 1;
                    writeln!(printed, "{line}").unwrap();
                    printed += &said(dir.path(), command);
                }
            }
            None => {
                if let Some((_, text)) = &mut file {
                    writeln!(text, "{line}").unwrap();
                }
                writeln!(printed, "{line}").unwrap();
            }
        }
    }
    (printed, commands)
}

/// What a line of a shell prints, without the time that it took.
fn said(dir: &Path, line: &str) -> String {
    let tool = Path::new(env!("CARGO_BIN_EXE_firmtrie")).parent().unwrap();
    let path = std::env::join_paths(
        [tool.to_path_buf()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new("sh");
    command.current_dir(dir).env("PATH", path.unwrap()).args(["-c", &format!("exec 2>&1\n{line}")]);
    let done = command.output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    // What is to fail says so: `...; echo $?`.
    assert!(done.status.success(), "$ {line}\n{text}{}", String::from_utf8_lossy(&done.stderr));
    let mut said = String::new();
    // On how old the lists are, which they get by themselves.
    for line in text.lines().filter(|line| !line.starts_with("NOTE: the public lists")) {
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
