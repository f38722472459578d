//! Builds, on another thread: from a manifest's file, or from what would be written in one.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firmtrie::builder::{BuildOptions as Options, Manifest, Policy};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use crate::errors::{Refused, thrown};
use crate::job::{Promised, json, promise};
use crate::shared::registry;

/// What goes before what a manifest says.
#[napi(object)]
pub struct BuildOptions {
    pub output: Option<String>,
    pub report: Option<String>,
    pub force: Option<bool>,
    pub policy: Option<String>,
    pub registry: Option<String>,
    pub key: Option<String>,
    pub without_registry: Option<bool>,
    pub as_of: Option<String>,
    pub skip_bad_rows: Option<bool>,
}

/// Is told how many rows have been read; what is lost when the event loop is busy comes later.
type Progress = ThreadsafeFunction<i64, (), i64, napi::Status, false>;

/// A build that may be stopped.
#[napi]
pub struct Build {
    stopped: Arc<AtomicBool>,
}

#[napi]
impl Build {
    #[napi(constructor)]
    #[allow(clippy::new_without_default, reason = "it is JavaScript's constructor")]
    pub fn new() -> Self {
        Self { stopped: Arc::default() }
    }

    /// Ends what is under way.
    #[napi]
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Builds from the path of a manifest, or, if that is what it is, from its JSON; gives the report.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn run(
        &self,
        manifest: String,
        is_json: bool,
        options: BuildOptions,
        #[napi(ts_arg_type = "((rows: number) => void) | undefined | null")] progress: Option<
            Progress,
        >,
    ) -> Promised<String> {
        let stopped = Arc::clone(&self.stopped);
        let work = move || {
            let manifest =
                if is_json { Manifest::from_json(&manifest) } else { Manifest::read(manifest) };
            run(manifest.map_err(thrown)?, options, progress, stopped)
        };
        promise(work, |report| report)
    }
}

fn run(
    manifest: Manifest,
    given: BuildOptions,
    progress: Option<Progress>,
    stopped: Arc<AtomicBool>,
) -> Result<String, Refused> {
    let mut options = Options::default();
    options.output = given.output.map(Into::into);
    options.report = given.report.map(Into::into);
    options.force = given.force.unwrap_or(false);
    options.policy =
        given.policy.map(|policy| Policy::named(&policy, "")).transpose().map_err(thrown)?;
    options.registry = registry(given.registry, given.key)?;
    options.without_registry = given.without_registry.unwrap_or(false);
    options.as_of =
        given.as_of.map(|day| firmtrie::registry::day(&day)).transpose().map_err(thrown)?;
    options.skip_bad_rows = given.skip_bad_rows.unwrap_or(false);
    let summary = manifest.write(options, move |rows| {
        if let Some(progress) = &progress {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            progress.call(rows, ThreadsafeFunctionCallMode::NonBlocking);
        }
        if stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    summary.map(|summary| json(&summary)).map_err(thrown)
}
