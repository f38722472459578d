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

use super::objects::{Objects, begins_with, handle_of};
use super::{Claim, Layout, Owner, Statement, Statements};
use crate::company::{Company, Field, Kind};
use crate::error::Result;
use crate::net::parse_asn;
use holder::{Holder, holder};

const EXPECTED: &str = "objects of name: value lines, as in inetnum: 192.0.2.0 - 192.0.2.255";
const CLASSES: &[&str] = &["inetnum", "inet6num", "organisation", "route", "route6", "aut-num"];

/// Classes with one of which a database begins, or one of the parts it is split into.
pub(super) const ALL: [&str; 21] = [
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
    "poem",
    "poetic-form",
    "role",
    "route",
    "route-set",
    "route6",
    "rtr-set",
];

/// The objects of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    begins_with(path, &ALL, layout)?;
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
    let named = match object.handle("org") {
        Some(handle) => Holder::Organisation(handle),
        None => holder(object),
    };
    let Some(owner) = owner(object, named) else { return Ok(None) };
    Ok(Some(Statement::System { numbers: asn..=asn, owner }))
}

fn route(object: &Objects, class: &str) -> Result<Option<Statement>> {
    let range = object.range(class)?;
    object.required("origin")?;
    Ok(number(object, "origin")?.map(|asn| Statement::Route { range, asn }))
}

fn claim(object: &Objects, network: &str) -> Result<Option<Claim>> {
    let range = object.range(network)?;
    let Some(owner) = owner(object, holder(object)) else { return Ok(None) };
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

/// Whoever an object names, if it is not the holder of what is around.
fn owner(object: &Objects, named: Holder) -> Option<Owner> {
    let id = OwnerId::of(object);
    if id == OwnerId::Persons {
        // Whatever else stands there; and a network of theirs without a name is not that of whoever is around.
        let name = match named {
            Holder::Named(name) | Holder::Organisation(name) => name,
            Holder::Enclosing => object.required("ownerid").ok()?.into_owned(),
        };
        let person = Company::new(name).with(Field::Country, "BR");
        return Some(Owner::Named(person.with(Field::LegalForm, "pessoa física")));
    }
    match (named, id) {
        (Holder::Named(name), OwnerId::Firms(number)) => {
            let firm = Company::new(name).with(Field::Country, "BR");
            Some(Owner::Named(firm.with(Field::RegisterNumber, number)))
        }
        // The country of a network need not be its holder's: RIPE has never said which of the two it is. With
        // a wrong one an objection from the right one would not be found to mean this company.
        (Holder::Named(name), _) if object.text("owner").is_none() => {
            Some(Owner::Named(Company::new(name)))
        }
        (Holder::Named(name), _) => Some(Owner::Named(object.company(&name, &["country"]))),
        (Holder::Organisation(handle), _) => Some(Owner::Keyed(handle)),
        (Holder::Enclosing, _) => None,
    }
}

/// What the number tells that LACNIC and nic.br have of a holder. In Brazil a person has a CPF of eleven
/// digits, some of them masked (IN RFB 2.172/2024), a firm a CNPJ of fourteen signs (IN RFB 2.119/2022; with
/// letters since IN RFB 2.229/2024).
#[derive(Debug, PartialEq, Eq)]
enum OwnerId {
    Persons,
    /// Its number, without the signs between.
    Firms(String),
    Unknown,
}

impl OwnerId {
    fn of(object: &Objects) -> Self {
        let mut ids = object.texts("ownerid").peekable();
        // Only registries of Latin America have any.
        if ids.peek().is_none() {
            return Self::Unknown;
        }
        let mut countries = object.texts("country").map(|text| handle_of(&text)).peekable();
        let is_brazilian = countries.peek().is_none() || countries.any(|code| code == "BR");
        let ids: Vec<_> = ids.map(|text| Self::parsed(&text, is_brazilian)).collect();
        // In doubt it is a person's.
        if ids.contains(&Self::Persons) {
            return Self::Persons;
        }
        ids.into_iter().find(|id| *id != Self::Unknown).unwrap_or(Self::Unknown)
    }

    fn parsed(text: &str, is_brazilian: bool) -> Self {
        let text = text.split('#').next().unwrap_or_default().to_uppercase();
        let is_mask = |sign: char| "*X\u{2022}?".contains(sign);
        let signs: String =
            text.chars().filter(|sign| sign.is_alphanumeric() || is_mask(*sign)).collect();
        let prefixes = ["CPF", "CNPJ", "BR"];
        let signs = prefixes.iter().find_map(|of| signs.strip_prefix(of)).unwrap_or(&signs);
        // Some write more noughts before it.
        let zeros = signs.len() - signs.trim_start_matches('0').len();
        let without = |length: usize| &signs[zeros.min(signs.len().saturating_sub(length))..];
        let digits = signs.chars().all(|sign| sign.is_ascii_digit());
        let is_persons = |signs: &str| {
            signs.chars().count() == 11
                && signs.chars().all(|sign| sign.is_ascii_digit() || is_mask(sign))
        };
        if is_persons(signs) || digits && signs.len() < 14 && is_persons(without(11)) {
            return Self::Persons;
        }
        let firm = if digits { without(14) } else { signs };
        let is_firms = firm.len() == 14 && firm.bytes().all(|sign| sign.is_ascii_alphanumeric());
        if is_brazilian && is_firms && (digits || text.contains('/')) {
            return Self::Firms(firm.to_owned());
        }
        Self::Unknown
    }
}
