//! Who is meant, under any spelling: names and identifiers in their normalised form.
//!
//! An [`Identifier`] is what an objection names its firm by, and what a claim or a company record
//! says of its own. Both are compared by *keys*, short texts that hold no more than the normalised
//! form, so that a store may keep hashes of them. A claim that tells less than the objection (no
//! country, no form) has one of the objection's keys; one that tells another country or another
//! form has none. An objection without a form asks for every form.
//!
//! Nothing here knows of a registry or of files.

mod disguise;
mod domain;
pub(crate) mod elf;
mod forms;
mod name;
#[cfg(feature = "build")]
pub(crate) mod person;
mod register;
mod seen;
mod value;
mod words;

use crate::company::{Company, Contact, Field};
use crate::error::{Error, Result};
#[cfg(feature = "build")]
pub(crate) use disguise::{behind_customer_number, is_customer_number};
use name::Name;
use register::Numbers;
#[cfg(feature = "build")]
pub(crate) use seen::seen;
pub(crate) use value::checked;
#[cfg(feature = "build")]
pub(crate) use words::AND;

/// One thing that a company is known by.
///
/// ```
/// use firmtrie::registry::Identifier;
/// let objected = Identifier::name("Müller & Söhne G.m.b.H.", None, Some("DE"))?;
/// assert!(objected.means(&Identifier::name("MUELLER UND SOEHNE GMBH", None, None)?));
/// assert!(!objected.means(&Identifier::name("Müller & Söhne AG", None, Some("DE"))?));
/// # Ok::<(), firmtrie::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    of: MeantBy,
    /// Does what it leaves open, a form or a country, mean any?
    any: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum MeantBy {
    Lei(String),
    Vat(String),
    Register { numbers: Numbers, country: Option<String> },
    Domain(String),
    Email(String),
    Name { name: Name, country: Option<String> },
}

impl Identifier {
    const fn any(of: MeantBy) -> Self {
        Self { of, any: true }
    }

    /// A legal entity identifier (ISO 17442); blanks and case make no difference.
    ///
    /// # Errors
    /// If its check digits are wrong.
    pub fn lei(text: &str) -> Result<Self> {
        let code = letters_and_digits(text);
        check_lei(&code).map_err(|reason| refuse(text, reason))?;
        Ok(Self::any(MeantBy::Lei(code)))
    }

    /// A VAT identification number with its country's letters; blanks, dots, hyphens and the words
    /// that Switzerland adds make no difference.
    ///
    /// # Errors
    /// If it has no country, or the rule of its country is known and not kept.
    pub fn vat(text: &str) -> Result<Self> {
        let number = vat(text).map_err(|reason| refuse(text, reason))?;
        Ok(Self::any(MeantBy::Vat(number)))
    }

    /// A number in a commercial register, and the register's country (ISO 3166-1 alpha-2); without
    /// one, the same number in any country. In
    /// Germany numbers are per court: `HRB 12345 München`.
    ///
    /// # Errors
    /// If no digit is in it, the country is none, or a German number has no court.
    pub fn register(number: &str, country: Option<&str>) -> Result<Self> {
        let country = country.map(country_code).transpose()?;
        let numbers = Numbers::of(number, country.as_deref());
        let numbers = numbers.map_err(|reason| refuse(number, reason))?;
        Ok(Self::any(MeantBy::Register { numbers, country }))
    }

    /// An internet domain, or the address of a page: the part that somebody registered, by the
    /// Public Suffix List and IDNA (UTS #46).
    ///
    /// # Errors
    /// If it is no domain, or one under which others register.
    pub fn domain(text: &str) -> Result<Self> {
        domain::registrable(text)
            .map(|domain| Self::any(MeantBy::Domain(domain)))
            .map_err(|reason| refuse(text, reason))
    }

    /// An e-mail address; case and what follows a `+` (RFC 5233) make no difference.
    ///
    /// # Errors
    /// If it is none.
    pub fn email(text: &str) -> Result<Self> {
        domain::mailbox(text)
            .map(|email| Self::any(MeantBy::Email(email)))
            .map_err(|reason| refuse(text, reason))
    }

    /// A name, its legal form where that is not part of it, and its country (ISO 3166-1 alpha-2);
    /// without one, whoever is called so in any country.
    ///
    /// # Errors
    /// If no letter or digit is in the name, or the country is none.
    pub fn name(name: &str, form: Option<&str>, country: Option<&str>) -> Result<Self> {
        let mut of = Name::of(name).ok_or_else(|| refuse(name, "holds no letter or digit"))?;
        of.set_form(form.and_then(name::form));
        Ok(Self::any(MeantBy::Name { name: of, country: country.map(country_code).transpose()? }))
    }

