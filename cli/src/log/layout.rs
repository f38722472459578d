//! Which layout a log has: as it is called or described, or as its first lines show.

use firmtrie::client::ProxyHeader;
use memchr::memchr;

use super::json::Keys;
use super::names::Names;
use super::pattern::Pattern;
use super::separated::{Columns, FIELDS};
use super::visitor::{SOCKET, address};
use super::{Part, Parts};

/// How lines are taken apart.
#[derive(Debug, Clone)]
pub enum Layout {
    Pattern(Pattern),
    Json(Keys),
    Separated(Columns),
}

/// What a user can call it. Others are format strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Text(&'static str),
    Json,
    Csv,
    Tsv,
    W3c,
}

const COMMON: &str =
    r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent"#;
const COMBINED: &str = concat!(
    r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "#,
    r#""$http_referer" "$http_user_agent""#
);
/// NGINX's own example, and its packages' default.
const NGINX: &str = concat!(
    r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "#,
    r#""$http_referer" "$http_user_agent" "$http_x_forwarded_for""#
);
/// Debian's default for sites of several names.
const VHOST: &str = concat!(
    r#"$server_name:$server_port $remote_addr - $remote_user [$time_local] "$request" $status "#,
    r#"$body_bytes_sent "$http_referer" "$http_user_agent""#
);

const NAMED: [(&str, Named); 11] = [
    ("common", Named::Text(COMMON)),
    ("combined", Named::Text(COMBINED)),
    ("nginx", Named::Text(NGINX)),
    ("vhost", Named::Text(VHOST)),
    ("traefik", Named::Text(COMBINED)),
    ("caddy", Named::Json),
    ("json", Named::Json),
    ("csv", Named::Csv),
    ("tsv", Named::Tsv),
    ("cloudfront", Named::W3c),
    ("w3c", Named::W3c),
];

/// Is it a name of a layout, or a format string?
pub fn check(format: &str, header: ProxyHeader) -> Result<(), String> {
    if NAMED.iter().any(|(name, _)| name.eq_ignore_ascii_case(format)) {
        return Ok(());
    }
    Pattern::new(format, header).map(drop).map_err(|error| {
        let known = NAMED.map(|(name, _)| name).join(", ");
        format!("{error}; or name one of {known}")
    })
}

