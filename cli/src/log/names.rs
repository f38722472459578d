//! What columns and keys are called in logs, and which part of a request each is.
//!
//! One table for JSON, CSV, TSV, W3C and Parquet. A nested key is written with dots: `request.remote_ip`.
//! Names are compared without case, and `-` is `_`.
//!
//! Caddy: <https://caddyserver.com/docs/caddyfile/directives/log>; Traefik:
//! <https://doc.traefik.io/traefik/observe/logs-and-access-logs/>; W3C Extended Log Format, of CloudFront
//! and IIS: <https://www.w3.org/TR/WD-logfile.html>; Elastic Common Schema:
//! <https://www.elastic.co/docs/reference/ecs>; Google Cloud: `LogEntry.httpRequest`.

use firmtrie::client::ProxyHeader;

use super::Part;

/// Names of each part; of those that a log has, the first is meant.
const KNOWN: [(Part, &[&str]); 7] = [
    (
        Part::Peer,
        &[
            "request.client_ip",
            "request.remote_ip",
            "ClientHost",
            "remote_addr",
            "remote_ip",
            "remote_address",
            "client_ip",
            "clientip",
            "client_addr",
            "client_address",
            "c-ip",
            "ip",
            "ip_address",
            "address",
            "source.ip",
            "client.ip",
            "httpRequest.remoteIp",
            "visitor",
        ],
    ),
    (
        Part::Time,
        &[
            "ts",
            "StartUTC",
            "time",
            "timestamp",
            "@timestamp",
            "time_local",
            "time_iso8601",
            "datetime",
            "date_time",
            "msec",
        ],
    ),
    (Part::Day, &["date"]),
    (
        Part::Agent,
        &[
            "request.headers.User-Agent",
            "request_User-Agent",
            "http_user_agent",
            "user_agent",
            "useragent",
            "agent",
            "cs(User-Agent)",
            "user_agent.original",
            "httpRequest.userAgent",
        ],
    ),
    (
        Part::Method,
        &[
            "request.method",
            "RequestMethod",
            "request_method",
            "method",
            "cs-method",
            "httpRequest.requestMethod",
        ],
    ),
    (
        Part::Path,
        &[
            "request.uri",
            "RequestPath",
            "request_uri",
            "uri",
            "path",
            "url",
            "url.path",
            "cs-uri-stem",
            "httpRequest.requestUrl",
        ],
    ),
    (
        Part::Status,
        &[
            "status",
            "DownstreamStatus",
            "sc-status",
            "status_code",
            "http.response.status_code",
            "httpRequest.status",
        ],
    ),
];

/// The names of what a user can point at.
const PARTS: [(&str, Part); 8] = [
    ("address", Part::Peer),
    ("header", Part::Header),
    ("time", Part::Time),
    ("date", Part::Day),
    ("agent", Part::Agent),
    ("method", Part::Method),
    ("path", Part::Path),
    ("status", Part::Status),
];

/// Where the parts of a request stand, as a user says it: `address=client.ip`.
pub fn told(text: &str) -> Result<(Part, String), String> {
    let names = PARTS.map(|(name, _)| name).join(", ");
    let (part, name) = text.split_once('=').ok_or_else(|| {
        format!("{text:?} is no PART=NAME, as in address=client_ip; parts are {names}")
    })?;
    let part = PARTS.iter().find(|(known, _)| *known == part);
    match part {
        Some((_, part)) if !name.is_empty() => Ok((*part, name.to_owned())),
        Some(_) => Err(format!("{text:?} names no column")),
        None => Err(format!("{text:?} is of no part that there is; parts are {names}")),
    }
}

/// What of a log is read: which parts its own names hold.
#[derive(Debug, Clone)]
pub struct Names {
    /// As the user said.
    pub told: Vec<(Part, String)>,
    /// The header that a proxy writes.
    pub header: ProxyHeader,
    /// Are there proxies to trust? What a server made of a header itself is passed over then.
    pub proxies: bool,
}

impl Names {
    /// The parts that a log has: each with the place, in `names`, of what holds it.
    pub fn find<S: AsRef<str>>(&self, names: &[S]) -> Vec<(Part, usize)> {
        let place = |wanted: &str| names.iter().position(|name| alike(name.as_ref(), wanted));
        let mut found = Vec::new();
        for (part, known) in KNOWN {
            let told = self.told.iter().filter(|(of, _)| *of == part);
            let told: Vec<_> = told.map(|(_, name)| name.as_str()).collect();
            let known =
                known.iter().copied().filter(|name| !self.proxies || *name != "request.client_ip");
            let place_of_it = if told.is_empty() {
                known.filter(|name| self.not_taken(name)).find_map(place)
            } else {
                told.into_iter().find_map(place)
            };
            found.extend(place_of_it.map(|place| (part, place)));
        }
        let header = self.header.name();
        let told =
            self.told.iter().find(|(of, _)| *of == Part::Header).map(|(_, name)| name.clone());
        let mut names = told
            .map_or_else(
                || {
                    vec![
                        format!("request.headers.{header}"),
                        format!("request_{header}"),
                        format!("http_{header}"),
                        format!("cs({header})"),
                        header.to_owned(),
                    ]
                },
                |name| vec![name],
            )
            .into_iter();
        found.extend(names.find_map(|name| place(&name)).map(|place| (Part::Header, place)));
        found
    }

    /// Is a name free, and not said to be of another part?
    fn not_taken(&self, name: &str) -> bool {
        !self.told.iter().any(|(_, told)| alike(told, name))
    }
}

/// Are two names the same?
pub fn alike(a: &str, b: &str) -> bool {
    let plain = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().map(plain).eq(b.bytes().map(plain))
}
