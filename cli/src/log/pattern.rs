//! Lines of text by a pattern: the format strings of NGINX and Apache.
//!
//! A pattern is text, and parts between it: `$remote_addr - $remote_user [$time_local] "$request"` or
//! `%h %l %u %t "%r"`. A part ends where the text behind it begins; between quotes, at the first quote that
//! no backslash escapes. Text behind the last part is read over, since servers are often told to add to
//! their usual format.
//!
//! See <https://nginx.org/en/docs/http/ngx_http_log_module.html> and
//! <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html>.

use firmtrie::client::ProxyHeader;
use memchr::{memchr, memchr2};

use super::{Part, Parts};

/// A compiled format string.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What a line begins with.
    start: Vec<u8>,
    parts: Vec<(Part, Until)>,
}

#[derive(Debug, Clone)]
enum Until {
    /// This text, which is not empty.
    Text(Vec<u8>),
    /// A quote that is not escaped, and the rest of this text.
    Quote(Vec<u8>),
    /// This text, before the quote that closes: another part is in the same quotes.
    Within(Vec<u8>),
    /// The same at the end of what is quoted, and what stands behind the quote.
    WithinEnd(Vec<u8>, Vec<u8>),
    /// The end of the line; an address or a status ends at a blank.
    End,
}

impl Pattern {
    /// Reads a format string; NGINX's has `$`, Apache's `%`. `header` is the one that a proxy writes, and
    /// any other is read over.
    pub fn new(format: &str, header: ProxyHeader) -> Result<Self, String> {
        if format.trim_start().starts_with("log_format ")
            || format.trim_start().starts_with("LogFormat ")
        {
            return Err(
                "of log_format and LogFormat give what stands between the quotes".to_owned()
            );
        }
        let pieces = if format.contains('$') {
            nginx(format, header)?
        } else if format.contains('%') {
            apache(format, header)?
        } else {
            return Err(format!(
                "{format:?} is no format: NGINX's have $remote_addr for the visitor's address, Apache's %h"
            ));
        };
        let has = |part| {
            let is_it = |piece: &&Piece| matches!(piece, Piece::Part(of) | Piece::Visitors(of) if *of == part);
            pieces.iter().filter(is_it).count()
        };
        if has(Part::Peer) + has(Part::Header) == 0 {
            return Err(format!(
                "{format:?} has no visitor's address: write $remote_addr or %h where it stands"
            ));
        }
        Self::of(pieces)
    }

    fn of(pieces: Vec<Piece>) -> Result<Self, String> {
        let mut pattern = Self { start: Vec::new(), parts: Vec::new() };
        let mut quoted = false;
        // Parts of which a visitor may write what stands for their end.
        let mut visitors = Vec::new();
        for piece in pieces {
            if matches!(piece, Piece::Visitors(_)) {
                visitors.push(pattern.parts.len());
            }
            match (piece, pattern.parts.last_mut()) {
                (Piece::Text(text), None) => {
                    quoted = text.matches('"').count() % 2 == 1;
                    pattern.start.extend(text.as_bytes());
                }
                (Piece::Text(text), Some((_, until))) => {
                    let opens = text.matches('"').count() % 2 == 1;
                    let bytes = |text: &str| text.as_bytes().to_vec();
                    *until = match (quoted, text.split_once('"')) {
                        (true, Some(("", behind))) => Until::Quote(bytes(behind)),
                        (true, Some((before, behind))) => {
                            Until::WithinEnd(bytes(before), bytes(behind))
                        }
                        (true, None) => Until::Within(text.into_bytes()),
                        (false, _) => Until::Text(text.into_bytes()),
                    };
                    quoted ^= opens;
                }
                (Piece::Part(part) | Piece::Visitors(part), last) => {
                    if last.is_some_and(|(_, until)| matches!(until, Until::End)) {
                        return Err("two parts touch in the format: without a character between them it cannot \
                                    be told where the first ends"
                            .to_owned());
                    }
                    pattern.parts.push((part, Until::End));
                }
            }
        }
        let is_quoted = |at: usize| matches!(pattern.parts[at].1, Until::Quote(_));
        let is_address = |at: &usize| matches!(pattern.parts[*at].0, Part::Peer | Part::Header);
        // A quote that he cannot write ends all that he can.
        let is_open = |at: usize| {
            let address = (at + 1..pattern.parts.len()).find(is_address);
            !is_quoted(at) && address.is_some_and(|address| !is_quoted(address))
        };
        if visitors.into_iter().any(is_open) {
            return Err("a visitor could pass for another: what he writes stands without quotes of its own \
                        before the address. Have the server write the address first, or each in quotes"
                .to_owned());
        }
        Ok(pattern)
    }

