//! The registry of objections and requests from Python.
//!
//! What is recorded here holds in every reader of this process that follows the same registry
//! before the call returns.

use std::path::PathBuf;

use firmtrie::Field;
use firmtrie::live::Recorded;
use firmtrie::registry::{About, Date, Request, Right, Step};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use crate::errors::{raise, unknown};
use crate::json;
use crate::reader::Reader;

/// A day: a ``datetime.date``, or ``YYYY-MM-DD``.
pub fn day(value: &Bound<'_, PyAny>) -> PyResult<Date> {
    let text = value.str()?;
    firmtrie::registry::day(text.to_str()?).map_err(raise)
}

/// Objections and other requests, kept for ever in a folder.
///
/// Whom a request is about is told by keywords: ``lei``, ``vat``, ``register`` with ``country``,
/// ``domain``, ``email``, ``name`` with ``country``, ``address``, ``prefix``; several are all of one
/// firm, and no country is any country. What takes out more than a hundredth of the index, or a /8, is
/// recorded with ``sure=True`` only. With ``index``, a reader, all that its index knows the firm by is recorded too, and ``met``
/// tells the networks that this takes out. Every request
/// gives its entry as a dict: ``entry``, ``right``, ``step``, ``received``, ``due``...
///
/// >>> registry = firmtrie.Registry.create("registry")
/// >>> registry.object(domain="alpha.example")["entry"]
/// 1
#[pyclass(frozen, module = "firmtrie")]
pub struct Registry {
    folder: PathBuf,
    registry: firmtrie::registry::Registry,
}

impl Registry {
    /// Asks or changes the registry while other threads of Python run.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&firmtrie::registry::Registry) -> firmtrie::Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| ask(&self.registry)).map_err(raise)
    }

    fn record<'py>(
        &self,
        py: Python<'py>,
        right: Right,
        about: Option<&Bound<'py, PyDict>>,
        more: impl FnOnce(Request) -> Request,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (about, reader) = self::about(about)?;
        let loaded = reader.map(|reader| reader.get().loaded(py)).transpose()?;
        let index = loaded.as_ref().map(|loaded| &**loaded.index());
        let request = more(about.request(right, index).map_err(raise)?);
        self.changed(py, |registry| registry.record_live(request, index))
    }

    fn changed<'py>(
        &self,
        py: Python<'py>,
        change: impl FnOnce(&firmtrie::registry::Registry) -> firmtrie::Result<Recorded> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let recorded = self.with(py, change)?;
        json::object(py, &recorded)
    }
}

