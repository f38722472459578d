//! Format `networks`: whose a network is.
//!
//! CSV with a header or JSON Lines. Needed are `network` (a prefix) or `start` and `end` (any
//! range), and `company` (the key of one in a `companies` file) or `name`, or `kind`: a row without a
//! company says what the range is used for, whoever has it. Others may be there: `asn`, `country` (of a company that is only named), `date`, `confidence` from 0 to 1,
//! and `description`, in which the policy looks for the use of the network.

use std::path::Path;

use super::table::Table;
use super::{Allotment, Claim, Format, Layout, Owner, Statement, Statements, Use, UseOf, values};
use crate::company::{Company, Field, Kind};
use crate::error::Result;
use crate::index::tables::CERTAIN;
use crate::net::AddressRange;

const COLUMNS: [&str; 11] = [
    "network",
    "start",
    "end",
    "company",
    "name",
    "kind",
    "asn",
    "country",
    "date",
    "confidence",
    "description",
];
const EXPECTED: &str = "network or start and end, and company, name or kind";

/// Has the file the columns that this format needs?
pub(super) fn has_columns(has: &dyn Fn(&str) -> bool) -> bool {
    (has("network") || has("start") && has("end")) && (has("company") || has("name") || has("kind"))
}

pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::open(path, &COLUMNS, layout)?;
    Statements::of_format(Format::Networks, table, has_columns, EXPECTED, claim)
}

fn claim(table: &Table) -> Result<Statement> {
    if table.text("company")?.is_none() && table.text("name")?.is_none() {
        return unnamed(table);
    }
    Ok(Statement::Claim(Claim {
        range: range(table)?,
        owner: owner(table)?,
        kind: values::kind(table)?,
        asn: values::asn(table)?,
        date: values::date(table)?,
        confidence: values::confidence(table)?,
        description: table.text("description")?.map(str::to_owned),
        allotment: Allotment::Unknown,
    }))
}

/// What a row says that names nobody.
fn unnamed(table: &Table) -> Result<Statement> {
    let kind = values::kind(table)?;
    if kind == Kind::Unknown {
        let reason = "names neither a company by its key nor a name, and says no kind";
        return Err(table.refuse_row(reason));
    }
    values::asn(table)?;
    values::of_field(table, Field::Country)?;
    Ok(Statement::Use(Use {
        of: UseOf::Range(range(table)?),
        kind,
        weight: values::confidence(table)?.unwrap_or(CERTAIN),
        from: None,
        date: values::date(table)?,
    }))
}

fn range(table: &Table) -> Result<AddressRange> {
    let ends = table.text("start")?.or(table.text("end")?);
    match (values::prefix(table, "network")?, ends) {
        (Some(network), None) => Ok(network),
        (None, Some(_)) => values::start_and_end(table),
        (None, None) => Err(table.refuse_row("has neither a network nor start and end")),
        (Some(_), Some(_)) => {
            Err(table.refuse_row("has both a network and start or end; leave one of them out"))
        }
    }
}

fn owner(table: &Table) -> Result<Owner> {
    match (table.text("company")?, table.text("name")?) {
        (Some(key), None) => {
            values::of_field(table, Field::Country)?;
            Ok(Owner::Keyed(key.to_owned()))
        }
        (None, Some(name)) => {
            let country = values::of_field(table, Field::Country)?.unwrap_or_default();
            Ok(Owner::Named(Company::new(name).with(Field::Country, country)))
        }
        (None, None) => Err(table.refuse_row("names neither a company by its key nor a name")),
        (Some(_), Some(_)) => Err(table.refuse_row(
            "has both the key of a company and a name; the name belongs into the companies file",
        )),
    }
}
