//! Builds from Python: a manifest's file, or what would be written in one.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmtrie::builder::{BuildOptions, Manifest, Policy};
use firmtrie::registry::RegistryPath;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::raise;
use crate::json;

/// Build an index, and give the report of what came in and what was left out.
///
/// ``manifest`` is the path of a ``firmtrie.toml``, or a dict of what would be in one; relative paths
/// in a dict are relative to the working directory. The index is put at ``output`` (or where the
/// manifest says) when it is whole, and a report, as JSON or, if the name ends in ``.txt``, as a table,
/// at ``report`` together with it; until then, and after an error, what was there stays. A file that is
/// no index or report is replaced only with ``force``, and what the build reads never. ``policy``
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
    manifest: "str | os.PathLike[str] | dict[str, typing.Any]", output=None, *, report=None,
    force=false, policy=None, registry=None, key=None, without_registry=false,
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
    report: Option<PathBuf>,
    force: bool,
    policy: Option<&str>,
    registry: Option<PathBuf>,
    key: Option<PathBuf>,
    without_registry: bool,
    as_of: Option<&Bound<'py, PyAny>>,
    skip_bad_rows: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut options = BuildOptions::default();
    options.output = output.map(Into::into);
    options.report = report.map(Into::into);
    options.force = force;
    options.policy = policy.map(|policy| Policy::named(policy, "")).transpose().map_err(raise)?;
    options.registry = RegistryPath::named(registry, key).map_err(raise)?;
    options.without_registry = without_registry;
    options.as_of = as_of.map(crate::registry::day).transpose()?;
    options.skip_bad_rows = skip_bad_rows;
    let manifest = read(manifest)?;
    let raised = Raised::default();
    let tell = progress.map(|callback| raised.telling(callback));
    let progress = move |rows| tell.as_ref().map_or(ControlFlow::Continue(()), |tell| tell(rows));
    let built = py.detach(|| manifest.write(options, progress));
    match built {
        Ok(summary) => json::object(py, &summary),
        Err(error) => Err(raised.take().unwrap_or_else(|| raise(error))),
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

/// What the callback of a build raised.
#[derive(Clone, Default)]
struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    /// Calls back from any thread of a build, which what is raised ends.
    fn telling(
        &self,
        callback: Py<PyAny>,
    ) -> impl Fn(u64) -> ControlFlow<()> + Send + Sync + use<> {
        let this = self.clone();
        move |rows| {
            Python::attach(|py| match callback.call1(py, (rows,)) {
                Ok(_) => ControlFlow::Continue(()),
                Err(error) => {
                    this.held().get_or_insert(error);
                    ControlFlow::Break(())
                }
            })
        }
    }

    fn take(&self) -> Option<PyErr> {
        self.held().take()
    }

    fn held(&self) -> MutexGuard<'_, Option<PyErr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
