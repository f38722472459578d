//! How objects show themselves: a class, and what is known of its fields, as Python writes it.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// `Class(field='text', ...)`; fields of nothing are left out.
pub fn of<'a>(
    py: Python<'_>,
    class: &str,
    fields: impl IntoIterator<Item = (&'a str, Option<String>)>,
) -> PyResult<String> {
    let mut shown = Vec::new();
    for (field, value) in fields {
        if let Some(value) = value {
            shown.push(format!("{field}={}", PyString::new(py, &value).repr()?));
        }
    }
    Ok(format!("{class}({})", shown.join(", ")))
}
