//! Natural persons: is who is named a person, or somebody in business on their own account?
//!
//! Decided from the legal form, from signs of one in the name, and where there is none from the
//! words of the name, weighed with what speaks for an organisation. In doubt it is a person, and
//! left out: a wrong company shown is worse than one missed.
//!
//! Names are read for what they say in the first part alone: in `X trading as Y Ltd` it is `X`.

use std::sync::LazyLock;

use serde::Serialize;

use super::legal_form::{self, Form};
use super::person_words::weigh_words;
use super::phrases::Phrases;
use super::pieces::{Piece, pieces};
use super::verdict::Scale;
use super::word::{Word, of_name};
use super::words::{Positions, Words};

/// Which partnerships of persons are left out: their partners' data are personal (KvK,
/// Handelsregisterwet 2007).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Partnerships {
    None,
    /// Those whose name holds a person's.
    Named,
    All,
}

/// Points of each sign. 50 decide unless the policy says otherwise.
const DECIDED: i32 = 200;
const COMPANY_FORM: i32 = -100;
const TRADING_AS: i32 = 45;
const MANY_ADDRESSES: i32 = -150;
const FEW_ADDRESSES: i32 = 15;
/// IPv4 addresses that persons hold at most: the /22 that registries gave to beginners.
const FEW: u64 = 1024;
/// IPv4 addresses that no person holds.
pub(super) const MANY: u64 = 32_768;

/// Behind a sole trader's form, what comes before the name of another firm.
const FOR_WHOM: [&str; 20] = [
    "bij",
    "voor",
    "for",
    "c",
    "voorheen",
    "formerly",
    "ehemals",
    "vormals",
    "fruher",
    "ex",
    "anciennement",
    "chez",
    "bei",
    "presso",
    "at",
    "previously",
    "бывш",
    "бывшее",
    "ранее",
    "раніше",
];
/// Forms that stand before names by custom, and are given names as well.
const BEFORE: [&str; 9] = ["ab", "ad", "ao", "as", "cv", "pt", "sia", "ou", "uab"];
/// Before a company's form, what says that it is none.
const NO: [&str; 15] = [
    "keine", "kein", "keiner", "not", "no", "geen", "niet", "pas", "non", "ikke", "inte", "nie",
    "nao", "sin", "не",
];
/// Words that are forms of companies, and of trades where they begin a name.
const TRADES: [&str; 15] = [
    "foundation",
    "trust",
    "limited",
    "university",
    "holding",
    "holdings",
    "institute",
    "society",
    "league",
    "guild",
    "charity",
    "coop",
    "corporation",
    "incorporated",
    "chamber",
];
/// Behind such a word, what makes it a form again: `Foundation for Freelancers`.
const OF: [&str; 16] = [
    "of", "for", "des", "der", "de", "van", "voor", "di", "do", "dos", "du", "für", "fur", "per",
    "para", "del",
];

/// What is weighed of a name.
pub(super) struct WeighedName<'a> {
    pub words: &'a Words,
    /// Positions of words that speak of a trade.
    pub business: Positions,
    pub country: Option<&'a str>,
    /// The IPv4 addresses that it holds, if that is known.
    pub addresses: Option<u64>,
    pub partnerships: Partnerships,
    /// The forms in it.
    pub forms: Vec<legal_form::FoundForm<'a>>,
    /// The number of words before `trading as` and the like, or of all.
    pub first: usize,
}

/// How explicitly sources say of somebody that they are a natural person, and that they are a company:
/// nothing, by how a name reads, by a form in the name, by a form beside it, by a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Said {
    pub sole: u8,
    pub company: u8,
}

impl Said {
    /// By how a name reads.
    pub(crate) const NAME: u8 = 1;
    const FORM_IN_NAME: u8 = 2;
    const FORM: u8 = 3;
    const CODE: u8 = 4;

    /// Is it a person, as far as anything is said? In doubt it is.
    pub(crate) const fn is_person(self) -> bool {
        self.sole > 0 && self.sole >= self.company
    }

    /// What two sources say.
    pub(crate) fn and(self, other: Self) -> Self {
        let (sole, company) = (self.sole.max(other.sole), self.company.max(other.company));
        Self { sole, company }
    }
}

