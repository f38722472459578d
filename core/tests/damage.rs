//! No file can make the reader panic: cut, changed or made up, it gives an error or an answer; and
//! where `verify` is content, an answer.
//!
//! `make campaign` runs a million seeds, the test alone 20,000. A failure names its seed.
#![cfg(feature = "build")]

use std::alloc::System;
use std::fmt::Write as _;
use std::io::Read;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use cap::Cap;
use firmtrie::builder::Manifest;
use firmtrie::net::IpNet;
use firmtrie::{AnswerId, CompanyId, Error, Index};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

/// Where the header's section table begins, and the length of a row: offset, length, checksum.
const TABLE: usize = 24;
const ROW: usize = 24;
/// Length of the header as it is written now.
const HEADER: usize = TABLE + ROW * 16 + 8;

/// How many sections the header of a file has, by the version it says it is of.
fn sections(file: &[u8]) -> usize {
    if file[8] == 2 { 14 } else { 16 }
}

/// Far above what the tests need for themselves, far below what a made-up count could ask for.
const MOST_MEMORY: usize = 256 << 20;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, MOST_MEMORY);

/// The index of the small world of the vectors: every section has something in it.
fn world() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/world/firmtrie.toml");
    Manifest::read(path).unwrap().builder.build().unwrap().0
}

static WORLD: LazyLock<Vec<u8>> = LazyLock::new(world);

