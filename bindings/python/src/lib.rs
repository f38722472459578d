//! The Python package's native module: `firmtrie` asked from Python.
//!
//! Classes read from the index when asked; nothing of the library's rules is here. The package around
//! it, in `python/firmtrie`, opens readers and holds the exceptions and the middleware.
#![deny(unsafe_code)]
#![allow(clippy::needless_pass_by_value, reason = "pyo3 hands values over")]
#![allow(clippy::doc_link_with_quotes, reason = "these texts are Python's")]

mod address;
mod build;
mod client;
mod columns;
mod company;
mod errors;
mod followed;
mod found;
mod json;
mod mapping;
mod networks;
mod reader;
mod registry;
mod repr;
mod shapes;
mod snapshot;

use pyo3::prelude::*;

/// Which company is behind this IP address?
#[pymodule(gil_used = false)]
mod _firmtrie {
    /// The version of this package.
    #[allow(non_upper_case_globals, reason = "it is Python's name")]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
    #[pymodule_export]
    use super::build::build;
    #[pymodule_export]
    use super::client::{_proxy_headers, TrustedProxies};
    #[pymodule_export]
    use super::columns::{Columns, One};
    #[pymodule_export]
    use super::company::{_company, _contact, Company, Contact};
    #[pymodule_export]
    use super::followed::_forked;
    #[pymodule_export]
    use super::found::{_classification, _match, Classification, Match};
    #[pymodule_export]
    use super::networks::Networks;
    #[pymodule_export]
    use super::reader::Reader;
    #[pymodule_export]
    use super::registry::Registry;
}
