//! What a registry costs: builds that obey it, what a running reader hides, lookups with it.
//!
//! As many claims as entries, each claim of a company of its own, so that nothing is asked twice;
//! one entry in ten speaks of a firm of the index. `FIRMTRIE_ENTRIES` says how many; a million
//! unless said.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use firmtrie::builder::Policy;
use firmtrie::live::Live;
use firmtrie::registry::{Identifier, Registry, Request, Right};
use firmtrie::{Builder, Format, Index, Snapshot, Source};

fn count() -> u32 {
    std::env::var("FIRMTRIE_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

/// The name of a firm that has a claim, below `count`, or has none.
fn name(number: u32) -> String {
    const TRADES: [&str; 8] =
        ["Steel", "Paper", "Glass", "Paint", "Timber", "Bread", "Tools", "Machine"];
    let mixed = number.wrapping_mul(2_654_435_761);
    format!("{} Works {mixed:08x} B.V.", TRADES[number as usize % 8])
}

fn claims(path: &Path, count: u32) {
    let mut rows = String::new();
    for number in 0..count {
        let first = Ipv4Addr::from(0x1400_0000 + number * 64);
        let last = Ipv4Addr::from(0x1400_0000 + number * 64 + 63);
        writeln!(rows, "{first},{last},{},{}", number + 1, name(number)).expect("memory");
    }
    fs::write(path, rows).expect("a file");
}

fn entries(folder: &Path, count: u32) {
    let registry = Registry::create(folder, None).expect("a registry");
    let request = |number: u32| {
        // Nine of ten speak of firms that no source has.
        let firm = if number.is_multiple_of(10) { number } else { count + number };
        let by = Identifier::name(&name(firm), None, Some("NL")).expect("a name");
        Request::new(Right::Objection).by(by)
    };
    registry.record_all((0..count).map(request)).expect("entries");
}

fn builder(rows: &Path) -> Builder {
    Builder::new()
        .policy(Policy::open())
        .as_of("2026-11-01".parse().expect("a date"))
        .source(Source::new("asn", Format::AsnCsv).path(rows))
}

struct World {
    _dir: tempfile::TempDir,
    rows: PathBuf,
    registry: PathBuf,
    index: PathBuf,
}

fn world() -> World {
    let dir = tempfile::tempdir().expect("a folder");
    let [rows, registry, index] =
        ["rows.csv", "registry", "x.firm"].map(|name| dir.path().join(name));
    claims(&rows, count());
    entries(&registry, count());
    builder(&rows).write(&index).expect("an index");
    World { _dir: dir, rows, registry, index }
}

fn registry(criterion: &mut Criterion) {
    let world = world();
    let mut group = criterion.benchmark_group("registry build");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(30));
    group.bench_function("firmtrie, no registry", |bencher| {
        bencher.iter(|| builder(&world.rows).build().expect("an index").0.len());
    });
    group.bench_function("firmtrie, with it", |bencher| {
        let builder = builder(&world.rows).registry(&world.registry);
        bencher.iter(|| builder.build().expect("an index").0.len());
    });
    group.finish();

    let open = || Registry::open(&world.registry, None).expect("a registry");
    let mut group = criterion.benchmark_group("registry live");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(20));
    group.bench_function("firmtrie, open", |bencher| {
        bencher.iter(|| {
            Snapshot::clone(&Live::open(&world.index, Some(open())).expect("both").snapshot())
        });
    });
    let live = Live::open(&world.index, Some(open())).expect("both");
    let mut next = 0;
    group.bench_function("firmtrie, one objection, synced", |bencher| {
        bencher.iter(|| {
            next += 1;
            let by = Identifier::name(&name(next), None, Some("NL")).expect("a name");
            live.record(Request::new(Right::Objection).by(by)).expect("recorded")
        });
    });
    group.finish();

    let index = Index::open(&world.index).expect("an index");
    let full = Snapshot::clone(&live.snapshot());
    let mut space = full.clone();
    for third in 0..=255 {
        space.hide_prefix(format!("20.9.{third}.64/26").parse().expect("a prefix"));
    }
    let mut random = fastrand::Rng::with_seed(7);
    let addresses: Vec<IpAddr> = (0..100_000)
        .map(|_| Ipv4Addr::from(0x1400_0000 + random.u32(0..count() * 64)).into())
        .collect();
    let mut group = criterion.benchmark_group("registry lookup");
    let mut at = 0;
    let mut next = || {
        at = (at + 1) % addresses.len();
        addresses[at]
    };
    group.bench_function("firmtrie", |bencher| {
        bencher.iter(|| {
            index.lookup(next()).expect("sound").map(|hit| hit.company_id().expect("sound"))
        });
    });
    for (title, snapshot) in [
        ("firmtrie, nothing hidden", Snapshot::new(Arc::clone(full.index()))),
        ("firmtrie, hidden companies", full),
        ("firmtrie, hidden companies and space", space),
    ] {
        group.bench_function(title, |bencher| {
            bencher.iter(|| {
                snapshot.lookup(next()).expect("sound").map(|hit| hit.company_id().expect("sound"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, registry);
criterion_main!(benches);
