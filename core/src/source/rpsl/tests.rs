//! Each dialect, in objects made up after real ones.

use super::super::{Row, rows_of};
use super::*;

fn read(content: &str) -> Result<Vec<Row>> {
    rows_of(rows, content.as_bytes())
}

/// The range and the owner of the only claim.
fn claim_of(content: &str) -> (String, Owner) {
    let rows = read(content).unwrap();
    match rows.as_slice() {
        [Row { says: Statement::Claim(claim), .. }] => {
            (claim.range.to_string(), claim.owner.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn name(text: &str) -> Owner {
    Owner::Named(Company::new(text))
}

#[test]
fn the_customer_of_ripe_comes_before_the_provider_that_wrote_the_object() {
    let object = "inetnum:        192.0.2.164 - 192.0.2.167\nnetname:        EXAMPLESRL\n\
        descr:          Example SRL\ncountry:        IT\norg:            ORG-PA1-RIPE\n\
        status:         ASSIGNED PA\nsource:         RIPE\n";
    let (range, owner) = claim_of(object);
    assert_eq!(range, "192.0.2.164-192.0.2.167");
    assert_eq!(owner, name("Example SRL"));
}

#[test]
fn an_object_without_a_name_is_of_its_organisation_or_of_whatever_is_around_it() {
    let object = |lines: &str| format!("inetnum: 192.0.2.0 - 192.0.2.7\n{lines}source: RIPE\n");
    let (_, owner) = claim_of(&object("descr:\ndescr: Failover Ips\norg: org-pa1-ripe # it\n"));
    assert_eq!(owner, Owner::Keyed("ORG-PA1-RIPE".into()));
    assert!(read(&object("netname: FR-SHOP--LB\ndescr: -\n")).unwrap().is_empty());
}

#[test]
fn afrinic_has_checked_the_organisation() {
    let object = "inetnum: 192.0.2.0 - 192.0.2.7\ndescr: a shop\norg: ORG-A1-AFRINIC\n\
        source: AFRINIC # Filtered\n";
    assert_eq!(claim_of(object).1, Owner::Keyed("ORG-A1-AFRINIC".into()));
}

#[test]
fn lacnic_names_an_owner_and_an_autonomous_system_and_shortens_prefixes() {
    let object = "% Copyright\n\ninetnum:     198.18/15\naut-num:     AS64500\nowner:       Exemplo Ltda\n\
        ownerid:     05.605.876/0001-85\nresponsible: Somebody\ncountry:     BR\ncreated:     20120716\n\n\
        nic-hdl-br:  ABC\nperson:      Somebody\n";
    let rows = read(object).unwrap();
    let [Row { line: 3, says: Statement::Claim(claim) }] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(claim.range.to_string(), "198.18.0.0-198.19.255.255");
    assert_eq!(claim.asn, Some(64500));
    let company = Company::new("Exemplo Ltda").with(Field::Country, "BR");
    let company = company.with(Field::RegisterNumber, "05605876000185");
    assert_eq!(claim.owner, Owner::Named(company));
    let without = object.replace("AS64500", "N/A");
    assert!(
        matches!(&read(&without).unwrap()[0].says, Statement::Claim(claim) if claim.asn.is_none())
    );
}

#[test]
fn whose_number_is_a_persons_is_one_in_brazil() {
    let person = |id: &str| {
        let (_, owner) = claim_of(&format!("inetnum: 198.18/15\nowner: Exemplo\nownerid: {id}\n"));
        matches!(owner, Owner::Named(company) if company.get(Field::LegalForm) == Some("pessoa física"))
    };
    assert!(["123.456.789-09", "***.456.789-**", "12345678909"].into_iter().all(person));
    assert!(!["05.605.876/0001-85", "AR-EXEM-LACNIC", "CO-EXEM12-LACNIC"].into_iter().any(person));
}

#[test]
fn what_krnic_calls_infrastructure_is_the_providers() {
    let object = |of: &str| format!("inetnum: 198.18/15\ndescr: Exemplo\nnetwork-type: {of}\n");
    let kind = |of: &str| match &read(&object(of)).unwrap()[0].says {
        Statement::Claim(claim) => claim.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!((kind("INFRA"), kind("CUSTOMER")), (Kind::Isp, Kind::Unknown));
}

#[test]
fn organisations_are_companies_under_their_handles() {
    let rows = read(
        "organisation: ORG-A1-RIPE\norg-name: Example GmbH\norg-type: LIR\ncountry: DE\n\
         address: Street\n\nperson: Somebody\n",
    )
    .unwrap();
    let company = Company::new("Example GmbH").with(Field::Country, "DE");
    assert_eq!(rows[0].says, Statement::Company { key: "ORG-A1-RIPE".into(), company });
    assert_eq!(rows.len(), 1);
}

#[test]
fn what_is_wrong_is_named_with_line_value_and_object() {
    for (object, said) in [
        (
            "inetnum: 192.0.2.9 - 192.0.2.1\ndescr: A B\n",
            "1: column inetnum: \"192.0.2.9 - 192.0.2.1\": the range ends (192.0.2.1) before",
        ),
        (
            "inet6num: 2001:db8::1/32\ndescr: A B\n",
            "1: column inet6num: \"2001:db8::1/32\": has host",
        ),
        (
            "inetnum: 192.0.2.0/24\naut-num: ASX\nowner: A B\n",
            "2: column aut-num: \"ASX\": is not the number of an autonomous system (in inetnum 192.0.2.0/24)",
        ),
        ("organisation: ORG-A\n", "1: has no org-name: is needed (in organisation ORG-A)"),
    ] {
        let message = read(object).unwrap_err().to_string();
        let message = message.split_once("tmp").unwrap().1.split_once(':').unwrap().1;
        assert!(message.starts_with(said), "{message}");
    }
}

#[test]
fn letters_that_were_taken_for_others_are_put_right_wherever_a_name_stands() {
    let (_, owner) =
        claim_of("inetnum: 198.18/15\ndescr: Hansestadt L\u{c3}\u{bc}beck\nsource: RIPE\n");
    assert_eq!(owner, name("Hansestadt L\u{fc}beck"));
    let rows =
        read("organisation: ORG-HL1-RIPE\norg-name: Hansestadt L\u{c3}\u{bc}beck\n").unwrap();
    let company = Company::new("Hansestadt L\u{fc}beck");
    assert_eq!(rows[0].says, Statement::Company { key: "ORG-HL1-RIPE".into(), company });
}

#[test]
fn a_persons_number_speaks_of_whomever_an_object_names() {
    let is_persons = |owner: &Owner| matches!(owner, Owner::Named(company) if company.get(Field::LegalForm) == Some("pessoa física"));
    for names in [
        "owner:\ndescr: Zqxw Vktr\n",
        "descr: Zqxw Vktr\n",
        "owner: customer\norg: ORG-A\n",
        "netname: ZQX-LTDA\n",
        "",
        "owner: Zqxw Vktr\nownerid: BR-X-LACNIC\n",
    ] {
        let network = format!("inetnum: 198.18/15\n{names}ownerid: 111.222.333-44\ncountry: BR\n");
        let (_, owner) = claim_of(&network);
        assert!(is_persons(&owner), "{names}: {owner:?}");
        let system = network.replace("inetnum: 198.18/15", "aut-num: AS64500");
        match &read(&system).unwrap()[..] {
            [Row { says: Statement::System { owner, .. }, .. }]
                if is_persons(owner) || names.contains("org:") => {}
            other => panic!("{names}: {other:?}"),
        }
    }
}

#[test]
fn a_number_of_brazil_is_told_however_it_is_written() {
    let id = |id: &str| OwnerId::parsed(id, true);
    for person in [
        "111.222.333-44",
        "CPF 111.222.333-44",
        "XXX.222.333-XX",
        "xxx.222.333-xx",
        "•••.222.333-••",
        "111.222.333–44",
        "111.222.333\u{a0}44",
        "111.222.333-44 # x",
        "111,222,333-44",
        "BR11122233344",
        "011122233344",
        "***.222.333-**",
    ] {
        assert_eq!(id(person), OwnerId::Persons, "{person}");
    }
    for firm in
        ["12.345.678/0001-95", "12345678000195", "012.345.678/0001-95", "CNPJ: 12.345.678/0001-95"]
    {
        assert_eq!(id(firm), OwnerId::Firms("12345678000195".into()), "{firm}");
    }
    for other in ["AR-EXEM-LACNIC", "CO-EXEM12-LACNIC", "1234", "", "UY-ABCDEFGHIJK"] {
        assert_eq!(id(other), OwnerId::Unknown, "{other}");
    }
    assert_eq!(OwnerId::parsed("12.345.678/0001-95", false), OwnerId::Unknown);
}
