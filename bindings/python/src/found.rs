//! What an address is answered with, as Python sees it.
//!
//! An object holds the index it is from, an address and the number of its answer, and reads the rest
//! when it is asked: most users want one name. So it goes on answering when its reader is reloaded
//! or closed, and holds the old file for as long.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use firmtrie::net::{IpNet, parse_prefix};
use firmtrie::{Answer, AnswerId, Classification as Class, Description, Kind, Status};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::address::Asked;
use crate::company::Company;
use crate::errors::raise;
use crate::json;
use crate::repr;
use crate::shapes::{KindWord, NetworkObject, StatusWord, dataclass_fields, pydantic_schema};
use crate::snapshot::Snapshot;

/// What an object tells: read from an index, or told once and for all by one that has travelled.
pub enum Found {
    /// An address, or the first of a network, in an index.
    Read(Place),
    /// What a pickle held: the plain shape, and the company.
    Told { plain: Py<PyDict>, company: Option<Py<Company>> },
}

/// An address, or the first of a network, in an index.
pub struct Place {
    snapshot: Py<Snapshot>,
    asked: Asked,
    id: AnswerId,
    /// Was a network asked for, and no address?
    whole: bool,
}

impl Place {
    #[inline]
    fn loaded(&self) -> &Arc<firmtrie::Snapshot> {
        &self.snapshot.get().loaded
    }

    #[inline]
    fn answer(&self) -> PyResult<Answer<'_>> {
        self.loaded().index().answer(self.id).map_err(raise)
    }

    /// The answer, if it names a company: it then tells without another walk what a class would.
    #[inline]
    fn named(&self) -> PyResult<Option<Answer<'_>>> {
        Ok(Some(self.answer()?).filter(|answer| answer.company_id().is_some()))
    }

    fn address(&self) -> IpAddr {
        self.asked.into()
    }

    fn class(&self) -> PyResult<Class> {
        self.loaded().classify(self.address()).map_err(raise)
    }

    fn network(&self) -> PyResult<IpNet> {
        let address = self.address();
        let (_, length) = self.loaded().answer_id_and_length(address).map_err(raise)?;
        Ok(IpNet::new(address, length).unwrap_or_else(|_| address.into()).trunc())
    }

    fn describe(&self) -> PyResult<Description<'_>> {
        let mut description = self.loaded().describe(self.address()).map_err(raise)?;
        description.address = description.address.filter(|_| !self.whole);
        Ok(description)
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.loaded(), other.loaded())
            && (self.id, self.asked, self.whole) == (other.id, other.asked, other.whole)
    }
}

impl Found {
    #[inline]
    pub const fn new(snapshot: Py<Snapshot>, asked: Asked, id: AnswerId) -> Self {
        Self::Read(Place { snapshot, asked, id, whole: false })
    }

    /// The same of a whole network.
    pub fn of_network(snapshot: Py<Snapshot>, first: IpAddr, id: AnswerId) -> Self {
        Self::Read(Place { snapshot, asked: first.into(), id, whole: true })
    }

    /// What the plain shape that was told has under a key.
    fn told<T>(py: Python<'_>, plain: &Py<PyDict>, key: &str) -> PyResult<Option<T>>
    where
        T: for<'a> FromPyObject<'a, 'a, Error = PyErr>,
    {
        let value = plain.bind(py).get_item(key)?.filter(|value| !value.is_none());
        value.map(|value| value.extract()).transpose()
    }

    /// The same of a word.
    fn word<T: std::str::FromStr>(
        py: Python<'_>,
        plain: &Py<PyDict>,
        key: &str,
    ) -> PyResult<Option<T>> {
        let word: Option<String> = Self::told(py, plain, key)?;
        Ok(word.and_then(|word| word.parse().ok()))
    }

    #[inline]
    fn company(&self, py: Python<'_>) -> PyResult<Option<Py<Company>>> {
        match self {
            Self::Read(place) => place.snapshot.get().company(py, place.id),
            Self::Told { company, .. } => Ok(company.as_ref().map(|company| company.clone_ref(py))),
        }
    }

    #[inline]
    fn name(&self, py: Python<'_>) -> PyResult<Option<Py<PyString>>> {
        match self {
            Self::Read(place) => place.snapshot.get().name(py, place.id),
            Self::Told { company, .. } => {
                Ok(company.as_ref().map(|company| company.get().name_of(py)))
            }
        }
    }

    fn address(&self, py: Python<'_>) -> PyResult<Option<String>> {
        match self {
            Self::Read(place) => Ok((!place.whole).then(|| place.address().to_string())),
            Self::Told { plain, .. } => Self::told(py, plain, "address"),
        }
    }

    fn status(&self, py: Python<'_>) -> PyResult<StatusWord> {
        let status = match self {
            Self::Read(place) => match place.named()? {
                Some(answer) => answer.status(),
                None => place.class()?.status,
            },
            Self::Told { plain, .. } => Self::word(py, plain, "status")?.unwrap_or(Status::Unknown),
        };
        Ok(StatusWord(status))
    }

    fn network(&self, py: Python<'_>) -> PyResult<IpNet> {
        match self {
            Self::Read(place) => place.network(),
            Self::Told { plain, .. } => {
                let text: Option<String> = Self::told(py, plain, "network")?;
                parse_prefix(&text.unwrap_or_default()).map_err(raise)
            }
        }
    }

    fn kind(&self, py: Python<'_>) -> PyResult<Option<Kind>> {
        match self {
            Self::Read(place) => match place.named()? {
                Some(answer) => Ok(Some(answer.kind())),
                None => Ok(place.class()?.kind),
            },
            Self::Told { plain, .. } => Self::word(py, plain, "kind"),
        }
    }

    fn asn(&self, py: Python<'_>) -> PyResult<Option<u32>> {
        match self {
            Self::Read(place) => match place.named()? {
                Some(answer) => Ok(answer.asn()),
                None => Ok(place.class()?.asn),
            },
            Self::Told { plain, .. } => Self::told(py, plain, "asn"),
        }
    }

    fn confidence(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        match self {
            Self::Read(place) => Ok(place.named()?.and_then(|answer| answer.confidence())),
            Self::Told { plain, .. } => Self::told(py, plain, "confidence"),
        }
    }

    fn sources(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        match self {
            Self::Read(place) => {
                let Some(answer) = place.named()? else { return Ok(Vec::new()) };
                let sources = answer.sources().map_err(raise)?;
                Ok(sources.into_iter().map(str::to_owned).collect())
            }
            Self::Told { plain, .. } => Ok(Self::told(py, plain, "sources")?.unwrap_or_default()),
        }
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Read(place) => json::object(py, &place.describe()?),
            // Whoever has it may change it.
            Self::Told { plain, .. } => py.import("copy")?.call_method1("deepcopy", (plain,)),
        }
    }

