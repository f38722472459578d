//! The Node.js package's native module: `firmtrie` asked from JavaScript.
//!
//! Numbers and texts cross the border, and the package around this module, in `lib`, makes objects
//! of them. Nothing of the library's rules is here.
#![deny(unsafe_code)]
// What `#[napi]` makes of functions takes values, and is used from outside.
#![allow(clippy::needless_pass_by_value, reason = "napi-rs hands values over")]
#![cfg_attr(test, allow(dead_code))]

mod addresses;
mod answers;
mod asked;
mod batch;
mod build;
mod client;
mod errors;
mod job;
mod mapping;
mod network;
mod raw;
mod reader;
mod registry;
mod rows;
mod shared;
mod side_by_side;

/// The text of an IPv6 address, of which these are the words.
#[napi_derive::napi]
pub fn ipv6_text(first: u32, second: u32, third: u32, fourth: u32) -> String {
    let words = [first, second, third, fourth].map(u128::from);
    let bits = words.iter().fold(0, |bits, word| bits << 32 | word);
    std::net::Ipv6Addr::from_bits(bits).to_string()
}
