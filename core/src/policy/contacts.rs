//! Contacts: whose business contacts an index may hold, where a policy asks for any.
//!
//! Never those of organisations to which belonging says something of a person's religion, politics,
//! union or health (GDPR, Article 9), told by the line of business; and never a private address.

use crate::company::Contact;

/// Classes, groups and divisions of NACE Rev. 2: human health; residential care and social work; trade
/// unions; religious and political organisations.
const SENSITIVE: [&str; 6] = ["86", "87", "88", "9420", "9491", "9492"];

/// Where people have their private mail.
const PRIVATE_MAIL: [&str; 20] = [
    "aol.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.ru",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yandex.ru",
    "ziggo.nl",
];

/// Would a contact of an organisation in this line of business reveal what nobody may know?
pub(super) fn is_sensitive(industry: &str) -> bool {
    let code: String = industry.chars().filter(char::is_ascii_digit).collect();
    SENSITIVE.iter().any(|sensitive| code.starts_with(sensitive))
}

/// Is it somebody's business contact?
pub(super) fn is_business(contact: &Contact) -> bool {
    let domain = contact.email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
    domain.is_none_or(|domain| !PRIVATE_MAIL.contains(&domain.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_business_are_told_however_they_are_written() {
        for code in ["94.91", "9492", "S94.20", "86", "86.10", "Q86.21", "88.1"] {
            assert!(is_sensitive(code), "{code}");
        }
        for code in ["", "94.11", "62.01", "8", "software", "28.6"] {
            assert!(!is_sensitive(code), "{code}");
        }
    }

    #[test]
    fn private_mail_is_no_business_contact() {
        let of = |email| Contact { name: "Jo Doe", job_title: None, email };
        assert!(is_business(&of(None)) && is_business(&of(Some("jo@example.com"))));
        assert!(!is_business(&of(Some("jo.doe@GMail.com"))));
    }
}
