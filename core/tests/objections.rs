//! What a build makes of the registry: who objected is out, in whatever source and spelling.
#![cfg(feature = "build")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use firmtrie::builder::Policy;
use firmtrie::registry::{Identifier, Registry, RegistryPath, Request, Right, Step};
use firmtrie::{Builder, Field, Format, Index, Status};

/// A folder with a registry and sources: `(format, priority, rows)`.
struct World {
    dir: tempfile::TempDir,
    sources: Vec<Source>,
}

type Source = (Format, i32, &'static str);

impl World {
    fn new(sources: &[Source], requests: impl IntoIterator<Item = Request>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::create(dir.path().join("registry"), None).unwrap();
        for request in requests {
            registry.record(request).unwrap();
        }
        Self { dir, sources: sources.to_vec() }
    }

    fn registry(&self) -> Registry {
        Registry::open(self.dir.path().join("registry"), None).unwrap()
    }

    fn builder(&self) -> Builder {
        let mut builder = Builder::new().as_of("2026-11-01".parse().unwrap());
        for (number, (format, priority, rows)) in self.sources.iter().enumerate() {
            let path = self.dir.path().join(format!("{number}.csv"));
            fs::write(&path, rows).unwrap();
            let source = firmtrie::Source::new(format!("source {number}"), *format);
            builder = builder.source(source.priority(*priority).path(&path));
        }
        builder.registry(self.dir.path().join("registry"))
    }

    fn index(&self) -> Index {
        Self::indexed(&self.builder())
    }

    fn indexed(builder: &Builder) -> Index {
        Index::from_bytes(&builder.build().unwrap().0).unwrap()
    }
}

#[test]
fn an_index_that_is_damaged_is_not_replaced_without_its_registry() {
    let world =
        World::new(&[(Format::Networks, 0, NETWORKS)], [objection(name("Wide Works B.V."))]);
    let (with, without) =
        (world.dir.path().join("with.firm"), world.dir.path().join("without.firm"));
    let sources = || {
        let path = world.dir.path().join("0.csv");
        Builder::new().source(firmtrie::Source::new("s", Format::Networks).path(path))
    };
    world.builder().write(&with).unwrap();
    sources().policy(Policy::open()).write(&without).unwrap();
    for (path, replaced) in [(&with, false), (&without, true)] {
        let mut bytes = fs::read(path).unwrap();
        bytes[..64].fill(0xff);
        fs::write(path, &bytes).unwrap();
        // What is so damaged that it is no index any more is replaced when that is forced.
        let written = sources().policy(Policy::open()).force(true).write(path);
        assert_eq!(written.is_ok(), replaced, "{}", path.display());
    }
    sources().policy(Policy::open()).without_registry(true).force(true).write(&with).unwrap();
}

/// The company behind an address, or the status.
fn answer(index: &Index, address: &str) -> String {
    let address = address.parse().unwrap();
    match index.lookup(address).unwrap() {
        Some(hit) => hit.company().unwrap().name().to_owned(),
        None => index.classify(address).unwrap().status.to_string(),
    }
}

fn name(text: &str) -> Identifier {
    Identifier::name(text, None, Some("NL")).unwrap()
}

fn objection(by: Identifier) -> Request {
    Request::new(Right::Objection).by(by)
}

const NETWORKS: &str = "network,name,country\n\
    11.0.0.0/8,Wide Works B.V.,NL\n\
    11.1.0.0/16,Exämple Bakery B.V.,NL\n\
    11.1.1.0/24,Within Works B.V.,NL\n\
    11.2.0.0/16,EXAMPLE BAKERY BV,\n\
    11.3.0.0/16,Example Bakery N.V.,NL\n\
    11.4.0.0/16,Example Bakery B.V.,BE\n";

#[test]
fn who_objected_is_masked_in_every_spelling_and_a_look_alike_is_not() {
    for builder in [Policy::strict(), Policy::open()] {
        let world = World::new(
            &[(Format::Networks, 0, NETWORKS)],
            [objection(name("Example Bakery b.v."))],
        );
        let index = World::indexed(&world.builder().policy(builder));
        assert_eq!(answer(&index, "11.0.0.1"), "Wide Works B.V.");
        assert_eq!(answer(&index, "11.1.0.1"), "withheld");
        assert_eq!(answer(&index, "11.1.1.1"), "Within Works B.V.");
        assert_eq!(answer(&index, "11.2.0.1"), "withheld");
        assert_eq!(answer(&index, "11.3.0.1"), "Example Bakery N.V.");
        assert_eq!(answer(&index, "11.4.0.1"), "Example Bakery B.V.");
    }
}

#[test]
fn a_prefix_that_objected_masks_all_that_is_claimed_in_it_and_tells_nothing_elsewhere() {
    let prefix = |text: &str| Request::new(Right::Objection).prefix(text.parse().unwrap());
    let networks = "network,name\n11.0.0.0/16,Wide Works B.V.\n11.0.1.128/25,Within Works B.V.\n\
        2a00:1::/32,Wide Works B.V.\n";
    let world = World::new(
        &[(Format::Networks, 0, networks)],
        [
            prefix("11.0.1.0/24"),
            prefix("11.0.1.7/32"),
            prefix("11.200.0.0/16"),
            prefix("2a00:1:2::/48"),
        ],
    );
    let index = world.index();
    for (address, expected) in [
        ("11.0.0.255", "Wide Works B.V."),
        ("11.0.1.0", "withheld"),
        ("11.0.1.7", "withheld"),
        ("11.0.1.200", "withheld"),
        ("11.0.2.0", "Wide Works B.V."),
        ("11.200.0.1", "unknown"),
        ("2a00:1:2::1", "withheld"),
        ("2a00:1:3::1", "Wide Works B.V."),
    ] {
        assert_eq!(answer(&index, address), expected, "{address}");
    }
    assert_eq!(index.companies().count(), 1, "whose space is all masked is not in the index");
}

const COMPANIES: &str = "key,name,country,vat,domain,city\n\
    a,Example Bakery B.V.,NL,NL004495445B01,example.nl,Delft\n\
    b,Other Works B.V.,NL,,other.nl,Delft\n";
const AGAIN: &str = "key,name,country,vat,domain\n\
    x,Bread and More,BE,NL004495445B01,bread.be\n\
    y,Cakes and More B.V.,BE,,bread.be\n\
    z,Bread Alike B.V.,NL,,\n";
const OF_BOTH: &str = "network,company,name\n11.1.0.0/16,a,\n11.2.0.0/16,b,\n11.3.0.0/16,x,\n\
    11.4.0.0/16,y,\n11.5.0.0/16,z,\n11.6.0.0/16,,EXAMPLE-BAKERY\n";

#[test]
fn an_objection_spreads_over_all_records_that_share_an_identifier() {
    let sources = [
        (Format::Companies, 1, COMPANIES),
        (Format::Companies, 0, AGAIN),
        (Format::Networks, 0, OF_BOTH),
    ];
    let by = [
        name("Example Bakery B.V."),
        Identifier::vat("NL004495445B01").unwrap(),
        Identifier::domain("https://www.bread.be/").unwrap(),
    ];
    for by in by {
        let index = World::new(&sources, [objection(by.clone())]).index();
        let answers = ["11.1.0.1", "11.2.0.1", "11.3.0.1", "11.4.0.1", "11.5.0.1", "11.6.0.1"]
            .map(|address| answer(&index, address));
        let [out, other, alike] = ["withheld", "Other Works B.V.", "Bread Alike B.V."];
        assert_eq!(answers, [out, other, out, out, alike, out], "{by:?}");
    }
}

#[test]
fn what_a_worse_source_says_of_a_firm_names_it_too() {
    let better = "key,name,country,vat\nk,Example Bakery B.V.,NL,NL004495445B01\n";
    let worse = "key,name,country,domain\nk,Bakery Ex.,NL,bakery-ex.nl\n";
    let networks = "network,company\n11.0.0.0/16,k\n";
    let sources = [
        (Format::Companies, 1, better),
        (Format::Companies, 0, worse),
        (Format::Networks, 0, networks),
    ];
    for by in [name("Bakery Ex."), Identifier::domain("bakery-ex.nl").unwrap()] {
        assert_eq!(answer(&World::new(&sources, [objection(by)]).index(), "11.0.0.1"), "withheld");
    }
}

#[test]
fn a_platforms_domain_makes_no_firm_of_its_many_users() {
    let mut rows = "key,name,country,domain\n".to_owned();
    let mut networks = "network,company\n".to_owned();
    for number in 0..20 {
        let word = ["Bakery", "Steel", "Paint", "Glass"][number % 4];
        writeln!(
            rows,
            "k{number},{word} Works {number} B.V.,NL,https://social.example.com/{number}"
        )
        .unwrap();
        writeln!(networks, "11.{number}.0.0/16,k{number}").unwrap();
    }
    let sources = [(Format::Companies, 0, &*rows.leak()), (Format::Networks, 0, &*networks.leak())];
    let index = World::new(&sources, [objection(name("Bakery Works 0 B.V."))]).index();
    assert_eq!(answer(&index, "11.0.0.1"), "withheld");
    assert_eq!(answer(&index, "11.1.0.1"), "Steel Works 1 B.V.");
}

#[test]
fn a_restriction_ends_and_what_is_refused_or_lifted_holds_no_more() {
    let restricted = Request::new(Right::Restriction)
        .by(name("Example Bakery B.V."))
        .received("2026-10-01".parse().unwrap())
        .until("2026-11-01".parse().unwrap());
    let world = World::new(&[(Format::Networks, 0, NETWORKS)], [restricted]);
    assert_eq!(answer(&world.index(), "11.1.0.1"), "withheld");
    let next_day = world.builder().as_of("2026-11-02".parse().unwrap());
    assert_eq!(answer(&World::indexed(&next_day), "11.1.0.1"), "Exämple Bakery B.V.");

    let registry = world.registry();
    let entry = registry.record(objection(name("Within Works B.V."))).unwrap().entry;
    assert_eq!(answer(&world.index(), "11.1.1.1"), "withheld");
    registry.step(entry, Step::Refused, None, Some("not theirs")).unwrap();
    assert_eq!(answer(&world.index(), "11.1.1.1"), "Within Works B.V.");
    let entry = registry.record(objection(name("Within Works B.V."))).unwrap().entry;
    assert_eq!(answer(&world.index(), "11.1.1.1"), "withheld");
    registry.lift(entry, None).unwrap();
    assert_eq!(answer(&world.index(), "11.1.1.1"), "Within Works B.V.");
}

#[test]
fn of_what_is_put_right_the_later_entry_counts_in_any_order_of_rows() {
    // Two descriptions of one company, each called otherwise, and a request under each name.
    const LEI: &str = "724500VKKSH9QOLTFR81";
    let rows = ["p,Alpha Works B.V.", "q,Beta Works B.V."].map(|row| format!("{row},{LEI}\n"));
    let put_right = |name, city| {
        let by = Identifier::name(name, None, None).unwrap();
        Request::new(Right::Rectification).by(by).rectify(Field::City, city, None)
    };
    let names = ["Alpha Works B.V.", "Beta Works B.V."];
    for (earlier, later) in [(names[0], names[1]), (names[1], names[0])] {
        for order in [[0, 1], [1, 0]] {
            let companies = order.map(|at| rows[at].as_str()).concat();
            let companies = format!("key,name,lei\n{companies}").leak();
            let sources = [
                (Format::Companies, 0, &*companies),
                (Format::Networks, 0, "network,company\n11.1.0.0/16,p\n"),
            ];
            let requests = [put_right(earlier, "Delft"), put_right(later, "Gouda")];
            let index = World::new(&sources, requests).index();
            let hit = index.lookup("11.1.0.1".parse().unwrap()).unwrap().unwrap();
            let company = hit.company().unwrap();
            let mut cities = company.facts().filter(|(field, _)| *field == Field::City);
            assert_eq!(cities.next(), Some((Field::City, "Gouda")), "{later} came later");
        }
    }
}

#[test]
fn what_was_put_right_is_right_in_every_later_build() {
    let put_right = |field, value| {
        let by = Identifier::domain("example.nl").unwrap();
        Request::new(Right::Rectification).by(by).rectify(field, value, None)
    };
    let sources = [
        (Format::Companies, 1, COMPANIES),
        (Format::Companies, 0, AGAIN),
        (Format::Networks, 0, OF_BOTH),
    ];
    let requests = [
        put_right(Field::City, "Gouda"),
        put_right(Field::City, "Leiden"),
        put_right(Field::Name, "New Bakery B.V."),
    ];
    let world = World::new(&sources, requests);
    let index = world.index();
    let hit = index.lookup("11.1.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    assert_eq!(company.name(), "New Bakery B.V.");
    let city =
        company.facts().find(|(field, _)| *field == Field::City).map(|(_, city)| city.to_owned());
    assert_eq!(city.as_deref(), Some("Leiden"), "the later entry counts");
    // What was put right no source said.
    let sources = index.info().unwrap().sources;
    let said_by = |field| {
        let facts = company.facts().zip(company.fact_sources());
        let mut found = facts.filter(|((known, _), _)| *known == field);
        sources[found.next().unwrap().1].name.clone()
    };
    assert_eq!(said_by(Field::City), "registry: rectification");
    assert_eq!(said_by(Field::Name), "registry: rectification");
    assert!(index.verify().is_empty());
    // Who objects under the right name is out, though no source has it.
    world.registry().record(objection(name("New Bakery"))).unwrap();
    assert_eq!(answer(&world.index(), "11.1.0.1"), "withheld");
}

#[test]
fn a_contact_who_withdrew_is_gone_and_the_company_stays() {
    let contacts =
        "company,name,email\na,Eva Example,eva@example.nl\na,Jan Example,jan@example.nl\n";
    let sources = [
        (Format::Companies, 1, COMPANIES),
        (Format::Companies, 0, AGAIN),
        (Format::Networks, 0, OF_BOTH),
        (Format::Contacts, 0, contacts),
        // Without the mailbox, and under another.
        (
            Format::Contacts,
            1,
            "company,name,email\na,\"Example, Eva\",\na,E. Example,info@example.nl\n",
        ),
    ];
    let eva = || Identifier::email("Eva@Example.nl").unwrap();
    let world = World::new(&sources, [Request::new(Right::Withdrawal).by(eva())]);
    let policy = world.dir.path().join("policy.toml");
    fs::write(&policy, "preset = \"open\"\n[contacts]\ninclude = true\n").unwrap();
    let builder = world.builder().policy(Policy::read(&policy).unwrap());
    let index = World::indexed(&builder);
    let hit = index.lookup("11.1.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    let names: Vec<_> = company.contacts().map(|contact| contact.name.to_owned()).collect();
    assert_eq!(names, ["Jan Example"]);
    world.registry().record(objection(eva())).unwrap();
    assert_eq!(
        answer(&World::indexed(&builder), "11.1.0.1"),
        "withheld",
        "the mailbox names the firm"
    );
}

#[test]
fn the_report_counts_them_and_the_index_remembers_the_registry() {
    let world =
        World::new(&[(Format::Networks, 0, NETWORKS)], [objection(name("Example Bakery B.V."))]);
    let (bytes, summary) = world.builder().build().unwrap();
    let left_out = &summary.report.sources[0].left_out;
    assert_eq!(left_out[&firmtrie::builder::Reason::OptedOut].claims, 2);
    assert_eq!(world.builder().build().unwrap().0, bytes, "twice the same");
    let fingerprint = summary.metadata.registry_fingerprint.expect("there is a registry");
    let index = Index::from_bytes(&bytes).unwrap();
    assert_eq!(index.info().unwrap().registry_fingerprint.as_ref(), Some(&fingerprint));
    assert_eq!(index.classify("11.1.0.1".parse().unwrap()).unwrap().status, Status::Withheld);
    world.registry().record(objection(name("Another B.V."))).unwrap();
    let later = world.builder().build().unwrap().1.metadata.registry_fingerprint;
    assert_ne!(later, Some(fingerprint));
}

#[test]
fn a_registry_that_is_not_there_or_has_another_key_stops_the_build() {
    let world = World::new(&[(Format::Networks, 0, NETWORKS)], []);
    let said = |builder: Builder| builder.build().unwrap_err().to_string();
    let error = said(world.builder().registry(world.dir.path().join("nowhere")));
    assert!(error.contains("there is no registry here"), "{error}");
    let other = world.dir.path().join("other");
    Registry::create(&other, None).unwrap();
    let key = Some(other.join("registry.key"));
    let error =
        said(world.builder().registry(RegistryPath::new(world.dir.path().join("registry"), key)));
    assert!(error.contains("another key"), "{error}");
    fs::remove_file(world.dir.path().join("registry/registry.key")).unwrap();
    let error = said(world.builder());
    assert!(error.contains("the key cannot be read"), "{error}");
    assert!(Path::new(&error.split(": ").next().unwrap()).ends_with("registry.key"));
}

#[test]
fn an_index_is_not_replaced_under_a_registry_that_lost_what_it_was_made_under() {
    let world =
        World::new(&[(Format::Networks, 0, NETWORKS)], [objection(name("Example Bakery B.V."))]);
    let (folder, index) = (world.dir.path().join("registry"), world.dir.path().join("x.firm"));
    let database = folder.join("registry.db");
    let write = || world.builder().write(&index).map(|_| ()).map_err(|error| error.to_string());
    write().unwrap();
    world.registry().backup(world.dir.path().join("backup"), false).unwrap();
    let older = fs::read(&database).unwrap();
    world.registry().record(objection(name("Wide Works B.V."))).unwrap();
    write().unwrap();
    let kept = fs::read(&index).unwrap();

    // An older copy; one that went on from there, with as many entries; and one that was begun anew.
    fs::write(&database, &older).unwrap();
    let refused = write().unwrap_err();
    assert!(
        refused.contains("x.firm: was made under a registry of 2 entries and 0 steps"),
        "{refused}"
    );
    world.registry().record(objection(name("Within Works B.V."))).unwrap();
    assert!(write().is_err());
    fs::remove_file(&database).unwrap();
    Registry::create(&folder, None).unwrap();
    assert!(write().is_err());
    for firm in ["Wide Works B.V.", "Example Bakery B.V."] {
        world.registry().record(objection(name(firm))).unwrap();
    }
    // The same in another order is another registry: whoever wrote it must say that it is meant.
    assert!(write().is_err());
    assert_eq!(fs::read(&index).unwrap(), kept);
    fs::remove_file(&index).unwrap();
    write().unwrap();
    assert_eq!(answer(&Index::open(&index).unwrap(), "11.1.0.1"), "withheld");
    // A step that is gone counts as well: who was refused or lifted would be out or back.
    world.registry().step(1, Step::Done, None, None).unwrap();
    write().unwrap();
    world.registry().lift(2, None).unwrap();
    write().unwrap();
}

#[test]
fn who_objected_is_hidden_however_a_registry_writes_the_name() {
    const REGISTERS: &[Source] = &[
        (
            Format::Rpsl,
            0,
            "inetnum: 21.0.0.0/24\ndescr: Zonlicht Works B.V.\n\ninetnum: 21.0.1.0/24\n\
             descr: 18-4304784_ZONLICHT WORKS B.V.\n\ninetnum: 21.0.2.0/24\nnetname: ZONLICHT-WORKS-BV\n\n\
             inetnum: 21.0.3.0/24\ndescr: *** Zonlicht Works BV *** In case of improper use, mail <a@b.example>\n\n\
             inetnum: 21.0.4.0/24\norg: ORG-Z1-RIPE\n\norganisation: ORG-Z1-RIPE\norg-name: Zonlicht Works B.V.\n\
             country: NL\n\naut-num: AS64500\norg: ORG-Z1-RIPE\n",
        ),
        (
            Format::ArinBulk,
            0,
            "NetHandle: N1\nOrgID: C1\nNetRange: 21.0.5.0 - 21.0.5.255\n\nOrgID: C1\n\
             OrgName: ACC-ZONLICHT WORKS BV-060826064954\n",
        ),
        (
            Format::Rwhois,
            0,
            "network:IP-Network:21.0.6.0/24\nnetwork:Org-Name:Zonlicht Works B.V.\n",
        ),
        (
            Format::Delegated,
            -100,
            "2|ripencc|20261101|2|19830705|20261101|+0200\nripencc|NL|asn|64500|1|20100101|allocated|a\n\
             ripencc|NL|ipv4|21.0.7.0|256|20100101|allocated|a\n",
        ),
    ];
    let everybody = World::new(REGISTERS, []).index();
    let hidden = World::new(REGISTERS, [objection(name("Zonlicht Works B.V."))]).index();
    for at in 0..8 {
        let address = format!("21.0.{at}.1").parse().unwrap();
        assert!(everybody.lookup(address).unwrap().is_some(), "{at}");
        let found = hidden.lookup(address).unwrap();
        assert!(found.is_none(), "{at}: {:?}", found.map(|hit| hit.name().unwrap().to_owned()));
    }
}
