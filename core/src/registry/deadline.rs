//! When a request must be answered: within a month of receipt, and, if who asks was told so within
//! it, within three (article 12, 3 of the GDPR).
//!
//! Months are the calendar's: what comes on 31 January is due on the last day of February
//! (Regulation (EEC, Euratom) 1182/71, article 3, 2 c).

use jiff::ToSpan;
use jiff::civil::Date;

/// The last day on which an answer is in time.
pub(super) fn of(received: Date, extended: bool) -> Date {
    let months = if extended { 3 } else { 1 };
    received.checked_add(months.months()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_the_same_day_or_on_the_last() {
        let due = |day: &str, extended| of(day.parse().unwrap(), extended).to_string();
        assert_eq!(due("2026-11-25", false), "2026-12-25");
        assert_eq!(due("2027-01-31", false), "2027-02-28");
        assert_eq!(due("2028-01-31", false), "2028-02-29");
        assert_eq!(due("2026-11-30", true), "2027-02-28");
    }
}
