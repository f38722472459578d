//! IPv4 addresses in text, one or many, as fast as this machine reads them.
//!
//! Takes exactly what [`ipv4_text::parse`] takes. Where there is AVX2 a text is one vector: the dots
//! are found by one comparison, a shuffle brings hundreds, tens and ones of each number to bytes of
//! their own, and two multiplications add them up. It has no branch but for what is no address: which
//! digits an address has no processor can guess.

#[cfg(feature = "columns")]
use std::net::Ipv4Addr;

use super::ipv4_text;
use crate::cpu::{Cpu, compiled_for_levels};

/// Reads one text.
#[inline(always)]
pub(crate) fn parse(text: &[u8]) -> Option<u32> {
    alone(Cpu::detect(), text)
}

#[cfg(target_arch = "x86_64")]
compiled_for_levels! {
    /// See [`parse`].
    fn alone(text: &[u8]) -> Option<u32> = ipv4_text::parse, one, one
}
#[cfg(not(target_arch = "x86_64"))]
compiled_for_levels! {
    /// See [`parse`].
    fn alone(text: &[u8]) -> Option<u32> = ipv4_text::parse
}

/// Reads each text to the same index of `addresses`; the indexes of those that are none, or are
/// shorter than eight characters, are added to `others`.
#[cfg(feature = "columns")]
pub(crate) fn parse_each(
    cpu: Cpu,
    texts: &[&[u8]],
    addresses: &mut [Ipv4Addr],
    others: &mut Vec<usize>,
) {
    each(cpu, texts, addresses, others);
}

#[cfg(all(feature = "columns", target_arch = "x86_64"))]
compiled_for_levels! {
    /// See [`parse_each`].
    fn each(texts: &[&[u8]], addresses: &mut [Ipv4Addr], others: &mut Vec<usize>) -> ()
        = each_alone, each_in_a_vector, each_in_a_vector
}
#[cfg(all(feature = "columns", not(target_arch = "x86_64")))]
compiled_for_levels! {
    /// See [`parse_each`].
    fn each(texts: &[&[u8]], addresses: &mut [Ipv4Addr], others: &mut Vec<usize>) -> () = each_alone
}

#[cfg(feature = "columns")]
#[inline(always)]
fn each_alone(texts: &[&[u8]], addresses: &mut [Ipv4Addr], others: &mut Vec<usize>) {
    for (at, (text, address)) in texts.iter().zip(addresses).enumerate() {
        match ipv4_text::parse(text) {
            Some(bits) => *address = Ipv4Addr::from_bits(bits),
            None => others.push(at),
        }
    }
}

