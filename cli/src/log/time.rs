//! When a request came, in the ways that servers write it.
//!
//! `17/May/2015:10:05:03 +0000` (Common Log Format), ISO 8601 and RFC 3339, and numbers of seconds, milli-,
//! micro- or nanoseconds since 1970. A time without a zone is UTC. The day is that of the place where the
//! log was written: a month of a report is a month of its calendar.

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;

/// A moment, and the day it belongs to where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Days since 1970-01-01.
    pub day: i32,
}

const DAY: i64 = 86_400;
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Reads times. Lines of a log have the minute of the line before, most often, and then only the seconds
/// are read.
#[derive(Debug, Default)]
pub struct Clock {
    /// The minute that was read last, as it was written, its zone, and its beginning.
    minute: Vec<u8>,
    zone: Vec<u8>,
    begins: Option<Moment>,
}

impl Clock {
    /// Reads what a line says of its time; nothing if it says nothing, and nothing in it if that is no time.
    #[allow(clippy::option_option, reason = "a line without a time is no broken one")]
    pub fn moment(&mut self, day: Option<&[u8]>, time: Option<&[u8]>) -> Option<Option<Moment>> {
        match (day, time) {
            (None, None) => None,
            (day, Some(time)) => Some(self.read(day, time).or_else(|| self.day(time))),
            (Some(day), None) => Some(self.day(day)),
        }
    }

    /// Reads a day that stands alone: its first moment, or the time that is written with it.
    fn day(&mut self, day: &[u8]) -> Option<Moment> {
        self.read(None, day).or_else(|| self.read(Some(day), b"00:00:00"))
    }

    /// Reads a time, whose day may be written apart from it.
    fn read(&mut self, day: Option<&[u8]>, time: &[u8]) -> Option<Moment> {
        if let Some(day) = day {
            // A column of dates may stand beside one of whole times.
            let apart = time.get(2) == Some(&b':');
            let whole = [day, b"T", time].concat();
            return self.read(None, if apart { &whole } else { time });
        }
        // Where the seconds stand.
        let at = match (time.get(2), time.get(4)) {
            (Some(b'/'), _) => 18,
            (_, Some(b'-')) => 17,
            _ => return number(time),
        };
        let (minute, seconds) = (time.get(..at)?, time.get(at..at + 2)?);
        let zone = &time[at + 2..];
        let zone = match zone.strip_prefix(b".").or_else(|| zone.strip_prefix(b",")) {
            Some(fraction) => behind_digits(fraction),
            None => zone,
        };
        if self.begins.is_none() || self.minute != minute || self.zone != zone {
            self.begins = None;
            self.minute.clear();
            self.minute.extend(minute);
            self.zone.clear();
            self.zone.extend(zone);
            self.begins = begin(minute, zone);
        }
        let begins = self.begins?;
        let [tens @ b'0'..=b'6', ones @ b'0'..=b'9'] = *seconds else { return None };
        // A leap second is the second before it.
        let seconds = match (tens - b'0') * 10 + (ones - b'0') {
            60 => 59,
            61.. => return None,
            seconds => i64::from(seconds),
        };
        Some(Moment { seconds: begins.seconds + seconds, day: begins.day })
    }
}

/// A text without the digits it begins with.
fn behind_digits(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|byte| byte.is_ascii_digit()).count()..]
}

