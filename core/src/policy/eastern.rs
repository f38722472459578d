//! Chinese, Japanese and Korean names, which are written without blanks.
//!
//! A Chinese name is a surname of one character, or of two, and one or two more. A Japanese one is a
//! surname and a given name that dictionaries know; a Korean one a surname and two syllables of given
//! names. Each may have an honorific behind it. Between the names of somebody whose name is written by
//! its sound stands a middle dot.
//!
//! What is known as a brand, or holds a word of trade, is no person's name.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::scripts::{NAMES, words_of};
use super::word::Word;

static BRANDS: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    ["han", "korean"].into_iter().flat_map(|script| words_of("brand", script)).collect()
});

/// Honorifics, the longest first.
static TITLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let scripts = ["han", "japanese", "korean"].into_iter();
    let mut titles: Vec<_> = scripts.flat_map(|script| words_of("suffix_title", script)).collect();
    titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
    titles
});

const PERSON: [Word; 2] = [Word::Family, Word::Given { common: true }];

/// What words beside each other are. `business`: do they hold a word of trade?
pub(super) fn read(
    words: &[&str],
    business: bool,
    interpunct: bool,
    country: Option<&str>,
) -> Vec<Word> {
    let (names, titled) = without_title(words);
    let whole: String = names.concat();
    let is_name = is_person(&names, &whole, titled, country) || interpunct && names.len() > 1;
    if BRANDS.contains(&whole) {
        return vec![Word::Business];
    }
    // In `田中部長` the word of trade is the title's.
    if business && !(titled && is_name) {
        return vec![Word::Business];
    }
    if is_name || titled && whole.chars().count() <= 6 {
        return PERSON.to_vec();
    }
    vec![Word::Unknown; names.len().min(2)]
}

/// The words without an honorific at their end, and whether there was one.
fn without_title<'a>(words: &[&'a str]) -> (Vec<&'a str>, bool) {
    let mut names = words.to_vec();
    let Some(last) = names.pop() else { return (names, false) };
    let title = TITLES.iter().find(|title| last.ends_with(title.as_str()));
    let rest = title.and_then(|title| last.strip_suffix(title.as_str()));
    match rest {
        Some("") if !names.is_empty() => (without_title(&names).0, true),
        // A short word may be another's end: `양평군` is a county.
        Some(rest) if is_certain(title) && rest.chars().count() > 1 => {
            names.push(rest);
            (names, true)
        }
        Some(rest) if is_person(&[rest], rest, false, None) => {
            names.push(rest);
            (names, true)
        }
        _ => {
            names.push(last);
            (names, false)
        }
    }
}

/// Is an honorific no other word, and none's end?
fn is_certain(title: Option<&String>) -> bool {
    let hangul = |letter: char| matches!(letter, '\u{ac00}'..='\u{d7a3}');
    title.is_some_and(|title| title.chars().nth(1).is_some() && !title.starts_with(hangul))
}

fn is_person(names: &[&str], whole: &str, titled: bool, country: Option<&str>) -> bool {
    let is = |codes: &[&str]| {
        country.is_some_and(|country| codes.iter().any(|code| code.eq_ignore_ascii_case(country)))
    };
    let hangul = |letter: char| matches!(letter, '\u{ac00}'..='\u{d7a3}');
    let kana = |letter: char| matches!(letter, '\u{3040}'..='\u{30ff}');
    if whole.chars().all(hangul) {
        return is_korean(names, whole, titled);
    }
    let japanese = || is_japanese(names, whole, titled);
    if whole.contains(kana) || is(&["JP"]) {
        return japanese();
    }
    is_chinese(whole) || !is(&["CN", "TW", "HK", "MO", "SG", "MY"]) && japanese()
}

fn has(name: &str, mark: char) -> bool {
    NAMES.get(name).is_some_and(|marks| marks.contains(mark))
}

fn is_chinese(whole: &str) -> bool {
    let letters: Vec<(usize, char)> = whole.char_indices().collect();
    let surname = |from: usize, to: usize| {
        let end = letters.get(to).map_or(whole.len(), |(at, _)| *at);
        has(&whole[letters[from].0..end], 'c')
    };
    match letters.len() {
        2 => surname(0, 1),
        3 => surname(0, 1) || surname(0, 2),
        // With the name of a husband's family before it, or of both parents.
        4 => surname(0, 2) || surname(0, 1) && surname(1, 2),
        _ => false,
    }
}

fn is_japanese(names: &[&str], whole: &str, titled: bool) -> bool {
    let letters = |text: &str| text.chars().count();
    if let [family, given] = names {
        return has(family, 'j') || has(given, 'J') || letters(family) <= 4 && letters(given) <= 4;
    }
    let kana = |text: &str| text.chars().all(|letter| matches!(letter, '\u{3040}'..='\u{30ff}'));
    if names.len() != 1 || letters(whole) < 3 && !titled || kana(whole) && !titled {
        return false;
    }
    let splits = whole.char_indices().skip(1).map(|(at, _)| whole.split_at(at));
    let kanji = |text: &str| !text.chars().any(|letter| matches!(letter, '\u{3040}'..='\u{30ff}'));
    splits.into_iter().any(|(family, given)| {
        let (of_family, of_given) = (letters(family), letters(given));
        match (has(family, 'j'), has(given, 'J')) {
            (true, true) => true,
            // Many given names are in no list: in kana any, in kanji of two letters or more.
            (true, false) if kana(given) => (2..=3).contains(&of_given),
            (true, false) => of_family > 1 && (2..=3).contains(&of_given),
            (false, true) => of_given > 1 && of_family <= 3 && (of_family == 2 || kana(family)),
            (false, false) => {
                kanji(family)
                    && of_family == 2
                    && of_given == 3
                    && kana(given)
                    && given.ends_with('こ')
            }
        }
    })
}

fn is_korean(names: &[&str], whole: &str, titled: bool) -> bool {
    let letters: Vec<(usize, char)> = whole.char_indices().collect();
    if !(2..=4).contains(&letters.len()) || names.len() > 2 {
        return false;
    }
    let surname = usize::from(letters.len() == 4) + 1;
    let (family, given) = whole.split_at(letters[surname].0);
    let syllables: Vec<String> = given.chars().map(String::from).collect();
    let is_given = match syllables.as_slice() {
        // A word of two syllables says little.
        [only] => (titled || names.len() == 2) && has(only, 's'),
        [first, second] => has(first, 's') && has(second, 't'),
        _ => false,
    };
    has(family, 'k') && is_given
}
