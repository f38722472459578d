//! What the value of a field must be, whoever says it: a source, or who has it put right.

use super::domain::host;
use super::{check_country, check_lei, elf, vat};
use crate::company::Field;

/// A value as it is kept, or why it is none: what has a check digit or a list of codes is held against it.
///
/// A country is an ISO 3166-1 alpha-2 code and an LEI a legal entity identifier (ISO 17442), both in
/// upper case; a VAT number is checked where the country's rule is known; a legal form is a code of ISO
/// 20275 or text, and what looks like a code must be one. A domain is a host, in lower case, also where an
/// address of a page is written. Industry, employees and founded must look as they are to.
pub(crate) fn checked(field: Field, text: &str) -> Result<String, &'static str> {
    match field {
        Field::Country => {
            let code = text.to_ascii_uppercase();
            check_country(&code).map(|()| code)
        }
        Field::Lei => {
            let code = text.to_ascii_uppercase();
            check_lei(&code).map(|()| code)
        }
        Field::Vat => vat(text),
        Field::LegalForm => {
            // Forms such as GMBH or SARL have four letters too, but no digit.
            let is_code = |text: &str| {
                text.len() == 4
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && text.bytes().any(|byte| byte.is_ascii_digit())
            };
            if !is_code(text) {
                return Ok(text.to_owned());
            }
            let code = text.to_ascii_uppercase();
            elf::of_code(&code).map(|_| code).ok_or(
                "is not a code of ISO 20275 (list of 2023-09-28); correct it, or write the form as text",
            )
        }
        Field::Domain => host(text),
        Field::Founded => is_founded(text).map(|()| text.to_owned()),
        Field::Employees => is_band(text).map(|()| text.to_owned()),
        Field::Industry => is_nace(text).map(|()| text.to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// A year, a month or a day, as ISO 8601 writes them.
fn is_founded(text: &str) -> Result<(), &'static str> {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let is_day =
        day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok_and(|day| day.year() > 0);
    is_day.then_some(()).ok_or("is no year and no day; expected one as in 1987 or 1987-05-21")
}

/// How many work somewhere: a number, or a band of two, the second of which is not smaller, or open.
fn is_band(text: &str) -> Result<(), &'static str> {
    let number = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten()
    };
    let fits = match text.split_once(['-', '\u{2013}']) {
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => number(text.strip_suffix('+').unwrap_or(text)).is_some(),
    };
    fits.then_some(())
        .ok_or("is no number of people and no band of them; expected one as in 57, 10-49 or 250+")
}

/// A code of NACE (Regulation (EC) No 1893/2006, and Delegated Regulation (EU) 2023/137), with the letter of
/// its section or without, and with what countries add: digits (62.01.11.01 in Greece), a letter as in France
/// (62.01Z) and Poland (62.01.Z), or a digit or two behind a mark as in Austria (62.01-0), the United Kingdom
/// (62.01/2) and Hungary (6201'08).
fn is_nace(text: &str) -> Result<(), &'static str> {
    let is_section = |letter: char| matches!(letter.to_ascii_uppercase(), 'A'..='V');
    let code = text.strip_prefix(is_section).unwrap_or(text).trim_start();
    let code = match code.strip_suffix(|last: char| last.is_ascii_alphabetic()) {
        Some(national) if national.len() >= 4 => national.strip_suffix('.').unwrap_or(national),
        _ => code,
    };
    let code = match code.split_once(['-', '/', '\'']) {
        Some((european, national)) if european.len() >= 4 && is_short_number(national) => european,
        _ => code,
    };
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let division = code.get(..2).and_then(|first| first.parse().ok());
    let others = code.bytes().filter(|byte| !byte.is_ascii_digit()).all(|byte| byte == b'.');
    let fits = match digits {
        0 => code.is_empty() && text.len() == 1,
        2..=8 => {
            others
                && division.is_some_and(is_division)
                && !code.ends_with('.')
                && !code.contains("..")
        }
        _ => false,
    };
    fits.then_some(()).ok_or("is no code of NACE; expected one as in 62.01, 6201 or J")
}

/// What countries add behind a mark.
fn is_short_number(text: &str) -> bool {
    matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The divisions of NACE, which leaves some numbers out.
fn is_division(number: u8) -> bool {
    matches!(number,
        1..=3 | 5..=9 | 10..=33 | 35..=39 | 41..=43 | 45..=47 | 49..=53 | 55 | 56 | 58..=66 | 68..=75
        | 77..=82 | 84..=88 | 90..=99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_are_to_be() {
        let fits = |field, text| checked(field, text).is_ok();
        for (field, right, wrong) in [
            (
                Field::Founded,
                &["1987", "1987-05", "1987-05-21"][..],
                &["87", "21-05-1987", "1987-13", "0000", "soon", "1987-05-21T00"][..],
            ),
            (
                Field::Employees,
                &["0", "57", "10-49", "10 - 49", "250+"],
                &["many", "49-10", "-5", "10-", "+", "10-49-99", "1.5"],
            ),
            (
                Field::Industry,
                &[
                    "62.01",
                    "6201",
                    "62",
                    "J",
                    "J62.01",
                    "J 62.01",
                    "62.01Z",
                    "62.01.11.01",
                    "6201001",
                    "6201'08",
                    "62.01/2",
                    "6201Z",
                    "62.01.Z",
                    "J 62.01-0",
                    "62.01.1",
                    "62010",
                    "01.1",
                    "99999",
                ],
                &[
                    "IT",
                    "6",
                    "62.",
                    ".62",
                    "62..01",
                    "x62",
                    "",
                    "00.1",
                    "0401",
                    "34",
                    "8301",
                    "62.01ZZ",
                    "62Z",
                    "10-49",
                    "62-01",
                    "62.01-",
                    "620101001",
                    "62-.01",
                    "6.201",
                ],
            ),
        ] {
            for text in right {
                assert!(fits(field, text), "{text}");
            }
            for text in wrong {
                assert!(!fits(field, text), "{text}");
            }
        }
    }

    #[test]
    fn numbers_for_tax_and_domains_are_kept_in_one_spelling() {
        for (text, number) in [
            ("NL 0044.95.445.B01", Some("NL004495445B01")),
            ("BTW NL004495445B01", Some("NL004495445B01")),
            ("GR094259216", Some("EL094259216")),
            ("BE 1000.000.021", Some("BE1000000021")),
            ("BE 1000.000.022", None),
            ("BE 0403.170.701", Some("BE0403170701")),
            ("NL004495445B02B", None),
        ] {
            assert_eq!(checked(Field::Vat, text).ok().as_deref(), number, "{text}");
        }
        for (text, host) in [
            ("Alpha.EXAMPLE", Some("alpha.example")),
            ("https://www.Bücher.example/shop?x", Some("www.bücher.example")),
            ("alpha.example:8080", Some("alpha.example")),
            ("n/a", None),
            ("alpha", None),
            ("co.uk", None),
            ("https://github.io/alpha", Some("github.io")),
            ("192.0.2.1", None),
            ("jo@alpha.example", None),
        ] {
            assert_eq!(checked(Field::Domain, text).ok().as_deref(), host, "{text}");
        }
    }
}
