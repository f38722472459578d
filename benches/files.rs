//! Files of the real set: how long they take to build and to open, ours and MaxMind's.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use firmtrie::Index;
use firmtrie::builder::Policy;
use firmtrie_benches::peers;
use firmtrie_benches::world::{World, map};

fn files(criterion: &mut Criterion) {
    let world = World::real();
    let (ours, mmdb) = (world.path("bench.firm"), world.path("bench.mmdb"));
    world.builder().write(&ours).expect("the rows are sound");
    std::fs::write(&mmdb, peers::mmdb(&world)).expect("there is room");
    let mut group = criterion.benchmark_group("build");
    group.bench_function("firmtrie", |bencher| {
        bencher.iter(|| world.builder().write(&ours).expect("the rows are sound"));
    });
    // The others leave nobody out, as their peers do.
    group.bench_function("firmtrie, strict policy", |bencher| {
        let strict = world.builder().policy(Policy::strict());
        bencher.iter(|| strict.write(&ours).expect("the rows are sound"));
    });
    // The rows are in memory already: this is the writer alone.
    group.bench_function("mmdb-writer", |bencher| {
        bencher.iter(|| std::fs::write(&mmdb, peers::mmdb(&world)).expect("there is room"));
    });
    group.finish();
    world.builder().write(&ours).expect("the rows are sound");
    let mut group = criterion.benchmark_group("open");
    group.bench_function("firmtrie, mapped", |bencher| {
        bencher.iter(|| map(&ours));
    });
    group.bench_function("firmtrie, in memory", |bencher| {
        bencher.iter(|| Index::open(&ours).expect("a fresh index"));
    });
    group.bench_function("maxminddb, mapped", |bencher| {
        bencher.iter(|| {
            // SAFETY: the folder is our own, and nobody writes into the file now.
            #[allow(unsafe_code)]
            unsafe { maxminddb::Reader::open_mmap(&mmdb) }.expect("a fresh database")
        });
    });
    group.bench_function("maxminddb, in memory", |bencher| {
        bencher.iter(|| maxminddb::Reader::open_readfile(&mmdb).expect("a fresh database"));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(10);
    targets = files
}
criterion_main!(benches);
