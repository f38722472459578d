//! Format `arin-bulk`: the bulk data of ARIN, whole (`arin_db.txt`) or split (`nets.txt`, `orgs.txt` …).
//!
//! A network (`NetHandle`, `V6NetHandle`) is a claim of the organisation or customer that holds it, who is
//! a company under its handle (`OrgID`, `CustHandle`). ARIN checks the name of an organisation, while what a
//! network is called is up to whoever runs it; so the name is always that of the holder. An `ASHandle`
//! says who runs autonomous systems. Points of contact are counted, and never read.

use std::path::Path;

use super::objects::{Objects, begins_with};
use super::{Claim, Layout, MOST_SYSTEMS, Owner, Statement, Statements};
use crate::company::Kind;
use crate::error::Result;
use crate::net::parse_asn;

const EXPECTED: &str = "objects of name: value lines, as in NetRange: 192.0.2.0 - 192.0.2.255";
const CLASSES: &[&str] = &["nethandle", "v6nethandle", "orgid", "custhandle", "ashandle"];
/// Classes with one of which a file of ARIN's begins.
pub(super) const ALL: [&str; 6] =
    ["ashandle", "custhandle", "nethandle", "orgid", "pochandle", "v6nethandle"];
/// What AT&T writes before the names of its customers.
const ACCOUNT: &str = "ACC-";

/// The objects of one file.
pub(super) fn rows(path: &Path, layout: Layout) -> Result<Statements> {
    begins_with(path, &ALL, layout)?;
    let objects = Objects::open(path, CLASSES, layout)?;
    Ok(Statements::of_objects(objects, EXPECTED, statement))
}

fn statement(object: &Objects) -> Result<Option<Statement>> {
    match object.class() {
        "orgid" => company(object, "orgid", "orgname").map(Some),
        "custhandle" => company(object, "custhandle", "custname").map(Some),
        "ashandle" => system(object).map(Some),
        _ if is_anothers(object) => Ok(None),
        _ => claim(object).map(|claim| Some(Statement::Claim(claim))),
    }
}

fn company(object: &Objects, handle: &str, name: &str) -> Result<Statement> {
    let key = key_of(object, handle).ok_or_else(|| object.refuse(handle, "is empty"))?;
    let name = object.required(name)?;
    Ok(Statement::Company { key, company: object.company(without_account(&name), &["country"]) })
}

fn claim(object: &Objects) -> Result<Claim> {
    Ok(Claim {
        range: object.range("netrange")?,
        owner: Owner::Keyed(holder(object)?),
        kind: Kind::Unknown,
        asn: asn(object)?,
        date: None,
        confidence: None,
        description: object.used_for(&["netname"]),
        allotment: object.allotment("nettype"),
    })
}

/// Are the addresses another registry's? Their holder is that registry or IANA, and nobody who uses them.
fn is_anothers(object: &Objects) -> bool {
    let kind = object.text("nettype").unwrap_or_default().to_ascii_lowercase();
    ["allocated to ", "early registration", "iana"].iter().any(|start| kind.starts_with(start))
}

/// Who runs an autonomous system, or several that follow each other.
fn system(object: &Objects) -> Result<Statement> {
    let text = object.required("asnumber")?;
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    let numbers = match (parse_asn(first), parse_asn(last)) {
        (Ok(first), Ok(last)) if first <= last && u64::from(last - first) < MOST_SYSTEMS => {
            first..=last
        }
        _ => {
            let reason =
                "is not the number of an autonomous system, nor the first and last of several";
            return Err(object.refuse("asnumber", reason));
        }
    };
    Ok(Statement::System { numbers, owner: Owner::Keyed(holder(object)?) })
}

/// The autonomous system that announces the network, if it is a single one.
fn asn(object: &Objects) -> Result<Option<u32>> {
    let Some(text) = object.text("originas") else { return Ok(None) };
    let numbers: Result<Vec<_>> = text
        .split([',', ' '])
        .filter(|number| !number.is_empty())
        .map(|number| {
            let reason = "is not the number of an autonomous system";
            parse_asn(number).map_err(|_| object.refuse("originas", reason))
        })
        .collect();
    match numbers?.as_slice() {
        [number] if *number != 0 => Ok(Some(*number)),
        _ => Ok(None),
    }
}

fn holder(object: &Objects) -> Result<String> {
    let holder = ["orgid", "custhandle"].iter().find_map(|handle| key_of(object, handle));
    holder.ok_or_else(|| object.refuse("orgid", "is needed"))
}

