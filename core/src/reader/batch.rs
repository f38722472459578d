//! Many addresses at once: answer numbers into a buffer of the caller's, without allocation.
//!
//! What is asked for may be all IPv4, all IPv6 or mixed. An IPv4-mapped IPv6 address is answered
//! as the IPv4 address, here as everywhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Index, View};
use crate::error::{Error, Result};
use crate::index::ids::AnswerId;
use crate::net::bits_of;

/// An address that [`Index::lookup_batch`] takes: [`IpAddr`], [`Ipv4Addr`] or [`Ipv6Addr`].
pub trait Address: Sealed {}

/// Mixed addresses are sorted by family in so many slots on the stack.
const MIXED: usize = 64;
/// IPv6 addresses are looked through for mapped ones while they are in the first-level cache.
const V6: usize = 512;
/// Addresses that are worth a thread's attention.
#[cfg(feature = "parallel")]
const PARALLEL: usize = 16 * 1024;

impl Index {
    /// The answer to each address, as [`Index::answer_id`] gives it, written at the same index of
    /// `answers`.
    ///
    /// Takes a third to two thirds of the time of as many single lookups, since the waits for
    /// memory overlap. Nothing is allocated.
    ///
    /// # Errors
    /// [`Error::Usage`] when there are not as many answers as addresses. [`Error::Damaged`] when
    /// the bytes on the way contradict each other; then what is in `answers` means nothing.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n2600::,2600::ff,64501,Other\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use std::net::{IpAddr, Ipv4Addr};
    ///
    /// use firmtrie::AnswerId;
    ///
    /// let visitors: Vec<IpAddr> = vec!["1.0.0.1".parse()?, "1.0.1.9".parse()?, "::1".parse()?];
    /// let mut answers = vec![AnswerId::NOBODY; visitors.len()];
    /// index.lookup_batch(&visitors, &mut answers)?;
    /// assert_eq!(answers[0], index.answer_id(visitors[0])?);
    /// assert_eq!((answers[0] == answers[1], answers[2]), (true, AnswerId::NOBODY));
    ///
    /// // Where all are of one family, its own type is faster.
    /// index.lookup_batch(&[Ipv4Addr::new(1, 0, 0, 1); 3], &mut answers)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lookup_batch<A: Address>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        View::all(self).lookup_batch(addresses, answers)
    }

    /// [`Index::lookup_batch`] on all threads of rayon's pool, for large inputs. Small ones are
    /// not handed to other threads.
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`].
    #[cfg(feature = "parallel")]
    pub fn par_lookup_batch<A: Address + Sync>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        View::all(self).par_lookup_batch(addresses, answers)
    }

    /// [`Index::lookup_batch`] that gives the lengths of the networks too, as
    /// [`Index::answer_id_and_length`] does: 0 to 32 bits, or 0 to 128 for IPv6. It is fastest where all
    /// addresses are of IPv4.
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`]; there are to be as many lengths.
    pub fn lookup_batch_with_lengths<A: Address>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        View::all(self).lookup_batch_with_lengths(addresses, answers, lengths)
    }
}

impl View<'_> {
    pub(crate) fn lookup_batch<A: Address>(
        self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        same_length(addresses.len(), answers.len())?;
        A::numbers(self.index, addresses, answers)?;
        if !self.hidden.any() {
            return Ok(());
        }
        for (address, id) in addresses.iter().zip(answers) {
            *id = self.shown_id(bits_of((*address).into()), *id)?;
        }
        Ok(())
    }

    pub(crate) fn lookup_batch_with_lengths<A: Address>(
        self,
        addresses: &[A],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        same_length(addresses.len(), answers.len())?;
        same_length(addresses.len(), lengths.len())?;
        A::numbers_and_lengths(self.index, addresses, answers, lengths)?;
        if !self.hidden.any() {
            return Ok(());
        }
        for ((address, id), length) in addresses.iter().zip(answers).zip(lengths) {
            (*id, *length) = self.told(bits_of((*address).into()), *id, *length)?;
        }
        Ok(())
    }

    #[cfg(feature = "parallel")]
    pub(super) fn par_lookup_batch<A: Address + Sync>(
        self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        use rayon::prelude::*;

        same_length(addresses.len(), answers.len())?;
        if addresses.len() < 2 * PARALLEL {
            return self.lookup_batch(addresses, answers);
        }
        addresses
            .par_chunks(PARALLEL)
            .zip(answers.par_chunks_mut(PARALLEL))
            .try_for_each(|(addresses, answers)| self.lookup_batch(addresses, answers))
    }
}

fn same_length(addresses: usize, answers: usize) -> Result<()> {
    if addresses == answers {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{addresses} addresses need as many slots for their answers, and there are {answers}"
    )))
}

impl Address for Ipv4Addr {}
impl Address for Ipv6Addr {}
impl Address for IpAddr {}

