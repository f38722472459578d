//! The visitor's address, behind proxies.
//!
//! A proxy writes the address it was called from behind those it was told, so only what trusted
//! proxies have written can be believed: the chain is read from the right, and the first address
//! that is not a trusted proxy's is the visitor's. Nothing is trusted by default; then the peer
//! is the visitor, whatever its headers say.
//!
//! Of all headers that could tell the visitor one is read: that which the operator's proxy writes. A
//! proxy passes the others on as the visitor wrote them, and whoever reads one of those can be made to
//! see any company. See RFC 7239, section 8.1, and
//! <https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For>.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Error, Result};
use ipnet::{Ipv4Net, Ipv6Net};

use crate::net::{AddressSet, IpNet, parse_prefix};

/// The operator's proxies, which write truthful headers.
///
/// ```
/// use firmtrie::client::TrustedProxies;
/// let proxies = TrustedProxies::new(["10.0.0.0/8"])?;
/// let visitor = proxies.client("10.0.0.7".parse()?, ["203.0.113.9, 198.51.100.4"]);
/// assert_eq!(visitor, Some("198.51.100.4".parse()?));
/// let proxies = proxies.writing("CF-Connecting-IP".parse()?);
/// let visitor = proxies.client("10.0.0.7".parse()?, ["198.51.100.4"]);
/// assert_eq!(visitor, Some("198.51.100.4".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct TrustedProxies {
    prefixes: AddressSet,
    /// Whoever comes by a socket of the file system, which only the operator's own programs reach.
    unix: bool,
    header: ProxyHeader,
}

/// The header in which a proxy tells who called it. Its name is the text of it, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For`: a list of addresses, to which each proxy adds.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the same, in the parameter `for`.
    Forwarded,
    /// A header that holds one address and is written anew by the outermost proxy, by its name in lower
    /// case: one of [`ProxyHeader::SINGLE`].
    Single(&'static str),
}

/// What a machine calls itself.
const LOOPBACK: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];

/// What else may stand where a prefix is expected, when it is no number at all.
fn of_proxy(error: Error) -> Error {
    match error {
        Error::Prefix { value, .. } if !value.contains(['.', ':']) => {
            let reason = "is no proxy; write its prefix, as in 10.0.0.0/8, its address, loopback for this \
                          machine, or unix for a socket of the file system";
            Error::Prefix { value, reason: reason.to_owned() }
        }
        error => error,
    }
}

impl ProxyHeader {
    /// All of them by their names.
    pub fn all() -> impl Iterator<Item = Self> {
        let single = Self::SINGLE.map(Self::Single);
        [Self::XForwardedFor, Self::Forwarded].into_iter().chain(single)
    }

    /// The headers of one address that are known: of Cloudflare, Akamai and Cloudflare, nginx, Fly.io,
    /// Fastly and Azure Front Door.
    pub const SINGLE: [&'static str; 6] = [
        "cf-connecting-ip",
        "true-client-ip",
        "x-real-ip",
        "fly-client-ip",
        "fastly-client-ip",
        "x-azure-clientip",
    ];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::Single(name) => name,
        }
    }
}

impl FromStr for ProxyHeader {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut named =
            Self::all().filter(|header| header.name().eq_ignore_ascii_case(text.trim()));
        named.next().ok_or_else(|| {
            Error::Usage(format!(
                "{text:?} is no header that tells a visitor's address; it is x-forwarded-for, forwarded, {}",
                Self::SINGLE.join(", ")
            ))
        })
    }
}