    /// What makes it anew elsewhere: a function of the module, and its arguments.
    fn reduce<'py>(&self, py: Python<'py>, function: &str) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.import("firmtrie._firmtrie")?.getattr(function)?;
        let told = (self.to_dict(py)?, self.company(py)?);
        (make, told).into_pyobject(py)
    }

    fn repr(&self, py: Python<'_>, class: &str) -> PyResult<String> {
        let company = self.company(py)?;
        let status = company.is_none().then(|| self.status(py)).transpose()?;
        let fields = [
            ("address", self.address(py)?),
            ("network", Some(self.network(py)?.to_string())),
            ("status", status.map(|status| status.0.as_str().to_owned())),
            ("company", company.map(|company| company.get().name_text(py)).transpose()?),
            ("kind", self.kind(py)?.map(|kind| kind.as_str().to_owned())),
        ];
        repr::of(py, class, fields)
    }

    fn eq(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        match (self, other) {
            (Self::Read(one), Self::Read(other)) => {
                Ok(one.is(other) || one.describe()? == other.describe()?)
            }
            _ => self.to_dict(py)?.eq(other.to_dict(py)?),
        }
    }

    fn hash(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.address(py)?.hash(&mut hasher);
        self.network(py)?.hash(&mut hasher);
        Ok(hasher.finish())
    }
}

/// What both kinds of answer have, by the names of the plain shape.
const FIELDS: [&str; 8] =
    ["address", "network", "status", "kind", "asn", "company", "sources", "confidence"];

/// What a pickled match becomes.
#[pyfunction]
pub fn _match(plain: Py<PyDict>, company: Py<Company>) -> Match {
    Match(Found::Told { plain, company: Some(company) })
}

/// What a pickled classification becomes.
#[pyfunction]
#[pyo3(signature = (plain, company))]
pub fn _classification(plain: Py<PyDict>, company: Option<Py<Company>>) -> Classification {
    Classification(Found::Told { plain, company })
}

/// The company behind an address, with the network that has it.
///
/// Immutable, comparable by content and read lazily from the index.
///
/// >>> match = db.lookup("8.1.0.1")
/// >>> match.company.name, match.network, match.kind, match.asn
/// ('Alpha B.V.', '8.1.0.0/23', 'business', 64501)
#[pyclass(frozen, module = "firmtrie")]
pub struct Match(pub Found);

#[pymethods]
impl Match {
    /// The company.
    #[getter]
    #[inline]
    fn company(&self, py: Python<'_>) -> PyResult<Py<Company>> {
        self.0.company(py)?.ok_or_else(without_a_company)
    }

    /// The company's name, as its source writes it: ``company.name``, in half the time.
    #[getter]
    #[inline]
    fn name(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.0.name(py)?.ok_or_else(without_a_company)
    }