impl Layout {
    /// The one that a user names, or describes by a format string. `lines` are the first of the log.
    pub fn named(format: &str, names: &Names, lines: &[&[u8]]) -> Result<Self, String> {
        let named = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(format));
        let first = lines.first().copied().unwrap_or_default();
        let layout = match named.map(|(_, named)| *named) {
            Some(Named::Text(format)) => Self::Pattern(Pattern::new(format, names.header)?),
            None => Self::Pattern(Pattern::new(format, names.header)?),
            Some(Named::Json) => Self::Json(Keys::find(names, lines.iter().copied())),
            Some(Named::Csv) => Self::columns(names, first, b',')?,
            Some(Named::Tsv) => Self::columns(names, first, b'\t')?,
            Some(Named::W3c) => Self::w3c(names, lines).ok_or(
                "there is no line #Fields: among the first, which says what the columns are",
            )?,
        };
        layout.checked()
    }

    /// The one that the first lines of a log show.
    pub fn detect(names: &Names, lines: &[&[u8]]) -> Result<Self, String> {
        let lines: Vec<_> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
        let Some(first) = lines.first() else { return Err("it has no line yet".to_owned()) };
        if first.starts_with(b"#")
            && let Some(layout) = Self::w3c(names, &lines)
        {
            return layout.checked();
        }
        if Self::is_json(&lines) {
            return Self::Json(Keys::find(names, lines)).checked();
        }
        if 2 * lines.iter().filter(|line| is_traefiks(line)).count() >= lines.len() {
            return Ok(Self::Pattern(Pattern::new(COMBINED, names.header)?));
        }
        let fit = |format: &str| {
            let pattern = Pattern::new(format, ProxyHeader::default()).ok()?;
            let is_of_it =
                |line: &&&[u8]| pattern.split(line).is_some_and(|parts| is_sound(&parts));
            Some((lines.iter().filter(is_of_it).count(), Pattern::new(format, names.header).ok()?))
        };
        let fits: Vec<_> = [VHOST, NGINX, COMBINED, COMMON].into_iter().filter_map(fit).collect();
        let most = fits.iter().map(|(count, _)| *count).max().unwrap_or(0);
        // The one that tells most, which comes first, although some lines may not fit: visitors write parts of
        // them.
        let best = fits.into_iter().find(|(count, _)| 2 * count >= most);
        if let Some((_, pattern)) = best
            && 2 * most >= lines.len()
        {
            return Ok(Self::Pattern(pattern));
        }
        let separators = [b'\t', b',', b';'].into_iter().filter(|of| memchr(*of, first).is_some());
        let columns = separators.chain([b',']).filter_map(|of| Columns::new(names, first, of));
        columns.into_iter().find(Columns::has_address).map(Self::Separated).ok_or_else(|| {
            "its first lines are of no format that is known here; say --log-format, such as combined, json, csv \
             or the log_format of your server, or which column holds the address, as in --column address=3"
                .to_owned()
        })
    }

    /// Are the lines objects of JSON, most of them?
    pub fn is_json(lines: &[&[u8]]) -> bool {
        2 * lines.iter().filter(|line| line.starts_with(b"{")).count() >= lines.len()
    }

    /// Objects of JSON with the names that are known, none of which has been met.
    pub fn json(names: &Names) -> Self {
        Self::Json(Keys::find(names, []))
    }

    /// The one that nothing fits, until another is known.
    pub fn unknown() -> Self {
        Self::Json(Keys::default())
    }

    fn w3c(names: &Names, lines: &[&[u8]]) -> Option<Self> {
        let at = lines.iter().position(|line| line.starts_with(FIELDS))?;
        let behind = lines[at + 1..].iter().copied();
        Columns::w3c(names, lines[at], behind).map(Self::Separated)
    }

    fn columns(names: &Names, first: &[u8], separator: u8) -> Result<Self, String> {
        let columns = Columns::new(names, first, separator);
        columns.map(Self::Separated).ok_or_else(|| "its first line is not text".to_owned())
    }

    fn checked(self) -> Result<Self, String> {
        let (has, what) = match &self {
            Self::Pattern(_) => return Ok(self),
            Self::Json(keys) => (keys.has_address(), "key"),
            Self::Separated(columns) => (columns.has_address(), "column"),
        };
        if has {
            return Ok(self);
        }
        Err(format!(
            "no {what} of it is known to hold the visitor's address; say which does, as in --column \
             address=client.ip"
        ))
    }

    /// Is the line none of a request, but one about the layout, or blank?
    pub fn passes_over(&self, line: &[u8]) -> bool {
        line.is_empty()
            || match self {
                Self::Separated(columns) => columns.is_about_columns(line),
                Self::Pattern(_) | Self::Json(_) => false,
            }
    }

    /// Does the line say what the columns are?
    pub fn names_columns(&self, line: &[u8]) -> bool {
        matches!(self, Self::Separated(columns) if columns.names_columns(line))
    }

    /// Takes a line apart.
    #[inline]
    pub fn split<'a>(&self, line: &'a [u8]) -> Option<Parts<'a>> {
        match self {
            Self::Pattern(pattern) => pattern.split(line),
            Self::Json(keys) => keys.split(line),
            Self::Separated(columns) => columns.split(line),
        }
    }

    /// What separates values that may be quoted, and then go on in the next line.
    pub const fn quoting(&self) -> Option<u8> {
        match self {
            Self::Separated(columns) if columns.has_quotes() => Some(columns.separator()),
            _ => None,
        }
    }

    /// Can its columns be named anew in the middle of a log?
    pub const fn is_renewed(&self) -> bool {
        matches!(self, Self::Separated(columns) if columns.is_w3c())
    }

    /// The same with the columns that a line `#Fields:` names, from that line on.
    pub fn renewed(&self, names: &Names, line: &[u8]) -> Option<Self> {
        match self {
            Self::Separated(columns) if self.is_renewed() && line.starts_with(FIELDS) => {
                columns.renewed(names, line).map(Self::Separated)
            }
            _ => None,
        }
    }

    /// Does it tell this part of a request?
    pub fn has(&self, part: Part) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.has(part),
            Self::Json(keys) => keys.has(part),
            Self::Separated(columns) => columns.has(part),
        }
    }
}

