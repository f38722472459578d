//! Legal forms under all their spellings.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// The form that words in plain letters, joined, are; `-` is what is none.
pub(super) fn known_form(joined: &str) -> Option<&'static str> {
    FORMS.get(joined).copied()
}

/// Every spelling of every form.
static FORMS: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("forms.tsv").lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter_map(|line| line.split_once('\t'));
    lines
        .flat_map(|(form, spellings)| {
            let spellings = spellings.split(' ').map(move |spelling| (spelling, form));
            spellings.chain([(form, form)])
        })
        .collect()
});
