//! The library's plain shapes as Python's, dicts, lists and texts: what it would be as JSON, so that
//! all languages give the same.

use firmtrie::Error;
use pyo3::prelude::*;
use serde::Serialize;

use crate::errors::raise;

/// What `json.loads` would make of it.
pub fn object<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    pythonize::pythonize(py, value).map_err(|error| raise(Error::Usage(error.to_string())))
}
