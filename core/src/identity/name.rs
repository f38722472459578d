//! The name of a company in its normalised form: the same for every spelling of one name.
//!
//! A name is a stem and a legal form. Case, accents, punctuation, blanks, invisible characters,
//! letters of another script that look or sound alike, and the words for `and` make no difference
//! to the stem; abbreviations and dots make none to the form. `ü` is written `u` or `ue`, so that a
//! name may have several stems; two names are the same if they share one, and so `Müller` is both
//! `Muller` and `Mueller`, which are not each other.
//!
//! A form counts at a name's end, or before a name in quotes: one struck from the start would make
//! twins of firms that are none (`AS Roma`, `PT Cruisers`).
//! Compatibility and composition: UAX #15 (NFKC).

use std::sync::LazyLock;

use deunicode::deunicode_char;
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

/// The most words that a form at a name's end is written in.
const LONGEST: usize = 9;
/// The most letters with two spellings for which all mixtures are tried.
const MIXED: usize = 4;

/// A company's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The stem in each of its spellings: at least one, none empty, without duplicates.
    pub(super) stems: Vec<String>,
    /// The legal form, by the first spelling of its line in the table.
    pub(super) form: Option<&'static str>,
}

impl Name {
    /// Takes a name apart. `None` if no letter or digit is in it.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = visible(name);
        let (words, form) = match quoted(&name) {
            Some((words, form)) => (words, Some(form)),
            None => without_form(words(&name)),
        };
        let stems = stems(words.text);
        (!stems.is_empty()).then_some(Self { stems, form: form.filter(|form| *form != "-") })
    }
}

/// The form that a text says, if it is one of the table. Codes of ISO 20275 are not.
pub(super) fn form(text: &str) -> Option<&'static str> {
    let plain = words(&visible(text)).map(|_, word, text| push_plain(word, text));
    FORMS.get(plain.text.as_str()).copied().filter(|form| *form != "-")
}

/// Every spelling of every form.
static FORMS: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("forms.tsv").lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter_map(|line| line.split_once('\t'));
    lines
        .flat_map(|(form, spellings)| {
            let spellings = spellings.split(' ').map(move |spelling| (spelling, form));
            spellings.chain([(form, form)])
        })
        .collect()
});

/// Composed and in lower case, without what cannot be seen.
fn visible(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Format and control characters, variation selectors, the combining grapheme joiner, fillers.
    let unseen = |letter: &char| {
        matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
    };
    let letters = name.nfkc().filter(|letter| !unseen(letter)).flat_map(char::to_lowercase);
    // Lower case may take letters apart: `İ` is `i` and a dot above.
    letters.nfc().collect()
}

/// Words, one behind the other.
#[derive(Default)]
struct Words {
    text: String,
    /// Where each begins.
    begins: Vec<usize>,
}

impl Words {
    fn len(&self) -> usize {
        self.begins.len()
    }

    fn word(&self, place: usize) -> &str {
        let end = self.begins.get(place + 1).copied().unwrap_or(self.text.len());
        &self.text[self.begins[place]..end]
    }

    fn truncate(&mut self, count: usize) {
        if let Some(end) = self.begins.get(count) {
            self.text.truncate(*end);
            self.begins.truncate(count);
        }
    }

    /// With another word in the place of each.
    fn map(&self, to: impl Fn(usize, &str, &mut String)) -> Self {
        let mut made = Self { text: String::with_capacity(self.text.len()), ..Self::default() };
        for place in 0..self.len() {
            made.begins.push(made.text.len());
            to(place, self.word(place), &mut made.text);
        }
        made
    }
}

/// The words of a visible name. Dots and apostrophes stand in words, `+` and words for `and`
/// between others are `&`; everything else that is no letter or digit divides them.
fn words(name: &str) -> Words {
    let mut words =
        Words { text: String::with_capacity(name.len()), begins: Vec::with_capacity(8) };
    let mut inside = false;
    for letter in name.chars() {
        match letter {
            '.' | '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '·' => {}
            '&' | '+' => {
                words.begins.push(words.text.len());
                words.text.push('&');
                inside = false;
            }
            _ if letter.is_alphanumeric() || is_mark(letter) => {
                if !inside {
                    words.begins.push(words.text.len());
                }
                inside = true;
                words.text.push(letter);
            }
            _ => inside = false,
        }
    }
    let last = words.len().saturating_sub(1);
    let joins = |place| place > 0 && place < last && AND.contains(&words.word(place));
    if words.text.is_ascii() && !(0..words.len()).any(joins) {
        return words;
    }
    words.map(
        |place, word, text| {
            if joins(place) { text.push('&') } else { text.push_str(&unmixed(word)) }
        },
    )
}

/// `And` in the languages of most registers.
const AND: [&str; 12] = ["and", "und", "et", "en", "og", "och", "ja", "y", "e", "i", "и", "та"];

/// Marks that stand on letters, and cannot be composed with them.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// A word whose letters are of one script: those of Cyrillic and Greek that look like Latin ones,
/// in a word with Latin ones, are (UTS #39 calls them confusable).
fn unmixed(word: &str) -> String {
    const LIKE: [(char, char); 24] = [
        ('а', 'a'),
        ('в', 'b'),
        ('с', 'c'),
        ('е', 'e'),
        ('н', 'h'),
        ('і', 'i'),
        ('ј', 'j'),
        ('к', 'k'),
        ('м', 'm'),
        ('о', 'o'),
        ('р', 'p'),
        ('ѕ', 's'),
        ('т', 't'),
        ('х', 'x'),
        ('у', 'y'),
        ('ԁ', 'd'),
        ('α', 'a'),
        ('ε', 'e'),
        ('ι', 'i'),
        ('κ', 'k'),
        ('ν', 'v'),
        ('ο', 'o'),
        ('ρ', 'p'),
        ('τ', 't'),
    ];
    if !word.bytes().any(|byte| byte.is_ascii_lowercase()) || word.is_ascii() {
        return word.to_owned();
    }
    let like = |letter| LIKE.iter().find(|(of, _)| *of == letter).map_or(letter, |(_, to)| *to);
    word.chars().map(like).collect()
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
fn without_form(mut words: Words) -> (Words, Option<&'static str>) {
    let mut known = None;
    let mut plain = words.map(|_, word, text| push_plain(word, text));
    // What is no form, as `in liquidation`, may stand behind one.
    while known.is_none_or(|form| form == "-") {
        let shortest = words.len().saturating_sub(LONGEST).max(1);
        let form = |first: usize| Some((first, *FORMS.get(&plain.text[plain.begins[first]..])?));
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
fn stems(whole: String) -> Vec<String> {
    if whole.is_ascii() {
        let named = whole.bytes().any(|byte| byte.is_ascii_alphanumeric());
        return named.then_some(whole).into_iter().collect();
    }
    let double: Vec<_> = DIGRAPHS.iter().filter(|(letter, _)| whole.contains(*letter)).collect();
    let mixtures = if double.len() <= MIXED { 0..1_u32 << double.len() } else { 0..2 };
    let mut stems: Vec<String> = mixtures
        .map(|mixture| {
            let mut stem = String::with_capacity(whole.len() + 4);
            for letter in whole.chars().filter(|letter| !is_mark(*letter)) {
                let place = double.iter().position(|(of, _)| *of == letter);
                let bit = if double.len() <= MIXED { place.unwrap_or_default() } else { 0 };
                match place {
                    Some(place) if mixture >> bit & 1 == 1 => stem.push_str(double[place].1),
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
