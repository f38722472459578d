//! Values that have a type of their own in Python: words, and networks of `ipaddress`.

use std::convert::Infallible;

use firmtrie::net::IpNet;
use firmtrie::{Kind, Status};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};
use pyo3::{type_hint_identifier, type_hint_union};

/// A word, of a type that `firmtrie.types` lists the words of.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $of:ty, $hint:literal) => {
        $(#[$doc])*
        pub struct $name(pub $of);

        impl<'py> IntoPyObject<'py> for $name {
            type Target = PyString;
            type Output = Bound<'py, PyString>;
            type Error = Infallible;
            const OUTPUT_TYPE: PyStaticExpr = type_hint_identifier!("firmtrie.types", $hint);

            fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
                self.0.as_str().into_pyobject(py)
            }
        }
    };
}

word! {
    /// A status.
    StatusWord, Status, "Status"
}
word! {
    /// A kind.
    KindWord, Kind, "Kind"
}

/// A network as an `ipaddress.IPv4Network` or `IPv6Network`.
pub struct NetworkObject(pub IpNet);

impl<'py> IntoPyObject<'py> for NetworkObject {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_union!(
        type_hint_identifier!("ipaddress", "IPv4Network"),
        type_hint_identifier!("ipaddress", "IPv6Network")
    );

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        static NETWORK: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let make = NETWORK.get_or_try_init(py, || {
            Ok::<_, PyErr>(py.import("ipaddress")?.getattr("ip_network")?.unbind())
        })?;
        make.bind(py).call1((self.0.to_string(),))
    }
}

/// Fields by which an object is a data class to whoever asks: `dataclasses.asdict` makes a dict of it, and so
/// do the encoders of web frameworks.
pub fn dataclass_fields(py: Python<'_>, names: &[&str]) -> PyResult<Py<PyAny>> {
    let made =
        py.import("dataclasses")?.call_method1("make_dataclass", ("Fields", names.to_vec()))?;
    Ok(made.getattr("__dataclass_fields__")?.unbind())
}

/// How pydantic makes JSON of objects of a class.
pub fn pydantic_schema<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    class.py().import("firmtrie._pydantic")?.call_method1("schema", (class,))
}
