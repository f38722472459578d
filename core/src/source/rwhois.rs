//! Format `rwhois`: what providers tell of their customers' networks (RFC 2167), as RWhois servers write it.
//!
//! A `network` is a claim of whoever it names by `Org-Name`, or of the `organization` whose ID it has;
//! IDs are the server's own, so a source is the data of one server, and its keys are told from those of
//! others. Contacts are counted, and never read.

use std::path::Path;

use super::arin::without_account;
use super::objects::{Objects, begins_with};
use super::{Allotment, Claim, Layout, Owner, Statement, Statements};
use crate::company::Kind;
use crate::error::Result;

const EXPECTED: &str = "lines of class:name:value, as in network:IP-Network:192.0.2.0/24";
const CLASSES: &[&str] = &["network", "organization"];
/// Classes with one of which a file begins, and a line of another format only by chance.
pub(super) const ALL: [&str; 8] =
    ["asn", "contact", "domain", "guardian", "host", "network", "organization", "referral"];

/// Where the country of an address stands, which here is the customer's.
const COUNTRIES: [&str; 2] = ["country-code", "country"];

/// The objects of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    begins_with(path, &ALL, layout)?;
    let objects = Objects::open(path, CLASSES, layout)?.prefixed();
    Ok(Statements::of_objects(objects, EXPECTED, statement))
}

fn statement(object: &Objects) -> Result<Option<Statement>> {
    if object.class() == "organization" {
        let key = object.handle("id").ok_or_else(|| object.refuse("id", "is needed"))?;
        let company = object.company(without_account(&object.required("org-name")?), &COUNTRIES);
        return Ok(Some(Statement::Company { key, company }));
    }
    let owner = match (object.text("org-name"), object.handle("organization")) {
        (Some(name), _) => Owner::Named(object.company(without_account(&name), &COUNTRIES)),
        (None, Some(key)) => Owner::Keyed(key),
        (None, None) => return Ok(None),
    };
    let of_block = object.text("ip-network").is_none() && object.text("ip-network-block").is_some();
    Ok(Some(Statement::Claim(Claim {
        range: object.range(if of_block { "ip-network-block" } else { "ip-network" })?,
        owner,
        kind: Kind::Unknown,
        asn: None,
        date: None,
        confidence: None,
        description: object.used_for(&["network-name"]),
        allotment: Allotment::Unknown,
    })))
}

#[cfg(test)]
mod tests {
    use super::super::{Row, rows_of};
    use super::*;
    use crate::company::{Company, Field};

    fn read(content: &str) -> Result<Vec<Row>> {
        rows_of(rows, content.as_bytes())
    }

    /// Made up after what servers write.
    const OBJECTS: &str = "\
%rwhois V-1.5:003fff:00 rwhois.example.net

network:Class-Name:network
network:ID:NET-20-0-4-8
network:Network-Name:EXAMPLE-4-8
network:IP-Network:20.0.4.8/29
network:Organization;I:ORG-1
network:Tech-Contact;I:T-1

network:IP-Network-Block:20.0.4.16 - 20.0.4.20
network:Org-Name:ACC-Maanlicht Works LLC-060826064954
network:Country-Code:us

contact:Class-Name:contact
contact:Name:Some Body

organization:Class-Name:organization
organization:ID:ORG-1
organization:Org-Name:Zonlicht Works Inc
";

    #[test]
    fn a_network_is_whoevers_it_names_or_its_organisations() {
        let rows = read(OBJECTS).unwrap();
        let claims: Vec<_> = rows
            .iter()
            .filter_map(|row| match &row.says {
                Statement::Claim(claim) => {
                    Some((row.line, claim.range.to_string(), claim.owner.clone()))
                }
                _ => None,
            })
            .collect();
        let maanlicht = Company::new("Maanlicht Works LLC").with(Field::Country, "US");
        assert_eq!(
            claims,
            [
                (3, "20.0.4.8-20.0.4.15".into(), Owner::Keyed("ORG-1".into())),
                (10, "20.0.4.16-20.0.4.20".into(), Owner::Named(maanlicht)),
            ]
        );
        let company = Company::new("Zonlicht Works Inc");
        assert_eq!(rows[2].says, Statement::Company { key: "ORG-1".into(), company });
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, said) in [
            ("20.0.4.8/29", "20.0.4.9/29", ":6: column ip-network: \"20.0.4.9/29\": has host bits"),
            ("network:ID:NET", "contact:ID:NET", ":4: is no attribute"),
            ("network:ID:NET-20-0-4-8", "network:ID", ":4: is no attribute"),
            ("IP-Network:", "Network:", ":3: has no ip-network: is needed (in network network)"),
        ] {
            let message = read(&OBJECTS.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
    }
}
