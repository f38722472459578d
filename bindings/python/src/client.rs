//! The visitor's address behind proxies, from Python.

use firmtrie::client::ProxyHeader;
use firmtrie::net::parse_address;
use pyo3::prelude::*;

use crate::errors::raise;

/// The names, in lower case, of the headers in which proxies tell who called them.
#[pyfunction]
pub fn _proxy_headers() -> Vec<&'static str> {
    ProxyHeader::all().map(ProxyHeader::name).collect()
}

/// The operator's proxies, which write truthful headers; nobody is trusted by default.
///
/// Of all headers one is read, that which the operator's proxy writes: ``X-Forwarded-For``, unless
/// ``header`` names ``Forwarded`` (RFC 7239) or one that holds a single address, such as
/// ``CF-Connecting-IP``. All others are a visitor's word.
///
/// >>> proxies = firmtrie.TrustedProxies(["10.0.0.0/8"])
/// >>> proxies.client("10.0.0.7", ["203.0.113.9, 198.51.100.4"])
/// '198.51.100.4'
#[pyclass(frozen, module = "firmtrie")]
pub struct TrustedProxies(firmtrie::client::TrustedProxies);

#[pymethods]
impl TrustedProxies {
    /// Proxies by their prefixes or addresses; ``loopback`` is this machine, ``unix`` a socket of the file
    /// system. Raises ``AddressError`` for what is none of these.
    #[new]
    #[pyo3(signature = (prefixes=Vec::new(), *, header="X-Forwarded-For"))]
    fn new(prefixes: Vec<String>, header: &str) -> PyResult<Self> {
        let proxies = firmtrie::client::TrustedProxies::new(prefixes.iter().map(String::as_str));
        Ok(Self(proxies.map_err(raise)?.writing(header.parse().map_err(raise)?)))
    }

    /// The visitor's address: of ``peer``, who opened the connection, or ``None`` by a socket of the file
    /// system, and of the values of the header, in the order in which they came. ``None`` if a trusted proxy does not tell who called it.
    #[pyo3(signature = (peer, values=Vec::new()))]
    fn client(&self, peer: Option<&str>, values: Vec<String>) -> PyResult<Option<String>> {
        let peer = peer.map(parse_address).transpose().map_err(raise)?;
        let values = values.iter().map(String::as_str);
        let client = match peer {
            Some(peer) => self.0.client(peer, values),
            None => self.0.client_by_unix_socket(values),
        };
        Ok(client.map(|address| address.to_string()))
    }

    /// The name of the header that is read, in lower case.
    #[getter]
    const fn header(&self) -> &'static str {
        self.0.header().name()
    }
}
