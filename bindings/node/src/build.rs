//! Builds, on another thread: from a manifest's file, or from what would be written in one.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use firmtrie::{Error, Manifest, Policy, Summary, day};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use crate::errors::{Refused, refuse, thrown};
use crate::job::{Promised, json, promise};
use crate::shared::place;

/// Rows between two calls of a callback: a call each would cost more than the build.
const ROWS: u64 = 100_000;

/// What goes before what a manifest says.
#[napi(object)]
pub struct BuildOptions {
    pub output: Option<String>,
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
    options: BuildOptions,
    progress: Option<Progress>,
    stopped: Arc<AtomicBool>,
) -> Result<String, Refused> {
    let mut builder = manifest.builder.skip_bad_rows(options.skip_bad_rows.unwrap_or(false));
    builder = builder.without_registry(options.without_registry.unwrap_or(false));
    if let Some(policy) = options.policy {
        builder = builder.policy(Policy::named(&policy, "").map_err(thrown)?);
    }
    if let Some((folder, key)) = place(options.registry, options.key)? {
        builder = builder.registry(folder, key);
    }
    if let Some(as_of) = options.as_of {
        builder = builder.as_of(day(&as_of).map_err(thrown)?);
    }
    let output = options.output.map(PathBuf::from).or(manifest.output);
    let output = output
        .ok_or_else(|| refuse("usage", "where should the index go? give an output".to_owned()))?;
    let read = AtomicU64::new(0);
    builder = builder.on_progress(move |rows| {
        let before = read.fetch_add(rows, Ordering::Relaxed);
        let now = before + rows;
        if let Some(progress) =
            progress.as_ref().filter(|_| before == 0 || before / ROWS < now / ROWS)
        {
            let now = i64::try_from(now).unwrap_or(i64::MAX);
            progress.call(now, ThreadsafeFunctionCallMode::NonBlocking);
        }
        if stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    // Threads of their own, which end with the build.
    let threads = rayon::ThreadPoolBuilder::new().build();
    let threads =
        threads.map_err(|error| thrown(Error::Usage(format!("there are no threads: {error}"))))?;
    let summary: Summary = threads.install(|| builder.write(&output)).map_err(thrown)?;
    Ok(json(&summary))
}
