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

/// Names of each part; of those that a line has, the first is meant.
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

/// A name that a part may have.
pub struct Candidate {
    pub part: Part,
    pub name: String,
    /// Is it of a header that a visitor writes? Then no other may pass for it: a server keeps
    /// `X_Forwarded_For` beside `X-Forwarded-For`.
    pub is_header: bool,
}

impl Candidate {
    pub fn is_called(&self, name: &str) -> bool {
        if self.is_header { self.name.eq_ignore_ascii_case(name) } else { alike(&self.name, name) }
    }
}

impl Names {
    /// What a part may be called, the likeliest first.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + '_ {
        let told = self.told.iter().map(|(part, name)| Candidate {
            part: *part,
            name: name.clone(),
            is_header: *part == Part::Header || of_headers(name),
        });
        let is_told = |part: Part| self.told.iter().any(|(told, _)| *told == part);
        // What a server made of a header itself is passed over, where proxies are told.
        let is_free = |name: &str| {
            let is_made = self.proxies && name == "request.client_ip";
            !is_made && !self.told.iter().any(|(_, told)| alike(told, name))
        };
        let known = KNOWN.iter().filter(move |(part, _)| !is_told(*part));
        let known = known.flat_map(|(part, names)| names.iter().map(|name| (*part, *name)));
        let known = known.filter(move |(_, name)| is_free(name)).map(|(part, name)| Candidate {
            part,
            name: name.to_owned(),
            is_header: of_headers(name),
        });
        let header = self.header.name();
        let headers = [
            format!("request.headers.{header}"),
            format!("request_{header}"),
            format!("http_{}", header.replace('-', "_")),
            format!("cs({header})"),
            header.to_owned(),
            header.replace('-', "_"),
        ];
        let headers = headers.into_iter().filter(move |_| !is_told(Part::Header));
        let headers = headers.map(|name| Candidate { part: Part::Header, name, is_header: true });
        told.chain(known).chain(headers)
    }

    /// The parts that a log has: each with the place, in `names`, of what holds it.
    pub fn find<S: AsRef<str>>(&self, names: &[S]) -> Vec<(Part, usize)> {
        let mut found: Vec<(Part, usize)> = Vec::new();
        for candidate in self.candidates() {
            if found.iter().any(|(part, _)| *part == candidate.part) {
                continue;
            }
            let place = names.iter().position(|name| candidate.is_called(name.as_ref()));
            found.extend(place.map(|place| (candidate.part, place)));
        }
        found
    }

    /// The same of what the user said alone.
    pub fn find_told(&self, names: &[String]) -> Vec<(Part, usize)> {
        let place = |wanted: &String| names.iter().position(|name| name == wanted);
        self.told.iter().filter_map(|(part, name)| Some((*part, place(name)?))).collect()
    }

    /// Are columns called by their numbers? Then there is no header, whatever the first row says.
    pub fn are_numbers(&self) -> bool {
        self.told.iter().any(|(_, name)| name.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Is it the name of a header among those of a request?
fn of_headers(name: &str) -> bool {
    ["request.headers.", "request_", "cs("]
        .iter()
        .any(|start| name.get(..start.len()).is_some_and(|of| of.eq_ignore_ascii_case(start)))
        && name != "request_method"
        && name != "request_uri"
}

/// Are two names the same?
pub fn alike(a: &str, b: &str) -> bool {
    let plain = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().map(plain).eq(b.bytes().map(plain))
}
