//! Lookups in the real set: every structure, three mixes of addresses, IPv4 and IPv6.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use firmtrie::Index;
use firmtrie_benches::addresses::{COUNT, Mix};
use firmtrie_benches::agreement::{check, expected};
use firmtrie_benches::peers::{self, Peer};
use firmtrie_benches::world::World;
use firmtrie_benches::{ours, yardsticks};

fn lookups(criterion: &mut Criterion) {
    let world = World::real();
    println!("{}", world.title);
    let index = Arc::new(world.index());
    let mmdb = peers::mmdb(&world);
    let starts = peers::v4::starts(&world.v4);
    let mut others = peers::v4::all(&world.v4);
    others.push(yardsticks::dir_24_8(&starts));
    for mix in Mix::ALL {
        let ask = mix.v4(&world);
        agree(&world, &index, &others, &ask);
        measure(criterion, &format!("IPv4 {}", mix.title()), &ours::singles(&index), &ask);
        measure(criterion, &format!("IPv4 {}", mix.title()), &ours::batches(&index), &ask);
        measure(criterion, &format!("IPv4 {}", mix.title()), &others, &ask);
        let extra = [yardsticks::random_read()];
        measure(criterion, &format!("IPv4 {}", mix.title()), &extra, &ask);
        let maxmind = peers::maxminddb(mmdb.clone());
        measure(criterion, &format!("IPv4 {}", mix.title()), &maxmind, &ask);
    }
    drop(others);
    let mut others = peers::v6::all(&world.v6);
    others.push(yardsticks::poptrie_v6(&peers::v6::starts(&world.v6)));
    for mix in Mix::ALL {
        let ask = mix.v6(&world);
        agree(&world, &index, &others, &ask);
        measure(criterion, &format!("IPv6 {}", mix.title()), &ours::singles(&index), &ask);
        measure(criterion, &format!("IPv6 {}", mix.title()), &ours::batches(&index), &ask);
        measure(criterion, &format!("IPv6 {}", mix.title()), &others, &ask);
        let maxmind = peers::maxminddb(mmdb.clone());
        measure(criterion, &format!("IPv6 {}", mix.title()), &maxmind, &ask);
    }
}

fn agree<A>(world: &World, index: &Index, peers: &[Peer<A>], ask: &[A])
where
    A: Copy + Into<IpAddr> + 'static,
{
    let truth = expected(world, index, ask);
    for peer in peers {
        check(peer, ask, &truth);
    }
}

fn measure<A: Copy + 'static>(
    criterion: &mut Criterion,
    group: &str,
    peers: &[Peer<A>],
    ask: &[A],
) {
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(COUNT as u64));
    for peer in peers {
        group.bench_function(peer.title, |bencher| bencher.iter(|| peer.pass(black_box(ask))));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    targets = lookups
}
criterion_main!(benches);
