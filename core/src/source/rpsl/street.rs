//! Whether a line is the address of a building, as it stands where no name was written.
//!
//! An address of a flat can be a person's home, and is nobody's name. Only a line that is one from its first
//! word on is meant: firms are named after streets, and write theirs behind their names.

/// What begins an address before the street's own name.
const BEFORE: [&str; 30] = [
    "avda",
    "avenida",
    "avenue",
    "boulevard",
    "bulevar",
    "calle",
    "chemin",
    "corso",
    "impasse",
    "jalan",
    "jl",
    "largo",
    "no",
    "piazza",
    "plaza",
    "pob",
    "room",
    "route",
    "rua",
    "rue",
    "str",
    "strada",
    "suite",
    "ul",
    "ulica",
    "ulitsa",
    "via",
    "viale",
    "vicolo",
    "vulica",
];
/// What stands behind a street's name, by itself.
const BEHIND: [&str; 24] = [
    "allee",
    "ave",
    "avenue",
    "blvd",
    "boulevard",
    "cad",
    "caddesi",
    "court",
    "drive",
    "gasse",
    "laan",
    "lane",
    "parkway",
    "pkwy",
    "place",
    "platz",
    "rd",
    "road",
    "sokak",
    "st",
    "str",
    "straat",
    "street",
    "weg",
];
/// What a street's name ends with, in one word.
const ENDS: [&str; 12] = [
    "strasse", "straße", "straat", "gatan", "gata", "vägen", "vagen", "utca", "stræde", "laan",
    "allee", "gasse",
];

/// Is this line an address from its first word on?
pub(super) fn is_address(line: &str) -> bool {
    // Every one has a number.
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let small = line.to_lowercase();
    let mut words = small.split([' ', ',', '.']).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let words: Vec<_> = words.collect();
    let is_number = |word: &str| {
        // `45`, `45b`, `28-07`; and not `5th`.
        let digits = word.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
        word.len() < 6
            && word.len() <= digits.len() + 1
            && digits.starts_with(|sign: char| sign.is_ascii_digit())
            && digits.bytes().all(|sign| sign.is_ascii_digit() || b"-/".contains(&sign))
    };
    let behind = |word: &&str| BEHIND.contains(word) || ENDS.iter().any(|end| word.ends_with(end));
    if is_number(first) {
        // `9 Temasek Blvd`, `35 rue Grignan`; and not `3 Street Records B.V.`.
        let before = words.first().is_some_and(|word| BEFORE.contains(word) && *word != "no");
        return before || words.iter().skip(1).take(3).any(behind);
    }
    let number = words.iter().position(|word| is_number(word));
    match number {
        // `Via Bianchini 15`, `Room 610, ...`.
        Some(at) if BEFORE.contains(&first) => at < 4,
        // `Ziegelstrasse 152`, `Oude Laan 3`.
        Some(0) => ENDS.iter().any(|end| first.len() > end.len() && first.ends_with(end)),
        Some(1) => behind(&words[0]) && words.len() == 2,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_an_address_from_its_first_word_on_is_one() {
        for line in [
            "Ziegelstrasse 152",
            "Hofherrnstra\u{df}e 41",
            "35 RUE GRIGNAN",
            "Via M. Bianchini, 15",
            "Jl. Sudirman 5",
            "Room 610, A4 Building, No. 25 Southern Huanshi Avenue",
            "9 Temasek BLVD 28-07 SUNTEC TWR 2",
            "Oude Laan 3",
            "ul. Prosta 20",
            "1 Main Street",
        ] {
            assert!(is_address(line), "{line}");
        }
        for line in [
            "Video2000 SA - Avenue Edouard-Dubois 20",
            "VORNADO (875 15TH STREET)",
            "Wall Street English",
            "Nordset Produktions GmbH, Industriestrasse 15",
            "Via Varejo S.A.",
            "Street One GmbH",
            "3 Suisses",
            "24 Hour Fitness",
            "Place 2 Be",
            "Rue du Commerce",
            "7-Eleven Inc.",
            "Suite Hotel Lisboa",
            "Weg 2000 AG",
            "Hospital Court",
            "5th Avenue Shoe Repair AB",
            "3M Deutschland GmbH",
            "1und1",
        ] {
            assert!(!is_address(line), "{line}");
        }
    }
}
