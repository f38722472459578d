//! Whatever happens to a build, the index that was there stays whole and answers.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{firmtrie, text, write};

fn excerpt() -> [PathBuf; 2] {
    ["asn-ipv4.csv", "asn-ipv6.csv"]
        .map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/asn").join(name))
}

fn start(day: &str, output: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.arg("build").args(excerpt()).args(["--as-of", day, "-o", text(output)]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The index is one of these, and there is nothing beside it.
fn is_one_of(index: &Path, whole: &[Vec<u8>]) {
    let bytes = fs::read(index).unwrap();
    assert!(whole.contains(&bytes), "{} bytes", bytes.len());
}

fn files(dir: &TempDir) -> usize {
    fs::read_dir(dir.path()).unwrap().count()
}

/// What the builds of two days give, and how long one takes.
fn two_days(dir: &TempDir) -> ([Vec<u8>; 2], Duration) {
    let index = dir.path().join("x.firm");
    let begin = Instant::now();
    let whole = ["2026-11-02", "2026-11-01"].map(|day| {
        assert!(start(day, &index).wait().unwrap().success());
        fs::read(&index).unwrap()
    });
    assert!(whole[0] != whole[1]);
    (whole, begin.elapsed() / 2)
}

#[test]
fn a_build_that_is_killed_at_any_moment_leaves_the_index_whole() {
    let dir = TempDir::new().unwrap();
    let index = dir.path().join("x.firm");
    let (whole, took) = two_days(&dir);
    let mut killed = 0;
    for moment in 0..100_u32 {
        let mut build = start(["2026-11-02", "2026-11-01"][moment as usize % 2], &index);
        // Up to a little more than a build takes, in an order that is not its own.
        std::thread::sleep(took * (moment * 37 % 100) / 90);
        killed += u32::from(build.try_wait().unwrap().is_none());
        build.kill().unwrap();
        build.wait().unwrap();
        is_one_of(&index, &whole);
        let ran = firmtrie("", &["lookup", text(&index), "145.12.0.1"]);
        assert!(ran.output.ends_with("Ministerie van Economische Zaken\n"), "{}", ran.errors);
    }
    assert!(killed > 20, "{killed}");
    // What they left is swept by the next that lives.
    assert!(start("2026-11-01", &index).wait().unwrap().success());
    assert_eq!(files(&dir), 1);
}

#[test]
fn builds_at_once_do_not_disturb_each_other() {
    let dir = TempDir::new().unwrap();
    let index = dir.path().join("x.firm");
    let (whole, _) = two_days(&dir);
    for _ in 0..10 {
        let days = ["2026-11-01", "2026-11-02", "2026-11-01", "2026-11-02"];
        for mut build in days.map(|day| start(day, &index)) {
            assert!(build.wait().unwrap().success());
        }
        is_one_of(&index, &whole);
    }
    assert_eq!(files(&dir), 1);
}

/// A file system of this size, until it is dropped; nothing where none can be mounted.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", size, "tmpfs", text(dir.path())]);
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_old_index_stays() {
    let Some(disk) = SmallDisk::mount("size=512k") else {
        // Past the test runner, which keeps what a passing test prints.
        writeln!(std::io::stderr(), "SKIPPED: a full disk, since none can be mounted").unwrap();
        return;
    };
    let index = disk.0.path().join("x.firm");
    let old = TempDir::new().unwrap();
    let rows = write(&old, "rows.csv", "1.0.0.0,1.0.0.255,64500,Old\n");
    assert_eq!(firmtrie("", &["build", text(&rows), "-o", text(&index)]).code, Some(0));
    let [v4, v6] = excerpt();
    let ran = firmtrie("", &["build", text(&v4), text(&v6), "-o", text(&index)]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.errors.contains("x.firm: cannot write: No space left on device"), "{}", ran.errors);
    assert!(firmtrie("", &["lookup", text(&index), "1.0.0.1"]).output.ends_with("Old\n"));
    assert_eq!(fs::read_dir(disk.0.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_without_permission_and_a_directory_are_told() {
    let dir = TempDir::new().unwrap();
    let rows = write(&dir, "rows.csv", "1.0.0.0,1.0.0.255,64500,X\n");
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    for (path, mode) in [(dir.path(), 0o755), (&closed, 0o555)] {
        fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    // Root may write anywhere, so the build is not run as root.
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmtrie"));
    command.args(["build", text(&rows), "-o", text(&closed.join("x.firm"))]);
    if fs::write(closed.join("probe"), "").is_ok() {
        fs::remove_file(closed.join("probe")).unwrap();
        command.uid(65534);
    }
    match command.output() {
        Ok(done) => {
            let errors = String::from_utf8(done.stderr).unwrap();
            assert_eq!(done.status.code(), Some(1), "{errors}");
            let said = "closed/x.firm: cannot create a file beside: Permission denied";
            assert!(errors.contains(said), "{errors}");
        }
        // The binary lies where only root may go.
        Err(error) => writeln!(std::io::stderr(), "SKIPPED: no permission: {error}").unwrap(),
    }
    let ran = firmtrie("", &["build", text(&rows), "-o", text(&closed)]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.errors.ends_with("closed: is a directory; name a file in it, such as companies.firm\n")
    );
}
