//! Company records: a name and facts, each with the source it came from.
//!
//! A record costs nothing until a fact is asked for; what it reads was checked (`checked.rs`).

use std::fmt;

use serde::{Serialize, Serializer};

use super::Index;
use super::checked::CheckedFacts;
use crate::company::{Contact, Field, serialize_facts};
use crate::error::Result;
use crate::index::companies::CompanyEntry;
use crate::index::ids::{AnswerId, CompanyId};

/// A company's record in the index; made by [`Match::company`](crate::reader::Match::company) and
/// [`Index::company`].
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("companies.csv"), dir.path().join("companies.firm"));
/// # let networks = dir.path().join("networks.csv");
/// # std::fs::write(&rows, "key,name,country,domain\na,Alpha B.V.,NL,alpha.example alpha.test\n")?;
/// # std::fs::write(&networks, "network,company\n11.0.0.0/24,a\n")?;
/// # use firmtrie::{Builder, Format, Source};
/// # let sources = [("c", Format::Companies, rows), ("n", Format::Networks, networks)];
/// # let sources = sources.map(|(name, format, path)| Source::new(name, format).path(path));
/// # sources.into_iter().fold(Builder::new(), |all, source| all.source(source)).write(&path)?;
/// use firmtrie::{Field, Index};
/// let index = Index::open(&path)?;
/// let company = index.lookup("11.0.0.9".parse()?)?.expect("it is in the source").company()?;
/// assert_eq!((company.name(), company.get(Field::Country)), ("Alpha B.V.", Some("NL")));
/// let domains = company.facts().filter(|(field, _)| *field == Field::Domain);
/// assert_eq!(domains.map(|(_, domain)| domain).collect::<Vec<_>>(), ["alpha.example", "alpha.test"]);
/// let owned: firmtrie::Company = company.into();
/// assert_eq!(serde_json::to_string(&company)?, serde_json::to_string(&owned)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct CompanyRecord<'a> {
    name: &'a str,
    facts: CheckedFacts<'a>,
}

impl<'a> CompanyRecord<'a> {
    /// The name as its source writes it.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The first value of a field.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.facts().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Every fact, the name first, by ascending field. Fields that a later version added are left
    /// out.
    pub fn facts(&self) -> impl Iterator<Item = (Field, &'a str)> + use<'a> {
        let others = self.facts.iter();
        let others =
            others.filter_map(|(field, _, value)| Some((Field::from_number(field)?, value)));
        std::iter::once((Field::Name, self.name)).chain(others)
    }

    /// The business contacts of the company; none unless the policy asked for them.
    pub fn contacts(&self) -> impl Iterator<Item = Contact<'a>> + use<'a> {
        let contacts = self.facts().filter(|(field, _)| *field == Field::Contact);
        contacts.map(|(_, value)| Contact::read(value))
    }

    /// The source of each fact, in the order of [`CompanyRecord::facts`]: its index in
    /// `Metadata::sources`.
    pub fn fact_sources(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.facts.sources()
    }
}

impl fmt::Debug for CompanyRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.facts()).finish()
    }
}

/// Each [`Field`] with its first value or null, then all `domains` and `contacts`: as Python's `to_dict`
/// and Node.js's `toJSON` give it.
impl Serialize for CompanyRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_facts(self.facts(), serializer)
    }
}

impl Index {
    /// A company by its number.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when there is none of this number, or its record is broken.
    pub fn company(&self, id: CompanyId) -> Result<CompanyRecord<'_>> {
        self.recorded(self.entry_of_company(id, self.companies_table().offset(id)?)?)
    }

    /// Every company with its number, in the order of numbers.
    pub fn companies(&self) -> impl Iterator<Item = Result<(CompanyId, CompanyRecord<'_>)>> {
        let table = self.companies_table();
        self.company_ids().zip(table.offsets()).map(|(id, offset)| {
            let entry = self.entry_of_company(id, offset?)?;
            Ok((id, self.recorded(entry)?))
        })
    }

    /// The number of each company's list of facts, which others may share.
    #[cfg(feature = "registry")]
    pub(crate) fn lists(&self) -> impl Iterator<Item = Result<(u32, CompanyId)>> {
        let table = self.companies_table();
        let each = self.company_ids().zip(table.offsets());
        each.map(move |(id, offset)| Ok((table.entry(offset?)?.facts, id)))
    }

    /// The number of a company's list of facts, which others may share.
    #[cfg(feature = "registry")]
    pub(crate) fn list_of(&self, company: CompanyId) -> Result<u32> {
        let table = self.companies_table();
        Ok(table.entry(table.offset(company)?)?.facts)
    }

    pub(crate) fn company_ids(&self) -> impl Iterator<Item = CompanyId> + use<> {
        (1..=self.company_count() as u32).map(CompanyId::new)
    }

    /// The company of an answer.
    #[inline(always)]
    pub(super) fn company_of(&self, id: AnswerId) -> Result<CompanyRecord<'_>> {
        self.recorded(self.entry_of_answer(id)?)
    }

    #[inline(always)]
    fn recorded<'a>(
        &'a self,
        (entry, name): (CompanyEntry<'a>, &'a str),
    ) -> Result<CompanyRecord<'a>> {
        Ok(CompanyRecord { name, facts: self.checked_facts(entry.facts)? })
    }
}
