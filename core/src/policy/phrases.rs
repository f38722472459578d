//! Phrases among the words of a name, each with what it means.
//!
//! A phrase is one or more folded words. `^` before it stands for the name's start, `$` behind it for
//! its end, `*` for the rest of a longer word. All phrases that a name holds are found, those inside
//! others too.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::words::Words;

/// Many phrases, looked for at once.
///
/// Most begin where a word does. Those lie in order, so that all that a text begins with are the last
/// one that is not behind it and the ones that this one begins with in turn: one search for each word.
/// What may stand inside a word is an automaton's.
pub(super) struct Phrases<T> {
    /// In ascending order of their patterns.
    at_words: Vec<AtWord>,
    /// The first letters of each of those, by which most are told apart.
    heads: Vec<u64>,
    /// Where the ones begin whose first byte is this.
    from: [u32; 257],
    inside: AhoCorasick,
    /// The numbers of the meanings of those.
    of_inside: Vec<u32>,
    /// Is there one in plain letters among them?
    plain_inside: bool,
    meanings: Vec<T>,
}

/// A phrase that begins where a word does, or where the name does.
struct AtWord {
    pattern: String,
    /// The words in it, without the signs of a name's start and end.
    words: Range<usize>,
    meaning: u32,
    /// The index of the longest other that this one begins with, or is.
    shorter: Option<u32>,
}

/// A phrase that a name holds.
pub(super) struct FoundPhrase<'a, T> {
    pub meaning: &'a T,
    pub text: &'a str,
    /// The positions of its first word and of the word behind its last.
    pub words: Range<usize>,
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
        for (meaning, phrase) in (0..).zip(&phrases) {
            let (pattern, words, is_inside) = pattern(phrase.as_ref());
            if is_inside {
                inside.push(pattern);
                of_inside.push(meaning);
            } else {
                at_words.push(AtWord { pattern, words, meaning, shorter: None });
            }
        }
        at_words.sort_by(|a, b| a.pattern.cmp(&b.pattern));
        let mut open: Vec<u32> = Vec::new();
        for at in 0..at_words.len() {
            let begins =
                |of: &u32| at_words[at].pattern.starts_with(&at_words[*of as usize].pattern);
            while open.last().is_some_and(|of| !begins(of)) {
                open.pop();
            }
            at_words[at].shorter = open.last().copied();
            open.push(at as u32);
        }
        let heads: Vec<u64> = at_words.iter().map(|of| head(&of.pattern)).collect();
        let before = |first| heads.partition_point(|head| ((head >> 56) as usize) < first) as u32;
        let from = std::array::from_fn(before);
        let plain_inside = inside.iter().any(|pattern| pattern.is_ascii());
        let automaton = AhoCorasick::builder().kind(Some(kind)).build(inside);
        #[allow(clippy::expect_used)]
        let inside = automaton.expect("the tables are small");
        Self { at_words, heads, from, inside, of_inside, plain_inside, meanings }
    }

    /// The phrases of a name, by their last word and then by their first.
    pub(super) fn find<'a>(&'a self, words: &'a Words) -> impl Iterator<Item = FoundPhrase<'a, T>> {
        let mut found: Vec<(Range<usize>, u32)> = Vec::new();
        // Those with the name's start begin with its sign, and not with a word.
        for start in std::iter::once(0).chain(words.starts()) {
            let of = self.beginning(&words.text()[start..]);
            found.extend(of.map(|of| (start + of.words.start..start + of.words.end, of.meaning)));
        }
        if self.plain_inside || !words.is_ascii() {
            found.extend(self.inside.find_overlapping_iter(words.text()).map(|of| {
                let text = &words.text()[of.range()];
                let end = of.end() - (text.len() - text.trim_end_matches(['$', ' ']).len());
                (of.start()..end, self.of_inside[of.pattern().as_usize()])
            }));
        }
        found.sort_unstable_by_key(|(bytes, meaning)| (bytes.end, bytes.start, *meaning));
        found.into_iter().map(|(bytes, meaning)| FoundPhrase {
            meaning: &self.meanings[meaning as usize],
            words: words.word_at(bytes.start)..words.word_at(bytes.end - 1) + 1,
            text: &words.text()[bytes],
        })
    }

    /// The phrases with which a text begins.
    fn beginning<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a AtWord> {
        let head = head(text);
        let first = (head >> 56) as usize;
        let (from, to) = (self.from[first] as usize, self.from[first + 1] as usize);
        let mut behind = from + self.heads[from..to].partition_point(|other| *other <= head);
        while behind > from && self.at_words[behind - 1].pattern.as_str() > text {
            behind -= 1;
        }
        let last = (behind > from).then(|| &self.at_words[behind - 1]);
        let shorter = |of: &&AtWord| of.shorter.map(|at| &self.at_words[at as usize]);
        std::iter::successors(last, shorter).filter(|of| text.starts_with(&of.pattern))
    }
}

/// The first eight bytes of a text, as a number that is in order as texts are.
fn head(text: &str) -> u64 {
    if let Some(first) = text.as_bytes().first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let mut head = [0; 8];
    head.iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte);
    u64::from_be_bytes(head)
}

/// What stands in the text of words where a phrase is, which part of it are its words, and whether it may
/// be inside a word.
fn pattern(phrase: &str) -> (String, Range<usize>, bool) {
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
    let words = before.len()..before.len() + phrase.len();
    ([before, phrase, behind].concat(), words, is_inside)
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
