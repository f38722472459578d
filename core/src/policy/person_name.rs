//! Natural persons: is who is named a person, or somebody in business on their own account?
//!
//! Decided from the legal form, from signs of one in the name, and where there is none from the
//! words of the name, weighed with what speaks for an organisation. In doubt it is a person, and
//! left out: a wrong company shown is worse than one missed.
//!
//! Names are read for what they say in the first part alone: in `X trading as Y Ltd` it is `X`.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::verdict::Scale;
use super::words::{Phrases, Words};

/// What a form says of who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Sole,
    /// One before or behind a name that is a person's, and nothing elsewhere.
    Maybe,
    Company,
}

/// Points of each sign. 50 decide unless the policy says otherwise.
const DECIDED: i32 = 200;
const SOLE_FORM: i32 = 100;
const MAYBE_FORM: i32 = 30;
const COMPANY_FORM: i32 = -100;
const COMMON_GIVEN: i32 = 35;
const RARE_GIVEN: i32 = 30;
const FURTHER_NAME: i32 = 25;
const TRADING_AS: i32 = 45;
const PARTICLE: i32 = 10;
const UNKNOWN_WORD: i32 = 10;
const BUSINESS_WORD: i32 = -60;
const NOT_A_NAME: i32 = -40;
const MANY_ADDRESSES: i32 = -150;
const TAX_NUMBER: i32 = 60;
/// IPv4 addresses that no person holds.
const MANY: u64 = 32_768;

static FORMS: LazyLock<Phrases<Form>> = LazyLock::new(|| {
    Phrases::new(rows(include_str!("tables/legal_forms.tsv")).map(|(form, phrase)| {
        let form = match form {
            "sole" => Form::Sole,
            "maybe" => Form::Maybe,
            _ => Form::Company,
        };
        (phrase, form)
    }))
});

/// The forms of natural persons among the codes of ISO 20275.
static SOLE_CODES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    rows(include_str!("tables/sole_trader_codes.tsv")).map(|(code, _)| code).collect()
});

static BUSINESS_WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("tables/business_words.txt").lines();
    lines.filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).collect()
});

/// What each name is: given, commonly given, a family's.
static NAMES: LazyLock<FxHashMap<&str, &str>> =
    LazyLock::new(|| rows(include_str!("tables/names.tsv")).collect());

/// The first two columns of a table.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t'))
}

/// Weighs whether a legal form is a natural person's: a code of ISO 20275, a GLEIF category, or
/// text. Says whether it settles the matter.
pub(super) fn weigh_form(form: &str, scale: &mut Scale) -> bool {
    let code = form.trim();
    if SOLE_CODES.contains(code) || code.eq_ignore_ascii_case("SOLE_PROPRIETOR") {
        scale.add("legal_form", form, DECIDED);
        return true;
    }
    let words = Words::of(form);
    let found = FORMS.find(&words).map(|found| *found.meaning);
    let (mut sole, mut company) = (false, false);
    found.for_each(|form| match form {
        // As a form, and not in a name, `ei` is one.
        Form::Sole | Form::Maybe => sole = true,
        Form::Company => company = true,
    });
    let coded = code.len() == 4 && code.bytes().any(|byte| byte.is_ascii_digit());
    if company || coded {
        scale.add("legal_form", form, -DECIDED);
    } else if sole {
        scale.add("legal_form", form, DECIDED);
    }
    sole || company || coded
}

/// Weighs whether a name is a natural person's. `business` are places of words that speak of a
/// trade.
pub(super) fn weigh_name(
    words: &Words,
    business: &FxHashSet<usize>,
    addresses: Option<u64>,
    scale: &mut Scale,
) {
    let count = words.iter().count();
    let first = first_part(words, count);
    let mut of_form = vec![false; count];
    let mut sole = false;
    let mut maybe = None;
    for found in FORMS.find(words).filter(|found| found.words.end <= first.max(1)) {
        // In `Kai Bi` it is half of the name.
        if *found.meaning == Form::Maybe && first < found.words.len() + 2 {
            continue;
        }
        of_form[found.words.clone()].fill(true);
        match found.meaning {
            Form::Company => return scale.add("company_form", found.text, COMPANY_FORM),
            Form::Sole if !sole => {
                sole = true;
                scale.add("sole_trader_form", found.text, SOLE_FORM);
            }
            Form::Sole => {}
            Form::Maybe => maybe = Some(found.text),
        }
    }
    if first < count && !sole {
        scale.add("trading_as", "", TRADING_AS);
    }
    if let Some(many) = addresses.filter(|many| *many > MANY && !sole) {
        scale.add("addresses", many.to_string(), MANY_ADDRESSES);
    }
    weigh_words(words, first, &of_form, business, maybe, scale);
}

/// The number of words before `trading as` and the like, or of all.
fn first_part(words: &Words, count: usize) -> usize {
    static TRADING_AS: LazyLock<Phrases<()>> = LazyLock::new(|| {
        let phrases = [
            "trading as",
            "t a",
            "dba",
            "d b a",
            "doing business as",
            "handelnd als",
            "handelend onder",
            "ta",
        ];
        Phrases::new(phrases.into_iter().map(|phrase| (phrase, ())))
    });
    let mut found = TRADING_AS.find(words).map(|found| found.words.start);
    found.find(|start| *start > 0).unwrap_or(count)
}

