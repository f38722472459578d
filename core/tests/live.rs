//! Objections in a running reader: no lookup shows a firm after its objection was acknowledged.
#![cfg(all(feature = "build", feature = "live"))]

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use firmtrie::builder::Policy;
use firmtrie::live::Live;
use firmtrie::registry::{Identifier, Registry, Request, Right};
use firmtrie::{Builder, Format, Index, Source};
use proptest::prelude::*;

/// An index of rows of `asn-csv`.
fn write(path: &Path, rows: &str) {
    let csv = path.with_extension("csv");
    fs::write(&csv, rows).unwrap();
    let source = Source::new("asn", Format::AsnCsv).path(&csv);
    Builder::new().policy(Policy::open()).source(source).write(path).unwrap();
}

/// `Firm 0` to `Firm n - 1`, each with a /24.
fn firms(count: usize) -> String {
    let row = |n| format!("11.{}.{}.0,11.{0}.{1}.255,{},Firm {n}\n", n / 256, n % 256, n + 1);
    (0..count).map(row).collect::<Vec<_>>().concat()
}

fn address(firm: usize) -> IpAddr {
    Ipv4Addr::new(11, (firm / 256) as u8, (firm % 256) as u8, 9).into()
}

fn objection(firm: usize) -> Request {
    Request::new(Right::Objection)
        .by(Identifier::name(&format!("FIRM {firm}"), None, None).unwrap())
}

struct World {
    dir: tempfile::TempDir,
    index: PathBuf,
}

fn world(firms: &str) -> World {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("companies.firm");
    write(&index, firms);
    Registry::create(dir.path().join("registry"), None).unwrap();
    World { dir, index }
}

impl World {
    fn registry(&self) -> Registry {
        Registry::open(self.dir.path().join("registry"), None).unwrap()
    }

    fn live(&self) -> Live {
        Live::open(&self.index, Some(self.registry())).unwrap()
    }
}

fn shows(live: &Live, firm: usize) -> bool {
    live.snapshot().lookup(address(firm)).unwrap().is_some()
}

/// Waits until it is so, however loaded the machine is.
fn waited(mut so: impl FnMut() -> bool) {
    for _ in 0..30_000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it never came");
}

#[test]
fn what_is_recorded_holds_in_this_process_when_it_is_acknowledged() {
    let world = world(&firms(40));
    let live = world.live();
    for firm in [3, 17] {
        assert!(shows(&live, firm));
        live.record(objection(firm)).unwrap();
        assert!(!shows(&live, firm) && shows(&live, firm + 1));
    }
    let prefix = "11.0.20.0/25".parse().unwrap();
    live.record(
        Request::new(Right::Restriction).prefix(prefix).until("2999-01-01".parse().unwrap()),
    )
    .unwrap();
    assert!(!shows(&live, 20));
    let other =
        live.snapshot().lookup("11.0.20.200".parse().unwrap()).unwrap().unwrap().network().unwrap();
    assert_eq!(other.to_string(), "11.0.20.128/25");
    // Another reader that begins later knows all of it.
    let later = world.live();
    assert_eq!([3, 17, 20, 21].map(|firm| shows(&later, firm)), [false, false, false, true]);
}

/// Of a firm: its name, country, VAT number and domain, of few of each.
type Said = (u8, usize, Option<usize>, Option<usize>);

fn said() -> impl Strategy<Value = Said> {
    let few = || prop::option::weighted(0.4, 0..12_usize);
    (0..60_u8, 0..COUNTRIES.len(), few(), few())
}

fn request(said: Said) -> Request {
    let (firm, country, vat, domain) = said;
    let country = Some(COUNTRIES[country]).filter(|country| !country.is_empty());
    let vat = vat.map(|n| Identifier::vat(&VATS[n]).unwrap());
    let domain = domain.map(|n| Identifier::domain(&format!("firm{n}.example")).unwrap());
    let name =
        vat.is_none().then(|| Identifier::name(&format!("FIRM {firm} bv"), None, country).unwrap());
    vat.into_iter().chain(domain).chain(name).fold(Request::new(Right::Objection), Request::by)
}

