//! Databases of a made-up internet registry, of any size, with what is true of every address in them.
//!
//! Providers hold a /16 each; of one in five only the registry's statistics and its autonomous system tell.
//! Their customers lie in it, of any size and at any address: some are named by their object, some by an
//! organisation, and some by nobody, so that the provider is meant. Persons stand between them, as they do in
//! real databases, and the objects are spread over files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use firmtrie::builder::Policy;
use firmtrie::{Builder, Format, Index, Source};

/// First /16 of a provider: 20.0.0.0. Nothing up to 100.0.0.0 is of a special purpose.
const FIRST: u32 = 20 << 24;
const MOST_PROVIDERS: u32 = (100 - 20) << 8;
/// Bytes that a customer and the person beside it have, about.
const CUSTOMER: u64 = 640;

/// A range, and the number of the firm that is meant there.
struct Truth {
    first: u32,
    last: u32,
    firm: u32,
}

/// The files, and what is true.
pub struct Registers {
    files: Vec<PathBuf>,
    delegated: PathBuf,
    /// Providers by their number, then customers.
    providers: u32,
    customers: Vec<Truth>,
}

/// The name of a firm.
fn name(firm: u32) -> String {
    // Letters outside of ASCII, which half of the files write in Latin-1.
    format!("Z\u{f6}nlicht {firm} W\u{eb}rks B.V.")
}

impl Registers {
    /// Writes about so many bytes of objects into a folder.
    ///
    /// # Errors
    /// Those of writing files.
    pub fn write(folder: &Path, bytes: u64, seed: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut rng = Rng::with_seed(seed);
        let customers = (bytes / CUSTOMER).max(1);
        let providers = (customers / 160 + 5).min(MOST_PROVIDERS.into()) as u32;
        let paths: Vec<_> = (0..4).map(|at| folder.join(format!("ripe.db.{at}"))).collect();
        let mut files = Vec::new();
        for path in &paths {
            files.push(BufWriter::with_capacity(1 << 20, File::create(path)?));
        }
        let delegated = folder.join("delegated-extended");
        let mut statistics = BufWriter::new(File::create(&delegated)?);
        writeln!(statistics, "2|ripencc|20261101|{providers}|19830705|20261101|+0000")?;

        let (mut truths, mut firm) = (Vec::new(), providers);
        for provider in 0..providers {
            let block = FIRST + (provider << 16);
            let asn = 200_000 + provider;
            let (first, last) = (Ipv4Addr::from(block), Ipv4Addr::from(block | 0xffff));
            let mut put = |text: &str| put(&mut files, &mut rng, text);
            put(&format!(
                "organisation: ORG-P{provider}\norg-name: {}\ncountry: NL",
                name(provider)
            ))?;
            put(&format!("aut-num: AS{asn}\nas-name: PLOT-{provider}\norg: ORG-P{provider}"))?;
            put(&format!("route: {first}/16\norigin: AS{asn}"))?;
            writeln!(statistics, "ripencc|NL|asn|{asn}|1|20100101|allocated|{provider}")?;
            if provider % 5 == 0 {
                writeln!(statistics, "ripencc|NL|ipv4|{first}|65536|20100101|assigned|{provider}")?;
            } else {
                put(&format!(
                    "inetnum: {first} - {last}\nnetname: NL-PLOT-{provider}\norg: ORG-P{provider}"
                ))?;
            }
            let share = customers / u64::from(providers);
            let mut at = block;
            for _ in 0..share {
                let (gap, size) = (rng.u32(0..200), rng.u32(1..200));
                let (from, to) = (at + gap, at + gap + size - 1);
                if to > block | 0xffff {
                    break;
                }
                at = to + 1;
                let meant = customer(&mut files, &mut rng, (from, to), provider, firm)?;
                truths.push(Truth { first: from, last: to, firm: meant });
                firm += 1;
            }
        }
        Ok(Self { files: paths, delegated, providers, customers: truths })
    }

    /// Bytes of the objects.
    ///
    /// # Errors
    /// Those of asking for the size of a file.
    pub fn bytes(&self) -> io::Result<u64> {
        self.files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
    }

