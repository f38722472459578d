//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go into a new file beside the target, to the disk, and only then under its name, so
//! that a crash at any moment leaves the old file, and readers that have it mapped keep it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

/// Replaces the file at `path`, or makes it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    // Through a symbolic link its target is replaced, as a plain write would.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".firmtrie-");
    // Temporary files are private by default; an index is as readable as any new file.
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(Error::io(path, "create a file beside"))?;
    file.write_all(bytes).map_err(Error::io(path, "write"))?;
    file.as_file().sync_all().map_err(Error::io(path, "write"))?;
    file.persist(&target).map_err(|error| Error::io(path, "replace")(error.error))?;
    sync_folder(folder).map_err(Error::io(folder, "sync"))
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
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mut kept = String::new();
        std::io::Read::read_to_string(&mut reader, &mut kept).unwrap();
        assert_eq!(kept, "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_file_is_as_readable_as_any() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("x.firm"), dir.path().join("current"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        let plain = mode(&file);
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&file), plain);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = replace(Path::new("/no/such/folder/x.firm"), b"").unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/x.firm: cannot create"), "{error}");
    }
}