/// Asks everything there is to ask; gives the first error.
fn ask_everything(index: &Index) -> Result<(), Error> {
    let probes = [
        "0.0.0.0",
        "8.1.0.1",
        "8.1.2.3",
        "8.1.2.10",
        "8.2.0.1",
        "8.2.3.4",
        "8.3.9.9",
        "9.0.0.1",
        "9.0.2.7",
        "9.0.2.8",
        "9.0.3.1",
        "255.255.255.255",
        "::",
        "2600::1",
        "2600:1::1",
        "2600:1:2:3::",
        "2600:1:2:4::4",
        "2600:1:2:4::5",
        "2600:1:2:4::a",
        "2600:2::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];
    let addresses = probes.map(|text| text.parse::<IpAddr>().unwrap());
    let mut answers = probes.map(|_| AnswerId::WITHHELD);
    index.lookup_batch(&addresses, &mut answers)?;
    index.answers_of(&answers).try_for_each(|answer| answer?.company().map(drop))?;
    for (address, answer) in addresses.into_iter().zip(answers) {
        assert_eq!(index.answer_id(address)?, answer);
        let class = index.classify(address)?;
        serde_json::to_string(&index.describe(address)?).unwrap();
        if let Some(hit) = index.lookup(address)? {
            // Found from the place where the search ended, and by another search.
            assert_eq!(
                (hit.network()?, Some(hit.kind()?), hit.asn()?),
                (class.network, class.kind, class.asn)
            );
            assert_eq!(hit.answer()?.company_id(), Some(hit.company_id()?));
            let _ = (hit.confidence()?, hit.sources()?);
            let _ = format!("{:?}", hit.company()?);
        }
        index.networks_in(IpNet::new(address, 24).unwrap())?.take(1_000).try_for_each(drop_ok)?;
    }
    for network in index.networks() {
        network?.describe()?;
    }
    for company in index.companies() {
        let (id, record) = company?;
        let _ = format!("{record:?} {}", record.fact_sources().count());
        // The second time it is not checked again.
        let _ = format!("{:?}", index.company(id)?);
    }
    index.networks_of(&[CompanyId::new(1)])?.try_for_each(drop_ok)?;
    index.networks_of_asn(64501)?.try_for_each(drop_ok)?;
    index.info().map(drop)
}

fn drop_ok<T>(item: Result<T, Error>) -> Result<(), Error> {
    item.map(drop)
}

#[test]
fn a_sound_index_has_no_errors() {
    let index = Index::from_bytes(&WORLD).unwrap();
    assert!(index.verify().is_empty());
    ask_everything(&index).unwrap();
    for number in [0, index.company_count() as u32 + 1, u32::MAX] {
        assert!(index.company(CompanyId::new(number)).is_err());
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = &*WORLD;
    (0..whole.len()).into_par_iter().for_each(|length| {
        assert!(Index::from_bytes(&whole[..length]).is_err(), "{length}");
    });
}

#[test]
fn every_changed_bit_of_header_and_section_table_is_refused() {
    let whole = &*WORLD;
    (0..8 * HEADER).into_par_iter().for_each(|bit| {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(Index::from_bytes(&changed).is_err(), "bit {bit}");
        // The same under right checksums: then it may open, and must not panic.
        reseal(&mut changed);
        let _ = Index::from_bytes(&changed).map(|index| ask_and_verify(&index, bit as u64));
    });
}

/// The same world as an index of format 2.
fn golden() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/format-2.firm.gz");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Makes all checksums right again.
fn reseal(file: &mut [u8]) {
    let sections = sections(file);
    let header = TABLE + ROW * sections + 8;
    for section in 0..sections {
        if let Some(range) = section_range(file, section) {
            let checksum = xxh3_64(&file[range]);
            let at = TABLE + ROW * section + 16;
            file[at..at + 8].copy_from_slice(&checksum.to_le_bytes());
        }
    }
    let checksum = xxh3_64(&file[..header - 8]);
    file[header - 8..header].copy_from_slice(&checksum.to_le_bytes());
}

/// Where a section lies, if that is inside the file.
fn section_range(file: &[u8], section: usize) -> Option<Range<usize>> {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
    let start = number(TABLE + ROW * section);
    let end = start.checked_add(number(TABLE + ROW * section + 8))?;
    let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
    file.get(range.clone()).map(|_| range)
}

/// Where the section of a name lies.
fn section(file: &[u8], named: &str) -> Range<usize> {
    let index = Index::from_bytes(file).unwrap();
    let number = index.sections().position(|(name, _)| name == named).unwrap();
    section_range(file, number).unwrap()
}

/// Where `verify` finds nothing, nothing errs. Has it found something?
fn ask_and_verify(index: &Index, seed: u64) -> bool {
    let (errors, asked) = (index.verify(), ask_everything(index));
    assert!(!errors.is_empty() || asked.is_ok(), "seed {seed}: {:?}", asked.unwrap_err());
    !errors.is_empty()
}

/// What a seed makes of an index.
fn damaged(whole: &[u8], rng: &mut TestRng) -> Vec<u8> {
    let mut file = whole.to_vec();
    let mut below = |limit: usize| (rng.next_u64() % limit.max(1) as u64) as usize;
    let place = |below: &mut dyn FnMut(usize) -> usize, file: &[u8]| {
        // Any section as often as another; in the trie, behind its root as often as in it.
        let range = section_range(file, below(sections(file))).unwrap();
        let root = 4 << 16;
        let from =
            if range.len() > root + 4 && below(2) == 0 { range.start + root } else { range.start };
        from + below(range.end - from)
    };
    for _ in 0..=below(4) {
        let at = place(&mut below, &file).min(file.len() - 1);
        match below(5) {
            0 => file[at] ^= 1 << below(8),
            1 => file[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)],
            2 => {
                // A number that is aligned, and tells of something near its limits.
                let at = at & !3;
                let near = [0_u32, 1, 2, 3, 1 << 31, (1 << 31) + 1, u32::MAX, 1 << 16, 40_000];
                let number = near[below(near.len())].wrapping_add(below(3) as u32);
                file[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            3 => {
                let end = (at + below(64)).min(file.len());
                file[at..end].iter_mut().for_each(|byte| *byte = below(256) as u8);
            }
            _ => {
                // A piece of one place at another.
                let from = place(&mut below, &file);
                let length = below(256).min(file.len() - at.max(from));
                file.copy_within(from..from + length, at);
            }
        }
    }
    if below(8) == 0 {
        // Two sections change places in the table.
        let (a, b) = (below(sections(&file)), below(sections(&file)));
        for at in 0..ROW {
            file.swap(TABLE + ROW * a + at, TABLE + ROW * b + at);
        }
    }
    file
}

#[test]
fn damage_is_named_by_verify_and_never_a_panic() {
    let count = std::env::var("FIRMTRIE_CAMPAIGN").map_or(20_000, |count| count.parse().unwrap());
    let (now, of_format_2) = (&*WORLD, golden());
    let opened = AtomicU64::new(0);
    (0..count).into_par_iter().for_each(|seed: u64| {
        let whole = if seed.is_multiple_of(4) { &of_format_2 } else { now };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut file = damaged(whole, &mut rng);
        if let Ok(index) = Index::from_bytes(&file) {
            let noticed = ask_and_verify(&index, seed);
            assert!(file == *whole || noticed, "seed {seed}: unnoticed");
        }
        reseal(&mut file);
        if let Ok(index) = Index::from_bytes(&file) {
            opened.fetch_add(1, Ordering::Relaxed);
            ask_and_verify(&index, seed);
        }
    });
    // Behind right checksums most damage gets past the header.
    assert!(opened.load(Ordering::Relaxed) > count / 2);
}

proptest! {
    #[test]
    fn bytes_that_are_no_index_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert!(Index::from_bytes(&bytes).is_err());
        // The magic and the number of the format, as they are written now.
        let begin = &WORLD[..12];
        let said = Index::from_bytes(&[begin, &bytes].concat()).unwrap_err().to_string();
        prop_assert!(!said.contains("format"), "{}", said);
        // A header of anything under the right checksum and length may open, and must not panic.
        let mut whole = [begin, &bytes, &[0; HEADER]].concat();
        let length = whole.len() as u64;
        whole[16..24].copy_from_slice(&length.to_le_bytes());
        reseal(&mut whole);
        let opened = Index::from_bytes(&whole);
        prop_assert!(!opened.as_ref().is_err_and(|error| error.to_string().contains("checksum")));
        let _ = opened.map(|index| ask_and_verify(&index, 0));
    }
}

#[test]
fn a_number_that_no_file_has_is_damage_and_never_an_answer() {
    let lists = section(&WORLD, "IntervalLists");
    let inside: IpAddr = "2600:1:2:4::5".parse().unwrap();
    // That of what is withheld, which is answered where nothing is in the file, and others too large.
    for number in [u32::MAX.into(), u64::MAX, 1 << 31, (1 << 31) - 1] {
        let mut file = WORLD.clone();
        let (length, pairs) = file[lists.clone()].split_at_mut(8);
        let count = u64::from_le_bytes((&*length).try_into().unwrap()) as usize;
        for pair in pairs.chunks_mut(16).take(count) {
            pair[8..].copy_from_slice(&u64::to_le_bytes(number));
        }
        reseal(&mut file);
        let index = Index::from_bytes(&file).unwrap();
        assert!(!index.verify().is_empty(), "{number}");
        assert!(index.classify(inside).is_err() && index.describe(inside).is_err(), "{number}");
        assert!(index.lookup(inside).is_err(), "{number}");
        let id = index.answer_id(inside).unwrap();
        assert!(index.answer(id).is_err() && !index.names_company(id), "{number}");
        let mut snapshot = firmtrie::Snapshot::new(index);
        snapshot.hide_prefix("192.0.2.0/24".parse().unwrap());
        assert!(snapshot.classify(inside).is_err() && snapshot.answer_id(inside).is_err());
    }
}

/// The index of two files, by a policy that leaves nobody out.
fn built(path: &Path, companies: &str, networks: &str) -> Vec<u8> {
    let source = |name: &str, format, rows: &str| {
        let path = path.join(name.to_owned() + ".csv");
        std::fs::write(&path, rows).unwrap();
        firmtrie::Source::new(name, format).path(path)
    };
    let builder = firmtrie::Builder::new()
        .policy(firmtrie::builder::Policy::open())
        .source(source("companies", firmtrie::Format::Companies, companies))
        .source(source("networks", firmtrie::Format::Networks, networks));
    builder.build().unwrap().0
}

/// A company with one long text and many short ones, all of which are made to be the long one.
fn same_value_often(long: usize, often: usize, path: &Path) -> Vec<u8> {
    let domains: Vec<_> = (0..often).map(|n| format!("d{n}.example")).collect();
    let text = "x".repeat(long);
    let companies = format!("key,name,domain,street\na,Alpha,{},{text}\n", domains.join(" "));
    let mut file = built(path, &companies, "network,company\n11.0.0.0/16,a\n");
    let fact = |file: &[u8], at: usize, field: firmtrie::Field| {
        file[at..at + 2] == (field as u16).to_le_bytes() && file[at + 2..at + 4] == [0, 0]
    };
    // Facts are eight bytes each: field, source, value. The domains come one behind the other.
    let is_run = |at: &usize| (0..often).all(|n| fact(&file, at + 8 * n, firmtrie::Field::Domain));
    let first = (0..file.len() - 8 * often - 8).find(is_run).expect("there are domains");
    let street = first + 8 * often;
    assert!(fact(&file, street, firmtrie::Field::Street));
    let value: [u8; 4] = file[street + 4..street + 8].try_into().unwrap();
    for n in 0..often {
        file[first + 8 * n + 4..first + 8 * n + 8].copy_from_slice(&value);
    }
    reseal(&mut file);
    file
}

#[test]
fn a_record_that_says_a_long_thing_very_often_is_damaged_and_takes_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let file = same_value_often(300_000, 30_000, dir.path());
    let index = Index::from_bytes(&file).unwrap();
    let address = "11.0.0.1".parse().unwrap();
    // Each text is looked at once, or this takes a minute.
    for _ in 0..100 {
        let said = index.lookup(address).unwrap().unwrap().company().unwrap_err().to_string();
        assert!(said.contains("the same value twice"), "{said}");
    }
    assert!(
        index.verify().iter().any(|damage| damage.to_string().contains("the same value twice"))
    );
    assert!(Index::from_bytes(&same_value_often(20, 100, dir.path())).is_ok());
}

/// Bytes of an entry of [`many_companies`]: its list of facts, the length of its name, and the name.
const ENTRY: usize = 4 + 1 + 6;

/// Companies that each have a list of facts, of which the last is long; and where their entries and the ends
/// of their lists are.
fn many_companies(companies: usize, path: &Path) -> (Vec<u8>, Range<usize>, Range<usize>) {
    let (mut rows, mut networks) = ("key,name,domain\n".to_owned(), "network,company\n".to_owned());
    for n in 0..companies {
        let several = if n + 1 == companies { 10_000 } else { 1 };
        let domains: Vec<_> = (0..several).map(|of| format!("d{n}-{of}.example")).collect();
        writeln!(rows, "{n},c{n:05},{}", domains.join(" ")).unwrap();
        writeln!(networks, "11.{}.{}.0/24,{n}", n / 256, n % 256).unwrap();
    }
    let file = built(path, &rows, &networks);
    let (entries, ends) = (section(&file, "Companies"), section(&file, "FactEnds"));
    assert_eq!((entries.len(), ends.len()), (ENTRY * companies, 4 * companies));
    (file, entries, ends)
}

/// The lists are made to be the last one.
fn lists_in_the_same_bytes(companies: usize, path: &Path) -> Vec<u8> {
    let (mut file, entries, ends) = many_companies(companies, path);
    let whole = file[ends.end - 4..ends.end].to_vec();
    for n in 0..companies {
        // Every second list begins at the end of the one before, which is 0, and is all there is.
        let (at, end) = (entries.start + ENTRY * n, ends.start + 4 * n);
        file[at..at + 4].copy_from_slice(&(n as u32 | 1).to_le_bytes());
        file[end..end + 4].copy_from_slice(if n % 2 == 1 { &whole } else { &[0; 4] });
    }
    reseal(&mut file);
    file
}

#[test]
fn lists_that_lie_in_the_same_bytes_are_damage_and_take_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let file = lists_in_the_same_bytes(20_000, dir.path());
    let index = Index::from_bytes(&file).unwrap();
    assert_eq!(index.company(CompanyId::new(7)).unwrap().facts().count(), 10_001);
    let named = |said: &str| said.contains("Facts") && said.contains("ends before it begins");
    assert!(index.verify().iter().any(|damage| named(&damage.to_string())));
    #[cfg(feature = "live")]
    {
        let path = dir.path().join("index.firm");
        std::fs::write(&path, file).unwrap();
        let registry = firmtrie::registry::Registry::create(dir.path(), None).unwrap();
        let error = firmtrie::live::Live::open(path, Some(registry)).unwrap_err().to_string();
        assert!(named(&error), "{error}");
    }
}

