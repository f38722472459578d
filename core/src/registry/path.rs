//! Where a registry lies.

use std::path::{Path, PathBuf};

use super::{DATABASE, KEY, Registry};
use crate::error::{Error, Result};

/// Where a registry lies: its folder, and its key where that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistryPath {
    folder: PathBuf,
    key: Option<PathBuf>,
}

impl RegistryPath {
    /// A folder, and the file of the key if it is not in the folder.
    pub fn new(folder: impl Into<PathBuf>, key: Option<PathBuf>) -> Self {
        Self { folder: folder.into(), key }
    }

    /// The same of what may be named or not.
    ///
    /// # Errors
    /// [`Error::Usage`] if a key is named and no registry: whoever objected would be shown.
    pub fn named(folder: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>> {
        match (folder, key) {
            (Some(folder), key) => Ok(Some(Self { folder, key })),
            (None, None) => Ok(None),
            (None, Some(_)) => {
                Err(Error::Usage("key is the key of a registry; name that too".to_owned()))
            }
        }
    }

    /// Opens the registry that lies there.
    ///
    /// # Errors
    /// Those of [`Registry::open`].
    pub fn open(&self) -> Result<Registry> {
        Registry::open(&self.folder, self.key.as_deref())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files that a registry is made of, and its key's, also those that are there at times only.
    pub fn files(&self) -> Vec<PathBuf> {
        let named = |name: &str| self.folder.join(name);
        let database =
            ["", "-journal", "-wal", "-shm"].map(|end| named(&format!("{DATABASE}{end}")));
        let key = self.key.clone().unwrap_or_else(|| named(KEY));
        database.into_iter().chain([key]).collect()
    }

    /// The file of the key, if it is not in the folder.
    pub fn key(&self) -> Option<&Path> {
        self.key.as_deref()
    }
}

impl From<PathBuf> for RegistryPath {
    fn from(folder: PathBuf) -> Self {
        Self::new(folder, None)
    }
}

impl<T: AsRef<Path> + ?Sized> From<&T> for RegistryPath {
    fn from(folder: &T) -> Self {
        Self::new(folder.as_ref(), None)
    }
}