/// The beginning of a minute that is written with its last colon: `17/May/2015:10:05:`, `2015-05-17T10:05:`.
fn begin(minute: &[u8], zone: &[u8]) -> Option<Moment> {
    let minute = std::str::from_utf8(minute).ok()?;
    let zone = std::str::from_utf8(zone).ok()?.trim();
    let format = match minute.as_bytes() {
        [_, _, b'/', ..] => "%d/%b/%Y:%H:%M:",
        [.., b'T', _, _, _, _, _, _] => "%Y-%m-%dT%H:%M:",
        [.., b't', _, _, _, _, _, _] => "%Y-%m-%dt%H:%M:",
        _ => "%Y-%m-%d %H:%M:",
    };
    let read = BrokenDownTime::parse(format, minute).ok()?;
    let civil = read.to_datetime().ok()?;
    let day = i32::from(day(civil.date())?);
    let of_day = i64::from(civil.hour()) * 3600 + i64::from(civil.minute()) * 60;
    Some(Moment { seconds: i64::from(day) * DAY + of_day - offset(zone)?, day })
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let zone = if zone.len() == 3 { format!("{zone}00") } else { zone.to_owned() };
    let format = if zone.contains(':') { "%:z" } else { "%z" };
    BrokenDownTime::parse(format, zone.as_str())
        .ok()?
        .offset()
        .map(|offset| offset.seconds().into())
}

/// A number of seconds, or of smaller units, since 1970; which, its size tells.
fn number(text: &[u8]) -> Option<Moment> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let seconds = match whole.len() {
        ..=11 => number,
        12..=14 => number / 1000,
        15..=17 => number / 1_000_000,
        _ => number / 1_000_000_000,
    };
    Some(Moment { seconds, day: i32::try_from(seconds / DAY).ok()? })
}

/// The day of a date, counted from 1970; nothing before.
pub fn day(date: Date) -> Option<u16> {
    EPOCH.until(date).ok()?.get_days().try_into().ok()
}

/// The date of a day that is counted from 1970.
pub fn date(day: i32) -> Date {
    let days = jiff::Span::new().try_days(day).unwrap_or_default();
    EPOCH.checked_add(days).unwrap_or(EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_moment_is_the_same_moment() {
        let utc = Moment { seconds: 1_431_857_103, day: 16_572 };
        for text in [
            "17/May/2015:10:05:03 +0000",
            "17/May/2015:12:05:03 +0200",
            "2015-05-17T10:05:03Z",
            "2015-05-17t10:05:03z",
            "2015-05-17 10:05:03",
            "2015-05-17 10:05:03,123",
            "2015-05-17T10:05:03.123456789+00:00",
            "2015-05-17T05:05:03-0500",
            "2015-05-17T12:05:03+02",
            "1431857103",
            "1431857103.524",
            "1431857103524",
            "1431857103524000",
            "1431857103524000000",
        ] {
            let mut clock = Clock::default();
            assert_eq!(clock.read(None, text.as_bytes()), Some(utc), "{text}");
            // From what is remembered, too.
            assert_eq!(clock.read(None, text.as_bytes()), Some(utc), "{text}");
        }
        let apart = Clock::default().read(Some(b"2015-05-17"), b"10:05:03");
        assert_eq!(apart, Some(utc));
        let beside = Clock::default().read(Some(b"2015-05-17"), b"2015-05-17T10:05:03Z");
        assert_eq!(beside, Some(utc));
        assert_eq!(date(16_572).to_string(), "2015-05-17");
    }

    #[test]
    fn the_day_is_that_of_the_place_where_the_log_was_written() {
        let mut clock = Clock::default();
        let read = clock.read(None, b"01/Jun/2015:00:05:03 +0200").unwrap();
        assert_eq!(
            (date(read.day).to_string(), read.seconds),
            ("2015-06-01".into(), 1_433_109_903)
        );
        assert_eq!(clock.read(None, b"01/Jun/2015:00:05:04 +0200").unwrap().seconds, 1_433_109_904);
        assert_eq!(clock.read(None, b"01/Jun/2015:00:05:04 +0000").unwrap().seconds, 1_433_117_104);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "-",
            "yesterday",
            "17/May/2015",
            "17/Mai/2015:10:05:03 +0000",
            "2015-13-17T10:05:03Z",
            "17/May/2015:10:05:99 +0000",
            "17/May/2015:10:05:03 nowhere",
            "1e9",
            "-5",
            "\u{0}\u{1}\u{2}",
            "99999999999999999999999",
        ] {
            assert_eq!(Clock::default().read(None, text.as_bytes()), None, "{text}");
        }
    }
}