/// Whom a request is about, and the reader whose index is asked too.
fn about(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<(About, Option<Py<Reader>>)> {
    let mut words = Vec::new();
    let mut reader = None;
    for (word, value) in keywords.into_iter().flatten() {
        let word: String = word.extract()?;
        if word == "index" {
            reader = value.extract::<Option<Py<Reader>>>()?;
        } else if !About::WORDS.contains(&word.as_str()) {
            let message = format!(
                "there is no keyword {word:?}; there are {}, index",
                About::WORDS.join(", ")
            );
            return Err(PyTypeError::new_err(message));
        } else if !value.is_none() {
            fits(&word, &value)?;
            words.push((word, value.str()?.extract::<String>()?));
        }
    }
    let words = words.iter().map(|(word, text)| (word.as_str(), text.as_str()));
    Ok((About::read(words).map_err(raise)?, reader))
}

/// What is recorded stays for ever: a value that only looks like text would be somebody else's name.
fn fits(word: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let of = value.get_type();
    let module = of.module()?;
    let (expected, fits) = match word {
        "sure" => ("a bool", value.is_instance_of::<PyBool>()),
        "received" => {
            ("a date or a str", value.is_instance_of::<PyString>() || module == "datetime")
        }
        "address" | "prefix" => {
            let what = "a str or an object of ipaddress";
            (what, value.is_instance_of::<PyString>() || module == "ipaddress")
        }
        _ => ("a str", value.is_instance_of::<PyString>()),
    };
    if fits {
        return Ok(());
    }
    let message = format!("{word} is {expected}, not {}", of.name()?);
    Err(PyTypeError::new_err(message))
}

#[pymethods]
impl Registry {
    /// Open the registry in a folder, with the key that lies in it or elsewhere. Raises
    /// ``RegistryError`` if there is none, or the key is missing or not its own.
    #[new]
    #[pyo3(signature = (folder, key=None))]
    fn new(folder: PathBuf, key: Option<PathBuf>) -> PyResult<Self> {
        let registry =
            firmtrie::registry::Registry::open(&folder, key.as_deref()).map_err(raise)?;
        Ok(Self { folder, registry })
    }

    /// Make a registry in a folder, and its key, there or elsewhere.
    #[staticmethod]
    #[pyo3(signature = (folder, key=None))]
    fn create(folder: PathBuf, key: Option<PathBuf>) -> PyResult<Self> {
        let registry =
            firmtrie::registry::Registry::create(&folder, key.as_deref()).map_err(raise)?;
        Ok(Self { folder, registry })
    }

    /// Bring a registry that is gone or damaged back from the folder of a backup, and add to one that
    /// can be read what it has not. Raises ``RegistryError`` if it has what the backup has not.
    #[staticmethod]
    #[pyo3(signature = (folder, backup, key=None))]
    fn restore(
        py: Python<'_>,
        folder: PathBuf,
        backup: PathBuf,
        key: Option<PathBuf>,
    ) -> PyResult<Self> {
        let restore = || firmtrie::registry::Registry::restore(&folder, &backup, key.as_deref());
        let registry = py.detach(restore).map_err(raise)?;
        Ok(Self { folder, registry })
    }

    /// Record an objection (GDPR, article 21): from now on they are not shown, and never collected
    /// again.
    #[pyo3(signature = (**about: "typing.Unpack[firmtrie.types.About]") -> "firmtrie.types.RecordedDict")]
    fn object<'py>(
        &self,
        py: Python<'py>,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.record(py, Right::Objection, about, |request| request)
    }

    /// Record a request for erasure (article 17).
    #[pyo3(signature = (**about: "typing.Unpack[firmtrie.types.About]") -> "firmtrie.types.RecordedDict")]
    fn erase<'py>(
        &self,
        py: Python<'py>,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.record(py, Right::Erasure, about, |request| request)
    }

    /// Record a restriction (article 18): not shown up to and including the day ``until``.
    #[pyo3(signature = (*, until: "datetime.date | str", **about: "typing.Unpack[firmtrie.types.About]") -> "firmtrie.types.RecordedDict")]
    fn restrict<'py>(
        &self,
        py: Python<'py>,
        until: &Bound<'py, PyAny>,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let until = day(until)?;
        self.record(py, Right::Restriction, about, |request| request.until(until))
    }

    /// Record a rectification (article 16): ``field`` becomes ``value`` in every later build.
    #[pyo3(signature = (*, field, value, old=None, **about: "typing.Unpack[firmtrie.types.About]") -> "firmtrie.types.RecordedDict")]
    fn rectify<'py>(
        &self,
        py: Python<'py>,
        field: &str,
        value: &str,
        old: Option<&str>,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let field: Field = field.parse().map_err(unknown)?;
        self.record(py, Right::Rectification, about, |request| {
            request.rectify(field, value, old.map(str::to_owned))
        })
    }

    /// Record a request of another right: ``access``, ``portability``, or ``withdrawal``.
    #[pyo3(signature = (right: "typing.Literal['access', 'portability', 'withdrawal']", **about: "typing.Unpack[firmtrie.types.About]") -> "firmtrie.types.RecordedDict")]
    fn request<'py>(
        &self,
        py: Python<'py>,
        right: &str,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.record(py, Right::of_request(right).map_err(unknown)?, about, |request| request)
    }

    /// Take a step of a request: ``identity_asked``, ``verified``, ``extended``, ``done`` or
    /// ``refused``; the last but one and ``extended`` with a reason.
    #[pyo3(signature = (entry, step, *, day: "datetime.date | str | None" = None, reason=None) -> "firmtrie.types.RecordedDict")]
    fn step<'py>(
        &self,
        py: Python<'py>,
        entry: u64,
        step: &str,
        day: Option<&Bound<'py, PyAny>>,
        reason: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let step: Step = step.parse().map_err(unknown)?;
        let day = day.map(self::day).transpose()?;
        self.changed(py, |registry| registry.step_live(entry, step, day, reason))
    }

    /// Take an entry back, once: what it asked for does not hold any more.
    #[pyo3(signature = (entry, *, reason=None) -> "firmtrie.types.RecordedDict")]
    fn lift<'py>(
        &self,
        py: Python<'py>,
        entry: u64,
        reason: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.changed(py, |registry| registry.step_live(entry, Step::Lifted, None, reason))
    }

    /// Everything that is held about somebody, in the registry and in the index of ``index``, a
    /// reader, each fact with its source: the answer to a request for access (article 15).
    #[pyo3(signature = (**about: "typing.Unpack[firmtrie.types.About]") -> "dict[str, typing.Any]")]
    fn subject<'py>(
        &self,
        py: Python<'py>,
        about: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (about, reader) = self::about(about)?;
        let loaded = reader.map(|reader| reader.get().loaded(py)).transpose()?;
        let who = about.one().map_err(raise)?;
        let index = loaded.as_ref().map(|loaded| &**loaded.index());
        let held = self.with(py, |registry| registry.subject(&who, index))?;
        json::object(py, &held)
    }

    /// Every entry.
    #[pyo3(signature = () -> "list[firmtrie.types.EntryDict]")]
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let entries = self.with(py, firmtrie::registry::Registry::entries)?;
        json::object(py, &entries)
    }

    /// Entries that have no answer yet, the one due first before the others.
    #[pyo3(signature = () -> "list[firmtrie.types.EntryDict]")]
    fn due<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let entries = self.with(py, firmtrie::registry::Registry::due)?;
        json::object(py, &entries)
    }

    /// Copy the registry as it is now to a folder, while it is used; its key only when asked.
    #[pyo3(signature = (folder, *, with_key=false))]
    fn backup(&self, py: Python<'_>, folder: PathBuf, with_key: bool) -> PyResult<()> {
        self.with(py, |registry| registry.backup(&folder, with_key))
    }

    /// The folder.
    #[getter]
    fn path(&self) -> PathBuf {
        self.folder.clone()
    }

    fn __repr__(&self) -> String {
        format!("<firmtrie.Registry in {}>", self.folder.display())
    }
}