#[test]
#[cfg(feature = "live")]
fn a_long_list_that_very_many_share_is_read_once() {
    use firmtrie::live::Live;
    use firmtrie::registry::{Identifier, Registry, Request, Right};
    let dir = tempfile::tempdir().unwrap();
    let companies = 20_000;
    let (mut file, entries, _) = many_companies(companies, dir.path());
    for entry in file[entries].chunks_exact_mut(ENTRY) {
        entry[..4].copy_from_slice(&(companies as u32 - 1).to_le_bytes());
    }
    reseal(&mut file);
    assert_eq!(Index::from_bytes(&file).unwrap().verify().len(), 0);
    let path = dir.path().join("index.firm");
    std::fs::write(&path, file).unwrap();
    let registry = Registry::create(dir.path(), None).unwrap();
    let live = Live::open(path, Some(registry)).unwrap();
    let shown = |firm: usize| {
        let address = std::net::Ipv4Addr::new(11, (firm / 256) as u8, (firm % 256) as u8, 9);
        live.snapshot().lookup(address.into()).unwrap().is_some()
    };
    // By its name one is out, and nobody else for a domain that very many have; by a domain all are.
    let record = |by: Identifier| live.record(Request::new(Right::Objection).by(by)).unwrap();
    record(Identifier::name("c00007", None, None).unwrap());
    assert!(!shown(7) && shown(8));
    record(Identifier::domain("d19999-7.example").unwrap());
    assert!(!shown(8) && !shown(9_999));
}

