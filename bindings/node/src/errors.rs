//! The library's errors as JavaScript's, whose `code` is the word that all surfaces have for them.
//!
//! The package around this module makes each a `FirmtrieError`. Messages are the library's.

use std::str::FromStr;

use firmtrie::{Error, UnknownWord};
use napi::Env;

/// What is thrown: a code, and a message.
pub type Refused = napi::Error<&'static str>;

/// The error that JavaScript gets for one of the library.
#[cold]
pub fn thrown(error: Error) -> Refused {
    refuse(error.kind(), error.to_string())
}

/// An error of a code, with a message.
#[cold]
pub fn refuse(code: &'static str, message: String) -> Refused {
    Refused::new(code, message)
}

/// The same, where napi-rs has no room for a code: as the object that JavaScript gets.
pub fn rejected(env: Env, refused: Refused) -> napi::Error {
    napi::Error::from(napi::JsError::from(refused).into_unknown(env))
}

/// A word of a fixed list.
pub fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<T, Refused> {
    text.parse().map_err(|error: UnknownWord| thrown(error.into()))
}
