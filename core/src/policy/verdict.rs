//! Verdicts: what becomes of a claim or a company, and the evidence that decided.

use std::fmt;

use serde::Serialize;

use super::network_kind::SAID;
use crate::company::{Kind, Status};
use crate::words::words;

words! {
    /// Why something is left out of an index.
    pub enum Reason {
        /// The network of an access provider, a mobile carrier, a hosting provider or a household.
        NonBusiness => "non_business",
        /// A natural person, in business on their own account or not.
        SoleTrader => "sole_trader",
        /// Older than the policy keeps it.
        Expired => "expired",
        /// Who is behind it objected, or asked to be deleted (articles 17 and 21 GDPR).
        OptedOut => "opted_out",
        /// Restricted for a time, while something is looked into (article 18 GDPR).
        Restricted => "restricted",
        /// Not globally reachable space (RFC 6890), which is nobody's.
        SpecialPurpose => "special_purpose",
    }
}

impl Reason {
    /// What the addresses are answered with. An index tells no more, so that it does not say who is
    /// a natural person or objected.
    pub const fn status(self) -> Status {
        match self {
            Self::NonBusiness => Status::NonBusiness,
            Self::SoleTrader | Self::Expired | Self::OptedOut | Self::Restricted => {
                Status::Withheld
            }
            Self::SpecialPurpose => Status::Unknown,
        }
    }
}

/// One thing that speaks for or against something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// What it speaks for: a kind, or `person`.
    pub of: &'static str,
    /// Its name, such as `legal_form` or `given_name`.
    pub sign: &'static str,
    /// The text that shows it.
    pub found: String,
    /// How much it weighs; below zero it speaks against.
    pub points: i32,
}

impl Evidence {
    pub(crate) fn new(
        of: &'static str,
        sign: &'static str,
        found: impl fmt::Display,
        points: i32,
    ) -> Self {
        Self { of, sign, found: found.to_string(), points }
    }

    /// That a source says the kind of a network itself.
    pub(crate) fn said(kind: Kind) -> Self {
        Self::new(kind.as_str(), "said", "by its source, which goes before words", SAID)
    }
}

/// What becomes of a claim or a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// What the network is used for, as far as anything speaks for it.
    pub kind: Kind,
    /// Why it is left out; nothing where it is shown.
    pub reason: Option<Reason>,
    /// Everything that was weighed.
    pub evidence: Vec<Evidence>,
}

/// Adds up evidence for one thing; keeps the pieces only when they are asked for.
pub(crate) struct Scale<'a> {
    of: &'static str,
    points: i32,
    kept: Option<&'a mut Vec<Evidence>>,
}

impl<'a> Scale<'a> {
    pub(crate) const fn new(of: &'static str, kept: Option<&'a mut Vec<Evidence>>) -> Self {
        Self { of, points: 0, kept }
    }

    pub(crate) fn add(&mut self, sign: &'static str, found: impl fmt::Display, points: i32) {
        self.points += points;
        if let Some(kept) = &mut self.kept {
            kept.push(Evidence::new(self.of, sign, found, points));
        }
    }

    pub(crate) const fn points(&self) -> i32 {
        self.points
    }
}
