//! The name of a company in its normalised form: the same for every spelling of one name.
//!
//! A name is a stem and a legal form. Case, accents, punctuation, blanks, invisible characters,
//! letters of another script that look or sound alike, and the words for `and` make no difference
//! to the stem; abbreviations and dots make none to the form. `ü` is written `u` or `ue`, so that a
//! name may have several stems; two names are the same if they share one, and so `Müller` is both
//! `Muller` and `Mueller`, which are not each other.
//!
//! A form counts at a name's end, or before a name in quotes. What else stands around a name is taken
//! off in further readings of it, by `disguise.rs`; two names are the same if they share one.

use deunicode::deunicode_char;
use smallvec::SmallVec;

use super::disguise;
use super::forms::known_form;
use super::seen::{decoded, visible};
use super::words::{Words, is_mark, words};

/// The most words that a form at a name's end is written in.
const LONGEST: usize = 9;
/// The most bytes that a name has which may be read in several ways.
const LONG: usize = 1000;
/// The most letters with two spellings for which all mixtures are tried.
const MIXED: usize = 4;

/// A company's name, taken apart: in every way in which it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// At least one; the first is that of the whole name.
    pub(super) readings: Readings,
}

/// Nearly all names are read in one way and have one stem, and millions of names are read.
type Readings = SmallVec<[NameReading; 1]>;
type Stems = SmallVec<[String; 1]>;

/// One way to read a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct NameReading {
    /// The stem in each of its spellings: at least one, none empty, without duplicates.
    pub(super) stems: Stems,
    /// The legal form, by the first spelling of its line in the table.
    pub(super) form: Option<&'static str>,
    /// Does an objection under the whole name mean this too? What may be another's name is only asked
    /// for: who objects as `Foo - Bar Services` is not every `Bar Services`.
    pub(super) meant: bool,
}

impl Name {
    /// Takes a name apart. `None` if no letter or digit is in it.
    pub(super) fn of(name: &str) -> Option<Self> {
        let mut readings = Readings::new();
        let decoded = decoded(name);
        let name = decoded.as_ref();
        let visible = visible(name);
        read(&visible, true, &mut readings);
        if readings.is_empty() {
            return None;
        }
        // What is longer is no name, and costs time.
        if name.len() > LONG {
            return Some(Self { readings });
        }
        for (other, meant) in disguise::texts(name, &visible) {
            read(&other, meant, &mut readings);
        }
        Some(Self { readings })
    }

    /// Every stem, and the form that it is read with: of all readings, or of those that are meant.
    pub(super) fn stems(&self, meant: bool) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        let of = |reading: &'_ NameReading| reading.form;
        self.readings.iter().filter(move |reading| reading.meant || !meant).flat_map(
            move |reading| reading.stems.iter().map(move |stem| (stem.as_str(), of(reading))),
        )
    }

    /// The form that is said elsewhere is that of readings which say none.
    pub(super) fn set_form(&mut self, form: Option<&'static str>) {
        for reading in self.readings.iter_mut().filter(|reading| reading.form.is_none()) {
            reading.form = form;
        }
    }
}

/// Adds what a visible name can be read as, and is not known yet.
fn read(visible: &str, meant: bool, readings: &mut Readings) {
    if let Some((words, form)) = quoted(visible) {
        return add((words, Some(form)), meant, readings);
    }
    let words = words(visible);
    let plain = words.map(|_, word, text| push_plain(word, text));
    let others = if visible.len() > LONG { Vec::new() } else { disguise::parts(&words, &plain) };
    if others.is_empty() {
        return add(without_form(words, plain), meant, readings);
    }
    add(without_form(words.clone(), plain), meant, readings);
    for disguise::NamePart { words: part, form, meant: part_meant } in others {
        let meant = meant && part_meant;
        let part = words.part(part);
        let plain = part.map(|_, word, text| push_plain(word, text));
        if form.is_some() {
            add((part.clone(), form), meant, readings);
        }
        let (part, of_part) = without_form(part, plain);
        add((part, of_part.or(form)), meant, readings);
    }
}

fn add((words, form): (Words, Option<&'static str>), meant: bool, readings: &mut Readings) {
    let (stems, form) = (stems(words.text), form.filter(|form| *form != "-"));
    // What is left when a form is all that stands behind a handle is nobody's name.
    let is_form = !readings.is_empty() && stems.iter().any(|stem| known_form(stem).is_some());
    if let Some(known) =
        readings.iter_mut().find(|known| known.form == form && known.stems == stems)
    {
        known.meant |= meant;
    } else if !stems.is_empty() && !is_form {
        readings.push(NameReading { stems, form, meant });
    }
}

/// The form that a text says, if it is one of the table. Codes of ISO 20275 are not.
pub(super) fn form(text: &str) -> Option<&'static str> {
    let plain = words(&visible(text)).map(|_, word, text| push_plain(word, text));
    known_form(&plain.text).filter(|form| *form != "-")
}

