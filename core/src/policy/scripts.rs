//! Words in other scripts than the Latin one: names and honorifics, and what enterprises call
//! themselves.
//!
//! Alphabets have lists of names, endings of family names and patronymics, and transliterations to
//! look up in the Latin table. Chinese, Japanese and Korean, which are written without blanks, are in
//! `eastern.rs`. Thai has neither blanks nor capitals, but a blank between a person's names, and none
//! elsewhere; what is two words and no enterprise's is a name.

use std::sync::LazyLock;

use deunicode::deunicode_char;

use super::eastern;
use super::phrases::Phrases;
use super::script_tables::{NAMES, folded, table, words_of};
use super::word::{Word, of_name};
use super::words::{Positions, Words, is_unspaced};

/// What enterprises call themselves, what stands in titles of things, and titles of people; and whether
/// it is only the beginning of a word.
static WORDS: LazyLock<Phrases<(Word, bool)>> = LazyLock::new(|| {
    let phrases = table().filter_map(|(what, word, script)| {
        let (word, open) = word.strip_suffix('*').map_or((word, ""), |word| (word, "*"));
        let word = folded(word);
        let eastern = matches!(script, "han" | "japanese" | "korean");
        let phrase = match word.chars().next() {
            Some(_) if eastern && word.chars().nth(1).is_some() => format!("*{word}*"),
            Some(first) if is_thai(first) && what == "business" => format!("{word}*"),
            _ => format!("{word}{open}"),
        };
        let of = match what {
            "business" => Word::Business,
            "not_a_name" => Word::NotAName,
            "title" => Word::Title,
            "particle" => Word::Family,
            _ => return None,
        };
        Some((phrase, (of, !open.is_empty())))
    });
    Phrases::sparse(phrases)
});

/// Endings of family names and patronymics, in Cyrillic and Greek letters.
static ENDINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["cyrillic", "greek"].into_iter().flat_map(|script| words_of("ending", script)).collect()
});

/// Endings of adjectives, which many family names have too.
static ADJECTIVES: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["cyrillic", "greek"].into_iter().flat_map(|script| words_of("adjective", script)).collect()
});

/// The words of a name that the tables know.
pub(super) struct ScriptSigns {
    business: Positions,
    /// Words that begin as one of trade does, and may be names all the same.
    like_business: Positions,
    not_a_name: Positions,
    title: Positions,
    particle: Positions,
    /// Letters with dots: initials.
    dotted: Positions,
    has_interpunct: bool,
}

impl ScriptSigns {
    pub(super) fn of(words: &Words) -> Self {
        let mut of = [Positions::default(); 5];
        let all: Vec<&str> = words.iter().map(|(word, _)| word).collect();
        for found in WORDS.find(words) {
            let (of_word, open) = *found.meaning;
            // A longer word may be a name: `Станков` is one, and many machines.
            let word = all[found.words.start];
            let rest = word.len().saturating_sub(found.text.len());
            let is_case = rest <= ENDING && CASES.iter().any(|end| word.ends_with(end));
            let is_longer = open && rest > 0 && !is_case;
            let kind = match (of_word, is_longer) {
                (Word::Business, false) => 0,
                (Word::Business, true) => 1,
                (Word::NotAName, _) => 2,
                (Word::Title, _) => 3,
                _ => 4,
            };
            of[kind].add(found.words);
        }
        let [business, like_business, not_a_name, title, particle] = of;
        let has_interpunct = words.has_interpunct();
        let mut dotted = Positions::default();
        (0..all.len())
            .filter(|position| words.is_dotted(*position))
            .for_each(|position| dotted.add(position..position + 1));
        Self { business, like_business, not_a_name, title, particle, dotted, has_interpunct }
    }

    /// What words beside each other are, the first of which stands at a position. There are several only
    /// in scripts without blanks.
    pub(super) fn read(&self, words: &[&str], position: usize, country: Option<&str>) -> Vec<Word> {
        let [word] = words else {
            return self.unspaced(words, position, country);
        };
        if word.starts_with(is_unspaced) {
            return self.unspaced(words, position, country);
        }
        vec![self.word(word, position)]
    }

