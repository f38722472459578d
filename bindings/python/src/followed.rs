//! Readers that follow a registry, and what becomes of them in a forked child.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use firmtrie::{Error, OpenIndex};
use pyo3::prelude::*;

use crate::errors;

/// An open index, which is let go of without the interpreter's lock: its thread may wait for that, to
/// tell of a failure.
#[derive(Clone)]
pub struct Opened(Option<Arc<OpenIndex>>);

impl Opened {
    pub fn new(opened: OpenIndex) -> Self {
        let opened = Arc::new(opened);
        if opened.has_registry() {
            add(&opened);
        }
        Self(Some(opened))
    }

    pub fn refresh(&self) -> firmtrie::Result<bool> {
        self.0.as_ref().map_or(Ok(false), |opened| opened.refresh())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let opened = self.0.take();
        // When the interpreter is ending, so is the process.
        let _ = Python::try_attach(|py| py.detach(|| drop(opened)));
    }
}

/// They are listed and resumed with the interpreter's lock, which whoever forks holds: so this one is
/// free in the child.
static FOLLOWED: Mutex<Vec<Weak<OpenIndex>>> = Mutex::new(Vec::new());

/// Has a reader go on following in every child.
fn add(opened: &Arc<OpenIndex>) {
    Python::attach(|_| {
        let mut followed = FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner);
        followed.retain(|opened| opened.strong_count() > 0);
        followed.push(Arc::downgrade(opened));
    });
}

/// Tells what could not be followed: to whom the user named, or to the log.
pub fn tell(on_error: Option<&Py<PyAny>>, error: &Error) {
    // Nothing, when the interpreter is ending.
    let _ = Python::try_attach(|py| {
        let told = || {
            let exception = errors::of(error).into_value(py);
            if let Some(on_error) = on_error {
                return on_error.call1(py, (exception,)).map(|_| ());
            }
            let logger = py.import("logging")?.call_method1("getLogger", ("firmtrie",))?;
            logger.call_method1("error", ("%s", exception)).map(|_| ())
        };
        if let Err(raised) = told() {
            raised.write_unraisable(py, None);
        }
    });
}

/// What a forked child does: the threads that follow registries stayed with its parent.
#[pyfunction]
pub fn _forked() {
    let followed = FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner);
    followed.iter().filter_map(Weak::upgrade).for_each(|opened| opened.resume());
}
