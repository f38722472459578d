//! Legal forms: what a name, or what is said beside it, tells of who has it.
//!
//! An explicit form of a natural person decides, wherever it stands, unless a company's form stands
//! there too. What is a form in some countries only, as `EI` or `s.p.`, is one at the edge of a name,
//! and in them. The tables say of each phrase what it is, where, and who says so; a phrase inside a
//! longer one says nothing of its own (`entrepreneur individuel à responsabilité limitée`).

use std::ops::Range;
use std::sync::LazyLock;

use super::phrases::{FoundPhrase, Phrases};
use super::tables::triples;
use super::words::{Words, is_unspaced};
use crate::identity::elf;

/// What has a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A natural person.
    Sole,
    /// A natural person, where nothing else speaks of a company.
    SoleAtEdge,
    /// A natural person, before or behind what is a name.
    Sign,
    /// Persons who are liable with all they have.
    Partnership,
    /// Persons or firms who are; a given name says which.
    PartnershipOfFirms,
    /// Persons who are, where there is no other form.
    PartnershipOfNames,
    /// Any other body.
    Company,
    /// What is called as organisations are, and has no form.
    Body,
}

/// A form that was found, and the positions of its words.
pub(super) struct FoundForm<'a> {
    pub form: Form,
    pub text: &'a str,
    pub words: Range<usize>,
    /// Is it one where the company is, and not elsewhere?
    of_country: bool,
}

/// The row of a table.
struct FormRow {
    class: &'static str,
    countries: &'static str,
    spelling: Spelling,
}

/// How a phrase is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Plain,
    /// `e.K.`, as one word with dots.
    Dotted,
    /// `e. K.`, as letters that stand apart: at the edge of a name, since `D e b e k a` is none.
    Apart,
}

/// The phrases of the tables. Inside words there are only those that are written without blanks, which
/// few names need.
static FORMS: LazyLock<Phrases<FormRow>> = LazyLock::new(|| {
    let tables = [include_str!("tables/legal_forms.tsv"), include_str!("tables/listed_forms.tsv")];
    let phrases = tables.into_iter().flat_map(triples).flat_map(|(class, phrase, countries)| {
        spellings(phrase)
            .into_iter()
            .map(move |(phrase, spelling)| (phrase, FormRow { class, countries, spelling }))
    });
    Phrases::sparse(phrases)
});

/// A phrase as the words of names are folded; `e.K.` is that, or `e k`.
fn spellings(phrase: &str) -> Vec<(String, Spelling)> {
    let (start, rest) = phrase.strip_prefix('^').map_or(("", phrase), |rest| ("^", rest));
    let (rest, end) = match rest.as_bytes() {
        [.., b'$'] => (&rest[..rest.len() - 1], "$"),
        [.., b'*'] => (&rest[..rest.len() - 1], "*"),
        _ => (rest, ""),
    };
    let words = Words::of(rest);
    let folded: Vec<&str> = words.iter().map(|(word, _)| word).collect();
    let written = |folded: &str| match folded.chars().next() {
        // What is written without blanks is found inside others, unless it is one sign alone.
        Some(first) if is_unspaced(first) && folded.chars().nth(1).is_some() => {
            format!("*{folded}*")
        }
        _ => format!("{start}{folded}{end}"),
    };
    let dotted = folded.len() == 1 && words.is_dotted(0);
    let spelling = if dotted { Spelling::Dotted } else { Spelling::Plain };
    let mut spellings = vec![(written(&folded.join(" ")), spelling)];
    if dotted {
        let apart = rest.replace('.', " ");
        let apart = Words::of(&apart).iter().map(|(word, _)| word.to_owned()).collect::<Vec<_>>();
        spellings.push((written(&apart.join(" ")), Spelling::Apart));
    }
    spellings
}

/// The forms among words: of a company in this country, if it is known.
/// `beside`: do the words stand beside a name, and are none?
pub(super) fn find<'a>(
    words: &'a Words,
    country: Option<&str>,
    beside: bool,
) -> Vec<FoundForm<'a>> {
    let mut found = Vec::new();
    for phrase in FORMS.find(words) {
        let row = phrase.meaning;
        if !is_written(words, &phrase) || row.class == "sole_field" && !beside {
            continue;
        }
        let here = country.map(|country| {
            row.countries.split(' ').any(|known| known.eq_ignore_ascii_case(country))
        });
        if let Some(form) = form_of(words, &phrase, here, beside) {
            let of_country = row.class.ends_with("here") && here == Some(true);
            found.push(FoundForm { form, text: phrase.text, words: phrase.words, of_country });
        }
    }
    drop_either(&mut found);
    drop_inner(&mut found);
    found
}

/// Is the phrase written as the row wants it?
fn is_written(words: &Words, phrase: &FoundPhrase<'_, FormRow>) -> bool {
    let row = phrase.meaning;
    let is_written = match row.spelling {
        Spelling::Plain => true,
        Spelling::Dotted => words.is_dotted(phrase.words.start),
        Spelling::Apart => words.is_at_edge(&phrase.words),
    };
    // `freelance.com` is a site, and no freelancer.
    let is_site = || {
        let has_dot = |text: &str| text.contains('.');
        row.class.starts_with("sole")
            && words.word(phrase.words.end - 1).is_some_and(has_dot)
            && !has_dot(phrase.text)
    };
    is_written && !is_site()
}

