//! Of whom an answer is: one firm, or one person. What is known by a name, a number or a domain may be several,
//! and none of them is to read what is held of another.
//!
//! Two records are of one firm if they agree in the first number that both have, or else in name, and in legal
//! form and country where both say them. Who asks is refused where they could be several, and told what to
//! say more.

use std::cmp::Reverse;
use std::collections::BTreeSet;

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
    let (mut records, mut employers, mut people) = (Vec::new(), Vec::new(), People::default());
    for id in companies {
        let record = index.company(*id)?;
        let known_by = own_identifiers(&record);
        let is_asked = mean_one_of(by, &known_by);
        let contacts: Vec<_> =
            record.contacts().filter(|contact| is_contact(by, contact)).collect();
        if is_asked && !contacts.is_empty() && by.iter().all(is_name_without_form) {
            return refuse(
                "a firm and one of its contacts are called so; say the firm's legal form or a number, or the \
                 contact's e-mail address",
            );
        }
        if !is_asked && !contacts.is_empty() {
            employers.push(*id);
            for contact in &contacts {
                people.add(contact);
            }
        } else if !is_another(by, &known_by) {
            records.push(Firm { known_by, companies: vec![*id], is_asked });
        }
    }
    let firms = merged(records);
    let asked: Vec<_> = firms.iter().filter(|firm| firm.is_asked).collect();
    let meant = match (&asked[..], &firms[..]) {
        (_, []) => None,
        ([one], _) => Some(*one),
        ([], [one]) => Some(one),
        _ => {
            let first = firms.iter().take(MOST_NAMED).map(|firm| label(index, firm.companies[0]));
            let named = first.collect::<Result<Vec<_>>>()?.join("; ");
            return refuse(&format!(
                "several firms are known by this: {named}; say the legal form, the country, or a number of one"
            ));
        }
    };
    match meant {
        Some(_) if !employers.is_empty() => refuse(
            "a firm and somebody else's contact are called so; say a number of the firm, or an e-mail address",
        ),
        Some(firm) => Ok(firm.companies.clone()),
        None if people.are_several() => {
            refuse("several people are known by this; say another of what one of them is known by")
        }
        None => Ok(employers),
    }
}

fn refuse<T>(reason: &str) -> Result<T> {
    Err(Error::Usage(format!("{reason}, since an answer is of one")))
}

/// Records as those of firms. Those that are asked about are looked at first, and of them what says most, so that
/// what says little, and could be of several firms, finds the one that is asked about.
fn merged(mut records: Vec<Firm>) -> Vec<Firm> {
    records.sort_by_key(|record| (!record.is_asked, Reverse(record.known_by.len())));
    let mut firms: Vec<Firm> = Vec::new();
    for record in records {
        // Of very many it is enough to know that they are several.
        let asked = firms.iter().filter(|firm| firm.is_asked).count();
        let is_enough = firms.len() > MOST_NAMED && (!record.is_asked || asked > 1);
        if let Some(firm) = firms.iter_mut().find(|firm| is_one(&firm.known_by, &record.known_by)) {
            firm.companies.extend(record.companies);
            firm.is_asked |= record.is_asked;
        } else if !is_enough {
            firms.push(record);
        }
    }
    firms
}

/// Can both be of one firm?
fn is_one(one: &[Identifier], other: &[Identifier]) -> bool {
    agree_in_number(one, other).unwrap_or_else(|| {
        pairs(one, other, "name")
            .any(|(one, other)| agree(one, other) && are_spelt_alike(one, other))
    })
}

/// Is a record that of another firm than the one that is asked about: one that has another number, or the name
/// in another form or country?
fn is_another(by: &[Identifier], record: &[Identifier]) -> bool {
    let agrees = agree_in_number(by, record).unwrap_or_else(|| {
        pairs(by, record, "name")
            .all(|(by, record)| by.means(record) || !are_spelt_alike(by, record))
    });
    !agrees
}

/// Whether both have one number, by the first kind of which both have some; nothing where there is none.
fn agree_in_number(one: &[Identifier], other: &[Identifier]) -> Option<bool> {
    ["lei", "register", "vat"].into_iter().find_map(|kind| {
        let mut both = pairs(one, other, kind).peekable();
        both.peek()?;
        Some(both.any(|(one, other)| agree(one, other)))
    })
}

/// Each of one kind with each of the other's.
fn pairs<'a>(
    one: &'a [Identifier],
    other: &'a [Identifier],
    kind: &'static str,
) -> impl Iterator<Item = (&'a Identifier, &'a Identifier)> {
    let of_kind = move |known: &&Identifier| known.kind() == kind;
    one.iter()
        .filter(of_kind)
        .flat_map(move |one| other.iter().filter(of_kind).map(move |other| (one, other)))
}

fn agree(one: &Identifier, other: &Identifier) -> bool {
    one.means(other) || other.means(one)
}

fn are_spelt_alike(one: &Identifier, other: &Identifier) -> bool {
    one.is_spelt_as(other) || other.is_spelt_as(one)
}

/// A firm as a refusal names it.
fn label(index: &Index, company: CompanyId) -> Result<String> {
    let record = index.company(company)?;
    let number = record.get(Field::RegisterNumber).or_else(|| record.get(Field::Lei));
    let more = [record.get(Field::Country), number].into_iter().flatten().collect::<Vec<_>>();
    if more.is_empty() {
        return Ok(record.name().to_owned());
    }
    Ok(format!("{} ({})", record.name(), more.join(", ")))
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

/// Does one of these mean one of those?
pub(super) fn mean_one_of(by: &[Identifier], known_by: &[Identifier]) -> bool {
    by.iter().any(|by| known_by.iter().any(|known| by.means(known)))
}

/// What the company itself is known by: its contacts' mailboxes are people's.
pub(super) fn own_identifiers(record: &CompanyRecord) -> Vec<Identifier> {
    Identifier::of_facts(|| record.facts().filter(|(field, _)| *field != Field::Contact))
}

/// Is a contact one of these, by mailbox or name? A name with a legal form is no person's.
pub(super) fn is_contact(by: &[Identifier], contact: &Contact) -> bool {
    let mailbox = contact.email.and_then(|email| Identifier::email(email).ok());
    let name = Identifier::name(contact.name, None, None).ok();
    by.iter().any(|by| match by.kind() {
        "name" => is_name_without_form(by) && name.as_ref().is_some_and(|name| by.means(name)),
        _ => mailbox.as_ref().is_some_and(|mailbox| by.means(mailbox)),
    })
}

fn is_name_without_form(by: &Identifier) -> bool {
    by.kind() == "name" && by.form().is_none()
}
