//! A company as Python sees it: an object that reads from the index when it is asked.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use firmtrie::{CompanyId, CompanyRecord, Field, Index};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors::raise;
use crate::json;
use crate::repr;

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
    pub(crate) index: Arc<Index>,
    pub(crate) id: CompanyId,
    name: Py<PyString>,
}

impl Company {
    pub fn new(py: Python<'_>, index: Arc<Index>, id: CompanyId) -> PyResult<Self> {
        let name = PyString::new(py, index.company(id).map_err(raise)?.name()).unbind();
        Ok(Self { index, id, name })
    }

    pub fn record(&self) -> PyResult<CompanyRecord<'_>> {
        self.index.company(self.id).map_err(raise)
    }

    fn get(&self, field: Field) -> PyResult<Option<&str>> {
        Ok(self.record()?.get(field))
    }
}

#[pymethods]
impl Company {
    /// The name, as its source writes it.
    #[getter]
    #[inline]
    fn name(&self, py: Python<'_>) -> Py<PyString> {
        self.name.clone_ref(py)
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
        let facts = self.record()?.facts();
        let domains = facts.filter(|(field, _)| *field == Field::Domain);
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
        let contacts = self.record()?.contacts().map(|contact| Contact {
            name: contact.name.to_owned(),
            job_title: contact.job_title.map(str::to_owned),
            email: contact.email.map(str::to_owned),
        });
        Ok(contacts.collect())
    }

    /// Every fact that the index has of the company, by its field; of domains and contacts all.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::object(py, &self.record()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let record = self.record()?;
        let fields = [Field::Name, Field::Country, Field::Lei, Field::Domain];
        let value = |field: Field| (field.as_str(), record.get(field).map(str::to_owned));
        repr::of(py, "Company", fields.map(value))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        Ok(Arc::ptr_eq(&self.index, &other.index) && self.id == other.id
            || self.record()?.facts().eq(other.record()?.facts()))
    }

    fn __hash__(&self) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.record()?.facts().for_each(|fact| fact.hash(&mut hasher));
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
}