    /// Does it have this part?
    pub fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(of, _)| *of == part)
    }

    /// Takes a line apart; nothing if it is not of this pattern.
    #[inline]
    pub fn split<'a>(&self, line: &'a [u8]) -> Option<Parts<'a>> {
        let mut parts = Parts::default();
        let mut rest = behind(line, &self.start)?;
        for (part, until) in &self.parts {
            let (text, behind) = match until {
                Until::Text(text) => split_at(rest, text)?,
                Until::Quote(text) => {
                    let end = closing_quote(rest)?;
                    (&rest[..end], behind(&rest[end + 1..], text)?)
                }
                Until::Within(text) => {
                    let quoted = &rest[..closing_quote(rest)?];
                    let (part, _) = split_at(quoted, text)?;
                    (part, &rest[part.len() + text.len()..])
                }
                Until::WithinEnd(text, after) => {
                    let end = closing_quote(rest)?;
                    (rest[..end].strip_suffix(text.as_slice())?, behind(&rest[end + 1..], after)?)
                }
                Until::End => {
                    let ends_at_blank = matches!(part, Part::Peer | Part::Status);
                    let end = memchr2(b' ', b'\t', rest).filter(|_| ends_at_blank);
                    rest.split_at(end.unwrap_or(rest.len()))
                }
            };
            parts.set(*part, text);
            rest = behind;
        }
        Some(parts)
    }
}

/// What stands before a text and what behind it.
#[inline]
fn split_at<'a>(line: &'a [u8], text: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (first, others) = text.split_first()?;
    let mut from = 0;
    loop {
        let at = from + memchr(*first, &line[from..])?;
        if let Some(behind) = behind(&line[at + 1..], others) {
            return Some((&line[..at], behind));
        }
        from = at + 1;
    }
}

/// What stands behind a text that a line begins with. Such texts have a byte or three: a call to compare them
/// takes longer than to look at each.
#[inline]
fn behind<'a>(line: &'a [u8], text: &[u8]) -> Option<&'a [u8]> {
    let (start, behind) = line.split_at_checked(text.len())?;
    start.iter().zip(text).all(|(a, b)| a == b).then_some(behind)
}

/// Where a quoted text ends.
#[inline]
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &text[from..])?;
        let escapes = text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// A format string's pieces.
enum Piece {
    Text(String),
    Part(Part),
    /// The same, of which a visitor writes what he likes.
    Visitors(Part),
}

impl Piece {
    fn of(part: Part, is_visitors: bool) -> Self {
        if is_visitors { Self::Visitors(part) } else { Self::Part(part) }
    }
}

/// Adds text to what stands before it.
fn push(pieces: &mut Vec<Piece>, more: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push_str(more),
        _ if more.is_empty() => {}
        _ => pieces.push(Piece::Text(more.to_owned())),
    }
}

