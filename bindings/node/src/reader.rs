//! The reader: an open index, and who is taken out of it by a registry that is followed.
//!
//! What takes longer than a lookup is a task on another thread, and a Promise to JavaScript.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use crate::asked::Asked;
use crate::errors::{Refused, refuse, thrown};
use crate::mapping::Mode;
use crate::shared::{Opening, Shared};
use crate::{answers, raw};

/// How an index is opened.
#[napi(object)]
pub struct OpenOptions {
    /// The folder of a registry that is followed.
    pub registry: Option<String>,
    /// The registry's key, if that is elsewhere.
    pub key: Option<String>,
    /// `mmap` or `memory`.
    pub mode: Option<String>,
}

fn opening(path: &str, options: OpenOptions) -> Result<Opening, Refused> {
    let mode = Mode::read(options.mode.as_deref().unwrap_or("mmap"))?;
    // One file has one name, wherever the process goes.
    let path = std::path::absolute(path)
        .map_err(|error| refuse("usage", format!("{path:?} is no path: {error}")))?;
    let key = options.key.map(PathBuf::from);
    let registry = match (options.registry, key) {
        (Some(folder), key) => Some((PathBuf::from(folder), key)),
        (None, None) => None,
        (None, Some(_)) => {
            let what = "key is the key of a registry; name that too";
            return Err(refuse("usage", what.to_owned()));
        }
    };
    Ok(Opening { path, mode, registry })
}

/// Opens an index while JavaScript waits.
#[napi]
pub fn open_sync(path: String, options: OpenOptions) -> Result<Reader, Refused> {
    let opening = opening(&path, options)?;
    let shared = Shared::open(&opening).map_err(thrown)?;
    Ok(Reader::of(opening.path, shared))
}

/// An open index.
#[napi]
pub struct Reader(Rc<Asked>);

impl Reader {
    fn of(path: PathBuf, shared: Arc<Shared>) -> Self {
        Self(Rc::new(Asked::new(path, shared)))
    }
}

#[napi]
impl Reader {
    /// The function `find(address)`, which gives the number of the answer and puts the network into
    /// its `place`.
    #[napi(ts_return_type = "((address: unknown) => number) & { readonly place: Uint32Array }")]
    pub fn finder<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        raw::finder(env, Rc::clone(&self.0))
    }

    /// What is loaded now is known from now on: numbers that were given before mean nothing.
    #[napi]
    pub fn know(&self) -> Result<(), Refused> {
        self.0.know()
    }

    /// The JSON of an answer; nothing, if something else is loaded than what is known.
    #[napi]
    pub fn answer(&self, number: u32) -> Result<Option<String>, Refused> {
        let Some(loaded) = self.0.known()? else { return Ok(None) };
        answers::text(loaded.index(), number).map(Some).map_err(thrown)
    }
}