impl WeighedName<'_> {
    /// Weighs whether the legal form said beside the name is a natural person's: a code of ISO 20275,
    /// a GLEIF category, or text. Says whether it settles the matter.
    pub(super) fn weigh_form(&self, form: &str, scale: &mut Scale) -> bool {
        let points = match legal_form::of_field(form, self.country) {
            Some(Form::Sole) => DECIDED,
            Some(of @ (Form::Partnership | Form::PartnershipOfFirms)) => {
                self.weigh_partnership(of, form, Positions::default(), scale);
                return true;
            }
            Some(_) => -DECIDED,
            None => return false,
        };
        scale.add("legal_form", form, points);
        true
    }

    /// What the forms say, in the name and beside it.
    pub(super) fn said(&self, form: Option<&str>) -> Said {
        let mut said = Said::default();
        let first = self.first.max(1);
        let sole = self.forms.iter().find(|of| of.form == Form::Sole);
        for found in &self.forms {
            match found.form {
                Form::Company if found.words.end <= first && !self.is_none(found, sole) => {
                    said.company = Said::FORM_IN_NAME;
                }
                Form::Sole => said.sole = Said::FORM_IN_NAME,
                _ => {}
            }
        }
        // A company's form beside it in a name says that it is none.
        if said.company > 0 {
            said.sole = 0;
        }
        let level = |form| if legal_form::is_code(form) { Said::CODE } else { Said::FORM };
        match form.map(|form| (legal_form::of_field(form, self.country), level(form))) {
            Some((Some(Form::Sole), level)) => said.sole = level,
            Some((Some(Form::Company), level)) => said.company = level,
            _ => {}
        }
        said
    }

    /// Weighs whether the name is a natural person's.
    pub(super) fn weigh(&self, scale: &mut Scale) {
        let words = self.words;
        let first = self.first;
        let found = &self.forms;
        let mut of_form = Positions::default();
        for found in found {
            of_form.add(found.words.clone());
        }
        // Of `X trading as Y Ltd`, `Ltd` is not X's; but `X eenmanszaak` is a person under any name.
        let first_form =
            |form| found.iter().find(|of| of.form == form && of.words.end <= first.max(1));
        let any_form = |form| found.iter().find(|of| of.form == form);
        let sole = any_form(Form::Sole);
        let mut companies = found.iter().filter(|of| of.form == Form::Company);
        let company = companies.find(|of| of.words.end <= first.max(1) && !self.is_none(of, sole));
        if let Some(company) = company {
            return scale.add("company_form", company.text, COMPANY_FORM);
        }
        if words.has_private_mailbox() {
            return scale.add("mailbox", "of a provider of private mail", DECIDED);
        }
        if let Some(sole) = sole {
            return scale.add("sole_trader_form", sole.text, DECIDED);
        }
        let kinds = [Form::Partnership, Form::PartnershipOfFirms, Form::PartnershipOfNames];
        if let Some(partnership) = kinds.into_iter().find_map(first_form) {
            return self.weigh_partnership(partnership.form, partnership.text, of_form, scale);
        }
        if let Some(body) = first_form(Form::Body) {
            return scale.add("company_form", body.text, COMPANY_FORM);
        }
        let much = self.addresses.is_some_and(|many| many > MANY);
        let speaks_of_a_company = |piece: &Piece| {
            matches!(piece.word, Word::Partners | Word::Business | Word::Number | Word::NotAName)
        };
        if let Some(sole) = any_form(Form::SoleAtEdge)
            && !much
            && !self.pieces(of_form).iter().any(speaks_of_a_company)
        {
            return scale.add("sole_trader_form", sole.text, DECIDED);
        }
        self.weigh_name(scale);
    }

    /// Weighs a name in which no form decides.
    fn weigh_name(&self, scale: &mut Scale) {
        let first = self.first;
        let signs = self.forms.iter().filter(|found| found.words.end <= first.max(1));
        // In `Kai Bi` it is half of the name.
        let signs = signs.filter(|found| first >= found.words.len() + 2);
        let signs = signs.filter(|found| matches!(found.form, Form::Sign | Form::SoleAtEdge));
        let (mut of_sign, mut sign) = (Positions::default(), None);
        for found in signs {
            of_sign.add(found.words.clone());
            sign = Some(found.text);
        }
        if first < self.words.count() {
            scale.add("trading_as", "", TRADING_AS);
        }
        match self.addresses {
            Some(many) if many > MANY => scale.add("addresses", many, MANY_ADDRESSES),
            Some(few) if few <= FEW => scale.add("addresses", few, FEW_ADDRESSES),
            _ => {}
        }
        let mut pieces = self.pieces(of_sign);
        if let Some(name) = name_in_brackets(&pieces) {
            scale.add("name_in_brackets", name, DECIDED);
        }
        pieces.retain(|piece| piece.position < first);
        weigh_words(&pieces, sign, self.country, scale);
    }

    /// Is a word that is a company's form elsewhere none of this name's? As `Pat` in `Pat Smith`, and what
    /// begins the name of a trade, or follows a sole trader's form and says for whom they work.
    fn is_none(
        &self,
        company: &legal_form::FoundForm,
        sole: Option<&legal_form::FoundForm>,
    ) -> bool {
        let (words, position) = (self.words, company.words.start);
        let word = |position: usize| words.word(position);
        if let Some(sole) = sole.filter(|sole| sole.words.end <= position) {
            let mut between = sole.words.end..position;
            if between.any(|position| word(position).is_some_and(|word| FOR_WHOM.contains(&word))) {
                return true;
            }
        }
        // `Einzelunternehmen (keine GmbH)`, `sole trader, not a company`.
        let mut before = (1..=2).filter_map(|back| word(position.checked_sub(back)?));
        if sole.is_some() && before.any(|word| NO.contains(&word)) {
            return true;
        }
        if company.words.len() > 1 || position > 0 || words.count() < 2 || words.ends_part(position)
        {
            return false;
        }
        let short = company.text.is_ascii() && company.text.len() <= 3;
        if sole.is_some() && (short || TRADES.contains(&company.text)) {
            return short || !word(1).is_some_and(|word| OF.contains(&word));
        }
        if words.count() > 4 || !matches!(of_name(company.text), Some(Word::Given { .. })) {
            return false;
        }
        let mut form = Positions::default();
        form.add(company.words.clone());
        let pieces = self.pieces(form);
        let is = |word: Word| pieces.iter().any(|piece| piece.word == word);
        if BEFORE.contains(&company.text) && !is(Word::Particle) {
            return false;
        }
        let is_name = |word| match word {
            Word::Given { .. } | Word::Family | Word::LikeAName | Word::Particle => true,
            // `Ad de Vries`: what stands behind a particle is one.
            Word::Unknown => is(Word::Particle),
            _ => false,
        };
        pieces.len() <= 3 && pieces.iter().all(|piece| is_name(piece.word))
    }

    fn pieces(&self, of_form: Positions) -> Vec<Piece<'_>> {
        pieces(self.words, of_form, self.business, self.country)
    }

    /// A partnership of persons: is it one of those that are left out?
    fn weigh_partnership(&self, of: Form, form: &str, of_form: Positions, scale: &mut Scale) {
        let pieces = self.pieces(of_form);
        let named = || {
            let is_name = |piece: &&Piece| match piece.word {
                Word::Given { .. } => true,
                Word::Family | Word::LikeAName => of != Form::PartnershipOfFirms,
                _ => false,
            };
            pieces.iter().find(is_name).map(|piece| piece.text)
        };
        let named = match self.partnerships {
            Partnerships::None => None,
            Partnerships::Named => named(),
            Partnerships::All => Some(form),
        };
        match named {
            Some(word) => scale.add("partnership", format_args!("{form}: {word}"), DECIDED),
            None => scale.add("partnership", form, COMPANY_FORM),
        }
    }
}

