//! The words of a name, weighed one after the other: are they a natural person's?
//!
//! Given names, titles and initials speak for a person, words of a trade and numbers against; how many
//! there are of each speaks too. Legal forms are taken out before, and are not looked at here.

use super::pieces::Piece;
use super::verdict::Scale;
use super::word::Word;

/// Points of each sign. 50 decide unless the policy says otherwise.
const MAYBE_FORM: i32 = 30;
const COMMON_GIVEN: i32 = 35;
const RARE_GIVEN: i32 = 30;
const FURTHER_NAME: i32 = 25;
const PARTICLE: i32 = 10;
const UNKNOWN_WORD: i32 = 10;
/// Initials with dots beside one name.
const WITH_INITIALS: i32 = 60;
const TITLE: i32 = 30;
/// One unknown word beside a given name, and nothing else.
const UNKNOWN_NAME: i32 = 20;
/// Of words that may all be names.
const DOUBT: i32 = 50;
const BUSINESS_WORD: i32 = -60;
const PARTNERS: i32 = -100;
const NOT_A_NAME: i32 = -40;
const TAX_NUMBER: i32 = 60;

/// What the words have shown so far.
// Each is a sign of its own.
#[allow(clippy::struct_excessive_bools)]
struct Weighing<'a, 'b> {
    pieces: &'a [Piece<'a>],
    scale: &'a mut Scale<'b>,
    /// Are they two persons, joined by a word for partners?
    couple: bool,
    /// Words that are names, and those of them that are given ones.
    names: usize,
    given: usize,
    unknown: u8,
    /// Letters of initials, and whether they have dots.
    initials: usize,
    dotted: bool,
    titled: bool,
    /// Behind a given name.
    particle: bool,
    number: Option<&'a str>,
    /// The part of the whole in which a name stands.
    part: Option<u8>,
    /// Is there nothing that speaks of a trade?
    plain: bool,
}

/// Weighs words, those of a form left out. `sign` is what may be a sole trader's form.
pub(super) fn weigh_words(
    pieces: &[Piece],
    sign: Option<&str>,
    country: Option<&str>,
    scale: &mut Scale,
) {
    let mut weighing = Weighing::new(pieces, scale);
    for piece in pieces {
        // `NAME (TRADE)`, `NAME - TRADE`: what follows a whole name is not weighed.
        let is_behind = weighing.part.is_some_and(|part| part != piece.part);
        if is_behind && weighing.given > 0 && weighing.names >= 2 {
            break;
        }
        weighing.add(piece);
    }
    weighing.weigh_initials();
    weighing.weigh_count();
    weighing.weigh_unknown(country);
    if let Some(form) = sign.filter(|_| weighing.names > 0 || weighing.unknown > 0) {
        weighing.scale.add("sign_of_a_sole_trader", form, MAYBE_FORM);
    }
}

