//! Which format a file is of, from its header or first row.

use std::path::Path;

use super::delimited::{Delimited, lossy};
use super::json_lines::{JsonLines, is_json};
use super::objects::{first_line, first_name};
use super::{
    Format, Layout, arin, asn_kinds, columns, companies, contacts, delegated, geofeed, networks,
    rpsl, rwhois,
};
use crate::error::{Error, Result};
use crate::net::parse_address;

/// The fields of a file's first row: names of columns, unless the format has no header.
fn first_row(path: &Path, layout: Layout) -> Result<Vec<String>> {
    if is_json(path, layout)? {
        let mut lines = JsonLines::open(path, layout)?;
        return match lines.advance()? {
            Some(Ok(object)) => Ok(object.0.into_keys().collect()),
            Some(Err(reason)) => {
                let reason = format!(
                    "line {}: {reason}; JSON Lines have one object on each line",
                    lines.line()
                );
                Err(Error::Source { path: path.to_path_buf(), reason })
            }
            None => Ok(Vec::new()),
        };
    }
    let mut records = Delimited::open(path, layout)?;
    if !records.advance()? {
        return Err(Error::Source { path: path.to_path_buf(), reason: "has no rows".into() });
    }
    let text = |field| lossy(field).trim().to_ascii_lowercase();
    Ok((0..records.len()).filter_map(|index| records.field(index)).map(text).collect())
}

impl Format {
    /// Finds out which format a file is of, from its header or its first row.
    ///
    /// # Errors
    /// A file that is of none or could be of several; the error names the choices.
    pub fn detect(path: impl AsRef<Path>) -> Result<Self> {
        Self::detect_as(path.as_ref(), Layout::default())
    }

    /// The same of a file that is written in this way.
    pub(crate) fn detect_as(path: &Path, layout: Layout) -> Result<Self> {
        let first = first_line(path, layout)?.unwrap_or_default();
        if delegated::is_head(&first) {
            return Ok(Self::Delegated);
        }
        if geofeed::is_row(&first) {
            return Ok(Self::Geofeed);
        }
        let class = first_name(&first).unwrap_or_default();
        let begins = [
            (Self::Rpsl, &rpsl::ALL[..]),
            (Self::ArinBulk, &arin::ALL),
            (Self::Rwhois, &rwhois::ALL),
        ];
        if let Some((format, _)) = begins.iter().find(|(_, all)| all.contains(&class.as_str())) {
            return Ok(*format);
        }
        let row = first_row(path, layout)?;
        if row.len() > 1 && row[..2].iter().all(|field| parse_address(field).is_ok()) {
            return Ok(Self::AsnCsv);
        }
        let has = |column: &str| row.iter().any(|field| field == column);
        let mut formats = Vec::new();
        if networks::has_columns(&has) {
            formats.push(Self::Networks);
        } else if contacts::has_columns(&has) {
            // The columns of a network tell it from a contact.
            formats.push(Self::Contacts);
        } else if asn_kinds::has_columns(&has) {
            formats.push(Self::AsnKinds);
        }
        if companies::has_columns(&has) {
            formats.push(Self::Companies);
        }
        if let [format] = formats[..] {
            return Ok(format);
        }
        let found = if formats.is_empty() { "no format" } else { "several formats" };
        let columns = columns::found(&row, layout.delimiter, &KNOWN);
        let reason = format!("is of {found}, by its first row: {columns}; expected {CHOICES}");
        Err(Error::Source { path: path.to_path_buf(), reason })
    }
}

const CHOICES: &str = "one of asn-csv (rows of start,end,asn,organisation without a header), \
                       networks (columns network or start and end, and company, name or kind), \
                       companies (columns key and name), contacts (columns company and name), \
                       asn-kinds (columns asn and kind), \
                       rpsl (objects of a registry, as in inetnum: 192.0.2.0 - 192.0.2.255), \
                       arin-bulk (those of ARIN, as in NetHandle: NET-192-0-2-0-1), \
                       rwhois (as in network:IP-Network:192.0.2.0/24), \
                       delegated (rows of registry|cc|type|start|value|date|status|opaque-id), \
                       geofeed (rows of prefix,country,region,city,postal code without a header)";

/// The columns by which formats are told apart.
const KNOWN: [&str; 9] =
    ["network", "start", "end", "company", "name", "kind", "key", "asn", "country"];
