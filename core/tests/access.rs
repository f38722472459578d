//! Access: everything about somebody is found, with its source.
#![cfg(feature = "build")]

use std::fs;

use firmtrie::builder::{Manifest, Policy};
use firmtrie::registry::{Held, Identifier, Registry, Request, Right, Step, Who};
use firmtrie::{Builder, Format, Index, Source};

const MANIFEST: &str = r#"
as_of = 2026-11-01
policy = "open.toml"
registry = "registry"
[[source]]
name = "register"
format = "companies"
path = "companies.csv"
licence = "CC0-1.0"
retrieved = 2026-10-01
url = "https://register.example"
[[source]]
name = "whois"
format = "networks"
path = "networks.csv"
[[source]]
name = "people"
format = "contacts"
path = "contacts.csv"
[controller]
name = "Example Index B.V."
contact = "privacy@example.com"
authority = "Autoriteit Persoonsgegevens"
recipients = "Customers of Example Index B.V."
"#;

struct World {
    /// Where the registry lies.
    _dir: tempfile::TempDir,
    index: Index,
    registry: Registry,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path().join("registry"), None).unwrap();
    for (name, text) in [
        ("firmtrie.toml", MANIFEST),
        ("open.toml", "preset = \"open\"\n[contacts]\ninclude = true\n"),
        (
            "companies.csv",
            "key,name,country,domain,city\n\
             a,\"Bäckerei <script>document.title='broken'</script> & Co\",AT,baeckerei.at,Wien\n\
             b,Other Works,AT,other.at,Wien\n",
        ),
        ("networks.csv", "network,company\n11.1.0.0/16,a\n11.3.0.0/24,a\n11.2.0.0/16,b\n"),
        (
            "contacts.csv",
            "company,name,job_title,email\nb,Eva Example,Director,eva@other.at\n\
             b,Max Other,,max@other.at\n",
        ),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let access = Request::new(Right::Access).by(Identifier::domain("baeckerei.at").unwrap());
    let entry = registry.record(access.received("2026-10-01".parse().unwrap())).unwrap().entry;
    registry.step(entry, Step::Verified, None, None).unwrap();
    let prefix = Request::new(Right::Objection).prefix("11.2.9.0/24".parse().unwrap());
    registry.record(prefix).unwrap();
    let manifest = Manifest::read(dir.path().join("firmtrie.toml")).unwrap();
    let index = Index::from_bytes(&manifest.builder.build().unwrap().0).unwrap();
    World { _dir: dir, index, registry }
}

impl World {
    fn held(&self, who: &Who) -> Held {
        self.registry.subject(who, Some(&self.index)).unwrap()
    }
}

fn names(held: &Held) -> Vec<&str> {
    let name = |company: &firmtrie::registry::HeldCompany| {
        company.facts.iter().position(|fact| fact.field == "name")
    };
    held.companies
        .iter()
        .map(|company| company.facts[name(company).unwrap()].value.as_str())
        .collect()
}

#[test]
fn a_firm_is_found_by_anything_it_is_known_by_and_each_fact_has_its_source() {
    let world = world();
    let held = world.held(&Who::Known(vec![Identifier::domain("www.baeckerei.at").unwrap()]));
    assert_eq!(held.companies.len(), 1);
    let facts = held.companies[0].facts.iter();
    let facts: Vec<_> = facts.map(|fact| (fact.field.as_str(), fact.source.as_str())).collect();
    assert_eq!(facts, ["name", "country", "domain", "city"].map(|field| (field, "register")));
    let networks: Vec<_> =
        held.companies[0].networks.iter().map(|of| of.network.to_string()).collect();
    assert_eq!(networks, ["11.1.0.0/16", "11.3.0.0/24"]);
    assert_eq!(held.companies[0].networks[0].sources, ["whois"]);
    assert_eq!(held.requests.len(), 1);
    assert_eq!(held.requests[0].steps[0].step, Step::Verified);
    assert_eq!(held.controller.as_ref().unwrap().name, "Example Index B.V.");
    assert_eq!(held.sources.len(), 3);
}

#[test]
fn a_person_is_found_by_their_name_and_by_their_mailbox() {
    let world = world();
    for by in [
        Identifier::email("EVA@other.at").unwrap(),
        Identifier::name("Eva  EXAMPLE", None, Some("AT")).unwrap(),
    ] {
        let held = world.held(&Who::Known(vec![by]));
        assert_eq!(names(&held), ["Other Works"]);
        let contacts: Vec<_> =
            held.companies[0].facts.iter().filter(|fact| fact.field == "contact").collect();
        assert_eq!(contacts.len(), 1, "of nobody else");
        let contact = contacts[0];
        assert_eq!(
            (contact.value.as_str(), contact.source.as_str()),
            ("Eva Example, Director, eva@other.at", "people")
        );
        assert_eq!(held.companies[0].person.as_deref(), Some("Eva Example"));
    }
    assert!(
        world
            .held(&Who::Known(vec![Identifier::email("eva@other.de").unwrap()]))
            .companies
            .is_empty()
    );
}

