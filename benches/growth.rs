//! How lookups, opening and building grow: 10,000 to 10,000,000 made-up claims.
//!
//! `FIRMTRIE_MOST_CLAIMS` stops earlier. The MaxMind writer stops at a million, where it takes
//! minutes; so does `poptrie` at 100,000, whose insertions take ever longer.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use firmtrie::Index;
use firmtrie_benches::addresses::{COUNT, Mix};
use firmtrie_benches::agreement::{check, check_names, expected};
use firmtrie_benches::peers::{self, Peer};
use firmtrie_benches::world::{World, map};
use firmtrie_benches::{ours, yardsticks};

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const SEED: u64 = 14;
const MOST_FOR_MAXMIND: usize = 1_000_000;
const MOST_FOR_POPTRIE: usize = 100_000;

fn growth(criterion: &mut Criterion) {
    let most = std::env::var("FIRMTRIE_MOST_CLAIMS")
        .map_or(usize::MAX, |most| most.parse().expect("FIRMTRIE_MOST_CLAIMS is a number"));
    for claims in SIZES.into_iter().filter(|claims| *claims <= most) {
        let world = World::generated(claims, SEED);
        let ask = Mix::Routed.v4(&world);
        let index = Arc::new(build_and_open(criterion, &world, claims));
        let truth = expected(&world, &index, &ask[..20_000]);
        let mut measure = |peer: &Peer<Ipv4Addr>| {
            let mut group = criterion.benchmark_group("growth IPv4 routed");
            group.throughput(Throughput::Elements(COUNT as u64));
            let id = BenchmarkId::new(peer.title, claims);
            group.bench_function(id, |bencher| bencher.iter(|| peer.pass(black_box(&ask))));
        };
        ours::singles(&index).iter().for_each(&mut measure);
        ours::batches(&index).iter().for_each(&mut measure);
        for (title, make) in peers::v4::MAKERS {
            if title == "poptrie" && claims > MOST_FOR_POPTRIE {
                continue;
            }
            let peer = make(&world.v4);
            check(&peer, &ask[..truth.len()], &truth);
            measure(&peer);
        }
        measure(&yardsticks::dir_24_8(&peers::v4::starts(&world.v4)));
        if claims <= MOST_FOR_MAXMIND {
            let maxmind = peers::maxminddb(peers::mmdb(&world));
            check_names(&world, &maxmind[1], &ask[..truth.len()], &truth);
            maxmind.iter().for_each(&mut measure);
        }
    }
}

fn build_and_open(criterion: &mut Criterion, world: &World, claims: usize) -> Index {
    let path = world.path("grown.firm");
    let mut group = criterion.benchmark_group("growth build");
    group
        .throughput(Throughput::Elements(claims as u64))
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat);
    let build = || world.builder().write(&path).expect("the rows are sound");
    group.bench_function(BenchmarkId::new("firmtrie", claims), |bencher| bencher.iter(build));
    group.finish();
    let mut group = criterion.benchmark_group("growth open");
    group.bench_function(BenchmarkId::new("firmtrie", claims), |bencher| {
        bencher.iter(|| map(&path));
    });
    group.finish();
    map(&path)
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(10);
    targets = growth
}
criterion_main!(benches);
