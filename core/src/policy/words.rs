//! Reading names: the words of a name as the tables hold them.
//!
//! A name is read as the registry reads it (`identity`), and folded: lower case, without accents,
//! quotes and soft hyphens; `S.p.A.` is `spa`, `Amazon.com` stays one word, `AS274413 - NAME` is what
//! follows. Letters of other scripts than Latin stay so, since their transliterations mean other
//! things (`ИП`, a sole trader, would be `ip`).

use std::borrow::Cow;

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;

use super::contacts::is_private_mail;
use super::names::are_names;
use crate::identity::{behind_customer_number, seen};

/// The words of a name.
pub(super) struct Words {
    /// `^ word word $`: every word between blanks, and what cannot be in a word around them.
    text: String,
    spans: Vec<Span>,
    /// Which of the first 64 words were written with dots, as `e.K.`.
    dotted: Positions,
    /// Which of them were in brackets.
    bracketed: Positions,
    /// Does a middle dot stand between words, as between the names of those that Chinese and Japanese
    /// write by their sound?
    interpunct: bool,
    /// Is there the mailbox of a provider where people have their private mail?
    private_mailbox: bool,
}

/// Where a word stands.
#[derive(Clone, Copy)]
struct Span {
    /// The bytes of the text where it begins and ends.
    start: u32,
    end: u32,
    /// The part of the name it is in: parts are divided by commas, brackets, quotes, slashes, and dashes
    /// between blanks.
    part: u8,
}

