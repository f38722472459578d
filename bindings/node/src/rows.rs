//! Many answers at once, in columns: numbers in typed arrays, and each different answer once as
//! text. They hold nothing of the index, and so outlive it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use firmtrie::net::IpNet;
use firmtrie::{Address, AnswerId, Error, Index, Result};
use napi::bindgen_prelude::{Buffer, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::addresses::Addresses;
use crate::answers;
use crate::network::located;
use crate::side_by_side::side_by_side;

/// So many addresses are looked up at a time: what a lookup read is then in a cache of the processor
/// still when its network is asked for.
const PIECE: usize = 256;
/// So many pieces pass between two looks at whether to stop.
const LOOK: usize = 64;
/// Fewer addresses to look up, or answers to write, are not worth another thread.
const ADDRESSES: usize = 1 << 15;
const ANSWERS: usize = 1 << 11;
/// The index of an answer that no row has named so far.
const UNSEEN: u32 = u32::MAX;

/// Answers of addresses, or of networks, in their order.
#[napi(object, object_from_js = false)]
pub struct Rows {
    /// For each row 0 where nothing is told, or the index of its answer, from 1.
    pub answers: Uint32Array,
    /// Each row's address, if networks were asked for: a word if all are of IPv4, else four, the highest first
    /// and an address of IPv4 in the last. Of a network it is the first.
    pub addresses: Uint32Array,
    /// The length of each network.
    pub lengths: Uint8Array,
    /// Whether a row is of IPv4 (4) or IPv6 (6); empty, if all are of IPv4.
    pub versions: Uint8Array,
    /// The JSON of each answer, one after another, and where each ends.
    pub texts: Buffer,
    pub ends: Uint32Array,
}

/// Rows that are being made.
#[derive(Default)]
pub struct Columns {
    answers: Vec<u32>,
    addresses: Vec<u32>,
    lengths: Vec<u8>,
    versions: Vec<u8>,
    texts: Vec<u8>,
    ends: Vec<u32>,
}

impl Columns {
    /// The answers of addresses, with their networks or without; nothing, if it was stopped.
    pub fn of_addresses(
        loaded: &firmtrie::Snapshot,
        addresses: &Addresses,
        networks: bool,
        stopped: impl Fn() -> bool + Sync,
    ) -> Result<Option<Self>> {
        let mut columns = match addresses {
            Addresses::V4(all) if !networks => Self::looked_up(loaded, all, stopped, None),
            Addresses::Mixed(all) if !networks => Self::looked_up(loaded, all, stopped, None),
            Addresses::V4(all) => {
                Self::looked_up(loaded, all, stopped, Some(Self::push_ipv4_network))
            }
            Addresses::Mixed(all) => {
                Self::looked_up(loaded, all, stopped, Some(Self::push_network))
            }
        }?;
        if let Some(columns) = &mut columns {
            columns.name(loaded.index())?;
            columns.check()?;
        }
        Ok(columns)
    }

    /// Rows with the numbers of answers instead of their indexes.
    fn looked_up<A: Address + Copy + Into<IpAddr> + Sync>(
        loaded: &firmtrie::Snapshot,
        addresses: &[A],
        stopped: impl Fn() -> bool + Sync,
        push_network: Option<fn(&mut Self, A, u8)>,
    ) -> Result<Option<Self>> {
        let parts = side_by_side(addresses, ADDRESSES, |part| {
            Self::part(loaded, part, &stopped, push_network)
        });
        let mut all = Self::default();
        for part in parts {
            match part? {
                Some(part) => all.append(part),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    fn part<A: Address + Copy + Into<IpAddr>>(
        loaded: &firmtrie::Snapshot,
        addresses: &[A],
        stopped: impl Fn() -> bool,
        push_network: Option<fn(&mut Self, A, u8)>,
    ) -> Result<Option<Self>> {
        let mut columns = Self::default();
        if push_network.is_some() {
            columns.addresses.reserve(addresses.len());
            columns.lengths.reserve(addresses.len());
        }
        let (mut numbers, mut lengths) = (vec![0; addresses.len()], [0; PIECE]);
        let pieces = addresses.chunks(PIECE).zip(numbers.chunks_mut(PIECE));
        for (at, (piece, numbers)) in pieces.enumerate() {
            if at % LOOK == 0 && stopped() {
                return Ok(None);
            }
            let ids = AnswerId::from_slice_mut(numbers);
            let Some(push_network) = push_network else {
                loaded.lookup_batch(piece, ids)?;
                continue;
            };
            let lengths = &mut lengths[..piece.len()];
            loaded.lookup_batch_with_lengths(piece, ids, lengths)?;
            for (address, length) in piece.iter().zip(lengths) {
                push_network(&mut columns, *address, *length);
            }
        }
        columns.answers = numbers;
        Ok(Some(columns))
    }

    /// Has each different answer that names a company written; rows name its index instead of its
    /// number.
    fn name(&mut self, index: &Index) -> Result<()> {
        let mut slots = vec![UNSEEN; index.answer_count() + 1];
        let mut distinct = Vec::new();
        for number in &self.answers {
            if let Some(slot) = slots.get_mut(*number as usize).filter(|slot| **slot == UNSEEN) {
                *slot = 0;
                distinct.push(*number);
            }
        }
        let parts = side_by_side(&distinct, ANSWERS, |part| Self::written(index, part));
        for written in parts {
            let written = written?;
            for (at, number) in written.answers.iter().enumerate() {
                slots[*number as usize] = (self.ends.len() + at + 1) as u32;
            }
            self.append_texts(&written);
        }
        for number in &mut self.answers {
            *number = slots.get(*number as usize).copied().unwrap_or_default();
        }
        Ok(())
    }

    /// The texts of those answers that name a company, with their numbers.
    fn written(index: &Index, numbers: &[u32]) -> Result<Self> {
        let mut written = Self::default();
        let answers = index.answers_of(AnswerId::from_slice(numbers));
        for (number, answer) in numbers.iter().zip(answers) {
            let answer = answer?;
            if answer.company_id().is_some() {
                answers::write(&answer, &mut written.texts)?;
                written.end();
                written.answers.push(*number);
            }
        }
        Ok(written)
    }

    /// Appends rows.
    fn append(&mut self, mut part: Self) {
        if self.answers.is_empty() {
            *self = part;
            return;
        }
        self.answers.append(&mut part.answers);
        self.addresses.append(&mut part.addresses);
        self.lengths.append(&mut part.lengths);
        self.versions.append(&mut part.versions);
    }

    /// Appends texts of answers.
    fn append_texts(&mut self, part: &Self) {
        let before = self.texts.len() as u32;
        self.texts.extend_from_slice(&part.texts);
        self.ends.extend(part.ends.iter().map(|end| before.wrapping_add(*end)));
    }

    /// The answers of networks: also of those where nobody is named.
    pub fn of_networks(
        loaded: &firmtrie::Snapshot,
        networks: &[(IpNet, AnswerId)],
    ) -> Result<Self> {
        let mut columns = Self::default();
        let mut known = HashMap::new();
        for (network, id) in networks {
            let mut at = known.get(id).copied().unwrap_or_default();
            if at == 0 {
                answers::write(&loaded.index().answer(*id)?, &mut columns.texts)?;
                at = columns.end();
                known.insert(*id, at);
            }
            columns.answers.push(at);
            columns.push_network(network.addr(), network.prefix_len());
        }
        columns.check()?;
        Ok(columns)
    }

    /// Places in texts are numbers of 32 bits.
    fn check(&self) -> Result<()> {
        if u32::try_from(self.texts.len()).is_ok() {
            return Ok(());
        }
        let what = "these are too many answers for one result; ask for fewer at a time";
        Err(Error::Usage(what.to_owned()))
    }

    /// The index of the answer that was written last.
    fn end(&mut self) -> u32 {
        self.ends.push(self.texts.len() as u32);
        self.ends.len() as u32
    }

    /// An address of IPv4, where all are, and the length of its network.
    fn push_ipv4_network(&mut self, address: Ipv4Addr, length: u8) {
        let [.., word, length, _] = located(address.into(), length);
        self.addresses.push(word);
        self.lengths.push(length as u8);
    }

    /// An address of either family, and the length of its network.
    fn push_network(&mut self, address: IpAddr, length: u8) {
        let [words @ .., length, version] = located(address.to_canonical(), length);
        self.addresses.extend_from_slice(&words);
        self.lengths.push(length as u8);
        self.versions.push(version as u8);
    }
}

impl From<Columns> for Rows {
    fn from(columns: Columns) -> Self {
        Self {
            answers: columns.answers.into(),
            addresses: columns.addresses.into(),
            lengths: columns.lengths.into(),
            versions: columns.versions.into(),
            texts: columns.texts.into(),
            ends: columns.ends.into(),
        }
    }
}
