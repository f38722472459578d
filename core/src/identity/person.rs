//! Is a person of one list a person of another? For contacts of one company only, where few are alike.

use super::name::folded_words;

/// Do two names mean one person, as lists write them: `Jansen, Jan`, `J. Jansen`, `Dr. Jan Jansen`? Every
/// word of the shorter is one of the longer or its initial, and one of them is written out in both.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let [mut shorter, mut longer] = [one, other].map(folded_words);
    if shorter.len() > longer.len() {
        std::mem::swap(&mut shorter, &mut longer);
    }
    // Words in full first, so that no initial takes the place of one.
    shorter.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut in_full = false;
    for word in &shorter {
        let equal = longer.iter().position(|known| known == word);
        let initial = || {
            let starts = |known: &String| {
                (word.len() == 1 || known.len() == 1) && known.chars().next() == word.chars().next()
            };
            longer.iter().position(starts)
        };
        let Some(at) = equal.or_else(initial) else { return false };
        in_full |= equal.is_some() && word.len() > 1;
        longer.swap_remove(at);
    }
    in_full
}

/// The words of a name that are written out: two names of one person have one in common.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = folded_words(name);
    words.retain(|word| word.len() > 1);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_in_another_order_with_initials_or_a_title() {
        let jan = "Jan Jansen";
        for same in [
            "Jansen, Jan",
            "J. Jansen",
            "JAN JANSEN",
            "Dr. Jan Jansen",
            "Ján Jansen",
            "Jan P. Jansen",
        ] {
            assert!(is_same(jan, same) && is_same(same, jan), "{same}");
        }
        for other in
            ["Piet Jansen", "Jan Pietersen", "P. Jansen", "J. J.", "J", "", "Jansen Pietersen"]
        {
            assert!(!is_same(jan, other) && !is_same(other, jan), "{other}");
        }
    }
}
