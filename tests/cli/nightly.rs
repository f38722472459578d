//! The nightly build of registers, as `datasets/registers` has it: its script and manifest, with made-up
//! databases in the place of what the registries publish.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::{firmtrie, text};

/// A file for each URL of `urls.txt`.
const FILES: [(&str, &str); 9] = [
    (
        "ripe.db.inetnum.gz",
        "inetnum: 21.0.0.0 - 21.0.0.255\ndescr: Zonlicht Works B.V.\nsource: RIPE\n",
    ),
    ("ripe.db.inet6num.gz", "inet6num: 2a00:1::/32\norg: ORG-MW1-RIPE\nsource: RIPE\n"),
    (
        "ripe.db.organisation.gz",
        "organisation: ORG-MW1-RIPE\norg-name: Maanlicht Works B.V.\nsource: RIPE\n",
    ),
    ("ripe.db.aut-num.gz", "aut-num: AS64500\norg: ORG-MW1-RIPE\nsource: RIPE\n"),
    ("ripe.db.route.gz", "route: 21.0.0.0/16\norigin: AS64501\nsource: RIPE\n"),
    ("ripe.db.route6.gz", "route6: 2a00:1::/32\norigin: AS64500\nsource: RIPE\n"),
    (
        "delegated-ripencc-extended-latest",
        "2|ripencc|20261101|2|19830705|20261101|+0200\nripencc|NL|asn|64500|1|20100101|allocated|one\n\
         ripencc|NL|ipv4|21.1.0.0|256|20100101|assigned|one\n",
    ),
    ("asn-ipv4.csv", "21.2.0.0,21.2.0.255,64502,Dauwlicht Works B.V.\n"),
    ("asn-ipv6.csv", "2a00:2::,2a00:2::ffff,64502,Dauwlicht Works B.V.\n"),
];

struct Night {
    dir: TempDir,
    /// So many files.
    published: Cell<u64>,
}

