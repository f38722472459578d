//! The visitor's address behind proxies.

use firmtrie::client::ProxyHeader;
use firmtrie::net::parse_address;
use napi_derive::napi;

use crate::errors::{Refused, thrown};

/// The names, in lower case, of the headers in which proxies tell who called them.
#[napi]
pub fn proxy_headers() -> Vec<&'static str> {
    ProxyHeader::all().map(ProxyHeader::name).collect()
}

/// The operator's own proxies: prefixes and addresses.
#[napi]
pub struct TrustedProxies(firmtrie::client::TrustedProxies);

#[napi]
impl TrustedProxies {
    /// Trusts these, and nobody else; they write this header.
    #[napi(constructor)]
    pub fn new(prefixes: Vec<String>, header: String) -> Result<Self, Refused> {
        let proxies = firmtrie::client::TrustedProxies::new(prefixes.iter().map(String::as_str));
        let header = header.parse().map_err(thrown)?;
        proxies.map(|proxies| Self(proxies.writing(header))).map_err(thrown)
    }

    /// The name of the header that is read, in lower case.
    #[napi(getter)]
    pub fn header(&self) -> &'static str {
        self.0.header().name()
    }

    /// The visitor's address; nothing where none is told.
    #[napi]
    pub fn client(
        &self,
        peer: Option<String>,
        values: Vec<String>,
    ) -> Result<Option<String>, Refused> {
        let peer = peer.as_deref().map(parse_address).transpose().map_err(thrown)?;
        let values = values.iter().map(String::as_str);
        let client = match peer {
            Some(peer) => self.0.client(peer, values),
            None => self.0.client_by_unix_socket(values),
        };
        Ok(client.map(|address| address.to_string()))
    }
}
