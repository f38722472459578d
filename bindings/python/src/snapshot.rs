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

/// The most names, and the most companies, that are kept.
const MOST: usize = 1 << 18;
/// The longest name that is kept, in bytes, with its company: so what is kept is bounded, whatever an
/// index holds.
const LONGEST: usize = 1 << 10;
/// So many slots are made together, when one of them is first asked for.
const CHUNK: usize = 256;

/// Objects of the answers of an index, made when they are first asked for. Every answer has a slot of its
/// own, and what is in a slot stays, so that finding it again takes no lock: the same visitors come again
/// and again. Two answers may have the same company, which is then two equal objects.
struct Made<T> {
    chunks: Box<[OnceLock<Chunk<T>>]>,
    /// How many more are kept.
    left: AtomicUsize,
}

impl<T> Made<T> {
    fn of(index: &Index) -> Self {
        let chunks = index.answer_count().div_ceil(CHUNK);
        let chunks = (0..chunks).map(|_| OnceLock::new()).collect();
        Self { chunks, left: AtomicUsize::new(MOST) }
    }

    #[inline]
    fn get(&self, id: AnswerId) -> Option<&Py<T>> {
        let (chunk, slot) = (id.get() as usize / CHUNK, id.get() as usize % CHUNK);
        self.chunks.get(chunk)?.get()?[slot].get()
    }

    /// Keeps an object, if there is room for it, and unless another thread was faster.
    fn keep(&self, id: AnswerId, object: Py<T>) {
        let one_less = |left: usize| left.checked_sub(1);
        let room = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        let (chunk, slot) = (id.get() as usize / CHUNK, id.get() as usize % CHUNK);
        if let (Ok(_), Some(chunk)) = (room, self.chunks.get(chunk)) {
            let slots = || (0..CHUNK).map(|_| OnceLock::new()).collect();
            let _ = chunk.get_or_init(slots)[slot].set(object);
        }
    }
}

/// Slots that are made together.
type Chunk<T> = Box<[OnceLock<Py<T>>]>;

/// What is made of an index. Most who look an address up want the name and nothing else: so names are
/// apart, in a part of the memory.
struct Objects {
    names: Made<PyString>,
    companies: Made<Company>,
}

/// See the module.
#[pyclass(frozen, module = "firmtrie")]
pub struct Snapshot {
    pub loaded: Arc<firmtrie::Snapshot>,
    objects: Arc<Objects>,
}

impl Snapshot {
    /// The first of an index, or the next after `before`, whose objects stay if the index does.
    pub fn new(loaded: &Arc<firmtrie::Snapshot>, before: Option<&Self>) -> Self {
        let same = |before: &&Self| Arc::ptr_eq(before.loaded.index(), loaded.index());
        let objects =
            || Objects { names: Made::of(loaded.index()), companies: Made::of(loaded.index()) };
        let objects = before
            .filter(same)
            .map_or_else(|| Arc::new(objects()), |before| Arc::clone(&before.objects));
        Self { loaded: Arc::clone(loaded), objects }
    }

    /// Has the slot of an answer read, of which the name will be asked for soon: the processor goes on
    /// while it waits for memory.
    #[inline]
    pub fn read_ahead(&self, id: AnswerId) {
        std::hint::black_box(self.objects.names.get(id).is_some());
    }

    /// The name of the company of an answer.
    #[inline]
    pub fn name(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<PyString>>> {
        match self.objects.names.get(id) {
            Some(name) => Ok(Some(name.clone_ref(py))),
            None => self.make_name(py, id),
        }
    }

    #[inline(never)]
    fn make_name(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<PyString>>> {
        let company = self.loaded.index().answer(id).and_then(|answer| answer.company());
        let Some(company) = company.map_err(raise)? else { return Ok(None) };
        let name = PyString::new(py, company.name());
        if company.name().len() > LONGEST {
            return Ok(Some(name.unbind()));
        }
        let name = name.unbind();
        self.objects.names.keep(id, name.clone_ref(py));
        Ok(Some(name))
    }

    /// The company of an answer.
    #[inline]
    pub fn company(&self, py: Python<'_>, id: AnswerId) -> PyResult<Option<Py<Company>>> {
        match self.objects.companies.get(id) {
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
        if self.objects.names.get(id).is_some() {
            self.objects.companies.keep(id, company.clone_ref(py));
        }
        Ok(Some(company))
    }
}
