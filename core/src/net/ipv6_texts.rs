//! Many IPv6 addresses in text, read at once.
//!
//! What this reads it reads as the standard library does: two vectors find the colons and turn every
//! character into its number, and a group of an address is then four of these, drawn together by
//! shifts: a step for each group, and none for each character. What it does not read, an
//! address that ends in dotted IPv4 or with a zone, blanks, and what is no address, it leaves to the
//! standard library. Text representation: RFC 4291, section 2.2.

use crate::cpu::Cpu;
#[cfg(target_arch = "x86_64")]
use crate::cpu::compiled_for_levels;

/// Characters of the longest address without dots.
#[cfg(target_arch = "x86_64")]
const LONGEST: usize = 39;
/// What stands before the first character, so that a whole group can be read at any colon.
#[cfg(target_arch = "x86_64")]
const BEFORE: usize = 4;

/// Reads the texts at these indexes; gives each index and the address to `found`, and nothing for what
/// is left to others.
#[inline(always)]
pub(crate) fn parse_each(cpu: Cpu, texts: &[&[u8]], at: &[usize], found: &mut Vec<Option<u128>>) {
    found.clear();
    each(cpu, texts, at, found);
}

#[cfg(target_arch = "x86_64")]
compiled_for_levels! {
    /// See [`parse_each`].
    fn each(texts: &[&[u8]], at: &[usize], found: &mut Vec<Option<u128>>) -> ()
        = each_left, each_in_vectors, each_in_vectors
}
#[cfg(not(target_arch = "x86_64"))]
fn each(_: Cpu, texts: &[&[u8]], at: &[usize], found: &mut Vec<Option<u128>>) {
    each_left(texts, at, found);
}

