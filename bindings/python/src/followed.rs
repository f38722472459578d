//! Readers that follow a registry, and what becomes of them in a forked child.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use firmtrie::Error;
use firmtrie::live::Live;
use pyo3::prelude::*;

use crate::errors;

/// An open index, which is let go of without the interpreter's lock: its thread may wait for that, to
/// tell of a failure.
#[derive(Clone)]
pub struct Opened(Option<Arc<Live>>);

impl Opened {
    /// `tell` is told what cannot be followed of a registry, if there is one.
    pub fn new(live: Live, tell: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        let live = Arc::new(live);
        if live.registry().is_some() {
            // What tells uses it. A child that is forked while the thread imports it never has the whole
            // of it; an error here comes again when there is something to tell.
            let _ = Python::attach(|py| py.import("logging").map(|_| ()));
            live.watch(tell);
            add(&live);
        }
        Self(Some(live))
    }

    #[inline(always)]
    pub fn live(&self) -> Option<&Live> {
        self.0.as_deref()
    }

    pub fn refresh(&self) -> firmtrie::Result<bool> {
        self.live().map_or(Ok(false), Live::refresh)
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
static FOLLOWED: Mutex<Vec<Weak<Live>>> = Mutex::new(Vec::new());

/// Has a reader go on following in every child.
fn add(opened: &Arc<Live>) {
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
