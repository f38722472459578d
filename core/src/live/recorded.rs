//! Objections in a running reader: recorded, taken over by every index of this process that follows the
//! registry, then acknowledged.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;

use super::followed::{Followed, Recording, State};
use crate::error::Result;
use crate::reader::Index;
use crate::registry::{Entry, FileNumbers, Met, Registry, Request, Step, today};

/// What came of a change: the entry, which holds, and who in this process could not follow.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Recorded {
    /// The entry, as it is now. It is on the disk.
    #[serde(flatten)]
    pub entry: Entry,
    /// Readers that go on answering from what they knew, until their next look succeeds; and those that
    /// found entries gone from the registry, which follow what is there now.
    pub not_followed: Vec<NotFollowed>,
    /// What it meets in the index that it was asked about with.
    pub met: Option<Met>,
}

/// A reader of this process that could not take over what was recorded, or found more changed than that.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct NotFollowed {
    /// Its index.
    pub index: PathBuf,
    /// Why it could not, or what it found.
    pub error: String,
}

impl Registry {
    /// Records a request. When this returns it is on the disk, and no lookup that begins later shows
    /// whoever it takes out: by any thread of this process, in any index that is open with this
    /// registry, but those that [`Recorded::not_followed`] names.
    ///
    /// With an index, tells also what the request meets there, and refuses one that takes out far more
    /// than a request does.
    ///
    /// # Errors
    /// Those of [`Registry::record`]; also if it takes out more than a hundredth of the index that is
    /// given, or a /8 (of IPv6 a /16), and is not [sure](Request::sure). Then nothing was recorded.
    pub fn record_live(&self, request: Request, index: Option<&Index>) -> Result<Recorded> {
        let met = self.met_by_intent(&request, index)?;
        let told = (request.right.hides(), request.by.clone(), request.prefixes.clone());
        let recorded = self.followed(
            |registry| registry.record_in_file(request),
            |recording, followed, registry, state| {
                let (hides, by, prefixes) = &told;
                let hides = *hides && recording.entry.until.is_none_or(|until| until >= today());
                let out = hides.then_some((by, prefixes));
                followed.follow_one((registry, state), recording, out)
            },
        )?;
        Ok(Recorded { met, ..recorded })
    }

    /// Takes a step of a request, as [`Registry::step`] does, and every index follows.
    ///
    /// # Errors
    /// Those of [`Registry::step`]; then no step was taken.
    pub fn step_live(
        &self,
        entry: u64,
        step: Step,
        day: Option<Date>,
        reason: Option<&str>,
    ) -> Result<Recorded> {
        self.followed(
            |registry| registry.step_in_file(entry, step, day, reason),
            |_, followed, registry, state| followed.follow(registry, state).map(|_| ()),
        )
    }

    fn followed(
        &self,
        change: impl FnOnce(&Self) -> Result<(Entry, FileNumbers)>,
        follow: impl Fn(&Recording, &Followed, &Self, &mut State) -> Result<()>,
    ) -> Result<Recorded> {
        let (entry, failed) = Followed::change(self, change, follow)?;
        let not_followed = failed.into_iter().map(|one| NotFollowed {
            index: one.followed.file().path().to_owned(),
            error: one.error.to_string(),
        });
        Ok(Recorded { entry, not_followed: not_followed.collect(), met: None })
    }
}
