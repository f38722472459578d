//! What an address is answered with, as Python sees it.
//!
//! An object holds the index it is from, an address and the number of its answer, and reads the rest
//! when it is asked: most users want one name. So it goes on answering when its reader is reloaded
//! or closed, and holds the old file for as long.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use firmtrie::net::IpNet;
use firmtrie::{Answer, AnswerId, Classification as Class, Description};
use pyo3::prelude::*;

use crate::company::Company;
use crate::errors::raise;
use crate::json;
use crate::repr;
use crate::shapes::{KindWord, NetworkObject, StatusWord};
use crate::snapshot::Snapshot;

/// An address, or the first of a network, in an index.
pub struct Found {
    snapshot: Py<Snapshot>,
    address: IpAddr,
    id: AnswerId,
    /// Was a network asked for, and no address?
    whole: bool,
}

impl Found {
    #[inline]
    pub const fn new(snapshot: Py<Snapshot>, address: IpAddr, id: AnswerId) -> Self {
        Self { snapshot, address, id, whole: false }
    }

    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    #[inline]
    fn loaded(&self) -> &Arc<firmtrie::Snapshot> {
        &self.snapshot.get().loaded
    }

    #[inline]
    fn answer(&self) -> PyResult<Answer<'_>> {
        self.loaded().index().answer(self.id).map_err(raise)
    }

    fn class(&self) -> PyResult<Class> {
        self.loaded().classify(self.address).map_err(raise)
    }

    fn network(&self) -> PyResult<IpNet> {
        let (_, length) = self.loaded().answer_id_and_length(self.address).map_err(raise)?;
        Ok(IpNet::new(self.address, length).unwrap_or_else(|_| self.address.into()).trunc())
    }

    #[inline]
    fn company(&self, py: Python<'_>) -> PyResult<Option<Py<Company>>> {
        let Some(id) = self.answer()?.company_id() else { return Ok(None) };
        self.snapshot.get().company(py, id).map(Some)
    }

    fn describe(&self) -> PyResult<Description<'_>> {
        let mut description = self.loaded().describe(self.address).map_err(raise)?;
        description.address = description.address.filter(|_| !self.whole);
        Ok(description)
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::object(py, &self.describe()?)
    }

    fn repr(&self, py: Python<'_>, class: &str) -> PyResult<String> {
        let it = self.describe()?;
        let fields = [
            ("address", it.address.map(|address| address.to_string())),
            ("network", Some(it.network.to_string())),
            ("status", it.company.is_none().then(|| it.status.as_str().to_owned())),
            ("company", it.company.map(|company| company.name.to_owned())),
            ("kind", it.kind.map(|kind| kind.as_str().to_owned())),
        ];
        repr::of(py, class, fields)
    }

    fn eq(&self, other: &Self) -> PyResult<bool> {
        let same = Arc::ptr_eq(self.loaded(), other.loaded())
            && (self.id, self.address, self.whole) == (other.id, other.address, other.whole);
        Ok(same || self.describe()? == other.describe()?)
    }

    fn hash(&self) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        (!self.whole).then_some(self.address).hash(&mut hasher);
        self.network()?.hash(&mut hasher);
        Ok(hasher.finish())
    }
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
        match self.0.company(py)? {
            Some(company) => Ok(company),
            None => Err(crate::errors::refuse("damaged", "a match has no company".to_owned())),
        }
    }

    /// The address that was asked for; an IPv4-mapped one is the IPv4 address.
    #[getter]
    fn address(&self) -> String {
        self.0.address.to_string()
    }

    /// ``company``, as of every match.
    #[getter]
    fn status(&self) -> PyResult<StatusWord> {
        Ok(StatusWord(self.0.answer()?.status()))
    }

    /// The widest network that holds the address and is answered alike, as text.
    #[getter]
    fn network(&self) -> PyResult<String> {
        Ok(self.0.network()?.to_string())
    }

    /// The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
    #[getter]
    fn network_object(&self) -> PyResult<NetworkObject> {
        Ok(NetworkObject(self.0.network()?))
    }

    /// What the network is used for: ``business``, ``hosting``, ``isp``, ``mobile``, ``education``,
    /// ``government``, ``consumer`` or ``unknown``.
    #[getter]
    fn kind(&self) -> PyResult<KindWord> {
        Ok(KindWord(self.0.answer()?.kind()))
    }

    /// The autonomous system that announces the network.
    #[getter]
    fn asn(&self) -> PyResult<Option<u32>> {
        Ok(self.0.answer()?.asn())
    }

    /// How sure the evidence makes the answer, from 0 to 1; ``None`` where there is none to weigh.
    #[getter]
    fn confidence(&self) -> PyResult<Option<f64>> {
        Ok(self.0.answer()?.confidence())
    }

    /// The names of the sources that say so.
    #[getter]
    fn sources(&self) -> PyResult<Vec<&str>> {
        self.0.answer()?.sources().map_err(raise)
    }

    /// The answer in the plain shape that every language gives.
    #[pyo3(signature = () -> "firmtrie.types.Answer")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.to_dict(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.0.repr(py, "Match")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        other.cast::<Self>().map_or(Ok(false), |other| self.0.eq(&other.get().0))
    }

    fn __hash__(&self) -> PyResult<u64> {
        self.0.hash()
    }
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
    fn status(&self) -> PyResult<StatusWord> {
        Ok(StatusWord(self.0.class()?.status))
    }

    /// The company, if one is named.
    #[getter]
    fn company(&self, py: Python<'_>) -> PyResult<Option<Py<Company>>> {
        self.0.company(py)
    }

    /// The address that was asked for; ``None`` if it was a network.
    #[getter]
    fn address(&self) -> Option<String> {
        (!self.0.whole).then(|| self.0.address.to_string())
    }

    /// The widest network that is answered alike, as text.
    #[getter]
    fn network(&self) -> PyResult<String> {
        Ok(self.0.network()?.to_string())
    }

    /// The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
    #[getter]
    fn network_object(&self) -> PyResult<NetworkObject> {
        Ok(NetworkObject(self.0.network()?))
    }

    /// What the network is used for; ``None`` where that is withheld or unknown.
    #[getter]
    fn kind(&self) -> PyResult<Option<KindWord>> {
        Ok(self.0.class()?.kind.map(KindWord))
    }

    /// The autonomous system; ``None`` where it is withheld or unknown.
    #[getter]
    fn asn(&self) -> PyResult<Option<u32>> {
        Ok(self.0.class()?.asn)
    }

    /// The answer in the plain shape that every language gives.
    #[pyo3(signature = () -> "firmtrie.types.Answer")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.to_dict(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.0.repr(py, "Classification")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        other.cast::<Self>().map_or(Ok(false), |other| self.0.eq(&other.get().0))
    }

    fn __hash__(&self) -> PyResult<u64> {
        self.0.hash()
    }
}
