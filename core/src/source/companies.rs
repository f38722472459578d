//! Format `companies`: what is known of a company, under a key that networks and contacts use.
//!
//! CSV with a header or JSON Lines. Needed are `key` and `name`; the other columns are those of
//! [`Field`]. What has a check digit or a list of codes is held against it.

use std::path::Path;

use super::table::Table;
use super::{Format, Layout, Statement, Statements, values};
use crate::company::{Company, Field};
use crate::error::Result;

const COLUMNS: [&str; 14] = [
    "key",
    "name",
    "country",
    "legal_form",
    "lei",
    "register_number",
    "vat",
    "domain",
    "street",
    "postal_code",
    "city",
    "industry",
    "employees",
    "founded",
];
const EXPECTED: &str = "key and name";

/// Has the file the columns that this format needs?
pub(super) fn has_columns(has: &dyn Fn(&str) -> bool) -> bool {
    has("key") && has("name")
}

pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::open(path, &COLUMNS, layout)?;
    Statements::of_format(Format::Companies, table, has_columns, EXPECTED, company)
}

fn company(table: &Table) -> Result<Statement> {
    let key = table.required("key")?.to_owned();
    let mut company = Company::new(table.required("name")?);
    for field in Field::ALL {
        match field {
            Field::Name | Field::Contact => {}
            Field::Domain => {
                values::domains(table)?.into_iter().for_each(|domain| company.set(field, domain));
            }
            _ => company.set(field, values::of_field(table, field)?.unwrap_or_default()),
        }
    }
    Ok(Statement::Company { key, company })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_column_for_the_key_and_for_every_field() {
        let fields = Field::ALL.map(Field::as_str);
        assert_eq!(COLUMNS[0], "key");
        // Contacts have a file of their own.
        assert_eq!(COLUMNS[1..], fields[..fields.len() - 1]);
    }
}