const COUNTRIES: [&str; 3] = ["NL", "BE", ""];
/// The first twelve whose check digit is right.
static VATS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = (100_000_000..).map(|number| format!("CHE{number}"));
    all.filter(|vat| Identifier::vat(vat).is_ok()).take(12).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_running_reader_hides_whom_the_next_build_leaves_out(
        firms in prop::collection::vec(said(), 1..60),
        platform in 0..30_usize,
        objections in prop::collection::vec(said(), 1..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let [networks, companies, before, after, folder] =
            ["networks.csv", "companies.csv", "before.firm", "after.firm", "registry"].map(|name| dir.path().join(name));
        let mut rows = "network,company\n".to_owned();
        let mut records = "key,name,country,vat,domain\n".to_owned();
        for (at, (firm, country, vat, domain)) in firms.iter().enumerate() {
            let vat = vat.map_or("", |n| &VATS[n]);
            // The first of them are on one platform: often more than one firm has domains for.
            let domain = if at < platform { Some(0) } else { *domain };
            let domain = domain.map(|n| format!("firm{n}.example")).unwrap_or_default();
            writeln!(rows, "11.0.{at}.0/24,k{at}").unwrap();
            writeln!(records, "k{at},Firm {firm} B.V.,{},{vat},{domain}", COUNTRIES[*country]).unwrap();
        }
        fs::write(&networks, rows).unwrap();
        fs::write(&companies, records).unwrap();
        let builder = || Builder::new().policy(Policy::open())
            .source(Source::new("networks", Format::Networks).path(&networks))
            .source(Source::new("companies", Format::Companies).path(&companies));
        builder().write(&before).unwrap();
        let live = Live::open(&before, Some(Registry::create(&folder, None).unwrap())).unwrap();
        for said in objections {
            live.record(request(said)).unwrap();
        }
        let registry = Registry::open(&folder, None).unwrap();
        builder().registry(&folder).write(&after).unwrap();
        let (built, later) = (Index::open(&after).unwrap(), Live::open(&before, Some(registry)).unwrap());
        for firm in 0..firms.len() {
            let expected = built.lookup(address(firm)).unwrap().is_some();
            prop_assert_eq!(shows(&live, firm), expected, "firm {}", firm);
            prop_assert_eq!(shows(&later, firm), expected, "firm {}, opened later", firm);
        }
    }
}

#[test]
fn what_others_record_and_lift_is_followed_and_a_restriction_that_is_over_is_none() {
    let world = world(&firms(40));
    let live = world.live();
    live.watch(|error| panic!("{error}"));
    let others = world.registry();
    let entry = others.record(objection(5)).unwrap().entry;
    waited(|| !shows(&live, 5));
    others.lift(entry, None).unwrap();
    waited(|| shows(&live, 5));
    let over = Request::new(Right::Restriction)
        .by(Identifier::name("Firm 6", None, None).unwrap())
        .received("2026-01-01".parse().unwrap())
        .until("2026-02-01".parse().unwrap());
    others.record(over).unwrap();
    others.record(objection(7)).unwrap();
    waited(|| !shows(&live, 7));
    assert!(shows(&live, 6));
}

#[test]
fn a_new_file_is_taken_over_and_a_damaged_one_refused() {
    let world = world(&firms(40));
    let live = world.live();
    live.record(objection(5)).unwrap();
    write(&world.index, &firms(50));
    assert!(live.refresh().unwrap());
    assert!(shows(&live, 45) && !shows(&live, 5));
    let good = fs::read(&world.index).unwrap();
    let beside = world.dir.path().join("new");
    for damaged in [
        &good[..good.len() / 2],
        &[good.as_slice(), &[0; 9]].concat(),
        b"no index",
        &flipped(&good),
    ] {
        fs::write(&beside, damaged).unwrap();
        fs::rename(&beside, &world.index).unwrap();
        live.refresh().expect_err("damaged");
        assert!(shows(&live, 45) && !shows(&live, 5));
        assert!(!live.refresh().unwrap(), "it is not looked at twice");
    }
    fs::remove_file(&world.index).unwrap();
    live.refresh().expect_err("it is gone");
    assert!(!live.refresh().unwrap() && shows(&live, 45));
    write(&world.index, &firms(60));
    assert!(live.refresh().unwrap() && shows(&live, 55));
}

