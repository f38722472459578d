//! Values between separators: CSV, TSV, and the W3C Extended Log Format.
//!
//! A value of CSV may be quoted, and then go on in the next line (RFC 4180); one of TSV is what stands there.
//! Values of the W3C format are written as URLs write them (CloudFront twice), and `-` is none.

use std::borrow::Cow;

use memchr::memchr;
use percent_encoding::percent_decode;

use super::names::Names;
use super::visitor::address;
use super::{Part, Parts};

/// Which columns there are, and how values are written.
#[derive(Debug, Clone)]
pub struct Columns {
    separator: u8,
    /// Are values written as in URLs, and never quoted?
    is_w3c: bool,
    /// The parts by their columns.
    parts: Vec<(usize, Part)>,
    /// How many columns a line has.
    count: usize,
    /// The header, where the log has one: a line like it is none of a request.
    header: Option<Vec<u8>>,
}

/// How a line of the W3C format says which columns follow.
pub const FIELDS: &[u8] = b"#Fields:";

impl Columns {
    /// Of a header; or of a line of values, if columns are called by their numbers, from 1.
    pub fn new(names: &Names, line: &[u8], separator: u8) -> Option<Self> {
        let mut columns =
            Self { separator, is_w3c: false, parts: Vec::new(), count: 0, header: None };
        let values: Vec<_> = columns
            .values(std::str::from_utf8(line).ok()?.as_bytes())?
            .map(|value| String::from_utf8_lossy(&value).trim().to_owned())
            .collect();
        columns.count = values.len();
        if names.are_numbers() {
            // What a visitor writes in the first row is no name.
            let numbers: Vec<_> = (1..=values.len()).map(|number| number.to_string()).collect();
            columns.parts = by_place(names.find_told(&numbers));
        } else {
            // A row of a visit names nothing.
            if values.iter().any(|value| address(value.as_bytes()).is_some()) {
                return None;
            }
            columns.parts = by_place(names.find(&values));
            columns.header = Some(line.to_vec());
        }
        Some(columns)
    }

    /// Of a line `#Fields: …`, and of the lines behind it, which show what separates values.
    pub fn w3c<'a>(
        names: &Names,
        line: &[u8],
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Option<Self> {
        let fields = std::str::from_utf8(line.strip_prefix(FIELDS)?).ok()?;
        let fields: Vec<_> = fields.split_ascii_whitespace().collect();
        let parts = by_place(names.find(&fields));
        let count = fields.len();
        // IIS separates by blanks, CloudFront by tabs. Most lines show it: in one a visitor may have written tabs.
        let (mut tabs, mut blanks) = (0, 0);
        for line in lines.into_iter().filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
            let fits = |by: u8| usize::from(line.split(|byte| *byte == by).count() == count);
            tabs += fits(b'\t');
            blanks += fits(b' ');
        }
        let separator = if tabs >= blanks { b'\t' } else { b' ' };
        Some(Self { separator, is_w3c: true, parts, count, header: None })
    }

    /// The same format with other columns.
    pub fn renewed(&self, names: &Names, line: &[u8]) -> Option<Self> {
        let columns = Self::w3c(names, line, [])?;
        Some(Self { separator: self.separator, ..columns })
    }

    /// May a value be quoted, and go on in the next line?
    pub const fn has_quotes(&self) -> bool {
        !self.is_w3c && self.separator != b'\t'
    }

    pub const fn separator(&self) -> u8 {
        self.separator
    }

    pub const fn is_w3c(&self) -> bool {
        self.is_w3c
    }

    pub fn has_address(&self) -> bool {
        self.has(Part::Peer) || self.has(Part::Header)
    }

    pub fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(_, of)| *of == part)
    }

    /// Is the line none of a request, but one about columns?
    pub fn is_about_columns(&self, line: &[u8]) -> bool {
        (self.is_w3c && line.first() == Some(&b'#')) || self.header.as_deref() == Some(line)
    }

    /// Does the line say what the columns are?
    pub fn names_columns(&self, line: &[u8]) -> bool {
        if self.is_w3c { line.starts_with(FIELDS) } else { self.header.as_deref() == Some(line) }
    }

    /// A name that a line which names columns has.
    pub fn taken<'a>(&self, line: &[u8], names: &'a [String]) -> Option<&'a str> {
        if !self.names_columns(line) {
            return None;
        }
        let fields = line.strip_prefix(FIELDS).unwrap_or(line);
        let columns: Vec<_> =
            self.values(fields)?.map(|value| value.trim_ascii().to_vec()).collect();
        let is_taken = |name: &&String| {
            columns.iter().any(|column| column.eq_ignore_ascii_case(name.as_bytes()))
        };
        names.iter().find(is_taken).map(String::as_str)
    }

    /// Takes a line apart; nothing if it has more or fewer columns.
    pub fn split<'a>(&self, line: &'a [u8]) -> Option<Parts<'a>> {
        let mut parts = Parts::default();
        let mut wanted = self.parts.iter().peekable();
        let mut count = 0;
        for (place, value) in self.values(line)?.enumerate() {
            count += 1;
            if let Some((_, part)) = wanted.next_if(|(at, _)| *at == place)
                && (!self.is_w3c || *value != b"-"[..])
            {
                let is_text = self.is_w3c && matches!(part, Part::Agent | Part::Header);
                let spaces_are_plus = self.separator == b' ';
                parts.set(*part, if is_text { decoded(value, spaces_are_plus) } else { value });
            }
        }
        (count == self.count).then_some(parts)
    }

    /// The values of a line; nothing if a quote is not closed.
    fn values<'a>(&self, line: &'a [u8]) -> Option<impl Iterator<Item = Cow<'a, [u8]>>> {
        let separator = self.separator;
        let mut quoted = None;
        if self.has_quotes() && memchr(b'"', line).is_some() {
            quoted = Some(unquoted(line, separator)?);
        }
        let plain = quoted.is_none().then(|| line.split(move |byte| *byte == separator));
        let plain = plain.into_iter().flatten().map(Cow::Borrowed);
        Some(plain.chain(quoted.into_iter().flatten().map(Cow::Owned)))
    }
}