    /// What builds an index of the files, in this or the other order.
    #[must_use]
    pub fn builder(&self, reversed: bool) -> Builder {
        let mut files = self.files.clone();
        if reversed {
            files.reverse();
        }
        let objects = files.iter().fold(Source::new("ripe", Format::Rpsl), Source::path);
        let statistics = Source::new("nro", Format::Delegated).path(&self.delegated);
        let builder = Builder::new()
            .policy(Policy::strict().listed_kinds(false))
            .source(objects.basis("made up"));
        builder.source(statistics.basis("made up"))
    }

    /// Asks an index for the ends of every range and of every gap; gives how many addresses that were.
    ///
    /// # Panics
    /// If an answer is not true.
    #[must_use]
    pub fn check(&self, index: &Index) -> u64 {
        let (mut asked, mut customers) = (0, self.customers.iter().peekable());
        let mut is = |address: u32, firm: u32| {
            let address = Ipv4Addr::from(address);
            let hit = index.lookup(address.into()).unwrap();
            let hit = hit.unwrap_or_else(|| panic!("{} is at {address}", name(firm)));
            assert_eq!(hit.name().unwrap(), name(firm), "{address}");
            asked += 1;
        };
        for provider in 0..self.providers {
            let block = FIRST + (provider << 16);
            let mut at = block;
            while let Some(of) = customers.next_if(|of| of.first >> 16 == block >> 16) {
                if at < of.first {
                    is(at, provider);
                    is(of.first - 1, provider);
                }
                is(of.first, of.firm);
                is(of.last, of.firm);
                at = of.last + 1;
            }
            if at <= block | 0xffff {
                is(block | 0xffff, provider);
            }
        }
        asked
    }
}

/// Writes an object into one of the files, of which every other one has Latin-1.
fn put(files: &mut [BufWriter<File>], rng: &mut Rng, text: &str) -> io::Result<()> {
    let at = rng.usize(..files.len());
    if at.is_multiple_of(2) {
        return write!(files[at], "{text}\n\n");
    }
    let bytes: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    files[at].write_all(&bytes)?;
    files[at].write_all(b"\n\n")
}

/// Writes a customer's network and the person beside it; gives the firm that is meant there.
fn customer(
    files: &mut [BufWriter<File>],
    rng: &mut Rng,
    (first, last): (u32, u32),
    provider: u32,
    firm: u32,
) -> io::Result<u32> {
    let range = format!("{} - {}", Ipv4Addr::from(first), Ipv4Addr::from(last));
    let (named, meant) = match rng.u32(0..10) {
        0..=5 => {
            let street = format!("descr:          Street {firm}\n+               1000 AA");
            (format!("descr:          {}\n{street}", name(firm)), firm)
        }
        6 | 7 => {
            let organisation = format!("organisation: ORG-C{firm}\norg-name: {}", name(firm));
            put(files, rng, &organisation)?;
            (format!("descr:\norg:            ORG-C{firm}"), firm)
        }
        8 => ("descr:          Static IP".to_owned(), provider),
        _ => ("remarks:        none".to_owned(), provider),
    };
    let network = format!(
        "inetnum:        {range}\nnetname:        NL-C{firm}\n{named}\ncountry:        NL\n\
         admin-c:        C{firm}-RIPE\ntech-c:         C{firm}-RIPE\nstatus:         ASSIGNED PA\n\
         mnt-by:         P{provider}-MNT\ncreated:        2020-01-01T00:00:00Z\n\
         last-modified:  2020-01-01T00:00:00Z\nsource:         RIPE"
    );
    put(files, rng, &network)?;
    let person = format!(
        "person:         Some Body\naddress:        Street {firm}\naddress:        1000 AA  Amsterdam\n\
         phone:          +31000000000\nnic-hdl:        C{firm}-RIPE\nmnt-by:         P{provider}-MNT\n\
         created:        2020-01-01T00:00:00Z\nlast-modified:  2020-01-01T00:00:00Z\nsource:         RIPE"
    );
    put(files, rng, &person)?;
    Ok(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_right_whatever_the_order_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let registers = Registers::write(folder.path(), 4 << 20, 20_261_129).unwrap();
        let [one, other] =
            [false, true].map(|reversed| registers.builder(reversed).build().unwrap().0);
        let asked = registers.check(&Index::from_bytes(&one).unwrap());
        assert!(asked > 10_000, "{asked}");
        assert!(one == other, "the same index");
    }
}