    /// Everything that a company record says of who it is. What is not well-formed identifies
    /// nobody, and is not among it.
    pub fn of(company: &Company) -> Vec<Self> {
        Self::of_facts(|| company.facts())
    }

    /// The same of facts.
    pub(crate) fn of_facts<'a, I>(facts: impl Fn() -> I) -> Vec<Self>
    where
        I: Iterator<Item = (Field, &'a str)>,
    {
        let get = |wanted| facts().find(|(field, _)| *field == wanted).map(|(_, value)| value);
        let country = get(Field::Country).filter(|country| country_code(country).is_ok());
        let of_field = |(field, value): (Field, &str)| match field {
            Field::Name => Self::name(value, get(Field::LegalForm), country).ok(),
            Field::Lei => Self::lei(value).ok(),
            Field::Vat => Self::vat(value).ok(),
            Field::RegisterNumber => Self::register(value, country).ok(),
            Field::Domain => Self::domain(value).ok(),
            Field::Contact => Self::email(Contact::read(value).email?).ok(),
            _ => None,
        };
        let said = |of: Self| match of.of {
            MeantBy::Name { .. } | MeantBy::Register { .. } => Self { any: false, ..of },
            _ => of,
        };
        facts().filter_map(of_field).map(said).collect()
    }

    /// Does it name firms of any country, for want of one?
    pub const fn is_of_any_country(&self) -> bool {
        let open = matches!(
            self.of,
            MeantBy::Name { country: None, .. } | MeantBy::Register { country: None, .. }
        );
        self.any && open
    }

    /// The legal form that a name says, by the first spelling that is known of it.
    pub(crate) fn form(&self) -> Option<&'static str> {
        match &self.of {
            MeantBy::Name { name, .. } => name.stems(true).find_map(|(_, form)| form),
            _ => None,
        }
    }

    /// Is each stem of this name one of the other's, so that nothing in it is another's name?
    pub(crate) fn is_spelt_as(&self, other: &Self) -> bool {
        match (&self.of, &other.of) {
            (MeantBy::Name { name, .. }, MeantBy::Name { name: other, .. }) => {
                name.stems(true).all(|(stem, _)| other.stems(false).any(|(other, _)| other == stem))
            }
            _ => false,
        }
    }