fn nginx(format: &str, header: ProxyHeader) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut parts = format.split('$');
    push(&mut pieces, parts.next().unwrap_or_default());
    for part in parts {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, text) = match part.strip_prefix('{') {
            Some(inside) => inside
                .split_once('}')
                .ok_or_else(|| format!("{format:?} has ${{ without its }}"))?,
            None => part.split_at(part.find(|c| !is_name(c)).unwrap_or(part.len())),
        };
        let is_visitors =
            ["http_", "arg_", "cookie_", "request", "uri", "args", "query_string", "document_uri"]
                .iter()
                .any(|start| name.starts_with(start))
                && !matches!(name, "request_time" | "request_length" | "request_id")
                || name == "remote_user";
        let part = match name {
            "remote_addr" | "binary_remote_addr" => Part::Peer,
            "time_local" | "time_iso8601" | "msec" => Part::Time,
            "request" => Part::Request,
            "request_method" => Part::Method,
            "request_uri" | "uri" | "document_uri" => Part::Path,
            "status" => Part::Status,
            "http_user_agent" => Part::Agent,
            "" => return Err(format!("{format:?} has a $ without a name")),
            _ => match name.strip_prefix("http_") {
                Some(name) if name.replace('_', "-") == header.name() => Part::Header,
                _ => Part::Other,
            },
        };
        pieces.push(Piece::of(part, is_visitors));
        push(&mut pieces, text);
    }
    Ok(pieces)
}

