//! Networks, numbered in the order in which they are first met, and their texts.
//!
//! An IPv4 network is one number of 33 bits: a one, and behind it the bits of its prefix. A slot of
//! the hash table holds it above its 31-bit number, so that finding one touches one word of memory,
//! which is asked for before it is needed. There are far fewer of IPv6; a map of the standard
//! library's kind numbers those.

use std::net::{Ipv4Addr, Ipv6Addr};

use arrow_array::StringArray;
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use rustc_hash::FxHashMap;

use crate::cpu::prefetch;
use crate::error::{Error, Result};

/// In place of a length: this address has no network here.
pub const SKIPPED: u8 = u8::MAX;

/// Bits of a network's number: as many as a key of an Arrow dictionary has.
const NUMBER: u32 = 31;
/// Slots beyond which room is made for twice as much, and not eight times: 1 MB.
const LARGE: usize = 1 << 17;
/// Slots are asked for so many addresses ahead.
const AHEAD: usize = 32;
/// 2^64 divided by the golden ratio: multiplied by it, neighbours come to lie far apart (Knuth, The
/// Art of Computer Programming 3, section 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Networks and their numbers, which count from 0.
pub struct Numbering {
    /// A power of two of them, at most half in use; an empty one is 0.
    slots: Vec<u64>,
    v6: FxHashMap<(u128, u8), u32>,
    count: u32,
}

/// Networks in the order of their numbers.
struct Ordered {
    /// Those of IPv4; 0 for one of IPv6.
    v4: Vec<u64>,
    /// Those of IPv6 with their numbers, ascending.
    v6: Vec<(u32, (u128, u8))>,
}

impl Numbering {
    pub fn new() -> Self {
        Self { slots: vec![0; 1 << 12], v6: FxHashMap::default(), count: 0 }
    }

    /// Writes the number of each address's network at the same index of `numbers`; where the
    /// length is [`SKIPPED`] what is there stays.
    pub fn v4(
        &mut self,
        addresses: &[Ipv4Addr],
        lengths: &[u8],
        numbers: &mut [u32],
    ) -> Result<()> {
        self.make_room(addresses.len())?;
        let network = |at: usize| {
            let (address, length) = (addresses.get(at)?, lengths.get(at)?);
            (*length != SKIPPED).then(|| packed(address.to_bits(), *length))
        };
        for at in 0..AHEAD {
            network(at).inspect(|net| self.ask_for(*net));
        }
        for (at, number) in numbers.iter_mut().enumerate() {
            network(at + AHEAD).inspect(|net| self.ask_for(*net));
            if let Some(net) = network(at) {
                *number = self.number(net);
            }
        }
        Ok(())
    }

    /// The number of an IPv6 network, by any of its addresses.
    pub fn v6(&mut self, address: u128, length: u8) -> Result<u32> {
        let first = address & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
        as_i32("networks", self.count as usize + 1)?;
        let next = self.count;
        let number = *self.v6.entry((first, length)).or_insert(next);
        self.count += u32::from(number == next);
        Ok(number)
    }

    /// Numbers the networks of another numbering behind the own ones, in their order; gives the new
    /// number of each.
    pub fn absorb(&mut self, other: Self) -> Result<Vec<u32>> {
        let Ordered { v4, v6 } = other.ordered();
        let mut v6 = v6.into_iter();
        self.make_room(v4.len())?;
        for net in v4.iter().take(AHEAD) {
            self.ask_for(*net);
        }
        let numbered = v4.iter().enumerate().map(|(at, net)| {
            if let Some(net) = v4.get(at + AHEAD) {
                self.ask_for(*net);
            }
            if *net != 0 {
                return Ok(self.number(*net));
            }
            v6.next().map_or(Ok(0), |(_, (address, length))| self.v6(address, length))
        });
        numbered.collect()
    }

    /// The texts of the networks, in the order of their numbers.
    pub fn texts(self) -> Result<StringArray> {
        let Ordered { v4, v6 } = self.ordered();
        let mut v6 = v6.into_iter();
        let (mut ends, mut text) = (Vec::with_capacity(v4.len() + 1), Vec::new());
        text.reserve(16 * v4.len());
        ends.push(0);
        for net in v4 {
            if net != 0 {
                push_v4(&mut text, net);
            } else if let Some((_, (address, length))) = v6.next() {
                let prefix = format!("{}/{length}", Ipv6Addr::from_bits(address));
                text.extend_from_slice(prefix.as_bytes());
            }
            ends.push(as_i32("bytes of networks", text.len())?);
        }
        text.shrink_to_fit();
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        StringArray::try_new(ends, Buffer::from_vec(text), None)
            .map_err(|error| Error::Usage(error.to_string()))
    }

    fn ordered(self) -> Ordered {
        let mut v4 = vec![0; self.count as usize];
        for slot in self.slots {
            if slot != 0 {
                v4[(slot & ((1 << NUMBER) - 1)) as usize] = slot >> NUMBER;
            }
        }
        let mut v6: Vec<_> = self.v6.into_iter().map(|(net, number)| (number, net)).collect();
        v6.sort_unstable();
        Ordered { v4, v6 }
    }

    /// Of a network that there is room for.
    #[inline(always)]
    fn number(&mut self, net: u64) -> u32 {
        let mut at = self.slot(net);
        loop {
            let slot = self.slots[at];
            if slot >> NUMBER == net {
                return (slot & ((1 << NUMBER) - 1)) as u32;
            }
            if slot == 0 {
                self.slots[at] = net << NUMBER | u64::from(self.count);
                self.count += 1;
                return self.count - 1;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    #[inline(always)]
    fn slot(&self, net: u64) -> usize {
        (net.wrapping_mul(SPREAD) >> (64 - self.slots.len().ilog2())) as usize
    }

    #[inline(always)]
    fn ask_for(&self, net: u64) {
        prefetch(&self.slots, self.slot(net));
    }

    /// For so many more networks.
    fn make_room(&mut self, more: usize) -> Result<()> {
        let wanted = self.count as usize + more;
        as_i32("networks", wanted)?;
        if 2 * wanted > self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            let times = if old.len() < LARGE { 8 } else { 2 };
            self.slots = vec![0; (times * wanted).next_power_of_two()];
            for slot in old {
                if slot != 0 {
                    let mut at = self.slot(slot >> NUMBER);
                    while self.slots[at] != 0 {
                        at = (at + 1) & (self.slots.len() - 1);
                    }
                    self.slots[at] = slot;
                }
            }
        }
        Ok(())
    }
}

/// A one and the bits of the prefix.
#[inline(always)]
const fn packed(address: u32, length: u8) -> u64 {
    (1 << 32 | address as u64) >> (32 - length)
}

fn push_v4(text: &mut Vec<u8>, net: u64) {
    let length = net.ilog2() as u8;
    let first = (net << (32 - length)) as u32;
    for (octet, after) in first.to_be_bytes().into_iter().chain([length]).zip(*b".../ ") {
        if octet >= 100 {
            text.push(b'0' + octet / 100);
        }
        if octet >= 10 {
            text.push(b'0' + octet / 10 % 10);
        }
        text.push(b'0' + octet % 10);
        text.push(after);
    }
    text.pop();
}

/// A count as an Arrow dictionary or text column holds it.
pub fn as_i32(what: &'static str, count: usize) -> Result<i32> {
    let (size, limit) = (count as u64, i32::MAX as u64);
    i32::try_from(count).map_err(|_| Error::TooLarge { what, count: size, limit })
}