/// Ascending, as a line is read.
fn by_place(found: Vec<(Part, usize)>) -> Vec<(usize, Part)> {
    let mut parts: Vec<_> = found.into_iter().map(|(part, place)| (place, part)).collect();
    parts.sort_unstable_by_key(|(place, _)| *place);
    parts
}

/// A record with quotes (RFC 4180); nothing, if one is not closed.
fn unquoted(record: &[u8], separator: u8) -> Option<Vec<Vec<u8>>> {
    if is_open(record, separator) {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).delimiter(separator).flexible(true);
    let mut values = csv::ByteRecord::new();
    reader.from_reader(record).read_byte_record(&mut values).ok()?.then_some(())?;
    Some(values.iter().map(<[u8]>::to_vec).collect())
}

/// Where a record of CSV ends: at the first line break outside of quotes. Nothing, if it goes on behind the text.
/// Quotes that are not those of RFC 4180 join no lines: a server that escapes them otherwise writes no others.
pub fn record_end(text: &[u8], separator: u8) -> Option<usize> {
    let first = memchr(b'\n', text);
    let line = first.unwrap_or(text.len());
    if memchr(b'"', &text[..line]).is_none() {
        return Some(line);
    }
    let (mut at, mut at_start) = (0, true);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' => return Some(at),
            b'"' if at_start => {
                at = closing(text, at + 1)?;
                let ends = |byte: &u8| *byte == separator || matches!(byte, b'\r' | b'\n');
                if text.get(at + 1).is_some_and(|byte| !ends(byte)) {
                    return first;
                }
                at_start = false;
            }
            byte => at_start = *byte == separator,
        }
        at += 1;
    }
    Some(text.len())
}