#[test]
fn an_answer_that_leads_to_the_entry_of_another_company_is_damage_and_never_its_name() {
    let offsets = section(&WORLD, "AnswerOffsets");
    let addresses = ["8.7.0.1", "8.100.0.1", "8.1.0.1"].map(|text| text.parse::<IpAddr>().unwrap());
    let index = Index::from_bytes(&WORLD).unwrap();
    let ids = addresses.map(|address| index.answer_id(address).unwrap());
    let at = |id: AnswerId| offsets.start + 4 * id.get() as usize;
    let names = |index: &Index, id| {
        let of = index.names_of(&[id]).next().unwrap().map(|name| name.map(str::to_owned));
        let company = index.answer(id).unwrap().company();
        assert_eq!(of.is_ok(), company.is_ok());
        of.ok().flatten()
    };
    for (own, other) in [(0, 1), (1, 2), (2, 0)] {
        let mut file = WORLD.clone();
        file.copy_within(at(ids[other])..at(ids[other]) + 4, at(ids[own]));
        reseal(&mut file);
        let damaged = Index::from_bytes(&file).unwrap();
        assert!(!damaged.verify().is_empty());
        // Asked twice: what is wrong is not taken for checked.
        for _ in 0..2 {
            assert_eq!(names(&damaged, ids[own]), None);
            let hit = damaged.lookup(addresses[own]).unwrap().unwrap();
            assert!(hit.name().is_err() && hit.company().is_err());
        }
        assert_eq!(names(&damaged, ids[other]), names(&index, ids[other]));
    }
}

