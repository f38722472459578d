//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go into a new file beside the target, to the disk, and only then under its name, so
//! that a crash at any moment leaves the old file, and readers that have it mapped keep it. The new
//! file is locked for as long as its build lives: one that can be locked was left by a build that
//! has died, and is swept by the next.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Replaces the file at `path`, or makes it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = Target::of(path)?;
    target.sweep();
    let mut file = target.new_file().map_err(Error::io(path, "create a file beside"))?;
    file.write_all(bytes).map_err(Error::io(path, "write"))?;
    // Who could read the old one, and nobody else, can read the new one.
    if let Ok(old) = fs::metadata(&target.path) {
        file.as_file().set_permissions(old.permissions()).map_err(Error::io(path, "write"))?;
    }
    file.as_file().sync_all().map_err(Error::io(path, "write"))?;
    file.persist(&target.path).map_err(|error| Error::io(path, "replace")(error.error))?;
    sync_folder(&target.folder).map_err(Error::io(&target.folder, "sync"))
}

/// Can a file be written at `path`? Asked before a build, which may take long.
pub(super) fn check(path: &Path) -> Result<()> {
    Target::of(path)?.new_file().map(drop).map_err(Error::io(path, "create a file beside"))
}

/// Where a file goes, and how those are named that become it.
struct Target {
    path: PathBuf,
    folder: PathBuf,
    prefix: OsString,
}

impl Target {
    fn of(path: &Path) -> Result<Self> {
        // Through a symbolic link its target is replaced, as a plain write would.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let name = match target.file_name() {
            Some(name) if !target.is_dir() => name,
            _ => {
                let reason = "is a directory; name a file in it, such as companies.firm".into();
                return Err(Error::Source { path: path.to_path_buf(), reason });
            }
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let prefix = [OsStr::new("."), name, OsStr::new(".new-")].into_iter().collect();
        Ok(Self { path: target, folder, prefix })
    }

    /// A new, locked file beside the target; it is gone when it is dropped.
    fn new_file(&self) -> std::io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&self.prefix);
        // Temporary files are private by default; an index is as readable as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        loop {
            let file = builder.tempfile_in(&self.folder)?;
            file.as_file().lock()?;
            // Between its making and its locking another build may have taken it for a dead one's.
            if file.path().exists() {
                return Ok(file);
            }
        }
    }

    /// Removes what builds of the same target have left that were killed.
    ///
    /// What cannot be removed does no harm, and is tried again by the next build.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(self.prefix.as_encoded_bytes())
                && let Ok(file) = File::options().write(true).open(entry.path())
                && file.try_lock().is_ok()
            {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The new name is on the disk only once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_a_reader_keeps_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.firm");
        replace(&path, b"old").unwrap();
        let mut reader = File::open(&path).unwrap();
        check(&path).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mut kept = String::new();
        std::io::Read::read_to_string(&mut reader, &mut kept).unwrap();
        assert_eq!(kept, "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_a_new_file_is_as_readable_as_any_and_a_rebuilt_one_as_before() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("x.firm"), dir.path().join("current"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        let plain = mode(&file);
        replace(&dir.path().join("new"), b"new").unwrap();
        assert_eq!(mode(&dir.path().join("new")), plain);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&file) & 0o777, 0o640, "what it was is kept");
    }

    #[test]
    fn what_a_dead_build_left_is_swept_and_what_a_living_one_writes_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = Target::of(&dir.path().join("x.firm")).unwrap();
        let living = target.new_file().unwrap();
        let dead = dir.path().join(".x.firm.new-dead");
        let other = dir.path().join(".y.firm.new-dead");
        fs::write(&dead, b"half").unwrap();
        fs::write(&other, b"half").unwrap();
        replace(&dir.path().join("x.firm"), b"new").unwrap();
        assert!(!dead.exists() && other.exists() && living.path().exists());
    }

    #[test]
    fn a_missing_folder_and_a_directory_are_named() {
        let error = replace(Path::new("/no/such/folder/x.firm"), b"").unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/x.firm: cannot create"), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let error = check(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("is a directory; name a file in it, such as companies.firm"));
    }
}
