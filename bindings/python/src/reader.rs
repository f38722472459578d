//! The reader: an open index, and who is taken out of it by a registry that is followed.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmtrie::live::Live;
use firmtrie::net::parse_prefix;
use firmtrie::registry::RegistryPath;
use firmtrie::{AnswerId, Mode};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyList, PyTuple};

use crate::address;
use crate::columns::{self, Columns};
use crate::company::Company;
use crate::errors::{self, closed, raise, refuse};
use crate::followed::{self, Opened};
use crate::found::{Classification, Found, Match};
use crate::json;
use crate::mapping;
use crate::networks::Networks;
use crate::snapshot::Snapshot;

/// An open index; made by ``firmtrie.open``.
///
/// Any number of threads may ask it at once. It is pickled by its path, so that worker processes
/// open the same file and share its pages. As a context manager it is closed at the end.
#[pyclass(frozen, module = "firmtrie", weakref)]
pub struct Reader {
    path: PathBuf,
    mode: Mode,
    registry: Option<RegistryPath>,
    /// Who is told what could not be followed.
    on_error: Option<Py<PyAny>>,
    /// Nothing, when it is closed.
    open: Mutex<Option<Open>>,
}

/// What is gone when a reader is closed.
struct Open {
    snapshot: Py<Snapshot>,
    opened: Opened,
}

impl Reader {
    fn opened(
        path: PathBuf,
        mode: Mode,
        registry: Option<RegistryPath>,
        on_error: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let reader = Self { path, mode, registry, on_error, open: Mutex::new(None) };
        *reader.lock() = Some(reader.begin()?);
        Ok(reader)
    }

    fn begin(&self) -> PyResult<Open> {
        let mode = self.mode;
        let registry = self.registry.as_ref().map(RegistryPath::open);
        let registry = registry.transpose().map_err(raise)?;
        let on_error = Python::attach(|py| self.on_error.as_ref().map(|tell| tell.clone_ref(py)));
        let live = Live::open_with(&self.path, registry, move |path| mapping::open(mode, path));
        let live = live.map_err(raise)?;
        let first = Snapshot::new(&live.snapshot(), None);
        let opened = Opened::new(live, move |error| followed::tell(on_error.as_ref(), error));
        let snapshot = Python::attach(|py| Py::new(py, first))?;
        Ok(Open { snapshot, opened })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what is loaded now. No code of Python may run in `ask`, such as raising an exception:
    /// another thread could come to turn, and wait for this one's lock while this one waits for it.
    #[inline(always)]
    fn with<T>(&self, py: Python<'_>, ask: impl FnOnce(&Py<Snapshot>) -> T) -> PyResult<T> {
        let answer = self.lock().as_mut().map(|open| {
            let known = open.snapshot.get();
            if let Some(live) = open.opened.live().filter(|live| !live.is_current(&known.loaded)) {
                let next = Snapshot::new(&live.snapshot(), Some(known));
                open.snapshot = Py::new(py, next)?;
            }
            Ok(ask(&open.snapshot))
        });
        answer.unwrap_or_else(|| Err(closed(&self.path)))
    }

    /// What is loaded now.
    pub fn snapshot(&self, py: Python<'_>) -> PyResult<Py<Snapshot>> {
        self.with(py, |snapshot| snapshot.clone_ref(py))
    }

    /// Networks of what is loaded now.
    fn listed(
        slf: &Bound<'_, Self>,
        wanted: impl FnOnce(&firmtrie::Snapshot) -> firmtrie::Result<firmtrie::Networks<'_>> + Send,
    ) -> PyResult<Networks> {
        let (py, reader) = (slf.py(), slf.clone().unbind());
        let now = move |py: Python<'_>| reader.get().snapshot(py).ok();
        Networks::of(py, slf.get().snapshot(py)?, now, wanted)
    }

    /// What is loaded now, for who asks without Python.
    pub fn loaded(&self, py: Python<'_>) -> PyResult<Arc<firmtrie::Snapshot>> {
        self.with(py, |snapshot| Arc::clone(&snapshot.get().loaded))
    }
}

#[pymethods]
impl Reader {
    #[new]
    #[pyo3(signature = (path, *, registry=None, key=None, mode: "typing.Literal['mmap', 'memory']" = "mmap", on_error: "collections.abc.Callable[[Exception], object] | None" = None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        registry: Option<PathBuf>,
        key: Option<PathBuf>,
        mode: &str,
        on_error: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mode = mode.parse().map_err(errors::unknown)?;
        let registry = RegistryPath::named(registry, key).map_err(raise)?;
        py.detach(|| Self::opened(path, mode, registry, on_error))
    }

