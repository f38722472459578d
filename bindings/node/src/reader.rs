//! The reader: an open index, and who is taken out of it by a registry that is followed.
//!
//! What takes longer than a lookup is a task on another thread, and a Promise to JavaScript.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use firmtrie::net::{parse_address, parse_prefix};
use firmtrie::{Company, Mode};
use napi::Env;
use napi::bindgen_prelude::{Either, Unknown};
use napi_derive::napi;

use crate::asked::{Asked, answer_id};
use crate::batch::Batch;
use crate::errors::{Refused, refuse, thrown, word};
use crate::job::{Promised, json, promise};
use crate::rows::{Columns, Rows};
use crate::shared::{Opening, Shared};
use crate::{answers, raw, shared};

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
    let mode = options.mode.as_deref().map_or(Ok(Mode::default()), word)?;
    // One file has one name, wherever the process goes.
    let path = std::path::absolute(path)
        .map_err(|error| refuse("usage", format!("{path:?} is no path: {error}")))?;
    let registry = shared::registry(options.registry, options.key)?;
    Ok(Opening { path, mode, registry })
}

/// Opens an index while JavaScript waits.
#[napi]
pub fn open_sync(path: String, options: OpenOptions) -> Result<Reader, Refused> {
    let opening = opening(&path, options)?;
    Shared::open(&opening).map_err(thrown).map(|shared| Reader::of((opening.path, shared)))
}

/// Opens an index.
#[napi(ts_return_type = "Promise<Reader>")]
pub fn open(
    path: String,
    options: OpenOptions,
) -> Result<Promised<(PathBuf, Arc<Shared>), Reader>, Refused> {
    let opening = opening(&path, options)?;
    let work = move || Shared::open(&opening).map_err(thrown).map(|shared| (opening.path, shared));
    Ok(promise(work, Reader::of))
}

/// An open index.
#[napi]
pub struct Reader(pub(crate) Rc<Asked>);

impl Reader {
    fn of((path, shared): (PathBuf, Arc<Shared>)) -> Self {
        Self(Rc::new(Asked::new(path, shared)))
    }
}

#[napi]
impl Reader {
    /// The function `find(address)`, which gives the number of the answer and puts the address, and its network's length, into
    /// its `located`.
    #[napi(ts_return_type = "((address: unknown) => number) & { readonly located: Int32Array }")]
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
        answers::text(loaded.index(), answer_id(number)).map(Some).map_err(thrown)
    }

    /// Why `find` refuses an address: throws it, unless it would not be refused now.
    #[napi]
    pub fn explain(&self, address: Either<String, Unknown<'_>>) -> Result<(), Refused> {
        let loaded = self.0.loaded()?;
        let address = match address {
            Either::A(text) => parse_address(&text).map_err(thrown)?,
            Either::B(value) => raw::one(value).ok_or_else(|| {
                let what = "an address is a string, or a Buffer or Uint8Array of 4 or 16 bytes";
                refuse("address", what.to_owned())
            })?,
        };
        loaded.answer_id_and_length(address).map(|_| ()).map_err(thrown)
    }

    /// Addresses to be looked up together.
    #[napi]
    pub fn batch(&self) -> Batch {
        Batch::new(Rc::clone(&self.0))
    }

    /// Networks in address order: all, or those of one of these.
    #[napi(ts_return_type = "Promise<Rows>")]
    pub fn networks(&self, of: NetworksOf) -> Result<Promised<Columns, Rows>, Refused> {
        let shared = self.0.shared()?;
        let prefix = of.prefix.as_deref().map(parse_prefix).transpose().map_err(thrown)?;
        let company = of.alike.map(company).transpose()?;
        let work = move || {
            let loaded = shared.loaded();
            let wanted = if let Some(prefix) = prefix {
                loaded.networks_in(prefix)?
            } else if let Some(asn) = of.asn {
                loaded.networks_of_asn(asn)?
            } else if let Some(called) = of.called {
                loaded.networks_of(&loaded.index().companies_called(&called)?)?
            } else if let Some(company) = company {
                loaded.networks_of(&loaded.index().companies_alike(&company)?)?
            } else {
                loaded.networks()
            };
            let mut shown = Vec::new();
            for network in wanted {
                let network = network?;
                shown.push((network.prefix(), network.answer_id()));
            }
            Columns::of_networks(&loaded, &shown)
        };
        Ok(promise(move || work().map_err(thrown), Rows::from))
    }

    /// Is any address of a prefix hidden now?
    #[napi]
    pub fn hides_in(&self, prefix: String) -> Result<bool, Refused> {
        let prefix = parse_prefix(&prefix).map_err(thrown)?;
        Ok(self.0.loaded()?.hides_in(prefix))
    }

    /// What the index says of itself, as JSON.
    #[napi]
    pub fn info(&self) -> Result<String, Refused> {
        let info = self.0.loaded()?.index().info().map_err(thrown)?;
        Ok(json(&info))
    }

    /// What is damaged; nothing, if all is sound.
    #[napi(ts_return_type = "Promise<string[]>")]
    pub fn verify(&self) -> Result<Promised<Vec<String>>, Refused> {
        let shared = self.0.shared()?;
        let work = move || {
            let damage = shared.loaded().index().verify();
            Ok(damage.iter().map(ToString::to_string).collect())
        };
        Ok(promise(work, |damage| damage))
    }

    /// Takes over a new file at the path, and what the registry says now.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn reload(&self) -> Result<Promised<bool>, Refused> {
        let shared = self.0.shared()?;
        Ok(promise(move || shared.refresh().map_err(thrown), |new| new))
    }

    /// Lets go of the index. A watcher ends when it is not asleep, so that happens elsewhere.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close(&self) -> Promised<()> {
        let shared = self.0.close();
        let work = move || {
            drop(shared);
            Ok(())
        };
        promise(work, |()| ())
    }
}

/// The company of which these facts are known, each a field and its value.
fn company(facts: Vec<Vec<String>>) -> Result<Company, Refused> {
    let mut company = Company::new("");
    for fact in facts {
        let [field, value] = <[String; 2]>::try_from(fact)
            .map_err(|_| refuse("usage", "a fact is a field and its value".to_owned()))?;
        company.set(word(&field)?, value);
    }
    Ok(company)
}

/// Whose networks are asked for.
#[napi(object)]
pub struct NetworksOf {
    /// Those that have an address in common with a prefix.
    pub prefix: Option<String>,
    /// Those of the companies that have this name, LEI or domain.
    pub called: Option<String>,
    /// Those of the companies of which these facts are known: fields and their values.
    pub alike: Option<Vec<Vec<String>>>,
    /// Those that an autonomous system announces.
    pub asn: Option<u32>,
}
