//! Retention: how long facts are kept, counted back from the day of a build.

use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

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
    /// Is something that was last confirmed on `date` too old on the day `as_of`? Nobody knows of
    /// something without a date, and it is not.
    pub(super) fn is_over(self, date: Option<Date>, as_of: Date) -> bool {
        let span = Span::new().months(self.months).days(self.days);
        let oldest = as_of.checked_sub(span).unwrap_or(Date::MIN);
        date.is_some_and(|date| date < oldest)
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
    fn the_last_day_of_a_limit_is_kept_and_the_day_before_is_over() {
        let two_years: Limit = "2 years".parse().unwrap();
        let as_of: Date = "2026-11-01".parse().unwrap();
        let day = |text: &str| Some(text.parse().unwrap());
        assert!(!two_years.is_over(day("2024-11-01"), as_of));
        assert!(two_years.is_over(day("2024-10-31"), as_of));
        assert!(!two_years.is_over(None, as_of));
        assert!("90 days".parse::<Limit>().unwrap().is_over(day("2026-08-02"), as_of));
        // The last of a month that has no such day.
        let month: Limit = "1 month".parse().unwrap();
        assert!(!month.is_over(day("2026-02-28"), "2026-03-31".parse().unwrap()));
    }

    #[test]
    fn what_is_no_length_of_days_is_refused() {
        for text in ["", "two years", "2 hours", "0 days", "-1 year", "1 year 1 second"] {
            assert!(text.parse::<Limit>().unwrap_err().contains("expected one as in"), "{text}");
        }
        assert_eq!("1 year 2 weeks".parse(), Ok(Limit { months: 12, days: 14 }));
    }
}
