//! The rules of one build: by what it leaves out.

use super::objections::Objections;
use crate::policy::Policy;
use crate::source::Date;

/// A policy, the day of the build and who objected.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub policy: &'a Policy,
    /// The day of the build.
    pub as_of: Date,
    pub objections: &'a Objections,
    /// The first day of claims that are kept.
    pub oldest: Option<Date>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(policy: &'a Policy, as_of: Date, objections: &'a Objections) -> Self {
        Self { policy, as_of, objections, oldest: policy.oldest_claim(as_of) }
    }

    /// Is a claim of this date too old to be kept? One without a date never is.
    pub(super) fn is_expired(self, date: Option<Date>) -> bool {
        date.zip(self.oldest).is_some_and(|(date, oldest)| date < oldest)
    }
}