#[test]
fn an_address_and_a_prefix_tell_company_status_and_objections() {
    let world = world();
    let held = world.held(&Who::Address("11.2.0.1".parse().unwrap()));
    assert_eq!((names(&held), held.requests.len()), (vec!["Other Works"], 0));
    let held = world.held(&Who::Address("11.2.9.1".parse().unwrap()));
    assert_eq!(held.networks[0].status.as_str(), "withheld");
    assert_eq!((held.companies.len(), held.requests.len()), (0, 1));
    let held = world.held(&Who::Prefix("11.2.0.0/16".parse().unwrap()));
    assert_eq!((names(&held), held.requests.len()), (vec!["Other Works"], 1));
    assert!(held.networks.len() > 2);
    let json = serde_json::to_value(&held).unwrap();
    assert_eq!(json["requests"][0]["right"], "objection");
    assert_eq!(json["networks"][0]["company"], "Other Works");
}

#[test]
fn a_request_holds_what_the_index_knows_of_a_firm() {
    let world = world();
    let by = [Identifier::domain("other.at").unwrap()];
    let also = Registry::also_known_by(&by, &world.index).unwrap();
    let kinds: Vec<_> = also.iter().map(Identifier::kind).collect();
    assert_eq!(kinds, ["domain", "name"]);
}

#[test]
fn the_firm_is_told_of_its_contacts_and_who_has_an_address_of_none() {
    let world = world();
    let contacts = |who: &Who| {
        let held = world.held(who);
        held.companies[0].facts.iter().filter(|fact| fact.field == "contact").count()
    };
    let firm = Who::Known(vec![Identifier::domain("other.at").unwrap()]);
    assert_eq!(contacts(&firm), 2);
    let held = world.held(&firm);
    assert_eq!(held.companies[0].person, None);
    assert!(held.companies[0].facts.iter().any(|fact| fact.value == "Max Other, max@other.at"));
    assert_eq!(contacts(&Who::Address("11.2.0.1".parse().unwrap())), 0);
}

#[test]
fn the_answer_holds_every_network_that_an_objection_would_take_out() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("companies.csv", "key,name,country,domain\na,Alpha Works GmbH,AT,alpha.at\n"),
        (
            "networks.csv",
            "network,company,name\n11.1.0.0/16,a,\n11.2.0.0/16,,AS64500 - ALPHA WORKS GMBH\n\
             11.3.0.0/16,,Alpha Works AG\n",
        ),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let source = |name: &str, format| {
        Source::new(name, format).path(dir.path().join(name.to_owned() + ".csv"))
    };
    let builder = Builder::new()
        .policy(Policy::open())
        .source(source("companies", Format::Companies))
        .source(source("networks", Format::Networks));
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    let registry = Registry::create(dir.path().join("registry"), None).unwrap();
    let who = Who::Known(vec![Identifier::domain("alpha.at").unwrap()]);
    let held = registry.subject(&who, Some(&index)).unwrap();
    let mut networks: Vec<_> = held
        .companies
        .iter()
        .flat_map(|company| &company.networks)
        .map(|of| of.network.to_string())
        .collect();
    networks.sort_unstable();
    assert_eq!(networks, ["11.1.0.0/16", "11.2.0.0/16"]);
}

#[test]
fn firms_of_one_name_in_two_countries_are_not_told_in_one_answer() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path().join("registry"), None).unwrap();
    let csv = dir.path().join("n.csv");
    fs::write(
        &csv,
        "network,name,country\n11.1.0.0/16,Example Bakery B.V.,NL\n11.2.0.0/16,Example Bakery B.V.,BE\n\
         11.3.0.0/16,Other Works B.V.,NL\n",
    )
    .unwrap();
    let source = Source::new("n", Format::Networks).path(&csv);
    let built = Builder::new().policy(Policy::open()).source(source).build().unwrap();
    let index = Index::from_bytes(&built.0).unwrap();
    let ask = |name, country| {
        let who = Who::Known(vec![Identifier::name(name, None, country).unwrap()]);
        registry.subject(&who, Some(&index))
    };
    let refused = ask("Example Bakery B.V.", None).unwrap_err();
    assert_eq!(refused.kind(), "usage");
    assert!(
        refused.to_string().contains("Bakery B.V. (BE); Example Bakery B.V. (NL)"),
        "{refused}"
    );
    for (name, country, network) in [
        ("Example Bakery B.V.", Some("BE"), "11.2.0.0/16"),
        ("Example Bakery B.V.", Some("NL"), "11.1.0.0/16"),
        ("Other Works B.V.", None, "11.3.0.0/16"),
    ] {
        let held = ask(name, country).unwrap();
        assert_eq!(held.companies.len(), 1);
        assert_eq!(held.companies[0].networks[0].network.to_string(), network);
    }
}

