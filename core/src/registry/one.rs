//! Of whom an answer is: one firm, or one person. What is known by a name, a number or a domain may be several,
//! and none of them is to read what is held of another.
//!
//! Two records are of one firm if they agree in the first number that both have, or else in name, and in legal
//! form and country where both say them. Who asks is refused where they could be several, and told what to
//! say more.

use std::collections::BTreeSet;

use super::subject::own_identifiers;
use crate::company::{Contact, Field};
use crate::error::{Error, Result};
use crate::identity::Identifier;
use crate::reader::{CompanyId, CompanyRecord, Index};

/// Firms that a refusal names, at most.
const MOST_NAMED: usize = 5;

/// Records that are taken for those of one firm.
struct Firm {
    /// What that of them is known by which says most.
    known_by: Vec<Identifier>,
    label: String,
    companies: Vec<CompanyId>,
    /// Is one of them known by what is asked, and not only by what another one has?
    is_asked: bool,
}

/// Of the companies that are found by these, those of the one firm or person that is meant.
///
/// # Errors
/// [`Error::Usage`] if they are several.
pub(super) fn of_one(
    by: &[Identifier],
    companies: &[CompanyId],
    index: &Index,
) -> Result<Vec<CompanyId>> {
    let mut records = Vec::new();
    let (mut employers, mut people) = (Vec::new(), People::default());
    for id in companies {
        let record = index.company(*id)?;
        let own = own_identifiers(&record);
        let is_asked = own.iter().any(|own| by.iter().any(|by| by.means(own)));
        let is_employer = record.contacts().any(|contact| is_contact(by, &contact));
        if is_asked && is_employer && by.iter().all(|by| by.kind() == "name" && by.form().is_none())
        {
            return refuse(
                "a firm and one of its contacts are called so; say the firm's legal form or a number, or the \
                           contact's e-mail address",
            );
        }
        if !is_asked && is_employer {
            employers.push(*id);
            record
                .contacts()
                .filter(|contact| is_contact(by, contact))
                .for_each(|it| people.add(&it));
        } else {
            records.push((own, label(&record), *id, is_asked));
        }
    }
    let firms = firms(records);
    let all: Vec<_> = firms.iter().collect();
    let asked: Vec<_> = firms.iter().filter(|firm| firm.is_asked).collect();
    let meant = match (&asked[..], &all[..]) {
        (_, []) => Vec::new(),
        ([one], _) | ([], [one]) => one.companies.clone(),
        _ => {
            let named = firms.iter().take(MOST_NAMED).map(|firm| firm.label.as_str());
            let named = named.collect::<Vec<_>>().join("; ");
            return refuse(&format!(
                "several firms are known by this: {named}; say the legal form, the country, or a number of one"
            ));
        }
    };
    match (meant.is_empty(), people.are_several()) {
        (false, _) if !employers.is_empty() => refuse(
            "a firm and somebody else's contact are called so; say a number of the firm, or an e-mail address",
        ),
        (_, true) => {
            refuse("several people are known by this; say another of what one of them is known by")
        }
        (true, _) => Ok(employers),
        (false, _) => Ok(meant),
    }
}

fn refuse<T>(reason: &str) -> Result<T> {
    Err(Error::Usage(format!("{reason}, since an answer is of one")))
}

/// Records as those of firms: what says most is looked at first, so that what says little finds it.
fn firms(mut records: Vec<(Vec<Identifier>, String, CompanyId, bool)>) -> Vec<Firm> {
    records.sort_by_key(|(own, ..)| std::cmp::Reverse(own.len()));
    let mut firms: Vec<Firm> = Vec::new();
    for (known_by, label, id, is_asked) in records {
        // Of very many it is enough to know that they are several.
        let asked = firms.iter().filter(|firm| firm.is_asked).count();
        let is_enough = firms.len() > MOST_NAMED && (!is_asked || asked > 1);
        if let Some(firm) = firms.iter_mut().find(|firm| is_one(&firm.known_by, &known_by)) {
            firm.companies.push(id);
            firm.is_asked |= is_asked;
        } else if !is_enough {
            firms.push(Firm { known_by, label, companies: vec![id], is_asked });
        }
    }
    firms
}

/// Can both be of one firm?
fn is_one(one: &[Identifier], other: &[Identifier]) -> bool {
    let agree = |one: &Identifier, other: &Identifier| one.means(other) || other.means(one);
    for kind in ["lei", "register", "vat"] {
        let of = |known: &[Identifier]| {
            known.iter().filter(|known| known.kind() == kind).cloned().collect::<Vec<_>>()
        };
        let (one, other) = (of(one), of(other));
        if !one.is_empty() && !other.is_empty() {
            return one.iter().any(|one| other.iter().any(|other| agree(one, other)));
        }
    }
    let named = |known: &Identifier| known.kind() == "name";
    one.iter().filter(|one| named(one)).any(|one| {
        other
            .iter()
            .filter(|other| named(other))
            .any(|other| agree(one, other) && (one.is_spelt_as(other) || other.is_spelt_as(one)))
    })
}

/// A firm as a refusal names it.
fn label(record: &CompanyRecord) -> String {
    let number = record.get(Field::RegisterNumber).or_else(|| record.get(Field::Lei));
    let more = [record.get(Field::Country), number].into_iter().flatten().collect::<Vec<_>>();
    if more.is_empty() {
        return record.name().to_owned();
    }
    format!("{} ({})", record.name(), more.join(", "))
}

/// People that are meant, by their mailboxes and names.
#[derive(Default)]
struct People {
    mailboxes: BTreeSet<String>,
    names: Vec<Identifier>,
}

impl People {
    fn add(&mut self, contact: &Contact) {
        self.mailboxes.extend(contact.email.map(str::to_lowercase));
        let name = Identifier::name(contact.name, None, None).ok();
        self.names.extend(name.filter(|name| !self.names.iter().any(|known| known.means(name))));
    }

    fn are_several(&self) -> bool {
        self.mailboxes.len() > 1 || self.names.len() > 1
    }
}

/// Is a contact one of these, by name or mailbox?
pub(super) fn is_contact(by: &[Identifier], contact: &Contact) -> bool {
    let mailbox = contact.email.and_then(|email| Identifier::email(email).ok());
    let name = Identifier::name(contact.name, None, None).ok();
    let known_by = [mailbox, name].into_iter().flatten();
    known_by.into_iter().any(|known| by.iter().any(|by| by.means(&known)))
}