    /// What it is, in a word.
    pub const fn kind(&self) -> &'static str {
        match self.of {
            MeantBy::Lei(_) => "lei",
            MeantBy::Vat(_) => "vat",
            MeantBy::Register { .. } => "register",
            MeantBy::Domain(_) => "domain",
            MeantBy::Email(_) => "email",
            MeantBy::Name { .. } => "name",
        }
    }

    /// Does an objection of this name the firm that a claim calls so?
    pub fn means(&self, claimed: &Self) -> bool {
        let mut kept = Vec::new();
        self.keys(|key| kept.push(key.to_owned()));
        let mut found = false;
        claimed.asked_keys(|key| found |= kept.iter().any(|kept| kept == key));
        found
    }

    /// The keys under which an objection is kept.
    pub(crate) fn keys(&self, mut each: impl FnMut(&str)) {
        let mut key = KeyText::default();
        match &self.of {
            // What tells less is caught: without the country, without the form.
            MeantBy::Name { name, country } => {
                let open = self.any.then_some(ANY);
                for (stem, form) in name.stems(true) {
                    for country in [country.as_deref().or(open), Some("")].into_iter().flatten() {
                        for form in [form.or(open), Some("")].into_iter().flatten() {
                            each(key.of(["name", stem, form, country]));
                        }
                    }
                }
            }
            MeantBy::Register { numbers, country } => {
                let Numbers { number, plain, elsewhere } = numbers;
                let open = self.any.then_some(ANY);
                for country in [country.as_deref().or(open), Some("")].into_iter().flatten() {
                    each(key.of(["register", number, country]));
                }
                if plain != number {
                    each(key.of(["register", plain, ""]));
                }
                for (number, country) in elsewhere.iter().filter(|_| self.any) {
                    each(key.of(["register", number, country]));
                }
            }
            MeantBy::Lei(text)
            | MeantBy::Vat(text)
            | MeantBy::Domain(text)
            | MeantBy::Email(text) => {
                self.keys_of(text, &mut key, each);
            }
        }
    }

    /// The keys that a claim asks for.
    pub(crate) fn asked_keys(&self, mut each: impl FnMut(&str)) {
        let mut key = KeyText::default();
        match &self.of {
            MeantBy::Name { name, country } => {
                for (stem, form) in name.stems(false) {
                    for country in said(country.as_deref()) {
                        for form in said(form) {
                            each(key.of(["name", stem, form, country]));
                        }
                    }
                }
            }
            MeantBy::Register { numbers, country } => {
                let Numbers { number, plain, .. } = numbers;
                for country in said(country.as_deref()) {
                    each(key.of(["register", number, country]));
                }
                if plain != number {
                    each(key.of(["register", plain, ANY]));
                }
            }
            MeantBy::Lei(text)
            | MeantBy::Vat(text)
            | MeantBy::Domain(text)
            | MeantBy::Email(text) => {
                self.keys_of(text, &mut key, each);
            }
        }
    }

    /// The keys of requests that are told to whoever is known by this: those of exactly this form and country,
    /// and those that leave them open. A request of another form or country is another's, also where this
    /// one does not say its own.
    pub(crate) fn told_keys(&self, mut each: impl FnMut(&str)) {
        let mut key = KeyText::default();
        let same = |what: Option<&'static str>| [Some(ANY), what].into_iter().flatten();
        match &self.of {
            MeantBy::Name { name, country } => {
                for (stem, form) in name.stems(false) {
                    for country in [Some(ANY), country.as_deref()].into_iter().flatten() {
                        for form in same(form) {
                            each(key.of(["name", stem, form, country]));
                        }
                    }
                }
            }
            MeantBy::Register { numbers, country } => {
                let Numbers { number, plain, .. } = numbers;
                for country in [Some(ANY), country.as_deref()].into_iter().flatten() {
                    each(key.of(["register", number, country]));
                }
                if plain != number {
                    each(key.of(["register", plain, ANY]));
                }
            }
            _ => self.asked_keys(each),
        }
    }

    /// Of what no country belongs to, the key, and that of its other spelling.
    fn keys_of(&self, text: &str, key: &mut KeyText, mut each: impl FnMut(&str)) {
        each(key.of([self.kind(), text]));
        let other =
            matches!(self.of, MeantBy::Email(_)).then(|| domain::without_dots(text)).flatten();
        if let Some(other) = other {
            each(key.of([self.kind(), &other]));
        }
    }
}

/// What is written before a VAT number, in some languages.
const VAT_LABELS: [&str; 10] =
    ["VAT", "VATID", "VATNO", "BTW", "BTWNR", "BTWNUMMER", "USTID", "USTIDNR", "TVA", "IVA"];

/// The VAT number in a text, in upper case and without what is written before it, as its country writes it
/// now; or why it is none.
fn vat(text: &str) -> Result<String, &'static str> {
    let whole = letters_and_digits(text);
    let labelled = VAT_LABELS.iter().filter_map(|label| whole.strip_prefix(label));
    let fits = |number: &&str| check_vat(&vat_number(number)).is_ok();
    let number = vat_number(labelled.into_iter().find(fits).unwrap_or(&whole));
    check_vat(&number).map(|()| number)
}

/// A VAT number in upper case, as its country writes it now.
fn vat_number(number: &str) -> String {
    // Greece says EL where ISO 3166 says GR; Belgian numbers once had nine digits.
    if let Some(rest) = number.strip_prefix("GR") {
        return format!("EL{rest}");
    }
    if let Some(rest) = number.strip_prefix("BE").filter(|rest| rest.len() == 9) {
        return format!("BE0{rest}");
    }
    let digits = number.strip_prefix("CHE").map(|rest| rest.find(|c: char| !c.is_ascii_digit()));
    match digits.flatten() {
        Some(end) => number[..end + 3].to_owned(),
        None => number.to_owned(),
    }
}

/// The text of a key, used again for the next.
struct KeyText(String);

impl Default for KeyText {
    fn default() -> Self {
        // Most keys are shorter.
        Self(String::with_capacity(64))
    }
}

impl KeyText {
    fn of<const N: usize>(&mut self, parts: [&str; N]) -> &str {
        self.0.clear();
        for part in parts {
            self.0.push_str(part);
            self.0.push('\t');
        }
        &self.0
    }
}

/// The most records that a domain is taken to be one firm's of: what more have is a platform's.
pub(crate) const ONE_FIRMS: usize = 16;

/// The form or the country of an objection that says none.
const ANY: &str = "*";

/// What a claim says, and that of objections that leave it open; of one that says nothing, nothing.
fn said(what: Option<&str>) -> impl Iterator<Item = &str> {
    [Some(what.unwrap_or_default()), what.map(|_| ANY)].into_iter().flatten()
}

