//! What is seen of a name: the text that people read, whatever stands in the file.
//!
//! Entities of HTML are decoded, letters composed (UAX #15, NFKC) and in lower case, and what cannot be
//! seen is left out; letters that look like those of another script (UTS #39) are of the script of their
//! word. Policy and registry read names through it, so that what one folds the other does.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_security::confusable_detection::skeleton;

/// Without the entities of HTML that a page's text brought along, `&amp;` or `&#39;`, even twice, and with
/// blanks for what stands for them in an address of the web.
pub(super) fn decoded(name: &str) -> Cow<'_, str> {
    if name.contains("%20") {
        return decoded(&name.replace("%20", " ")).into_owned().into();
    }
    if !name.contains('&') || !name.contains(';') {
        return name.into();
    }
    html_escape::decode_html_entities(&html_escape::decode_html_entities(name)).into_owned().into()
}

/// A decoded name that was part of an address of the web, `Z%6Fn`, without that, even twice, and decoded once
/// more; `None` where nothing is to decode. Bytes that are no text divide words, and hide nothing.
pub(super) fn percent_decoded(name: &str) -> Option<String> {
    if !name.contains('%') {
        return None;
    }
    let text = |of: &str| percent_decode_str(of).decode_utf8_lossy().into_owned();
    let twice = text(&text(name));
    (twice != name).then(|| decoded(&twice).into_owned())
}

/// A name as it is seen: decoded, composed, in lower case, without what cannot be seen; each word in
/// letters of one script.
#[cfg(feature = "build")]
pub(crate) fn seen(name: &str) -> String {
    let decoded = decoded(name);
    let visible = visible(percent_decoded(&decoded).as_deref().unwrap_or(&decoded));
    if visible.is_ascii() {
        return visible;
    }
    let mut seen = String::with_capacity(visible.len());
    let pieces = visible.split_inclusive(|letter: char| !letter.is_alphanumeric());
    for piece in pieces {
        let latin = unmixed(piece);
        // What stays mixed is of the other script, and Latin letters are strangers in it.
        let cyrillic = latin.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'));
        let greek = latin.chars().any(|letter| matches!(letter, '\u{370}'..='\u{3ff}'));
        let is_mixed = (cyrillic || greek) && latin.bytes().any(|byte| byte.is_ascii_lowercase());
        let (from, to) = if cyrillic { CYRILLIC } else { GREEK };
        let own = |letter: char| {
            let at = from.chars().position(|known| known == letter);
            at.and_then(|at| to.chars().nth(at)).unwrap_or(letter)
        };
        seen.extend(latin.chars().map(|letter| if is_mixed { own(letter) } else { letter }));
    }
    seen
}

/// Latin letters, and those of other scripts that look like them (UTS #39).
#[cfg(feature = "build")]
const CYRILLIC: (&str, &str) = ("aceopxykmthbis", "асеорхукмтнвіѕ");
#[cfg(feature = "build")]
const GREEK: (&str, &str) = ("aopvyuxkniehmtzb", "αορνυυχκηιεημτζβ");

/// Composed and in lower case, without what cannot be seen and signs of trade marks.
pub(super) fn visible(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Most names are composed, and of all letters lower case takes only this one apart.
    if is_nfkc_quick(name.chars()) == IsNormalized::Yes && !name.contains('İ') {
        let letters = told_apart(name).filter(|letter| !is_unseen(*letter));
        return letters.flat_map(char::to_lowercase).collect();
    }
    composed(name)
}

/// The same of what is not composed.
fn composed(name: &str) -> String {
    let letters = told_apart(name).nfkc().filter(|letter| !is_unseen(*letter));
    letters.flat_map(char::to_lowercase).nfc().collect()
}

/// Without the signs that compatibility makes letters of, and with the letters that it makes others of
/// than they look like: a sigma that looks like C.
fn told_apart(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter_map(|letter| match letter {
        '™' | '®' | '©' | '℠' => None,
        'Ϲ' => Some('C'),
        'ϲ' => Some('c'),
        _ => Some(letter),
    })
}

/// Format and control characters, variation selectors, the combining grapheme joiner, fillers, and Arabic
/// vowels.
const fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// A word whose letters are of one script: those of others that look like Latin ones, in a word with
/// Latin ones, are (UTS #39 calls them confusable).
pub(super) fn unmixed(word: &str) -> String {
    if !word.bytes().any(|byte| byte.is_ascii_lowercase()) || word.is_ascii() {
        return word.to_owned();
    }
    word.chars().map(|letter| like(letter, false).unwrap_or(letter)).collect()
}

/// The Latin letter that a letter of another script looks like, in lower or in upper case (UTS #39).
pub(super) fn like(letter: char, upper: bool) -> Option<char> {
    if letter.is_ascii() || !letter.is_alphabetic() {
        return None;
    }
    let seen_as = |letter: char| {
        let text = letter.to_string();
        let mut seen = skeleton(&text);
        let first = seen.next().filter(char::is_ascii_alphabetic)?;
        seen.next().is_none().then(|| first.to_ascii_lowercase())
    };
    let of_upper = || {
        let mut upper = letter.to_uppercase();
        let first = upper.next().filter(|_| upper.next().is_none())?;
        seen_as(first)
    };
    let is_latin = matches!(letter, '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    if is_latin {
        return None;
    }
    if upper { of_upper().or_else(|| seen_as(letter)) } else { seen_as(letter).or_else(of_upper) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn what_is_plain_is_seen_as_if_it_were_composed(
            name in "[\\PC]{0,8}|[\u{130}iI\u{1c5}\u{301}\u{307}\u{316}\u{327}\u{200d}\u{ac00}-\u{ac10}\u{410}-\u{44f}\u{386}-\u{3ce}\u{ae}\u{2122}\u{3231}\u{ff8a}\u{ff9f}\u{e1}-\u{17c}a-z ]{0,8}"
        ) {
            prop_assert_eq!(visible(&name), composed(&name));
        }
    }
}
