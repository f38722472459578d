//! What the databases of internet registries say, from their files to answers.
#![cfg(feature = "build")]

use std::fs;
use std::io::Write as _;

use firmtrie::builder::{Policy, Summary};
use firmtrie::{Builder, Format, Index, Source, Status};

/// Networks of a provider and two customers of it, made up after what RIPE publishes.
const NETWORKS: &str = "\
% The objects are in RPSL format.

inetnum:        21.0.0.0 - 21.0.255.255
netname:        SE-EXAMPLE-20040101
org:            ORG-EV1-RIPE
country:        SE
status:         ALLOCATED-ASSIGNED PA
source:         RIPE

inetnum:        21.0.4.8 - 21.0.4.19
netname:        SE-ZONLICHT
descr:          Zonlicht Works AB
descr:          In case of improper use, please mail <abuse@example.com>
org:            ORG-EV1-RIPE
status:         ASSIGNED PA
source:         RIPE

inetnum:        21.0.4.32 - 21.0.4.39
netname:        SE-SHOP
descr:
status:         ASSIGNED PA
source:         RIPE

inet6num:       2a00:1::/32
netname:        SE-EXAMPLE
descr:          Caf\u{e9} Maanlicht AB
source:         RIPE
";
const ORGANISATIONS: &str = "\
organisation:   ORG-EV1-RIPE
org-name:       Example Verktyg AB
country:        SE
address:        Street 1
source:         RIPE

person:         Somebody Else
nic-hdl:        SE1-RIPE
";

fn build(files: &[(&str, Vec<u8>)]) -> firmtrie::Result<Index> {
    try_build(files).map(|(index, _)| index)
}

fn try_build(files: &[(&str, Vec<u8>)]) -> firmtrie::Result<(Index, Summary)> {
    let dir = tempfile::tempdir().unwrap();
    let mut source = Source::new("ripe", Format::Rpsl).basis("test");
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        assert_eq!(Format::detect(&path).unwrap(), Format::Rpsl, "{name}");
        source = source.path(path);
    }
    let (bytes, summary) = Builder::new().policy(Policy::strict()).source(source).build()?;
    Ok((Index::from_bytes(&bytes)?, summary))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(letter).unwrap()).collect()
}

fn at(index: &Index, address: &str) -> Option<String> {
    let hit = index.lookup(address.parse().unwrap()).unwrap();
    hit.map(|hit| hit.company().unwrap().name().to_owned())
}

#[test]
fn a_customer_is_found_in_the_network_of_its_provider_however_the_database_is_split() {
    let organisations = || ("ripe.db.organisation.gz", gzip(ORGANISATIONS));
    let networks = || ("ripe.db.inetnum", latin_1(NETWORKS));
    let whole = format!("{ORGANISATIONS}\n{NETWORKS}");
    for files in [
        vec![organisations(), networks()],
        vec![networks(), organisations()],
        vec![("ripe.db", whole.clone().into_bytes())],
        vec![("ripe.db.gz", gzip(&whole.replace('\n', "\r\n")))],
    ] {
        let index = build(&files).unwrap();
        let provider = Some("Example Verktyg AB".to_owned());
        assert_eq!(at(&index, "21.0.4.7"), provider);
        assert_eq!(at(&index, "21.0.4.8"), Some("Zonlicht Works AB".into()));
        assert_eq!(at(&index, "21.0.4.19"), Some("Zonlicht Works AB".into()));
        assert_eq!(at(&index, "21.0.4.20"), provider);
        assert_eq!(at(&index, "21.0.4.33"), provider, "an object that names nobody");
        assert_eq!(at(&index, "2a00:1::1"), Some("Caf\u{e9} Maanlicht AB".into()));
        assert_eq!(at(&index, "21.1.0.0"), None);
    }
}

#[test]
fn an_identifier_of_one_rwhois_server_means_nobody_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new().policy(Policy::strict());
    for (server, name) in [(0, "Zonlicht Works Inc"), (1, "Maanlicht Works Inc")] {
        let path = dir.path().join(server.to_string());
        let objects = format!(
            "network:ID:N\nnetwork:IP-Network:21.{server}.0.0/16\nnetwork:Organization;I:ORG-1\n\n\
             organization:ID:ORG-1\norganization:Org-Name:{name}\n"
        );
        fs::write(&path, objects).unwrap();
        assert_eq!(Format::detect(&path).unwrap(), Format::Rwhois);
        let source = Source::new(format!("rwhois {server}"), Format::Rwhois).path(path);
        builder = builder.source(source.basis("test"));
    }
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    assert_eq!(at(&index, "21.0.0.1"), Some("Zonlicht Works Inc".into()));
    assert_eq!(at(&index, "21.1.0.1"), Some("Maanlicht Works Inc".into()));
}

