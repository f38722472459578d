//! What a word of a name can be.

use super::names::{self, Known};

/// What a word of a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    TaxNumber,
    /// An ampersand, as between partners: `Ice Miller Donadio & Ryan`.
    Partners,
    Business,
    /// Nothing but digits.
    Number,
    NotAName,
    Particle,
    Initials,
    Given {
        common: bool,
    },
    Family,
    LikeAName,
    /// An honorific or an academic degree.
    Title,
    /// A word of trade, or a name: what stands beside it tells.
    TradeOrName,
    Unknown,
}

/// What a name of the Latin table is.
pub(super) fn of_name(name: &str) -> Option<Word> {
    Some(match names::of(name)? {
        Known::CommonlyGiven => Word::Given { common: true },
        Known::Given => Word::Given { common: false },
        Known::Family => Word::Family,
    })
}
