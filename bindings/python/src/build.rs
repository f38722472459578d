//! Builds from Python: a manifest's file, or what would be written in one.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmtrie::{Error, Manifest, Policy};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{raise, refuse};
use crate::json;

/// Rows between two calls of a callback: a call each would cost more than the build.
const ROWS: u64 = 100_000;

/// Build an index, and give the report of what came in and what was left out.
///
/// ``manifest`` is the path of a ``firmtrie.toml``, or a dict of what would be in one; relative paths
/// in a dict are relative to the working directory. The index is put at ``output`` (or where the
/// manifest says) when it is whole; until then, and after an error, what was there stays. ``policy``
/// is ``"strict"``, ``"open"`` or a policy file; ``registry`` the folder of a registry, ``key`` its key
/// if that is elsewhere, without which an index that was made under one is replaced only with
/// ``without_registry``; ``as_of`` a day that makes the build repeatable. All of them go before
/// what the manifest says. ``progress`` is called with the number of rows read so far; what it
/// raises ends the build.
///
/// Raises ``BuildError`` with file, line and value of what is wrong.
///
/// >>> report = firmtrie.build({
/// ...     "source": [{"name": "asn", "format": "asn-csv", "path": "asn.csv", "basis": "routing"}],
/// ... }, "built.firm")
/// >>> report["counts"]["companies"]
/// 1
#[pyfunction]
#[pyo3(signature = (
    manifest: "str | os.PathLike[str] | dict[str, typing.Any]", output=None, *, policy=None,
    registry=None, key=None, without_registry=false,
    as_of: "datetime.date | str | None" = None, skip_bad_rows=false,
    progress: "collections.abc.Callable[[int], object] | None" = None
) -> "dict[str, typing.Any]")]
#[allow(
    clippy::too_many_arguments,
    clippy::fn_params_excessive_bools,
    reason = "keywords of Python"
)]
pub fn build<'py>(
    py: Python<'py>,
    manifest: &Bound<'py, PyAny>,
    output: Option<PathBuf>,
    policy: Option<&str>,
    registry: Option<PathBuf>,
    key: Option<PathBuf>,
    without_registry: bool,
    as_of: Option<&Bound<'py, PyAny>>,
    skip_bad_rows: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let manifest = read(manifest)?;
    let mut builder =
        manifest.builder.skip_bad_rows(skip_bad_rows).without_registry(without_registry);
    if let Some(policy) = policy {
        builder = builder.policy(Policy::named(policy, "").map_err(raise)?);
    }
    match (registry, key) {
        (Some(folder), key) => builder = builder.registry(folder, key),
        (None, Some(_)) => {
            return Err(refuse("usage", "key is the key of a registry; name that too".to_owned()));
        }
        (None, None) => {}
    }
    if let Some(day) = as_of {
        builder = builder.as_of(crate::registry::day(day)?);
    }
    let output = output
        .or(manifest.output)
        .ok_or_else(|| refuse("usage", "where should the index go? give output".to_owned()))?;
    let watched = Arc::new(Watched::default());
    if let Some(callback) = progress {
        let watched = Arc::clone(&watched);
        builder = builder.on_progress(move |rows| watched.tell(rows, &callback));
    }
    let built = py.detach(|| {
        // Threads of their own, which end with the build: after a fork a child would wait for those
        // of a pool that stayed with its parent.
        let threads = rayon::ThreadPoolBuilder::new().build();
        let threads = threads.map_err(|error| Error::Usage(format!("no threads: {error}")))?;
        threads.install(|| builder.write(&output))
    });
    match built {
        Ok(summary) => json::object(py, &summary),
        Err(error) => Err(watched.raised().unwrap_or_else(|| raise(error))),
    }
}

/// A manifest's file, or the text of a dict as if it were in the working directory.
fn read(manifest: &Bound<'_, PyAny>) -> PyResult<Manifest> {
    let Ok(dict) = manifest.cast::<PyDict>() else {
        return Manifest::read(manifest.extract::<PathBuf>()?).map_err(raise);
    };
    let py = dict.py();
    let keywords = PyDict::new(py);
    // Days and paths are texts in a manifest too.
    keywords.set_item("default", py.import("builtins")?.getattr("str")?)?;
    let text: String =
        py.import("json")?.call_method("dumps", (dict,), Some(&keywords))?.extract()?;
    Manifest::from_json(&text).map_err(raise)
}

/// How far a build is, and what its callback raised.
#[derive(Default)]
struct Watched {
    rows: AtomicU64,
    raised: Mutex<Option<PyErr>>,
}

impl Watched {
    /// Called by any thread of a build.
    fn tell(&self, rows: u64, callback: &Py<PyAny>) -> ControlFlow<()> {
        let before = self.rows.fetch_add(rows, Ordering::Relaxed);
        let now = before + rows;
        if before > 0 && before / ROWS == now / ROWS {
            return ControlFlow::Continue(());
        }
        Python::attach(|py| match callback.call1(py, (now,)) {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => {
                self.held().get_or_insert(error);
                ControlFlow::Break(())
            }
        })
    }

    fn raised(&self) -> Option<PyErr> {
        self.held().take()
    }

    fn held(&self) -> MutexGuard<'_, Option<PyErr>> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