/// What an [`Address`] is known by inside this crate.
pub trait Sealed: Sized + Copy + Into<IpAddr> {
    /// Slices of the same length.
    fn numbers(index: &Index, addresses: &[Self], answers: &mut [AnswerId]) -> Result<()>;

    /// Slices of the same length.
    fn numbers_and_lengths(
        index: &Index,
        addresses: &[Self],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()>;
}

impl Sealed for Ipv4Addr {
    fn numbers(index: &Index, addresses: &[Self], answers: &mut [AnswerId]) -> Result<()> {
        index.trie().numbers(addresses, AnswerId::as_u32s_mut(answers))
    }

    fn numbers_and_lengths(
        index: &Index,
        addresses: &[Self],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        index.trie().numbers_and_lengths(addresses, AnswerId::as_u32s_mut(answers), lengths)
    }
}

impl Sealed for Ipv6Addr {
    fn numbers(index: &Index, addresses: &[Self], answers: &mut [AnswerId]) -> Result<()> {
        for (addresses, answers) in addresses.chunks(V6).zip(answers.chunks_mut(V6)) {
            index.intervals().numbers(addresses, AnswerId::as_u32s_mut(answers))?;
            for (answer, address) in answers.iter_mut().zip(addresses) {
                if let Some(mapped) = address.to_ipv4_mapped() {
                    *answer = AnswerId::new(index.trie().number(mapped.to_bits())?);
                }
            }
        }
        Ok(())
    }

    fn numbers_and_lengths(
        index: &Index,
        addresses: &[Self],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        let numbers = AnswerId::as_u32s_mut(answers);
        index.intervals().numbers_and_lengths(addresses, numbers, lengths)?;
        for ((address, answer), length) in addresses.iter().zip(answers).zip(lengths) {
            if let Some(mapped) = address.to_ipv4_mapped() {
                (*answer, *length) = index.answer_id_and_length(mapped.into())?;
            }
        }
        Ok(())
    }
}

impl Sealed for IpAddr {
    fn numbers(index: &Index, addresses: &[Self], answers: &mut [AnswerId]) -> Result<()> {
        for (addresses, answers) in addresses.chunks(MIXED).zip(answers.chunks_mut(MIXED)) {
            let (four, six) = families(addresses);
            let mut found = [0; MIXED];
            index.trie().numbers(four.addresses(), &mut found[..four.count])?;
            four.scatter(&AnswerId::from_slice(&found)[..four.count], answers);
            index.intervals().numbers(six.addresses(), &mut found[..six.count])?;
            six.scatter(&AnswerId::from_slice(&found)[..six.count], answers);
        }
        Ok(())
    }

    fn numbers_and_lengths(
        index: &Index,
        addresses: &[Self],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        let pieces = answers.chunks_mut(MIXED).zip(lengths.chunks_mut(MIXED));
        for (addresses, (answers, lengths)) in addresses.chunks(MIXED).zip(pieces) {
            let (four, six) = families(addresses);
            let (mut found, mut long) = ([0; MIXED], [0; MIXED]);
            let (numbers, here) = (&mut found[..four.count], &mut long[..four.count]);
            index.trie().numbers_and_lengths(four.addresses(), numbers, here)?;
            four.scatter(AnswerId::from_slice(numbers), answers);
            four.scatter(here, lengths);
            let (numbers, here) = (&mut found[..six.count], &mut long[..six.count]);
            index.intervals().numbers_and_lengths(six.addresses(), numbers, here)?;
            six.scatter(AnswerId::from_slice(numbers), answers);
            six.scatter(here, lengths);
        }
        Ok(())
    }
}

/// Up to [`MIXED`] addresses by their families, those that are IPv4-mapped with IPv4.
fn families(addresses: &[IpAddr]) -> (OneFamily<Ipv4Addr>, OneFamily<Ipv6Addr>) {
    let mut four = OneFamily::new(Ipv4Addr::UNSPECIFIED);
    let mut six = OneFamily::new(Ipv6Addr::UNSPECIFIED);
    for (row, address) in addresses.iter().enumerate() {
        match address.to_canonical() {
            IpAddr::V4(address) => four.push(row, address),
            IpAddr::V6(address) => six.push(row, address),
        }
    }
    (four, six)
}

/// The addresses of one family among mixed ones, and where they came from.
struct OneFamily<A> {
    addresses: [A; MIXED],
    rows: [u8; MIXED],
    count: usize,
}

impl<A: Copy> OneFamily<A> {
    fn new(filler: A) -> Self {
        Self { addresses: [filler; MIXED], rows: [0; MIXED], count: 0 }
    }

    fn push(&mut self, row: usize, address: A) {
        self.addresses[self.count] = address;
        self.rows[self.count] = row as u8;
        self.count += 1;
    }

    fn addresses(&self) -> &[A] {
        &self.addresses[..self.count]
    }

    /// Puts what was found of each where it came from.
    fn scatter<T: Copy>(&self, found: &[T], all: &mut [T]) {
        for (row, found) in self.rows.iter().zip(found) {
            all[usize::from(*row)] = *found;
        }
    }
}