fn apache(format: &str, header: ProxyHeader) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    // As it stands in a configuration, where quotes are escaped.
    let format = format.replace("\\\"", "\"").replace("\\t", "\t");
    let mut rest = format.as_str();
    while let Some((text, behind)) = rest.split_once('%') {
        push(&mut pieces, text);
        // Statuses for which a part is written, and whether of the first or the last request.
        let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit() || "!,<>".contains(c));
        let (name, behind) = match behind.strip_prefix('{') {
            Some(inside) => inside
                .split_once('}')
                .map(|(name, behind)| (Some(name), behind))
                .ok_or_else(|| format!("{format:?} has %{{ without its }}"))?,
            None => (None, behind),
        };
        let Some(letter) = behind.chars().next() else {
            return Err(format!("{format:?} has a % without a letter"));
        };
        rest = &behind[letter.len_utf8()..];
        match (letter, name) {
            ('%', None) => push(&mut pieces, "%"),
            ('h' | 'a', None) | ('a', Some("c")) => pieces.push(Piece::Part(Part::Peer)),
            ('t', None) => {
                push(&mut pieces, "[");
                pieces.push(Piece::Part(Part::Time));
                push(&mut pieces, "]");
            }
            ('t', Some("sec" | "msec" | "usec" | "%s")) => pieces.push(Piece::Part(Part::Time)),
            ('t', Some(other)) => {
                // `strftime` can write anything; what looks like ISO 8601 can be read.
                let iso = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%FT%T", "%F %T"];
                if !iso.iter().any(|start| other.starts_with(start)) {
                    return Err(format!(
                        "times written as %{{{other}}}t cannot be read; those of %t, and of %{{sec}}t, \
                         %{{msec}}t, %{{usec}}t and %{{%FT%T%z}}t can"
                    ));
                }
                pieces.push(Piece::Part(Part::Time));
            }
            ('r', None) => pieces.push(Piece::Visitors(Part::Request)),
            ('m', None) => pieces.push(Piece::Visitors(Part::Method)),
            ('U', None) => pieces.push(Piece::Visitors(Part::Path)),
            ('s', None) => pieces.push(Piece::Part(Part::Status)),
            ('i', Some(name)) if name.eq_ignore_ascii_case("user-agent") => {
                pieces.push(Piece::Visitors(Part::Agent));
            }
            ('i', Some(name)) if name.eq_ignore_ascii_case(header.name()) => {
                pieces.push(Piece::Visitors(Part::Header));
            }
            ('u' | 'l' | 'q', None) | ('i' | 'C' | 'e' | 'n', Some(_)) => {
                pieces.push(Piece::Visitors(Part::Other));
            }
            _ => pieces.push(Piece::Part(Part::Other)),
        }
    }
    push(&mut pieces, rest);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                            \"$http_referer\" \"$http_user_agent\"";

    fn text<'a>(part: Option<&'a Cow<'_, [u8]>>) -> &'a str {
        std::str::from_utf8(part.map_or(b"<none>", |part| part)).unwrap()
    }

    fn shown(format: &str, line: &str) -> Option<String> {
        let pattern = Pattern::new(format, ProxyHeader::default()).unwrap();
        let parts = pattern.split(line.as_bytes())?;
        let others = [parts.header, parts.time, parts.request, parts.status, parts.agent];
        Some(format!(
            "{}|{}",
            text(parts.peer.as_ref()),
            others.each_ref().map(|part| text(part.as_ref())).join("|")
        ))
    }

    #[test]
    fn a_line_is_taken_apart_as_its_format_says() {
        let apache = r#"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""#;
        let main = format!("{COMBINED} \"$http_x_forwarded_for\"");
        let line = r#"192.0.2.1 - a b [17/May/2015:10:05:03 +0000] "GET /a\"b HTTP/1.1" 200 5 "-" "Agent 1.0""#;
        let told =
            r#"192.0.2.1|<none>|17/May/2015:10:05:03 +0000|GET /a\"b HTTP/1.1|200|Agent 1.0"#;
        assert_eq!(shown(COMBINED, line).unwrap(), told);
        assert_eq!(shown(apache, line).unwrap(), told);
        // What a server adds behind its usual format is read over.
        assert_eq!(shown(COMBINED, &format!("{line} 17 \"web\" 2ms")).unwrap(), told);
        assert_eq!(shown(&main, line), None);
        let chain = format!("{line} \"198.51.100.7, 192.0.2.9\"");
        assert_eq!(
            shown(&main, &chain).unwrap(),
            told.replace("<none>|17", "198.51.100.7, 192.0.2.9|17")
        );
        let custom = r#"%a "%r"%>s %{usec}t%%"#;
        let line = r#"2001:db8::1 "GET / HTTP/2"304 1431857103000000%"#;
        let told = "2001:db8::1|<none>|1431857103000000|GET / HTTP/2|304|<none>";
        assert_eq!(shown(custom, line).unwrap(), told);
    }

    #[test]
    fn parts_in_the_same_quotes_end_where_the_quotes_do() {
        let format = r#"%h %t "%m %U" %>s "%{User-Agent}i x""#;
        let line = r#"192.0.2.1 [t] "GET /a\" 304 \"z" 200 "Agent x""#;
        assert_eq!(shown(format, line).unwrap(), "192.0.2.1|<none>|t|<none>|200|Agent");
        assert_eq!(shown(format, &line.replace(" x\"", "\"")), None);
    }

    #[test]
    fn a_line_that_is_cut_or_of_another_program_is_not_of_the_format() {
        for line in [
            "",
            "192.0.2.1",
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET /"#,
            "\0\u{1}\u{2}",
            "Nov 29 kernel: up",
        ] {
            assert_eq!(shown(COMBINED, line), None, "{line}");
        }
    }

    #[test]
    fn a_format_that_cannot_be_read_says_why() {
        for (format, expected) in [
            ("combined", "is no format"),
            ("$remote_user [$time_local]", "no visitor's address"),
            ("$remote_addr$status", "touch"),
            ("${remote_addr $status", "without its }"),
            ("%h %", "without a letter"),
            ("%t \"%m %U\" %h", "pass for another"),
            ("%{X-Forwarded-For}i %h", "pass for another"),
            ("$status|$http_user_agent|$http_x_forwarded_for", "pass for another"),
            ("%u \"%{X-Forwarded-For}i\" %{Referer}i %h", "pass for another"),
            ("$remote_addr $remote_user $http_x_forwarded_for", "pass for another"),
            ("log_format main '$remote_addr';", "between the quotes"),
            ("%h %{%d/%m}t", "cannot be read"),
        ] {
            let error = Pattern::new(format, ProxyHeader::default()).unwrap_err();
            assert!(error.contains(expected), "{format}: {error}");
        }
    }
}