impl TrustedProxies {
    /// Proxies by their prefixes, as in `10.0.0.0/8`, or addresses; `loopback` is this machine by any of its
    /// own addresses (127.0.0.0/8 and ::1, RFC 1122 and 4291), `unix` whoever comes by a socket of the file
    /// system. An address that is mapped into IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address, so `::/0` trusts
    /// nobody who comes by IPv4.
    ///
    /// # Errors
    /// [`crate::Error::Prefix`] for a text that is none of these.
    pub fn new<'a>(trusted: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let (mut prefixes, mut unix) = (Vec::new(), false);
        for text in trusted {
            match text.trim() {
                word if word.eq_ignore_ascii_case("unix") => unix = true,
                word if word.eq_ignore_ascii_case("loopback") => prefixes.extend(LOOPBACK),
                prefix => prefixes.push(parse_prefix(prefix).map_err(of_proxy)?),
            }
        }
        Ok(Self { prefixes: prefixes.into_iter().collect(), unix, header: ProxyHeader::default() })
    }

    /// The same, which write this header and not `X-Forwarded-For`.
    #[must_use]
    pub const fn writing(mut self, header: ProxyHeader) -> Self {
        self.header = header;
        self
    }

    /// The header that is read.
    pub const fn header(&self) -> ProxyHeader {
        self.header
    }

    /// Is the address a trusted proxy's?
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.prefixes.contains(address)
    }

    /// The visitor's address: of `peer`, who opened the connection, and of the values of the one header
    /// that the proxies write, in the order in which they came.
    ///
    /// Where all are trusted proxies it is the one furthest away. Nothing, if a trusted proxy was called
    /// by somebody whose address it does not tell: `unknown`, an obfuscated name, or no address at all;
    /// or if a header of one address tells several.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Option<IpAddr> {
        self.behind(Some(peer.to_canonical()), values)
    }

    /// The same of who came by a socket of the file system, and so has no address.
    pub fn client_by_unix_socket<'a>(
        &self,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Option<IpAddr> {
        self.behind(None, values)
    }

    fn behind<'a>(
        &self,
        peer: Option<IpAddr>,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Option<IpAddr> {
        if !peer.map_or(self.unix, |peer| self.trusts(peer)) {
            return peer;
        }
        let values = values.into_iter();
        let chain: Vec<_> = match self.header {
            // No standard gives this header quotes that a comma could stand between.
            ProxyHeader::XForwardedFor => {
                let hops = values.flat_map(|value| value.split(','));
                hops.map(str::trim).filter(|hop| !hop.is_empty()).map(address).collect()
            }
            ProxyHeader::Forwarded => {
                values.flat_map(|value| split(value, ',')).map(forwarded_for).collect()
            }
            ProxyHeader::Single(_) => {
                let mut told = values.map(str::trim).filter(|value| !value.is_empty());
                let Some(value) = told.next() else { return peer };
                return address(value).filter(|_| told.next().is_none());
            }
        };
        let mut furthest = peer;
        for hop in chain.into_iter().rev() {
            // Whoever is not known may be anybody, and what they have written cannot be believed.
            let hop = hop?;
            furthest = Some(hop);
            if !self.trusts(hop) {
                break;
            }
        }
        furthest
    }
}

impl std::fmt::Debug for TrustedProxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.prefixes.ranges()).finish()
    }
}

/// The parts of a list, those between quotes whole and empty ones left out (RFC 9110, 5.6.1).
///
/// With a quote left open there are no quotes: a visitor could otherwise write one to swallow what
/// the proxies write behind it.
fn split(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let mut separates = move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return (c == separator && !quoted, quoted),
        }
        (false, quoted)
    };
    let mut dry = separates;
    let left_open = list.chars().fold(false, |_, c| dry(c).1);
    let parts = list.split(move |c| if left_open { c == separator } else { separates(c).0 });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// The address in an element of `Forwarded`: that of its parameter `for`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = split(element, ';').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    values.next().and_then(|(_, value)| address(value.trim()))
}

/// An address with or without quotes, brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let text = unquoted(text);
    let bare = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, port)) if port.is_empty() || port.strip_prefix(':').is_some_and(is_port) => {
            inside
        }
        Some(_) => return None,
        // An IPv6 address without brackets has no port: its last group would look like one.
        None => match text.split_once(':') {
            Some((before, port)) if !port.contains(':') && is_port(port) => before,
            _ => &text,
        },
    };
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// A port, or the obfuscated one of RFC 7239, section 6.
fn is_port(text: &str) -> bool {
    let obfuscated = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(obfuscated),
        None => (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// The content of a quoted string (RFC 9110, 5.6.4), or the text as it is.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inside {
        Some(inside) if inside.contains('\\') => {
            let mut escaped = false;
            let keep = |c: &char| {
                escaped = *c == '\\' && !escaped;
                !escaped
            };
            Cow::Owned(inside.chars().filter(keep).collect())
        }
        Some(inside) => Cow::Borrowed(inside),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_proxy_is_trusted_if_any_prefix_holds_it(
            prefixes in prop::collection::vec((any::<bool>(), 0..8_u8, 0..=8_u8), 0..9),
            addresses in prop::collection::vec((any::<bool>(), any::<u8>()), 40)
        ) {
            // Of each family a space of 256 addresses, in which prefixes often meet.
            let address = |six: bool, last: u8| -> IpAddr {
                if six { format!("2001:db8::{last:x}") } else { format!("10.0.0.{last}") }.parse().unwrap()
            };
            let prefix = |(six, eighth, shorter): (bool, u8, u8)| {
                let length = if six { 128 } else { 32 } - shorter;
                IpNet::new(address(six, eighth * 32), length).unwrap().trunc()
            };
            let prefixes: Vec<IpNet> = prefixes.into_iter().map(prefix).collect();
            let texts: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
            let proxies = TrustedProxies::new(texts.iter().map(String::as_str)).unwrap();
            for (six, last) in addresses {
                let address = address(six, last);
                let trusted = prefixes.iter().any(|prefix| prefix.contains(&address));
                prop_assert_eq!(proxies.trusts(address), trusted, "{}", address);
            }
        }
    }
}
