//! Many answers at once, in columns: numbers in typed arrays, and each different answer once as
//! text. They hold nothing of the index, and so outlive it.

use std::collections::HashMap;
use std::net::IpAddr;

use firmtrie::{IpNet, Loaded, Result, Status, bits_of};
use napi::bindgen_prelude::{Buffer, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::answers;

/// How many addresses are looked up between two looks at whether to stop.
const PIECE: usize = 1 << 14;

/// Answers of addresses, or of networks, in their order.
#[napi(object, object_from_js = false)]
pub struct Rows {
    /// For each row 0 where nothing is told, or the place of its answer, from 1.
    pub answers: Uint32Array,
    /// The first address of each row's network: a word if all are of IPv4, else four, the highest
    /// first and an address of IPv4 in the last.
    pub starts: Uint32Array,
    /// The length of each network, and 4 or 6.
    pub lengths: Uint8Array,
    pub versions: Uint8Array,
    /// The JSON of each answer, one after another, and where each ends.
    pub texts: Buffer,
    pub ends: Uint32Array,
}

/// Rows that are being made.
pub struct Columns {
    answers: Vec<u32>,
    starts: Vec<u32>,
    lengths: Vec<u8>,
    versions: Vec<u8>,
    texts: Vec<u8>,
    ends: Vec<u32>,
    wide: bool,
}

impl Columns {
    /// The answers of addresses; nothing, if it was stopped.
    pub fn of_addresses(
        loaded: &Loaded,
        addresses: &[IpAddr],
        stopped: impl Fn() -> bool,
    ) -> Result<Option<Self>> {
        let wide = addresses.iter().any(IpAddr::is_ipv6);
        let mut columns = Self::with_capacity(addresses.len(), wide);
        let mut known = vec![u32::MAX; loaded.index().answer_count() + 1];
        for piece in addresses.chunks(PIECE) {
            if stopped() {
                return Ok(None);
            }
            for address in piece {
                let (number, length) = loaded.number_and_length(*address)?;
                let mut answer = known.get(number as usize).copied().unwrap_or_default();
                if answer == u32::MAX {
                    answer = columns.named(loaded, number)?;
                    known[number as usize] = answer;
                }
                columns.push(*address, length, answer);
            }
        }
        Ok(Some(columns))
    }

    /// The answers of networks: also of those where nobody is named.
    pub fn of_networks(loaded: &Loaded, networks: &[(IpNet, u32)]) -> Result<Self> {
        let wide = networks.iter().any(|(network, _)| network.addr().is_ipv6());
        let mut columns = Self::with_capacity(networks.len(), wide);
        let mut known = HashMap::new();
        for (network, number) in networks {
            // What is hidden has the number of nobody.
            let hidden = *number == 0 && is_hidden(loaded, network.addr())?;
            let mut answer = known.get(&(*number, hidden)).copied().unwrap_or_default();
            if answer == 0 {
                if hidden {
                    answers::write_hidden(&mut columns.texts);
                } else {
                    answers::write(loaded.index(), *number, &mut columns.texts)?;
                }
                answer = columns.end();
                known.insert((*number, hidden), answer);
            }
            columns.push(network.addr(), network.prefix_len(), answer);
        }
        Ok(columns)
    }

    fn with_capacity(rows: usize, wide: bool) -> Self {
        Self {
            answers: Vec::with_capacity(rows),
            starts: Vec::with_capacity(if wide { 4 * rows } else { rows }),
            lengths: Vec::with_capacity(rows),
            versions: Vec::with_capacity(rows),
            texts: Vec::new(),
            ends: Vec::new(),
            wide,
        }
    }

    /// The place of an answer that is written now; 0, if it names no company.
    fn named(&mut self, loaded: &Loaded, number: u32) -> Result<u32> {
        if !loaded.index().names_company(number) {
            return Ok(0);
        }
        answers::write(loaded.index(), number, &mut self.texts)?;
        Ok(self.end())
    }

    fn end(&mut self) -> u32 {
        self.ends.push(self.texts.len() as u32);
        self.ends.len() as u32
    }

    fn push(&mut self, address: IpAddr, length: u8, answer: u32) {
        let (family, bits) = bits_of(address);
        let host = u32::from(family.bits().saturating_sub(length));
        let first = bits.checked_shr(host).and_then(|bits| bits.checked_shl(host)).unwrap_or(0);
        let words = [96, 64, 32, 0].map(|shift| (first >> shift) as u32);
        self.starts.extend_from_slice(if self.wide { &words } else { &words[3..] });
        self.lengths.push(length);
        self.versions.push(if address.is_ipv4() { 4 } else { 6 });
        self.answers.push(answer);
    }
}

/// Is it an address that is taken out of the index?
pub fn is_hidden(loaded: &Loaded, address: IpAddr) -> Result<bool> {
    Ok(loaded.classify(address)?.status == Status::Withheld)
}

impl From<Columns> for Rows {
    fn from(columns: Columns) -> Self {
        Self {
            answers: columns.answers.into(),
            starts: columns.starts.into(),
            lengths: columns.lengths.into(),
            versions: columns.versions.into(),
            texts: columns.texts.into(),
            ends: columns.ends.into(),
        }
    }
}
