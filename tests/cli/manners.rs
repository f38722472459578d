//! Help, manual pages, completions, colours and bars: what a command line owes whoever sits before it.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::identify::{Said, index};
use super::{firmtrie, text, write};

const COMMANDS: [&str; 14] = [
    "annotate",
    "build",
    "completions",
    "diff",
    "explain",
    "export",
    "identify",
    "info",
    "lookup",
    "man",
    "networks",
    "publish",
    "registry",
    "verify",
];

#[test]
fn every_command_is_in_the_help_that_is_kept() {
    let help = firmtrie("", &["--help"]).output;
    let mut all = help.clone();
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command}")), "{command}");
        let ran = firmtrie("", &[command, "--help"]);
        assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""), "{command}");
        write!(all, "\n\n===== firmtrie {command} --help\n\n{}", ran.output).unwrap();
    }
    // One more is `help`.
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed =
        listed.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    assert_eq!(listed.count(), COMMANDS.len() + 1);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/help.txt");
    if std::env::var_os("FIRMTRIE_README").is_some() {
        fs::write(&path, &all).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    for (at, (kept, now)) in kept.lines().zip(all.lines()).enumerate() {
        assert_eq!(kept, now, "help.txt:{}; `make readme` writes it anew", at + 1);
    }
    assert_eq!(kept, all);
}

#[test]
fn a_shell_takes_the_completions_and_man_the_pages() {
    let dir = TempDir::new().unwrap();
    for (shell, least) in [
        ("bash", 10_000),
        ("zsh", 10_000),
        ("fish", 10_000),
        ("powershell", 10_000),
        ("elvish", 10_000),
    ] {
        let ran = firmtrie("", &["completions", shell]);
        assert!(ran.code == Some(0) && ran.output.len() > least, "{shell}: {}", ran.errors);
        write(&dir, shell, ran.output);
    }
    let words = "source ./bash; COMP_WORDS=(firmtrie iden); COMP_CWORD=1; _firmtrie firmtrie iden firmtrie; echo ${COMPREPLY[@]}";
    let done = Command::new("bash").args(["-c", words]).current_dir(&dir).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&done.stdout),
        "identify\n",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let pages = dir.path().join("man/man1");
    assert_eq!(firmtrie("", &["man", text(&pages)]).code, Some(0));
    for command in COMMANDS {
        let page = fs::read_to_string(pages.join(format!("firmtrie-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains(".SH OPTIONS"), "{command}");
    }
    assert!(pages.join("firmtrie.1").exists());
    assert!(pages.join("firmtrie-registry-object.1").exists());
    if let Ok(done) = Command::new("groff")
        .args(["-man", "-Tutf8", "-ww"])
        .arg(pages.join("firmtrie-identify.1"))
        .output()
    {
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && errors.is_empty(), "{errors}");
        assert!(String::from_utf8_lossy(&done.stdout).contains("trusted"));
    }
}

/// What a command prints on a terminal, which `script` of util-linux makes.
#[cfg(target_os = "linux")]
fn on_a_terminal(command: &str, no_color: bool) -> Option<String> {
    let dir = TempDir::new().unwrap();
    let mut script = Command::new("script");
    script
        .args(["-qec", command, text(&dir.path().join("typescript"))])
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    if no_color {
        script.env("NO_COLOR", "1");
    }
    match script.output() {
        Ok(done) => Some(String::from_utf8_lossy(&done.stdout).into_owned()),
        Err(_) => None,
    }
}

#[cfg(target_os = "linux")]
#[test]
fn colours_and_bars_are_for_terminals_and_colours_can_be_switched_off() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    let binary = env!("CARGO_BIN_EXE_firmtrie");
    let failing = format!("{binary} verify no-such.firm");
    let Some(coloured) = on_a_terminal(&failing, false) else { return };
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m no-such.firm"), "{coloured:?}");
    let plain = on_a_terminal(&failing, true).unwrap();
    assert!(plain.contains("error: no-such.firm") && !plain.contains('\u{1b}'), "{plain:?}");
    assert!(!firmtrie("", &["verify", "no-such.firm"]).errors.contains('\u{1b}'));
    // Help is coloured, or bold, on a terminal only.
    assert!(on_a_terminal(&format!("{binary} --help"), false).unwrap().contains("\u{1b}["));
    assert!(!on_a_terminal(&format!("{binary} --help"), true).unwrap().contains("\u{1b}["));
    // Parquet would upset it.
    let ran = on_a_terminal(&format!("{binary} export {index} --to parquet"), true).unwrap();
    assert!(ran.contains("is not for a terminal"), "{ran:?}");
    // A bar says how far it is, how fast and how long it will take, and leaves nothing behind.
    let log = dir.path().join("access.log");
    let line = Said::new("1.0.0.9", 0, "/").clf("1.0.0.9");
    fs::write(&log, line.repeat(400_000)).unwrap();
    let shown =
        on_a_terminal(&format!("{binary} identify {} --index {index}", text(&log)), true).unwrap();
    assert!(
        shown.contains(" MiB of ") && shown.contains("/s, ") && shown.contains(" left"),
        "{:?}",
        &shown[..400.min(shown.len())]
    );
    let ran =
        firmtrie("", &["identify", text(&log), "--index", &index, "--format", "csv", "--quiet"]);
    assert_eq!(ran.errors, "");
}