    fn unspaced(&self, words: &[&str], position: usize, country: Option<&str>) -> Vec<Word> {
        if words.iter().any(|word| word.starts_with(is_thai)) {
            return (position..)
                .zip(words)
                .flat_map(|(position, word)| self.thai(word, position))
                .collect();
        }
        let business =
            (position..position + words.len()).any(|position| self.business.contains(position));
        eastern::read(words, business, self.has_interpunct, country)
    }

    /// What a word of an alphabet is.
    fn word(&self, word: &str, position: usize) -> Word {
        let marks = NAMES.get(word).copied().unwrap_or_default();
        let letters = word.chars().count();
        match () {
            () if letters <= 3 && self.dotted.contains(position) => Word::Initials,
            () if self.title.contains(position) => Word::Title,
            () if self.particle.contains(position) => Word::Family,
            () if self.business.contains(position) && marks.is_empty() => Word::Business,
            () if self.business.contains(position) => Word::TradeOrName,
            () if self.not_a_name.contains(position) => Word::NotAName,
            () if word.bytes().any(|byte| byte.is_ascii_digit()) => Word::NotAName,
            () if marks.contains('G') => Word::Given { common: true },
            () if marks.contains('f') => Word::Family,
            () if letters == 1 => Word::NotAName,
            () if self.like_business.contains(position) => {
                let may_be_a_name =
                    has_ending(word) && !CASES.iter().any(|end| word.ends_with(end));
                if may_be_a_name { Word::TradeOrName } else { Word::Business }
            }
            () if has_ending(word) => Word::LikeAName,
            () if letters > 4 && ADJECTIVES.iter().any(|end| word.ends_with(end.as_str())) => {
                Word::TradeOrName
            }
            () => transliterated(word).unwrap_or(Word::Unknown),
        }
    }

    /// What is written between two blanks in Thai, with titles before it.
    fn thai(&self, word: &str, position: usize) -> Vec<Word> {
        const TITLES: [&str; 8] =
            ["นางสาว", "นาย", "นาง", "หม่อมราชวงศ์", "หม่อมหลวง", "หม่อม", "คุณหญิง", "คุณ"];
        let known = |word: &str| match NAMES.get(word).copied() {
            Some(marks) if marks.contains('G') => Some(Word::Given { common: true }),
            Some(_) => Some(Word::Family),
            None => None,
        };
        if self.title.contains(position) {
            return vec![Word::Title];
        }
        if let Some(name) = known(word) {
            return vec![name];
        }
        if self.business.contains(position) {
            return vec![Word::Business];
        }
        let title = TITLES.into_iter().find_map(|title| word.strip_prefix(title));
        match title.filter(|rest| rest.chars().count() > 2) {
            Some(rest) => vec![Word::Title, known(rest).unwrap_or(Word::LikeAName)],
            None => vec![Word::LikeAName],
        }
    }
}

/// Endings of cases that are endings of names too; `магазина` is none. In bytes, with a vowel, at most:
const ENDING: usize = 6;
const CASES: [&str; 6] = ["ин", "ина", "ін", "іна", "ын", "ына"];

const fn is_thai(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{e7f}')
}

fn has_ending(word: &str) -> bool {
    let letters = word.chars().count();
    if word.starts_with("ال") {
        // A nisba, as `السعداوي`: of a place, a tribe or a trade.
        return letters > 4 && word.ends_with('ي');
    }
    if word.starts_with("عبدال") || word.starts_with("ابو") && letters > 4 {
        return true;
    }
    letters > 4 && ENDINGS.iter().any(|ending| word.ends_with(ending.as_str()))
}

/// What the Latin table says of a word in Cyrillic or Greek letters, as passports write it.
fn transliterated(word: &str) -> Option<Word> {
    let in_reach = |letter| matches!(letter, '\u{370}'..='\u{52f}');
    if !word.chars().all(in_reach) {
        return None;
    }
    let latin: String = word.chars().filter_map(deunicode_char).collect();
    let latin: String = latin
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    of_name(&latin)
}
