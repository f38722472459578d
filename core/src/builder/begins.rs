//! Which names can be read as a person's, by their first letters: what spares a build reading all names
//! in every way.
//!
//! It may say yes of a name that is none; it never says no of one that is.

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
        // Between words one for `and` is a sign, as `u.` is.
        let longest = AND.iter().map(|and| and.len()).max().unwrap_or_default();
        let is_and = |word: &[u8]| {
            // What stands in words and is no letter of them makes no difference.
            let letters = || word.iter().filter(|byte| !matches!(byte, b'.' | b'\'' | b'`'));
            let is = |and: &str| letters().map(u8::to_ascii_lowercase).eq(and.bytes());
            word.len() <= 2 * longest + 1 && (is("u") || AND.iter().copied().any(is))
        };
        let is_signed = name.bytes().any(|byte| matches!(byte, b'&' | b'+'));
        if !is_signed && !name.as_bytes().split(|byte| *byte == b' ').any(is_and) {
            return false;
        }
        let signs = |word| if is_and(str::as_bytes(word)) { "&" } else { word };
        let signed = name.split(' ').map(signs).collect::<Vec<_>>().join(" ").replace('+', "&");
        Self::each(&signed, known)
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
            let is_sign = byte == b'&';
            if is_sign || byte.is_ascii_alphanumeric() {
                if !inside || is_sign {
                    starts[words] = count as u8;
                    words += 1;
                }
                letters[count] = byte.to_ascii_lowercase();
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

    fn name() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(WORDS), 1..6).prop_map(|words| words.join(" "))
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
