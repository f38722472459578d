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
    "gpon",
    "gprs",
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
                if let Some(word) = known(word) {
                    said.push_str(word);
                    said.push(' ');
                }
            }
        }
        Some(said).filter(|said| !said.is_empty())
    }
}

/// Of each first letter, the lengths that words have: a bit for each.
const LENGTHS: [u16; 26] = {
    let (mut lengths, mut at) = ([0; 26], 0);
    while at < WORDS.len() {
        lengths[(WORDS[at].as_bytes()[0] - b'a') as usize] |= 1 << WORDS[at].len();
        at += 1;
    }
    lengths
};

/// The word as it stands among those that are known. Nearly all words are none, by their first letter and
/// their length.
fn known(word: &str) -> Option<&'static str> {
    let letter = word.as_bytes().first()?.to_ascii_lowercase().wrapping_sub(b'a');
    let lengths = LENGTHS.get(usize::from(letter))?;
    if word.len() >= 16 || lengths >> word.len() & 1 == 0 {
        return None;
    }
    WORDS.into_iter().find(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_known_in_letters_of_any_case() {
        for word in WORDS {
            assert_eq!(known(word), Some(word));
            assert_eq!(known(&word.to_ascii_uppercase()), Some(word));
        }
        for word in ["", "poo", "poolx", "subscribersx", "internet"] {
            assert_eq!(known(word), None, "{word}");
        }
    }
}
