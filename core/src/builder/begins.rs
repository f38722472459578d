//! Which names can be read as a person's, by their first letters: what spares a build reading all names
//! in every way.
//!
//! It may say yes of a name that is none; it never says no of one that is.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::identity::AND;

/// The first letters of names, from the beginning of each word on. A name can be read as another only if
/// the other begins as one of its words, and what follows it, do.
#[derive(Default)]
pub(super) struct Begins(FxHashSet<u128>);

impl FromIterator<u128> for Begins {
    fn from_iter<I: IntoIterator<Item = u128>>(begins: I) -> Self {
        Self(begins.into_iter().collect())
    }
}

impl Begins {
    const LETTERS: usize = 16;

    /// Of the name that a key is of, if it is of one.
    pub(super) fn of_key(key: &str) -> Option<u128> {
        let stem = key.strip_prefix("name\t")?.bytes().take_while(|byte| *byte != b'\t');
        let mut begin = [0; Self::LETTERS];
        stem.zip(&mut begin).for_each(|(letter, to)| *to = letter);
        Some(u128::from_le_bytes(begin))
    }

    /// Can one of the names be a reading of this one?
    pub(super) fn may_hold(&self, name: &str) -> bool {
        // What is not plain has readings in other letters, and what is encoded in others still.
        if !name.is_ascii() || name.contains([';', '%']) {
            return true;
        }
        let known = |begin| self.0.contains(&begin);
        if Self::each(name, known) {
            return true;
        }
        // Between words one for `and` is a sign, and at an end it is none.
        let mut signs = Self::signs(name);
        match (signs.next(), signs.next()) {
            (None, _) => false,
            (Some(sign), None) => {
                let signed = [&name[..sign.start], "&", &name[sign.end..]].concat();
                Self::each(&signed, known)
            }
            // Which of several are at an end is another in each reading.
            (Some(_), Some(_)) => true,
        }
    }

    /// Where words for `and` are in a plain name, and `u`, which is one if a dot is behind it.
    fn signs(name: &str) -> impl Iterator<Item = Range<usize>> {
        let longest = AND.iter().map(|and| and.len()).max().unwrap_or_default();
        let is_and = move |word: &str| {
            // What stands in words and is no letter of them makes no difference.
            let letters = || word.bytes().filter(u8::is_ascii_alphanumeric);
            let is = |and: &str| letters().map(|byte| byte.to_ascii_lowercase()).eq(and.bytes());
            word.len() <= 2 * longest + 1 && (is("u") || AND.iter().copied().any(is))
        };
        let divides =
            |letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '\'' | '`');
        let mut from = 0;
        let place = move |word: &str| {
            let place = from..from + word.len();
            from = place.end + 1;
            is_and(word).then_some(place)
        };
        name.split(divides).filter_map(place)
    }

    /// The letters from each beginning of a word on, and those before each end of a word if they are
    /// fewer, until `known` says yes: what stands behind may be none of the name. Of what is longer than
    /// names are nothing is known.
    fn each(name: &str, known: impl Fn(u128) -> bool) -> bool {
        const LONGEST: usize = 120;
        if name.len() > LONGEST {
            return true;
        }
        let mut letters = [0_u8; LONGEST + Begins::LETTERS];
        // The letters that words begin with.
        let mut starts = [0_u8; LONGEST];
        let (mut words, mut count, mut inside) = (0, 0, false);
        for byte in name.bytes() {
            let is_sign = matches!(byte, b'&' | b'+');
            if is_sign || byte.is_ascii_alphanumeric() {
                if !inside || is_sign {
                    starts[words] = count as u8;
                    words += 1;
                }
                letters[count] = if is_sign { b'&' } else { byte.to_ascii_lowercase() };
                count += 1;
                inside = !is_sign;
            } else {
                inside = false;
            }
        }
        for (word, from) in (1..).zip(&starts[..words]) {
            let mut letters_from = [0; Self::LETTERS];
            let at = usize::from(*from);
            letters_from.copy_from_slice(&letters[at..at + Self::LETTERS]);
            let begin = u128::from_le_bytes(letters_from);
            let ends = starts[word..words].iter().map(|end| end - from);
            let mut ends = ends.take_while(|end| usize::from(*end) < Self::LETTERS);
            if known(begin) || ends.any(|end| known(begin & ((1 << (8 * end)) - 1))) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::company::Field;
    use crate::identity::Identifier;

    const WORDS: &[&str] = &[
        "AS64500",
        "-",
        "Jan",
        "Jansen",
        "Zon.licht",
        "Müller",
        "(NL)",
        "t/a",
        "trading",
        "as",
        "B.V.",
        "&",
        "and",
        "a.n.d",
        ".u..",
        "Jan%20Jansen",
        "Zon%20licht&amp;Co",
        "The",
        "O'Neill",
        "A.B.",
        "Studio,",
        "\u{200b}Zon",
        "&amp;",
        "Иван",
        "Muller",
        "Mueller",
        "A",
    ];

    const BETWEEN: &[&str] = &[" ", " ", " ", "-", "+", " + ", ", ", "/"];

    fn name() -> impl Strategy<Value = String> {
        let word = (prop::sample::select(BETWEEN), prop::sample::select(WORDS));
        let words = prop::collection::vec(word, 1..6);
        words.prop_map(|words| words.into_iter().flat_map(<[&str; 2]>::from).skip(1).collect())
    }

    #[test]
    fn a_word_for_and_at_an_end_stands_beside_one_that_is_a_sign() {
        let names =
            ["and and as Muller", "Jan-and-Piet", "Jan and Piet and", "and + Jan", "Jan+Piet"];
        let keys = ["and&asmuller", "jan&piet", "jan&pietand", "and&jan", "jan&piet"];
        for (name, key) in names.into_iter().zip(keys) {
            let begins = Begins::of_key(&format!("name\t{key}")).into_iter().collect::<Begins>();
            assert!(begins.may_hold(name), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_name_that_is_passed_over_is_never_the_same(person in name(), other in name()) {
            let of = |name: &str| Identifier::of_facts(|| [(Field::Name, name)].into_iter()).into_iter().next();
            if let (Some(person_as), Some(other_as)) = (of(&person), of(&other)) {
                let mut begins = Begins::default();
                person_as.keys(|key| begins.0.extend(Begins::of_key(key)));
                let same = person_as.means(&other_as);
                prop_assert!(!same || begins.may_hold(&other), "{person:?} {other:?}");
            }
        }
    }
}
