//! How the commands open an index, and the only `unsafe` code of the command line.
#![allow(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use firmtrie::live::Live;
use firmtrie::registry::{Registry, RegistryPath};
use firmtrie::{Index, Snapshot};

use crate::Failure;
use crate::log::input::{Place, places};

/// Which index, and how it is opened.
#[derive(Args)]
pub struct IndexFile {
    /// The index
    #[arg(value_name = "INDEX")]
    pub path: PathBuf,
    /// Read the index into memory, for a file that others may change in place
    #[arg(long)]
    in_memory: bool,
}

impl IndexFile {
    /// The one at a path, to be mapped.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), in_memory: false }
    }

    /// Maps the index, or reads it into memory.
    pub fn open(&self) -> Result<Index, Failure> {
        if self.in_memory {
            return Ok(Index::open(&self.path)?);
        }
        Ok(map(&self.path)?)
    }
}

/// Who is left out of an index since it was built.
#[derive(Args)]
pub struct Objections {
    /// Leave out who is in this registry, since the index was built
    #[arg(long, value_name = "DIR")]
    registry: Option<PathBuf>,
    /// The registry's key, if it does not lie in its folder
    #[arg(long, value_name = "FILE", requires = "registry")]
    key: Option<PathBuf>,
}

impl Objections {
    /// An index and the registry, to be followed.
    pub fn live(&self, index: &Path) -> Result<Live, Failure> {
        let open = |folder| Registry::open(folder, self.key.as_deref());
        let registry = self.registry.as_ref().map(open).transpose()?;
        Ok(Live::open_with(index, registry, map)?)
    }

    /// An index without who is in the registry, as it is now.
    pub fn snapshot(&self, index: &Path) -> Result<Arc<Snapshot>, Failure> {
        if self.registry.is_none() {
            return Ok(Arc::new(Snapshot::new(IndexFile::at(index).open()?)));
        }
        let snapshot = self.live(index)?.snapshot().clone();
        Ok(snapshot)
    }

    /// The files that are read for it, which nothing may be written over.
    pub fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let path = RegistryPath::named(self.registry.clone(), self.key.clone())?;
        Ok(path.map(|path| path.files()).unwrap_or_default())
    }

    /// Is a registry named?
    pub const fn is_named(&self) -> bool {
        self.registry.is_some()
    }
}

/// Other indexes, by paths or patterns of paths, with their names.
pub fn more(names: &[String]) -> Result<Vec<(String, Index)>, Failure> {
    let open = |place: Place| {
        let path = place.path();
        let path = path.ok_or_else(|| Failure::Usage("an index is no standard input".into()))?;
        Ok((place.name(), IndexFile::at(&path).open()?))
    };
    places(names).map_err(Failure::Error)?.into_iter().map(open).collect()
}

/// An index that is named by an option, and who is left out of it since it was built.
#[derive(Args)]
pub struct NamedIndex {
    /// The index
    #[arg(long = "index", value_name = "INDEX")]
    path: PathBuf,
    #[command(flatten)]
    objections: Objections,
}

impl NamedIndex {
    /// See [`Objections::live`].
    pub fn live(&self) -> Result<Live, Failure> {
        self.objections.live(&self.path)
    }

    /// See [`Objections::snapshot`].
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Failure> {
        self.objections.snapshot(&self.path)
    }

    /// The files that are read, which nothing may be written over.
    pub fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut files = self.objections.files()?;
        files.push(self.path.clone());
        Ok(files)
    }
}

/// Maps an index.
pub fn map(path: &Path) -> firmtrie::Result<Index> {
    // SAFETY: `firmtrie build` replaces an index and never writes into one; for files that
    // come another way `--in-memory` is offered.
    unsafe { Index::map(path) }
}
