//! Whose request a line tells of: the address that came, or whom a trusted proxy tells.

use std::net::IpAddr;

use firmtrie::client::TrustedProxies;

use super::{Broken, Parts};

/// How NGINX writes who comes by a socket of the file system.
pub const SOCKET: &[u8] = b"unix:";

/// The visitor's address.
pub fn visitor(proxies: &TrustedProxies, parts: &Parts<'_>) -> Result<IpAddr, Broken> {
    let peer = match parts.peer.as_deref() {
        None | Some(SOCKET) => None,
        Some(text) => Some(address(text).ok_or(Broken::Address)?),
    };
    let header = parts.header.as_deref().filter(|text| !matches!(*text, b"" | b"-"));
    let header = header.map(String::from_utf8_lossy);
    let visitor = match peer {
        Some(peer) => proxies.client(peer, header.as_deref()),
        None => proxies.client_by_unix_socket(header.as_deref()),
    };
    visitor.ok_or(Broken::Header)
}

/// An address as the bits of one of IPv6.
pub const fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// An address, with or without brackets and port.
pub fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let bare = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, _)) => inside,
        None => match text.split_once(':') {
            Some((before, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => before,
            _ => text,
        },
    };
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}
