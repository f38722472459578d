//! Requests become counts: of each answer of the index, of each day, of each month.
//!
//! A visit is what a visitor asks for with pauses of at most half an hour, as web analytics count visits
//! (Matomo, Google Analytics). Of visitors a sketch is kept that tells how many there are and not who
//! (HyperLogLog++, Heule et al. 2013): exactly up to 128 of one answer in each of sixteen parts, then with a
//! standard error of 1.6% in each part. Memory grows with companies and with the visitors of half an hour,
//! not with a log.

use cardinality_estimator::CardinalityEstimator;
use firmtrie::AnswerId;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::requests::Request;
use crate::log::time::date;

/// The longest pause in a visit, in seconds.
const PAUSE: u32 = 30 * 60;
/// So many visitors are followed before those who have gone are looked for.
const FEW: usize = 1 << 14;

/// What came of one answer.
#[derive(Default)]
pub struct Tally {
    pub requests: u64,
    pub pages: u64,
    pub visits: u64,
    pub first: Option<u32>,
    pub last: u32,
    visitors: CardinalityEstimator<u64>,
    month: Month,
}

/// A month of a calendar: years since 0, times twelve, and months; 0 where a log has no times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    pub fn of(day: u16) -> Self {
        let date = date(day.into());
        Self(date.year().unsigned_abs() as u32 * 12 + date.month().unsigned_abs() as u32 - 1)
    }

    /// As in `2026-11`.
    pub fn text(self) -> String {
        format!("{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// Visits of a day: all, and those of whom a company is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    pub visits: u64,
    pub identified: u64,
}

/// The counts of a part of the visitors.
#[derive(Default)]
pub struct Shard {
    /// When each visitor was last seen.
    seen: FxHashMap<u64, u32>,
    /// So many may be followed before those who have gone are looked for.
    most: usize,
    newest: u32,
    answers: FxHashMap<AnswerId, Tally>,
    months: FxHashSet<(Month, AnswerId)>,
    days: FxHashMap<u16, Day>,
    /// The day that was asked for last, and its month.
    day: Option<(u16, Month)>,
}

impl Shard {
    /// Counts requests, in the order of the log. `visit` is told of the request with which a visit begins.
    pub fn count(
        &mut self,
        requests: &[Request],
        is_company: impl Fn(AnswerId) -> bool,
        mut visit: impl FnMut(&Request),
    ) {
        for request in requests {
            let begins = self.begins(request);
            let month = self.month(request);
            let tally = self.answers.entry(request.answer).or_default();
            tally.requests += 1;
            tally.pages += u64::from(request.is_page);
            if request.seconds > 0 {
                let first = tally.first.map_or(request.seconds, |first| first.min(request.seconds));
                tally.first = Some(first);
                tally.last = tally.last.max(request.seconds);
            }
            if tally.month != month {
                tally.month = month;
                self.months.insert((month, request.answer));
            }
            if !begins {
                continue;
            }
            visit(request);
            tally.visits += 1;
            tally.visitors.insert_hash(request.visitor);
            if request.seconds > 0 {
                let day = self.days.entry(request.day).or_default();
                day.visits += 1;
                day.identified += u64::from(is_company(request.answer));
            }
        }
        self.forget_who_has_gone();
    }

    /// Does a visit begin? In a log without times every request is one.
    fn begins(&mut self, request: &Request) -> bool {
        if request.seconds == 0 {
            return true;
        }
        self.newest = self.newest.max(request.seconds);
        let Some(last) = self.seen.get_mut(&request.visitor) else {
            self.seen.insert(request.visitor, request.seconds);
            return true;
        };
        let begins = last.abs_diff(request.seconds) > PAUSE;
        // Servers write a line when a request ends, with the time when it began.
        *last = if begins { request.seconds } else { request.seconds.max(*last) };
        begins
    }

    fn month(&mut self, request: &Request) -> Month {
        match self.day {
            _ if request.seconds == 0 => Month::default(),
            Some((last, month)) if last == request.day => month,
            _ => {
                let month = Month::of(request.day);
                self.day = Some((request.day, month));
                month
            }
        }
    }

    fn forget_who_has_gone(&mut self) {
        if self.seen.len() > self.most.max(FEW) {
            let newest = self.newest;
            self.seen.retain(|_, last| newest.saturating_sub(*last) <= PAUSE);
            self.most = 2 * self.seen.len();
        }
    }
}

/// The counts of all visitors.
#[derive(Default)]
pub struct Totals {
    pub answers: FxHashMap<AnswerId, Total>,
    /// Answers that were met in a month.
    pub months: FxHashSet<(Month, AnswerId)>,
    pub days: FxHashMap<u16, Day>,
}

/// What came of one answer, or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    pub requests: u64,
    pub pages: u64,
    pub visits: u64,
    pub visitors: u64,
    /// Seconds since 1970.
    pub first: Option<u32>,
    pub last: u32,
}

impl Total {
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.pages += other.pages;
        self.visits += other.visits;
        self.visitors += other.visitors;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }
}

impl Totals {
    /// No visitor is in two parts, so what they have is added up.
    pub fn of(shards: &[Shard]) -> Self {
        let mut totals = Self::default();
        for shard in shards {
            for (answer, tally) in &shard.answers {
                let Tally { requests, pages, visits, first, last, visitors, .. } = tally;
                let visitors = visitors.estimate() as u64;
                let (requests, pages, visits) = (*requests, *pages, *visits);
                let total = Total { requests, pages, visits, visitors, first: *first, last: *last };
                totals.answers.entry(*answer).or_default().add(&total);
            }
            totals.months.extend(&shard.months);
            for (day, count) in &shard.days {
                let total = totals.days.entry(*day).or_default();
                total.visits += count.visits;
                total.identified += count.identified;
            }
        }
        totals
    }
}

/// The date of a day of the totals.
pub fn date_of(day: u16) -> Date {
    date(day.into())
}
