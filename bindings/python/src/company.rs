//! A company as Python sees it: an object that reads from the index when it is asked.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use firmtrie::{CompanyId, Field, Index};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::errors::{raise, unknown};
use crate::json;
use crate::repr;
use crate::shapes::{dataclass_fields, pydantic_schema};

/// The business profile of a company.
///
/// Immutable and comparable by content. A field that no source gave is ``None``.
///
/// >>> company = db.lookup("8.1.0.1").company
/// >>> company.name, company.country, company.domain
/// ('Alpha B.V.', 'NL', 'alpha.example')
/// >>> list(company.to_dict())[:3]
/// ['name', 'country', 'legal_form']
#[pyclass(frozen, module = "firmtrie")]
pub struct Company {
    facts: Facts,
    pub(crate) id: CompanyId,
    name: Py<PyString>,
}

/// What is known of a company: in an index, or told once and for all by a pickle.
enum Facts {
    Read(Arc<Index>),
    Told(firmtrie::Company),
}

impl Company {
    pub const fn new(index: Arc<Index>, id: CompanyId, name: Py<PyString>) -> Self {
        Self { facts: Facts::Read(index), id, name }
    }

    #[inline]
    pub fn name_of(&self, py: Python<'_>) -> Py<PyString> {
        self.name.clone_ref(py)
    }

    /// The same in plain, owned data.
    pub fn to_company(&self) -> PyResult<firmtrie::Company> {
        match &self.facts {
            Facts::Read(index) => Ok(index.company(self.id).map_err(raise)?.to_company()),
            Facts::Told(company) => Ok(company.clone()),
        }
    }

    pub fn name_text(&self, py: Python<'_>) -> PyResult<String> {
        self.name.extract(py)
    }

    fn get(&self, field: Field) -> PyResult<Option<&str>> {
        match &self.facts {
            Facts::Read(index) => Ok(index.company(self.id).map_err(raise)?.get(field)),
            Facts::Told(company) => Ok(company.get(field)),
        }
    }

    /// Every fact, by ascending field.
    fn facts(&self) -> PyResult<Vec<(Field, &str)>> {
        match &self.facts {
            Facts::Read(index) => Ok(index.company(self.id).map_err(raise)?.facts().collect()),
            Facts::Told(company) => Ok(company.facts().collect()),
        }
    }
}

/// What a pickled company becomes: its number, and its facts by the names of their fields.
#[pyfunction]
pub fn _company(py: Python<'_>, number: u32, facts: Vec<(String, String)>) -> PyResult<Company> {
    let mut told = firmtrie::Company::new("");
    for (field, value) in facts {
        told.set(field.parse().map_err(unknown)?, value);
    }
    let name = PyString::new(py, told.name()).unbind();
    Ok(Company { facts: Facts::Told(told), id: CompanyId::new(number), name })
}

#[pymethods]
impl Company {
    /// The name, as its source writes it.
    #[getter]
    #[inline]
    fn name(&self, py: Python<'_>) -> Py<PyString> {
        self.name_of(py)
    }

    /// The company's number in its index, from 1; another index has other numbers.
    #[getter]
    const fn number(&self) -> u32 {
        self.id.get()
    }

    /// ISO 3166-1 alpha-2.
    #[getter]
    fn country(&self) -> PyResult<Option<&str>> {
        self.get(Field::Country)
    }

    /// The ISO 20275 code, or the form as its source writes it.
    #[getter]
    fn legal_form(&self) -> PyResult<Option<&str>> {
        self.get(Field::LegalForm)
    }

    /// Legal Entity Identifier, ISO 17442.
    #[getter]
    fn lei(&self) -> PyResult<Option<&str>> {
        self.get(Field::Lei)
    }

    /// The number in the business register of its country.
    #[getter]
    fn register_number(&self) -> PyResult<Option<&str>> {
        self.get(Field::RegisterNumber)
    }

    /// The VAT number, with its country.
    #[getter]
    fn vat(&self) -> PyResult<Option<&str>> {
        self.get(Field::Vat)
    }

    /// The first domain; ``domains`` has all.
    #[getter]
    fn domain(&self) -> PyResult<Option<&str>> {
        self.get(Field::Domain)
    }

    /// Every domain.
    #[getter]
    fn domains(&self) -> PyResult<Vec<&str>> {
        let domains = self.facts()?.into_iter().filter(|(field, _)| *field == Field::Domain);
        Ok(domains.map(|(_, value)| value).collect())
    }

