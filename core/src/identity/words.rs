//! The words of a name, before anything is known of what they mean.

use std::ops::Range;

use super::seen::unmixed;

/// Words, one behind the other.
#[derive(Clone, Default)]
pub(super) struct Words {
    pub(super) text: String,
    /// Where each begins.
    begins: Vec<usize>,
    /// Is more than a blank or a hyphen between it and the word before: a comma, a bracket, a dash?
    parted: Vec<bool>,
    /// Are there dots in it, as in `s.a.`?
    dotted: Vec<bool>,
}

impl Words {
    pub(super) fn len(&self) -> usize {
        self.begins.len()
    }

    pub(super) fn word(&self, at: usize) -> &str {
        let end = self.begins.get(at + 1).copied().unwrap_or(self.text.len());
        &self.text[self.begins[at]..end]
    }

    /// Several words as one.
    pub(super) fn joined(&self, range: Range<usize>) -> &str {
        let end = self.begins.get(range.end).copied().unwrap_or(self.text.len());
        &self.text[self.begins[range.start]..end]
    }

    pub(super) fn is_parted(&self, at: usize) -> bool {
        self.parted[at]
    }

    pub(super) fn is_dotted(&self, at: usize) -> bool {
        self.dotted[at]
    }

    pub(super) fn truncate(&mut self, count: usize) {
        if let Some(end) = self.begins.get(count) {
            self.text.truncate(*end);
            self.begins.truncate(count);
            self.parted.truncate(count);
            self.dotted.truncate(count);
        }
    }

    /// Some of them, of which there is at least one.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let from = self.begins[range.start];
        Self {
            text: self.joined(range.clone()).to_owned(),
            begins: self.begins[range.clone()].iter().map(|begin| begin - from).collect(),
            parted: self.parted[range.clone()].to_vec(),
            dotted: self.dotted[range].to_vec(),
        }
    }

    /// With another word in the place of each.
    pub(super) fn map(&self, to: impl Fn(usize, &str, &mut String)) -> Self {
        let text = String::with_capacity(self.text.len());
        let (parted, dotted) = (self.parted.clone(), self.dotted.clone());
        let mut made = Self { text, begins: Vec::with_capacity(self.len()), parted, dotted };
        for at in 0..self.len() {
            made.begins.push(made.text.len());
            to(at, self.word(at), &mut made.text);
        }
        made
    }
}

/// The words of a visible name. Dots and apostrophes stand in words, `+` and words for `and`
/// between others are `&`; everything else that is no letter or digit divides them.
pub(super) fn words(name: &str) -> Words {
    let mut words = Words {
        text: String::with_capacity(name.len()),
        begins: Vec::with_capacity(8),
        parted: Vec::with_capacity(8),
        dotted: Vec::with_capacity(8),
    };
    let (mut inside, mut parted, mut before) = (false, false, ' ');
    for letter in name.chars() {
        match letter {
            '.' if inside => *words.dotted.last_mut().unwrap_or(&mut false) = true,
            '.' | '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '·' => {}
            '&' | '+' => {
                words.begins.push(words.text.len());
                words.parted.push(parted);
                words.dotted.push(false);
                words.text.push('&');
                (inside, parted) = (false, false);
            }
            _ if letter.is_alphanumeric() || is_mark(letter) => {
                if !inside {
                    words.begins.push(words.text.len());
                    words.parted.push(parted);
                    words.dotted.push(false);
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
