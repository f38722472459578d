//! Which codes some row has, and where tables of them keep what is known of each.
//!
//! Of few rows only what they have is kept, side by side, so that their cost does not grow with the
//! index; of many, each code has an index of its own, which its number leads to without a detour.

/// A bit for each code.
pub struct MetCodes(Vec<u64>);

/// The codes that are met, and their slots in a table.
pub struct Slots {
    /// Ascending.
    pub codes: Vec<u32>,
    /// How many slots a table has.
    pub size: usize,
    /// Is a code's slot its rank among those met? Or the code itself?
    ranked: bool,
}

impl MetCodes {
    /// None of so many codes.
    pub fn none_of(codes: usize) -> Self {
        Self(vec![0; codes.div_ceil(64)])
    }

    /// Nothing, if there is no such code.
    #[inline(always)]
    pub fn add(&mut self, code: u32) -> Option<()> {
        *self.0.get_mut(code as usize / 64)? |= 1 << (code % 64);
        Some(())
    }

    /// Those of another as well.
    pub fn unite(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Ascending.
    fn codes(&self) -> Vec<u32> {
        let mut codes = Vec::new();
        for (word, bits) in self.0.iter().enumerate() {
            let mut left = *bits;
            while left != 0 {
                codes.push((64 * word) as u32 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        codes
    }

    /// Makes slots of the rows' codes, where they are.
    pub fn slots(&self, rows: &mut [u32]) -> Slots {
        let (codes, all) = (self.codes(), 64 * self.0.len());
        if rows.len() >= all {
            return Slots { codes, size: all, ranked: false };
        }
        let mut below = 0;
        let ranks: Vec<u32> = self
            .0
            .iter()
            .map(|bits| {
                below += bits.count_ones();
                below - bits.count_ones()
            })
            .collect();
        for row in rows {
            let (word, bit) = (*row as usize / 64, *row % 64);
            *row = ranks[word] + (self.0[word] & ((1 << bit) - 1)).count_ones();
        }
        Slots { size: codes.len(), codes, ranked: true }
    }
}

impl Slots {
    /// The slot of the code that has this index in `codes`.
    #[inline(always)]
    pub fn of(&self, index: usize) -> usize {
        if self.ranked { index } else { self.codes[index] as usize }
    }

    /// The index of a code in `codes`, if it is met.
    pub fn index(&self, code: u32) -> Option<usize> {
        self.codes.binary_search(&code).ok()
    }
}
