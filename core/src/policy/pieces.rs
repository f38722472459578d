//! What each word of a name is: part of a person's, or of what an enterprise calls itself.
//!
//! Words in Latin letters are looked up here; those in other scripts are `scripts.rs`'s.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::run_together::names_in;
use super::tables::lines;
use super::word::{Word, of_name};
use super::words::{Positions, Words, is_unspaced};
use super::{romaji, scripts};

/// A word of a name, or one of several that are written as one.
pub(super) struct Piece<'a> {
    pub word: Word,
    pub text: &'a str,
    /// That of the first of its words.
    pub position: usize,
    pub part: u8,
    /// Was it in brackets?
    pub bracketed: bool,
    /// Was it written with dots?
    pub dotted: bool,
}

/// What the words of a name are, those of a form left out. `business` are positions of words that speak
/// of a trade.
pub(super) fn pieces<'a>(
    words: &'a Words,
    of_form: Positions,
    business: Positions,
    country: Option<&str>,
) -> Vec<Piece<'a>> {
    let all: Vec<(&str, u8)> = words.iter().collect();
    let mut pieces = Vec::with_capacity(all.len());
    let mut position = 0;
    let in_script = (!words.is_ascii()).then(|| scripts::ScriptSigns::of(words));
    while let Some((text, part)) = all.get(position).copied() {
        let bracketed = words.is_bracketed(position);
        let dotted = words.is_dotted(position);
        let piece = |word| Piece { word, text, position, part, bracketed, dotted };
        if of_form.contains(position) {
            position += 1;
            continue;
        }
        let Some(found) = in_script.as_ref().filter(|_| !text.is_ascii()) else {
            // `maria-schmidt.nl`: the site of who is called so.
            let is_given = |piece: &Piece| matches!(piece.word, Word::Given { common: true });
            let behind_given = !pieces.is_empty() && pieces.iter().all(is_given);
            let site = site_of(text).filter(|_| behind_given && position + 1 == all.len());
            let named = site.filter(|site| site.len() > 2).and_then(of_name).map(piece);
            let found = named.unwrap_or_else(|| piece(latin(text, business.contains(position))));
            let alone = found.word == Word::Unknown && all.len() == 1;
            match alone.then(|| names_in(text)).flatten() {
                None => pieces.push(found),
                Some(names) => pieces.extend(names.into_iter().filter_map(|text| {
                    Some(Piece { word: of_name(text)?, text, position, part, bracketed, dotted })
                })),
            }
            position += 1;
            continue;
        };
        // What is written without blanks is read as a whole, with what stands beside it.
        let is_short = |text: &str| text.chars().nth(3).is_none();
        let run = all[position..].iter().zip(position..).take_while(|((next, of), at)| {
            // `李, 澤楷` is one name.
            let is_beside = *of == part || *at == position + 1 && is_short(text) && is_short(next);
            is_beside && next.starts_with(is_unspaced) && !of_form.contains(*at)
        });
        let run = run.count().max(1);
        let texts: Vec<&str> =
            all[position..position + run].iter().map(|(text, _)| *text).collect();
        let read = found.read(&texts, position, country);
        pieces.extend(read.into_iter().map(piece));
        position += run;
    }
    if let [one, other] = &mut pieces[..]
        && [&*one, &*other].iter().all(|piece| piece.word == Word::Unknown)
        && romaji::is_name([one.text, other.text])
    {
        (one.word, other.word) = (Word::LikeAName, Word::LikeAName);
    }
    // `y` and `e` join names only between them.
    let last = pieces.len().saturating_sub(1);
    for (at, piece) in pieces.iter_mut().enumerate() {
        let joins = at > 0 && at < last && !piece.dotted;
        if piece.word == Word::Particle && piece.text.len() == 1 && !joins {
            piece.word = Word::Initials;
        }
    }
    let is = |wanted: fn(Word) -> bool| pieces.iter().any(|piece| wanted(piece.word));
    let trade = is(|word| matches!(word, Word::Business | Word::Number | Word::NotAName));
    let named =
        is(|word| matches!(word, Word::Given { .. } | Word::Family | Word::Title | Word::Initials));
    let told = match (trade, named) {
        (true, _) => Word::Business,
        (false, true) => Word::LikeAName,
        (false, false) => Word::Unknown,
    };
    for piece in pieces.iter_mut().filter(|piece| piece.word == Word::TradeOrName) {
        piece.word = told;
    }
    pieces
}

static BUSINESS_WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let lines = lines(include_str!("tables/business_words.txt"));
    lines.flat_map(str::split_ascii_whitespace).collect()
});

/// What a word in Latin letters is.
fn latin(word: &str, speaks_of_trade: bool) -> Word {
    let name = of_name(word);
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    match () {
        () if digits >= 11 && digits == word.len() => Word::TaxNumber,
        () if word == "&" => Word::Partners,
        // `*tel` speaks of a trade, and `Mantel` is a name.
        () if BUSINESS_WORDS.contains(word) || speaks_of_trade && name.is_none() => Word::Business,
        () if word.contains('.') => Word::NotAName,
        () if digits == word.len() => Word::Number,
        () if digits > 0 => Word::NotAName,
        () if PARTICLES.contains(&word) => Word::Particle,
        () => match name {
            Some(name) => name,
            None if word.len() <= 2 => Word::Initials,
            None if is_pinyin(word) || has_name_ending(word) => Word::LikeAName,
            None => Word::Unknown,
        },
    }
}

/// The label before the top-level domain of a site (Public Suffix List).
fn site_of(domain: &str) -> Option<&str> {
    if !domain.contains('.') {
        return None;
    }
    let suffix = firmtrie_suffixes::listed_suffix(domain)?;
    domain.strip_suffix(suffix)?.strip_suffix('.')
}

/// What stands in names between others.
const PARTICLES: [&str; 17] = [
    "de", "da", "do", "dos", "das", "del", "la", "le", "di", "van", "von", "der", "den", "el",
    "al", "y", "e",
];

/// Endings of Slavic, Caucasian, Nordic and other family names and patronymics.
fn has_name_ending(word: &str) -> bool {
    const ENDINGS: [&str; 32] = [
        "ov", "ova", "ev", "eva", "enko", "chuk", "czuk", "ovich", "evich", "ovych", "evych",
        "ovna", "evna", "ivna", "skyi", "skiy", "skyy", "skij", "ski", "ska", "sky", "skaya",
        "wicz", "czyk", "yan", "shvili", "adze", "sson", "ssen", "escu", "idis", "opoulos",
    ];
    word.len() >= 5 && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Is a word one to three syllables of Chinese as Hanyu Pinyin (ISO 7098) writes them?
fn is_pinyin(word: &str) -> bool {
    const INITIALS: [&str; 23] = [
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
        "r", "z", "c", "s", "y", "w",
    ];
    const FINALS: [&str; 33] = [
        "iang", "iong", "uang", "ang", "eng", "ing", "ong", "ian", "iao", "uai", "uan", "ai", "an",
        "ao", "ei", "en", "er", "ia", "ie", "in", "iu", "ou", "ua", "ue", "ui", "un", "uo", "a",
        "e", "i", "o", "u", "v",
    ];
    fn syllables(rest: &str, left: u8) -> bool {
        rest.is_empty()
            || left > 0
                && INITIALS.iter().filter_map(|initial| rest.strip_prefix(initial)).any(|rest| {
                    FINALS
                        .iter()
                        .filter_map(|end| rest.strip_prefix(end))
                        .any(|rest| syllables(rest, left - 1))
                })
    }
    word.len() >= 2 && word.is_ascii() && syllables(word, 3)
}