impl Words {
    pub(super) fn of(name: &str) -> Self {
        let (text, spans) = (String::with_capacity(name.len() + 8), Vec::with_capacity(6));
        let (dotted, bracketed) = (Positions::default(), Positions::default());
        let mut words =
            Self { text, spans, dotted, bracketed, interpunct: false, private_mailbox: false };
        words.text.push_str("^ ");
        let mut part = 0_u8;
        let seen = told_apart(seen(&with_blanks(name)), &mut words.interpunct);
        let mut open = false;
        for piece in without_number(&seen).split_whitespace() {
            if matches!(piece, "-" | "–" | "—" | "/" | "|") {
                part = part.saturating_add(1);
                continue;
            }
            // Most are plain words, in which there is nothing to look for.
            if piece.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                words.within(open, |words| words.push_folded(part, |text| text.push_str(piece)));
                continue;
            }
            // Who has a mailbox is named by it; what firm it is of is said by its domain.
            let Some((local, host)) = piece.split_once('@').filter(|(_, host)| host.contains('.'))
            else {
                open = words.split(piece, &mut part, open);
                continue;
            };
            let host = host.trim_end_matches(|c: char| !c.is_alphanumeric());
            words.private_mailbox |= is_private_mail(host);
            part = part.saturating_add(1);
            let names = local.split(|c: char| !c.is_alphanumeric()).filter(|name| !name.is_empty());
            names.for_each(|name| words.push(name, part));
            part = part.saturating_add(1);
        }
        words.text.push('$');
        words
    }

    /// Takes what stands between two blanks apart; says whether a bracket is open behind it.
    fn split(&mut self, piece: &str, part: &mut u8, mut open: bool) -> bool {
        let mut rest = piece;
        while let Some(at) = rest.find(is_divider) {
            let (before, after) = rest.split_at(at);
            self.within(open, |words| words.push_dotted(before, *part));
            let divider = after.chars().next().unwrap_or(',');
            match divider {
                '&' => self.push("&", *part),
                '-' | '+' | '・' | '‐' | '~' | '=' | '*' | '#' | '!' | '?' | '$' | '^' | '%'
                | '•' | '∙' | '×' | '→' => {}
                _ => *part = part.saturating_add(1),
            }
            open = match divider {
                '(' | '[' | '【' | '〔' => true,
                ')' | ']' | '】' | '〕' => false,
                _ => open,
            };
            rest = &after[divider.len_utf8()..];
        }
        self.within(open, |words| words.push_dotted(rest, *part));
        open
    }

    /// Notes whether what is pushed is in brackets.
    fn within(&mut self, bracketed: bool, push: impl FnOnce(&mut Self)) {
        let from = self.count();
        push(self);
        if bracketed {
            self.bracketed.add(from..self.count());
        }
    }

    /// Words that hold dots are abbreviations, initials or domains.
    fn push_dotted(&mut self, word: &str, part: u8) {
        let (written, word) = (word, word.trim_matches('.'));
        if !word.contains('.') {
            let alone = word.chars().nth(1).is_none();
            if alone && written.len() > word.len() {
                self.dotted.add(self.count()..self.count() + 1);
            }
            return self.push(word, part);
        }
        let pieces: Vec<&str> = word.split('.').filter(|piece| !piece.is_empty()).collect();
        let long = |piece: &&str| piece.chars().nth(2).is_some();
        if pieces.iter().all(|piece| piece.chars().nth(1).is_some()) && pieces.iter().any(long) {
            // `Jan.Jansen` is no domain: nothing is registered under it.
            // Nor is `anna.maria.schmidt`, though families have top-level domains.
            let are_names =
                pieces.len() > 2 && pieces.windows(2).all(|two| are_names(two[0], two[1]));
            if !are_names && pieces.last().is_some_and(|last| is_top_level(last)) {
                return self.push(&pieces.join("."), part);
            }
            return pieces.iter().for_each(|piece| self.push(piece, part));
        }
        for run in pieces.chunk_by(|a, b| !long(a) && !long(b)) {
            if run.len() > 1 {
                self.dotted.add(self.count()..self.count() + 1);
            }
            self.push(&run.concat(), part);
        }
    }

    fn push(&mut self, word: &str, part: u8) {
        self.push_folded(part, |text| word.chars().for_each(|letter| fold(letter, text)));
    }

    fn push_folded(&mut self, part: u8, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        if self.text.len() > start {
            self.spans.push(Span { start: start as u32, end: self.text.len() as u32, part });
            self.text.push(' ');
        }
    }

    /// Are all letters plain Latin ones?
    pub(super) fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }

    /// How many words there are.
    pub(super) const fn count(&self) -> usize {
        self.spans.len()
    }

    /// Each word with the number of its part.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u8)> {
        self.spans.iter().map(|span| (self.text_of(*span), span.part))
    }

    /// The word at a position.
    pub(super) fn word(&self, position: usize) -> Option<&str> {
        self.spans.get(position).map(|span| self.text_of(*span))
    }

    fn text_of(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn part(&self, position: usize) -> Option<u8> {
        self.spans.get(position).map(|span| span.part)
    }

    /// Was this word written with dots, as `e.K.`?
    pub(super) const fn is_dotted(&self, position: usize) -> bool {
        self.dotted.contains(position)
    }

    /// Was this word in brackets?
    pub(super) const fn is_bracketed(&self, position: usize) -> bool {
        self.bracketed.contains(position)
    }

    /// Do middle dots stand between words?
    pub(super) const fn has_interpunct(&self) -> bool {
        self.interpunct
    }

    /// Is there the mailbox of a provider where people have their private mail?
    pub(super) const fn has_private_mailbox(&self) -> bool {
        self.private_mailbox
    }

    /// Do these words stand at the beginning or the end of the name, or of a part of it?
    pub(super) fn is_at_edge(&self, words: &std::ops::Range<usize>) -> bool {
        let before = words.start.checked_sub(1).and_then(|before| self.part(before));
        before != self.part(words.start) || self.part(words.end) != self.part(words.end - 1)
    }

    /// Does the name or a part of it end with this word?
    pub(super) fn ends_part(&self, position: usize) -> bool {
        self.part(position + 1) != self.part(position)
    }

    /// `^ word word $`.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text each word begins.
    pub(super) fn starts(&self) -> impl Iterator<Item = usize> {
        self.spans.iter().map(|span| span.start as usize)
    }

    /// The position of the word that begins at or before this byte of the text.
    pub(super) fn word_at(&self, byte: usize) -> usize {
        self.spans.partition_point(|span| span.start as usize <= byte).saturating_sub(1)
    }
}

