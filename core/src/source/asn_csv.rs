//! Format `asn-csv`: rows of `start,end,asn,organisation` without a header.
//!
//! It is what the ip-location-db project publishes. Start and end are addresses of one family,
//! both inside the range. The company is the organisation's name: one company may run several
//! autonomous systems. A row without an organisation or with AS 0 (RFC 7607: nobody) is an error.

use std::path::Path;

use super::table::Table;
use super::{Allotment, Claim, Layout, Owner, Statement, Statements, values};
use crate::company::{Company, Kind};
use crate::error::Result;

const COLUMNS: [&str; 4] = ["start", "end", "asn", "organisation"];

/// The rows of one file, each a claim.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::headerless(path, &COLUMNS, layout)?;
    Ok(Statements::new(table, "start,end,asn,organisation", claim))
}

fn claim(table: &Table) -> Result<Statement> {
    let range = values::start_and_end(table)?;
    let asn = values::asn(table)?;
    if asn.is_none() {
        table.required("asn")?;
    }
    Ok(Statement::Claim(Claim {
        range,
        owner: Owner::Named(Company::new(table.required("organisation")?)),
        kind: Kind::Unknown,
        asn,
        date: None,
        confidence: None,
        description: None,
        allotment: Allotment::Unknown,
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{Row, rows_of};
    use super::*;

    fn read(content: &[u8]) -> Result<Vec<Claim>> {
        let claim = |row: Row| match row.says {
            Statement::Claim(claim) => claim,
            other => panic!("{other:?}"),
        };
        Ok(rows_of(rows, content)?.into_iter().map(claim).collect())
    }

    fn message(content: &[u8]) -> String {
        let text = read(content).unwrap_err().to_string();
        // What is left of the file's name is the line, or nothing where there is none.
        text.split_once("tmp").unwrap().1.split_once(':').unwrap().1.to_owned()
    }

    const GOOD: &[u8] = b"1.0.0.0,1.0.0.255,64500,\"Example, Inc.\"\n";

    #[test]
    fn a_row_becomes_a_claim_plain_or_compressed_and_whatever_ends_its_line() {
        let plain = read(GOOD).unwrap();
        assert_eq!(plain.len(), 1);
        assert_eq!(plain[0].owner, Owner::Named(Company::new("Example, Inc.")));
        assert_eq!(plain[0].range.to_string(), "1.0.0.0-1.0.0.255");
        assert_eq!(plain[0].asn, Some(64500));
        assert_eq!(read(GOOD.trim_ascii_end()).unwrap(), plain);
        assert_eq!(
            read(&[b"\xef\xbb\xbf", GOOD.trim_ascii_end(), b"\r\n\r\n"].concat()).unwrap(),
            plain
        );

        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(GOOD).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(read(&gzip).unwrap(), plain);
        assert!(read(&gzip[..gzip.len() - 9]).unwrap_err().to_string().contains("cannot read"));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_value() {
        for (row, said) in [
            ("1.0.1.0,1.0.0.0,1,X", "column 2 (end): \"1.0.0.0\": the range ends (1.0.0.0) before"),
            ("1.0.1.0,::1,1,X", "column 2 (end): \"::1\": the range starts at 1.0.1.0 and ends at"),
            ("1.0.1,1.0.1.9,1,X", "column 1 (start): \"1.0.1\": is not an IPv4 or IPv6 address"),
            ("1.0.1.0,1.0.1.9,ASX,X", "column 3 (asn): \"ASX\": is not the number of"),
            ("1.0.1.0,1.0.1.9,+1,X", "column 3 (asn): \"+1\": is not the number of"),
            (
                "1.0.1.0,1.0.1.9,4294967296,X",
                "column 3 (asn): \"4294967296\": is not the number of",
            ),
            ("1.0.1.0,1.0.1.9,0,X", "column 3 (asn): \"0\": is nobody's number"),
            ("1.0.1.0,1.0.1.9,1, ", "column 4 (organisation): \"\": is empty"),
            ("1.0.1.0,1.0.1.9,1", "has 3 columns where the format has 4"),
            ("1.0.1.0,1.0.1.9,1,X, Inc.", "has 5 columns where the format has 4; put a value"),
        ] {
            for (before, line) in [("", 2), ("\n\n", 4), ("\r\n\r\n", 4)] {
                let content = [GOOD, before.as_bytes(), row.as_bytes(), b"\r\n", GOOD].concat();
                let message = message(&content);
                assert!(message.starts_with(&format!("{line}: {said}")), "{row}: {message}");
            }
        }
        let latin = [GOOD, b"\"\n\",2,3,4\n1.0.1.0,1.0.1.9,1,Caf\xe9\n"].concat();
        assert!(message(&latin).starts_with("2: column 1 (start)"));
        let in_quotes = b"\n1.0.1.0,1.0.1.9,1,\"A\nB\"\n1.0.1.0,1.0.1.9,1,Caf\xe9\n";
        assert!(
            message(in_quotes)
                .starts_with("4: column 4 (organisation): \"Caf\u{fffd}\": is not UTF-8")
        );
    }

    #[test]
    fn after_a_bad_row_the_next_one_follows() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[GOOD, b"bad\n", GOOD].concat()).unwrap();
        let lines: Vec<_> = rows(file.path(), Layout::default())
            .unwrap()
            .map(|row| row.ok().map(|row| row.line))
            .collect();
        assert_eq!(lines, [Some(1), None, Some(3)]);
    }

    #[test]
    fn rows_that_a_later_quote_makes_a_value_are_not_lost_without_a_word() {
        for (rows, column) in [
            (&b"1.0.1.0,1.0.1.9,1,\"A\n1.0.2.0,1.0.2.9,1,B\"\n"[..], 4),
            (b"1.0.1.0,\"1.0.1.9,1,A\n1.0.2.0,1.0.2.9\",1,B\n", 2),
            // In the middle of them are whole rows, and neither end tells.
            (b"1.0.1.0,1.0.1.9,\"1\n1.0.2.0,1.0.2.9,1,B\nC\",D\n", 3),
            (b"1.0.1.0,1.0.1.9,1,\"A\n1.0.2.0,1.0.2.9,1,B\n\"\n", 4),
            (b"1.0.1.0,1.0.1.9,1,\"A\n1.0.2.0,1.0.2.9,1,\"\"B\"\"\n1.0.3.0,1.0.3.9,1,C\"\n", 4),
        ] {
            let message = message(&[GOOD, rows].concat());
            let said = format!("2: holds what looks like whole rows in column {column}: a quote");
            assert!(message.starts_with(&said), "{message}");
        }
        for value in
            ["A, B, C, D, Inc.\nE, F, G, H", "Street 1,\n1000 AA, Amsterdam, Netherlands", "A\n\nB"]
        {
            let row = format!("1.0.1.0,1.0.1.9,1,\"{value}\"\n");
            assert_eq!(read(row.as_bytes()).unwrap().len(), 1, "{value}");
        }
    }

    #[test]
    fn nothing_but_blank_lines_is_an_error() {
        for content in ["", "\n", "\r\n\r\n", "  \n"] {
            assert!(message(content.as_bytes()).contains("has no rows"));
        }
    }

    #[test]
    fn an_open_quote_does_not_swallow_the_rest_of_a_large_file() {
        let rest = b"1.0.0.0,1.0.0.255,64500,Example\n".repeat(50_000);
        let content = [GOOD, b"1.0.1.0,1.0.1.9,1,\"Open\n", &rest].concat();
        assert!(message(&content).starts_with(" line 2: "), "{}", message(&content));
    }
}