    /// The company behind an address, or ``None`` where none is named.
    ///
    /// The address is a ``str``, an ``ipaddress`` object, 4 or 16 bytes, or an ``int`` whose family
    /// ``version`` tells. Raises ``AddressError`` for what is none, ``ClosedError`` after ``close``,
    /// ``IndexFileError`` where the file is damaged.
    ///
    /// >>> db.lookup("8.1.0.1").company.name
    /// 'Alpha B.V.'
    /// >>> db.lookup("10.0.0.1") is None
    /// True
    #[pyo3(signature = (address: "firmtrie.types.Address", version: "typing.Literal[4, 6] | None" = None))]
    #[inline]
    fn lookup(
        slf: &Bound<'_, Self>,
        address: &Bound<'_, PyAny>,
        version: Option<u8>,
    ) -> PyResult<Option<Match>> {
        let asked = address::read(address, version)?;
        let py = slf.py();
        let found = slf.get().with(py, |snapshot| {
            let loaded = &snapshot.get().loaded;
            let id = loaded.answer_id(asked.into())?;
            let named = loaded.index().names_company(id);
            if named {
                snapshot.get().read_ahead(id);
            }
            Ok(named.then(|| Match(Found::new(snapshot.clone_ref(py), asked, id))))
        });
        found?.map_err(raise)
    }

    /// How an address is answered, also where nobody is named.
    ///
    /// >>> db.classify("8.2.0.1")
    /// Classification(address='8.2.0.1', network='8.2.0.0/23', status='non_business', kind='isp')
    #[pyo3(signature = (address: "firmtrie.types.Address", version: "typing.Literal[4, 6] | None" = None))]
    fn classify(
        slf: &Bound<'_, Self>,
        address: &Bound<'_, PyAny>,
        version: Option<u8>,
    ) -> PyResult<Classification> {
        let asked = address::read(address, version)?;
        let snapshot = slf.get().snapshot(slf.py())?;
        let id = snapshot.get().loaded.answer_id(asked.into()).map_err(raise)?;
        Ok(Classification(Found::new(snapshot, asked, id)))
    }

