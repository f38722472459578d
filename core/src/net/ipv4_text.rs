//! Reading IPv4 addresses in dotted-decimal text, without a branch for each character.
//!
//! Takes what `std` takes, and only that: four numbers from 0 to 255 without leading zeros (RFC
//! 6943, section 3.1.1, on why those are refused). A text is held in one 16-byte number, so that
//! dots are found and digits checked in all bytes at once. In logs and requests addresses are text,
//! and reading them takes longer than looking them up.

/// A byte, 16 times over.
const fn each(byte: u8) -> u128 {
    u128::from_le_bytes([byte; 16])
}

/// Reads an address of 8 to 15 characters. Nothing, if it is none: or is shorter, which is rare.
#[inline]
pub(crate) fn parse(text: &[u8]) -> Option<u32> {
    let length = text.len();
    if !(8..=15).contains(&length) {
        return None;
    }
    // Two loads that overlap: a copy of so many bytes would be a call.
    let first = u64::from_le_bytes(*text.first_chunk()?);
    let last = u64::from_le_bytes(*text.last_chunk()?);
    let chars = u128::from(first) | u128::from(last) << (8 * (length - 8));

    // Digits become their values, and a dot 0x1e; nothing else is below 10 or is 0x1e. The positions
    // behind the text are taken for digits.
    let values = (chars ^ each(b'0')) & (u128::MAX >> (8 * (16 - length)));
    let high = each(0x80);
    let no_digit = (((values & !high) + each(0x80 - 10)) | values) & high;
    let differs = values ^ each(b'.' ^ b'0');
    let no_dot = (((differs & !high) + each(0x7f)) | differs) & high;
    let dots = positions(!no_dot & high);
    let second = dots & dots.wrapping_sub(1);
    let third = second & second.wrapping_sub(1);
    let three = third.is_power_of_two();
    if no_digit != !no_dot & high || !three {
        return None;
    }

    // Where the numbers end, and of how many digits they are.
    let ends =
        [dots.trailing_zeros(), second.trailing_zeros(), third.trailing_zeros(), length as u32];
    let digits = [ends[0], ends[1] - ends[0] - 1, ends[2] - ends[1] - 1, ends[3] - ends[2] - 1];
    if digits.iter().any(|digits| !(1..=3).contains(digits)) {
        return None;
    }
    // The four characters up to where each ends, or fewer, the last of them lowest. The first two
    // numbers end within the first load.
    let upto = |end: u32| (first << (64 - 8 * end)).swap_bytes() as u32;
    let before = text.get(ends[2] as usize - 4..ends[2] as usize)?;
    let before = u32::from_be_bytes(*before.first_chunk()?);
    let numbers = [upto(ends[0]), upto(ends[1]), before, last.swap_bytes() as u32];
    let (mut address, mut wrong) = (0, false);
    for (number, digits) in numbers.into_iter().zip(digits) {
        let number = (number ^ 0x3030_3030) & (u32::MAX >> (32 - 8 * digits));
        let [_, hundreds, tens, ones] = number.to_be_bytes().map(u32::from);
        let value = hundreds * 100 + tens * 10 + ones;
        wrong |= value > 255 || (digits > 1 && number >> (8 * (digits - 1)) == 0);
        address = address << 8 | value;
    }
    (!wrong).then_some(address)
}

/// The highest bits of 16 bytes, as neighbours.
const fn positions(bytes: u128) -> u32 {
    // The product brings bit 8n of a half to bit 56 + n, without carries.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let low = (bytes as u64 >> 7).wrapping_mul(GATHER) >> 56;
    let high = ((bytes >> 64) as u64 >> 7).wrapping_mul(GATHER) >> 56;
    (low | high << 8) as u32
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::parse;

    fn slow(text: &str) -> Option<u32> {
        text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits)
    }

    fn check(text: &str) -> Result<(), TestCaseError> {
        let expected = slow(text).filter(|_| text.len() >= 8);
        prop_assert_eq!(parse(text.as_bytes()), expected, "{:?}", text);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn every_address_is_read(bits: u32) {
            check(&Ipv4Addr::from(bits).to_string())?;
        }

        #[test]
        fn what_is_nearly_one_is_read_as_std_reads_it(
            parts in prop::collection::vec("[0-9]{0,4}|25[4-9]|0[0-9]{1,2}", 3..6),
            at in 0..15_usize,
            other in any::<u8>(),
        ) {
            let text = parts.join(".");
            check(&text)?;
            let mut bytes = text.into_bytes();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = other & 0x7f;
                check(&String::from_utf8_lossy(&bytes))?;
                bytes[at] = other;
                prop_assert_eq!(
                    parse(&bytes),
                    std::str::from_utf8(&bytes).ok().and_then(slow).filter(|_| bytes.len() >= 8)
                );
            }
        }

        #[test]
        fn any_text_is_read_as_std_reads_it(text in "[0-9.]{0,17}|.{0,8}") {
            check(&text)?;
        }
    }
}