    /// The address that was asked for; an IPv4-mapped one is the IPv4 address.
    #[getter]
    fn address(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.address(py)?.unwrap_or_default())
    }

    /// ``company``, as of every match.
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<StatusWord> {
        self.0.status(py)
    }

    /// The widest network that holds the address and is answered alike, as text.
    #[getter]
    fn network(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.network(py)?.to_string())
    }

    /// The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
    #[getter]
    fn network_object(&self, py: Python<'_>) -> PyResult<NetworkObject> {
        Ok(NetworkObject(self.0.network(py)?))
    }

    /// What the network is used for: ``business``, ``hosting``, ``isp``, ``mobile``, ``education``,
    /// ``government``, ``consumer`` or ``unknown``.
    #[getter]
    fn kind(&self, py: Python<'_>) -> PyResult<KindWord> {
        Ok(KindWord(self.0.kind(py)?.unwrap_or(Kind::Unknown)))
    }

    /// The autonomous system that announces the network.
    #[getter]
    fn asn(&self, py: Python<'_>) -> PyResult<Option<u32>> {
        self.0.asn(py)
    }

    /// How sure the evidence makes the answer, from 0 to 1; ``None`` where there is none to weigh.
    #[getter]
    fn confidence(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.0.confidence(py)
    }

    /// The names of the sources that say so.
    #[getter]
    fn sources(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.0.sources(py)
    }

    /// The answer in the plain shape that every language gives.
    #[pyo3(signature = () -> "firmtrie.types.Answer")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.to_dict(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.0.repr(py, "Match")
    }

    /// Pickled whole, without its index; what cannot change is its own copy.
    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.0.reduce(py, "_match")
    }

    #[pyo3(signature = () -> "Match")]
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (_memo: "typing.Any") -> "Match")]
    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// How pydantic, and FastAPI by it, makes JSON of it.
    #[classmethod]
    #[pyo3(signature = (_source: "typing.Any", _handler: "typing.Any") -> "typing.Any")]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pydantic_schema(cls)
    }

    /// `dataclasses.asdict`, and what of web frameworks asks for that, gives everything.
    #[classattr]
    fn __dataclass_fields__(py: Python<'_>) -> PyResult<Py<PyAny>> {
        dataclass_fields(py, &FIELDS)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        other.cast::<Self>().map_or(Ok(false), |other| self.0.eq(py, &other.get().0))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        self.0.hash(py)
    }
}

#[cold]
fn without_a_company() -> PyErr {
    crate::errors::refuse("damaged", "a match has no company".to_owned())
}

/// How an address, or a network, is answered: also where nobody is named.
///
/// >>> db.classify("8.2.0.1").status
/// 'non_business'
#[pyclass(frozen, module = "firmtrie")]
pub struct Classification(pub Found);

#[pymethods]
impl Classification {
    /// ``company``, ``non_business``, ``withheld`` or ``unknown``.
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<StatusWord> {
        self.0.status(py)
    }

    /// The company, if one is named.
    #[getter]
    fn company(&self, py: Python<'_>) -> PyResult<Option<Py<Company>>> {
        self.0.company(py)
    }

    /// The address that was asked for; ``None`` if it was a network.
    #[getter]
    fn address(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.0.address(py)
    }

    /// The widest network that is answered alike, as text.
    #[getter]
    fn network(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.network(py)?.to_string())
    }

    /// The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
    #[getter]
    fn network_object(&self, py: Python<'_>) -> PyResult<NetworkObject> {
        Ok(NetworkObject(self.0.network(py)?))
    }

    /// What the network is used for; ``None`` where that is withheld or unknown.
    #[getter]
    fn kind(&self, py: Python<'_>) -> PyResult<Option<KindWord>> {
        Ok(self.0.kind(py)?.map(KindWord))
    }

    /// The autonomous system; ``None`` where it is withheld or unknown.
    #[getter]
    fn asn(&self, py: Python<'_>) -> PyResult<Option<u32>> {
        self.0.asn(py)
    }

    /// How sure the evidence makes the answer, from 0 to 1; ``None`` where no company is named.
    #[getter]
    fn confidence(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.0.confidence(py)
    }

    /// The names of the sources that say so; none where no company is named.
    #[getter]
    fn sources(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.0.sources(py)
    }

    /// The answer in the plain shape that every language gives.
    #[pyo3(signature = () -> "firmtrie.types.Answer")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.to_dict(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.0.repr(py, "Classification")
    }

    /// Pickled whole, without its index; what cannot change is its own copy.
    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.0.reduce(py, "_classification")
    }

    #[pyo3(signature = () -> "Classification")]
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (_memo: "typing.Any") -> "Classification")]
    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// How pydantic, and FastAPI by it, makes JSON of it.
    #[classmethod]
    #[pyo3(signature = (_source: "typing.Any", _handler: "typing.Any") -> "typing.Any")]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pydantic_schema(cls)
    }

    /// `dataclasses.asdict`, and what of web frameworks asks for that, gives everything.
    #[classattr]
    fn __dataclass_fields__(py: Python<'_>) -> PyResult<Py<PyAny>> {
        dataclass_fields(py, &FIELDS)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        other.cast::<Self>().map_or(Ok(false), |other| self.0.eq(py, &other.get().0))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        self.0.hash(py)
    }
}
