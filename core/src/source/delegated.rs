//! Format `delegated`: the statistics of the internet registries, "delegated-extended" files, as each of them
//! and the NRO publish every day
//! (<https://www.apnic.net/about-apnic/corporate-documents/documents/resource-guidelines/rir-statistics-exchange-format/>).
//!
//! Rows of `registry|cc|type|start|value|date|status|opaque-id`. They name nobody: the ranges and the
//! autonomous systems of one holder have the same opaque ID. Who runs these is told by other sources, and
//! the ranges are theirs. Without an ID, as in files that are not extended, a row says only whether the space
//! is to be passed on to customers (`allocated`) or to be used (`assigned`). The first row, the summaries, and what is available or reserved say nothing.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use super::table::Table;
use super::{
    Allotment, DelegatedTo, LONGEST_ROW, Layout, MOST_SYSTEMS, Statement, Statements, open,
};
use crate::error::{Error, Result};
use crate::net::{AddressRange, parse_address, parse_asn, parse_prefix};

const COLUMNS: [&str; 8] =
    ["registry", "cc", "type", "start", "value", "date", "status", "opaque-id"];
/// Columns of a summary, which has the fewest.
const LEAST: usize = 6;
const EXPECTED: &str = "registry|cc|type|start|value|date|status|opaque-id";

/// The rows of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    is_whole(path, layout)?;
    let layout = Layout { delimiter: b'|', ..layout };
    let table = Table::headerless(path, &COLUMNS, layout)?.with_at_least(LEAST);
    Ok(Statements::of_some(table, EXPECTED, statement))
}

/// Refuses a file that has fewer records than its head says: it was cut off.
fn is_whole(path: &Path, layout: Layout) -> Result<()> {
    let mut input = BufReader::new(open::open(path, layout)?);
    let (mut records, mut told, mut line) = (0_u64, None, Vec::new());
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        let read = (&mut input).take(LONGEST_ROW as u64).read_until(b'\n', line);
        read.map_err(Error::io(path, "read"))
    };
    while next(&mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let line = text.trim();
        if told.is_none() && is_head(line) {
            told = line.split('|').nth(3).and_then(|count| count.parse::<u64>().ok());
        } else if !line.is_empty() && !line.starts_with('#') && !line.ends_with("|summary") {
            records += 1;
        }
    }
    match told {
        Some(told) if records < told => {
            let reason = format!(
                "has {records} records, and its head says that they are {told}: it was cut off; fetch it again"
            );
            Err(Error::Source { path: path.to_path_buf(), reason })
        }
        _ => Ok(()),
    }
}

/// Is a line, the first but for remarks, the head of such a file? It tells version, registry, a serial
/// number, the number of records, two dates and the offset from UTC.
pub(super) fn is_head(line: &str) -> bool {
    let row: Vec<_> = line.split('|').collect();
    let is_version = |text: &str| text.parse::<f32>().is_ok_and(|version| version >= 1.0);
    row.len() == 7 && is_version(row[0]) && row[3].parse::<u64>().is_ok()
}

fn statement(table: &Table) -> Result<Option<Statement>> {
    let status = table.text("status")?.unwrap_or_default();
    if !["allocated", "assigned"].iter().any(|delegated| status.eq_ignore_ascii_case(delegated)) {
        return Ok(None);
    }
    let allotment = Allotment::of_status(status);
    let registry = table.required("registry")?;
    let holder = table.text("opaque-id")?.map(|id| format!("{registry} {id}"));
    let what = match table.required("type")? {
        "asn" => systems(table)?,
        "ipv4" | "ipv6" => DelegatedTo::Range(range(table)?),
        other => return Err(table.refuse("type", other, "is neither asn, ipv4 nor ipv6")),
    };
    Ok(Some(Statement::Delegated { what, holder, allotment }))
}

fn systems(table: &Table) -> Result<DelegatedTo> {
    let (text, count) = (table.required("start")?, count(table)?);
    let first = parse_asn(text);
    let first = first.map_err(|_| table.refuse("start", text, "is not the number of a system"))?;
    let more = (count <= MOST_SYSTEMS).then_some(count - 1).and_then(|more| more.try_into().ok());
    let last = more.and_then(|more| first.checked_add(more));
    let last = last.ok_or_else(|| table.refuse("value", count.to_string(), "is too many"))?;
    Ok(DelegatedTo::Systems(first..=last))
}

fn range(table: &Table) -> Result<AddressRange> {
    let text = table.required("start")?;
    let refuse = |reason: &str| table.refuse("start", text, reason);
    match parse_address(text).map_err(|_| refuse("is not an IPv4 or IPv6 address"))? {
        IpAddr::V4(first) => {
            let count = count(table)?;
            let last = u64::from(first.to_bits()) + (count - 1);
            let last = u32::try_from(last)
                .map_err(|_| table.refuse("value", count.to_string(), "is more than there are"))?;
            let last = IpAddr::V4(Ipv4Addr::from_bits(last));
            AddressRange::new(first.into(), last).map_err(|error| refuse(&error.to_string()))
        }
        IpAddr::V6(first) => {
            let length = table.required("value")?;
            let prefix = parse_prefix(&format!("{first}/{length}"));
            let reason = "is not the length of a prefix that begins there";
            prefix.map(Into::into).map_err(|_| table.refuse("value", length, reason))
        }
    }
}

