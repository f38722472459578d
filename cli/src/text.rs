//! What is printed of texts from sources.

/// A text in one column of one line: a tab or a line break would look like another, an escape would be
/// obeyed by a terminal, and marks of direction would show another text (UTS #55).
pub fn plain(text: &str) -> String {
    let unseen = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(unseen, " ")
}