#[test]
fn persons_and_networks_that_name_nobody_are_counted() {
    let person = "\nperson: Somebody\nnic-hdl: SE2-RIPE\n";
    let whole = format!("{ORGANISATIONS}\n{NETWORKS}{}", person.repeat(100_000));
    let (_, summary) = try_build(&[("ripe.db", whole.into_bytes())]).unwrap();
    let report = &summary.report.sources[0];
    assert_eq!((report.claims, report.unnamed, report.passed_over), (3, 1, 100_001));
    assert!(summary.report.to_string().contains("objects passed over                  100001"));
}

#[test]
fn an_organisation_that_no_file_has_is_named() {
    let error = build(&[("ripe.db.inetnum", NETWORKS.as_bytes().to_vec())]).err().unwrap();
    let message = error.to_string();
    assert!(message.contains("ripe.db.inetnum:3: column company: \"ORG-EV1-RIPE\""), "{message}");
}

/// Two holders: of the first everybody knows who runs its systems, of the second two companies.
const DELEGATED: &str = "\
2|ripencc|20261101|6|19830705|20261101|+0200
ripencc|*|ipv4|*|3|summary
ripencc|NL|asn|64500|1|20100101|allocated|one
ripencc|NL|ipv4|21.0.0.0|65536|20100101|assigned|one
ripencc|NL|ipv6|2a00:1::|32|20100101|allocated|one
ripencc|NL|asn|64501|2|20100101|allocated|two
ripencc|NL|ipv4|22.0.0.0|65536|20100101|assigned|two
ripencc|NL|ipv4|26.0.0.0|65536|20100101|assigned|three
";
const SYSTEMS: &str = "\
aut-num: AS64500
as-name: ZONLICHT
org: ORG-Z1-RIPE

organisation: ORG-Z1-RIPE
org-name: Zonlicht Works B.V.

aut-num: AS64501
descr: Maanlicht Works B.V.

aut-num: AS64502
descr: Sterlicht Works B.V.

inetnum: 21.0.4.0 - 21.0.4.255
descr: Daglicht Works B.V.

inetnum: 26.0.0.0 - 26.0.255.255
descr: Avondlicht Works B.V.

route: 21.0.0.0/16
origin: AS64500

route: 21.0.4.0/23
origin: AS64501

route: 26.0.0.0/16
origin: AS64500

route: 26.0.0.0/16
origin: AS64501
";

fn company_and_system(index: &Index, address: &str) -> Option<(String, Option<u32>)> {
    let hit = index.lookup(address.parse().unwrap()).unwrap();
    hit.map(|hit| (hit.company().unwrap().name().to_owned(), hit.asn().unwrap()))
}

#[test]
fn what_is_delegated_to_a_holder_is_of_the_company_that_runs_its_systems() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let delegated = write("delegated-ripencc-extended-latest", DELEGATED);
    assert_eq!(Format::detect(&delegated).unwrap(), Format::Delegated);
    let delegated = Source::new("a", Format::Delegated).path(delegated).basis("test");
    let systems = Source::new("b", Format::Rpsl).path(write("ripe.db", SYSTEMS)).basis("test");
    let builder = Builder::new().policy(Policy::strict()).source(delegated).source(systems);
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    let is = |name: &str, asn| Some((name.to_owned(), asn));
    let at = |address| company_and_system(&index, address);
    assert_eq!(at("21.0.0.1"), is("Zonlicht Works B.V.", Some(64500)));
    assert_eq!(at("2a00:1::1"), is("Zonlicht Works B.V.", Some(64500)));
    assert_eq!(
        at("21.0.4.1"),
        is("Daglicht Works B.V.", Some(64501)),
        "by the most specific route"
    );
    assert_eq!(at("22.0.0.1"), None, "two companies run the systems of its holder");
    assert_eq!(at("26.0.0.1"), is("Avondlicht Works B.V.", None), "two systems announce it");
}

/// An index of texts, each a source of its own.
fn of_sources(sources: &[(&str, Format, &str)]) -> Index {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new().policy(Policy::strict());
    for (name, format, text) in sources {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        builder = builder.source(Source::new(*name, *format).path(path).basis("test"));
    }
    Index::from_bytes(&builder.build().unwrap().0).unwrap()
}