/// How many there are, from 1.
fn count(table: &Table) -> Result<u64> {
    let text = table.required("value")?;
    let count = text.parse().ok().filter(|count| (1..=1 << 32).contains(count));
    count.ok_or_else(|| table.refuse("value", text, "is no number from 1 to 4294967296"))
}

#[cfg(test)]
mod tests {
    use super::super::rows_of;
    use super::*;

    fn read(content: &str) -> Result<Vec<Statement>> {
        let rows = rows_of(rows, content.as_bytes())?;
        Ok(rows.into_iter().map(|row| row.says).collect())
    }

    const HEAD: &str = "# statement of use\n2.3|apnic|20261101|0|19830613|20261101|+1000\n\
        apnic|*|ipv4|*|3|summary\n";

    #[test]
    fn what_is_delegated_is_its_holders_and_the_rest_says_nothing() {
        let rows = "apnic|NL|ipv4|20.0.4.0|768|20100101|allocated|A91\n\
            apnic|NL|ipv6|2a00:1::|32|20100101|assigned|A91|e-stats\n\
            apnic|NL|asn|64500|2|20100101|allocated|A91\n\
            apnic||ipv4|20.0.8.0|256|20100101|available|\n\
            apnic|ZZ|ipv4|20.0.9.0|256||reserved|x\napnic|NL|ipv4|20.0.8.0|256|20100101|allocated\n";
        let said = read(&format!("{HEAD}{rows}")).unwrap();
        let range = |first: &str, last: &str| {
            let [first, last] = [first, last].map(|address| address.parse().unwrap());
            DelegatedTo::Range(AddressRange::new(first, last).unwrap())
        };
        let (holder, to_pass_on) = (Some("apnic A91".to_owned()), Allotment::ToPassOn);
        let expected = [
            (range("20.0.4.0", "20.0.6.255"), holder.clone(), to_pass_on),
            (
                range("2a00:1::", "2a00:1:ffff:ffff:ffff:ffff:ffff:ffff"),
                holder.clone(),
                Allotment::ToUse,
            ),
            (DelegatedTo::Systems(64500..=64501), holder, to_pass_on),
            (range("20.0.8.0", "20.0.8.255"), None, to_pass_on),
        ];
        let expected = expected.map(|(what, holder, allotment)| Statement::Delegated {
            what,
            holder,
            allotment,
        });
        assert_eq!(said, expected);
        assert!(read(HEAD).unwrap().is_empty(), "nothing was delegated");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (row, said) in [
            ("ipv4|255.255.255.0|512", "column 5 (value): \"512\": is more than there are"),
            ("ipv4|20.0.0.0|0", "column 5 (value): \"0\": is no number from 1"),
            ("ipv4|20.0.0|256", "column 4 (start): \"20.0.0\": is not an IPv4"),
            ("ipv6|2a00:1::1|32", "column 5 (value): \"32\": is not the length of a prefix"),
            ("ipv6|2a00::|129", "column 5 (value): \"129\": is not the length"),
            ("asn|1|65537", "column 5 (value): \"65537\": is too many"),
            ("asn|4294967295|2", "column 5 (value): \"2\": is too many"),
            ("asn|x|1", "column 4 (start): \"x\": is not the number"),
            ("other|1|1", "column 3 (type): \"other\": is neither"),
        ] {
            let row = format!("{HEAD}apnic|NL|{row}|20100101|allocated|A91\n");
            let message = read(&row).unwrap_err().to_string();
            assert!(message.contains(&format!(":4: {said}")), "{message}");
        }
        let quoted = "apnic|NL|ipv4|20.0.4.0|768|20100101|allocated|\"A91\n\
            apnic|NL|ipv4|20.0.8.0|256|20100101|allocated|A92\"\n";
        let message = read(&format!("{HEAD}{quoted}")).unwrap_err().to_string();
        assert!(message.contains(":4: holds what looks like whole rows in column 8"), "{message}");
        let cut = HEAD.replace("|0|", "|2|");
        let row = "apnic|NL|ipv4|20.0.4.0|768|20100101|allocated|A91\n";
        let message = read(&format!("{cut}{row}")).unwrap_err().to_string();
        assert!(message.contains("has 1 records, and its head says that they are 2"), "{message}");
        assert_eq!(read(&format!("{cut}{row}{row}# end\n\n")).unwrap().len(), 2);
        let message = read(&format!("{HEAD}apnic|NL\n")).unwrap_err().to_string();
        assert!(message.contains(":4: has 2 columns where the format has at least 6"), "{message}");
    }
}
