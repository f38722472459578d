//! Names of a person that are written as one word, as in `mariaperezgarcia`, which registries have of some
//! customers. Beside others a word that could be taken apart so is an ordinary one: `jornalistica`.

use super::word::{Word, of_name};

/// Fewest names in such a word, and fewest letters of each: fewer and shorter ones are found in other words,
/// as in `christchurch`.
const LEAST: usize = 3;
const LEAST_LETTERS: usize = 5;

/// The names that a word consists of: a common given one, and others behind it. Of several ways to take it
/// apart the one with the fewest names.
pub(super) fn names_in(word: &str) -> Option<Vec<&str>> {
    if word.len() < LEAST * LEAST_LETTERS || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    // For each end the names up to there, the fewest that can be.
    let mut best: Vec<Option<Vec<&str>>> = vec![None; word.len() + 1];
    for end in LEAST_LETTERS..=word.len() {
        let begins =
            (0..=end - LEAST_LETTERS).filter(|begin| *begin == 0 || best[*begin].is_some());
        let ways = begins.filter_map(|begin| {
            let name = &word[begin..end];
            let found = of_name(name)?;
            let fits = begin > 0 || found == Word::Given { common: true };
            fits.then(|| best[begin].iter().flatten().copied().chain([name]).collect::<Vec<_>>())
        });
        best[end] = ways.min_by_key(Vec::len);
    }
    best.pop()?.filter(|names| names.len() >= LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_in_a_word_that_consists_of_them() {
        let names = names_in("marielamorenorubio").unwrap();
        assert_eq!(names, ["mariela", "moreno", "rubio"]);
        for word in
            ["telecommunications", "mariela", "marielamorenox", "marielamoreno2", "christchurch"]
        {
            assert_eq!(names_in(word), None, "{word}");
        }
    }
}