/// What a phrase says, where it stands. `here`: does the row hold where the company is, if that is known?
fn form_of(
    words: &Words,
    phrase: &FoundPhrase<'_, FormRow>,
    here: Option<bool>,
    beside: bool,
) -> Option<Form> {
    let at_edge = || words.is_at_edge(&phrase.words) && phrase.words.len() < words.count();
    Some(match (phrase.meaning.class, here) {
        ("sole_alone", _) if phrase.words.len() == words.count() || beside => Form::Sole,
        ("sole" | "sole_field", _) | ("sole_edge" | "sole_here", Some(true)) => Form::Sole,
        ("sole_there", Some(true)) if at_edge() => Form::Sole,
        ("sole_edge", None) if at_edge() => Form::SoleAtEdge,
        ("sole_there", None) if at_edge() => Form::Sign,
        ("sign", _) => Form::Sign,
        ("partnership", _) => Form::Partnership,
        ("partnership_there", Some(true)) if at_edge() => Form::Partnership,
        ("partnership_of_firms", _) => Form::PartnershipOfFirms,
        ("partnership_of_names", _) => Form::PartnershipOfNames,
        // A short word in the middle of a name is seldom a form.
        ("company", _) if phrase.text.len() <= 2 && !words.is_at_edge(&phrase.words) => Form::Body,
        ("company", _) | ("company_there", Some(true)) => Form::Company,
        ("body", _) | ("company_there", None) => Form::Body,
        ("partnership_there", None) if at_edge() => Form::Body,
        _ => return None,
    })
}

/// What is a person's form here and a company's there says nothing where no country is known.
fn drop_either(found: &mut Vec<FoundForm<'_>>) {
    let of = |form: Form| found.iter().filter(move |of| of.form == form).map(|of| of.words.clone());
    let signs: Vec<_> = of(Form::Sign).collect();
    let either: Vec<_> = of(Form::Body).filter(|words| signs.contains(words)).collect();
    found.retain(|of| !either.contains(&of.words));
}

/// The longest says it; of two of the same words, what holds in the country.
fn drop_inner(found: &mut Vec<FoundForm<'_>>) {
    let outer = |of: &FoundForm| (of.words.clone(), of.of_country);
    let all: Vec<_> = found.iter().map(outer).collect();
    found.retain(|of| {
        !all.iter().any(|(words, of_country)| {
            let holds = words.start <= of.words.start && of.words.end <= words.end;
            holds && (words.len() > of.words.len() || *of_country && !of.of_country)
        })
    });
}

/// Categories of GLEIF's Common Data File 3.1 whose holders govern.
const GOVERNMENT: [&str; 5] = [
    "RESIDENT_GOVERNMENT_ENTITY",
    "CENTRAL_GOVERNMENT",
    "STATE_GOVERNMENT",
    "LOCAL_GOVERNMENT",
    "SOCIAL_SECURITY",
];

/// Is a form that is said beside a name the category of what governs?
pub(super) fn is_government(form: &str) -> bool {
    GOVERNMENT.iter().any(|category| category.eq_ignore_ascii_case(form.trim()))
}

/// What one of GLEIF's categories says, in upper case.
fn of_category(category: &str) -> Option<Form> {
    match category {
        "SOLE_PROPRIETOR" => Some(Form::Sole),
        "BRANCH" | "FUND" | "INTERNATIONAL_ORGANIZATION" => Some(Form::Company),
        _ => GOVERNMENT.contains(&category).then_some(Form::Company),
    }
}

/// Is it a code of ISO 20275 or one of GLEIF's categories, and no text?
pub(super) fn is_code(form: &str) -> bool {
    let code = form.trim().to_ascii_uppercase();
    elf::of_code(&code).is_some() || of_category(&code).is_some()
}

/// What a legal form said beside the name is: a code of ISO 20275, a category of GLEIF (the field
/// `EntityCategory` or `EntitySubCategory` of its Common Data File), or text.
pub(super) fn of_field(form: &str, country: Option<&str>) -> Option<Form> {
    let code = form.trim().to_ascii_uppercase();
    match elf::of_code(&code) {
        Some(elf::ElfForm::Sole) => return Some(Form::Sole),
        Some(elf::ElfForm::Partnership) => return Some(Form::Partnership),
        Some(elf::ElfForm::Company) => return Some(Form::Company),
        Some(elf::ElfForm::Unsaid) => return None,
        None => {}
    }
    if let Some(form) = of_category(&code) {
        return Some(form);
    }
    // A form that is one only at the edge of a name is one alone, too.
    let words = Words::of(&format!("x, {form}"));
    let found = find(&words, country, true);
    let is = |wanted: &[Form]| found.iter().any(|found| wanted.contains(&found.form));
    if is(&[Form::Company]) {
        Some(Form::Company)
    } else if is(&[Form::Sole, Form::SoleAtEdge]) {
        Some(Form::Sole)
    } else if is(&[Form::Partnership, Form::PartnershipOfNames]) {
        Some(Form::Partnership)
    } else if is(&[Form::PartnershipOfFirms]) {
        Some(Form::PartnershipOfFirms)
    } else if is(&[Form::Sign]) {
        Some(Form::Sole)
    } else {
        is(&[Form::Body]).then_some(Form::Company)
    }
}
