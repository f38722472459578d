//! Addresses as Python has them: text, `ipaddress` objects, packed bytes, integers.
//!
//! Text is what the library parses. An integer says its family, or has the one that
//! `ipaddress.ip_address` would give it. Host names, ports and zones are refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firmtrie::net::parse_address;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyInt, PyString, PyType};

use crate::errors::{self, refuse};

/// An address that was asked for. Unlike `IpAddr` it is made of whole words, which are copied without a
/// wait for the bytes that they were written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    V4(u32),
    V6(u64, u64),
}

impl From<IpAddr> for Asked {
    #[inline(always)]
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                Self::V6((bits >> 64) as u64, bits as u64)
            }
        }
    }
}

impl From<Asked> for IpAddr {
    #[inline(always)]
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::V4(bits) => Ipv4Addr::from_bits(bits).into(),
            Asked::V6(high, low) => {
                Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low)).into()
            }
        }
    }
}

/// Reads one address; `version` (4 or 6) tells the family of an integer.
#[inline(always)]
pub fn read(value: &Bound<'_, PyAny>, version: Option<u8>) -> PyResult<Asked> {
    if let Ok(text) = value.cast::<PyString>() {
        return match text.to_str() {
            Ok(text) => match parse_address(text) {
                Ok(address) => Ok(address.into()),
                Err(error) => Err(errors::raise(error)),
            },
            Err(_) => Err(refused(value)),
        };
    }
    other(value, version).map(Asked::from)
}

#[cold]
fn other(value: &Bound<'_, PyAny>, version: Option<u8>) -> PyResult<IpAddr> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return packed(bytes.as_bytes());
    }
    // A bool is an integer to Python, and an address to nobody.
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<pyo3::types::PyBool>() {
        return integer(value, version);
    }
    if is_address(value)? {
        if !value.getattr("scope_id").map_or(Ok(true), |scope| Ok::<_, PyErr>(scope.is_none()))? {
            return Err(refused(value));
        }
        return packed(value.getattr("packed")?.cast::<PyBytes>()?.as_bytes());
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "an address is a str, an ipaddress object, 4 or 16 bytes or an int, not {kind}"
    )))
}

/// Four bytes or sixteen, the first the highest.
fn packed(bytes: &[u8]) -> PyResult<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(Ipv4Addr::from(four).into());
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(sixteen) => Ok(IpAddr::V6(sixteen.into()).to_canonical()),
        Err(_) => Err(refuse(
            "address",
            format!("a packed address has 4 or 16 bytes, not {}", bytes.len()),
        )),
    }
}

fn integer(value: &Bound<'_, PyAny>, version: Option<u8>) -> PyResult<IpAddr> {
    let out = |family| refuse("address", format!("{value} is not the number of an {family}"));
    let number: u128 = value.extract().map_err(|_| out("IPv4 or IPv6 address"))?;
    match (version, u32::try_from(number)) {
        (None | Some(4), Ok(v4)) => Ok(Ipv4Addr::from(v4).into()),
        (Some(4), Err(_)) => Err(out("IPv4 address")),
        (None | Some(6), _) => Ok(IpAddr::V6(Ipv6Addr::from(number)).to_canonical()),
        (Some(other), _) => {
            Err(refuse("address", format!("there is no IP version {other}; it is 4 or 6")))
        }
    }
}

/// Is it an `ipaddress.IPv4Address` or `IPv6Address`?
fn is_address(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    static V4: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static V6: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    Ok(value.is_instance(V4.import(py, "ipaddress", "IPv4Address")?)?
        || value.is_instance(V6.import(py, "ipaddress", "IPv6Address")?)?)
}

/// The error of one of many, by its index.
#[cold]
pub fn at(py: Python<'_>, index: usize, error: &PyErr) -> PyErr {
    let message = format!("address {index}: {}", error.value(py));
    if error.is_instance_of::<PyTypeError>(py) {
        return PyTypeError::new_err(message);
    }
    refuse("address", message)
}

fn refused(value: &Bound<'_, PyAny>) -> PyErr {
    let text = value.repr().map_or_else(|_| "it".to_owned(), |text| text.to_string());
    refuse("address", format!("{text} is not an IPv4 or IPv6 address"))
}