#[test]
fn a_holder_one_of_whose_systems_two_companies_run_claims_nothing() {
    let delegated = "2|ripencc|20261101|2|19830705|20261101|+0200\n\
        ripencc|NL|asn|64500|2|20100101|allocated|one\nripencc|NL|ipv4|21.0.0.0|256|20100101|allocated|one\n";
    let systems = "aut-num: AS64500\ndescr: Zonlicht Works B.V.\n\n\
        aut-num: AS64501\ndescr: Maanlicht Works B.V.\n\naut-num: AS64501\ndescr: Sterlicht Works B.V.\n";
    let delegated = ("delegated", Format::Delegated, delegated);
    let index = of_sources(&[delegated, ("systems", Format::Rpsl, systems)]);
    assert_eq!(at(&index, "21.0.0.1"), None);
}

#[test]
fn a_customer_whose_network_a_system_announces_does_not_run_it() {
    let delegated = "2|lacnic|20261101|2|19830705|20261101|-0300\n\
        lacnic|BR|asn|64500|1|20100101|allocated|one\nlacnic|BR|ipv4|21.0.0.0|65536|20100101|assigned|one\n";
    let customer =
        "inetnum: 21.0.4.0/24\naut-num: AS64500\nowner: Zonlicht Ferramentas Ltda\ncountry: BR\n";
    let delegated = ("delegated", Format::Delegated, delegated);
    let index = of_sources(&[delegated, ("lacnic", Format::Rpsl, customer)]);
    assert_eq!(at(&index, "21.0.4.1"), Some("Zonlicht Ferramentas Ltda".into()));
    assert_eq!(at(&index, "21.0.0.1"), None, "the provider's");
    let routes = ("routes", Format::AsnCsv, "22.0.0.0,22.0.0.255,64500,Maanlicht Works Ltda\n");
    let index = of_sources(&[delegated, ("lacnic", Format::Rpsl, customer), routes]);
    assert_eq!(at(&index, "21.0.0.1"), Some("Maanlicht Works Ltda".into()), "who runs it");
}

#[test]
fn what_registries_said_too_long_ago_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let delegated = write(
        "delegated",
        "2|ripencc|20261101|2|19830705|20261101|+0200\n\
         ripencc|NL|asn|64500|1|20100101|allocated|one\nripencc|NL|ipv4|21.0.0.0|256|20100101|allocated|one\n",
    );
    let systems = write("systems", "aut-num: AS64500\ndescr: Zonlicht Works B.V.\n");
    let routes = write("routes", "22.0.0.0,22.0.0.255,64500,Zonlicht Works B.V.\n");
    let at = |of_delegated: &str, of_runners: &str, format, path: &std::path::Path| {
        let source = |name: &str, format, path: &std::path::Path, day: &str| {
            Source::new(name, format).path(path).retrieved(day.parse().unwrap()).basis("test")
        };
        let builder = Builder::new().policy(Policy::strict()).as_of("2026-11-01".parse().unwrap());
        let builder = builder.source(source("a", Format::Delegated, &delegated, of_delegated));
        let builder = builder.source(source("b", format, path, of_runners));
        at(&Index::from_bytes(&builder.build().unwrap().0).unwrap(), "21.0.0.1")
    };
    let (new, old) = ("2026-10-01", "2024-01-01");
    for (format, path) in [(Format::Rpsl, &systems), (Format::AsnCsv, &routes)] {
        assert_eq!(at(new, new, format, path), Some("Zonlicht Works B.V.".into()));
        assert_eq!(at(old, new, format, path), None, "the delegation is too old");
        assert_eq!(at(new, old, format, path), None, "who runs the system was told too long ago");
    }
}

