//! The visitor's address behind proxies.

use firmtrie::parse_address;
use napi_derive::napi;

use crate::errors::{Refused, thrown};

/// The operator's own proxies: prefixes and addresses.
#[napi]
pub struct TrustedProxies(firmtrie::TrustedProxies);

#[napi]
impl TrustedProxies {
    /// Trusts these, and nobody else.
    #[napi(constructor)]
    pub fn new(prefixes: Vec<String>) -> Result<Self, Refused> {
        let prefixes = prefixes.iter().map(String::as_str);
        firmtrie::TrustedProxies::new(prefixes).map(Self).map_err(thrown)
    }

    /// The visitor's address; nothing where none is told.
    #[napi]
    pub fn client(
        &self,
        peer: String,
        forwarded: Vec<String>,
        x_forwarded_for: Vec<String>,
    ) -> Result<Option<String>, Refused> {
        let peer = parse_address(&peer).map_err(thrown)?;
        let forwarded = forwarded.iter().map(String::as_str);
        let x_forwarded_for = x_forwarded_for.iter().map(String::as_str);
        let client = self.0.client(peer, forwarded, x_forwarded_for);
        Ok(client.map(|address| address.to_string()))
    }
}
