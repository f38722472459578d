//! What an answer's number stands for, as JSON text: everything that is known, so that nothing of
//! the index needs to be kept.

use firmtrie::{Index, Kind, Result, Status};
use serde::Serialize;

/// An answer. Of its company every fact is listed, by ascending field, the name first.
#[derive(Serialize)]
struct Whole<'a> {
    status: Status,
    kind: Kind,
    asn: Option<u32>,
    confidence: Option<f64>,
    sources: Vec<&'a str>,
    facts: Vec<(&'static str, &'a str)>,
}

/// Appends the JSON of an answer with a company.
pub fn write(index: &Index, number: u32, into: &mut Vec<u8>) -> Result<()> {
    let answer = index.answer(number)?;
    let facts = answer.company()?.into_iter().flat_map(|company| company.facts());
    let whole = Whole {
        status: answer.status(),
        kind: answer.kind(),
        asn: answer.asn(),
        confidence: answer.confidence(),
        sources: answer.sources()?,
        facts: facts.map(|(field, value)| (field.as_str(), value)).collect(),
    };
    // Writing to memory and such values cannot fail.
    let _ = serde_json::to_writer(into, &whole);
    Ok(())
}

/// The JSON of an answer with a company.
pub fn text(index: &Index, number: u32) -> Result<String> {
    let mut json = Vec::with_capacity(256);
    write(index, number, &mut json)?;
    Ok(String::from_utf8(json).unwrap_or_default())
}
