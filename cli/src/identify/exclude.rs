//! Whom the operator leaves out: its own office, competitors, agencies.
//!
//! A list has one on each line: a prefix or an address, an AS number, a domain, an LEI, or a company's name.
//! What follows a `#` is a remark.

use std::fs;
use std::path::{Path, PathBuf};

use firmtrie::net::{AddressSet, IpNet, parse_asn, parse_prefix};
use firmtrie::{AnswerId, Index};

use crate::Failure;

/// Whom a list leaves out.
#[derive(Debug, Default)]
pub struct Excluded {
    pub addresses: AddressSet,
    /// By the numbers of answers.
    answers: Vec<bool>,
    /// What of the lists is nowhere in the index.
    pub unknown: Vec<String>,
}

impl Excluded {
    /// Reads lists, and looks up in the index who is meant.
    pub fn read(lists: &[PathBuf], index: &Index) -> Result<Self, Failure> {
        let mut excluded = Self::default();
        let (mut prefixes, mut systems, mut companies) = (Vec::new(), Vec::new(), Vec::new());
        for list in lists {
            for (line, who) in entries(list)? {
                match entry(&who) {
                    Ok(Entry::Prefix(prefix)) => prefixes.push(prefix),
                    Ok(Entry::System(asn)) => systems.push(asn),
                    Ok(Entry::Company(name)) => {
                        let found = index.companies_called(name)?;
                        if found.is_empty() {
                            excluded.unknown.push(format!("{}:{line}", list.display()));
                        }
                        companies.extend(found);
                    }
                    // Which it is stays in the list: no address is printed.
                    Err(_) => {
                        let place = list.display();
                        let reason =
                            "is no address, prefix or AS number, or has bits behind its length";
                        return Err(Failure::Error(format!("{place}:{line}: {reason}")));
                    }
                }
            }
        }
        excluded.addresses = prefixes.into_iter().collect();
        if !companies.is_empty() || !systems.is_empty() {
            for number in 0..index.answer_count() as u32 {
                let answer = index.answer(AnswerId::new(number))?;
                let is_company = answer.company_id().is_some_and(|id| companies.contains(&id));
                let is_system = answer.asn().is_some_and(|asn| systems.contains(&asn));
                excluded.answers.push(is_company || is_system);
            }
        }
        Ok(excluded)
    }

    /// Is this answer somebody's who is left out?
    #[inline]
    pub fn has_answer(&self, answer: AnswerId) -> bool {
        self.answers.get(answer.get() as usize).is_some_and(|excluded| *excluded)
    }
}

/// The entries of a list, by their lines from 1.
fn entries(list: &Path) -> Result<Vec<(usize, String)>, Failure> {
    let told = |error| Failure::Error(format!("{}: {error}", list.display()));
    let text = fs::read_to_string(list).map_err(told)?;
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let entries = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
    Ok(entries.map(|(line, who)| (line, who.to_owned())).collect())
}

enum Entry<'a> {
    Prefix(IpNet),
    System(u32),
    Company(&'a str),
}

fn entry(text: &str) -> firmtrie::Result<Entry<'_>> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("as")) && digits(&text[2..]) {
        return Ok(Entry::System(parse_asn(text)?));
    }
    if digits(text) {
        return Ok(Entry::System(parse_asn(text)?));
    }
    // What has nothing but what numbers of addresses have is meant to be one; `fa.be` is a domain.
    let of_v4 = |c: char| c.is_ascii_digit() || matches!(c, '.' | '/');
    let of_v6 = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/');
    let is_v4 = text.contains(['.', '/']) && text.chars().all(of_v4);
    if is_v4 || text.contains(':') && text.chars().all(of_v6) {
        return Ok(Entry::Prefix(parse_prefix(text)?));
    }
    Ok(Entry::Company(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_address_a_system_or_a_company() {
        let told = |text| match entry(text) {
            Ok(Entry::Prefix(prefix)) => format!("prefix {prefix}"),
            Ok(Entry::System(asn)) => format!("system {asn}"),
            Ok(Entry::Company(name)) => format!("company {name}"),
            Err(error) => format!("error {error}"),
        };
        for (text, expected) in [
            ("192.0.2.0/24", "prefix 192.0.2.0/24"),
            ("192.0.2.7", "prefix 192.0.2.7/32"),
            ("2001:db8::/32", "prefix 2001:db8::/32"),
            ("AS64500", "system 64500"),
            ("as64500", "system 64500"),
            ("64500", "system 64500"),
            ("fa.be", "company fa.be"),
            ("Asn B.V.", "company Asn B.V."),
            ("日本電信", "company 日本電信"),
            ("A/S Dansk", "company A/S Dansk"),
        ] {
            assert_eq!(told(text), expected);
        }
        for text in ["192.0.2.1/24", "192.0.2", "2001:db8::/129", "1.2.3.400"] {
            assert!(told(text).starts_with("error "), "{text}");
        }
    }
}