/// Some positions among the words of a name; those behind the 64th are never in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Positions(u64);

impl Positions {
    pub(super) fn add(&mut self, positions: std::ops::Range<usize>) {
        positions.filter(|position| *position < 64).for_each(|position| self.0 |= 1 << position);
    }

    pub(super) const fn contains(self, position: usize) -> bool {
        position < 64 && self.0 >> position & 1 == 1
    }
}

/// A name without the number of an autonomous system or of a customer before it.
fn without_number(name: &str) -> &str {
    if let Some(rest) = behind_customer_number(name) {
        return rest;
    }
    let rest = name
        .strip_prefix("as")
        .map_or(name, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    rest.strip_prefix(" - ").unwrap_or(name)
}

/// With blanks for what stands between a small letter and a capital and is no sign of a name: what is
/// not seen, control characters, and signs. `Maria.Schmidt` is no domain either.
fn with_blanks(name: &str) -> Cow<'_, str> {
    let is_stray = |letter: char| {
        let in_names =
            matches!(letter, '-' | '\'' | '’' | '‘' | '`' | '´' | '&' | '@' | '/' | '\u{ad}' | ' ');
        !letter.is_alphanumeric() && !in_names
    };
    let mut blanked = String::new();
    let mut from = 0;
    for (at, stray) in name.match_indices(is_stray) {
        let (mut before, mut behind) = (name[..at].chars().rev(), name[at + stray.len()..].chars());
        // In `S.p.A.` they are letters of their own.
        let is_between = before.next().is_some_and(char::is_lowercase)
            && behind.next().is_some_and(char::is_uppercase)
            && before.next().is_some_and(char::is_alphabetic)
            && behind.next().is_some_and(char::is_lowercase);
        if is_between {
            blanked.push_str(&name[from..at]);
            blanked.push(' ');
            from = at + stray.len();
        }
    }
    if from == 0 {
        return name.into();
    }
    blanked.push_str(&name[from..]);
    blanked.into()
}

/// Without the quotes inside Hebrew words, which are marks of an abbreviation (`בע"מ`), and with one
/// sign for the middle dots of Chinese and Japanese.
fn told_apart(name: String, interpunct: &mut bool) -> String {
    if name.is_ascii() || !name.contains(['"', '·', '・', '‧', '•']) {
        return name;
    }
    let is_hebrew = |letter: Option<char>| matches!(letter, Some('\u{5d0}'..='\u{5ea}'));
    let is_eastern = |letter: Option<char>| letter.is_some_and(is_unspaced);
    let around = |at: usize, letter: char, is: &dyn Fn(Option<char>) -> bool| {
        is(name[..at].chars().next_back()) && is(name[at + letter.len_utf8()..].chars().next())
    };
    let mut told = String::with_capacity(name.len());
    for (at, letter) in name.char_indices() {
        match letter {
            '"' if around(at, letter, &is_hebrew) => {}
            '·' | '・' | '‧' | '•' if around(at, letter, &is_eastern) => {
                *interpunct = true;
                told.push('・');
            }
            _ => told.push(letter),
        }
    }
    told
}

/// Is it a top-level domain (Public Suffix List)? Those that are legal forms stand behind them as well,
/// as in `Co.Ltd`.
fn is_top_level(label: &str) -> bool {
    const FORMS: [&str; 8] = ["ltd", "inc", "gmbh", "llc", "limited", "srl", "sarl", "ltda"];
    !FORMS.contains(&label) && firmtrie_suffixes::listed_suffix(label).is_some()
}

/// Is a letter of a script that puts no blanks between words, or joins them as Korean does?
pub(super) const fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

