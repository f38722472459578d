//! Format `asn-kinds`: what autonomous systems are used for, whoever runs them.
//!
//! CSV with a header or JSON Lines. Needed are `asn` and `kind`. `weight` from 0 to 1 says how sure it
//! is, `source` where a list that gathers others has it from: of one source and one `source` the
//! surest row counts, and rows of several are added up. `date` may be there.

use std::path::Path;

use super::table::Table;
use super::{Format, Layout, Statement, Statements, Use, UseOf, values};
use crate::company::Kind;
use crate::error::Result;
use crate::index::tables::CERTAIN;

const COLUMNS: [&str; 5] = ["asn", "kind", "weight", "source", "date"];
const EXPECTED: &str = "asn and kind";

/// Has the file the columns that this format needs?
pub(super) fn has_columns(has: &dyn Fn(&str) -> bool) -> bool {
    has("asn") && has("kind")
}

pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::open(path, &COLUMNS, layout)?;
    Statements::of_format(Format::AsnKinds, table, has_columns, EXPECTED, row)
}

fn row(table: &Table) -> Result<Statement> {
    table.required("asn")?;
    let text = table.required("kind")?;
    let kind = values::kind(table)?;
    if kind == Kind::Unknown {
        return Err(table.refuse("kind", text, "says nothing; leave the row out"));
    }
    let asn = values::asn(table)?.unwrap_or_default();
    Ok(Statement::Use(Use {
        of: UseOf::Asn(asn),
        kind,
        weight: values::part(table, "weight")?.unwrap_or(CERTAIN),
        from: table.text("source")?.map(str::to_owned),
        date: values::date(table)?,
    }))
}
