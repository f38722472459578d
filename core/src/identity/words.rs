//! The words of a name, before anything is known of what they mean.

use std::ops::Range;

use smallvec::SmallVec;

use super::seen::unmixed;

/// Words, one behind the other.
#[derive(Clone, Default)]
pub(super) struct Words {
    pub(super) text: String,
    /// Of each: most names have few, and millions of names are read.
    each: SmallVec<[Word; 8]>,
}

#[derive(Clone, Copy)]
struct Word {
    /// Where it begins.
    begin: usize,
    /// Is more than a blank or a hyphen between it and the word before: a comma, a bracket, a dash?
    parted: bool,
    /// Are there dots in it, as in `s.a.`?
    dotted: bool,
}

impl Words {
    pub(super) fn len(&self) -> usize {
        self.each.len()
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.joined(at..at + 1)
    }

    /// Several words as one.
    pub(super) fn joined(&self, range: Range<usize>) -> &str {
        let end = self.each.get(range.end).map_or(self.text.len(), |next| next.begin);
        &self.text[self.each[range.start].begin..end]
    }

    pub(super) fn is_parted(&self, at: usize) -> bool {
        self.each[at].parted
    }

    pub(super) fn is_dotted(&self, at: usize) -> bool {
        self.each[at].dotted
    }

    pub(super) fn truncate(&mut self, count: usize) {
        if let Some(next) = self.each.get(count) {
            self.text.truncate(next.begin);
            self.each.truncate(count);
        }
    }

    /// Some of them, of which there is at least one.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let from = self.each[range.start].begin;
        let moved = |word: &Word| Word { begin: word.begin - from, ..*word };
        let each = self.each[range.clone()].iter().map(moved).collect();
        Self { text: self.joined(range).to_owned(), each }
    }

    /// With another word in the place of each.
    pub(super) fn map(&self, to: impl Fn(usize, &str, &mut String)) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut each = self.each.clone();
        for (at, word) in each.iter_mut().enumerate() {
            word.begin = text.len();
            to(at, self.word(at), &mut text);
        }
        Self { text, each }
    }

    /// Begins another word.
    fn begin(&mut self, parted: bool) {
        self.each.push(Word { begin: self.text.len(), parted, dotted: false });
    }
}

/// The words of a visible name. Dots and apostrophes stand in words, `+` and words for `and`
/// between others are `&`; everything else that is no letter or digit divides them.
pub(super) fn words(name: &str) -> Words {
    let mut words = Words { text: String::with_capacity(name.len()), each: SmallVec::new() };
    let (mut inside, mut parted, mut before) = (false, false, ' ');
    for letter in name.chars() {
        match letter {
            '.' if inside => {
                if let Some(word) = words.each.last_mut() {
                    word.dotted = true;
                }
            }
            '.' | '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '·' => {}
            '&' | '+' => {
                words.begin(parted);
                words.text.push('&');
                (inside, parted) = (false, false);
            }
            _ if letter.is_alphanumeric() || is_mark(letter) => {
                if !inside {
                    words.begin(parted);
                }
                (inside, parted) = (true, false);
                words.text.push(letter);
            }
            _ => {
                inside = false;
                parted |= match letter {
                    '-' | '–' | '—' | '|' => before.is_whitespace(),
                    _ => matches!(letter, ',' | ';' | ':' | '(' | ')' | '[' | ']'),
                };
            }
        }
        before = letter;
    }
    let last = words.len().saturating_sub(1);
    let is_and =
        |at: usize| AND.contains(&words.word(at)) || (words.word(at) == "u" && words.is_dotted(at));
    let joins = |at: usize| at > 0 && at < last && is_and(at);
    if words.text.is_ascii() && !(0..words.len()).any(joins) {
        return words;
    }
    words.map(
        |at, word, text| {
            if joins(at) { text.push('&') } else { text.push_str(&unmixed(word)) }
        },
    )
}

/// `And` in the languages of most registers.
pub(crate) const AND: [&str; 12] =
    ["and", "und", "et", "en", "og", "och", "ja", "y", "e", "i", "и", "та"];

/// Marks that stand on letters, and cannot be composed with them.
pub(super) const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}
