//! What an index calls its answers and companies by: numbers, of which one cannot be taken for the
//! other. They mean something in the index that gave them only.

use bytemuck::{Pod, Zeroable};
use serde::Serialize;

/// The number of an answer: equal answers of an index have equal numbers.
///
/// Number 0 is nobody's, [`AnswerId::NOBODY`]; the others are those of one index, from 1 without a gap, those
/// that name a company before those that do not. [`Index::answer`](crate::Index::answer) tells what a number
/// stands for, [`Answer::company_id`](crate::Answer::company_id) of which company, and
/// [`Index::company`](crate::Index::company) everything that is known of that one. Another index, also the next
/// night's, has other numbers.
///
/// It is a `u32` in memory, so that buffers of the one are buffers of the other:
///
/// ```
/// use firmtrie::AnswerId;
/// let mut numbers = vec![0u32; 3];
/// AnswerId::from_slice_mut(&mut numbers)[1] = AnswerId::new(7);
/// assert_eq!(numbers, [0, 7, 0]);
/// assert_eq!(AnswerId::from_slice(&numbers)[0], AnswerId::NOBODY);
/// assert_eq!(AnswerId::as_u32s(&[AnswerId::NOBODY]), [0]);
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable, Serialize,
)]
#[repr(transparent)]
#[serde(transparent)]
pub struct AnswerId(u32);

impl AnswerId {
    /// The answer to every address that no source speaks of.
    pub const NOBODY: Self = Self(0);
    /// The answer to what is hidden in a [`Snapshot`](crate::Snapshot). No file has it.
    pub const WITHHELD: Self = Self(u32::MAX);

    /// The answer of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Where it stands in a table of all answers.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Numbers as what they are.
    pub fn from_slice(numbers: &[u32]) -> &[Self] {
        bytemuck::must_cast_slice(numbers)
    }

    /// A buffer of numbers, to be filled by [`Index::lookup_batch`](crate::Index::lookup_batch).
    pub fn from_slice_mut(numbers: &mut [u32]) -> &mut [Self] {
        bytemuck::must_cast_slice_mut(numbers)
    }

    /// The plain numbers.
    pub fn as_u32s(ids: &[Self]) -> &[u32] {
        bytemuck::must_cast_slice(ids)
    }

    /// A buffer for the plain numbers.
    pub(crate) fn as_u32s_mut(ids: &mut [Self]) -> &mut [u32] {
        bytemuck::must_cast_slice_mut(ids)
    }
}

/// The number of a company of an index. They count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CompanyId(u32);

impl CompanyId {
    /// The company of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}
