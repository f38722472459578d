//! The way back: networks in address order, as an iterator of Python.

use firmtrie::AnswerId;
use firmtrie::net::IpNet;
use pyo3::prelude::*;

use crate::errors::raise;
use crate::found::{Classification, Found};
use crate::snapshot::Snapshot;

type Now = dyn Fn(Python<'_>) -> Option<Py<Snapshot>> + Send + Sync;

/// Networks in address order, each a :class:`Classification` without an address. Who objects
/// meanwhile is passed over, and with an address the network that holds it; nothing else that the
/// reader takes over changes anything of it.
#[pyclass(module = "firmtrie")]
pub struct Networks {
    /// What its reader has loaded now; nothing, if that is closed.
    now: Box<Now>,
    snapshot: Py<Snapshot>,
    left: std::vec::IntoIter<(IpNet, AnswerId)>,
}

impl Networks {
    /// Those that `wanted` names, but for what is taken out of the index.
    pub fn of(
        py: Python<'_>,
        snapshot: Py<Snapshot>,
        now: impl Fn(Python<'_>) -> Option<Py<Snapshot>> + Send + Sync + 'static,
        wanted: impl FnOnce(&firmtrie::Snapshot) -> firmtrie::Result<firmtrie::Networks<'_>> + Send,
    ) -> PyResult<Self> {
        let loaded = &snapshot.get().loaded;
        let shown = py.detach(|| {
            let mut shown = Vec::new();
            for network in wanted(loaded)? {
                let network = network?;
                shown.push((network.prefix(), network.answer_id()));
            }
            Ok(shown)
        });
        let left = shown.map_err(raise)?.into_iter();
        Ok(Self { now: Box::new(now), snapshot, left })
    }

    /// Is a company named here that the reader, as it is now, does not name in all of this network?
    fn is_hidden(&self, py: Python<'_>, network: IpNet, id: AnswerId) -> PyResult<bool> {
        // A reader that is closed follows nobody; what was begun goes on.
        let Some(now) = (self.now)(py) else { return Ok(false) };
        let named = self.snapshot.get().loaded.index().names_company(id);
        if now.is(&self.snapshot) || !named {
            return Ok(false);
        }
        let now = &now.get().loaded;
        Ok(now.hides_in(network)
            || !now.index().names_company(now.answer_id(network.addr()).map_err(raise)?))
    }
}

#[pymethods]
impl Networks {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Classification>> {
        while let Some((network, id)) = self.left.next() {
            if !self.is_hidden(py, network, id)? {
                let snapshot = self.snapshot.clone_ref(py);
                let found = Found::of_network(snapshot, network.addr(), id);
                return Ok(Some(Classification(found)));
            }
        }
        Ok(None)
    }

    /// How many are left.
    fn __length_hint__(&self) -> usize {
        self.left.len()
    }
}
