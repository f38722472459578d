//! Phrases among the words of a name, each with what it means.
//!
//! A phrase is one or more folded words. `^` before it stands for the name's start, `$` behind it for
//! its end, `*` for the rest of a longer word. All phrases that a name holds are found, those inside
//! others too.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::words::Words;

/// Many phrases, looked for at once.
///
/// Most begin where a word does. Those lie in order, so that all that a text begins with are the last
/// one that is not behind it and the ones that this one begins with in turn: one search for each word.
/// What may stand inside a word is an automaton's.
pub(super) struct Phrases<T> {
    /// In ascending order, each with the number of its meaning and the place of the longest other that
    /// it begins with, or is.
    at_words: Vec<(String, u32, Option<u32>)>,
    /// Where the ones begin whose first byte is this.
    from: [u32; 257],
    inside: AhoCorasick,
    /// The numbers of the meanings of those.
    of_inside: Vec<u32>,
    /// Is there one in plain letters among them?
    plain_inside: bool,
    meanings: Vec<T>,
}

/// A phrase that a name holds.
pub(super) struct Found<'a, T> {
    pub meaning: &'a T,
    pub text: &'a str,
    /// The places of its first word and of the word behind its last.
    pub words: std::ops::Range<usize>,
}

impl<T> Phrases<T> {
    pub(super) fn new(phrases: impl Iterator<Item = (impl AsRef<str>, T)>) -> Self {
        // Names are short and many: a lookup table for each state is worth its memory.
        Self::build(phrases, AhoCorasickKind::DFA)
    }

    /// Phrases that few names are looked through for.
    pub(super) fn sparse(phrases: impl Iterator<Item = (impl AsRef<str>, T)>) -> Self {
        Self::build(phrases, AhoCorasickKind::ContiguousNFA)
    }

    fn build(phrases: impl Iterator<Item = (impl AsRef<str>, T)>, kind: AhoCorasickKind) -> Self {
        let (mut at_words, mut inside, mut of_inside) = (Vec::new(), Vec::new(), Vec::new());
        let (phrases, meanings): (Vec<_>, Vec<T>) = phrases.unzip();
        for (number, phrase) in (0..).zip(&phrases) {
            let (is_inside, pattern) = pattern(phrase.as_ref());
            if is_inside {
                inside.push(pattern);
                of_inside.push(number);
            } else {
                at_words.push((pattern, number, None));
            }
        }
        at_words.sort_unstable();
        let mut open: Vec<u32> = Vec::new();
        for at in 0..at_words.len() {
            let begins = |of: &u32| at_words[at].0.starts_with(&at_words[*of as usize].0);
            while open.last().is_some_and(|of| !begins(of)) {
                open.pop();
            }
            at_words[at].2 = open.last().copied();
            open.push(at as u32);
        }
        let behind = |first: usize| {
            at_words.partition_point(|(phrase, ..)| usize::from(phrase.as_bytes()[0]) < first)
                as u32
        };
        let from = std::array::from_fn(behind);
        let plain_inside = inside.iter().any(|phrase| phrase.is_ascii());
        let automaton = AhoCorasick::builder().kind(Some(kind)).build(inside);
        #[allow(clippy::expect_used)]
        let inside = automaton.expect("the tables are small");
        Self { at_words, from, inside, of_inside, plain_inside, meanings }
    }

    /// The phrases of a name, by their last word and then by their first.
    pub(super) fn find<'a>(&'a self, words: &'a Words) -> impl Iterator<Item = Found<'a, T>> {
        let mut found = Vec::new();
        // Those with the name's start begin with its sign, and not with a word.
        for start in std::iter::once(0).chain(words.starts()) {
            for (length, meaning) in self.beginning(&words.text()[start..]) {
                found.push((start, start + length, meaning));
            }
        }
        if self.plain_inside || !words.is_ascii() {
            for of in self.inside.find_overlapping_iter(words.text()) {
                found.push((of.start(), of.end(), self.of_inside[of.pattern().as_usize()]));
            }
        }
        found.sort_unstable_by_key(|(.., meaning)| *meaning);
        let mut found: Vec<_> = found
            .into_iter()
            .map(|(start, end, meaning)| {
                let text = words.text()[start..end].trim_matches(['^', '$', ' ']);
                let start = start + words.text()[start..end].find(text).unwrap_or(0);
                let last = words.word_at(start + text.len().saturating_sub(1));
                let meaning = &self.meanings[meaning as usize];
                Found { meaning, text, words: words.word_at(start)..last + 1 }
            })
            .collect();
        found.sort_by_key(|of| (of.words.end, of.words.start));
        found.into_iter()
    }

    /// The phrases with which a text begins: their lengths, and the numbers of their meanings.
    fn beginning<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, u32)> + use<'a, T> {
        let first = text.bytes().next().map_or(256, usize::from);
        let (from, to) = (self.from[first] as usize, self.from[(first + 1).min(256)] as usize);
        let not_behind =
            self.at_words[from..to].partition_point(|(phrase, ..)| phrase.as_str() <= text);
        let mut next = (not_behind > 0).then(|| (from + not_behind - 1) as u32);
        std::iter::from_fn(move || {
            loop {
                let (phrase, meaning, shorter) = &self.at_words[next? as usize];
                next = *shorter;
                if text.starts_with(phrase) {
                    return Some((phrase.len(), *meaning));
                }
            }
        })
    }
}

/// What stands in the text of words where a phrase is, and whether it may be inside a word.
fn pattern(phrase: &str) -> (bool, String) {
    let (is_inside, before, phrase) = match phrase.as_bytes() {
        [b'^', ..] => (false, "^ ", &phrase[1..]),
        [b'*', ..] => (true, "", &phrase[1..]),
        _ => (false, "", phrase),
    };
    let (phrase, behind) = match phrase.as_bytes() {
        [.., b'$'] => (&phrase[..phrase.len() - 1], " $"),
        [.., b'*'] => (&phrase[..phrase.len() - 1], ""),
        _ => (phrase, " "),
    };
    (is_inside, [before, phrase, behind].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_where_their_signs_allow() {
        let phrases = Phrases::new(
            [("^pe", 1), ("e k$", 2), ("*telecom*", 3), ("univers*", 4), ("trading as", 5)]
                .into_iter(),
        );
        let found = |name: &str| {
            let words = Words::of(name);
            phrases.find(&words).map(|found| (*found.meaning, found.words)).collect::<Vec<_>>()
        };
        assert_eq!(found("PE Ivanov"), [(1, 0..1)]);
        assert_eq!(found("The PE"), []);
        assert_eq!(found("A e. K."), [(2, 1..3)]);
        assert_eq!(found("E K Media"), []);
        assert_eq!(found("Intertelecommunications"), [(3, 0..1)]);
        assert_eq!(found("University of Bi-universe"), [(4, 0..1), (4, 3..4)]);
        assert_eq!(found("A trading as B Telecom"), [(5, 1..3), (3, 4..5)]);
    }
}