/// The name of a customer without what providers write around it.
pub(super) fn without_account(mut name: &str) -> &str {
    let is_account = |start: &str| start.eq_ignore_ascii_case(ACCOUNT);
    while name.get(..ACCOUNT.len()).is_some_and(is_account) {
        name = &name[ACCOUNT.len()..];
    }
    without_order(name)
}

/// A name without the number of an order behind it, `-060826064954`: the time at which it was taken.
fn without_order(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((before, order))
            if order.len() == 12 && order.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            before.trim_end()
        }
        _ => name,
    }
}

/// The key of a holder. Some handles are words, and no company of another source is meant by one.
fn key_of(object: &Objects, handle: &str) -> Option<String> {
    object.handle(handle).map(|handle| format!("ARIN:{handle}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Row, rows_of};
    use super::*;
    use crate::company::{Company, Field};

    fn read(content: &str) -> Result<Vec<Row>> {
        rows_of(rows, content.as_bytes())
    }

    /// Made up after what ARIN publishes.
    const OBJECTS: &str = "\
# ARIN bulk

NetHandle:      NET-20-0-4-8-1
OrgID:          C01234567
Parent:         NET-20-0-0-0-1
NetName:        ACC-EXAM-4-8
NetRange:       20.0.4.8 - 20.0.4.15
NetType:        reassignment
OriginAS:       64500
Source:         ARIN


OrgID:          C01234567
OrgName:        ACC-EXAMPLE TOOLS INC
CanAllocate:
Street:         1 Street
State/Prov:     AR
Country:        US
Source:         ARIN

POCHandle:      SOMEB1
LastName:       Body
FirstName:      Some
";

    #[test]
    fn a_network_is_its_organisations_and_contacts_are_passed_over() {
        let rows = read(OBJECTS).unwrap();
        let [Row { line: 3, says: Statement::Claim(claim) }, Row { line: 13, says: company }] =
            rows.as_slice()
        else {
            panic!("{rows:?}")
        };
        assert_eq!(claim.range.to_string(), "20.0.4.8-20.0.4.15");
        assert_eq!(claim.owner, Owner::Keyed("ARIN:C01234567".into()));
        assert_eq!(claim.asn, Some(64500));
        let tools = Company::new("EXAMPLE TOOLS INC").with(Field::Country, "US");
        assert_eq!(*company, Statement::Company { key: "ARIN:C01234567".into(), company: tools });
    }

    #[test]
    fn whoever_runs_systems_is_told() {
        let system = |numbers: &str| {
            format!("ASHandle: AS64500\nOrgID: EX\nASName: EX\nASNumber: {numbers}\n")
        };
        for (text, numbers) in [("64500", 64500..=64500), ("64500 - 64502", 64500..=64502)] {
            let owner = Owner::Keyed("ARIN:EX".into());
            let says = &read(&system(text)).unwrap()[0].says;
            assert_eq!(*says, Statement::System { numbers, owner });
        }
        for text in ["", "x", "2 - 1", "1 - 4294967295"] {
            let message = read(&system(text)).unwrap_err().to_string();
            assert!(message.contains("asnumber"), "{message}");
        }
    }

    #[test]
    fn what_another_registry_has_names_nobody() {
        for kind in [
            "Allocated to RIPE NCC",
            "Early Registrations, Maintained by APNIC",
            "IANA Special Use",
        ] {
            let rows = read(&OBJECTS.replace("reassignment", kind)).unwrap();
            assert_eq!(rows.len(), 1, "{kind}");
        }
    }

    #[test]
    fn the_number_of_an_order_is_no_part_of_a_name() {
        assert_eq!(without_order("EXAMPLE TOOLS-060826064954"), "EXAMPLE TOOLS");
        assert_eq!(without_order("EXAMPLE-TOOLS 2000"), "EXAMPLE-TOOLS 2000");
    }

    #[test]
    fn several_origins_are_none_and_a_network_needs_a_holder() {
        let several = OBJECTS.replace("64500", "64500, 64501");
        assert!(
            matches!(&read(&several).unwrap()[0].says, Statement::Claim(claim) if claim.asn.is_none())
        );
        for (from, to, said) in [
            (
                "OriginAS:       64500",
                "OriginAS: x",
                ":9: column originas: \"x\": is not the number",
            ),
            (
                "OrgID:          C01234567\nParent",
                "Parent",
                ":3: has no orgid: is needed (in nethandle NET-20",
            ),
            ("NetRange:", "Range:", ":3: has no netrange: is needed"),
            ("20.0.4.15", "20.0.4", ":7: column netrange: \"20.0.4.8 - 20.0.4\": "),
            ("OrgName:", "Name:", ":13: has no orgname: is needed (in orgid C01234567)"),
        ] {
            let message = read(&OBJECTS.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
    }
}