/// The words of a text, in plain letters.
#[cfg(feature = "build")]
pub(super) fn folded_words(text: &str) -> Vec<String> {
    let words = words(&visible(text)).map(|_, word, text| {
        for letter in word.chars().filter(|letter| !is_mark(*letter)) {
            push_ascii(letter, text);
        }
    });
    (0..words.len())
        .map(|position| words.word(position).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// A form before a name in quotes, as in `ООО «Ромашка»`: the words in the quotes, and the form.
fn quoted(name: &str) -> Option<(Words, &'static str)> {
    let is_quote = |letter| matches!(letter, '"' | '«' | '»' | '“' | '”' | '„' | '‟' | '″');
    let (before, rest) = name.trim().split_once(is_quote)?;
    let (inside, behind) = rest.rsplit_once(is_quote)?;
    let form = form(before)?;
    (behind.chars().all(|letter| !letter.is_alphanumeric())).then(|| (words(inside), form))
}

/// The words before the form, and the form: the longest at the end that leaves a word.
fn without_form(mut words: Words, mut plain: Words) -> (Words, Option<&'static str>) {
    let mut known = None;
    // What is no form, as `in liquidation`, may stand behind one.
    while known.is_none_or(|form| form == "-") {
        let shortest = words.len().saturating_sub(LONGEST).max(1);
        let form = |first: usize| Some((first, known_form(plain.joined(first..plain.len()))?));
        let Some((first, form)) = (shortest..words.len()).find_map(form) else { break };
        plain.truncate(first);
        words.truncate(first);
        known = Some(form);
    }
    // `Foo & Co`: what is left of the form is none of the name.
    while words.len() > 1 && words.word(words.len() - 1) == "&" {
        words.truncate(words.len() - 1);
    }
    (words, known)
}

/// Adds a word in plain letters; Cyrillic stays, since forms in it are known.
fn push_plain(word: &str, whole: &mut String) {
    if word.is_ascii() {
        return whole.push_str(word);
    }
    let cyrillic = |letter| matches!(letter, 'а'..='я' | 'і' | 'ї' | 'є');
    for letter in word.chars().filter(|letter| !is_mark(*letter)) {
        if letter.is_ascii() || cyrillic(letter) {
            whole.push(letter);
        } else {
            push_ascii(letter, whole);
        }
    }
}

fn push_ascii(letter: char, folded: &mut String) {
    let letters = deunicode_char(letter).unwrap_or_default().chars();
    let letters = letters.filter(char::is_ascii_alphanumeric);
    folded.extend(letters.map(|letter| letter.to_ascii_lowercase()));
}

/// Letters with a second spelling in two.
const DIGRAPHS: [(char, &str); 7] =
    [('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('å', "aa"), ('ø', "oe"), ('ő', "oe"), ('ű', "ue")];

/// The words as one, in plain letters: in every mixture of the spellings of its letters, or, of
/// very many letters, all in the one or all in the other.
fn stems(whole: String) -> Stems {
    if whole.is_ascii() {
        let named = whole.bytes().any(|byte| byte.is_ascii_alphanumeric());
        return named.then_some(whole).into_iter().collect();
    }
    let double: Vec<_> = DIGRAPHS.iter().filter(|(letter, _)| whole.contains(*letter)).collect();
    let mixtures = if double.len() <= MIXED { 0..1_u32 << double.len() } else { 0..2 };
    let mut stems: Stems = mixtures
        .map(|mixture| {
            let mut stem = String::with_capacity(whole.len() + 4);
            for letter in whole.chars().filter(|letter| !is_mark(*letter)) {
                let at = double.iter().position(|(of, _)| *of == letter);
                let bit = if double.len() <= MIXED { at.unwrap_or_default() } else { 0 };
                match at {
                    Some(at) if mixture >> bit & 1 == 1 => stem.push_str(double[at].1),
                    _ if letter == '&' => stem.push('&'),
                    _ => push_ascii(letter, &mut stem),
                }
            }
            stem
        })
        .collect();
    stems.retain(|stem| stem.bytes().any(|byte| byte.is_ascii_alphanumeric()));
    stems.sort_unstable();
    stems.dedup();
    stems
}
