//! What stands around a company's name in lists of networks, and letters that only look alike: the
//! other ways to read a name.
//!
//! Networks are named by who wrote them down: `AS64500 - Example B.V.`, `B.V. Example`, `The Example
//! B.V.`, `Example B.V., Amsterdam`, `Example B.V. (NL)`, `Example B.V. h.o.d.n. Samples`. Each
//! reading takes one of them off, or puts what was written with dots apart. What stands *before* a form
//! is never shortened: `Example Roasters B.V.` is another firm.

use std::ops::Range;

use smallvec::SmallVec;

use super::check_country;
use super::forms::known_form;
use super::seen::{like, percent_decoded, visible};
use super::words::Words;

/// The most words of a form that is not at a name's end.
const FORM_WORDS: usize = 5;
/// The most readings of words: names have few, and a text that is made to have many is none.
const MOST: usize = 12;

const ARTICLES: &[&str] = &[
    "the", "de", "het", "der", "die", "das", "la", "le", "les", "el", "los", "las", "il", "lo",
    "gli", "den", "det",
];

/// Forms that are words or parts of names too: alone they are no form before a name, and behind one
/// only before a comma, a bracket or a dash.
const WORDS_TOO: &[&str] = &[
    "as",
    "se",
    "co",
    "ad",
    "dd",
    "pc",
    "lp",
    "sl",
    "og",
    "eg",
    "ev",
    "ek",
    "hf",
    "hb",
    "kb",
    "bt",
    "inc",
    "corp",
    "coltd",
    "company",
    "corporation",
    "limited",
    "sas",
    "sac",
    "spa",
    "sia",
    "ou",
    "ag",
    "ab",
    "sa",
    "ivs",
    "asa",
];

/// Forms that stand before the name where they come from, though they are words too.
const IN_FRONT: &[&str] = &["sas", "sia", "ou", "ab", "sa", "oy", "spa", "ag", "ao"];

/// What comes between a firm and the name that it trades under.
const TRADING_AS: &[&[&str]] = &[
    &["hodn"],
    &["h", "o", "d", "n"],
    &["handelend", "onder", "de", "naam"],
    &["tevens", "handelend", "onder"],
    &["t", "a"],
    &["ta"],
    &["trading", "as"],
    &["dba"],
    &["d", "b", "a"],
    &["doing", "business", "as"],
    &["aka"],
    &["a", "k", "a"],
    &["fka"],
    &["f", "k", "a"],
    &["formerly"],
    &["voorheen"],
];

/// The name without a handle in front, with dots between words, without what an address of the web makes of
/// letters, and in Latin letters that look like its own: of the name as it was written, and as it is in
/// lower case and without what is not seen. And whether an objection under the name means that too.
pub(super) fn texts(name: &str, visible: &str) -> Vec<(String, bool)> {
    let mut texts = Vec::new();
    if let Some((rest, is_handle)) = without_handle(name) {
        texts.push((rest.to_lowercase(), is_handle));
    }
    texts.extend(dots_apart(visible).map(|text| (text, true)));
    // What was objected to as it was written keeps that key, and has this beside it.
    texts.extend(percent_decoded(name).map(|text| (self::visible(&text), true)));
    if !visible.is_ascii() {
        for upper in [false, true] {
            let seen: String =
                visible.chars().map(|letter| like(letter, upper).unwrap_or(letter)).collect();
            if seen != visible {
                texts.push((seen, true));
            }
        }
    }
    texts
}

/// With blanks for the dots between words: those of abbreviations have one letter on both sides.
fn dots_apart(visible: &str) -> Option<String> {
    let bytes = visible.as_bytes();
    let letters = |at: &usize| !bytes.get(*at).is_none_or(|byte| b". ,-/()&'\"".contains(byte));
    let long_before = |dot: usize| (dot.saturating_sub(2)..dot).filter(letters).count() == 2;
    let long_behind = |dot: usize| (dot + 1..dot + 3).filter(letters).count() == 2;
    let between = |dot: usize| dot > 0 && letters(&(dot - 1)) && letters(&(dot + 1));
    let is_apart =
        |at: usize| bytes[at] == b'.' && between(at) && (long_before(at) || long_behind(at));
    let mut text = None;
    for at in (0..bytes.len()).filter(|at| is_apart(*at)) {
        text.get_or_insert_with(|| visible.to_owned()).replace_range(at..=at, " ");
    }
    text
}

