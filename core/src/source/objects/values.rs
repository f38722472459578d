//! Values that the objects of several registries have, as [`values`](super::super::values) are those of tables.

use std::borrow::Cow;

use super::super::Allotment;
use super::{Objects, range};
use crate::company::{Company, Field};
use crate::error::Result;
use crate::identity::checked;
use crate::net::AddressRange;

impl Objects {
    /// The text of an attribute that an object must have.
    pub(in crate::source) fn required(&self, name: &str) -> Result<Cow<'_, str>> {
        self.text(name).ok_or_else(|| self.refuse(name, "is needed"))
    }

    /// The handle in an attribute.
    pub(in crate::source) fn handle(&self, name: &str) -> Option<String> {
        self.text(name).map(|text| handle_of(&text))
    }

    /// The range in an attribute, however a registry writes it.
    pub(in crate::source) fn range(&self, name: &str) -> Result<AddressRange> {
        range::range(&self.required(name)?).map_err(|reason| self.refuse(name, &reason))
    }

    /// What the status in an attribute says that a range is for.
    pub(in crate::source) fn allotment(&self, name: &str) -> Allotment {
        self.text(name).map_or(Allotment::Unknown, |status| Allotment::of_status(&status))
    }

    /// A company of this name, in the first country that these attributes name; that of a region is nobody's.
    pub(in crate::source) fn company(&self, name: &str, countries: &[&str]) -> Company {
        let codes = countries.iter().flat_map(|country| self.texts(country));
        let mut codes = codes.map(|text| handle_of(&text));
        let country = codes.find(|code| checked(Field::Country, code).is_ok());
        Company::new(name).with(Field::Country, country.unwrap_or_default())
    }
}

/// A handle or a code as it is compared: in capitals, without a comment behind it.
pub(in crate::source) fn handle_of(text: &str) -> String {
    text.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase()
}