/// Is the address one? What stands where the header is, a visitor may have written.
fn is_sound(parts: &Parts<'_>) -> bool {
    parts.peer.as_deref().is_some_and(|peer| peer == SOCKET || address(peer).is_some())
}

/// Does a line end as Traefik's do: with a number, the router, the server and a duration? What it quotes it does
/// not escape, so a visitor's quotes look like more parts.
fn is_traefiks(line: &[u8]) -> bool {
    let mut parts = line.rsplit(|byte| *byte == b' ');
    let mut next = || parts.next().unwrap_or_default();
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let quoted = |text: &[u8]| text.len() > 1 && text.starts_with(b"\"") && text.ends_with(b"\"");
    next().strip_suffix(b"ms").is_some_and(digits)
        && quoted(next())
        && quoted(next())
        && digits(next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { told: Vec::new(), header: ProxyHeader::default(), proxies: false }
    }

    const LINE: &str = r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5"#;

    #[test]
    fn the_first_lines_show_which_layout_a_log_has() {
        let parts = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            let layout = Layout::detect(&names(), &lines)?;
            let kind = match &layout {
                Layout::Pattern(_) => "text",
                Layout::Json(_) => "json",
                Layout::Separated(_) => "columns",
            };
            let has = [("agent", Part::Agent), ("header", Part::Header)]
                .map(|(name, part)| if layout.has(part) { name } else { "" });
            Ok::<_, String>(format!("{kind} {}", has.join(" ")).trim().to_owned())
        };
        let combined = format!("{LINE} \"-\" \"A 1\"");
        for (lines, expected) in [
            (&[LINE][..], "text"),
            (&[&combined], "text agent"),
            (&[&format!("{combined} \"-\"")], "text agent header"),
            (&[&format!("{combined} \"192.0.2.7, 192.0.2.8\"")], "text agent header"),
            (
                &[&format!("{combined} 12 \"router@docker\" \"http://10.0.0.1:80\" 3ms")],
                "text agent",
            ),
            (&[&format!("example.com:443 {combined}")], "text agent"),
            (&["\u{1}\u{2}", &combined], "text agent"),
            (&["#Version: 1.0", "#Fields: date time c-ip cs(User-Agent)"], "columns agent"),
            (&[r#"{"remote_ip":"192.0.2.1"}"#], "json"),
            (&["ip,user_agent", "192.0.2.1,A"], "columns agent"),
            (&["time\tip", "x\t192.0.2.1"], "columns"),
            (&["junk", &format!("{combined} \"junk, 192.0.2.7\"")], "text agent header"),
            (
                &[&format!("{combined} \"junk\""), &format!("{combined} \"192.0.2.8:80\"")],
                "text agent header",
            ),
            (&[&combined.replace("192.0.2.1", "unix:")], "text agent"),
            (&[&combined.replace("192.0.2.1", "[2001:db8::1]:443")], "text agent"),
            (&["user_agent", "ip"][1..], "columns"),
            (&["Starting", r#"{"remote_ip":"192.0.2.1"}"#], "json"),
        ] {
            assert_eq!(parts(lines).as_deref(), Ok(expected), "{lines:?}");
        }
        for lines in [&["x"][..], &["a,b"], &["{\"a\":1}"], &["Nov 29 kernel: up", &combined, "x"]]
        {
            assert!(parts(lines).unwrap_err().contains("--column"), "{lines:?}");
        }
    }

    #[test]
    fn a_format_that_is_named_is_the_one_that_is_read() {
        for (format, line) in [
            ("common", LINE),
            ("Combined", &format!("{LINE} \"-\" \"A\"")),
            ("%h %l %u %t \"%r\" %>s %b", LINE),
            ("json", "{\"ip\":\"192.0.2.1\"}"),
            ("csv", "ip"),
        ] {
            let layout = Layout::named(format, &names(), &[line.as_bytes()]).unwrap();
            let peer = layout.split(line.as_bytes()).unwrap().peer.unwrap();
            assert_eq!(peer.as_ref(), if format == "csv" { &b"ip"[..] } else { b"192.0.2.1" });
        }
        let error = check("combnied", ProxyHeader::default()).unwrap_err();
        assert!(error.contains("or name one of common, combined"), "{error}");
        assert!(Layout::named("w3c", &names(), &[b"x"]).unwrap_err().contains("#Fields:"));
    }
}