    /// :meth:`lookup` of each of many addresses, in their order; other threads run meanwhile. What is no
    /// address raises ``AddressError``, which tells the index; with ``on_error="none"`` it is ``None``.
    ///
    /// >>> [match and match.network for match in db.lookup_many(["8.1.0.1", "10.0.0.1"])]
    /// ['8.1.0.0/23', None]
    #[pyo3(signature = (addresses: "collections.abc.Iterable[firmtrie.types.Address]", version: "typing.Literal[4, 6] | None" = None, *, on_error: "typing.Literal['raise', 'none']" = "raise") -> "list[Match | None]")]
    fn lookup_many<'py>(
        slf: &Bound<'py, Self>,
        addresses: &Bound<'py, PyAny>,
        version: Option<u8>,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = slf.py();
        let mut parsed: Vec<IpAddr> = Vec::with_capacity(addresses.len().unwrap_or_default());
        let (invalid_is_none, mut invalid) = (invalid_is_none(on_error)?, Vec::new());
        for (at, address) in addresses.try_iter()?.enumerate() {
            match address::read(&address?, version) {
                Ok(asked) => parsed.push(asked.into()),
                Err(_) if invalid_is_none => {
                    invalid.push(at);
                    parsed.push(Ipv4Addr::UNSPECIFIED.into());
                }
                Err(error) => return Err(address::at(py, at, &error)),
            }
        }
        let snapshot = slf.get().snapshot(py)?;
        let loaded = &snapshot.get().loaded;
        let mut ids = vec![AnswerId::NOBODY; parsed.len()];
        py.detach(|| loaded.lookup_batch(&parsed, &mut ids)).map_err(raise)?;
        for at in invalid {
            ids[at] = AnswerId::NOBODY;
        }
        let matches = parsed.into_iter().zip(ids).map(|(address, id)| {
            let named = loaded.index().names_company(id);
            if named {
                snapshot.get().read_ahead(id);
            }
            named.then(|| Match(Found::new(snapshot.clone_ref(py), address.into(), id)))
        });
        PyList::new(py, matches)
    }

    /// What is known of each address of a whole column, as flat columns: for logs of millions.
    ///
    /// The column is anything that speaks Arrow: of pyarrow, polars, pandas, DuckDB, nanoarrow … with
    /// addresses as text, uint32 (IPv4), or binary of 4 or 16 bytes, and so is what comes back.
    /// ``fields`` are of ``company`` (its name), ``country``, ``legal_form``, ``lei``,
    /// ``register_number``, ``vat``, ``domain``, ``street``, ``postal_code``, ``city``, ``industry``,
    /// ``employees``, ``founded``, ``network``, ``status``, ``kind``, ``asn``, ``confidence`` and
    /// ``sources``. Rows without an address are null in all of them. What is no address is too, and is
    /// counted in ``invalid``; with ``invalid="raise"`` it raises ``AddressError``. Other threads run
    /// meanwhile.
    ///
    /// >>> import pyarrow
    /// >>> columns = db.lookup_arrow(pyarrow.array(["8.1.0.1", "10.0.0.1", "x"]), ["company", "status"])
    /// >>> pyarrow.table(columns).to_pylist()[1]
    /// {'company': None, 'status': 'unknown'}
    /// >>> columns.invalid
    /// 1
    #[pyo3(signature = (column: "typing.Any", fields: "collections.abc.Sequence[str]" = vec!["company".to_owned(), "network".to_owned()], *, invalid: "typing.Literal['null', 'raise']" = "null"))]
    fn lookup_arrow(
        &self,
        py: Python<'_>,
        column: &Bound<'_, PyAny>,
        fields: Vec<String>,
        invalid: &str,
    ) -> PyResult<Columns> {
        columns::look_up(py, &*self.loaded(py)?, column, &fields, invalid)
    }

    /// Every network, in address order: also those whose companies are left out, as far as the index
    /// tells of them.
    ///
    /// >>> network = next(db.networks())
    /// >>> network.network, network.company.name
    /// ('8.0.0.0/16', 'Wide Routes, Inc.')
    fn networks(slf: &Bound<'_, Self>) -> PyResult<Networks> {
        Self::listed(slf, |snapshot| Ok(snapshot.networks()))
    }

    /// Every network that has an address in common with a prefix.
    #[pyo3(signature = (prefix: "str | ipaddress.IPv4Network | ipaddress.IPv6Network"))]
    fn networks_in(slf: &Bound<'_, Self>, prefix: &Bound<'_, PyAny>) -> PyResult<Networks> {
        let prefix = parse_prefix(prefix.str()?.to_str()?).map_err(raise)?;
        Self::listed(slf, |snapshot| snapshot.networks_in(prefix))
    }

    /// Every network of a company: of all that have this name, LEI or domain, or of all of which the
    /// same is known as of a ``Company``, which may be of another index.
    #[pyo3(signature = (company: "Company | str"))]
    fn networks_of(slf: &Bound<'_, Self>, company: &Bound<'_, PyAny>) -> PyResult<Networks> {
        if let Ok(company) = company.cast::<Company>() {
            let company = company.get().to_company()?;
            return Self::listed(slf, |snapshot| {
                snapshot.networks_of(&snapshot.index().companies_alike(&company)?)
            });
        }
        let called: String = company.extract()?;
        Self::listed(slf, |snapshot| {
            snapshot.networks_of(&snapshot.index().companies_called(&called)?)
        })
    }

    /// Every network that an autonomous system announces.
    fn networks_of_asn(slf: &Bound<'_, Self>, asn: u32) -> PyResult<Networks> {
        Self::listed(slf, |snapshot| snapshot.networks_of_asn(asn))
    }

    /// What the index says of itself: its day, policy, sources and counts.
    ///
    /// >>> db.info()["counts"]["companies"]
    /// 9
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::object(py, &self.loaded(py)?.index().info().map_err(raise)?)
    }

    /// Check every checksum and reference. Gives what is damaged; nothing, if all is sound.
    ///
    /// >>> db.verify()
    /// []
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let loaded = self.loaded(py)?;
        let errors = py.detach(|| loaded.index().verify());
        Ok(errors.iter().map(ToString::to_string).collect())
    }

    /// Takes over a new file at the path, and what the registry says now. Says whether anything was
    /// new. A file that is damaged is refused, and the old one goes on answering.
    fn reload(&self, py: Python<'_>) -> PyResult<bool> {
        let opened = self.lock().as_ref().map(|open| open.opened.clone());
        let opened = opened.ok_or_else(|| closed(&self.path))?;
        let new = py.detach(|| opened.refresh()).map_err(raise)?;
        // What was loaded is let go of now, and not when somebody asks next.
        self.snapshot(py)?;
        Ok(new)
    }

    /// Closes the reader; asking it raises ``ClosedError``. What it gave goes on answering, and the
    /// file stays open until that is gone. Closing twice is fine.
    fn close(&self) {
        let open = self.lock().take();
        drop(open);
    }

    /// Was it closed?
    #[getter]
    fn closed(&self) -> bool {
        self.lock().is_none()
    }

    /// The path it was opened by.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// ``mmap`` or ``memory``.
    #[getter]
    const fn mode(&self) -> &'static str {
        self.mode.as_str()
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_raised: "object"))]
    fn __exit__(&self, _raised: &Bound<'_, PyAny>) {
        self.close();
    }

    #[pyo3(signature = () -> "tuple[typing.Any, tuple[typing.Any, ...]]")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, this) = (slf.py(), slf.get());
        if this.closed() {
            return Err(closed(&this.path));
        }
        let again = py.import("firmtrie")?.getattr("_reopened")?;
        let registry = this.registry.as_ref();
        let (folder, key) =
            (registry.map(RegistryPath::folder), registry.and_then(RegistryPath::key));
        let opened = (&this.path, folder, key, this.mode.as_str());
        Ok((again, opened.into_pyobject(py)?))
    }

    fn __repr__(&self) -> String {
        let state = if self.closed() { ", closed" } else { "" };
        format!("<firmtrie.Reader of {}, {}{state}>", self.path.display(), self.mode.as_str())
    }
}

/// What becomes of what is no address, by its word.
fn invalid_is_none(word: &str) -> PyResult<bool> {
    match word {
        "raise" => Ok(false),
        "none" => Ok(true),
        _ => Err(refuse("usage", format!("on_error is \"raise\" or \"none\", not {word:?}"))),
    }
}
