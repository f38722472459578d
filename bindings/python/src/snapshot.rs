//! What a reader had loaded at some time: an index, what is taken out of it, and its names and companies
//! as objects.
//!
//! Matches hold it by a reference of Python, which costs nothing beside a counter that threads share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use firmtrie::{AnswerId, Index};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::company::Company;
use crate::errors::raise;

/// The most answers of an index whose objects are kept.
const MOST: usize = 1 << 18;
/// Slots that are made together, when one of them is first asked for.
const CHUNK: usize = 256;

/// Names and companies of an index as objects, made when they are first asked for. Every answer has a
/// slot of its own, and what is in a slot stays, so that finding it again takes no lock: the same
/// visitors come again and again. Two answers may have the same company, which is then two equal objects.
pub struct Made {
    chunks: Box<[OnceLock<Box<[Slot]>>]>,
    /// How many more objects are kept.
    left: AtomicUsize,
}

/// What was made of an answer. Most who look an address up want the name and nothing else.
#[derive(Default)]
struct Slot {
    name: OnceLock<Py<PyString>>,
    company: OnceLock<Py<Company>>,
}

impl Made {
    fn of(index: &Index) -> Self {
        let chunks = index.answer_count().div_ceil(CHUNK);
        let chunks = (0..chunks).map(|_| OnceLock::new()).collect();
        Self { chunks, left: AtomicUsize::new(2 * MOST) }
    }

    #[inline]
    fn slot(&self, id: AnswerId) -> Option<&Slot> {
        let (chunk, slot) = (id.get() as usize / CHUNK, id.get() as usize % CHUNK);
        self.chunks.get(chunk)?.get().map(|slots| &slots[slot])
    }

    /// The slot of an answer, if there is room for what it is to hold.
    fn room(&self, id: AnswerId) -> Option<&Slot> {
        let one_less = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        let (chunk, slot) = (id.get() as usize / CHUNK, id.get() as usize % CHUNK);
        let slots = || (0..CHUNK).map(|_| Slot::default()).collect();
        Some(&self.chunks.get(chunk)?.get_or_init(slots)[slot])
    }
}

/// See the module.
#[pyclass(frozen, module = "firmtrie")]
pub struct Snapshot {
    pub loaded: Arc<firmtrie::Snapshot>,
    made: Arc<Made>,
}

impl Snapshot {
    /// The first of an index, or the next after `before`, whose objects stay if the index does.
    pub fn new(loaded: &Arc<firmtrie::Snapshot>, before: Option<&Self>) -> Self {
        let same = |before: &&Self| Arc::ptr_eq(before.loaded.index(), loaded.index());
        let made = match before.filter(same) {
            Some(before) => Arc::clone(&before.made),
            None => Arc::new(Made::of(loaded.index())),
        };
        Self { loaded: Arc::clone(loaded), made }
    }

    /// Has the slot of an answer read, of which the name will be asked for soon: the processor goes on
    /// while it waits for memory.
    #[inline]
    pub fn read_ahead(&self, id: AnswerId) {
        let slot = self.made.slot(id);
        std::hint::black_box(slot.is_some_and(|slot| slot.name.get().is_some()));
    }

    /// The name of the company of an answer.
    #[inline]
    pub fn name(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<PyString>>> {
        match self.made.slot(id).and_then(|slot| slot.name.get()) {
            Some(name) => Ok(Some(name.clone_ref(py))),
            None => self.make_name(py, id),
        }
    }

    #[inline(never)]
    fn make_name(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<PyString>>> {
        let company = self.loaded.index().answer(id).and_then(|answer| answer.company());
        let Some(company) = company.map_err(raise)? else { return Ok(None) };
        let name = PyString::new(py, company.name()).unbind();
        if let Some(slot) = self.made.room(id) {
            // If another thread was faster, this one is not kept.
            let _ = slot.name.set(name.clone_ref(py));
        }
        Ok(Some(name))
    }

    /// The company of an answer.
    #[inline]
    pub fn company(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<Company>>> {
        match self.made.slot(id).and_then(|slot| slot.company.get()) {
            Some(company) => Ok(Some(company.clone_ref(py))),
            None => self.make_company(py, id),
        }
    }

    #[inline(never)]
    fn make_company(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<Company>>> {
        let index = self.loaded.index();
        let number = index.answer(id).map_err(raise)?.company_id();
        let (Some(number), Some(name)) = (number, self.name(py, id)?) else { return Ok(None) };
        let company = Py::new(py, Company::new(Arc::clone(index), number, name))?;
        if let Some(slot) = self.made.room(id) {
            let _ = slot.company.set(company.clone_ref(py));
        }
        Ok(Some(company))
    }
}