fn flipped(good: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

#[test]
fn eight_threads_ask_during_a_thousand_reloads_and_a_thousand_objections() {
    const FIRMS: usize = 1000;
    let world = world(&firms(FIRMS));
    let live = world.live();
    // Two files of the same firms under other numbers, so that a torn answer would be another's.
    let (one, two) = (fs::read(&world.index).unwrap(), {
        let path = world.dir.path().join("two.firm");
        let rows = firms(FIRMS);
        let reversed = rows.lines().rev().collect::<Vec<_>>().join("\n");
        write(&path, &(reversed + "\n12.0.0.0,12.0.0.255,7,Aardvark\n"));
        fs::read(&path).unwrap()
    });
    let acknowledged = AtomicU32::new(0);
    let (done, asked) = (AtomicBool::new(false), AtomicU32::new(0));
    let first_failure = Mutex::new(None);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (live, acknowledged, done, asked) = (&live, &acknowledged, &done, &asked);
            let first_failure = &first_failure;
            scope.spawn(move || {
                let mut firm = thread * 131;
                while !done.load(Ordering::Relaxed) {
                    firm = (firm + 37) % FIRMS;
                    // Read before the lookup begins: what was acknowledged by then must hold.
                    let out = acknowledged.load(Ordering::SeqCst) as usize;
                    let loaded = live.snapshot();
                    let name = loaded
                        .lookup(address(firm))
                        .unwrap()
                        .map(|hit| hit.company().unwrap().name().to_owned());
                    let fine = match name {
                        Some(name) => name == format!("Firm {firm}") && firm >= out,
                        None => true,
                    };
                    if !fine {
                        first_failure.lock().unwrap().get_or_insert((firm, out));
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let reloads = scope.spawn(|| {
            for reload in 0..1000 {
                let beside = world.dir.path().join("beside");
                fs::write(&beside, if reload % 2 == 0 { &two } else { &one }).unwrap();
                fs::rename(&beside, &world.index).unwrap();
                assert!(live.refresh().unwrap());
            }
        });
        for firm in 0..FIRMS {
            live.record(objection(firm)).unwrap();
            acknowledged.store(firm as u32 + 1, Ordering::SeqCst);
        }
        reloads.join().unwrap();
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(
        *first_failure.lock().unwrap(),
        None,
        "a firm was shown that had objected, or another's name"
    );
    assert!((0..FIRMS).all(|firm| !shows(&live, firm)));
    assert!(asked.load(Ordering::Relaxed) > 10_000);
}

#[test]
fn a_bare_name_carries_no_objection_from_one_form_to_another() {
    let rows = "11.0.0.0,11.0.0.255,1,Alpha Coffee B.V.\n11.0.1.0,11.0.1.255,2,Alpha Coffee\n\
                11.0.2.0,11.0.2.255,3,Alpha Coffee Limited\n11.0.3.0,11.0.3.255,4,Other\n";
    let world = world(rows);
    let (live, csv) = (world.live(), world.index.with_extension("csv"));
    let of_index = Identifier::name("Alpha Coffee B.V.", None, None).unwrap();
    let known = Registry::also_known_by(&[of_index], live.snapshot().index()).unwrap();
    live.record(known.into_iter().fold(Request::new(Right::Objection), Request::by)).unwrap();
    assert_eq!([0, 1, 2, 3].map(|firm| shows(&live, firm)), [false, false, true, true]);
    let source = Source::new("asn", Format::AsnCsv).path(&csv);
    let builder = Builder::new().policy(Policy::open()).source(source);
    builder.registry(world.dir.path().join("registry")).write(&world.index).unwrap();
    let built = world.live();
    assert_eq!([0, 1, 2, 3].map(|firm| shows(&built, firm)), [false, false, true, true]);
}

#[cfg(unix)]
#[test]
fn a_reader_whose_path_to_the_registry_is_gone_is_named_when_something_is_recorded() {
    let world = world(&firms(40));
    let (folder, link) = (world.dir.path().join("registry"), world.dir.path().join("link"));
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let live = Live::open(&world.index, Some(Registry::open(&link, None).unwrap())).unwrap();
    fs::remove_file(&link).unwrap();
    let recorded = world.registry().record_live(objection(5), None).unwrap();
    assert!(!shows(&live, 5) || recorded.not_followed.len() == 1, "it shows the firm in silence");
    assert_eq!(recorded.not_followed[0].index, world.index);
    // When the path leads there again it follows.
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    live.refresh().unwrap();
    assert!(!shows(&live, 5));
}

#[test]
fn all_ipv4_space_is_not_taken_out_by_a_slip_under_any_name() {
    let world = world(&firms(40));
    let live = world.live();
    for all in ["0.0.0.0/0", "::ffff:0:0/96", "::ffff:10.0.0.0/104", "::/0"] {
        let request = Request::new(Right::Objection).prefix(all.parse().unwrap());
        let refused = live.record(request).unwrap_err().to_string();
        assert!(refused.contains("or more"), "{all}: {refused}");
    }
    assert!(shows(&live, 5));
}

#[test]
fn a_snapshot_that_was_replaced_is_never_called_current() {
    let world = world(&firms(4));
    let live = world.live();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for firm in 0..300 {
                let by = Identifier::name(&format!("nobody {firm}"), None, None).unwrap();
                live.record(Request::new(Right::Objection).by(by)).unwrap();
            }
            stop.store(true, Ordering::Relaxed);
        });
        let mut old = live.snapshot().clone();
        while !stop.load(Ordering::Relaxed) {
            let now = live.snapshot().clone();
            if !Arc::ptr_eq(&old, &now) {
                assert!(!live.is_current(&old));
                old = now;
            }
        }
    });
}

#[test]
fn who_is_told_of_an_error_may_be_the_last_to_let_go_of_the_reader() {
    let world = world(&firms(4));
    let live = Arc::new(world.live());
    let (held, told) = std::sync::mpsc::channel();
    let weak = Arc::downgrade(&live);
    live.watch(move |_| {
        let last = weak.upgrade();
        held.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        // A panic on this thread would keep the word from being sent.
        drop(last);
        held.send(()).unwrap();
    });
    fs::remove_file(&world.index).unwrap();
    told.recv_timeout(Duration::from_secs(30)).unwrap();
    drop(live);
    told.recv_timeout(Duration::from_secs(30)).expect("its thread goes on");
}

#[test]
fn who_panics_when_told_of_an_error_can_have_the_watch_begun_anew() {
    let world = world(&firms(4));
    let live = world.live();
    let (held, told) = std::sync::mpsc::channel();
    live.watch(move |_| {
        held.send(()).unwrap();
        panic!("it is told");
    });
    fs::remove_file(&world.index).unwrap();
    told.recv_timeout(Duration::from_secs(30)).unwrap();
    write(&world.index, &firms(9));
    // What it was told of is told once more to who refreshes.
    waited(|| live.refresh().is_err());
    waited(|| {
        live.resume();
        shows(&live, 8)
    });
}

/// The registry, a copy of it, and a link that leads to one of them.
#[cfg(unix)]
struct Two {
    world: World,
    first: PathBuf,
    second: PathBuf,
    link: PathBuf,
}

#[cfg(unix)]
impl Two {
    fn new() -> Self {
        let world = world(&firms(200));
        let [first, second, link] =
            ["registry", "second", "link"].map(|name| world.dir.path().join(name));
        fs::create_dir(&second).unwrap();
        for file in fs::read_dir(&first).unwrap().map(|file| file.unwrap().path()) {
            fs::copy(&file, second.join(file.file_name().unwrap())).unwrap();
        }
        Self { world, first, second, link }
    }

    /// Has the link lead to one of the two, and never nowhere.
    fn turn(&self, to: &Path) {
        let new = self.world.dir.path().join("new-link");
        std::os::unix::fs::symlink(to, &new).unwrap();
        fs::rename(new, &self.link).unwrap();
    }

    fn live(&self, registry: &Path) -> Live {
        Live::open(&self.world.index, Some(Registry::open(registry, None).unwrap())).unwrap()
    }

    /// Records by a path while a reader of the first keeps it waiting, and turns the link meanwhile.
    fn record_while_it_turns(&self, by: &Path, to: &Path) -> firmtrie::live::Recorded {
        let (begin, begun) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel();
        let (may_go_on, slow) = (Mutex::new(may_go_on), Arc::new(AtomicBool::new(false)));
        let is_slow = Arc::clone(&slow);
        let open = move |path: &Path| {
            if is_slow.swap(false, Ordering::Relaxed) {
                begin.send(()).unwrap();
                may_go_on.lock().unwrap().recv().unwrap();
            }
            Index::open(path)
        };
        let registry = Registry::open(&self.first, None).unwrap();
        let busy = Live::open_with(&self.world.index, Some(registry), open).unwrap();
        slow.store(true, Ordering::Relaxed);
        write(&self.world.index, &firms(201));
        std::thread::scope(|scope| {
            scope.spawn(|| busy.refresh().unwrap());
            begun.recv().unwrap();
            let registry = Registry::open(by, None).unwrap();
            let recorded = scope.spawn(move || registry.record_live(objection(5), None).unwrap());
            // Long enough for it to wait for the busy one.
            std::thread::sleep(Duration::from_millis(300));
            self.turn(to);
            go_on.send(()).unwrap();
            recorded.join().unwrap()
        })
    }
}

#[cfg(unix)]
#[test]
fn an_entry_whose_link_is_turned_while_it_waits_is_told_to_those_who_follow_where_it_goes() {
    let two = Two::new();
    two.turn(&two.first);
    let other = two.live(&two.second);
    let recorded = two.record_while_it_turns(&two.link, &two.second);
    let registry = Registry::open(&two.second, None).unwrap();
    assert_eq!(registry.entries().unwrap(), [recorded.entry]);
    assert!(!shows(&other, 5), "it shows the firm in silence: {:?}", recorded.not_followed);
}

#[cfg(unix)]
#[test]
fn a_reader_whose_link_is_turned_to_where_an_entry_waits_follows_it() {
    let two = Two::new();
    two.turn(&two.second);
    let turned = two.live(&two.link);
    let recorded = two.record_while_it_turns(&two.first, &two.first);
    assert!(!shows(&turned, 5), "it shows the firm in silence: {:?}", recorded.not_followed);
}

#[cfg(unix)]
#[test]
fn a_reader_that_read_one_registry_and_now_follows_another_is_named() {
    let two = Two::new();
    two.turn(&two.first);
    let live = two.live(&two.link);
    Registry::open(&two.second, None).unwrap().record(objection(9)).unwrap();
    two.turn(&two.second);
    let recorded =
        Registry::open(&two.first, None).unwrap().record_live(objection(5), None).unwrap();
    let told: Vec<_> = recorded.not_followed.iter().map(|one| one.error.as_str()).collect();
    assert!(shows(&live, 5) && told.len() == 1 && told[0].contains("another registry"), "{told:?}");
}

#[cfg(unix)]
#[test]
fn however_a_link_turns_nobody_shows_in_silence_what_was_recorded() {
    let two = Two::new();
    two.turn(&two.first);
    let live = two.live(&two.link);
    let (stop, mut recorded) = (AtomicBool::new(false), 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for to in [&two.second, &two.first] {
                    two.turn(to);
                    std::thread::sleep(Duration::from_micros(700));
                }
            }
        });
        let silent = (0..200).filter(|firm| {
            let Ok(done) = live.record(objection(*firm)) else { return false };
            recorded += 1;
            shows(&live, *firm) && done.not_followed.is_empty()
        });
        let silent: Vec<_> = silent.collect();
        stop.store(true, Ordering::Relaxed);
        assert!(silent.is_empty(), "{silent:?}");
    });
    assert!(recorded > 0);
}
