//! Values that several formats have in their columns, and the rules that they must keep.

use super::table::Table;
use super::{Date, parse_date};
use crate::company::{Field, Kind};
use crate::error::{Error, Result};
use crate::identity::checked;
use crate::index::tables::CERTAIN;
use crate::net::{AddressRange, parse_address, parse_asn, parse_prefix};

/// The range from column `start` to column `end`.
pub(super) fn start_and_end(table: &Table) -> Result<AddressRange> {
    let address = |column| -> Result<_> {
        let text = table.required(column)?;
        parse_address(text)
            .map_err(|_| table.refuse(column, text, "is not an IPv4 or IPv6 address"))
    };
    AddressRange::new(address("start")?, address("end")?).map_err(|error| {
        let end = table.text("end").ok().flatten().unwrap_or_default();
        table.refuse("end", end, error.to_string())
    })
}

/// The prefix in a column.
pub(super) fn prefix(table: &Table, column: &'static str) -> Result<Option<AddressRange>> {
    let Some(text) = table.text(column)? else { return Ok(None) };
    match parse_prefix(text) {
        Ok(prefix) => Ok(Some(prefix.into())),
        Err(Error::Prefix { reason, .. }) => Err(table.refuse(column, text, reason)),
        Err(error) => Err(error),
    }
}

/// The number of an autonomous system.
pub(super) fn asn(table: &Table) -> Result<Option<u32>> {
    let Some(text) = table.text("asn")? else { return Ok(None) };
    match parse_asn(text) {
        Ok(0) => Err(table.refuse("asn", text, "is nobody's number (RFC 7607); leave the row out")),
        Ok(number) => Ok(Some(number)),
        Err(Error::Identifier { reason, .. }) => Err(table.refuse("asn", text, reason)),
        Err(error) => Err(error),
    }
}

/// What a network is used for.
pub(super) fn kind(table: &Table) -> Result<Kind> {
    let Some(text) = table.text("kind")? else { return Ok(Kind::Unknown) };
    text.parse().map_err(|error: crate::UnknownWord| table.refuse("kind", text, error.to_string()))
}

/// A day of the Gregorian calendar, written as in ISO 8601.
pub(super) fn date(table: &Table) -> Result<Option<Date>> {
    let Some(text) = table.text("date")? else { return Ok(None) };
    match parse_date(text) {
        Some(date) => Ok(Some(date)),
        None => Err(table.refuse("date", text, "is not a date; expected one as in 2026-11-01")),
    }
}

/// A confidence from 0 to 1, in ten-thousandths.
pub(super) fn confidence(table: &Table) -> Result<Option<u16>> {
    part(table, "confidence")
}

/// A number from 0 to 1, in ten-thousandths.
pub(super) fn part(table: &Table, column: &'static str) -> Result<Option<u16>> {
    let Some(text) = table.text(column)? else { return Ok(None) };
    match text.parse::<f64>() {
        Ok(part) if (0.0..=1.0).contains(&part) => {
            Ok(Some((part * f64::from(CERTAIN)).round() as u16))
        }
        _ => Err(table.refuse(column, text, "is not a number from 0 to 1, as in 0.9")),
    }
}

/// The value of a field, by the rules that hold for it whoever says it.
pub(super) fn of_field(table: &Table, field: Field) -> Result<Option<String>> {
    let column = field.as_str();
    let Some(text) = table.text(column)? else { return Ok(None) };
    checked(field, text).map(Some).map_err(|reason| table.refuse(column, text, reason))
}

/// Domains, in lower case; several are separated by blanks, commas or semicolons. A mailbox is none: it
/// would be shown as one.
pub(super) fn domains(table: &Table) -> Result<Vec<String>> {
    let text = table.text("domain")?.unwrap_or_default();
    let domains = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let mailbox = domains.clone().find(|of| of.contains('@') && !of.contains("//"));
    if let Some((_, host)) = mailbox.and_then(|mailbox| mailbox.rsplit_once('@')) {
        // The message does not say whose.
        let reason = "is an e-mail address and no domain; put it in a file of contacts";
        return Err(table.refuse("domain", format!("...@{host}"), reason));
    }
    let named = domains.filter(|domain| !domain.is_empty());
    named
        .map(|text| {
            checked(Field::Domain, text).map_err(|reason| table.refuse("domain", text, reason))
        })
        .collect()
}