#[test]
fn an_answer_of_its_own_for_mapped_addresses_is_damage_and_in_no_list() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = built(dir.path(), "key,name\na,A B.V.\n", "network,company\n::/0,a\n");
    // A list has pairs of a lower half and an answer: the mapped block begins one, of nobody.
    let mapped = (0xffff_u64 << 32).to_le_bytes();
    let mut words = section(&file, "IntervalLists").step_by(8);
    let at = words.find(|at| file[*at..*at + 8] == mapped).unwrap();
    file[at + 8..at + 16].copy_from_slice(&1_u64.to_le_bytes());
    reseal(&mut file);
    let mut snapshot = firmtrie::Snapshot::new(Index::from_bytes(&file).unwrap());
    assert!(!snapshot.index().verify().is_empty());
    assert!(snapshot.networks().any(|network| network.is_err()));
    snapshot.hide_prefix("198.18.0.0/15".parse().unwrap());
    assert!(snapshot.networks().any(|network| network.is_err()));
}

#[test]
fn a_table_that_leads_all_companies_to_one_entry_takes_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(100_000);
    let named = |n: u32| format!("k{n},{}\n", if n == 15 { &long } else { "y" });
    let companies: Vec<_> = (0..4_000).map(named).collect();
    let networks: Vec<_> =
        (0..4_000).map(|n| format!("11.{}.{}.0/24,k{n}\n", n / 256, n % 256)).collect();
    let companies = format!("key,name\n{}", companies.concat());
    let networks = format!("network,company\n{}", networks.concat());
    let mut file = built(dir.path(), &companies, &networks);
    let offsets = section(&file, "CompanyOffsets");
    file[offsets.start + 4..offsets.end].fill(0);
    reseal(&mut file);
    let index = Index::from_bytes(&file).unwrap();
    assert!(!index.verify().is_empty());
    assert!(index.companies_called("z").is_err());
    // No more follow an error.
    assert!(index.companies().filter(Result::is_err).count() <= 1);
}

