//! Which logs, and how they are read: what `identify` and `annotate` are both told.

use std::sync::Arc;

use clap::Args;
use firmtrie::client::{ProxyHeader, TrustedProxies};

use super::Part;
use super::input::Reading;
use super::layout::check;
use super::names::{Names, told};
use crate::Failure;

/// How logs are read.
#[derive(Args)]
pub struct LogArguments {
    /// The logs' format [default: what their first lines show]
    ///
    /// common, combined, nginx (combined with X-Forwarded-For), vhost, traefik, caddy, json, csv, tsv,
    /// cloudfront, w3c; or the log_format of an NGINX or the LogFormat of an Apache.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Where a part of a request stands in JSON or columns, as in address=client.ip or time=3
    ///
    /// Parts are address, header, time, date, agent, method, path, status. Columns are called by their names,
    /// or by their numbers from 1 where there is no header.
    #[arg(long, value_name = "PART=NAME", value_parser = told)]
    column: Vec<(Part, String)>,
    /// The proxies whose header is believed, as in 10.0.0.0/8,loopback
    #[arg(long, value_name = "PREFIX,...", value_delimiter = ',')]
    trusted_proxies: Vec<String>,
    /// The header in which they tell the visitor
    #[arg(long, value_name = "NAME", default_value = "x-forwarded-for", value_parser = header)]
    header: ProxyHeader,
}

fn header(name: &str) -> Result<ProxyHeader, String> {
    name.parse().map_err(|error: firmtrie::Error| error.to_string())
}

impl LogArguments {
    /// How they are read; a line that is longer than `longest` bytes is cut.
    ///
    /// A format that is none is a slip that is told before anything is read.
    pub fn reading(&self, longest: usize) -> Result<Reading, Failure> {
        if let Some(format) = &self.log_format {
            check(format, self.header).map_err(Failure::Usage)?;
        }
        let names = Names {
            told: self.column.clone(),
            header: self.header,
            proxies: !self.trusted_proxies.is_empty(),
        };
        Ok(Reading { format: self.log_format.clone(), names: Arc::new(names), longest })
    }

    /// Whose header is believed.
    pub fn proxies(&self) -> Result<TrustedProxies, Failure> {
        let proxies = TrustedProxies::new(self.trusted_proxies.iter().map(String::as_str));
        let proxies =
            proxies.map_err(|error| Failure::Usage(format!("--trusted-proxies: {error}")))?;
        Ok(proxies.writing(self.header))
    }
}