/// Is it an LEI in upper case, or why not? Its check digits are those of ISO 7064, MOD 97-10: read
/// as a number, with 10 for `A` to 35 for `Z`, it leaves 1 (ISO 17442).
fn check_lei(code: &str) -> Result<(), &'static str> {
    let checked =
        code.is_ascii() && code.len() == 20 && code[18..].bytes().all(|byte| byte.is_ascii_digit());
    let value = |letter: char| letter.to_digit(36).filter(|_| !letter.is_ascii_lowercase());
    let rest = code.chars().try_fold(0, |rest, letter| {
        let value = value(letter)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    });
    // 00, 01 and 99 would leave 1, too, and are never given.
    let is_one = checked && rest == Some(1) && !matches!(&code[18..], "00" | "01" | "99");
    is_one
        .then_some(())
        .ok_or("is not an LEI: 20 letters and digits, the last two of which check the others")
}

/// Is it a VAT number in upper case, or why not? It is checked where the country's rule is known.
fn check_vat(number: &str) -> Result<(), &'static str> {
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // Without its country's letters a number could be of several countries.
    let named = number.bytes().take(2).all(|byte| byte.is_ascii_alphabetic());
    let placeholder = number.len() > 3 && number.bytes().skip(2).all(|byte| byte == b'0');
    if !plain || !named || placeholder || number.len() < 4 {
        return Err("is not a VAT number: a country's two letters, then its digits and letters");
    }
    let check = vat_id_validator::check_vat(number);
    if check.is_supported_country && !check.is_valid && !is_new_in_belgium(number) {
        return Err("is not a VAT number of its country: its form or check digit is wrong");
    }
    Ok(())
}

/// Is it one of the Belgian numbers that begin with 1, which the Crossroads Bank for Enterprises gives since
/// those that begin with 0 came to their end? The check is theirs: the last two digits are what the others
/// lack to a multiple of 97.
fn is_new_in_belgium(number: &str) -> bool {
    let digits = number.strip_prefix("BE1").filter(|rest| rest.len() == 9);
    let number = digits.and_then(|rest| format!("1{rest}").parse::<u64>().ok());
    number.is_some_and(|number| number % 100 == 97 - number / 100 % 97)
}

/// Upper case, without anything else.
fn letters_and_digits(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn country_code(text: &str) -> Result<String> {
    let code = text.trim().to_ascii_uppercase();
    check_country(&code).map(|()| code).map_err(|reason| refuse(text, reason))
}

/// Is it a country's code in upper case, or why not?
pub(crate) fn check_country(code: &str) -> Result<(), &'static str> {
    let known = isocountry::CountryCode::for_alpha2(code);
    known.map(|_| ()).map_err(|_| "is not a code of ISO 3166-1 alpha-2, as in NL")
}

fn refuse(value: &str, reason: &str) -> Error {
    Error::Identifier { value: value.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Registries keep hashes of these for ever: whoever changes one lets everybody back in.
    #[test]
    fn keys_are_what_they_have_always_been() {
        let kept = |identifier: Result<Identifier>| {
            let mut kept = Vec::new();
            identifier.unwrap().keys(|key| kept.push(key.to_owned()));
            kept
        };
        assert_eq!(
            kept(Identifier::name("Müller & Co. GmbH", None, Some("DE"))),
            [
                "name\tmueller&co\tgmbh\tDE\t",
                "name\tmueller&co\t\tDE\t",
                "name\tmueller&co\tgmbh\t\t",
                "name\tmueller&co\t\t\t",
                "name\tmuller&co\tgmbh\tDE\t",
                "name\tmuller&co\t\tDE\t",
                "name\tmuller&co\tgmbh\t\t",
                "name\tmuller&co\t\t\t",
            ]
        );
        assert_eq!(
            kept(Identifier::name("Acme", None, None)),
            ["name\tacme\t*\t*\t", "name\tacme\t\t*\t", "name\tacme\t*\t\t", "name\tacme\t\t\t"]
        );
        assert_eq!(
            kept(Identifier::register("HRB 1 Bonn", Some("DE"))),
            ["register\tHRB1@BONN\tDE\t", "register\tHRB1@BONN\t\t", "register\tHRB1BONN\t\t"]
        );
        assert_eq!(kept(Identifier::domain("www.example.nl")), ["domain\texample.nl\t"]);
        assert_eq!(kept(Identifier::email("A+b@Example.nl")), ["email\ta@example.nl\t"]);
        assert_eq!(kept(Identifier::vat("NL 0044.95.445.B01")), ["vat\tNL004495445B01\t"]);
    }
}