#[cfg(all(feature = "columns", target_arch = "x86_64"))]
#[target_feature(enable = "bmi1,bmi2,avx2")]
#[inline]
fn each_in_a_vector(texts: &[&[u8]], addresses: &mut [Ipv4Addr], others: &mut Vec<usize>) {
    for (at, (text, address)) in texts.iter().zip(addresses).enumerate() {
        match one(text) {
            Some(bits) => *address = Ipv4Addr::from_bits(bits),
            None => others.push(at),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,avx2")]
#[inline]
fn one(text: &[u8]) -> Option<u32> {
    use std::arch::x86_64::{
        _mm_add_epi8, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_cmpgt_epi32, _mm_cvtepu8_epi32,
        _mm_cvtsi32_si128, _mm_cvtsi128_si32, _mm_madd_epi16, _mm_maddubs_epi16, _mm_max_epu8,
        _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm_set1_epi16,
        _mm_set1_epi32, _mm_setr_epi8, _mm_shuffle_epi8, _mm_sub_epi8, _mm_testz_si128,
    };

    let length = text.len() as u32;
    if !(8..=15).contains(&length) {
        return None;
    }
    // Two loads that overlap: a copy of so many bytes would be a call. Zeros follow the text.
    let first = u64::from_le_bytes(*text.first_chunk()?);
    let last = u64::from_le_bytes(*text.last_chunk()?);
    let rest = (last >> (8 * (15 - length))) >> 8;
    let chars = _mm_set_epi64x(rest.cast_signed(), first.cast_signed());

    let dots = _mm_movemask_epi8(_mm_cmpeq_epi8(chars, _mm_set1_epi8(b'.'.cast_signed()))) as u32;
    let digits = _mm_sub_epi8(chars, _mm_set1_epi8(b'0'.cast_signed()));
    let ten = _mm_set1_epi8(10);
    let no_digit = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(digits, ten), digits)) as u32;
    let second = dots & dots.wrapping_sub(1);
    let third = second & second.wrapping_sub(1);
    let three_dots = third.is_power_of_two();
    let only_dots = no_digit & ((1 << length) - 1) == dots;

    // In a byte for each number: where it ends, begins, and how many digits it has.
    let ends = dots.trailing_zeros()
        | second.trailing_zeros() << 8
        | third.trailing_zeros() << 16
        | length << 24;
    let begins = (ends << 8).wrapping_add(0x0101_0100);
    let counts = ends.wrapping_sub(begins);
    let high = 0x8080_8080;
    let some = counts.wrapping_add(0x7f7f_7f7f) & high == high;
    let three_at_most = counts.wrapping_add(0x7c7c_7c7c) & high == 0;

    // Four bytes for each number: hundreds, tens, ones and nothing.
    let spread = _mm_setr_epi8(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    let back =
        _mm_setr_epi8(-3, -2, -1, -128, -3, -2, -1, -128, -3, -2, -1, -128, -3, -2, -1, -128);
    let from = _mm_shuffle_epi8(_mm_cvtsi32_si128(begins.cast_signed()), spread);
    let positions =
        _mm_add_epi8(_mm_shuffle_epi8(_mm_cvtsi32_si128(ends.cast_signed()), spread), back);
    // A position before the number's first digit is none, and gives zero.
    let none = _mm_cmpgt_epi8(from, positions);
    let digits = _mm_shuffle_epi8(digits, _mm_or_si128(positions, none));
    let weights = _mm_setr_epi8(100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0);
    let values = _mm_madd_epi16(_mm_maddubs_epi16(digits, weights), _mm_set1_epi16(1));

    // Numbers of so many digits are no lower; a leading zero would make them so.
    let least = _mm_setr_epi8(0, 0, 10, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    let least = _mm_shuffle_epi8(least, _mm_cvtepu8_epi32(_mm_cvtsi32_si128(counts.cast_signed())));
    let wrong =
        _mm_or_si128(_mm_cmpgt_epi32(least, values), _mm_cmpgt_epi32(values, _mm_set1_epi32(255)));
    let right = _mm_testz_si128(wrong, wrong) == 1;
    let order = _mm_setr_epi8(12, 8, 4, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    let address = _mm_cvtsi128_si32(_mm_shuffle_epi8(values, order)).cast_unsigned();
    (three_dots & only_dots & some & three_at_most & right).then_some(address)
}

#[cfg(all(test, feature = "columns"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Like the slow twin on every machine.
    fn check(texts: &[&[u8]]) -> Result<(), TestCaseError> {
        let truth: Vec<_> = texts.iter().map(|text| ipv4_text::parse(text)).collect();
        for cpu in Cpu::available() {
            let mut addresses = vec![Ipv4Addr::UNSPECIFIED; texts.len()];
            let mut others = Vec::new();
            parse_each(cpu, texts, &mut addresses, &mut others);
            let found = addresses.iter().enumerate();
            let found =
                found.map(|(at, address)| (!others.contains(&at)).then(|| address.to_bits()));
            prop_assert_eq!(found.collect::<Vec<_>>(), truth.clone(), "{:?} {:?}", cpu, texts);
            let alone: Vec<_> = texts.iter().map(|text| alone(cpu, text)).collect();
            prop_assert_eq!(alone, truth.clone(), "{:?} {:?}", cpu, texts);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn every_address_is_read(bits: u32) {
            check(&[Ipv4Addr::from(bits).to_string().as_bytes()])?;
        }

        #[test]
        fn what_is_nearly_one_is_read_as_one_alone(
            parts in prop::collection::vec("[0-9]{0,4}|25[4-9]|0[0-9]{1,2}", 3..6),
            at in 0..15_usize,
            other in any::<u8>(),
        ) {
            let mut bytes = parts.join(".").into_bytes();
            check(&[&bytes])?;
            if let Some(byte) = bytes.get_mut(at) {
                *byte = other;
                check(&[b"8.8.8.8", &bytes, b"198.51.100.7"])?;
            }
        }

        #[test]
        fn any_bytes_are_read_as_one_alone(bytes in prop::collection::vec(any::<u8>(), 0..18)) {
            check(&[&bytes])?;
        }

        #[test]
        fn any_text_is_read_as_one_alone(text in "[0-9.]{0,17}") {
            check(&[text.as_bytes()])?;
        }
    }
}