/// Rows of networks with a name and a country, as an index, and a registry.
fn named(rows: &str) -> (tempfile::TempDir, Index, Registry) {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(dir.path().join("registry"), None).unwrap();
    let csv = dir.path().join("n.csv");
    fs::write(&csv, format!("network,name,country\n{rows}")).unwrap();
    let source = Source::new("n", Format::Networks).path(&csv);
    let built = Builder::new().policy(Policy::open()).source(source).build().unwrap();
    let index = Index::from_bytes(&built.0).unwrap();
    (dir, index, registry)
}

#[test]
fn nobody_is_told_of_the_requests_of_a_firm_of_another_form_or_country() {
    let rows = "11.1.0.0/16,Alpha B.V.,NL\n11.2.0.0/16,Alpha GmbH,DE\n11.3.0.0/16,Alpha SARL,FR\n";
    let (_dir, index, registry) = named(rows);
    let name = |name, country| Identifier::name(name, None, country).unwrap();
    for (right, of, country) in [
        (Right::Access, "Alpha B.V.", "NL"),
        (Right::Objection, "Alpha SARL", "FR"),
        (Right::Objection, "Gone N.V.", "NL"),
    ] {
        registry.record(Request::new(right).by(name(of, Some(country)))).unwrap();
    }
    for (of, country, requests) in [
        ("Alpha B.V.", Some("NL"), 1),
        ("Alpha GmbH", Some("DE"), 0),
        ("Alpha", Some("US"), 0),
        ("Alpha SARL", Some("FR"), 1),
        ("Gone", Some("NL"), 0),
        ("Gone N.V.", None, 0),
        ("Gone N.V.", Some("NL"), 1),
        ("Alpha GmbH", Some("NL"), 0),
    ] {
        let who = Who::Known(vec![name(of, country)]);
        for index in [None, Some(&index)] {
            let held = registry.subject(&who, index).unwrap();
            assert_eq!(held.requests.len(), requests, "{of} {country:?}");
        }
    }
}

#[test]
fn firms_of_one_name_and_two_forms_are_not_told_in_one_answer() {
    let (_dir, index, registry) =
        named("11.1.0.0/16,Alpha B.V.,NL\n11.2.0.0/16,Alpha N.V.,NL\n11.3.0.0/16,Beta,NL\n");
    let ask = |name| {
        let who = Who::Known(vec![Identifier::name(name, None, Some("NL")).unwrap()]);
        registry.subject(&who, Some(&index)).map_err(|error| error.to_string())
    };
    let refused = ask("Alpha").unwrap_err();
    assert!(refused.contains("Alpha B.V. (NL); Alpha N.V. (NL); say the legal form"), "{refused}");
    for name in ["Alpha B.V.", "ALPHA NV", "Beta"] {
        assert_eq!(ask(name).unwrap().companies.len(), 1, "{name}");
    }
}

#[test]
fn what_a_firm_asked_under_another_of_its_names_and_what_was_sealed_is_told() {
    let world = world();
    let name = Identifier::name("Other Works", None, Some("AT")).unwrap();
    let request = Request::new(Right::Rectification).by(name).channel("letter");
    let entry =
        world.registry.record(request.rectify(firmtrie::Field::City, "Graz", None)).unwrap();
    let held = world.held(&Who::Known(vec![Identifier::domain("other.at").unwrap()]));
    assert_eq!(held.requests[0].entry.entry, entry.entry);
    let pair = |what: &str, text: &str| (what.to_owned(), text.to_owned());
    let told = [pair("channel", "letter"), pair("field", "city"), pair("new", "Graz")];
    assert_eq!(held.requests[0].unsealed, told);
}

#[test]
fn what_a_person_asked_by_mail_is_told_when_they_are_named() {
    let world = world();
    let mailbox = Identifier::email("eva@other.at").unwrap();
    world.registry.record(Request::new(Right::Access).by(mailbox)).unwrap();
    let asked = |name: &str| {
        let who = Who::Known(vec![Identifier::name(name, None, None).unwrap()]);
        world.held(&who).requests.len()
    };
    assert_eq!((asked("Eva Example"), asked("Max Other")), (1, 0));
}