#[test]
fn much_space_that_is_to_be_passed_on_is_its_customers_and_not_its_holders() {
    let row = "21.0.0.0,21.0.63.255,64500,Zonlicht Works B.V.\n21.0.64.0,21.0.64.255,64501,Maanlicht B.V.\n";
    let routes = ("routes", Format::AsnCsv, row);
    let status = |count: u32, status: &str| {
        let delegated = format!(
            "2|ripencc|20261101|1|19830705|20261101|+0200\nripencc|NL|ipv4|21.0.0.0|{count}|20100101|{status}\n"
        );
        let of = ("delegated", Format::Delegated, delegated.as_str());
        let index = of_sources(&[routes, of]);
        let of = |address: &str| index.classify(address.parse().unwrap()).unwrap().status;
        assert_eq!(of("21.0.64.1"), Status::Company, "a customer's, announced by itself");
        of("21.0.0.1")
    };
    assert_eq!(status(32768, "allocated"), Status::NonBusiness);
    assert_eq!(status(32768, "assigned"), Status::Company);
    let network = |status: &str| {
        let objects = format!(
            "inetnum: 21.0.0.0 - 21.0.63.255\ndescr: Zonlicht Works B.V.\nstatus: {status}\n\n\
             inetnum: 21.0.4.0 - 21.0.4.255\ndescr: Maanlicht Works B.V.\nstatus: ASSIGNED PA\n"
        );
        let index = of_sources(&[("ripe", Format::Rpsl, &objects)]);
        (at(&index, "21.0.0.1"), at(&index, "21.0.4.1"))
    };
    let (holder, customer) =
        (Some("Zonlicht Works B.V.".into()), Some("Maanlicht Works B.V.".into()));
    assert_eq!(network("ALLOCATED PA"), (None, customer.clone()));
    assert_eq!(network("ASSIGNED PI"), (holder, customer));
}

#[test]
fn what_a_registry_allotted_by_too_old_a_file_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let routes = dir.path().join("routes");
    fs::write(&routes, "21.0.0.0,21.0.63.255,64500,Zonlicht Works B.V.\n").unwrap();
    let delegated = dir.path().join("delegated");
    let row = "ripencc|NL|ipv4|21.0.0.0|16384|20100101|allocated";
    fs::write(&delegated, format!("2|ripencc|20261101|1|19830705|20261101|+0200\n{row}\n"))
        .unwrap();
    let name = |retrieved: &str| {
        let delegated = Source::new("a", Format::Delegated).path(&delegated);
        let routes = Source::new("b", Format::AsnCsv).path(&routes).basis("test");
        let delegated = delegated.retrieved(retrieved.parse().unwrap()).basis("test");
        let builder = Builder::new().policy(Policy::strict()).as_of("2026-11-01".parse().unwrap());
        let (bytes, _) = builder.source(delegated).source(routes).build().unwrap();
        at(&Index::from_bytes(&bytes).unwrap(), "21.0.0.1")
    };
    assert_eq!(name("2026-10-01"), None);
    assert_eq!(name("2024-01-01"), Some("Zonlicht Works B.V.".into()));
}

/// Sources and the day on which each was retrieved, on 1 November 2026 under the strict policy.
fn of_days(sources: &[(&str, Format, &str, &str)]) -> Index {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new().as_of("2026-11-01".parse().unwrap());
    for (name, format, retrieved, text) in sources {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let source = Source::new(*name, *format).path(path).basis("test");
        builder = builder.source(source.retrieved(retrieved.parse().unwrap()));
    }
    Index::from_bytes(&builder.build().unwrap().0).unwrap()
}

#[test]
fn what_is_too_old_agrees_with_nothing() {
    let new =
        "network,name\n21.0.4.0/24,Zonlicht Broadband GmbH\n21.0.5.0/24,Zonlicht Works GmbH\n";
    let old = "network,name,kind,asn\n21.0.4.0/24,Zonlicht Broadband GmbH,business,64500\n\
        21.0.5.0/24,Zonlicht Works GmbH,isp,64500\n";
    let sources = [
        ("new", Format::Networks, "2026-10-01", new),
        ("old", Format::Networks, "2015-01-01", old),
    ];
    let index = of_days(&sources);
    assert_eq!(at(&index, "21.0.4.1"), None, "a provider, whatever it was called eleven years ago");
    assert_eq!(at(&index, "21.0.5.1"), Some("Zonlicht Works GmbH".into()));
    let hit = index.lookup("21.0.5.1".parse().unwrap()).unwrap().unwrap();
    assert_eq!((hit.asn().unwrap(), hit.sources().unwrap()), (None, vec!["new"]));
}

#[test]
fn who_is_described_too_long_ago_is_left_out_unless_somebody_describes_them_since() {
    let network = "inetnum: 21.0.4.0 - 21.0.4.255\norg: ORG-A\n";
    let system = "aut-num: AS64500\norg: ORG-A\n";
    let organisation = "organisation: ORG-A\norg-name: Zonlicht Works GmbH\ncountry: DE\n";
    let delegated = "2|ripencc|20261101|2|19830705|20261101|+0200\n\
        ripencc|DE|asn|64500|1|20100101|allocated|one\nripencc|DE|ipv4|21.0.5.0|256|20100101|assigned|one\n";
    let sources = [
        ("networks", Format::Rpsl, "2026-10-01", network),
        ("systems", Format::Rpsl, "2026-10-01", system),
        ("nro", Format::Delegated, "2026-10-01", delegated),
        ("organisations", Format::Rpsl, "2020-01-01", organisation),
    ];
    let index = of_days(&sources);
    let status = |index: &Index, address: &str| {
        index.classify(address.parse().unwrap()).unwrap().status.as_str().to_owned()
    };
    assert_eq!(["21.0.4.1", "21.0.5.1"].map(|address| status(&index, address)), ["withheld"; 2]);
    let since = "organisation: ORG-A\norg-name: Zonlicht Since GmbH\ncountry: DE\n";
    let since = ("since", Format::Rpsl, "2026-10-01", since);
    let index = of_days(&[&sources[..], &[since]].concat());
    for address in ["21.0.4.1", "21.0.5.1"] {
        assert_eq!(at(&index, address), Some("Zonlicht Since GmbH".into()));
    }
}