impl Night {
    /// A folder as the README says to make it, but for the basis, and what is published beside it.
    fn new() -> Self {
        let night = Self { dir: TempDir::new().unwrap(), published: Cell::new(0) };
        fs::create_dir_all(night.path("published")).unwrap();
        fs::create_dir_all(night.path("europe")).unwrap();
        for (name, content) in FILES {
            night.publish(name, content);
        }
        fs::copy(registers("europe.toml"), night.path("europe/firmtrie.toml")).unwrap();
        let urls = fs::read_to_string(registers("urls.txt")).unwrap();
        let here = format!("file://{}", text(&night.path("published")));
        let local = |url: &str| match url.rsplit_once('/') {
            Some((_, name)) if url.starts_with("https://") => format!("{here}/{name}\n"),
            _ => format!("{url}\n"),
        };
        let urls: String = urls.lines().map(local).collect();
        for (name, _) in FILES {
            assert!(urls.contains(&format!("/{name}\n")), "{name} is fetched from nowhere");
        }
        fs::write(night.path("europe/urls.txt"), urls).unwrap();
        let (registry, key) = (night.path("europe/registry"), night.path("europe/registry.key"));
        let made = firmtrie("", &["registry", "init", text(&registry), "--key", text(&key)]);
        assert_eq!(made.code, Some(0), "{}", made.errors);
        night
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Publishes a file, newer than the one before it.
    fn publish(&self, name: &str, content: &str) {
        if name.strip_suffix(".gz").is_none() {
            return self.publish_bytes(name, content.as_bytes());
        }
        let plain = self.path("plain");
        fs::write(&plain, content).unwrap();
        let gzip = Command::new("gzip").arg("-c").arg(plain).output().unwrap();
        assert!(gzip.status.success());
        self.publish_bytes(name, &gzip.stdout);
    }

    fn publish_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.path("published").join(name);
        fs::write(&path, bytes).unwrap();
        // A minute behind the one before it, since times have whole seconds; all of the last day.
        self.published.set(self.published.get() + 1);
        let minutes = 24 * 60 - self.published.get();
        let time = SystemTime::now() - Duration::from_secs(60 * minutes);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    fn run(&self) -> Output {
        self.command().output().unwrap()
    }

    fn command(&self) -> Command {
        let folder = Path::new(env!("CARGO_BIN_EXE_firmtrie")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh");
        command.arg(registers("nightly.sh")).arg(self.path("europe"));
        command.env("PATH", format!("{}:{path}", text(folder)));
        command
    }

    /// Runs a night that comes to its end; what it says.
    fn passes(&self) -> String {
        let ran = self.run();
        let errors = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.success(), "{errors}");
        errors
    }

    fn answer(&self, address: &str) -> String {
        let live = self.path("europe/live/index.firm");
        let ran = firmtrie("", &["lookup", text(&live), address]);
        ran.output.trim_end().rsplit('\t').next().unwrap_or_default().to_owned()
    }

    /// Writes a basis for the one source that has none.
    fn with_basis(self) -> Self {
        let path = self.path("europe/firmtrie.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        let basis =
            manifest.replace("# basis = \"...\"", "basis = \"with the consent of nobody: a test\"");
        assert_ne!(manifest, basis);
        fs::write(path, basis).unwrap();
        self
    }
}

fn registers(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/registers").join(name)
}

#[test]
fn a_register_is_not_built_before_somebody_says_why_it_may_be() {
    let night = Night::new();
    let ran = night.run();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert!(!ran.status.success());
    assert!(errors.contains("source \"RIPE Database\" has no basis"), "{errors}");
    assert!(!night.path("europe/live/index.firm").exists());
}

#[test]
fn a_night_answers_with_who_holds_what_and_a_bad_one_leaves_the_night_before() {
    let night = Night::new().with_basis();
    assert_eq!(night.passes(), "", "cron sends a mail about anything");
    let addresses = ["21.0.0.1", "21.1.0.1", "21.2.0.1", "2a00:1::1", "2a00:2::1"];
    let [zon, maan, dauw] =
        ["Zonlicht", "Maanlicht", "Dauwlicht"].map(|of| format!("{of} Works B.V."));
    let expected = [&zon, &maan, &dauw, &maan, &dauw];
    assert_eq!(addresses.map(|address| night.answer(address)).each_ref(), expected);

    // One file is newer, one is cut off, and one is gone: the last two are as they were.
    night.publish("asn-ipv4.csv", "21.2.0.0,21.2.0.255,64502,Sterlicht Works B.V.\n");
    night.publish_bytes("ripe.db.inetnum.gz", &[0x1f, 0x8b, 8, 0, 0]);
    fs::remove_file(night.path("published/ripe.db.route.gz")).unwrap();
    let said = night.passes();
    for name in ["inetnum.gz", "route.gz"] {
        assert!(said.contains(&format!("ripe.db.{name} could not be fetched")), "{said}");
    }
    assert_eq!(
        (night.answer("21.2.0.1"), night.answer("21.0.0.1")),
        ("Sterlicht Works B.V.".into(), zon)
    );

    // What cannot be read ends the night, and the live index answers as before.
    night.publish("asn-ipv4.csv", "<html>come again later</html>\n");
    let ran = night.run();
    assert!(!ran.status.success());
    assert!(String::from_utf8(ran.stderr).unwrap().contains("asn-ipv4.csv:1"));
    assert_eq!(night.answer("21.2.0.1"), "Sterlicht Works B.V.");
}

#[test]
fn an_index_that_lost_most_of_its_companies_is_published_only_if_it_may() {
    let night = Night::new().with_basis();
    let row = |at: u32| format!("23.0.{at}.0,23.0.{at}.255,64600,Firma {at} Works B.V.\n");
    night.publish("asn-ipv4.csv", &(0..20).map(row).collect::<String>());
    night.passes();
    night.publish("asn-ipv4.csv", &row(0));
    let ran = night.run();
    assert_eq!(ran.status.code(), Some(1));
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert!(errors.contains("has 4 companies and live/index.firm 23: look at"), "{errors}");
    assert_eq!(night.answer("23.0.19.1"), "Firma 19 Works B.V.");
    assert!(night.command().env("SHRINK", "1").status().unwrap().success());
    assert_eq!(night.answer("23.0.19.1"), "unknown");
}

#[test]
fn a_list_of_urls_is_read_however_it_is_written_and_never_guessed() {
    let night = Night::new().with_basis();
    let list = night.path("europe/urls.txt");
    let urls = fs::read_to_string(&list).unwrap();
    let dos = urls.replace(".csv\n", ".csv?token=1#x\n").replace('\n', " \r\n");
    fs::write(&list, format!("\t# remark\r\n\r\n{dos}")).unwrap();
    assert_eq!(night.passes(), "");
    assert_eq!(night.answer("21.2.0.1"), "Dauwlicht Works B.V.");
    for (wrong, said) in [
        (format!("{urls}https://example.com/other/asn-ipv4.csv\n"), "are fetched as asn-ipv4.csv"),
        ("# none\n".to_owned(), "has no URL"),
    ] {
        fs::write(&list, wrong).unwrap();
        let ran = night.run();
        let errors = String::from_utf8(ran.stderr).unwrap();
        assert!(!ran.status.success() && errors.contains(said), "{errors}");
    }
    fs::remove_file(&list).unwrap();
    assert!(!night.run().status.success());
}

#[test]
fn who_objects_is_gone_the_next_night_and_two_nights_do_not_meet() {
    let night = Night::new().with_basis();
    night.passes();
    let (registry, key) = (night.path("europe/registry"), night.path("europe/registry.key"));
    let at = ["--key", text(&key), "--name", "Zonlicht Works B.V."];
    let objected = firmtrie("", &[&["registry", "object", text(&registry)], &at[..]].concat());
    assert_eq!(objected.code, Some(0), "{}", objected.errors);
    night.passes();
    assert_eq!(night.answer("21.0.0.1"), "withheld");

    let lock = text(&night.path("europe/fetched/.lock")).to_owned();
    let mut other = Command::new("flock");
    let mut other = other.args([&lock, "cat"]).stdin(Stdio::piped()).spawn().unwrap();
    while Command::new("flock").args(["-n", &lock, "true"]).status().unwrap().success() {}
    let ran = night.run();
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(String::from_utf8(ran.stderr).unwrap().contains("is still at work"));
}
