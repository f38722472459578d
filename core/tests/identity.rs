//! Who is meant: every disguise of `tests/vectors/identity.json` is caught, no look-alike is.
#![cfg(feature = "registry")]

use firmtrie::registry::Identifier;
use firmtrie::{Company, Field};
use proptest::prelude::*;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/vectors/identity.json"))
        .expect("vectors are JSON")
}

fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn name(value: &Value) -> Identifier {
    Identifier::name(value[0].as_str().expect("a name"), value[2].as_str(), value[1].as_str())
        .unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn identifier(case: &Value, text: &Value) -> firmtrie::Result<Identifier> {
    of_country(case, text, &case["country"])
}

/// What a claim says: its country, where it is not that of the objection, is `claimed_country`.
fn claimed(case: &Value, text: &Value) -> firmtrie::Result<Identifier> {
    of_country(case, text, case.get("claimed_country").unwrap_or(&case["country"]))
}

fn of_country(case: &Value, text: &Value, country: &Value) -> firmtrie::Result<Identifier> {
    let text = text.as_str().expect("a text");
    let country = country.as_str();
    match case["kind"].as_str().expect("a kind") {
        "lei" => Identifier::lei(text),
        "vat" => Identifier::vat(text),
        "domain" => Identifier::domain(text),
        "email" => Identifier::email(text),
        "register" => Identifier::register(text, country),
        "name" => Identifier::name(text, None, country),
        other => panic!("{other} is no kind"),
    }
}

#[test]
fn a_disguise_is_caught_and_a_look_alike_is_not() {
    let (mut same, mut others, mut wrong) = (0, 0, Vec::new());
    for case in list(&vectors(), "names") {
        let objected = name(&case["objected"]);
        for claim in list(case, "same") {
            same += 1;
            if !objected.means(&name(claim)) {
                wrong.push(format!("{} does not mean {claim}", case["objected"]));
            }
        }
        for claim in list(case, "others") {
            others += 1;
            if objected.means(&name(claim)) {
                wrong.push(format!("{} means {claim}", case["objected"]));
            }
        }
    }
    for case in list(&vectors(), "identifiers") {
        let objected = identifier(case, &case["objected"]).expect("well-formed");
        for (claims, means) in [(list(case, "same"), true), (list(case, "others"), false)] {
            for claim in claims {
                *(if means { &mut same } else { &mut others }) += 1;
                match claimed(case, claim) {
                    Ok(claimed) if objected.means(&claimed) == means => {}
                    Ok(_) => wrong.push(format!("{case}: {claim} should be {means}")),
                    Err(error) => wrong.push(format!("{case}: {claim}: {error}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 80 && others >= 60, "{same} disguises and {others} look-alikes");
}

#[test]
fn what_is_not_well_formed_is_refused_by_its_text() {
    for case in list(&vectors(), "refused") {
        let refused = identifier(case, &case["value"]);
        let error = refused.err().unwrap_or_else(|| panic!("{case} is taken")).to_string();
        assert!(
            error.contains(case["value"].as_str().unwrap()) || error.contains("ISO 3166"),
            "{error}"
        );
    }
}

#[test]
fn a_record_is_known_by_all_that_it_says_and_what_is_malformed_is_passed_over() {
    let company = Company::new("Example B.V.")
        .with(Field::Country, "NL")
        .with(Field::Lei, "724500PN1MNY7FDPUO58")
        .with(Field::Vat, "no number")
        .with(Field::RegisterNumber, "01234567")
        .with(Field::Domain, "example.nl")
        .with(Field::Domain, "co.uk");
    let kinds: Vec<_> = Identifier::of(&company).iter().map(Identifier::kind).collect();
    assert_eq!(kinds, ["name", "lei", "register", "domain"]);
}

proptest! {
    #[test]
    fn a_name_means_itself_in_any_case_and_never_panics(text in "\\PC{0,40}", country in "[A-Z]{2}") {
        if let Ok(objected) = Identifier::name(&text, None, Some("NL")) {
            prop_assert!(objected.means(&Identifier::name(&text, None, None).unwrap()));
            let doubled = text.replace(' ', "  ");
            prop_assert!(objected.means(&Identifier::name(&doubled, None, Some("NL")).unwrap()));
        }
        for refused in [Identifier::domain(&text), Identifier::email(&text), Identifier::lei(&text), Identifier::vat(&text)] {
            drop(refused);
        }
        drop(Identifier::register(&text, Some(&country)));
        drop(Identifier::register(&text, Some("DE")));
    }
}

#[test]
fn a_spelling_that_is_padded_however_long_is_caught() {
    let long = |pad: &str| pad.repeat(3_000);
    let pairs = [
        (Identifier::register("12345678", Some("NL")), {
            Identifier::register(&format!("1234{}5678", long(" ")), Some("NL"))
        }),
        (Identifier::domain("example.nl"), {
            Identifier::domain(&format!("exam{}ple.nl", long("\u{ad}")))
        }),
        (Identifier::email("jan@firm.example"), {
            Identifier::email(&format!("jan+{}@firm.example", long("x")))
        }),
        (Identifier::vat("NL123456782B90"), {
            Identifier::vat(&format!("NL{}123456782B90", long(".")))
        }),
    ];
    for (objected, claimed) in pairs {
        let objected = objected.unwrap();
        assert!(objected.means(&claimed.unwrap()), "{objected:?}");
    }
}
