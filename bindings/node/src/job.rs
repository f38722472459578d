//! Work for another thread of Node's pool, and a Promise for JavaScript, whose loop goes on.

use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Task};
use serde::Serialize;

use crate::errors::{self, Refused};

/// What crosses the border as text: one string is cheaper than an object with many values.
pub fn json(value: &impl Serialize) -> String {
    // Of the library's shapes, none of which can fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Some work, and what makes of its outcome a value on the thread of JavaScript.
pub struct Job<O, J> {
    work: Option<Box<dyn FnOnce() -> Result<O, Refused> + Send>>,
    finish: fn(O) -> J,
}

/// The Promise of a job.
pub type Promised<O, J = O> = AsyncTask<Job<O, J>>;

/// Begins a job.
pub fn promise<O: Send + 'static, J: ToNapiValue + TypeName>(
    work: impl FnOnce() -> Result<O, Refused> + Send + 'static,
    finish: fn(O) -> J,
) -> Promised<O, J> {
    AsyncTask::new(Job { work: Some(Box::new(work)), finish })
}

impl<O: Send + 'static, J: ToNapiValue + TypeName> Task for Job<O, J> {
    type Output = Option<Result<O, Refused>>;
    type JsValue = J;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(self.work.take().map(|work| work()))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<J> {
        match output {
            Some(Ok(output)) => Ok((self.finish)(output)),
            Some(Err(refused)) => Err(errors::rejected(env, refused)),
            None => Err(napi::Error::from_reason("a job is done once")),
        }
    }
}
