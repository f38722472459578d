//! What a reader had loaded at some time: an index, what is taken out of it, and its companies as
//! objects.
//!
//! Matches hold it by a reference of Python, which costs nothing beside a counter that threads share.

use std::sync::{Arc, OnceLock};

use firmtrie::{CompanyId, Index};
use pyo3::prelude::*;

use crate::company::Company;

/// The most companies of an index that are kept as objects.
const MOST: usize = 1 << 16;

/// Companies of an index as objects, made when they are first asked for. A company's slot is its
/// number modulo a power of two; who comes first to a slot stays there, so that finding them again
/// takes no lock: the same few visitors come again and again.
pub struct Companies(Box<[OnceLock<Py<Company>>]>);

impl Companies {
    fn of(index: &Index) -> Self {
        let slots = index.company_count().next_power_of_two().min(MOST);
        Self((0..slots).map(|_| OnceLock::new()).collect())
    }

    #[inline]
    fn get(&self, py: Python<'_>, index: &Arc<Index>, id: CompanyId) -> PyResult<Py<Company>> {
        let slot = &self.0[id.get() as usize & (self.0.len() - 1)];
        match slot.get() {
            Some(company) if company.get().id == id => Ok(company.clone_ref(py)),
            _ => Self::make(py, index, id, slot),
        }
    }

    #[inline(never)]
    fn make(
        py: Python<'_>,
        index: &Arc<Index>,
        id: CompanyId,
        slot: &OnceLock<Py<Company>>,
    ) -> PyResult<Py<Company>> {
        let company = Py::new(py, Company::new(py, Arc::clone(index), id)?)?;
        // If another thread was faster, or it is another's slot, it is not kept.
        let _ = slot.set(company.clone_ref(py));
        Ok(company)
    }
}

/// See the module.
#[pyclass(frozen, module = "firmtrie")]
pub struct Snapshot {
    pub loaded: Arc<firmtrie::Snapshot>,
    companies: Arc<Companies>,
}

impl Snapshot {
    /// The first of an index, or the next after `before`, whose companies stay if the index does.
    pub fn new(loaded: &Arc<firmtrie::Snapshot>, before: Option<&Self>) -> Self {
        let same = |before: &&Self| Arc::ptr_eq(before.loaded.index(), loaded.index());
        let companies = match before.filter(same) {
            Some(before) => Arc::clone(&before.companies),
            None => Arc::new(Companies::of(loaded.index())),
        };
        Self { loaded: Arc::clone(loaded), companies }
    }

    /// The object of a company.
    #[inline]
    pub fn company(&self, py: Python<'_>, id: CompanyId) -> PyResult<Py<Company>> {
        self.companies.get(py, self.loaded.index(), id)
    }
}
