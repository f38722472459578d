//! Format `geofeed`: where an operator says that its networks are used (RFC 8805,
//! <https://www.rfc-editor.org/rfc/rfc8805>).
//!
//! Rows of `prefix,country,region,city,postal code` without a header; what is missing behind the prefix is not
//! told. Lines that begin with `#` are remarks, such as the header that many files have, and the signature of
//! RFC 9632. A row claims nothing: who writes where a network is used has customers or users there, and that
//! is a sign of an access or hosting provider. Where that is, nothing here needs, and only the country is looked at.

use std::path::Path;

use super::table::Table;
use super::{Layout, Statement, Statements, values};
use crate::company::Field;
use crate::error::Result;
use crate::net::parse_prefix;

const COLUMNS: [&str; 5] = ["prefix", "country", "region", "city", "postal_code"];
/// The name that RFC 8805 has for the first column: some files begin with it, though they have no header.
const HEADER: &str = "ip_prefix";
const EXPECTED: &str = "prefix,country,region,city,postal code";

/// Is a line, the first but for remarks, one of such a file?
pub(super) fn is_row(line: &str) -> bool {
    let mut columns = line.split(',').map(str::trim);
    let prefix = columns.next().unwrap_or_default();
    let is_country = |text: &str| text.is_empty() || text.len() == 2;
    prefix.eq_ignore_ascii_case(HEADER)
        || prefix.contains('/')
            && parse_prefix(prefix).is_ok()
            && columns.next().is_some_and(is_country)
}

/// The rows of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::headerless(path, &COLUMNS, layout)?.with_at_least(1);
    Ok(Statements::of_some(table, EXPECTED, statement))
}

fn statement(table: &Table) -> Result<Option<Statement>> {
    if table.required("prefix")?.eq_ignore_ascii_case(HEADER) {
        return Ok(None);
    }
    values::of_field(table, Field::Country)?;
    // Rows may have one column, so that by their columns none is told that a quote has swallowed.
    for column in ["region", "city", "postal_code"] {
        if let Some(text) = table.text(column)?.filter(|text| text.contains('\n')) {
            return Err(table.refuse(
                column,
                text,
                "is of several lines: a quote is left open; close it",
            ));
        }
    }
    Ok(values::prefix(table, "prefix")?.map(Statement::Located))
}

#[cfg(test)]
mod tests {
    use super::super::rows_of;
    use super::*;

    fn read(content: &str) -> Result<Vec<Statement>> {
        let rows = rows_of(rows, content.as_bytes())?;
        Ok(rows.into_iter().map(|row| row.says).collect())
    }

    #[test]
    fn a_row_tells_of_its_prefix_and_remarks_tell_nothing() {
        let content = "# ip_prefix,alpha2code,region,city,postal_code\nip_prefix,alpha2code,region,city\n\
            21.0.0.0/24,NL,NL-NH,Amsterdam,\n2a00:1::/48,,,,\n21.0.1.7\n21.0.2.0/24,de,DE-BE,\"Berlin, Mitte\",,x\n\
            # End Signature: 21.0.0.0/16\n";
        let prefixes = ["21.0.0.0/24", "2a00:1::/48", "21.0.1.7/32", "21.0.2.0/24"];
        let located =
            prefixes.map(|prefix| Statement::Located(parse_prefix(prefix).unwrap().into()));
        assert_eq!(read(content).unwrap(), located);
    }

    #[test]
    fn a_feed_is_told_by_its_first_row() {
        for row in ["21.0.0.0/24,NL,NL-NH,,", "2a00:1::/48, ,", "ip_prefix,alpha2code"] {
            assert!(is_row(row), "{row}");
        }
        for row in ["21.0.0.0,21.0.0.255,64500,NL", "network,name", "21.0.0.0/24,Zonlicht", ""] {
            assert!(!is_row(row), "{row}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (row, said) in [
            ("21.0.0.1/24,NL", "column 1 (prefix): \"21.0.0.1/24\": "),
            ("21.0.0/24,NL", "column 1 (prefix): \"21.0.0/24\": "),
            (",NL", "column 1 (prefix): \"\": is empty"),
            ("21.0.0.0/24,Netherlands", "column 2 (country): \"Netherlands\": "),
            ("21.0.0.0/24,NL,\"NL-NH\n21.0.1.0/24,NL,NL-NH\n\"", "column 3 (region): "),
        ] {
            let message = read(&format!("# remark\n{row}\n")).unwrap_err().to_string();
            assert!(message.contains(said) && message.contains(":2: "), "{message}");
        }
    }
}