#[test]
fn a_mask_that_is_answered_as_nobody_is_damage() {
    let mut file = WORLD.clone();
    let details = section(&file, "Details");
    let mut changed = 0;
    for row in file[details].chunks_exact_mut(12) {
        // The status, behind two halves of the sources and the kind.
        if row[9] > 1 {
            row[9] = 0;
            changed += 1;
        }
    }
    assert!(changed > 0);
    reseal(&mut file);
    assert!(!Index::from_bytes(&file).unwrap().verify().is_empty());
}

#[test]
fn what_a_later_version_says_is_left_out_and_a_second_name_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (mut file, _, ends) = many_companies(4, dir.path());
    let facts = section(&file, "Facts");
    let last = CompanyId::new(4);
    let known = Index::from_bytes(&file).unwrap().company(last).unwrap().facts().count();
    // The list's facts lie where the list before it ends: each eight bytes, the field first.
    let third = file[ends][8..12].try_into().unwrap();
    let first = facts.start + u32::from_le_bytes(third) as usize;
    let mut with_field = |at: usize, field: u16| {
        file[first + 8 * at..][..2].copy_from_slice(&field.to_le_bytes());
        reseal(&mut file);
        Index::from_bytes(&file).unwrap()
    };
    with_field(known - 2, 1_000);
    let index = with_field(known - 3, 1_000);
    assert_eq!(index.verify().len(), 0);
    assert_eq!(index.company(last).unwrap().facts().count(), known - 2);
    let error = with_field(0, firmtrie::Field::Name as u16).company(last).unwrap_err().to_string();
    assert!(error.contains("a name is among"), "{error}");
}