#[test]
fn a_prefix_of_very_many_networks_is_asked_about_in_parts() {
    let row = |at: u32| format!("11.{}.{}.0/24,Alpha {at} B.V.,NL\n", at / 256, at % 256);
    let (_dir, index, registry) = named(&(0..10_001).map(row).collect::<String>());
    let ask = |prefix: &str| registry.subject(&Who::Prefix(prefix.parse().unwrap()), Some(&index));
    let refused = ask("11.0.0.0/8").unwrap_err().to_string();
    assert!(refused.contains("more than 10000 networks"), "{refused}");
    assert_eq!(ask("11.1.0.0/16").unwrap().companies.len(), 256);
}

/// Firms and people of whom several are known by one thing.
fn crowd() -> (tempfile::TempDir, Index, Registry) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "companies.csv",
            "key,name,country,register_number,domain\n\
             a,Müller Bau GmbH,DE,HRB 1111 München,mueller-m.example\n\
             b,Müller Bau GmbH,DE,HRB 2222 Hamburg,mueller-hh.example\n\
             c,Sigma Holding B.V.,NL,,sigma.example\nd,Sigma Labs B.V.,NL,,sigma.example\n\
             e,Epsilon B.V. t/a Bakery Plus,NL,,\nf,Zeta B.V. t/a Bakery Plus,NL,,\n\
             g,Jan Jansen B.V.,NL,,jansen.example\nh,Gamma Works B.V.,NL,,gamma.example\n\
             i,Delta Works B.V.,DE,HRB 77 Berlin,delta.example\nj,Delta Works B.V.,,,delta.example\n",
        ),
        (
            "networks.csv",
            "network,company,name\n11.1.0.0/16,a,\n11.2.0.0/16,b,\n11.3.0.0/16,c,\n11.4.0.0/16,d,\n\
             11.5.0.0/16,e,\n11.6.0.0/16,f,\n11.7.0.0/16,g,\n11.8.0.0/16,h,\n11.9.0.0/16,,MUELLER BAU GMBH\n\
             11.10.0.0/16,i,\n11.11.0.0/16,j,\n",
        ),
        (
            "contacts.csv",
            "company,name,job_title,email\na,Anna Schmidt,,anna@mueller-m.example\n\
             g,Jan Jansen,,jan@jansen.example\ng,Piet Pieters,,piet@jansen.example\n\
             h,Eva One,,info@gamma.example\nh,Max Two,,info@gamma.example\n\
             h,Kees Bakker,,kees@gamma.example\nh,Kees Bakker,,bakker@gamma.example\n",
        ),
        ("policy.toml", "preset = \"open\"\n[contacts]\ninclude = true\n"),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let source = |name: &str, format| {
        Source::new(name, format).path(dir.path().join(name.to_owned() + ".csv"))
    };
    let builder = Builder::new()
        .policy(Policy::read(dir.path().join("policy.toml")).unwrap())
        .source(source("companies", Format::Companies))
        .source(source("networks", Format::Networks))
        .source(source("contacts", Format::Contacts));
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    let registry = Registry::create(dir.path().join("registry"), None).unwrap();
    (dir, index, registry)
}

#[test]
fn what_several_firms_or_people_are_known_by_tells_of_none_of_them() {
    let (_dir, index, registry) = crowd();
    let ask = |by: Identifier| registry.subject(&Who::Known(vec![by]), Some(&index));
    let name = |name, country| Identifier::name(name, None, country).unwrap();
    let domain = |name| Identifier::domain(name).unwrap();
    for (by, says) in [
        (
            name("Müller Bau GmbH", Some("DE")),
            "Bau GmbH (DE, HRB 1111 München); Müller Bau GmbH (DE, HRB 2222",
        ),
        (domain("sigma.example"), "Sigma Holding B.V. (NL); Sigma Labs B.V. (NL)"),
        (name("Bakery Plus", Some("NL")), "several firms are known by this"),
        (name("Jan Jansen", Some("NL")), "a firm and one of its contacts are called so"),
        (Identifier::email("info@gamma.example").unwrap(), "several people are known by this"),
        (name("Kees Bakker", None), "several people are known by this"),
    ] {
        let refused = ask(by).unwrap_err();
        assert_eq!(refused.kind(), "usage");
        assert!(refused.to_string().contains(says), "{refused}");
    }
}

