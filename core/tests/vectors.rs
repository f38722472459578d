//! The vectors that every surface runs, run by the library.
#![cfg(all(feature = "build", feature = "live"))]

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use firmtrie::builder::{Manifest, Policy, Reason};
use firmtrie::client::TrustedProxies;
use firmtrie::live::Live;
use firmtrie::net::{parse_address, parse_prefix};
use firmtrie::registry::{About, Registry, Right};
use firmtrie::{Builder, Company, Error, Field, Format, Index, Source};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fs::read_to_string(vectors().join(name)).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct Clients {
    cases: Vec<ClientCase>,
}

#[derive(Deserialize)]
struct ClientCase {
    says: String,
    #[serde(default)]
    trusted: Vec<String>,
    peer: Option<IpAddr>,
    header: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    client: Option<IpAddr>,
}

#[test]
fn the_visitor_is_found_behind_proxies() {
    let clients: Clients = read("client.json");
    assert!(clients.cases.len() > 20);
    for case in clients.cases {
        let proxies = TrustedProxies::new(case.trusted.iter().map(String::as_str)).unwrap();
        let proxies = match case.header {
            Some(header) => proxies.writing(header.parse().unwrap()),
            None => proxies,
        };
        let values = case.values.iter().map(String::as_str);
        let client = match case.peer {
            Some(peer) => proxies.client(peer, values),
            None => proxies.client_by_unix_socket(values),
        };
        assert_eq!(client, case.client, "{}", case.says);
    }
}

#[derive(Deserialize)]
struct Lookups {
    cases: Vec<LookupCase>,
}

#[derive(Deserialize)]
struct LookupCase {
    says: String,
    address: String,
    answer: Value,
}

#[test]
fn the_world_answers_as_written() {
    let manifest = Manifest::read(vectors().join("world/firmtrie.toml")).unwrap();
    let index = Index::from_bytes(&manifest.builder.build().unwrap().0).unwrap();
    assert!(index.verify().is_empty());
    let lookups: Lookups = read("lookups.json");
    assert!(lookups.cases.len() > 30);
    for case in lookups.cases {
        let description = index.describe(parse_address(&case.address).unwrap()).unwrap();
        let answer = serde_json::to_value(description).unwrap();
        assert_eq!(answer, case.answer, "{}", case.says);
    }
}

#[derive(Deserialize)]
struct NetworkLists {
    cases: Vec<NetworkList>,
}

#[derive(Deserialize)]
struct NetworkList {
    says: String,
    r#in: Option<String>,
    asn: Option<u32>,
    called: Option<String>,
    behind: Option<IpAddr>,
    networks: Vec<String>,
}

#[test]
fn networks_are_listed_as_written() {
    let manifest = Manifest::read(vectors().join("world/firmtrie.toml")).unwrap();
    let index = Index::from_bytes(&manifest.builder.build().unwrap().0).unwrap();
    // As another index would know it, which has other numbers.
    let company = |address| index.lookup(address).unwrap().unwrap().company().unwrap().to_company();
    let lists: NetworkLists = read("networks.json");
    for case in lists.cases {
        let networks = match (case.r#in, case.asn, case.called, case.behind) {
            (Some(prefix), None, None, None) => index.networks_in(parse_prefix(&prefix).unwrap()),
            (None, Some(asn), None, None) => index.networks_of_asn(asn),
            (None, None, Some(called), None) => {
                index.networks_of(&index.companies_called(&called).unwrap())
            }
            (None, None, None, Some(address)) => {
                index.networks_of(&index.companies_alike(&company(address)).unwrap())
            }
            _ => panic!("{}", case.says),
        };
        let networks = networks.unwrap().map(|network| network.unwrap().prefix().to_string());
        assert_eq!(networks.collect::<Vec<_>>(), case.networks, "{}", case.says);
    }
}

#[derive(Deserialize)]
struct Registries {
    cases: Vec<RegistryCase>,
}

#[derive(Deserialize)]
struct RegistryCase {
    says: String,
    registry: Vec<BTreeMap<String, Value>>,
    left_out: BTreeMap<String, u64>,
    answers: BTreeMap<String, String>,
}

/// Records a request of a vector, or takes an entry back.
fn record(registry: &Registry, mut request: BTreeMap<String, Value>) {
    if let Some(entry) = request.remove("lift") {
        registry.lift(entry.as_u64().unwrap(), None).unwrap();
        return;
    }
    let mut word = |word| request.remove(word).map(|text| text.as_str().unwrap().to_owned());
    let (right, until) = (word("right").unwrap(), word("until"));
    let right: Right = right.parse().unwrap();
    let about = request.iter().map(|(word, text)| (word.as_str(), text.as_str().unwrap()));
    let mut request = About::read(about).unwrap().request(right, None).unwrap();
    if let Some(until) = until {
        request = request.until(until.parse().unwrap());
    }
    registry.record(request).unwrap();
}