/// The number of words before `trading as` and the like, or of all.
pub(super) fn first_part(words: &Words) -> usize {
    static TRADING_AS: LazyLock<Phrases<()>> = LazyLock::new(|| {
        let phrases = [
            "trading as",
            "t a",
            "dba",
            "d b a",
            "doing business as",
            "handelnd als",
            "handelend onder",
            "ta",
            "hodn",
            "h o d n",
            "tevens handelend onder",
        ];
        Phrases::new(phrases.into_iter().map(|phrase| (phrase, ())))
    });
    let mut found = TRADING_AS.find(words).map(|found| found.words.start);
    found.find(|start| *start > 0).unwrap_or_else(|| words.count())
}

/// A person's name in brackets, behind what is another's: `Studio X (Jan Jansen)`.
fn name_in_brackets<'a>(pieces: &[Piece<'a>]) -> Option<&'a str> {
    let parts = pieces.chunk_by(|a, b| a.part == b.part).filter(|part| part[0].bracketed);
    let is_name = |part: &&[Piece]| {
        let count =
            |wanted: fn(Word) -> bool| part.iter().filter(|piece| wanted(piece.word)).count();
        let given = count(|word| matches!(word, Word::Given { common: true }));
        let names =
            count(|word| matches!(word, Word::Given { .. } | Word::Family | Word::LikeAName));
        let others = count(|word| matches!(word, Word::Particle | Word::Initials | Word::Title));
        given > 0 && names > 1 && names + others == part.len() && part.len() <= 5
    };
    let is_beside = pieces.iter().any(|piece| !piece.bracketed);
    parts.filter(|_| is_beside).find(is_name).map(|part| part[0].text)
}
