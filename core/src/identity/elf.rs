//! The codes of legal forms, ISO 20275: what the list says of each.
//!
//! The table is made from the list that GLEIF publishes, active codes or not, by
//! `policy/tables/make.py`. A code is what its own entry says, whatever it looks like.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// What has a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElfForm {
    /// A natural person.
    Sole,
    /// Persons who are liable with all they have.
    Partnership,
    /// Any other body.
    Company,
    /// Nothing is said: the form has no code yet (8888), or there is no separate one (9999).
    Unsaid,
}

static CODES: LazyLock<FxHashMap<&str, ElfForm>> = LazyLock::new(|| {
    let rows = include_str!("elf.tsv").lines().map(|row| row.split('\t'));
    let rows = rows.filter_map(|mut row| Some((row.next()?, row.nth(1)?)));
    let forms = rows.map(|(code, what)| {
        let form = match what {
            "sole" => ElfForm::Sole,
            "partnership" => ElfForm::Partnership,
            "none" => ElfForm::Unsaid,
            _ => ElfForm::Company,
        };
        (code, form)
    });
    forms.collect()
});

/// What a code of the list says.
pub(crate) fn of_code(code: &str) -> Option<ElfForm> {
    CODES.get(code).copied()
}