/// Is this the number of a customer, a contract or a circuit, as providers write it before a name or in its place:
/// `18-4304784_Example`?
pub(crate) fn is_customer_number(text: &str) -> bool {
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    let digits = count(char::is_ascii_digit);
    digits >= 3
        && digits >= count(|letter| letter.is_alphabetic())
        && !text.contains(char::is_whitespace)
}

/// The name behind such a number.
pub(crate) fn behind_customer_number(name: &str) -> Option<&str> {
    let (number, rest) = name.split_once('_')?;
    is_customer_number(number).then(|| rest.trim_start())
}

/// The name behind a handle: `AS64500 - Example`, `EXAMPLE-AS Example`, `ORG-EX1-RIPE: Example`. And
/// whether that is a handle for sure: in `ATT - Example` it may be a name.
fn without_handle(name: &str) -> Option<(&str, bool)> {
    if let Some(rest) = behind_customer_number(name.trim()) {
        return Some((rest, true));
    }
    let (handle, rest) = name.trim().split_once(char::is_whitespace)?;
    let shouted = handle.chars().all(|letter| !letter.is_lowercase());
    let handle = handle.trim_end_matches([':', ',', ';']);
    let is_word = |part: &str| {
        let known = ["AS", "ASN", "ORG", "MNT", "RIPE", "ARIN", "APNIC", "LACNIC", "AFRINIC"];
        let numbered = part.strip_prefix("AS").is_some_and(|rest| rest.parse::<u32>().is_ok());
        known.contains(&part) || numbered
    };
    let parts = handle.split(['-', '_']);
    let is_number =
        handle.len() > 2 && handle.is_char_boundary(2) && handle[..2].eq_ignore_ascii_case("as");
    let is_number = is_number && handle[2..].parse::<u32>().is_ok();
    let is_handle = parts.clone().count() > 1 && parts.clone().any(is_word);
    let dash = ['-', '–', '—', '|', ':', '/'];
    let behind = rest.trim_start().strip_prefix(dash);
    // `AS 64500 Example`: the number stands apart.
    let number = rest.trim_start().split_once(char::is_whitespace);
    if let ("AS" | "ASN", Some((number, rest))) = (handle, number)
        && number.trim_end_matches([':', ',']).parse::<u32>().is_ok()
    {
        let rest = rest.trim_start_matches(|letter: char| dash.contains(&letter) || letter == ' ');
        return Some((rest, true));
    }
    let known = is_number || (shouted && is_handle);
    let rest = behind.filter(|_| shouted || known).or(known.then_some(rest))?.trim_start();
    // `ATI - ISP`: one word may be what many are, and is no name.
    (known || rest.contains(char::is_whitespace)).then_some((rest, known))
}

/// Which words are the name, and the form that stands elsewhere: of words, and of the same in plain
/// letters.
pub(super) fn parts(words: &Words, plain: &Words) -> Vec<NamePart> {
    let mut found: Vec<NamePart> = Vec::new();
    let whole = NamePart { words: 0..words.len(), form: None, meant: true };
    let mut open = SmallVec::<[_; 4]>::from_iter([whole]);
    while let Some(whole) = open.pop() {
        for mut part in shorter(words, plain, whole.words, whole.form) {
            part.meant &= whole.meant;
            if found.len() == MOST || found.contains(&part) {
                continue;
            }
            found.push(part.clone());
            open.push(part);
        }
    }
    found
}

/// A part of a name under which somebody may be known.
#[derive(Clone, PartialEq)]
pub(super) struct NamePart {
    pub words: Range<usize>,
    /// The form, if it stands elsewhere in the name.
    pub form: Option<&'static str>,
    /// Does an objection under the whole name mean it?
    pub meant: bool,
}

