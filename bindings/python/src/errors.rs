//! The library's errors as Python's exceptions, which `firmtrie/errors.py` declares.
//!
//! Messages are the library's; `kind` of an exception is the word that all surfaces have for it.

use firmtrie::{Error, UnknownWord};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The exception of an error.
#[cold]
pub fn raise(error: Error) -> PyErr {
    of(&error)
}

/// The exception of a word that is none.
#[cold]
pub fn unknown(word: UnknownWord) -> PyErr {
    raise(word.into())
}

/// The same of one that is lent.
pub fn of(error: &Error) -> PyErr {
    match error {
        Error::Io { path, source, .. } => {
            let missing = source.kind() == std::io::ErrorKind::NotFound;
            let kind = if missing { "missing" } else { "io" };
            exception((kind, error.to_string(), source.raw_os_error(), path.display().to_string()))
        }
        _ => refuse(error.kind(), error.to_string()),
    }
}

/// The exception of a kind of error, with a message.
#[cold]
pub fn refuse(kind: &'static str, message: String) -> PyErr {
    exception((kind, message))
}

/// What Python makes of a kind, a message, and, of files, what the system said.
fn exception(of: impl for<'py> pyo3::call::PyCallArgs<'py>) -> PyErr {
    static OF_KIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Python::attach(|py| {
        let made = OF_KIND
            .get_or_try_init(py, || Ok(py.import("firmtrie.errors")?.getattr("_of_kind")?.unbind()))
            .and_then(|of_kind| of_kind.call1(py, of));
        match made {
            Ok(exception) => PyErr::from_value(exception.into_bound(py)),
            Err(error) => error,
        }
    })
}

/// Nobody asks a reader that was closed.
#[cold]
pub fn closed(path: &std::path::Path) -> PyErr {
    refuse("closed", format!("{}: the reader is closed", path.display()))
}
