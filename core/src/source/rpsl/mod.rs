//! Format `rpsl`: the databases of the regional and national internet registries, whole or split, as
//! RIPE, APNIC, AFRINIC, LACNIC, JPNIC, KRNIC, TWNIC and IDNIC write them (RFC 2622; RFC 4012).
//!
//! - An `inetnum` or `inet6num` is a claim of whoever it names ([`holder`]), with what its name and
//!   description say of its use ([`Objects::used_for`]).
//! - An `organisation` is a company under its handle.
//! - An `aut-num` says who runs an autonomous system; a `route` or `route6` which one announces a network.
//!   Neither claims addresses: a provider's system announces those of its customers.
//!
//! Persons, roles and other contacts are counted, and never read.
//!
//! A registry stands by all of its objects on the day that they are retrieved: they are of that date, and
//! not of the one on which somebody last changed them.

mod holder;
mod street;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::objects::{Objects, handle_of};
use super::{Claim, Layout, Owner, Statement, Statements};
use crate::company::{Company, Field, Kind};
use crate::error::Result;
use crate::net::parse_asn;
use holder::{Holder, holder};

const EXPECTED: &str = "objects of name: value lines, as in inetnum: 192.0.2.0 - 192.0.2.255";
const CLASSES: &[&str] = &["inetnum", "inet6num", "organisation", "route", "route6", "aut-num"];

/// Classes with one of which a database begins, or one of the parts it is split into.
pub(super) const ALL: [&str; 19] = [
    "as-block",
    "as-set",
    "aut-num",
    "domain",
    "filter-set",
    "inet-rtr",
    "inet6num",
    "inetnum",
    "irt",
    "key-cert",
    "mntner",
    "organisation",
    "peering-set",
    "person",
    "role",
    "route",
    "route-set",
    "route6",
    "rtr-set",
];

/// The objects of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    let objects = Objects::open(path, CLASSES, layout)?;
    Ok(Statements::of_objects(objects, EXPECTED, statement))
}

/// What an object says; nothing where that is no more than the network around it does.
fn statement(object: &Objects) -> Result<Option<Statement>> {
    match object.class() {
        "organisation" => organisation(object).map(Some),
        "aut-num" => system(object),
        class @ ("route" | "route6") => route(object, class),
        network => Ok(claim(object, network)?.map(Statement::Claim)),
    }
}

fn organisation(object: &Objects) -> Result<Statement> {
    let key = object.handle("organisation");
    let key = key.ok_or_else(|| object.refuse("organisation", "is empty"))?;
    let company = object.company(&object.required("org-name")?, &["country"]);
    Ok(Statement::Company { key, company })
}

/// Who runs an autonomous system. Here the organisation is whoever was assigned the number, and not a
/// provider.
fn system(object: &Objects) -> Result<Option<Statement>> {
    let Some(asn) = number(object, "aut-num")? else { return Ok(None) };
    let owner = match object.handle("org") {
        Some(handle) => Owner::Keyed(handle),
        None => match holder(object) {
            Holder::Named(name) => Owner::Named(Company::new(name)),
            _ => return Ok(None),
        },
    };
    Ok(Some(Statement::System { numbers: asn..=asn, owner }))
}

fn route(object: &Objects, class: &str) -> Result<Option<Statement>> {
    let range = object.range(class)?;
    object.required("origin")?;
    Ok(number(object, "origin")?.map(|asn| Statement::Route { range, asn }))
}

fn claim(object: &Objects, network: &str) -> Result<Option<Claim>> {
    let range = object.range(network)?;
    let owner = match holder(object) {
        // The country of a network need not be its holder's: RIPE has never said which of the two it is. With
        // a wrong one an objection from the right one would not be found to mean this company.
        Holder::Named(name) if object.text("owner").is_none() => Owner::Named(Company::new(name)),
        Holder::Named(name) => Owner::Named(owner(object, &name)),
        Holder::Organisation(handle) => Owner::Keyed(handle),
        Holder::Enclosing => return Ok(None),
    };
    Ok(Some(Claim {
        range,
        owner,
        kind: kind(object),
        asn: number(object, "aut-num")?,
        date: None,
        confidence: None,
        description: object.used_for(&["netname", "descr"]),
        allotment: object.allotment("status"),
    }))
}

/// The number of an autonomous system. LACNIC writes in a network which one announces it.
fn number(object: &Objects, name: &str) -> Result<Option<u32>> {
    let Some(text) = object.text(name) else { return Ok(None) };
    match parse_asn(&handle_of(&text)) {
        // Of nobody (RFC 7607): a route with it says that nobody may announce the network.
        Ok(asn) => Ok(Some(asn).filter(|asn| *asn != 0)),
        // nic.br writes this where there is none.
        Err(_) if text.eq_ignore_ascii_case("N/A") => Ok(None),
        Err(_) => Err(object.refuse(name, "is not the number of an autonomous system")),
    }
}

/// What KRNIC says of a network: the provider's own, or a customer's.
fn kind(object: &Objects) -> Kind {
    match object.text("network-type") {
        Some(text) if text.eq_ignore_ascii_case("INFRA") => Kind::Isp,
        _ => Kind::Unknown,
    }
}

/// The owner that LACNIC or nic.br names. In Brazil the number of one tells what it is: a person has a CPF of
/// eleven digits, some of them masked (IN RFB 2.172/2024), a firm a CNPJ of fourteen signs (IN RFB 2.119/2022;
/// with letters since IN RFB 2.229/2024).
fn owner(object: &Objects, name: &str) -> Company {
    let company = object.company(name, &["country"]);
    let id = object.text("ownerid").unwrap_or_default();
    let signs: String = id.chars().filter(|sign| !"./- ".contains(*sign)).collect();
    let is_of = |length, sign: fn(char) -> bool| signs.len() == length && signs.chars().all(sign);
    let is_brazilian = company.get(Field::Country).is_none_or(|country| country == "BR");
    if is_of(11, |sign| sign.is_ascii_digit() || sign == '*') {
        company.with(Field::Country, "BR").with(Field::LegalForm, "pessoa física")
    } else if is_brazilian && id.contains('/') && is_of(14, |sign| sign.is_ascii_alphanumeric()) {
        company.with(Field::Country, "BR").with(Field::RegisterNumber, signs)
    } else {
        company
    }
}