/// The quote that closes a value; one of two is a letter.
fn closing(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr(b'"', &text[from..])?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Does a record of CSV go on behind this text, or end where it may not?
pub fn is_open(text: &[u8], separator: u8) -> bool {
    memchr(b'"', text).is_some() && record_end(text, separator) != Some(text.len())
}

/// A text of the W3C format as it was.
fn decoded(value: Cow<'_, [u8]>, spaces_are_plus: bool) -> Cow<'_, [u8]> {
    let mut text = value.into_owned();
    if spaces_are_plus {
        text.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
    }
    // CloudFront escapes the percent sign of its escapes once more.
    for _ in 0..2 {
        text = percent_decode(&text).collect();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(told: &[&str]) -> Names {
        let told = told.iter().map(|text| super::super::names::told(text).unwrap()).collect();
        Names { told, header: "x-forwarded-for".parse().unwrap(), proxies: false }
    }

    fn shown(columns: &Columns, line: &str) -> Option<String> {
        let parts = columns.split(line.as_bytes())?;
        let parts = [parts.peer, parts.header, parts.day, parts.time, parts.agent, parts.path];
        let text = |part: Option<Cow<'_, [u8]>>| String::from_utf8(part?.into_owned()).ok();
        Some(parts.map(|part| text(part).unwrap_or_else(|| "<none>".into())).join("|"))
    }

    #[test]
    fn columns_are_found_by_a_header_or_said_by_number() {
        let csv = Columns::new(&names(&[]), b"time,\"Client-IP\",path,note", b',').unwrap();
        let line = "2026-11-01T00:00:00Z,192.0.2.1,\"/a,b \"\"c\"\"\",";
        let told = "192.0.2.1|<none>|<none>|2026-11-01T00:00:00Z|<none>|/a,b \"c\"";
        assert_eq!(shown(&csv, line).unwrap(), told);
        assert!(csv.is_about_columns(b"time,\"Client-IP\",path,note"));
        let told = "b\nc|<none>|<none>|a|<none>|c";
        assert_eq!(shown(&csv, "a,\"b\nc\",c,d").unwrap(), told);
        for broken in ["192.0.2.1", "a,b,c", "a,b,c,d,e", "a,b,\"c,d", ""] {
            assert_eq!(shown(&csv, broken), None, "{broken}");
        }
        let tsv =
            Columns::new(&names(&["address=2", "agent=1"]), b"Agent 1\t192.0.2.1", b'\t').unwrap();
        assert_eq!(
            shown(&tsv, "A \t192.0.2.1").unwrap(),
            "192.0.2.1|<none>|<none>|<none>|A |<none>"
        );
        assert!(!tsv.is_about_columns(b"Agent 1\t192.0.2.1"));
        assert!(!Columns::new(&names(&[]), b"a,b,c", b',').unwrap().has_address());
    }

    #[test]
    fn the_w3c_format_is_that_of_cloudfront_and_of_iis() {
        let fields = b"#Fields: date time c-ip cs-uri-stem cs(User-Agent) x-forwarded-for";
        let of = |line: &str| Columns::w3c(&names(&[]), fields, [line.as_bytes()]).unwrap();
        let told =
            "192.0.2.1|192.0.2.7, 192.0.2.8|2026-11-01|00:00:05|Mozilla/5.0 (X; +http://x)|/a";
        let chain = "192.0.2.7,%20192.0.2.8";
        let cloudfront = format!(
            "2026-11-01\t00:00:05\t192.0.2.1\t/a\tMozilla/5.0%2520(X;%20+http://x)\t{chain}"
        );
        let w3c = of(&cloudfront);
        assert!(w3c.is_about_columns(b"#Version: 1.0"));
        assert_eq!(shown(&w3c, &cloudfront).unwrap(), told);
        let iis =
            "2026-11-01 00:00:05 192.0.2.1 /a Mozilla/5.0+(X;+%2Bhttp://x) 192.0.2.7,+192.0.2.8";
        assert_eq!(shown(&of(iis), iis).unwrap(), told);
        // A tab that a visitor sends is no separator there.
        assert_eq!(
            shown(&of(iis), &iis.replace("/a", "/a\tb")).unwrap(),
            told.replace("/a", "/a\tb")
        );
    }

    #[test]
    fn the_first_row_names_nothing_where_columns_are_numbers() {
        let names = names(&["address=2", "time=1"]);
        for row in
            ["t,192.0.2.1,/,2", "t,192.0.2.1,/,x-forwarded-for", "ip,192.0.2.1,user_agent,address"]
        {
            let csv = Columns::new(&names, row.as_bytes(), b',').unwrap();
            assert!(!csv.is_about_columns(row.as_bytes()));
            let parts = csv.split(row.as_bytes()).unwrap();
            assert_eq!(
                (parts.peer.as_deref(), parts.header),
                (Some(&b"192.0.2.1"[..]), None),
                "{row}"
            );
        }
    }

    #[test]
    fn a_quote_in_a_value_of_tsv_is_a_letter() {
        let tsv = Columns::new(&names(&[]), b"ip\tuser_agent", b'\t').unwrap();
        let told = "192.0.2.1|<none>|<none>|<none>|\"Agent|<none>";
        assert_eq!(shown(&tsv, "192.0.2.1\t\"Agent").unwrap(), told);
    }
}
