//! The record model: what is known about a company, and how an address is answered.
//!
//! [`Company`] is the plain, owned form, for builders and for callers who keep a record. The
//! reader has its own borrowed view of the same fields. Nothing here reads or writes files.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::words::words;

words! {
    /// What a network is used for.
    #[derive(Default)]
    pub enum Kind {
        /// Nothing is known about the use.
        #[default]
        Unknown => "unknown",
        /// A company's own network: its staff or its services.
        Business => "business",
        /// Servers rented out.
        Hosting => "hosting",
        /// An access provider.
        Isp => "isp",
        /// Mobile carriers' pools.
        Mobile => "mobile",
        /// Schools, universities, research.
        Education => "education",
        /// Public administration.
        Government => "government",
        /// Households.
        Consumer => "consumer",
    }
}

words! {
    /// How an address is answered.
    #[derive(Default)]
    pub enum Status {
        /// No source says anything about it.
        #[default]
        Unknown => "unknown",
        /// A company is behind it.
        Company => "company",
        /// Consumers, access providers, mobile pools, hosting: nobody a company could be named for.
        NonBusiness => "non_business",
        /// Left out for another lawful reason; the file does not tell which.
        Withheld => "withheld",
    }
}

words! {
    /// One kind of fact in a company record. The numbers are those of the index file.
    #[repr(u16)]
    pub enum Field {
        /// The name as its source writes it.
        Name = 1 => "name",
        /// ISO 3166-1 alpha-2 country, upper case.
        Country = 2 => "country",
        /// ISO 20275 code or the source's own text.
        LegalForm = 3 => "legal_form",
        /// ISO 17442 legal entity identifier.
        Lei = 4 => "lei",
        /// Number in the commercial register of `Country`.
        RegisterNumber = 5 => "register_number",
        /// VAT identification number.
        Vat = 6 => "vat",
        /// Internet domain; a record may hold several.
        Domain = 7 => "domain",
        /// Street and house number.
        Street = 8 => "street",
        /// Postal code.
        PostalCode = 9 => "postal_code",
        /// Town.
        City = 10 => "city",
        /// NACE code of the industry.
        Industry = 11 => "industry",
        /// Size band of the staff, such as `10-49`.
        Employees = 12 => "employees",
        /// Year or date of foundation.
        Founded = 13 => "founded",
        /// A business contact, as [`Contact`] reads it; a record may hold several. There are none unless
        /// the policy asks for them.
        Contact = 14 => "contact",
    }
}

impl Field {
    /// The field with this number in the index file.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|field| *field as u16 == number)
    }
}

/// A business contact of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Contact<'a> {
    /// Who it is.
    pub name: &'a str,
    /// What they do there.
    pub job_title: Option<&'a str>,
    /// Their business e-mail.
    pub email: Option<&'a str>,
}

impl<'a> Contact<'a> {
    /// Reads the value of a [`Field::Contact`]: name, job title and e-mail, separated by tabs.
    pub fn read(value: &'a str) -> Self {
        let mut parts = value.split('\t').map(|part| Some(part).filter(|part| !part.is_empty()));
        let mut next = || parts.next().flatten();
        Self { name: next().unwrap_or_default(), job_title: next(), email: next() }
    }

    /// The value of a [`Field::Contact`].
    #[cfg(feature = "build")]
    pub(crate) fn value(&self) -> String {
        let parts = [Some(self.name), self.job_title, self.email];
        parts.map(|part| part.unwrap_or_default().replace('\t', " ")).join("\t")
    }
}

/// A company, in plain owned data: a name and whatever else is known of it.
///
/// ```
/// use firmtrie::{Company, Field};
/// let company = Company::new("Example B.V.").with(Field::Country, "NL");
/// assert_eq!(company.get(Field::Country), Some("NL"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Company {
    // Sorted by field, duplicates removed; exactly one `Name`, and it comes first.
    facts: Vec<(Field, String)>,
}

impl Company {
    /// A company of which only the name is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { facts: vec![(Field::Name, name.into())] }
    }

    /// The same company with one more fact. A second [`Field::Domain`] is added, a second value
    /// of any other field replaces the first; an empty value is no fact.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<String>) -> Self {
        self.set(field, value);
        self
    }

    /// Adds a fact in place; see [`Company::with`].
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            return;
        }
        if !matches!(field, Field::Domain | Field::Contact) {
            self.facts.retain(|(known, _)| *known != field);
        }
        let fact = (field, value);
        if let Err(at) = self.facts.binary_search(&fact) {
            self.facts.insert(at, fact);
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.get(Field::Name).unwrap_or_default()
    }

    /// The first value of a field.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.facts().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Every fact, by ascending field.
    pub fn facts(&self) -> impl Iterator<Item = (Field, &str)> {
        self.facts.iter().map(|(field, value)| (*field, value.as_str()))
    }

    /// A company of the facts that one had, in the same order.
    #[cfg(feature = "build")]
    pub(crate) const fn of_facts(facts: Vec<(Field, String)>) -> Self {
        Self { facts }
    }

    /// The facts themselves, in the same order.
    #[cfg(feature = "build")]
    pub(crate) fn into_facts(self) -> Vec<(Field, String)> {
        self.facts
    }
}

impl Serialize for Company {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_facts(self.facts(), serializer)
    }
}

/// Serialises facts as all languages give them: each [`Field`] with its first value or null, then
/// `domains` and `contacts`, which are all of them.
pub(crate) fn serialize_facts<'a, S: Serializer>(
    facts: impl Iterator<Item = (Field, &'a str)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let facts: Vec<_> = facts.collect();
    let all =
        |field| facts.iter().filter(move |(known, _)| *known == field).map(|(_, value)| *value);
    let mut map = serializer.serialize_map(None)?;
    for field in Field::ALL.into_iter().filter(|field| *field != Field::Contact) {
        map.serialize_entry(field.as_str(), &all(field).next())?;
    }
    map.serialize_entry("domains", &all(Field::Domain).collect::<Vec<_>>())?;
    let contacts = all(Field::Contact).map(Contact::read);
    map.serialize_entry("contacts", &contacts.collect::<Vec<_>>())?;
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_file_are_the_positions_in_all() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for (number, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, number);
        }
        for field in Field::ALL {
            assert_eq!(Field::from_number(field as u16), Some(field));
        }
    }

    #[test]
    fn a_second_domain_is_kept_and_a_second_country_replaces_the_first() {
        let company = Company::new("Example")
            .with(Field::Domain, "b.example")
            .with(Field::Domain, "a.example")
            .with(Field::Country, "NL")
            .with(Field::Country, "BE");
        let facts: Vec<_> = company.facts().map(|(_, value)| value).collect();
        assert_eq!(facts, ["Example", "BE", "a.example", "b.example"]);
    }
}
