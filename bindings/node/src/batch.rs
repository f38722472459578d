//! Many addresses: taken over in pieces that are short enough for JavaScript's loop, then looked up
//! on another thread.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firmtrie::net::parse_address;
use napi::bindgen_prelude::{Object, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::addresses::Addresses;
use crate::asked::Asked;
use crate::errors::{Refused, refuse, thrown};
use crate::job::{Promised, promise};
use crate::raw;
use crate::rows::{Columns, Rows};

/// Addresses, as many as were given so far.
#[napi]
pub struct Batch {
    asked: Rc<Asked>,
    held: RefCell<Held>,
    stopped: Arc<AtomicBool>,
}

/// What waits for the other thread.
#[derive(Default)]
struct Held {
    addresses: Addresses,
    /// A line each.
    text: Vec<u8>,
}

#[napi]
impl Batch {
    pub(crate) fn new(asked: Rc<Asked>) -> Self {
        let stopped = Arc::default();
        Self { asked, held: RefCell::default(), stopped }
    }

    /// Addresses as `find` takes them. Gives the index in the list of what is none.
    #[napi]
    pub fn push(&mut self, list: Object<'_>) -> napi::Result<Option<u32>> {
        raw::addresses(&list, &mut self.held.get_mut().addresses)
    }

    /// Addresses of IPv4 as numbers.
    #[napi]
    pub fn push_numbers(&mut self, numbers: Uint32Array) {
        self.held
            .get_mut()
            .addresses
            .extend_v4(numbers.iter().map(|bits| Ipv4Addr::from_bits(*bits)));
    }

    /// Packed addresses of 4 or 16 bytes each.
    #[napi]
    pub fn push_packed(&mut self, bytes: Uint8Array, size: u32) {
        let addresses = &mut self.held.get_mut().addresses;
        if size == 4 {
            let (all, _) = bytes.as_chunks::<4>();
            addresses.extend_v4(all.iter().map(|four| Ipv4Addr::from(*four)));
        } else {
            let (all, _) = bytes.as_chunks::<16>();
            for sixteen in all {
                addresses.push(IpAddr::from(*sixteen).to_canonical());
            }
        }
    }

    /// Text with an address on each line, which may be continued.
    #[napi]
    pub fn push_text(&mut self, text: String) {
        self.held.get_mut().text.extend_from_slice(text.as_bytes());
    }

    /// The same as bytes.
    #[napi]
    pub fn push_bytes(&mut self, bytes: Uint8Array) {
        self.held.get_mut().text.extend_from_slice(&bytes);
    }

    /// Ends what is under way.
    #[napi]
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Looks all of them up, and their networks if they are wanted.
    ///
    /// It shares the batch, which the Promise keeps until it is settled: what is borrowed alone until then
    /// could not be stopped.
    #[napi(ts_return_type = "Promise<Rows>")]
    pub fn run(&self, networks: bool) -> Result<Promised<Columns, Rows>, Refused> {
        let shared = self.asked.shared()?;
        let Held { mut addresses, text } = self.held.take();
        let stopped = Arc::clone(&self.stopped);
        let work = move || {
            read(&text, &mut addresses)?;
            let loaded = shared.loaded();
            let stopped = || stopped.load(Ordering::Relaxed);
            let columns = Columns::of_addresses(&loaded, &addresses, networks, stopped);
            let columns = columns.map_err(thrown)?;
            columns.ok_or_else(|| refuse("stopped", "the lookup was stopped".to_owned()))
        };
        Ok(promise(work, Rows::from))
    }
}

/// The addresses of a text, each on a line of its own. A line may end with a carriage return too, and
/// the last need not end.
fn read(text: &[u8], addresses: &mut Addresses) -> Result<(), Refused> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() {
        return Ok(());
    }
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        let address = parse_address(&line)
            .map_err(|error| refuse("address", format!("line {}: {error}", at + 1)))?;
        addresses.push(address);
    }
    Ok(())
}
