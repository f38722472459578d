//! The registry of objections and requests, asked and changed on another thread.
//!
//! What is recorded here holds in every reader of this process that follows the same registry
//! before its promise is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use firmtrie::registry::{About, Request, Right, Step, day};
use firmtrie::{Error, Field};
use napi_derive::napi;

use crate::errors::{Refused, thrown, word};
use crate::job::{Promised, json, promise};
use crate::reader::Reader;
use crate::shared::Shared;

/// Whom a request is about, by the words of [`About::WORDS`].
type Words = BTreeMap<String, String>;

/// A registry.
#[napi]
pub struct Registry(Arc<firmtrie::registry::Registry>);

/// Opens a registry, or makes one.
#[napi(ts_return_type = "Promise<Registry>")]
pub fn open_registry(
    folder: String,
    key: Option<String>,
    create: bool,
    restored_from: Option<String>,
) -> Promised<firmtrie::registry::Registry, Registry> {
    let work = move || {
        let (folder, key) = (PathBuf::from(folder), key.map(PathBuf::from));
        let opened = match restored_from {
            Some(backup) => firmtrie::registry::Registry::restore(folder, backup, key.as_deref()),
            None if create => firmtrie::registry::Registry::create(folder, key.as_deref()),
            None => firmtrie::registry::Registry::open(folder, key.as_deref()),
        };
        opened.map_err(thrown)
    };
    promise(work, |registry| Registry(Arc::new(registry)))
}

impl Registry {
    fn with<T: serde::Serialize>(
        &self,
        ask: impl FnOnce(&firmtrie::registry::Registry) -> firmtrie::Result<T> + Send + 'static,
    ) -> Promised<String> {
        let registry = Arc::clone(&self.0);
        let work = move || {
            let answer = ask(&registry).map_err(thrown)?;
            Ok(json(&answer))
        };
        promise(work, |value| value)
    }

    fn record(
        &self,
        right: Right,
        about: &Words,
        index: Option<&Reader>,
        more: impl FnOnce(Request) -> Request + Send + 'static,
    ) -> Result<Promised<String>, Refused> {
        let (about, shared) = read(about, index)?;
        Ok(self.with(move |registry| {
            let loaded = shared.map(|shared| shared.loaded());
            let index = loaded.as_ref().map(|loaded| &**loaded.index());
            registry.record_live(more(about.request(right, index)?), index)
        }))
    }
}

/// Whom a request is about, and the open index of a reader.
fn read(words: &Words, index: Option<&Reader>) -> Result<(About, Option<Arc<Shared>>), Refused> {
    let words = words.iter().map(|(word, text)| (word.as_str(), text.as_str()));
    let about = About::read(words).map_err(thrown)?;
    Ok((about, index.map(|reader| reader.0.shared()).transpose()?))
}

#[napi]
impl Registry {
    /// Records a request of a right, which says more of a restriction and of a rectification.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn request(
        &self,
        right: String,
        #[napi(ts_arg_type = "Record<string, string>")] about: Words,
        index: Option<&Reader>,
    ) -> Result<Promised<String>, Refused> {
        let right = Right::of_request(&right).map_err(|error| thrown(error.into()))?;
        self.record(right, &about, index, |request| request)
    }

    /// Records a restriction, up to and including a day.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn restrict(
        &self,
        until: String,
        #[napi(ts_arg_type = "Record<string, string>")] about: Words,
        index: Option<&Reader>,
    ) -> Result<Promised<String>, Refused> {
        let until = day(&until).map_err(thrown)?;
        self.record(Right::Restriction, &about, index, move |request| request.until(until))
    }

    /// Records a rectification: a field, its new value, and the old one.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn rectify(
        &self,
        field: String,
        value: String,
        old: Option<String>,
        #[napi(ts_arg_type = "Record<string, string>")] about: Words,
        index: Option<&Reader>,
    ) -> Result<Promised<String>, Refused> {
        let field: Field = word(&field)?;
        self.record(Right::Rectification, &about, index, move |request| {
            request.rectify(field, value, old)
        })
    }

    /// Takes a step of a request.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn step(
        &self,
        entry: i64,
        step: String,
        on: Option<String>,
        reason: Option<String>,
    ) -> Result<Promised<String>, Refused> {
        let step: Step = word(&step)?;
        let on = on.as_deref().map(day).transpose().map_err(thrown)?;
        Ok(self
            .with(move |registry| registry.step_live(number(entry)?, step, on, reason.as_deref())))
    }

    /// Takes an entry back.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn lift(&self, entry: i64, reason: Option<String>) -> Promised<String> {
        self.with(move |registry| {
            registry.step_live(number(entry)?, Step::Lifted, None, reason.as_deref())
        })
    }

    /// Copies the registry as it is now to a folder.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn backup(&self, folder: String, with_key: bool) -> Promised<String> {
        self.with(move |registry| registry.backup(folder, with_key))
    }

    /// Everything that is held about somebody, in the registry and in an index.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn subject(
        &self,
        #[napi(ts_arg_type = "Record<string, string>")] about: Words,
        index: Option<&Reader>,
    ) -> Result<Promised<String>, Refused> {
        let (about, shared) = read(&about, index)?;
        let who = about.one().map_err(thrown)?;
        Ok(self.with(move |registry| {
            let loaded = shared.map(|shared| shared.loaded());
            registry.subject(&who, loaded.as_ref().map(|loaded| &**loaded.index()))
        }))
    }

    /// Every entry.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn entries(&self) -> Promised<String> {
        self.with(firmtrie::registry::Registry::entries)
    }

    /// Entries that have no answer yet.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn due(&self) -> Promised<String> {
        self.with(firmtrie::registry::Registry::due)
    }
}

/// The number of an entry; those that there are no entries of are refused by the registry.
fn number(entry: i64) -> firmtrie::Result<u64> {
    u64::try_from(entry).map_err(|_| Error::Usage(format!("there is no entry {entry}")))
}
