//! What a reader of one thread asks: the shared index, and whether it is still the one that the
//! JavaScript around it knows.
//!
//! JavaScript keeps companies by the number of their answer, so it must be told of a swap before it
//! is given a number of another index. It keeps nothing of an index alive.

use std::cell::RefCell;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use firmtrie::AnswerId;

use crate::errors::{Refused, refuse};
use crate::shared::Shared;

/// Of one thread.
pub struct Asked {
    path: PathBuf,
    /// Nothing, when it is closed.
    open: RefCell<Option<Open>>,
}

struct Open {
    shared: Arc<Shared>,
    /// What was loaded when JavaScript was told last. A weak reference keeps its place in memory, so
    /// that nothing that is loaded later can be taken for it, and nothing of what was there.
    known: Weak<firmtrie::Snapshot>,
}

/// What JavaScript knows [`AnswerId::WITHHELD`] by, since numbers below 0 are no answers there. An index
/// has fewer answers.
const WITHHELD: i32 = i32::MAX;

/// The answer that JavaScript knows by a number.
pub fn answer_id(number: u32) -> AnswerId {
    if number == WITHHELD as u32 { AnswerId::WITHHELD } else { AnswerId::new(number) }
}

/// What an address is answered with.
pub enum Found {
    /// The number of an answer, as JavaScript knows it, and the length of the network. Whether it names
    /// a company is not asked: the row that tells it is rarely in a cache of the processor, and who
    /// keeps answers by their number knows.
    Number(i32, u8),
    /// Something else is loaded than what is known.
    Swapped,
    /// It is closed, or the file is damaged.
    Refused,
}

impl Asked {
    pub fn new(path: PathBuf, shared: Arc<Shared>) -> Self {
        Self { path, open: RefCell::new(Some(Open { shared, known: Weak::new() })) }
    }

    #[inline]
    pub fn find(&self, address: IpAddr) -> Found {
        let open = self.open.borrow();
        let Some(open) = open.as_ref() else { return Found::Refused };
        let loaded = open.shared.live().snapshot();
        if Arc::as_ptr(&loaded) != open.known.as_ptr() {
            return Found::Swapped;
        }
        match loaded.answer_id_and_length(address) {
            Ok((AnswerId::WITHHELD, length)) => Found::Number(WITHHELD, length),
            Ok((id, length)) => match i32::try_from(id.get()) {
                Ok(number) if number != WITHHELD => Found::Number(number, length),
                _ => Found::Refused,
            },
            Err(_) => Found::Refused,
        }
    }

    /// From now on what is loaded is known.
    pub fn know(&self) -> Result<(), Refused> {
        let loaded = self.loaded()?;
        if let Some(open) = self.open.borrow_mut().as_mut() {
            open.known = Arc::downgrade(&loaded);
        }
        Ok(())
    }

    /// What is loaded, if it is what is known.
    pub fn known(&self) -> Result<Option<Arc<firmtrie::Snapshot>>, Refused> {
        let loaded = self.loaded()?;
        let open = self.open.borrow();
        let same = |open: &Open| Arc::as_ptr(&loaded) == open.known.as_ptr();
        Ok(open.as_ref().is_some_and(same).then_some(loaded))
    }

    /// What is loaded, whatever is known.
    pub fn loaded(&self) -> Result<Arc<firmtrie::Snapshot>, Refused> {
        Ok(self.shared()?.loaded())
    }

    pub fn shared(&self) -> Result<Arc<Shared>, Refused> {
        let open = self.open.borrow();
        let shared = open.as_ref().map(|open| Arc::clone(&open.shared));
        shared.ok_or_else(|| self.closed())
    }

    /// The open index, to be let go of.
    pub fn close(&self) -> Option<Arc<Shared>> {
        self.open.borrow_mut().take().map(|open| open.shared)
    }

    #[cold]
    fn closed(&self) -> Refused {
        refuse("closed", format!("{}: the reader is closed", self.path.display()))
    }
}