#[inline(always)]
fn each_left(_: &[&[u8]], at: &[usize], found: &mut Vec<Option<u128>>) {
    found.resize(at.len(), None);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,lzcnt,popcnt,avx2")]
#[inline]
fn each_in_vectors(texts: &[&[u8]], at: &[usize], found: &mut Vec<Option<u128>>) {
    found.extend(at.iter().map(|at| one(texts.get(*at)?)));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,lzcnt,popcnt,avx2")]
#[inline]
fn one(text: &[u8]) -> Option<u128> {
    let length = text.len();
    if !(2..=LONGEST).contains(&length) {
        return None;
    }
    let (colons, digits, values) = characters(&held(text)?);
    if colons | digits != (1 << length) - 1 {
        return None;
    }
    // A gap of zeros is where two colons meet. At an end a colon is allowed only as one of a gap.
    let gaps = colons & colons >> 1;
    let ends = colons & (1 | 1 << (length - 1));
    if gaps & gaps.wrapping_sub(1) != 0 || ends & !(gaps | gaps << 1) != 0 {
        return None;
    }
    // How many groups stand before the gap and behind it, and how many it stands for.
    let gap = gaps.trailing_zeros();
    let before = (colons & !(u64::MAX << (gap & 63))).count_ones() + u32::from(gap != 0);
    let behind = colons.unbounded_shr(gap + 2).count_ones() + u32::from(gap as usize + 2 < length);
    let all = if gaps == 0 { colons.count_ones() + 1 } else { before + behind };
    if all > 8 || (all < 8) != (gaps != 0) {
        return None;
    }
    let missing = 8 - all;

    // Beside a gap there are groups of no characters, which are none: they go to the last place.
    let (mut groups, mut known) = ([0_u16; 16], 0);
    let (mut rest, mut start, mut too_long) = (colons | 1 << length, 0, 0);
    while rest != 0 {
        let end = rest.trailing_zeros();
        let digits = end - start;
        too_long |= (digits + 3) >> 3;
        // The four characters before the end; those of the group are its last.
        let [a, b, c, d] = std::array::from_fn(|at| values[(end & 63) as usize + at]);
        let four = u64::from(u32::from_be_bytes([a, b, c, d]));
        let kept = (four & !(u64::MAX << (8 * (digits & 7)))) as u32;
        let pairs = (kept | kept >> 4) & 0x00ff_00ff;
        let group = (pairs | pairs >> 8) as u16;
        let place = if digits == 0 { 15 } else { known + missing * u32::from(end > gap) };
        groups[(place & 15) as usize] = group.to_be();
        known += u32::from(digits != 0);
        start = end + 1;
        rest &= rest.wrapping_sub(1);
    }
    let bytes: [[u8; 16]; 2] = bytemuck::must_cast(groups);
    (too_long == 0).then_some(u128::from_be_bytes(bytes[0]))
}

/// A text of up to [`LONGEST`] characters, and zeros.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn held(text: &[u8]) -> Option<[u8; 64]> {
    let mut chars = [0; 64];
    // Pieces that overlap: a copy of so many bytes would be a call.
    if let (Some(first), Some(last)) = (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        chars[..16].copy_from_slice(first);
        if let Some(middle) = text.get(16..32) {
            chars[16..32].copy_from_slice(middle);
        }
        chars.get_mut(text.len() - 16..text.len())?.copy_from_slice(last);
    } else {
        chars.get_mut(..text.len())?.copy_from_slice(text);
    }
    Some(chars)
}

/// Which of the first 40 characters are colons and which hexadecimal digits, and the number of each,
/// behind four zeros.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn characters(chars: &[u8; 64]) -> (u64, u64, [u8; BEFORE + 64]) {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_sub_epi8,
    };

    let (mut colons, mut digits) = (0, 0);
    let mut values = [0; BEFORE + 64];
    let halves: [__m256i; 2] = bytemuck::must_cast(*chars);
    for (at, half) in halves.into_iter().enumerate() {
        let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let between = |vector, low: u8, high: u8| {
            _mm256_and_si256(
                _mm256_cmpgt_epi8(vector, all(low - 1)),
                _mm256_cmpgt_epi8(all(high + 1), vector),
            )
        };
        let lower = _mm256_or_si256(half, all(0x20));
        let (decimal, letter) = (between(half, b'0', b'9'), between(lower, b'a', b'f'));
        let number = _mm256_and_si256(_mm256_sub_epi8(half, all(b'0')), decimal);
        let high = _mm256_sub_epi8(lower, all(b'a' - 10));
        let number = _mm256_add_epi8(number, _mm256_and_si256(high, letter));
        let mask = |vector| u64::from(_mm256_movemask_epi8(vector) as u32) << (32 * at);
        colons |= mask(_mm256_cmpeq_epi8(half, all(b':')));
        digits |= mask(_mm256_or_si256(decimal, letter));
        let number: [u8; 32] = bytemuck::must_cast(number);
        values[BEFORE + 32 * at..][..32].copy_from_slice(&number);
    }
    (colons, digits, values)
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<Option<u128>> {
        let read = |cpu| {
            let mut found = Vec::new();
            parse_each(cpu, &[text.as_bytes()], &[0], &mut found);
            found[0]
        };
        Cpu::available().into_iter().map(read).collect()
    }

    /// What is read is what the standard library reads. Is it read where there is AVX2?
    fn is_read_alike(text: &str) -> bool {
        let truth = text.parse().ok().map(Ipv6Addr::to_bits);
        let all = read(text);
        assert!(all.iter().all(|found| found.is_none() || *found == truth), "{text:?} {all:?}");
        let vectors = is_x86_feature_detected!("avx2");
        !vectors || all.last().is_some_and(Option::is_some)
    }

    /// Groups of every length, with a gap anywhere, and pieces that are wrong.
    fn pieces() -> impl Strategy<Value = String> {
        let group = prop_oneof![
            8 => "[0-9a-fA-F]{1,4}",
            6 => Just(":".to_owned()),
            1 => Just("::".to_owned()),
            1 => "[0-9a-g:.% ]{0,5}",
        ];
        prop::collection::vec(group, 0..18).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn addresses_are_read_however_they_are_written(
            groups in prop::collection::vec(prop_oneof![Just(0_u16), any::<u16>()], 8),
            upper: bool, gap in 0..=8_usize, width in 1..=8_usize, full: bool
        ) {
            let write = |group: &u16| if full { format!("{group:04x}") } else { format!("{group:x}") };
            let mut texts: Vec<String> = vec![groups.iter().map(write).collect::<Vec<_>>().join(":")];
            let width = width.min(8 - gap);
            let join = |groups: &[u16]| groups.iter().map(write).collect::<Vec<_>>().join(":");
            if width > 0 {
                texts.push(format!("{}::{}", join(&groups[..gap]), join(&groups[gap + width..])));
            }
            for text in texts {
                let text = if upper { text.to_uppercase() } else { text };
                prop_assert!(text.parse::<Ipv6Addr>().is_ok() && is_read_alike(&text), "{}", text);
            }
        }

        #[test]
        fn what_is_no_address_is_never_read(text in pieces()) {
            is_read_alike(&text);
        }

        #[test]
        fn printed_addresses_are_read(bits: u128) {
            prop_assert!(is_read_alike(&Ipv6Addr::from_bits(bits).to_string()));
        }
    }

    #[test]
    fn edges_are_as_the_standard_library_says() {
        for text in [
            "",
            ":",
            "::",
            ":::",
            "::1",
            "1::",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8:",
            ":1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4::5:6:7:8",
            "1::2::3",
            "12345::",
            "::12345",
            "::1.2.3.4",
            "fe80::1%eth0",
            " ::1",
            "::ffff:1.2.3.4",
            "1:2:3:4:5:6:7",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "::g",
            "1:",
            "0000:0000:0000:0000:0000:0000:0000:0001",
            "1:2:3:4:5:6:7:",
            ":1",
            "1:::2",
            "::1::",
        ] {
            is_read_alike(text);
        }
    }
}
