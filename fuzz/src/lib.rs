//! What the fuzzer runs: each function takes any bytes, and must neither panic nor take long.
//!
//! `make fuzz` runs them with inputs that it makes up, `make test` with the seeds.

use std::fs;
use std::net::IpAddr;
use std::sync::LazyLock;

use firmtrie::client::TrustedProxies;
use firmtrie::{AnswerId, Builder, CompanyId, Error, Format, Index, Source};
use xxhash_rust::xxh3::xxh3_64;

/// Length of the header, and where its table of sections lies.
const HEADER: usize = 24 + 24 * SECTIONS + 8;
const TABLE: usize = 24;
const SECTIONS: usize = 16;
/// The words of the trie's root, most of the file, say little about what comes behind.
const ROOT: usize = 4 << 16;

/// An index that fits into a cache but for the trie's root.
static INDEX: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let rows = "1.0.0.0,1.0.0.255,1,One\n1.0.0.7,1.0.0.9,2,Two\n2.0.0.0,3.255.255.255,2,Two\n\
                2600::,2600:ffff:ffff:ffff:ffff:ffff:ffff:ffff,1,One\n2600::5,2600::9,2,Two\n";
    build(Format::AsnCsv, rows.as_bytes()).expect("these rows are good")
});

fn build(format: Format, content: &[u8]) -> Result<Vec<u8>, Error> {
    let file = tempfile::NamedTempFile::new().expect("there is room for a small file");
    fs::write(file.path(), content).expect("there is room for a small file");
    let source = Source::new("source", format).path(file.path());
    Builder::new().source(source).skip_bad_rows(true).build().map(|(bytes, _)| bytes)
}

/// An index with changes: each is a place of two bytes, in a section, and what is put there.
///
/// The first byte says whether the checksums are made right again.
pub fn index(data: &[u8]) {
    let Some((mode, changes)) = data.split_first() else { return };
    let mut file = INDEX.clone();
    for change in changes.as_chunks::<8>().0 {
        let [section, high, low, how, bytes @ ..] = *change;
        let place = usize::from(u16::from_be_bytes([high, low]));
        let section = usize::from(section) % (SECTIONS + 1);
        let start = match section {
            SECTIONS => 0,
            _ => number(&file, TABLE + 24 * section).min(file.len()),
        };
        let at = if how & 1 == 0 { start + place } else { start + ROOT + place };
        for (offset, byte) in bytes.into_iter().take(1 + usize::from(how >> 1) % 4).enumerate() {
            if let Some(target) = file.get_mut(at + offset) {
                *target = byte;
            }
        }
    }
    if mode & 1 == 1 {
        reseal(&mut file);
    }
    let Ok(index) = Index::from_bytes(&file) else { return };
    let (errors, asked) = (index.verify(), ask(&index));
    assert!(!errors.is_empty() || asked.is_ok(), "verify is content, but {asked:?}");
}

fn number(file: &[u8], at: usize) -> usize {
    let bytes = file.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(usize::MAX, |bytes| u64::from_le_bytes(*bytes) as usize)
}

fn reseal(file: &mut [u8]) {
    for section in 0..SECTIONS {
        let row = TABLE + 24 * section;
        let start = number(file, row);
        let end = start.saturating_add(number(file, row + 8));
        if let Some(bytes) = file.get(start..end) {
            let checksum = xxh3_64(bytes).to_le_bytes();
            file[row + 16..row + 24].copy_from_slice(&checksum);
        }
    }
    let checksum = xxh3_64(&file[..HEADER - 8]).to_le_bytes();
    file[HEADER - 8..HEADER].copy_from_slice(&checksum);
}

fn ask(index: &Index) -> Result<(), Error> {
    let texts = ["0.0.0.0", "1.0.0.8", "2.1.0.0", "255.255.255.255", "::", "2600::7", "2601::"];
    let addresses = texts.map(|text| text.parse::<IpAddr>().expect("it is an address"));
    index.lookup_batch(&addresses, &mut [AnswerId::NOBODY; 7])?;
    for address in addresses {
        index.answer_id(address)?;
        index.describe(address)?;
        if let Some(hit) = index.lookup(address)? {
            hit.network()?;
            hit.answer()?;
        }
        index.networks_in(address.into())?.try_for_each(|network| network.map(drop))?;
    }
    index.networks().try_for_each(|network| network?.describe().map(drop))?;
    index.companies().try_for_each(|company| company.map(drop))?;
    index.networks_of(&[CompanyId::new(1)])?.try_for_each(|network| network.map(drop))?;
    index.info().map(drop)
}

/// A file of format `asn-csv`. What it builds is sound.
pub fn asn_csv(data: &[u8]) {
    if let Ok(bytes) = build(Format::AsnCsv, data) {
        sound(&bytes);
    }
}

/// A file of one of our own formats, as its first byte says. What it builds is sound.
pub fn own_formats(data: &[u8]) {
    let Some((format, content)) = data.split_first() else { return };
    let formats = [Format::Networks, Format::Companies, Format::Contacts, Format::AsnKinds];
    if let Ok(bytes) = build(formats[usize::from(*format) % formats.len()], content) {
        sound(&bytes);
    }
    let file = tempfile::NamedTempFile::new().expect("there is room for a small file");
    fs::write(file.path(), content).expect("there is room for a small file");
    let _ = Format::detect(file.path());
}

/// A file of a registry, of the format that its first byte says. What it builds is sound.
pub fn registers(data: &[u8]) {
    let Some((format, content)) = data.split_first() else { return };
    let formats =
        [Format::Rpsl, Format::ArinBulk, Format::Rwhois, Format::Delegated, Format::Geofeed];
    if let Ok(bytes) = build(formats[usize::from(*format) % formats.len()], content) {
        sound(&bytes);
    }
}

fn sound(bytes: &[u8]) {
    let index = Index::from_bytes(bytes).expect("it was just built");
    let errors = index.verify();
    assert!(errors.is_empty(), "{errors:?}");
    ask(&index).expect("it is sound");
}

/// The values of `Forwarded` and of `X-Forwarded-For`, a line each.
pub fn client(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let peer = "10.0.0.1".parse().expect("it is an address");
    let values: Vec<_> = text.lines().collect();
    for header in ["X-Forwarded-For", "Forwarded", "CF-Connecting-IP"] {
        let proxies = TrustedProxies::new(["10.0.0.0/8", "::1"]).expect("they are prefixes");
        let proxies = proxies.writing(header.parse().expect("it is one of them"));
        let visitor = proxies.client(peer, values.iter().copied());
        let told = values.iter().any(|value| !value.trim().is_empty());
        assert!(told || visitor == Some(peer));
    }
}
