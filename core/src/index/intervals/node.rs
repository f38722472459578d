//! The rank of an address in a node: how many of its eight ascending keys are not above it.
//!
//! A search waits for one rank after the other, so what counts is the time from the keys to the
//! rank, not the number of instructions.

use super::KEYS;
use crate::cpu::Portable;
#[cfg(target_arch = "x86_64")]
use crate::cpu::{Avx2, Avx512};

/// How a machine finds the rank.
pub(super) trait Rank: Copy {
    /// The number of keys not above `upper`.
    fn rank(self, keys: &[u64; KEYS], upper: u64) -> usize;
}

/// By a binary search without a branch, or where NEON is by comparing all keys.
impl Rank for Portable {
    #[inline(always)]
    fn rank(self, keys: &[u64; KEYS], upper: u64) -> usize {
        let not_above = |at: usize| usize::from(u64::from_le(keys[at & 7]) <= upper);
        if cfg!(target_feature = "neon") {
            return (0..KEYS).map(not_above).sum();
        }
        let mut rank = 4 * not_above(3);
        rank += 2 * not_above(rank + 1);
        rank += not_above(rank);
        // Below seven this key is above already; at seven it decides between seven and eight.
        rank + not_above(rank)
    }
}

/// By comparing four keys at once, twice.
#[cfg(target_arch = "x86_64")]
impl Rank for Avx2 {
    #[inline(always)]
    #[allow(unsafe_code)]
    fn rank(self, keys: &[u64; KEYS], upper: u64) -> usize {
        use std::arch::x86_64::{
            __m256i, _mm256_castsi256_ps, _mm256_cmpgt_epi64, _mm256_movemask_ps,
            _mm256_packs_epi32, _mm256_set1_epi64x, _mm256_xor_si256,
        };

        let [low, high]: [__m256i; 2] = bytemuck::must_cast(*keys);
        // SAFETY: an `Avx2` proves that the machine has it.
        let above = unsafe {
            // The instruction compares signed integers: the highest bit changes its meaning.
            let sign = _mm256_set1_epi64x(i64::MIN);
            let upper = _mm256_xor_si256(_mm256_set1_epi64x(upper.cast_signed()), sign);
            let low = _mm256_cmpgt_epi64(_mm256_xor_si256(low, sign), upper);
            let high = _mm256_cmpgt_epi64(_mm256_xor_si256(high, sign), upper);
            // One bit for each key, in an order that does not matter.
            _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_packs_epi32(low, high)))
        };
        KEYS - above.count_ones() as usize
    }
}

/// By comparing all keys at once.
#[cfg(target_arch = "x86_64")]
impl Rank for Avx512 {
    #[inline(always)]
    #[allow(unsafe_code)]
    fn rank(self, keys: &[u64; KEYS], upper: u64) -> usize {
        use std::arch::x86_64::{_mm512_cmple_epu64_mask, _mm512_set1_epi64};

        // SAFETY: an `Avx512` proves that the machine has AVX-512 F.
        let not_above = unsafe {
            _mm512_cmple_epu64_mask(
                bytemuck::must_cast(*keys),
                _mm512_set1_epi64(upper.cast_signed()),
            )
        };
        not_above.count_ones() as usize
    }
}
