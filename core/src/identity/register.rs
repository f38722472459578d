//! Numbers of commercial registers in their normalised form.

use deunicode::deunicode_char;

use super::check_country;

/// What registers and firms write beside the number, in upper case.
const LABELS: [&str; 37] = [
    "CHAMBER",
    "OF",
    "COMMERCE",
    "KVK",
    "HANDELSREGISTER",
    "SIREN",
    "SIRET",
    "KBO",
    "BCE",
    "RPR",
    "RPM",
    "CVR",
    "ORG",
    "ORGNR",
    "NR",
    "NO",
    "NUMBER",
    "NUMMER",
    "REG",
    "REGISTER",
    "REGISTRATION",
    "COMPANY",
    "FN",
    "KRS",
    "ICO",
    "OIB",
    "EIK",
    "OGRN",
    "EDRPOU",
    "CHE",
    "CIF",
    "NIF",
    "YTUNNUS",
    "Y",
    "TUNNUS",
    "CRN",
    "ABN",
];

/// A number, in each way in which it may have to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Numbers {
    /// As the register's country has it, if one is said.
    pub(super) number: String,
    /// As it is where nothing is known of the country.
    pub(super) plain: String,
    /// Where no country is said: as countries with a way of their own have it.
    pub(super) elsewhere: Vec<(String, String)>,
}

impl Numbers {
    pub(super) fn of(text: &str, country: Option<&str>) -> Result<Self, &'static str> {
        let number = normalise(text, country)?;
        let digits = number.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let all_one = digits.len() > 4 && digits.iter().all(|digit| *digit == digits[0]);
        if digits.iter().all(|digit| *digit == b'0') || (all_one && digits.len() == number.len()) {
            return Err("stands where no number is known, and is nobody's");
        }
        let plain = normalise(text, None)?;
        let mut elsewhere = Vec::new();
        if country.is_none() {
            let prefix = plain.get(..2).filter(|code| check_country(code).is_ok());
            for country in ["DE", "FR"].into_iter().chain(prefix) {
                if let Some(other) = normalise(text, Some(country)).ok().filter(|n| *n != number) {
                    elsewhere.push((other, country.to_owned()));
                }
            }
        }
        Ok(Self { number, plain, elsewhere })
    }
}

/// Blanks, punctuation, case, labels and leading zeros make no difference.
fn normalise(text: &str, country: Option<&str>) -> Result<String, &'static str> {
    let folded: String =
        text.chars().filter_map(deunicode_char).collect::<String>().to_ascii_uppercase();
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    // `K.v.K. 12345678`: labels are abbreviated with dots too.
    let is_initial = |word: &&&str| word.len() == 1 && !word.as_bytes()[0].is_ascii_digit();
    let initials = words.iter().take_while(is_initial).count();
    let labelled = LABELS.contains(&words[..initials].concat().as_str());
    let words = &words[if labelled { initials } else { 0 }..];
    if !words.iter().any(|word| word.bytes().any(|byte| byte.is_ascii_digit())) {
        return Err("is not a number of a register: no digit is in it");
    }
    match country {
        Some("DE") => german(words),
        Some("FR") => Ok(french(words)),
        country => Ok(plain(words, country)),
    }
}

fn plain(words: &[&str], country: Option<&str>) -> String {
    let number: String = words.iter().map(|word| without_label(word)).collect();
    // The country may stand before it, as in numbers for VAT.
    let bare = country.and_then(|country| number.strip_prefix(country));
    let number =
        bare.filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(&number);
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.trim_start_matches('0').to_owned();
    }
    number.to_owned()
}

/// What is left of a word without the label that it is, or begins with.
fn without_label(word: &str) -> &str {
    if LABELS.contains(&word) {
        return "";
    }
    let rests = LABELS.iter().filter_map(|label| word.strip_prefix(label));
    let rest = rests.min_by_key(|rest| rest.len());
    rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(word)
}

/// Establishments (SIRET, 14 digits) are of the firm whose number (SIREN) they begin with; the
/// court before it (`RCS Paris B`) says nothing more.
fn french(words: &[&str]) -> String {
    let digits: String = words.concat().chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        14 => digits[..9].to_owned(),
        9 => digits,
        _ => plain(words, Some("FR")),
    }
}

/// Type, number and court: `HRB 12345 B, Amtsgericht Charlottenburg`.
fn german(words: &[&str]) -> Result<String, &'static str> {
    const TYPES: [&str; 6] = ["HRA", "HRB", "GNR", "GSR", "PR", "VR"];
    const BESIDE: [&str; 9] = [
        "AMTSGERICHT",
        "AG",
        "REGISTERGERICHT",
        "HANDELSREGISTER",
        "NR",
        "DES",
        "BEIM",
        "AM",
        "IM",
    ];
    let (mut kind, mut number, mut court) = (None, None, String::new());
    let mut letters_may_follow = false;
    for word in words {
        let known = TYPES.iter().find(|kind| word.starts_with(**kind));
        let rest = known.map_or(*word, |kind| &word[kind.len()..]);
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if let Some(known) = known.filter(|_| rest.is_empty() || digits > 0) {
            kind = Some(*known);
        }
        if digits > 0 && number.is_none() {
            number = Some(rest.trim_start_matches('0').to_owned());
            letters_may_follow = digits == rest.len();
        } else if known.is_none() && letters_may_follow && word.len() == 1 {
            // Berlin and some others have a letter behind the number.
            number.as_mut().into_iter().for_each(|number| number.push_str(word));
            letters_may_follow = false;
        } else if !rest.is_empty() && !BESIDE.contains(word) {
            court.push_str(word);
        }
    }
    match (kind, number) {
        (Some(_), Some(_)) if court.is_empty() => {
            Err("names no court; numbers of German registers are per court, as in HRB 12345 Bonn")
        }
        (Some(kind), Some(number)) => {
            // No two courts differ in how their umlauts are written.
            let court = court.replace("AE", "A").replace("OE", "O").replace("UE", "U");
            Ok(format!("{kind}{number}@{court}"))
        }
        _ => Ok(plain(words, Some("DE"))),
    }
}
