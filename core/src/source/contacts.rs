//! Format `contacts`: business contacts of companies.
//!
//! CSV with a header or JSON Lines. Needed are `company` (a key) and `name`; `job_title`, `email`
//! and `date` may be there. They are people: no message quotes what a row says of one.

use std::path::Path;

use super::table::Table;
use super::{Format, Layout, Statement, Statements, values};
use crate::company::Contact;
use crate::error::Result;

const COLUMNS: [&str; 5] = ["company", "name", "job_title", "email", "date"];
const EXPECTED: &str = "company and name";

/// Has the file the columns that this format needs?
pub(super) fn has_columns(has: &dyn Fn(&str) -> bool) -> bool {
    has("company") && has("name")
}

pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let table = Table::open(path, &COLUMNS, layout)?.confidential();
    Statements::of_format(Format::Contacts, table, has_columns, EXPECTED, contact)
}

fn contact(table: &Table) -> Result<Statement> {
    let contact = Contact {
        name: table.required("name")?,
        job_title: table.text("job_title")?,
        email: table.text("email")?,
    };
    let (date, contact) = (values::date(table)?, contact.value());
    Ok(Statement::Contact { company: table.required("company")?.to_owned(), contact, date })
}
