//! What an object says of the use of a network: which words of its name and description.
//!
//! Most of their words say who the provider is and where the customer has its office, and would make every
//! customer of a telecom a telecom. Only words that speak of a network itself are taken: of addresses that
//! many share, or that change hands.

use super::Objects;

/// Such words, in small letters.
const WORDS: [&str; 44] = [
    "adsl",
    "apn",
    "bras",
    "broadband",
    "cgn",
    "cgnat",
    "dhcp",
    "dial",
    "dialin",
    "dialup",
    "dsl",
    "dslam",
    "dyn",
    "dynamic",
    "dynip",
    "fibre",
    "ftth",
    "fttx",
    "ggsn",
    "gprs",
    "gpon",
    "hotspot",
    "hsdpa",
    "hsi",
    "ipoe",
    "lte",
    "mobile",
    "nat",
    "pgw",
    "pool",
    "pools",
    "ppp",
    "pppoe",
    "pptp",
    "residential",
    "sdsl",
    "subscriber",
    "subscribers",
    "umts",
    "vdsl",
    "vpn",
    "wifi",
    "wimax",
    "xdsl",
];

impl Objects {
    /// The words of these attributes that say what the network is used for.
    pub(in crate::source) fn used_for(&self, attributes: &[&str]) -> Option<String> {
        let mut said = String::new();
        for line in attributes.iter().flat_map(|name| self.texts(name)) {
            for word in line.split(|letter: char| !letter.is_ascii_alphabetic()) {
                if let Some(word) = WORDS.iter().find(|known| known.eq_ignore_ascii_case(word)) {
                    said.push_str(word);
                    said.push(' ');
                }
            }
        }
        Some(said).filter(|said| !said.is_empty())
    }
}