#[test]
fn what_one_of_several_is_known_by_tells_of_that_one() {
    let (_dir, index, registry) = crowd();
    let ask = |by: Identifier| registry.subject(&Who::Known(vec![by]), Some(&index));
    let name = |name, country| Identifier::name(name, None, country).unwrap();
    let domain = |name| Identifier::domain(name).unwrap();
    let register = Identifier::register("HRB 2222 Hamburg", Some("DE")).unwrap();
    // A record that says no more than the name may be of either firm: it is told to who asks.
    let either = &["MUELLER BAU GMBH", "Müller Bau GmbH"][..];
    for (by, firm, networks) in [
        (register, either, &["11.2.0.0/16", "11.9.0.0/16"][..]),
        (domain("mueller-hh.example"), either, &["11.2.0.0/16", "11.9.0.0/16"]),
        (name("Epsilon B.V.", Some("NL")), &["Epsilon B.V. t/a Bakery Plus"], &["11.5.0.0/16"]),
        (name("Jan Jansen B.V.", Some("NL")), &["Jan Jansen B.V."], &["11.7.0.0/16"]),
    ] {
        let held = ask(by).unwrap();
        assert_eq!(names(&held), firm);
        let told = |network: &&str| {
            let mut all = held.companies.iter().flat_map(|company| &company.networks);
            all.any(|of| of.network.to_string() == **network)
        };
        assert!(networks.iter().all(told), "{firm:?}");
        let facts = held.companies.iter().flat_map(|company| &company.facts);
        assert!(!facts.map(|fact| &fact.value).any(|value| value.contains("Schmidt")), "{firm:?}");
    }
    registry.record(Request::new(Right::Access).by(domain("sigma.example"))).unwrap();
    registry.record(Request::new(Right::Access).by(domain("gamma.example"))).unwrap();
    let requests = |firm| ask(name(firm, Some("NL"))).unwrap().requests.len();
    assert_eq!((requests("Sigma Labs B.V."), requests("Gamma Works B.V.")), (0, 1));
    let held = ask(Identifier::email("piet@jansen.example").unwrap()).unwrap();
    assert_eq!(held.companies[0].person.as_deref(), Some("Piet Pieters"));
}

#[test]
fn a_record_without_a_country_leads_to_nobody_in_another_one() {
    let (_dir, index, registry) = crowd();
    let ask = |by: &[Identifier]| registry.subject(&Who::Known(by.to_vec()), Some(&index)).unwrap();
    let name = |country| Identifier::name("Delta Works B.V.", None, Some(country)).unwrap();
    assert_eq!(ask(&[name("DE")]).companies.len(), 2);
    let held = ask(&[name("NL")]);
    assert_eq!(names(&held), ["Delta Works B.V."]);
    assert_eq!(held.companies[0].networks[0].network.to_string(), "11.11.0.0/16");
}

#[test]
fn a_number_beside_a_name_says_which_firm_is_meant() {
    let (_dir, index, registry) = crowd();
    let name = Identifier::name("Müller Bau GmbH", None, Some("DE")).unwrap();
    let number = Identifier::register("HRB 2222 Hamburg", Some("DE")).unwrap();
    let held = registry.subject(&Who::Known(vec![name, number]), Some(&index)).unwrap();
    let networks: Vec<_> = held.companies.iter().flat_map(|company| &company.networks).collect();
    assert!(networks.iter().all(|of| of.network.to_string() != "11.1.0.0/16"));
    assert!(networks.iter().any(|of| of.network.to_string() == "11.2.0.0/16"));
}

#[test]
fn a_firm_that_is_called_as_somebody_is_not_told_of_them() {
    let world = world();
    let name = Identifier::name("Eva Example B.V.", None, Some("AT")).unwrap();
    let held = world.held(&Who::Known(vec![name]));
    assert!(held.companies.is_empty(), "{held:?}");
}

#[test]
fn what_somebody_told_of_other_space_is_theirs() {
    let world = world();
    let prefix = "11.2.7.0/24".parse().unwrap();
    let told = Request::new(Right::Objection).prefix(prefix).reason("secret");
    let entry = world.registry.record(told).unwrap().entry;
    let reasons = |who: Who| {
        let held = world.held(&who);
        let mut request = held.requests.into_iter().filter(|request| request.entry.entry == entry);
        request.next().unwrap().unsealed.len()
    };
    assert_eq!(reasons(Who::Prefix(prefix)), 1);
    assert_eq!(reasons(Who::Prefix("11.2.0.0/16".parse().unwrap())), 0);
    assert_eq!(reasons(Who::Address("11.2.7.1".parse().unwrap())), 0);
}
