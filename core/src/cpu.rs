//! Which instructions this machine has, asked once; what a lookup may then use.
//!
//! Binaries are made for any machine of their architecture. x86-64 without extensions has no
//! instruction that counts bits or compares several keys, so the lookups are compiled once more
//! for each [`Level`], and the best one is called. Elsewhere they are what the whole program is
//! compiled for: every aarch64 has NEON.

use std::sync::OnceLock;

/// The level of this machine. Made by asking the machine only: a lookup trusts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpu(Level);

/// What a lookup is compiled for, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Whatever the whole program is compiled for.
    Portable,
    /// x86-64 with POPCNT: every machine since 2008, `x86-64-v2` in the System V ABI.
    #[cfg(target_arch = "x86_64")]
    Popcnt,
    /// With BMI1, BMI2, LZCNT and AVX2 as well: since 2013 (Intel) or 2015 (AMD), `x86-64-v3`.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// With AVX-512 F, VL and DQ as well, of `x86-64-v4`.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Cpu {
    /// The most that this machine has.
    pub(crate) fn detect() -> Self {
        static CPU: OnceLock<Cpu> = OnceLock::new();
        *CPU.get_or_init(|| Self::available().last().copied().unwrap_or(Self(Level::Portable)))
    }

    /// All that this machine has, the least first.
    pub(crate) fn available() -> Vec<Self> {
        let mut all = vec![Self(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let popcnt = has!("popcnt");
            let avx2 = popcnt && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("avx2");
            let avx512 = avx2 && has!("avx512f") && has!("avx512vl") && has!("avx512dq");
            let levels = [(popcnt, Level::Popcnt), (avx2, Level::Avx2), (avx512, Level::Avx512)];
            all.extend(levels.iter().filter(|(has, _)| *has).map(|(_, level)| Self(*level)));
        }
        all
    }

    #[inline]
    pub(crate) const fn level(self) -> Level {
        self.0
    }
}

/// Asks for the cache line of an element that is wanted soon. Reads nothing, and does nothing where
/// there is no such element or no such instruction.
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(element) = slice.get(index) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 has SSE; the pointer is that of a borrowed element.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) };
    }
    let _ = (slice, index);
}

/// What a generic function finds in its first argument: nothing but what the whole program is compiled for.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Proof that the machine has POPCNT and AVX2. There is one only where a [`Cpu`] of this level was found.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// # Safety
    /// The machine has POPCNT and AVX2.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub(crate) const unsafe fn vouched() -> Self {
        Self(())
    }
}

/// Proof that the machine has POPCNT and AVX-512 F. There is one only where a [`Cpu`] of this level was found.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    /// # Safety
    /// The machine has POPCNT and AVX-512 F.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub(crate) const unsafe fn vouched() -> Self {
        Self(())
    }
}

/// `fn name(cpu, ...) = function` compiles a function once more for each level and calls the one for
/// `cpu`; with `= portable, avx2, avx512` others take its place where there are these instructions. With
/// `by function` it is generic, and its first argument says what it may use: [`Portable`], [`Avx2`] or
/// [`Avx512`]. It and what it calls must be `inline(always)`, or they stay as they are.
macro_rules! compiled_for_levels {
    (
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty = $function:expr
    ) => {
        $crate::cpu::compiled_for_levels! {
            @ $(#[$doc])* fn $name($($arg: $type),*) -> $result;
            $function, (); $function, (); $function, ()
        }
    };
    (
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty
            = $portable:expr, $avx2:expr, $avx512:expr
    ) => {
        $crate::cpu::compiled_for_levels! {
            @ $(#[$doc])* fn $name($($arg: $type),*) -> $result;
            $portable, (); $avx2, (); $avx512, ()
        }
    };
    (
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty, by $function:expr
    ) => {
        $crate::cpu::compiled_for_levels! {
            @ $(#[$doc])* fn $name($($arg: $type),*) -> $result;
            $function, ($crate::cpu::Portable);
            // SAFETY: it stands in a function that is called only where `Cpu::available`, which alone
            // makes a `Cpu` of this level, found these instructions.
            $function, (unsafe { $crate::cpu::Avx2::vouched() });
            // SAFETY: likewise.
            $function, (unsafe { $crate::cpu::Avx512::vouched() })
        }
    };
    (
        @ $(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty;
        $portable:expr, ($($has_no:expr)?);
        $avx2:expr, ($($has_avx2:expr)?);
        $avx512:expr, ($($has_avx512:expr)?)
    ) => {
        $(#[$doc])*
        #[inline(always)]
        #[allow(unsafe_code)]
        fn $name(cpu: $crate::cpu::Cpu, $($arg: $type),*) -> $result {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::cpu::Level;

                // Out of line, so that the others do not pay for its registers.
                #[inline(never)]
                fn portable($($arg: $type),*) -> $result {
                    $portable($($has_no,)? $($arg),*)
                }

                #[target_feature(enable = "popcnt")]
                fn popcnt($($arg: $type),*) -> $result {
                    $portable($($has_no,)? $($arg),*)
                }

                #[target_feature(enable = "popcnt,bmi1,bmi2,lzcnt,avx2")]
                fn avx2($($arg: $type),*) -> $result {
                    $avx2($($has_avx2,)? $($arg),*)
                }

                #[target_feature(enable = "popcnt,bmi1,bmi2,lzcnt,avx2,avx512f,avx512vl,avx512dq")]
                fn avx512($($arg: $type),*) -> $result {
                    $avx512($($has_avx512,)? $($arg),*)
                }

                match cpu.level() {
                    Level::Portable => portable($($arg),*),
                    // SAFETY: a `Cpu` of this level was made by `Cpu::available` alone, which found
                    // that this machine has POPCNT.
                    Level::Popcnt => unsafe { popcnt($($arg),*) },
                    // SAFETY: likewise, with BMI1, BMI2, LZCNT and AVX2.
                    Level::Avx2 => unsafe { avx2($($arg),*) },
                    // SAFETY: likewise, with AVX-512 F, VL and DQ.
                    Level::Avx512 => unsafe { avx512($($arg),*) },
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                let _ = cpu;
                $portable($($has_no,)? $($arg),*)
            }
        }
    };
}
pub(crate) use compiled_for_levels;
