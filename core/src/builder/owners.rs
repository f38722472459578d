//! Owners: whoever claims speak of, as the bytes that an interner keeps of them.

use crate::company::{Company, Field};
use crate::source::Owner;

/// What the bytes of an owner begin with.
const KEYED: u8 = 0;
const NAMED: u8 = 1;

/// An owner as bytes: equal ones, and only those, are the same.
pub(super) fn write(owner: &Owner, bytes: &mut Vec<u8>) {
    match owner {
        Owner::Keyed(key) => {
            bytes.push(KEYED);
            bytes.extend(key.as_bytes());
        }
        Owner::Named(company) => {
            bytes.push(NAMED);
            for (field, value) in company.facts() {
                bytes.extend((field as u16).to_le_bytes());
                bytes.extend((value.len() as u32).to_le_bytes());
                bytes.extend(value.as_bytes());
            }
        }
    }
}

/// The owner that these bytes are.
pub(super) fn read(bytes: &[u8]) -> Owner {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match bytes.split_first() {
        Some((&NAMED, mut rest)) => {
            let mut facts = Vec::new();
            while let Some(((field, length), next)) = head(rest) {
                let (value, next) = next.split_at(length);
                facts.push((field, text(value)));
                rest = next;
            }
            Owner::Named(Company::of_facts(facts))
        }
        Some((_, key)) => Owner::Keyed(text(key)),
        None => Owner::Keyed(String::new()),
    }
}

/// The field and the length of the fact that these bytes begin with.
fn head(bytes: &[u8]) -> Option<((Field, usize), &[u8])> {
    let (field, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let field = Field::from_number(u16::from_le_bytes(*field))?;
    Some(((field, u32::from_le_bytes(*length) as usize), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_as_it_was_written_and_differs_from_every_other() {
        let named = Company::new("Näme");
        let owners = [
            Owner::Keyed(String::new()),
            Owner::Keyed("Näme".to_owned()),
            Owner::Named(named.clone()),
            Owner::Named(named.clone().with(Field::City, "a").with(Field::Domain, "b")),
            Owner::Named(named.clone().with(Field::Domain, "a").with(Field::Domain, "b")),
            Owner::Named(named.with(Field::City, "ab")),
        ];
        let mut all = Vec::new();
        for owner in &owners {
            let mut bytes = Vec::new();
            write(owner, &mut bytes);
            assert_eq!(&read(&bytes), owner);
            all.push(bytes);
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), owners.len());
    }
}
