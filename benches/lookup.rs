//! Lookups in the real set: every structure, three mixes of addresses, IPv4 and IPv6.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use firmtrie::Index;
use firmtrie_benches::addresses::{COUNT, Mix};
use firmtrie_benches::agreement::{check, check_names, expected};
use firmtrie_benches::peers::{self, Peer};
use firmtrie_benches::world::World;
use firmtrie_benches::{ours, yardsticks};

/// All are measured, then all again, and again: a machine that others use is slow for a while.
const ROUNDS: u32 = 3;

fn lookups(criterion: &mut Criterion) {
    let world = World::real();
    println!("{}", world.title);
    let index = Arc::new(world.index());
    let mmdb = peers::mmdb(&world);

    let mut others = peers::v4::all(&world.v4);
    others.push(yardsticks::dir_24_8(&peers::v4::starts(&world.v4)));
    let random = [yardsticks::random_read()];
    let (singles, batches) = (ours::singles(&index), ours::batches(&index));
    let maxmind = peers::maxminddb(mmdb.clone());
    for mix in Mix::ALL {
        let ask = mix.v4(&world);
        agree(&world, &index, &others, &maxmind, &ask);
        let all = singles.iter().chain(&batches).chain(&others).chain(&random).chain(&maxmind);
        measure(criterion, &format!("IPv4 {}", mix.title()), &all.collect::<Vec<_>>(), &ask);
    }
    drop(others);

    let mut others = peers::v6::all(&world.v6);
    others.push(yardsticks::poptrie_v6(&peers::v6::starts(&world.v6)));
    let (singles, batches) = (ours::singles(&index), ours::batches(&index));
    let maxmind = peers::maxminddb(mmdb);
    for mix in Mix::ALL {
        let ask = mix.v6(&world);
        agree(&world, &index, &others, &maxmind, &ask);
        let all = singles.iter().chain(&batches).chain(&others).chain(&maxmind);
        measure(criterion, &format!("IPv6 {}", mix.title()), &all.collect::<Vec<_>>(), &ask);
    }
}

fn agree<A: Copy + Into<IpAddr> + 'static>(
    world: &World,
    index: &Index,
    peers: &[Peer<A>],
    maxmind: &[Peer<A>; 2],
    ask: &[A],
) {
    let truth = expected(world, index, ask);
    check_names(world, &maxmind[1], ask, &truth);
    for peer in peers {
        check(peer, ask, &truth);
    }
}

fn measure<A: Copy + 'static>(
    criterion: &mut Criterion,
    group: &str,
    peers: &[&Peer<A>],
    ask: &[A],
) {
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(COUNT as u64));
    for round in 1..=ROUNDS {
        for peer in peers {
            let id = BenchmarkId::new(peer.title, round);
            group.bench_function(id, |bencher| bencher.iter(|| peer.pass(black_box(ask))));
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(400))
        .sample_size(10);
    targets = lookups
}
criterion_main!(benches);
