//! Values that have a type of their own in Python: words, and networks of `ipaddress`.

use std::convert::Infallible;

use firmtrie::{IpNet, Kind, Status};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use pyo3::{type_hint_identifier, type_hint_union};

/// A status, as one of few words.
pub struct StatusWord(pub Status);

/// A kind, as one of few words.
pub struct KindWord(pub Kind);

/// A network as an `ipaddress.IPv4Network` or `IPv6Network`.
pub struct NetworkObject(pub IpNet);

impl<'py> IntoPyObject<'py> for StatusWord {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = Infallible;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_identifier!("firmtrie.types", "Status");

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
        self.0.as_str().into_pyobject(py)
    }
}

impl<'py> IntoPyObject<'py> for KindWord {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = Infallible;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_identifier!("firmtrie.types", "Kind");

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
        self.0.as_str().into_pyobject(py)
    }
}

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
