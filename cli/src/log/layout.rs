//! Which layout a log has: as it is called or described, or as its first lines show.

use std::borrow::Cow;

use firmtrie::client::ProxyHeader;
use memchr::memchr;

use super::json::Keys;
use super::names::Names;
use super::pattern::Pattern;
use super::separated::{Columns, FIELDS};
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

impl Layout {
    /// The one that a user names, or describes by a format string. `lines` are the first of the log.
    pub fn named(format: &str, names: &Names, lines: &[&[u8]]) -> Result<Self, String> {
        let named = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(format));
        let first = lines.first().copied().unwrap_or_default();
        let layout = match named.map(|(_, named)| *named) {
            Some(Named::Text(format)) => Self::Pattern(Pattern::new(format, names.header)?),
            None => Self::Pattern(Pattern::new(format, names.header).map_err(|error| {
                let known = NAMED.map(|(name, _)| name).join(", ");
                format!("{error}; or name one of {known}")
            })?),
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
        let Some(first) = lines.iter().find(|line| !line.is_empty()) else {
            return Ok(Self::Json(Keys::default()));
        };
        if first.starts_with(b"#")
            && let Some(layout) = Self::w3c(names, lines)
        {
            return layout.checked();
        }
        if first.starts_with(b"{") {
            return Self::Json(Keys::find(names, lines.iter().copied())).checked();
        }
        let fit = |format: &str| {
            let pattern = Pattern::new(format, ProxyHeader::default()).ok()?;
            let fits = lines
                .iter()
                .filter(|line| pattern.split(line).is_some_and(|parts| is_sound(&parts)));
            let count = fits.count();
            Some((count, Pattern::new(format, names.header).ok()?))
        };
        // Of those that fit as many lines the one that tells most, which comes first.
        let fits = [VHOST, NGINX, COMBINED, COMMON].into_iter().filter_map(fit);
        let best = fits.reduce(|best, other| if other.0 > best.0 { other } else { best });
        if let Some((count, pattern)) = best
            && 2 * count >= lines.len()
        {
            return Ok(Self::Pattern(pattern));
        }
        let columns =
            [b'\t', b',', b';'].into_iter().filter(|separator| memchr(*separator, first).is_some());
        let mut columns = columns.filter_map(|separator| Columns::new(names, first, separator));
        columns.find(Columns::has_address).map(Self::Separated).ok_or_else(|| {
            "its first lines are of no format that is known here; say --log-format, such as combined, json, csv \
             or the log_format of your server, or which column holds the address, as in --column address=3"
                .to_owned()
        })
    }

    fn w3c(names: &Names, lines: &[&[u8]]) -> Option<Self> {
        let fields = lines.iter().find(|line| line.starts_with(FIELDS))?;
        Columns::w3c(names, fields).map(Self::Separated)
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

    /// Can its columns be named anew in the middle of a log?
    pub const fn is_renewed(&self) -> bool {
        matches!(self, Self::Separated(columns) if columns.is_w3c())
    }

    /// The same with the columns that a line `#Fields:` names, from that line on.
    pub fn renewed(&self, names: &Names, line: &[u8]) -> Option<Self> {
        let columns = self.is_renewed().then(|| Columns::w3c(names, line)).flatten();
        columns.map(Self::Separated)
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

/// Is the address one, and the header, if there is one, a proxy's or none?
fn is_sound(parts: &Parts<'_>) -> bool {
    let is_address = |text: &[u8]| {
        std::str::from_utf8(text).is_ok_and(|text| text.trim().parse::<std::net::IpAddr>().is_ok())
    };
    let peer = parts.peer.as_deref().is_some_and(is_address);
    let header = parts.header.as_ref().is_none_or(|header: &Cow<'_, [u8]>| {
        matches!(header.as_ref(), b"-" | b"" | b"unknown")
            || header.split(|byte| *byte == b',').all(is_address)
    });
    peer && header
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
            (&[&format!("{combined} \"router\" \"http://10.0.0.1:80\" 3ms")], "text agent"),
            (&[&format!("example.com:443 {combined}")], "text agent"),
            (&["\u{1}\u{2}", &combined], "text agent"),
            (&["#Version: 1.0", "#Fields: date time c-ip cs(User-Agent)"], "columns agent"),
            (&[r#"{"remote_ip":"192.0.2.1"}"#], "json"),
            (&["ip,user_agent", "192.0.2.1,A"], "columns agent"),
            (&["time\tip", "x\t192.0.2.1"], "columns"),
            (&[], "json"),
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
        let error = Layout::named("combnied", &names(), &[]).unwrap_err();
        assert!(error.contains("or name one of common, combined"), "{error}");
        assert!(Layout::named("w3c", &names(), &[b"x"]).unwrap_err().contains("#Fields:"));
    }
}
