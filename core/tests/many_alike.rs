//! Very many companies with one name take time and memory by their number, and no more.
#![cfg(all(feature = "build", feature = "live"))]

use std::alloc::System;
use std::fmt::Write as _;
use std::path::Path;

use cap::Cap;
use firmtrie::builder::Policy;
use firmtrie::live::Live;
use firmtrie::registry::{Identifier, Registry, Request, Right};
use firmtrie::{Builder, Format, Source};

/// A hundred times as much as the index: what takes memory by the square of its companies needs more.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 384 << 20);

const FIRMS: usize = 20_000;

fn live(folder: &Path, companies: &str) -> Live {
    let mut networks = "network,company\n".to_owned();
    for firm in 0..FIRMS {
        writeln!(networks, "11.{}.{}.0/24,{firm}", firm / 256, firm % 256).unwrap();
    }
    let source = |name: &str, format, rows: &str| {
        let path = folder.join(name.to_owned() + ".csv");
        std::fs::write(&path, rows).unwrap();
        Source::new(name, format).path(path)
    };
    let path = folder.join("companies.firm");
    Builder::new()
        .policy(Policy::open())
        .source(source("companies", Format::Companies, companies))
        .source(source("networks", Format::Networks, &networks))
        .write(&path)
        .unwrap();
    Live::open(path, Some(Registry::create(folder.join("registry"), None).unwrap())).unwrap()
}

/// Networks that are shown.
fn shown(live: &Live) -> usize {
    live.snapshot().networks().filter(|network| network.as_ref().unwrap().hit().is_some()).count()
}

#[test]
fn all_who_have_one_name_are_taken_out_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = "key,name,register_number\n".to_owned();
    for firm in 0..FIRMS {
        let name = if firm % 4 == 0 { "Other" } else { "Same" };
        writeln!(rows, "{firm},{name},{}", 300_000 + firm).unwrap();
    }
    let live = live(folder.path(), &rows);
    let by = Identifier::name("Same", None, None).unwrap();
    let also = Registry::also_known_by(std::slice::from_ref(&by), live.snapshot().index()).unwrap();
    assert_eq!(also.len(), 2 + FIRMS - FIRMS / 4);
    live.record(Request::new(Right::Objection).by(by)).unwrap();
    assert_eq!(shown(&live), FIRMS / 4);
    // Another reader finds the same when it opens.
    let registry = Registry::open(folder.path().join("registry"), None).unwrap();
    assert_eq!(shown(&Live::open(live.path(), Some(registry)).unwrap()), shown(&live));
}