fn weigh_words(
    words: &Words,
    first: usize,
    of_form: &[bool],
    business: &FxHashSet<usize>,
    maybe: Option<&str>,
    scale: &mut Scale,
) {
    let mut particle = false;
    let (mut names, mut given, mut unknown, mut initials) = (0, 0, 0_u8, 0);
    let mut part_of_name = None;
    for (place, (word, part)) in words.iter().enumerate().take(first) {
        if of_form[place] {
            continue;
        }
        // `NAME (TRADE)`, `NAME - TRADE`: what follows a whole name is not weighed.
        if part_of_name.is_some_and(|of| of != part) && given > 0 && names >= 2 {
            break;
        }
        if word.len() >= 11 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            scale.add("tax_number", "of 11 digits", TAX_NUMBER);
            continue;
        }
        // `*tel` speaks of a trade, and `Mantel` is a name.
        let name = NAMES.contains_key(word);
        if BUSINESS_WORDS.contains(word) || business.contains(&place) && !name {
            scale.add("business_word", word, BUSINESS_WORD);
            continue;
        }
        if word.contains('.') || word.bytes().any(|byte| byte.is_ascii_digit()) || word == "&" {
            scale.add("not_a_name", word, NOT_A_NAME);
            continue;
        }
        if PARTICLES.contains(&word) && words.iter().count() > 2 {
            particle = given > 0;
            continue;
        }
        if word.len() <= 2 && !name {
            initials += word.len();
            continue;
        }
        part_of_name = Some(part);
        let marks = NAMES.get(word).copied().unwrap_or_default();
        let common = marks.contains('G');
        if common || marks.contains('g') {
            let points = if given > 0 {
                FURTHER_NAME
            } else if common {
                COMMON_GIVEN
            } else {
                RARE_GIVEN
            };
            (names, given) = (names + 1, given + 1);
            scale.add("given_name", word, points);
        } else if marks.contains('f') {
            names += 1;
            scale.add("family_name", word, FURTHER_NAME);
        } else if is_pinyin(word) || has_name_ending(word) {
            names += 1;
            scale.add("like_a_name", word, FURTHER_NAME);
        } else {
            unknown = unknown.saturating_add(1);
        }
    }
    if particle {
        scale.add("particle", "", PARTICLE);
    }
    if given == 0 && names > 0 && unknown == 0 && (2..=3).contains(&initials) {
        scale.add("initials", "", COMMON_GIVEN);
    }
    let whole = names + usize::from(unknown) + usize::from(initials > 0);
    if given == 0 && whole < 2 || whole == 1 {
        scale.add("one_word", "", NOT_A_NAME);
    } else if whole > 5 {
        scale.add("many_words", "", NOT_A_NAME);
    }
    if unknown > 0 {
        let points = if given > 0 && unknown == 1 {
            UNKNOWN_WORD
        } else {
            -UNKNOWN_WORD * i32::from(unknown)
        };
        scale.add("unknown_words", unknown.to_string(), points);
    }
    if let Some(form) = maybe.filter(|_| names > 0 || unknown > 0) {
        scale.add("sign_of_a_sole_trader", form, MAYBE_FORM);
    }
}

/// What stands in names between others.
const PARTICLES: [&str; 17] = [
    "de", "da", "do", "dos", "das", "del", "la", "le", "di", "van", "von", "der", "den", "el",
    "al", "y", "e",
];

/// Endings of Slavic, Caucasian, Nordic and other family names and patronymics.
fn has_name_ending(word: &str) -> bool {
    const ENDINGS: [&str; 32] = [
        "ov", "ova", "ev", "eva", "enko", "chuk", "czuk", "ovich", "evich", "ovych", "evych",
        "ovna", "evna", "ivna", "skyi", "skiy", "skyy", "skij", "ski", "ska", "sky", "skaya",
        "wicz", "czyk", "yan", "shvili", "adze", "sson", "ssen", "escu", "idis", "opoulos",
    ];
    word.len() >= 5 && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Is a word one to three syllables of Chinese as Hanyu Pinyin (ISO 7098) writes them?
fn is_pinyin(word: &str) -> bool {
    const INITIALS: [&str; 23] = [
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
        "r", "z", "c", "s", "y", "w",
    ];
    const FINALS: [&str; 33] = [
        "iang", "iong", "uang", "ang", "eng", "ing", "ong", "ian", "iao", "uai", "uan", "ai", "an",
        "ao", "ei", "en", "er", "ia", "ie", "in", "iu", "ou", "ua", "ue", "ui", "un", "uo", "a",
        "e", "i", "o", "u", "v",
    ];
    fn syllables(rest: &str, left: u8) -> bool {
        rest.is_empty()
            || left > 0
                && INITIALS.iter().filter_map(|initial| rest.strip_prefix(initial)).any(|rest| {
                    FINALS
                        .iter()
                        .filter_map(|end| rest.strip_prefix(end))
                        .any(|rest| syllables(rest, left - 1))
                })
    }
    word.len() >= 2 && word.is_ascii() && syllables(word, 3)
}
