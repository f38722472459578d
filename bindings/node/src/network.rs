//! Networks as numbers, which cross the border and are made text only when they are asked for.

use std::net::IpAddr;

/// The first address of a network, the highest word first and one of IPv4 in the last of four words;
/// its length; and 4 or 6.
pub const WORDS: usize = 6;

/// The network of this length around an address, as words. A length that the family has no bits for
/// comes only from damaged bytes, and is cut.
#[inline(always)]
pub fn network(address: IpAddr, length: u8) -> [u32; WORDS] {
    match address {
        IpAddr::V4(v4) => {
            let length = length.min(32);
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            [0, 0, 0, v4.to_bits() & mask, length.into(), 4]
        }
        IpAddr::V6(v6) => {
            let length = length.min(128);
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            let bits = v6.to_bits() & mask;
            let word = |number: u32| (bits >> (32 * (3 - number))) as u32;
            [word(0), word(1), word(2), word(3), length.into(), 6]
        }
    }
}
