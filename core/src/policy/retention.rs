//! Retention: how long facts are kept, counted back from the day of a build.

use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use crate::index::metadata::Period;

/// How long each thing is kept; for ever where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(super) struct Retention {
    pub claims: Option<Limit>,
    pub contacts: Option<Limit>,
}

impl Retention {
    /// Registries confirm address ranges yearly at least; people change their jobs faster.
    pub(super) fn strict() -> Self {
        let months = |months| Some(Limit { months, days: 0 });
        Self { claims: months(24), contacts: months(12) }
    }
}

/// A length of time in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Limit {
    months: i32,
    days: i32,
}

impl Limit {
    /// The first day that is kept on the day `as_of`. What has no date is kept: nobody knows.
    pub(super) fn oldest(self, as_of: Date) -> Date {
        let span = Span::new().months(self.months).days(self.days);
        as_of.checked_sub(span).unwrap_or(Date::MIN)
    }
}

impl From<Limit> for Period {
    /// Neither is negative, since a limit is a length.
    fn from(limit: Limit) -> Self {
        Self { months: limit.months.unsigned_abs(), days: limit.days.unsigned_abs() }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("{text:?} is no length of time; expected one as in \"2 years\" or \"90 days\"")
        };
        let span: Span = text.parse().map_err(|_| expected())?;
        let whole = Span::new()
            .years(span.get_years())
            .months(span.get_months())
            .weeks(span.get_weeks())
            .days(span.get_days());
        if whole.fieldwise() != span.fieldwise() || !span.is_positive() {
            return Err(expected());
        }
        let months = i32::from(span.get_years()) * 12 + span.get_months();
        let days = span.get_weeks() * 7 + span.get_days();
        Ok(Self { months, days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counted_back_in_the_calendar() {
        let oldest = |limit: &str, as_of: &str| {
            limit.parse::<Limit>().unwrap().oldest(as_of.parse().unwrap()).to_string()
        };
        assert_eq!(oldest("2 years", "2026-11-01"), "2024-11-01");
        assert_eq!(oldest("90 days", "2026-11-01"), "2026-08-03");
        // The last of a month that has no such day.
        assert_eq!(oldest("1 month", "2026-03-31"), "2026-02-28");
    }

    #[test]
    fn what_is_no_length_of_days_is_refused() {
        for text in ["", "two years", "2 hours", "0 days", "-1 year", "1 year 1 second"] {
            assert!(text.parse::<Limit>().unwrap_err().contains("expected one as in"), "{text}");
        }
        assert_eq!("1 year 2 weeks".parse(), Ok(Limit { months: 12, days: 14 }));
    }
}
