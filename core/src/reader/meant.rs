//! Which companies of an index are meant: by what they are called, or by what another index, or an
//! earlier file, knows of them.

use super::Index;
use super::record::CompanyRecord;
use crate::company::{Company, Field};
use crate::error::Result;
use crate::index::ids::CompanyId;

impl CompanyRecord<'_> {
    /// The record in plain data of its own, which outlives the index.
    pub fn to_company(&self) -> Company {
        let mut company = Company::new(self.name());
        self.facts().for_each(|(field, value)| company.set(field, value));
        company
    }
}

impl From<CompanyRecord<'_>> for Company {
    fn from(record: CompanyRecord<'_>) -> Self {
        record.to_company()
    }
}

impl Index {
    /// The companies that have this name, LEI or domain, whatever its case. It goes through all of
    /// them.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when a record is broken.
    pub fn companies_called(&self, wanted: &str) -> Result<Vec<CompanyId>> {
        let folded = wanted.trim().to_lowercase();
        let telling = [Field::Name, Field::Lei, Field::Domain];
        self.companies_where(|record| {
            record
                .facts()
                .any(|(field, value)| telling.contains(&field) && value.to_lowercase() == folded)
        })
    }

    /// The companies of which the same is known as of this one, contacts aside: it may be of another
    /// index, which has other numbers. Those that cannot be told apart are all given. It goes through
    /// all of them.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// # let index = firmtrie::Index::open(&path)?;
    /// use firmtrie::{Company, Field};
    ///
    /// let company = Company::new("Example B.V.");
    /// assert_eq!(index.companies_alike(&company)?.len(), 1);
    /// assert_eq!(index.companies_alike(&company.with(Field::Country, "NL"))?.len(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when a record is broken.
    pub fn companies_alike(&self, company: &Company) -> Result<Vec<CompanyId>> {
        let of_the_firm = |(field, _): &(Field, &str)| *field != Field::Contact;
        // Facts stand in one order in a file, which is that of a `Company`.
        self.companies_where(|record| {
            record.facts().filter(of_the_firm).eq(company.facts().filter(of_the_firm))
        })
    }

    fn companies_where(&self, meant: impl Fn(&CompanyRecord) -> bool) -> Result<Vec<CompanyId>> {
        let mut ids = Vec::new();
        for company in self.companies() {
            let (id, record) = company?;
            if meant(&record) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}
