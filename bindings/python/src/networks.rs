//! The way back: networks in address order, as an iterator of Python.

use firmtrie::{Index, IpNet};
use pyo3::prelude::*;

use crate::errors::raise;
use crate::found::{Classification, Found};
use crate::reader::Reader;
use crate::snapshot::Snapshot;

/// Networks in address order, each a :class:`Classification` without an address. What the reader
/// takes over meanwhile changes nothing of it.
#[pyclass(module = "firmtrie")]
pub struct Networks {
    snapshot: Py<Snapshot>,
    left: std::vec::IntoIter<(IpNet, u32)>,
}

impl Networks {
    /// Those that `wanted` names, but for what is taken out of the index.
    pub fn of(
        reader: &Bound<'_, Reader>,
        wanted: impl FnOnce(&Index) -> firmtrie::Result<Vec<firmtrie::Networks<'_>>> + Send,
    ) -> PyResult<Self> {
        let snapshot = reader.get().snapshot(reader.py())?;
        let loaded = &snapshot.get().loaded;
        let shown = reader.py().detach(|| {
            let mut shown = Vec::new();
            for networks in wanted(loaded.index())? {
                shown.append(&mut loaded.networks(networks)?);
            }
            Ok(shown)
        });
        let left = shown.map_err(raise)?.into_iter();
        Ok(Self { snapshot, left })
    }
}

#[pymethods]
impl Networks {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> Option<Classification> {
        let (network, number) = self.left.next()?;
        let found = Found::new(self.snapshot.clone_ref(py), network.addr(), number);
        Some(Classification(found.whole()))
    }

    /// How many are left.
    fn __length_hint__(&self) -> usize {
        self.left.len()
    }
}