    /// Street and number.
    #[getter]
    fn street(&self) -> PyResult<Option<&str>> {
        self.get(Field::Street)
    }

    /// The postal code.
    #[getter]
    fn postal_code(&self) -> PyResult<Option<&str>> {
        self.get(Field::PostalCode)
    }

    /// The city.
    #[getter]
    fn city(&self) -> PyResult<Option<&str>> {
        self.get(Field::City)
    }

    /// The industry, a NACE code.
    #[getter]
    fn industry(&self) -> PyResult<Option<&str>> {
        self.get(Field::Industry)
    }

    /// How many work there: a band such as ``10-49``.
    #[getter]
    fn employees(&self) -> PyResult<Option<&str>> {
        self.get(Field::Employees)
    }

    /// When it was founded: a year or a day.
    #[getter]
    fn founded(&self) -> PyResult<Option<&str>> {
        self.get(Field::Founded)
    }

    /// Business contacts; none unless the policy of the build asked for them.
    #[getter]
    fn contacts(&self) -> PyResult<Vec<Contact>> {
        let contacts = self.facts()?.into_iter().filter(|(field, _)| *field == Field::Contact);
        Ok(contacts.map(|(_, value)| Contact::of(value)).collect())
    }

    /// Every fact that the index has of the company, by its field; of domains and contacts all.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::object(py, &self.to_company()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut fields = Vec::new();
        for field in [Field::Name, Field::Country, Field::Lei, Field::Domain] {
            fields.push((field.as_str(), self.get(field)?.map(str::to_owned)));
        }
        repr::of(py, "Company", fields)
    }

    /// Pickled whole, without its index; what cannot change is its own copy.
    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.import("firmtrie._firmtrie")?.getattr("_company")?;
        let facts = self.facts()?.into_iter().map(|(field, value)| (field.as_str(), value));
        (make, (self.id.get(), facts.collect::<Vec<_>>())).into_pyobject(py)
    }

    #[pyo3(signature = () -> "Company")]
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (_memo: "typing.Any") -> "Company")]
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

    /// `dataclasses.asdict`, and what of web frameworks asks for that, gives what `to_dict` does.
    #[classattr]
    fn __dataclass_fields__(py: Python<'_>) -> PyResult<Py<PyAny>> {
        let fields = Field::ALL.into_iter().filter(|field| *field != Field::Contact);
        let lists = ["domains", "contacts"];
        dataclass_fields(py, &fields.map(Field::as_str).chain(lists).collect::<Vec<_>>())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        let same = match (&self.facts, &other.facts) {
            (Facts::Read(one), Facts::Read(another)) => Arc::ptr_eq(one, another),
            _ => false,
        };
        Ok(same && self.id == other.id || self.facts()? == other.facts()?)
    }

    fn __hash__(&self) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.facts()?.iter().for_each(|fact| fact.hash(&mut hasher));
        Ok(hasher.finish())
    }
}

/// A business contact of a company.
#[pyclass(frozen, eq, hash, get_all, module = "firmtrie")]
#[derive(PartialEq, Eq, Hash)]
pub struct Contact {
    /// Who it is.
    name: String,
    /// What they do there.
    job_title: Option<String>,
    /// Their business e-mail.
    email: Option<String>,
}

impl Contact {
    fn of(value: &str) -> Self {
        let contact = firmtrie::Contact::read(value);
        Self {
            name: contact.name.to_owned(),
            job_title: contact.job_title.map(str::to_owned),
            email: contact.email.map(str::to_owned),
        }
    }
}

/// What a pickled contact becomes.
#[pyfunction]
#[pyo3(signature = (name, job_title, email))]
pub const fn _contact(name: String, job_title: Option<String>, email: Option<String>) -> Contact {
    Contact { name, job_title, email }
}

#[pymethods]
impl Contact {
    /// The same as a dict.
    #[pyo3(signature = () -> "dict[str, str | None]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("name", &self.name)?;
        dict.set_item("job_title", &self.job_title)?;
        dict.set_item("email", &self.email)?;
        Ok(dict)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let fields = [
            ("name", Some(self.name.clone())),
            ("job_title", self.job_title.clone()),
            ("email", self.email.clone()),
        ];
        repr::of(py, "Contact", fields)
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.import("firmtrie._firmtrie")?.getattr("_contact")?;
        (make, (&self.name, &self.job_title, &self.email)).into_pyobject(py)
    }

    #[classattr]
    fn __dataclass_fields__(py: Python<'_>) -> PyResult<Py<PyAny>> {
        dataclass_fields(py, &["name", "job_title", "email"])
    }
}
