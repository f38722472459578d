//! The record model: what is known about a company, and how an address is answered.
//!
//! [`Company`] is the plain, owned form, for builders and for callers who keep a record. The
//! reader has its own borrowed view of the same fields. Nothing here reads or writes files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a network is used for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Nothing is known about the use.
    #[default]
    Unknown,
    /// A company's own network: its staff or its services.
    Business,
    /// Servers rented out.
    Hosting,
    /// An access provider.
    Isp,
    /// Mobile carriers' pools.
    Mobile,
    /// Schools, universities, research.
    Education,
    /// Public administration.
    Government,
    /// Households.
    Consumer,
}

impl Kind {
    /// Every kind, in the order of its number in the index file.
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Business,
        Self::Hosting,
        Self::Isp,
        Self::Mobile,
        Self::Education,
        Self::Government,
        Self::Consumer,
    ];

    /// The word used in every input and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Business => "business",
            Self::Hosting => "hosting",
            Self::Isp => "isp",
            Self::Mobile => "mobile",
            Self::Education => "education",
            Self::Government => "government",
            Self::Consumer => "consumer",
        }
    }
}

/// A word that is not one of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not one of {choices}")]
pub struct UnknownWord {
    choices: String,
}

impl UnknownWord {
    pub(crate) fn of(choices: &[&str]) -> Self {
        Self { choices: choices.join(", ") }
    }
}

impl FromStr for Kind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let wanted = text.trim();
        Self::ALL
            .into_iter()
            .find(|k| k.as_str().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| UnknownWord::of(&Self::ALL.map(Self::as_str)))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How an address is answered.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// No source says anything about it.
    #[default]
    Unknown,
    /// A company is behind it.
    Company,
    /// Consumers, access providers, mobile pools, hosting: nobody a company could be named for.
    NonBusiness,
    /// Left out for another lawful reason; the file does not tell which.
    Withheld,
}

impl Status {
    /// Every status, in the order of its number in the index file.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Company, Self::NonBusiness, Self::Withheld];

    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Company => "company",
            Self::NonBusiness => "non_business",
            Self::Withheld => "withheld",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One kind of fact in a company record. The numbers are those of the index file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
#[non_exhaustive]
pub enum Field {
    /// The name as its source writes it.
    Name = 1,
    /// ISO 3166-1 alpha-2 country, upper case.
    Country = 2,
    /// ISO 20275 code or the source's own text.
    LegalForm = 3,
    /// ISO 17442 legal entity identifier.
    Lei = 4,
    /// Number in the commercial register of `Country`.
    RegisterNumber = 5,
    /// VAT identification number.
    Vat = 6,
    /// Internet domain; a record may hold several.
    Domain = 7,
    /// Street and house number.
    Street = 8,
    /// Postal code.
    PostalCode = 9,
    /// Town.
    City = 10,
    /// NACE code of the industry.
    Industry = 11,
    /// Size band of the staff, such as `10-49`.
    Employees = 12,
    /// Year or date of foundation.
    Founded = 13,
    /// A business contact, as [`Contact`] reads it; a record may hold several. There are none unless
    /// the policy asks for them.
    Contact = 14,
}

impl Field {
    /// Every field, by ascending number.
    pub const ALL: [Self; 14] = [
        Self::Name,
        Self::Country,
        Self::LegalForm,
        Self::Lei,
        Self::RegisterNumber,
        Self::Vat,
        Self::Domain,
        Self::Street,
        Self::PostalCode,
        Self::City,
        Self::Industry,
        Self::Employees,
        Self::Founded,
        Self::Contact,
    ];

    /// The field with this number in the index file.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|field| *field as u16 == number)
    }

    /// The column name in `companies` files and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Country => "country",
            Self::LegalForm => "legal_form",
            Self::Lei => "lei",
            Self::RegisterNumber => "register_number",
            Self::Vat => "vat",
            Self::Domain => "domain",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Industry => "industry",
            Self::Employees => "employees",
            Self::Founded => "founded",
            Self::Contact => "contact",
        }
    }
}

impl FromStr for Field {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|field| field.as_str() == word);
        known.ok_or_else(|| UnknownWord::of(&Self::ALL.map(Self::as_str)))
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

    /// The facts themselves, in the same order.
    #[cfg(feature = "build")]
    pub(crate) fn into_facts(self) -> Vec<(Field, String)> {
        self.facts
    }
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
