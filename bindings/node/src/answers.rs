//! What an answer's number stands for, as JSON text: everything that is known, so that nothing of
//! the index needs to be kept.

use firmtrie::{Answer, AnswerId, Contact, Field, Index, Kind, Result, Status};
use serde::Serialize;

/// An answer. Of its company every fact is listed, by ascending field, the name first.
#[derive(Serialize)]
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

/// The JSON of an answer.
pub fn text(index: &Index, id: AnswerId) -> Result<String> {
    let mut json = Vec::with_capacity(256);
    write(&index.answer(id)?, &mut json)?;
    Ok(String::from_utf8(json).unwrap_or_default())
}