#[test]
fn delegations_that_are_too_old_mask_nothing() {
    let delegated = "2|ripencc|20261101|2|19830705|20261101|+0200\n\
        ripencc|DE|asn|64500|1|20100101|allocated|one\nripencc|DE|ipv4|21.0.4.0|256|20100101|assigned|one\n";
    let sources = [
        ("nro", Format::Delegated, "2020-01-01", delegated),
        ("systems", Format::Rpsl, "2026-10-01", "aut-num: AS64500\ndescr: Zonlicht Works GmbH\n"),
        (
            "networks",
            Format::Networks,
            "2026-10-01",
            "network,name\n21.0.0.0/16,Maanlicht Works GmbH\n",
        ),
    ];
    assert_eq!(at(&of_days(&sources), "21.0.4.1"), Some("Maanlicht Works GmbH".into()));
}

#[test]
fn no_space_that_is_delegated_shows_who_is_left_out_without_it() {
    const DAY: &str = "2026-10-01";
    let delegated = |first: &str, many: u32, status: &str| {
        format!(
            "2|ripencc|20261101|2|19830705|20261101|+0200\nripencc|DE|asn|64500|1|20100101|allocated|one\n\
             ripencc|DE|ipv4|{first}|{many}|20100101|{status}|one\n"
        )
    };
    let person = "aut-num: AS64500\ndescr: Jan Jansen\n\ninetnum: 21.0.4.0 - 21.0.4.255\ndescr: Jan Jansen\n";
    let provider = "inetnum: 21.0.0.0 - 21.0.255.255\norg: ORG-A\nstatus: ALLOCATED PA\n\n\
        organisation: ORG-A\norg-name: Zonlicht Works\n\naut-num: AS64500\norg: ORG-A\n";
    for registers in [person, provider] {
        let registers = ("registers", Format::Rpsl, DAY, registers);
        assert_eq!(at(&of_days(&[registers]), "21.0.4.1"), None);
        for (first, many) in [("22.0.0.0", 1 << 20), ("21.0.0.0", 1 << 16), ("21.0.4.0", 256)] {
            let text = delegated(first, many, "assigned");
            let index = of_days(&[registers, ("nro", Format::Delegated, DAY, &text)]);
            assert_eq!(at(&index, "21.0.4.1"), None, "{} {first}", registers.3);
        }
    }
    // A sign of a place holds, however much is delegated elsewhere.
    let routes = ("routes", Format::AsnCsv, DAY, "21.0.0.0,21.0.255.255,64500,Zonlicht Digital\n");
    let feed = ("feed", Format::Geofeed, DAY, "21.0.0.0/16,NL,,,\n");
    assert_eq!(at(&of_days(&[routes, feed]), "21.0.4.1"), None);
    let text = delegated("22.0.0.0", 1 << 18, "assigned");
    assert_eq!(
        at(&of_days(&[routes, feed, ("nro", Format::Delegated, DAY, &text)]), "21.0.4.1"),
        None
    );
}

#[test]
fn whom_an_old_description_calls_a_sole_trader_stays_out() {
    let network = "network,company\n21.0.4.0/24,a\n";
    let new = "key,name,country\na,Zonlicht Advies,NL\n";
    let old = "key,name,country,legal_form\na,Zonlicht Advies,NL,eenmanszaak\n";
    let sources = [
        ("networks", Format::Networks, "2026-10-01", network),
        ("new", Format::Companies, "2026-10-01", new),
        ("old", Format::Companies, "2020-01-01", old),
    ];
    assert_eq!(at(&of_days(&sources[..2]), "21.0.4.1"), Some("Zonlicht Advies".into()));
    assert_eq!(at(&of_days(&sources), "21.0.4.1"), None);
}
