//! Rows of changes.

use std::io::Write;

use firmtrie::diff::{CompanyChange, NetworkChange, Side};
use firmtrie::net::AddressRange;
use firmtrie::{CompanyRecord, Field};
use serde_json::Value;

use crate::Failure;
use crate::table::{Format, Table};

const NAMES: [&str; 11] = [
    "what",
    "change",
    "network",
    "old",
    "new",
    "old_status",
    "new_status",
    "old_kind",
    "new_kind",
    "old_asn",
    "new_asn",
];

/// A row for each stretch of networks, and for each company.
pub fn all(
    networks: &[NetworkChange<'_>],
    companies: &[&CompanyChange<'_>],
    format: Format,
    output: impl Write,
) -> Result<(), Failure> {
    if format == Format::Table {
        return for_people(networks, companies, output);
    }
    let mut table = Table::new(format, NAMES.to_vec(), output)?;
    for change in networks {
        table.row(network(change, &stretch(&change.range)))?;
    }
    for change in companies {
        let name = |of: Option<CompanyRecord<'_>>| of.map_or(Value::Null, |of| called(&of));
        let mut row = vec![
            "company".into(),
            change.change.as_str().into(),
            Value::Null,
            name(change.old),
            name(change.new),
        ];
        row.resize(NAMES.len(), Value::Null);
        table.row(row)?;
    }
    table.finish()
}

/// Four columns: what is known of a side is one text.
fn for_people(
    networks: &[NetworkChange<'_>],
    companies: &[&CompanyChange<'_>],
    output: impl Write,
) -> Result<(), Failure> {
    if networks.is_empty() && companies.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(Format::Table, vec!["change", "of", "old", "new"], output)?;
    for change in networks {
        let NetworkChange { old, new, change, range } = change;
        table.row(vec![change.as_str().into(), stretch(range).into(), told(old), told(new)])?;
    }
    for change in companies {
        let name = |of: Option<CompanyRecord<'_>>| of.map_or("-".into(), |of| called(&of));
        let fields = facts(change);
        let of =
            if fields.is_empty() { "company".to_owned() } else { format!("company: {fields}") };
        table.row(vec![
            change.change.as_str().into(),
            of.into(),
            name(change.old),
            name(change.new),
        ])?;
    }
    table.finish()
}

/// The fields in which a company differs that is the same.
fn facts(change: &CompanyChange<'_>) -> String {
    let (Some(old), Some(new)) = (change.old, change.new) else { return String::new() };
    let of = |company: &CompanyRecord<'_>, field: Field| -> Vec<String> {
        let facts = company.facts().filter(|(of, _)| *of == field);
        facts.map(|(_, value)| value.to_owned()).collect()
    };
    let differ = Field::ALL.into_iter().filter(|field| of(&old, *field) != of(&new, *field));
    differ.map(Field::as_str).collect::<Vec<_>>().join(", ")
}

/// A side as one text.
fn told(side: &Side<'_>) -> Value {
    let company = side.company.map(|company| called(&company));
    let name = company.as_ref().and_then(Value::as_str).unwrap_or(side.status.as_str());
    let kind = side.kind.map(|kind| format!(" {kind}")).unwrap_or_default();
    let asn = side.asn.map(|asn| format!(" AS{asn}")).unwrap_or_default();
    format!("{name}{kind}{asn}").into()
}

/// A row for each prefix.
pub fn prefixes(
    networks: &[NetworkChange<'_>],
    format: Format,
    output: impl Write,
) -> Result<(), Failure> {
    let mut table = Table::new(format, NAMES.to_vec(), output)?;
    for change in networks {
        for prefix in change.range.prefixes() {
            table.row(network(change, &prefix.to_string()))?;
        }
    }
    table.finish()
}

/// A stretch as a prefix, if it is one.
fn stretch(range: &AddressRange) -> String {
    let mut prefixes = range.prefixes();
    match (prefixes.next(), prefixes.next()) {
        (Some(only), None) => only.to_string(),
        _ => range.to_string(),
    }
}

/// A company by its name, and by its country where it is known.
fn called(company: &CompanyRecord<'_>) -> Value {
    match company.get(Field::Country) {
        Some(country) => format!("{} ({country})", company.name()).into(),
        None => company.name().into(),
    }
}

fn network(change: &NetworkChange<'_>, network: &str) -> Vec<Value> {
    let NetworkChange { old, new, change, .. } = change;
    let pair = |of: &dyn Fn(&Side<'_>) -> Value| [of(old), of(new)];
    let mut row: Vec<Value> = vec!["network".into(), change.as_str().into(), network.into()];
    row.extend(pair(&|side| side.company.map_or(Value::Null, |company| called(&company))));
    row.extend(pair(&|side| side.status.as_str().into()));
    row.extend(pair(&|side| side.kind.map_or(Value::Null, |kind| kind.as_str().into())));
    row.extend(pair(&|side| side.asn.map_or(Value::Null, Value::from)));
    row
}
