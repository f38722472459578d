//! Contacts: whose business contacts an index may hold, where a policy asks for any.
//!
//! Never those of organisations to which belonging says something of a person's religion, politics,
//! union or health (GDPR, Article 9), told by the line of business; and never a private address.

use crate::company::Contact;

/// Classes, groups and divisions of NACE Rev. 2: human health; residential care and social work; trade
/// unions; religious and political organisations.
const SENSITIVE: [&str; 6] = ["86", "87", "88", "9420", "9491", "9492"];

/// Providers of private mail whose domains are this name under any suffix: `hotmail.co.uk`, `yahoo.fr`.
const PRIVATE_NAMES: [&str; 12] = [
    "aol",
    "gmail",
    "gmx",
    "googlemail",
    "hotmail",
    "icloud",
    "live",
    "outlook",
    "proton",
    "protonmail",
    "yahoo",
    "yandex",
];

/// Other domains where people have their private mail: webmailers and access providers of most of
/// Europe, the Americas and Asia.
const PRIVATE_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "abv.bg",
    "alice.it",
    "bigpond.com",
    "bk.ru",
    "blueyonder.co.uk",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "cegetel.net",
    "centrum.cz",
    "chello.nl",
    "comcast.net",
    "cox.net",
    "email.cz",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "freemail.hu",
    "hetnet.nl",
    "hey.com",
    "home.nl",
    "hushmail.com",
    "ig.com.br",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "neuf.fr",
    "ntlworld.com",
    "o2.pl",
    "online.no",
    "onet.pl",
    "orange.fr",
    "pm.me",
    "planet.nl",
    "poczta.onet.pl",
    "posteo.de",
    "qq.com",
    "quicknet.nl",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "sapo.pt",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "skynet.be",
    "t-online.de",
    "talktalk.net",
    "tele2.nl",
    "telenet.be",
    "telia.com",
    "terra.com.br",
    "tiscali.it",
    "tuta.com",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "upcmail.nl",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "volny.cz",
    "wanadoo.fr",
    "wanadoo.nl",
    "web.de",
    "wp.pl",
    "xs4all.nl",
    "ya.ru",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
];

/// Would a contact of an organisation in this line of business reveal what nobody may know?
pub(super) fn is_sensitive(industry: &str) -> bool {
    let code: String = industry.chars().filter(char::is_ascii_digit).collect();
    SENSITIVE.iter().any(|sensitive| code.starts_with(sensitive))
}

/// Is it somebody's business contact?
pub(super) fn is_business(contact: &Contact) -> bool {
    let domain = contact.email.and_then(|email| email.rsplit_once('@'));
    domain.is_none_or(|(_, domain)| !is_private_mail(domain))
}

/// Do people have their private mail at this domain?
pub(super) fn is_private_mail(domain: &str) -> bool {
    // A name may end in the dot of the root (RFC 1034).
    let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
    let (name, suffix) = domain.split_once('.').unwrap_or((&domain, ""));
    // `live.example.com` is a host of somebody's, `live.co.uk` is not.
    let is_suffix = firmtrie_suffixes::suffix(&domain) == Some(suffix);
    let is_private = PRIVATE_NAMES.contains(&name) && is_suffix;
    is_private || PRIVATE_MAIL.contains(&domain.as_str())
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
        fn of(email: Option<&str>) -> Contact<'_> {
            Contact { name: "Jo Doe", job_title: None, email }
        }
        assert!(is_business(&of(None)) && is_business(&of(Some("jo@example.com"))));
        for private in [
            "GMail.com",
            "hotmail.co.uk",
            "hotmail.fr.",
            "yahoo.com.br",
            "live.nl",
            "msn.com",
            "me.com",
            "icloud.com",
            "laposte.net",
            "seznam.cz",
            "web.de.",
        ] {
            let email = format!("jo.doe@{private}");
            assert!(!is_business(&of(Some(&email))), "{private}");
        }
        for business in ["live.example.com", "yahoo-inc.com", "mail.example.com", "gmx-partner.de"]
        {
            let email = format!("jo@{business}");
            assert!(is_business(&of(Some(&email))), "{business}");
        }
    }
}