impl<'a, 'b> Weighing<'a, 'b> {
    fn new(pieces: &'a [Piece<'a>], scale: &'a mut Scale<'b>) -> Self {
        Self {
            pieces,
            scale,
            couple: is_couple(pieces),
            names: 0,
            given: 0,
            unknown: 0,
            initials: 0,
            dotted: false,
            titled: false,
            particle: false,
            number: None,
            part: None,
            plain: true,
        }
    }

    /// Weighs the next word.
    fn add(&mut self, piece: &Piece<'a>) {
        let (of, text) = (piece.word, piece.text);
        self.plain &=
            !matches!(of, Word::Business | Word::Number | Word::NotAName | Word::Partners);
        match of {
            Word::TaxNumber => self.scale.add("tax_number", "of 11 digits", TAX_NUMBER),
            Word::Partners if self.couple => {}
            Word::Partners => self.scale.add("partners", text, PARTNERS),
            Word::Number if text.len() < 4 => self.scale.add("not_a_name", text, NOT_A_NAME),
            Word::Number => self.number = Some(text),
            Word::Business | Word::TradeOrName => {
                self.scale.add("business_word", text, BUSINESS_WORD);
            }
            Word::NotAName => self.scale.add("not_a_name", text, NOT_A_NAME),
            Word::Title if self.titled => {}
            Word::Title => {
                self.titled = true;
                self.scale.add("title", text, TITLE);
            }
            Word::Particle if self.pieces.len() > 2 => self.particle = self.given > 0,
            Word::Initials => {
                self.initials += text.chars().count();
                self.dotted |= piece.dotted;
            }
            Word::Given { common } => {
                let rarity = if common { COMMON_GIVEN } else { RARE_GIVEN };
                let points = if self.given > 0 { FURTHER_NAME } else { rarity };
                (self.names, self.given, self.part) =
                    (self.names + 1, self.given + 1, Some(piece.part));
                self.scale.add("given_name", text, points);
            }
            Word::Family | Word::LikeAName => {
                (self.names, self.part) = (self.names + 1, Some(piece.part));
                let sign = if of == Word::Family { "family_name" } else { "like_a_name" };
                self.scale.add(sign, text, FURTHER_NAME);
            }
            Word::Particle | Word::Unknown => {
                (self.unknown, self.part) = (self.unknown.saturating_add(1), Some(piece.part));
            }
        }
    }

    /// Are all words in another script than Latin without signs?
    fn is_foreign(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| !piece.text.is_ascii())
    }

    /// Weighs what stands between names: a particle, a number, initials.
    fn weigh_initials(&mut self) {
        let (names, unknown) = (self.names, usize::from(self.unknown));
        let few = (1..=3).contains(&self.initials);
        let initials = if self.plain && few && (names == 1 && unknown == 0 || self.is_initialled())
        {
            Some(WITH_INITIALS)
        } else if self.given == 0 && names > 0 && unknown == 0 && few && self.initials > 1 {
            Some(COMMON_GIVEN)
        } else if self.is_foreign() && self.plain && few && names + unknown == 1 {
            Some(WITH_INITIALS)
        } else {
            None
        };
        if self.particle {
            self.scale.add("particle", "", PARTICLE);
        }
        // A customer's number beside a whole name says nothing of it; that of a house is shorter.
        if let Some(number) = self.number.filter(|_| self.given == 0 || names < 2) {
            self.scale.add("not_a_name", number, NOT_A_NAME);
        }
        if let Some(points) = initials {
            self.scale.add("initials", "", points);
        }
    }

    /// Is no word known, but one stands beside initials as names do: with dots, or beside those of each of
    /// several who have it?
    fn is_initialled(&self) -> bool {
        let mut unknown = self.pieces.iter().filter(|piece| piece.word == Word::Unknown);
        self.names == 0
            && self.unknown > 0
            && (self.dotted || self.unknown > 1)
            && self.initials >= self.unknown.into()
            && unknown.next().is_none_or(|name| unknown.all(|piece| piece.text == name.text))
    }

    /// Weighs how many words there are.
    fn weigh_count(&mut self) {
        let whole = self.names + usize::from(self.unknown) + usize::from(self.initials > 0);
        if (self.given == 0 && whole < 2 || whole == 1) && !self.titled {
            self.scale.add("one_word", "", NOT_A_NAME);
        } else if whole > 5 {
            self.scale.add("many_words", "", NOT_A_NAME);
        }
    }

    /// Weighs the words that no table knows.
    fn weigh_unknown(&mut self, country: Option<&str>) {
        let (unknown, plain) = (self.unknown, self.plain);
        if unknown == 0 || self.is_initialled() {
            return;
        }
        let are_sparse = || self.pieces.iter().all(|piece| is_sparse(piece.text, country));
        // One word beside a name may be a name that the table lacks.
        let points = match (self.names, unknown) {
            // Of other scripts the tables hold less, and of some too little.
            (0, 2..=4) if plain && are_sparse() => DOUBT,
            (1.., 1..=3) if plain && self.is_foreign() => FURTHER_NAME,
            (1, 1) if self.given == 1 => UNKNOWN_NAME,
            (1.., 1) => UNKNOWN_WORD,
            _ => -UNKNOWN_WORD * i32::from(unknown),
        };
        self.scale.add("unknown_words", unknown, points);
    }
}

/// Is a word in a script of which the tables know few names? What speaks of no trade is then a name. Of
/// Cyrillic they know few of Central Asia.
fn is_sparse(word: &str, country: Option<&str>) -> bool {
    let of = |letter: char| matches!(letter, '\u{370}'..='\u{3ff}' | '\u{530}'..='\u{dff}' | '\u{10a0}'..='\u{10ff}' | '\u{30a0}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}');
    let cyrillic = |letter: char| matches!(letter, '\u{400}'..='\u{52f}');
    let central = ["KG", "KZ", "MN", "TJ", "TM", "UZ"];
    let is_central =
        country.is_some_and(|of| central.iter().any(|code| code.eq_ignore_ascii_case(of)));
    word.starts_with(of) || is_central && word.starts_with(cyrillic)
}

/// Are two persons named, as in `John & Mary Smith`? Firms are called by families: `Ernst & Young`.
fn is_couple(pieces: &[Piece]) -> bool {
    let is_name = |piece: &Piece| {
        let of_names = [Word::Family, Word::LikeAName, Word::Particle, Word::Initials, Word::Title];
        matches!(piece.word, Word::Given { .. }) || of_names.contains(&piece.word)
    };
    let begins = |side: &[Piece]| {
        side.first().is_some_and(|first| first.word == Word::Given { common: true })
    };
    let mut sides = pieces.split(|piece| piece.word == Word::Partners);
    let (Some(one), Some(other), None) = (sides.next(), sides.next(), sides.next()) else {
        return false;
    };
    let are_names = one.iter().chain(other).all(is_name) && pieces.len() <= 8;
    are_names && begins(one) && begins(other) && other.len() > 1
}