const fn is_divider(letter: char) -> bool {
    matches!(
        letter,
        '~' | '='
            | '*'
            | '#'
            | '!'
            | '?'
            | '$'
            | '^'
            | '%'
            | '•'
            | '∙'
            | '×'
            | '→'
            | ','
            | ';'
            | ':'
            | '('
            | ')'
            | '['
            | ']'
            | '"'
            | '/'
            | '&'
            | '+'
            | '-'
            | '_'
            | '|'
            | '«'
            | '»'
            | '“'
            | '”'
            | '„'
            | '、'
            | '。'
            | '「'
            | '」'
            | '『'
            | '』'
            | '【'
            | '】'
            | '〔'
            | '〕'
            | '《'
            | '》'
            | '،'
            | '؛'
            | '・'
            | '–'
            | '—'
            | '‐'
            | '‑'
    )
}

/// Adds a letter that is seen, in lower case. Of Latin letters the plain one; Greek ones lose their
/// accents, and Hebrew words their points.
fn fold(letter: char, into: &mut String) {
    match letter {
        'a'..='z' | '0'..='9' | '.' | '&' => into.push(letter),
        'A'..='Z' => into.push(letter.to_ascii_lowercase()),
        _ if letter.is_ascii() => {}
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => {
            let plain = std::iter::once(letter).nfd().next().unwrap_or(letter);
            into.push(if plain == 'ς' { 'σ' } else { plain });
        }
        '\u{591}'..='\u{5c7}' => {}
        // One letter for each of its variants, as those who type them do.
        'أ' | 'إ' | 'آ' | 'ٱ' => into.push('ا'),
        'ة' | 'ہ' | 'ھ' => into.push('ه'),
        'ى' | 'ی' | 'ے' => into.push('ي'),
        'ک' => into.push('ك'),
        '\u{400}'.. if !is_latin(letter) => {
            // Signs of vowels and tones are no letters, but make other words.
            let is_sign = matches!(letter, '\u{e31}'..='\u{e4e}' | '\u{900}'..='\u{dff}');
            if letter.is_alphanumeric() || is_sign {
                into.push(letter);
            }
        }
        _ if letter.is_alphanumeric() => {
            let latin = deunicode_char(letter).unwrap_or_default().chars();
            let latin = latin.filter(char::is_ascii_alphanumeric);
            into.extend(latin.map(|letter| letter.to_ascii_lowercase()));
        }
        _ => {}
    }
}

/// Latin letters that stand far behind the others: those of Vietnamese and Welsh, among others.
const fn is_latin(letter: char) -> bool {
    matches!(letter, '\u{1d00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_to_the_words_of_the_tables() {
        for (name, expected) in [
            ("Müller & Söhne GmbH", "muller & sohne gmbh"),
            ("Enel S.p.A.", "enel spa"),
            ("X sp.z.o.o", "x spzoo"),
            ("Y Sp. z o.o.", "y sp z oo"),
            ("Amazon.com, Inc.", "amazon.com inc"),
            ("J.R.Smith", "jr smith"),
            ("AS274413 - Jo\u{ad}ão Souza", "joao souza"),
            ("AS64500", "as64500"),
            ("ИП Иванов", "ип иванов"),
            ("O'Neill \"Trade\" e. K.", "oneill trade e k"),
            ("北京 Ltd", "北京 ltd"),
            ("Παπαδόπουλος ΑΤΟΜΙΚΉ", "παπαδοπουλοσ ατομικη"),
            ("Nguyễn Văn", "nguyen van"),
            ("Іv\u{200b}an Pеtrov", "ivan petrov"),
            ("", ""),
        ] {
            let words = Words::of(name);
            assert_eq!(
                words.iter().map(|(word, _)| word).collect::<Vec<_>>().join(" "),
                expected,
                "{name}"
            );
        }
        let parts: Vec<u8> =
            Words::of("Jan Novak (NET-TEL) - x, y").iter().map(|(_, part)| part).collect();
        assert_eq!(parts, [0, 0, 1, 1, 3, 4]);
        assert_eq!(Words::of(&"a - ".repeat(300)).count(), 300);
    }
}