/// A name with one thing less.
fn shorter(
    words: &Words,
    plain: &Words,
    whole: Range<usize>,
    form: Option<&'static str>,
) -> Vec<NamePart> {
    let mut found = Vec::new();
    let (first, last) = (whole.start, whole.end.saturating_sub(1));
    if whole.len() < 2 {
        return found;
    }
    let mut push = |words: Range<usize>, form, meant| {
        // A form alone is no name.
        let is_name = || words.len() > 3 || known_form(plain.joined(words.clone())).is_none();
        if !words.is_empty() && is_name() {
            found.push(NamePart { words, form, meant });
        }
    };
    if ARTICLES.contains(&words.word(first)) && words.word(first + 1) != "&" {
        push(first + 1..whole.end, form, true);
    }
    let word = words.word(last);
    // `SA` and `SE` are countries and forms.
    let is_country = known_form(word).is_none() && is_country(word);
    if words.is_parted(last) && (is_country || ARTICLES.contains(&word)) {
        push(first..last, form, true);
    }
    for position in first + 1..last {
        let rest = position..whole.end;
        let is_mark = |mark: &&[&str]| {
            mark.len() < rest.len()
                && mark.iter().zip(rest.clone()).all(|(mark, at)| *mark == words.word(at))
        };
        if let Some(mark) = TRADING_AS.iter().find(|mark| is_mark(mark)) {
            let brand = position + mark.len()..whole.end;
            // `TA` may be a word of the name, and a brand of one word is what many are called.
            let (is_mark, is_own) = (**mark != ["ta"], brand.len() > 1);
            push(first..position, form, is_mark);
            push(brand, None, is_mark && is_own);
        }
    }
    if form.is_none() {
        if let Some((behind, form)) = form_in_front(plain, &whole) {
            push(behind..whole.end, Some(form), true);
            // The place cannot be behind the form, as it is elsewhere.
            if let Some(position) =
                (behind + 1..whole.end).find(|position| words.is_parted(*position))
            {
                push(behind..position, Some(form), true);
            }
        }
        if let Some((end, form)) = form_inside(words, plain, &whole) {
            push(first..end, Some(form), true);
        }
    }
    found
}

/// The longest form that a name begins with, and where the name begins behind it.
fn form_in_front(plain: &Words, whole: &Range<usize>) -> Option<(usize, &'static str)> {
    let longest = FORM_WORDS.min(whole.len() - 1);
    (1..=longest).rev().find_map(|count| {
        let joined = plain.joined(whole.start..whole.start + count);
        let form = known_form(joined).filter(|form| *form != "-")?;
        let is_word = count == 1 && WORDS_TOO.contains(&joined) && !IN_FRONT.contains(&joined);
        // `A.S. Roma` is none of the words.
        let is_word = is_word && !(joined == "as" && plain.is_dotted(whole.start));
        (!is_word).then_some((whole.start + count, form))
    })
}

/// The first form that something stands behind which is not part of it, and where it begins.
fn form_inside(
    words: &Words,
    plain: &Words,
    whole: &Range<usize>,
) -> Option<(usize, &'static str)> {
    for begin in whole.start + 1..whole.end - 1 {
        let end_is_form =
            whole.end - begin <= 9 && known_form(plain.joined(begin..whole.end)).is_some();
        if end_is_form {
            return None;
        }
        let longest = FORM_WORDS.min(whole.end - 1 - begin);
        let found = (1..=longest).rev().find_map(|count| {
            let joined = plain.joined(begin..begin + count);
            let form = known_form(joined).filter(|form| *form != "-")?;
            let behind = begin + count;
            let is_word = count == 1
                && WORDS_TOO.contains(&joined)
                && !words.is_dotted(begin)
                && !words.is_parted(behind);
            // `EXAMPLE-AS-NL` is the handle of a network.
            let is_word = is_word
                || matches!(joined, "company" | "corporation")
                || (joined == "as" && words.is_parted(begin));
            let goes_on = words.word(behind) == "&" || has_form(words, plain, behind..whole.end);
            (!is_word && !goes_on).then_some((begin, form))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_country(word: &str) -> bool {
    word.len() == 2 && check_country(&word.to_ascii_uppercase()).is_ok()
}

/// Is there another form in the rest? Then it belongs to that: `GmbH & Co. KG`.
fn has_form(words: &Words, plain: &Words, rest: Range<usize>) -> bool {
    let only = rest.len() == 1 && words.is_parted(rest.start);
    if only && is_country(words.word(rest.start)) {
        return false;
    }
    rest.clone().any(|begin| {
        let longest = FORM_WORDS.min(rest.end - begin);
        (1..=longest).any(|count| {
            known_form(plain.joined(begin..begin + count)).is_some_and(|form| form != "-")
        })
    })
}
