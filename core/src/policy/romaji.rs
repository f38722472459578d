//! Japanese persons in Latin letters (Hepburn, as passports have it): two words of Japanese syllables, of which
//! one ends as given names do and the other as family names.
//!
//! The tables of names hold few of them, and what enterprises call themselves ends otherwise.

/// How many given names end.
const GIVEN: [&str; 26] = [
    "hiro", "hisa", "nori", "yuki", "suke", "taro", "ichi", "kazu", "fumi", "michi", "mitsu",
    "nobu", "shige", "toshi", "yoshi", "masa", "haru", "aki", "ko", "mi", "hiko", "taka", "yasu",
    "kichi", "jiro", "shiro",
];
/// How many family names end.
const FAMILY: [&str; 40] = [
    "hara", "moto", "mura", "yama", "kawa", "gawa", "shita", "naka", "saki", "zaki", "oka", "mori",
    "shima", "jima", "tani", "guchi", "hashi", "bashi", "uchi", "matsu", "sawa", "zawa", "kura",
    "abe", "bayashi", "nishi", "mizu", "sugi", "maru", "mine", "numa", "kami", "mochi", "tsuka",
    "zuka", "miya", "naga", "ueda", "mada", "noda",
];
/// Fewest letters of each word: shorter ones are words of other languages too often.
const LEAST: usize = 5;

/// Are these two words a person's names, in either order?
pub(super) fn is_name(words: [&str; 2]) -> bool {
    let ends = |word: &str, endings: &[&str]| endings.iter().any(|end| word.ends_with(end));
    let [one, other] = words;
    words.iter().all(|word| word.len() >= LEAST && is_romaji(word))
        && (ends(one, &GIVEN) && ends(other, &FAMILY) || ends(one, &FAMILY) && ends(other, &GIVEN))
}

/// Does a word consist of syllables of Japanese, in small letters?
fn is_romaji(word: &str) -> bool {
    const BEGINS: [&str; 29] = [
        "ky", "sh", "ch", "ny", "hy", "my", "ry", "gy", "by", "py", "ts", "k", "s", "t", "n", "h",
        "f", "m", "y", "r", "w", "g", "z", "j", "d", "b", "p", "tch", "",
    ];
    let is_vowel = |byte: u8| b"aiueo".contains(&byte);
    let mut rest = word;
    while !rest.is_empty() {
        // A doubled consonant is one that is held.
        let bytes = rest.as_bytes();
        let held = bytes.len() > 1 && bytes[0] == bytes[1] && b"kstp".contains(&bytes[0]);
        let after = if held { &rest[1..] } else { rest };
        let syllable =
            BEGINS.iter().filter_map(|begin| after.strip_prefix(begin)).find_map(|rest| {
                rest.bytes().next().filter(|byte| is_vowel(*byte)).map(|_| &rest[1..])
            });
        rest = match (syllable, rest.strip_prefix('n')) {
            (Some(rest), _) | (None, Some(rest)) => rest,
            (None, None) => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_are_a_persons_in_either_order() {
        for name in [["mikihisa", "nanahara"], ["shinkawa", "kenichi"], ["junko", "ishibashi"]] {
            assert!(is_name(name), "{name:?}");
        }
        for name in [
            ["sakura", "intanetto"],
            ["nagoya", "daigaku"],
            ["hokkaido", "denryoku"],
            ["kansas", "nakayama"],
            ["tokyo", "denki"],
        ] {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn syllables_are_those_of_japanese() {
        for word in ["nanahara", "shinkawa", "ittoku", "jun", "kyosuke", "tanbo"] {
            assert!(is_romaji(word), "{word}");
        }
        for word in ["smith", "alpha", "telecom", "kras", "x"] {
            assert!(!is_romaji(word), "{word}");
        }
    }
}
