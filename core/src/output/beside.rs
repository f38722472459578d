//! Files that are there whole or not at all.
//!
//! The bytes go into a new file beside the target, to the disk, and only then under its name, so
//! that a crash at any moment leaves the old file, and readers that have it mapped keep it. The new
//! file is locked for as long as its writer lives: one that can be locked was left by one that has died,
//! and is swept by the next. Of several files all are put in place, or the old ones are put back.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};

/// Puts files in place, in this order: all, or none.
pub(super) fn put(files: Vec<Filled>) -> Result<()> {
    let mut done: Vec<Replaced> = Vec::with_capacity(files.len());
    let several = files.len() > 1;
    for Filled { beside, file } in files {
        let old = if several { beside.kept_old() } else { Ok(None) };
        let replaced = old.and_then(|old| {
            file.persist(&beside.path).map_err(|error| error.error)?;
            Ok(old)
        });
        match replaced {
            Ok(old) => done.push(Replaced { beside, old }),
            Err(error) => {
                done.into_iter().rev().for_each(Replaced::put_back);
                return Err(Error::io(&beside.path, "replace")(error));
            }
        }
    }
    for Replaced { beside, .. } in &done {
        sync_folder(&beside.folder).map_err(Error::io(&beside.folder, "sync"))?;
    }
    Ok(())
}

/// A new file that is on the disk and not in its place.
pub(super) struct Filled {
    beside: Beside,
    file: NamedTempFile,
}

/// A file that was put in place, and what was there, under another name, if anything was.
struct Replaced {
    beside: Beside,
    old: Option<TempPath>,
}

impl Replaced {
    /// As it was. Where that fails the new file stays, whole.
    fn put_back(self) {
        let _ = match self.old {
            Some(old) => old.persist(&self.beside.path).map_err(|error| error.error),
            None => fs::remove_file(&self.beside.path),
        };
    }
}

/// Where a file goes, and how those are named that become it.
pub(super) struct Beside {
    pub(super) path: PathBuf,
    folder: PathBuf,
    prefix: OsString,
}

/// Links that lead to each other without an end are as many.
const MOST_LINKS: usize = 40;

impl Beside {
    /// The target of a path. Through symbolic links it is what they lead to, as for a plain write, whether
    /// that is there or not.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let mut target = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            let Ok(leads_to) = fs::read_link(&target) else { break };
            target = target.parent().unwrap_or(Path::new("")).join(leads_to);
        }
        let Some(name) = target.file_name().map(OsStr::to_owned) else {
            return Err(super::refuse(path, "names no file; name one, such as companies.firm"));
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().map_err(Error::io(path, "create a file beside"))?;
        let mut prefix = OsString::from(".");
        prefix.push(&name);
        prefix.push(".new-");
        Ok(Self { path: folder.join(name), folder, prefix })
    }

    /// A new, locked file beside the target; it is gone when it is dropped.
    pub(super) fn new_file(&self, private: bool) -> std::io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&self.prefix);
        // Temporary files are private by default; what is not is as readable as any new file.
        #[cfg(unix)]
        if !private {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        loop {
            let file = builder.tempfile_in(&self.folder)?;
            file.as_file().lock()?;
            // Between its making and its locking another writer may have taken it for a dead one's.
            if file.path().exists() {
                return Ok(file);
            }
        }
    }

    /// A new file with these bytes, on the disk. Who could read the old one, and nobody else, can read
    /// the new one; a private one its owner alone.
    pub(super) fn filled(self, private: bool, bytes: &[u8]) -> Result<Filled> {
        self.sweep();
        let mut file =
            self.new_file(private).map_err(Error::io(&self.path, "create a file beside"))?;
        let written = file.write_all(bytes).and_then(|()| {
            if let Ok(old) = fs::metadata(&self.path) {
                keep_owner(file.as_file(), &old);
                if !private {
                    file.as_file().set_permissions(old.permissions())?;
                }
            }
            file.as_file().sync_all()
        });
        written.map_err(Error::io(&self.path, "write"))?;
        Ok(Filled { beside: self, file })
    }

    /// A second name for what is there, under which it can be put back, or a copy, where the file system has
    /// no second names; nothing where nothing is there.
    fn kept_old(&self) -> std::io::Result<Option<TempPath>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(&self.prefix);
        let linked = builder.make_in(&self.folder, |name| fs::hard_link(&self.path, name));
        if let Ok(linked) = linked {
            return Ok(Some(linked.into_temp_path()));
        }
        let copy = builder.tempfile_in(&self.folder)?.into_temp_path();
        fs::copy(&self.path, &copy)?;
        Ok(Some(copy))
    }

    /// Removes what writers of the same target have left that were killed.
    ///
    /// What cannot be removed does no harm, and is tried again by the next.
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

/// A build by the superuser must not take the index from the service that reads it. Who may not give
/// files away keeps them.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
        let _ = fchown(file, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

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

    fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
        put(vec![Beside::of(path)?.filled(false, bytes)?])
    }

    #[test]
    fn a_file_is_replaced_and_a_reader_keeps_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.firm");
        replace(&path, b"old").unwrap();
        let mut reader = File::open(&path).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mut kept = String::new();
        std::io::Read::read_to_string(&mut reader, &mut kept).unwrap();
        assert_eq!(kept, "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn where_one_of_several_cannot_be_put_in_place_none_is() {
        let dir = tempfile::tempdir().unwrap();
        let named = |name: &str| dir.path().join(name);
        fs::write(named("old"), b"old").unwrap();
        let filled = |name: &str| Beside::of(&named(name)).unwrap().filled(false, b"new").unwrap();
        let files = vec![filled("old"), filled("first"), filled("folder")];
        // It has come meanwhile.
        fs::create_dir(named("folder")).unwrap();
        assert!(put(files).is_err());
        assert_eq!(fs::read(named("old")).unwrap(), b"old");
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["folder", "old"], "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_a_new_file_is_as_readable_as_any_and_a_rebuilt_one_as_before() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("x.firm"), dir.path().join("current"));
        std::os::unix::fs::symlink("x.firm", &link).unwrap();
        replace(&link, b"first").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"first", "where the link leads to was nothing");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        fs::write(dir.path().join("plain"), b"").unwrap();
        assert_eq!(mode(&file), mode(&dir.path().join("plain")));
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&file) & 0o777, 0o640, "what it was is kept");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_build_of_the_superuser_leaves_a_file_to_its_owner() {
        use std::os::unix::fs::{MetadataExt, chown};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.firm");
        fs::write(&path, b"old").unwrap();
        // Only the superuser may give it away.
        if chown(&path, Some(12345), Some(12346)).is_ok() {
            replace(&path, b"new").unwrap();
            let file = fs::metadata(&path).unwrap();
            assert_eq!((file.uid(), file.gid()), (12345, 12346));
        }
    }

    #[test]
    fn what_a_dead_writer_left_is_swept_and_what_a_living_one_writes_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = Beside::of(&dir.path().join("x.firm")).unwrap();
        let living = target.new_file(false).unwrap();
        let dead = dir.path().join(".x.firm.new-dead");
        let other = dir.path().join(".y.firm.new-dead");
        fs::write(&dead, b"half").unwrap();
        fs::write(&other, b"half").unwrap();
        replace(&dir.path().join("x.firm"), b"new").unwrap();
        assert!(!dead.exists() && other.exists() && living.path().exists());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = replace(Path::new("/no/such/folder/x.firm"), b"").unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/x.firm: cannot create"), "{error}");
    }
}