#[test]
fn several_indexes_are_asked_at_once() {
    let dir = TempDir::new().unwrap();
    let one = index(&dir);
    let rows = write(&dir, "rows.csv", "1.0.0.0,1.0.0.255,64500,Other Inc.\n");
    let other = dir.path().join("other.firm");
    assert_eq!(
        firmtrie("", &["build", text(&rows), "-o", text(&other), "--basis", "test"]).code,
        Some(0)
    );
    let pattern = format!("{}/oth*.firm", text(dir.path()));
    let ran = firmtrie(
        "",
        &[
            "lookup",
            &one,
            "--also",
            &pattern,
            "--fields",
            "index,company",
            "--format",
            "csv",
            "1.0.0.9",
        ],
    );
    let expected = format!("index,company\n{one},Example B.V.\n{},Other Inc.\n", text(&other));
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), expected.as_str()), "{}", ran.errors);
    let ran = firmtrie("", &["lookup", &one, "--also", text(&other), "--json", "1.0.0.9"]);
    let answers: Vec<Value> =
        ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        answers.iter().map(|of| of["index"].as_str().unwrap()).collect::<Vec<_>>(),
        [&one, text(&other)]
    );
    let ran = firmtrie("", &["verify", &one, &pattern]);
    assert_eq!(ran.output, format!("{one}: all is well\n{}: all is well\n", text(&other)));
    fs::write(&other, &fs::read(&other).unwrap()[..4000]).unwrap();
    assert_eq!(firmtrie("", &["verify", &one, &pattern]).code, Some(1));
}

#[test]
fn yaml_is_a_list_that_a_reader_of_yaml_reads() {
    let dir = TempDir::new().unwrap();
    let ran = firmtrie(
        "",
        &[
            "lookup",
            &index(&dir),
            "--format",
            "yaml",
            "--fields",
            "company,asn,sources,city",
            "1.0.0.9",
            "9.9.9.9",
        ],
    );
    assert_eq!(
        ran.output,
        "- company: \"Example B.V.\"\n  asn: 64500\n  sources: [\"rows\"]\n  city: null\n\
         - company: null\n  asn: null\n  sources: []\n  city: null\n"
    );
    if let Ok(done) = Command::new("python3").args(["-c", "import yaml"]).output()
        && done.status.success()
    {
        let path = write(&dir, "out.yaml", &ran.output);
        let read =
            format!("import yaml; print(yaml.safe_load(open({:?}))[0]['company'])", text(&path));
        let done = Command::new("python3").args(["-c", &read]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&done.stdout), "Example B.V.\n");
    }
}

#[test]
fn what_is_often_given_for_an_address_is_refused_with_a_hint() {
    let dir = TempDir::new().unwrap();
    let index = index(&dir);
    for (given, hint) in [
        ("example.com", "a host's name"),
        ("https://example.com/", "a URL"),
        ("1.0.0.0/8", "`firmtrie networks"),
    ] {
        let ran = firmtrie("", &["lookup", &index, given]);
        assert!(ran.code == Some(1) && ran.output.contains(hint), "{given}: {}", ran.output);
    }
    assert!(!firmtrie("", &["lookup", &index, "1.0.0"]).output.contains(';'));
}
