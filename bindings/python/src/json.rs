//! The library's plain shapes as Python's: dicts, lists and texts, by way of JSON, so that all
//! languages give the same.

use firmtrie::Error;
use pyo3::prelude::*;
use serde::Serialize;

use crate::errors::raise;

/// What `json.loads` makes of it.
pub fn object<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text =
        serde_json::to_string(value).map_err(|error| raise(Error::Usage(error.to_string())))?;
    py.import("json")?.call_method1("loads", (text,))
}
