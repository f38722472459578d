//! What an answer's number stands for, as JSON text: everything that is known, so that nothing of
//! the index needs to be kept.

use firmtrie::{Answer, Contact, Field, Index, Kind, Result, Status};
use serde::Serialize;

/// An answer. Of its company every fact is listed, by ascending field, the name first.
#[derive(Default, Serialize)]
struct Whole<'a> {
    status: Status,
    kind: Option<Kind>,
    asn: Option<u32>,
    confidence: Option<f64>,
    sources: Vec<&'a str>,
    facts: Vec<(&'static str, &'a str)>,
    contacts: Vec<Contact<'a>>,
}

/// Appends the JSON of an answer.
pub fn write(answer: &Answer<'_>, into: &mut Vec<u8>) -> Result<()> {
    let company = answer.company()?;
    let (kind, asn) = answer.kind_and_asn();
    let whole = Whole {
        status: answer.status(),
        kind,
        asn,
        confidence: answer.confidence().filter(|_| company.is_some()),
        sources: company.map_or(Ok(Vec::new()), |_| answer.sources())?,
        facts: company
            .into_iter()
            .flat_map(|company| company.facts())
            .filter(|(field, _)| *field != Field::Contact)
            .map(|(field, value)| (field.as_str(), value))
            .collect(),
        contacts: company.into_iter().flat_map(|company| company.contacts()).collect(),
    };
    // Writing to memory and such values cannot fail.
    let _ = serde_json::to_writer(into, &whole);
    Ok(())
}

/// Appends the JSON of what is taken out of an index.
pub fn write_hidden(into: &mut Vec<u8>) {
    let whole = Whole { status: Status::Withheld, ..Whole::default() };
    let _ = serde_json::to_writer(into, &whole);
}

/// The JSON of an answer.
pub fn text(index: &Index, number: u32) -> Result<String> {
    let mut json = Vec::with_capacity(256);
    write(&index.answer(number)?, &mut json)?;
    Ok(String::from_utf8(json).unwrap_or_default())
}