#[test]
fn who_objected_is_hidden_as_written_by_a_build_and_by_a_running_reader() {
    let world = || Manifest::read(vectors().join("world/firmtrie.toml")).unwrap().builder;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, world().build().unwrap().0).unwrap();
    let registries: Registries = read("registry.json");
    assert!(registries.cases.len() > 20);
    for case in registries.cases {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("registry");
        let registry = Registry::create(&folder, None).unwrap();
        let live = Live::open(file.path(), Some(Registry::open(&folder, None).unwrap())).unwrap();
        for request in case.registry {
            record(&registry, request);
        }
        live.refresh().unwrap();
        let (bytes, summary) = world().registry(&folder).build().unwrap();
        let index = Index::from_bytes(&bytes).unwrap();
        for (address, answer) in &case.answers {
            let asked = parse_address(address).unwrap();
            let running = live.snapshot();
            for found in [index.describe(asked), running.describe(asked)] {
                let found = found.unwrap();
                let name = found.company.map(|company| company.name.to_owned());
                let found = name.unwrap_or_else(|| found.status.to_string());
                assert_eq!(found, *answer, "{}: {address}", case.says);
            }
        }
        let mut left_out = BTreeMap::new();
        for (reason, out) in summary.report.sources.iter().flat_map(|source| &source.left_out) {
            if matches!(reason, Reason::OptedOut | Reason::Restricted) {
                *left_out.entry(reason.as_str().to_owned()).or_default() += out.claims;
            }
        }
        assert_eq!(left_out, case.left_out, "{}", case.says);
    }
}

#[derive(Deserialize)]
struct Errors {
    addresses: Vec<ErrorCase>,
    prefixes: Vec<ErrorCase>,
    indexes: Vec<ErrorCase>,
    sources: Vec<ErrorCase>,
}

#[derive(Deserialize)]
struct ErrorCase {
    text: String,
    format: Option<String>,
    kind: String,
    message: String,
}

impl ErrorCase {
    fn is(&self, error: &Error, folder: &str) {
        let message = error.to_string().replace(folder, "");
        assert_eq!(error.kind(), self.kind, "{message}");
        assert!(message.contains(&self.message), "{message}\n{}", self.message);
    }
}

#[test]
fn what_is_refused_is_refused_as_written() {
    let errors: Errors = read("errors.json");
    for case in &errors.addresses {
        case.is(&parse_address(&case.text).unwrap_err(), "");
    }
    for case in &errors.prefixes {
        case.is(&parse_prefix(&case.text).unwrap_err(), "");
    }
    for case in &errors.indexes {
        case.is(&Index::from_bytes(case.text.as_bytes()).unwrap_err(), "");
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("source");
    for case in &errors.sources {
        fs::write(&path, &case.text).unwrap();
        let format: Format = case.format.as_deref().unwrap().parse().unwrap();
        let builder = Builder::new().source(Source::new("s", format).path(&path));
        case.is(&builder.build().unwrap_err(), &format!("{}/", dir.path().display()));
    }
}

#[derive(Deserialize)]
struct Registers {
    sources: Vec<RegisterSource>,
    answers: Vec<RegisterAnswer>,
}

#[derive(Deserialize)]
struct RegisterSource {
    name: String,
    format: String,
    text: String,
}

#[derive(Deserialize)]
struct RegisterAnswer {
    says: String,
    address: IpAddr,
    name: Option<String>,
    asn: Option<u32>,
}

#[test]
fn what_registries_publish_is_answered_as_written() {
    let registers: Registers = read("registers.json");
    let dir = tempfile::tempdir().unwrap();
    let mut builder = Builder::new();
    for RegisterSource { name, format, text } in &registers.sources {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let format: Format = format.parse().unwrap();
        assert_eq!(Format::detect(&path).unwrap(), format, "{name}");
        builder = builder.source(Source::new(name, format).path(path).basis("made up"));
    }
    let index = Index::from_bytes(&builder.build().unwrap().0).unwrap();
    for RegisterAnswer { says, address, name, asn } in &registers.answers {
        let hit = index.lookup(*address).unwrap();
        let found = hit.map(|hit| (hit.name().unwrap().to_owned(), hit.asn().unwrap()));
        assert_eq!(found, name.clone().map(|name| (name, *asn)), "{says}");
    }
}

#[derive(Deserialize)]
struct Judged {
    cases: Vec<JudgedCase>,
}

#[derive(Deserialize)]
struct JudgedCase {
    says: String,
    name: String,
    legal_form: Option<String>,
    country: Option<String>,
    addresses: Option<u64>,
    reason: Option<String>,
    kind: Option<String>,
}

#[test]
fn companies_are_judged_as_written() {
    let judged: Judged = read("policy.json");
    assert!(judged.cases.len() > 60);
    let policy = Policy::strict();
    let mut wrong = Vec::new();
    for case in judged.cases {
        let company = Company::new(&case.name)
            .with(Field::LegalForm, case.legal_form.unwrap_or_default())
            .with(Field::Country, case.country.unwrap_or_default());
        let verdict = policy.judge(&company, case.addresses);
        let reason = verdict.reason.map(|reason| reason.as_str().to_owned());
        let kind = case.kind.is_none_or(|kind| kind == verdict.kind.as_str());
        if reason != case.reason || !kind {
            wrong.push(format!("{}: {}: {verdict:?}", case.says, case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
