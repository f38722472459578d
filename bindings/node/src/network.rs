//! Addresses and their networks as numbers, which cross the border and are made text only when they are
//! asked for.

use std::net::IpAddr;

/// An address, the highest word first and one of IPv4 in the last of four words; the length of its network;
/// and 4 or 6.
pub const WORDS: usize = 6;

/// An address and the length of its network, as words. A length that the family has no bits for comes only
/// from damaged bytes, and is cut.
#[inline(always)]
pub fn located(address: IpAddr, length: u8) -> [u32; WORDS] {
    match address {
        IpAddr::V4(v4) => [0, 0, 0, v4.to_bits(), length.min(32).into(), 4],
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            let word = |number: u32| (bits >> (32 * (3 - number))) as u32;
            [word(0), word(1), word(2), word(3), length.min(128).into(), 6]
        }
    }
}
