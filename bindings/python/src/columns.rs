//! Columns of addresses in, columns of answers out, through Arrow's PyCapsule interface.
//!
//! Anything that speaks it is taken, and takes what is given:
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>. The answers are
//! those of the library; this file is the border only.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StructArray};
use arrow_schema::Field;
use firmtrie::columns::{Column as Asked, Invalid};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3_arrow::ffi::{
    ArrayIterator, to_array_pycapsules, to_schema_pycapsule, to_stream_pycapsule,
};
use pyo3_arrow::input::AnyArray;

use crate::errors::raise;

/// What is known of a column of addresses: a table, a row for each address.
///
/// It speaks Arrow: ``pyarrow.table(columns)``, ``polars.DataFrame(columns)``,
/// ``duckdb.from_arrow(pyarrow.table(columns))``. Texts are dictionaries with int32 keys.
#[pyclass(frozen, module = "firmtrie")]
pub struct Columns(firmtrie::columns::Columns);

/// One column of what is known; it speaks Arrow as the whole does: ``pyarrow.array(column)``,
/// ``polars.Series(column)``.
#[pyclass(frozen, module = "firmtrie", name = "Column")]
pub struct One {
    batch: RecordBatch,
    at: usize,
}

/// Looks up a column for Python; other threads run meanwhile.
pub fn look_up(
    py: Python<'_>,
    loaded: &firmtrie::Snapshot,
    addresses: &Bound<'_, PyAny>,
    fields: &[String],
    invalid: &str,
) -> PyResult<Columns> {
    let invalid = match invalid {
        "null" => Invalid::Null,
        "raise" => Invalid::Refuse,
        other => {
            return Err(PyValueError::new_err(format!(
                "invalid={other:?}: say \"null\" or \"raise\""
            )));
        }
    };
    let ask = |field: &String| {
        let asked = field.parse::<Asked>();
        asked.map_err(|error| PyValueError::new_err(format!("field {field:?} {error}")))
    };
    let asked = fields.iter().map(ask).collect::<PyResult<Vec<_>>>()?;
    let addresses: AnyArray =
        addresses.extract().map_err(|error: PyErr| refuse(addresses, error))?;
    let chunks = addresses.into_reader()?;
    // A stream may wait for other threads of Python.
    let chunks: Result<Vec<_>, _> = py.detach(|| chunks.collect());
    let chunks = chunks.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let found = py.detach(|| loaded.lookup_columns(&chunks, &asked, invalid));
    found.map(Columns).map_err(raise)
}

/// What speaks no Arrow; what fails while it speaks says why itself.
fn refuse(addresses: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    let speaks = |method| addresses.hasattr(method).unwrap_or(false);
    if speaks("__arrow_c_array__") || speaks("__arrow_c_stream__") {
        return error;
    }
    let name = addresses.get_type().name().map_or_else(|_| "this".into(), |name| name.to_string());
    PyTypeError::new_err(format!(
        "{name} speaks no Arrow: give a column of pyarrow, polars, pandas or another that does, or \
         ask lookup_many"
    ))
}

impl One {
    fn field(&self) -> Arc<Field> {
        Arc::clone(&self.batch.schema_ref().fields()[self.at])
    }
}

#[pymethods]
impl One {
    /// Its name.
    #[getter]
    fn name(&self) -> String {
        self.field().name().clone()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<firmtrie.Column {}: {} rows>", self.name(), self.batch.num_rows())
    }

    #[pyo3(signature = () -> "typing.Any")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.field().as_ref())?)
    }

    #[pyo3(signature = (requested_schema: "typing.Any" = None) -> "tuple[typing.Any, typing.Any]")]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        Ok(to_array_pycapsules(py, self.field(), self.batch.column(self.at), requested_schema)?)
    }
}

impl Columns {
    fn whole(&self) -> (Arc<Field>, StructArray) {
        let rows = StructArray::from(self.0.batch.clone());
        (Arc::new(Field::new("", rows.data_type().clone(), false)), rows)
    }
}

#[pymethods]
impl Columns {
    /// How many rows held something which is no address. Rows without a value are not counted.
    #[getter]
    const fn invalid(&self) -> usize {
        self.0.invalid
    }

    /// The names of the columns, in their order.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// One column, by its name.
    fn __getitem__(&self, name: &str) -> PyResult<One> {
        match self.0.batch.schema_ref().index_of(name) {
            Ok(at) => Ok(One { batch: self.0.batch.clone(), at }),
            Err(_) => Err(PyKeyError::new_err(name.to_owned())),
        }
    }

    /// How many rows there are.
    fn __len__(&self) -> usize {
        self.0.batch.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<firmtrie.Columns {}: {} rows>", self.names().join(", "), self.0.batch.num_rows())
    }

    #[pyo3(signature = () -> "typing.Any")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.0.batch.schema_ref().as_ref())?)
    }

    #[pyo3(signature = (requested_schema: "typing.Any" = None) -> "tuple[typing.Any, typing.Any]")]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let (field, rows) = self.whole();
        Ok(to_array_pycapsules(py, field, &rows, requested_schema)?)
    }

    #[pyo3(signature = (requested_schema: "typing.Any" = None) -> "typing.Any")]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let (field, rows) = self.whole();
        let one = std::iter::once(Ok(Arc::new(rows) as Arc<dyn Array>));
        let reader = Box::new(ArrayIterator::new(one, field));
        Ok(to_stream_pycapsule(py, reader, requested_schema)?)
    }
}
