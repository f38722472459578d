//! The visitor's address behind proxies, from Python.

use firmtrie::parse_address;
use pyo3::prelude::*;

use crate::errors::raise;

/// The operator's proxies, which write truthful headers; nobody is trusted by default.
///
/// >>> proxies = firmtrie.TrustedProxies(["10.0.0.0/8"])
/// >>> proxies.client("10.0.0.7", x_forwarded_for=["203.0.113.9, 198.51.100.4"])
/// '198.51.100.4'
#[pyclass(frozen, module = "firmtrie")]
pub struct TrustedProxies(firmtrie::TrustedProxies);

#[pymethods]
impl TrustedProxies {
    /// Proxies by their prefixes or addresses. Raises ``AddressError`` for what is neither.
    #[new]
    #[pyo3(signature = (prefixes=Vec::new()))]
    fn new(prefixes: Vec<String>) -> PyResult<Self> {
        let proxies = firmtrie::TrustedProxies::new(prefixes.iter().map(String::as_str));
        proxies.map(Self).map_err(raise)
    }

    /// The visitor's address: of ``peer``, who opened the connection, and of the values of all
    /// ``Forwarded`` (RFC 7239) and all ``X-Forwarded-For`` headers, in the order in which they came.
    /// ``None`` if a trusted proxy does not tell who called it.
    #[pyo3(signature = (peer, *, forwarded=Vec::new(), x_forwarded_for=Vec::new()))]
    fn client(
        &self,
        peer: &str,
        forwarded: Vec<String>,
        x_forwarded_for: Vec<String>,
    ) -> PyResult<Option<String>> {
        let peer = parse_address(peer).map_err(raise)?;
        let client = self.0.client(
            peer,
            forwarded.iter().map(String::as_str),
            x_forwarded_for.iter().map(String::as_str),
        );
        Ok(client.map(|address| address.to_string()))
    }
}
