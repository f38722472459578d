//! The words of an answer, in English and Dutch: its sentences, the names of fields, states and kinds, days,
//! countries, numbers and lengths of time.

use clap::ValueEnum;
use firmtrie::Period;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    #[value(name = "en")]
    English,
    #[value(name = "nl")]
    Dutch,
}

/// The English and the Dutch of one text.
pub type Text = [&'static str; 2];

pub const TITLE: Text = ["What we hold about you", "Wat wij over u bewaren"];
pub const TO: Text = ["To", "Aan"];
pub const FROM: Text = ["From", "Van"];
pub const DAY: Text = ["Date", "Datum"];
pub const REFERENCE: Text = ["Our reference", "Ons kenmerk"];
pub const SUBJECT: Text = ["Subject", "Betreft"];
pub const ANSWER: Text = [
    "answer to a request of access (article 15 GDPR)",
    "antwoord op een verzoek om inzage (artikel 15 AVG)",
];
pub const SALUTATION: Text = ["Dear Sir or Madam,", "Geachte heer of mevrouw,"];
pub const OPENING: Text = [
    "You asked which data we hold about you. This letter tells all of them, where they come from, what \
     they are used for, and what your rights are.",
    "U vroeg welke gegevens wij over u bewaren. In deze brief staan ze alle, met waar ze vandaan komen, \
     waarvoor ze worden gebruikt en wat uw rechten zijn.",
];
pub const INDEX_OF: Text = ["As held in the index of", "Zoals bewaard in de index van"];
pub const CONTROLLER: Text = ["Who is responsible", "Wie verantwoordelijk is"];
pub const NO_CONTROLLER: Text = [
    "The index does not say who is responsible for it.",
    "De index vermeldt niet wie ervoor verantwoordelijk is.",
];
pub const CONTROLLER_IS: Text = ["Controller", "Verwerkingsverantwoordelijke"];
pub const CONTACT_IS: Text = ["Contact", "Contact"];
pub const AUTHORITY_IS: Text = ["Supervisory authority", "Toezichthoudende autoriteit"];
pub const DATA: Text = ["Facts and their sources", "Gegevens en hun bronnen"];
pub const NO_DATA: Text =
    ["The index holds no facts about you.", "De index bevat geen gegevens over u."];
pub const FIELD: Text = ["Fact", "Gegeven"];
pub const VALUE: Text = ["Value", "Waarde"];
pub const SOURCE: Text = ["Source", "Bron"];
pub const NETWORKS: Text = ["Networks", "Netwerken"];
pub const NETWORK: Text = ["Network", "Netwerk"];
pub const ADDRESSES: Text = ["Addresses", "Adressen"];
pub const STATUS: Text = ["Answered with", "Antwoord"];
pub const COMPANY: Text = ["Company", "Bedrijf"];
pub const KIND: Text = ["Use", "Gebruik"];
pub const ASN: Text = ["Announced by", "Aangekondigd door"];
pub const CONFIDENCE: Text = ["Certainty", "Zekerheid"];
pub const UNTIL: Text = ["until", "tot en met"];
pub const REQUESTS: Text = ["Your requests", "Uw verzoeken"];
pub const NO_REQUESTS: Text =
    ["No request of yours is recorded.", "Er is geen verzoek van u vastgelegd."];
pub const REQUEST: Text = ["Request", "Verzoek"];
pub const RECEIVED: Text = ["Received", "Ontvangen"];
pub const DUE: Text = ["Answer due", "Antwoord uiterlijk"];
pub const STATE: Text = ["State", "Stand"];
pub const SOURCES: Text = ["Where the facts come from", "Waar de gegevens vandaan komen"];
pub const LICENCE: Text = ["Licence", "Licentie"];
pub const BASIS: Text = ["Why they may be used", "Grondslag"];
pub const RETRIEVED: Text = ["Retrieved", "Opgehaald"];
pub const PURPOSES: Text = ["What they are used for", "Waarvoor ze worden gebruikt"];
pub const PURPOSE: Text = [
    "To tell which company is behind an IP address.",
    "Om te zeggen welk bedrijf achter een IP-adres zit.",
];
pub const RECIPIENTS: Text = ["Who gets them", "Wie ze ontvangt"];
pub const RECIPIENT: Text = [
    "Those to whom the controller gives the index, to recognise companies that visit them.",
    "Degenen aan wie de verwerkingsverantwoordelijke de index geeft, om bedrijven te herkennen die hen \
     bezoeken.",
];
pub const RETENTION: Text = ["How long they are kept", "Hoe lang ze worden bewaard"];
pub const CLAIMS_KEPT: Text = [
    "Facts about networks are kept until {} after their source last confirmed them.",
    "Gegevens over netwerken worden bewaard tot {} nadat hun bron ze voor het laatst bevestigde.",
];
pub const CLAIMS_KEPT_ON: Text = [
    "Facts about networks are kept for as long as their source has them.",
    "Gegevens over netwerken worden bewaard zolang hun bron ze bevat.",
];
pub const CONTACTS_KEPT: Text = [
    "Business contacts are kept until {} after their source last confirmed them.",
    "Zakelijke contactpersonen worden bewaard tot {} nadat hun bron ze voor het laatst bevestigde.",
];
pub const KEPT: Text = [
    "Each new index replaces the one before; what its sources no longer hold is gone.",
    "Elke nieuwe index vervangt de vorige; wat de bronnen niet meer bevatten, is weg.",
];
pub const REQUESTS_KEPT: Text = [
    "Requests are kept for as long as they have to be obeyed, as codes from which nobody's name can be read.",
    "Verzoeken worden bewaard zolang eraan moet worden voldaan, als codes waaruit geen naam te lezen is.",
];
pub const RIGHTS: Text = ["Your rights", "Uw rechten"];
pub const YOU_MAY: Text = ["You have the right", "U heeft het recht"];
pub const RIGHT: [Text; 4] = [
    [
        "to have wrong facts put right (article 16 GDPR)",
        "op rectificatie van onjuiste gegevens (artikel 16 AVG)",
    ],
    [
        "to be deleted, and not collected again (article 17 GDPR)",
        "op verwijdering, waarna u niet opnieuw wordt verzameld (artikel 17 AVG)",
    ],
    [
        "to restriction (article 18 GDPR) and to portability (article 20 GDPR)",
        "op beperking (artikel 18 AVG) en op overdraagbaarheid (artikel 20 AVG)",
    ],
    [
        "to object at any time (article 21 GDPR)",
        "om te allen tijde bezwaar te maken (artikel 21 AVG)",
    ],
];
pub const COMPLAINT: Text = [
    "to lodge a complaint with the supervisory authority (article 77 GDPR)",
    "om een klacht in te dienen bij de toezichthoudende autoriteit (artikel 77 AVG)",
];
pub const COMPLAINT_WITH: Text = [
    "to lodge a complaint with the supervisory authority, {} (article 77 GDPR)",
    "om een klacht in te dienen bij de toezichthoudende autoriteit, {} (artikel 77 AVG)",
];
pub const WRITE_TO: Text =
    ["To use them, write to {}.", "Wilt u er een uitoefenen, schrijf dan naar {}."];
pub const WRITE_WITH_REFERENCE: Text = [
    "To use them, write to {} and name our reference.",
    "Wilt u er een uitoefenen, schrijf dan naar {} en noem ons kenmerk.",
];
pub const CLOSING: Text = ["Yours faithfully,", "Met vriendelijke groet,"];

/// Words of the vocabulary, in both languages.
const WORDS: [(&str, Text); 45] = [
    ("name", ["name", "naam"]),
    ("country", ["country", "land"]),
    ("legal_form", ["legal form", "rechtsvorm"]),
    ("lei", ["LEI", "LEI"]),
    ("register_number", ["register number", "registernummer"]),
    ("vat", ["VAT number", "btw-nummer"]),
    ("domain", ["domain", "domein"]),
    ("street", ["street", "straat"]),
    ("postal_code", ["postal code", "postcode"]),
    ("city", ["city", "plaats"]),
    ("industry", ["industry", "bedrijfstak"]),
    ("employees", ["employees", "personeel"]),
    ("founded", ["founded", "opgericht"]),
    ("contact", ["contact", "contactpersoon"]),
    ("objection", ["objection", "bezwaar"]),
    ("erasure", ["erasure", "verwijdering"]),
    ("restriction", ["restriction", "beperking"]),
    ("rectification", ["rectification", "rectificatie"]),
    ("access", ["access", "inzage"]),
    ("portability", ["portability", "overdraagbaarheid"]),
    ("withdrawal", ["withdrawal", "intrekking"]),
    ("received", ["received", "ontvangen"]),
    ("identity_asked", ["identity asked", "identiteit gevraagd"]),
    ("verified", ["verified", "vastgesteld"]),
    ("extended", ["extended", "verlengd"]),
    ("done", ["done", "afgehandeld"]),
    ("refused", ["refused", "geweigerd"]),
    ("lifted", ["lifted", "ingetrokken"]),
    ("company", ["the company", "het bedrijf"]),
    ("withheld", ["withheld", "niet getoond"]),
    ("non_business", ["no business", "geen bedrijf"]),
    ("unknown", ["unknown", "onbekend"]),
    ("business", ["business", "bedrijf"]),
    ("hosting", ["hosting", "hosting"]),
    ("isp", ["internet access", "internettoegang"]),
    ("mobile", ["mobile access", "mobiel internet"]),
    ("education", ["education", "onderwijs"]),
    ("government", ["government", "overheid"]),
    ("consumer", ["consumers", "consumenten"]),
    ("channel", ["came by", "kanaal"]),
    ("reason", ["reason", "reden"]),
    ("field", ["what is put right", "wat is hersteld"]),
    ("new", ["new value", "nieuwe waarde"]),
    ("old", ["old value", "oude waarde"]),
    (
        "rectification (GDPR, article 16)",
        ["rectification (GDPR, article 16)", "rectificatie (AVG, artikel 16)"],
    ),
];

/// The source of what was put right on request.
const RECTIFIED: &str = "registry: rectification";

const MONTHS: [Text; 12] = [
    ["January", "januari"],
    ["February", "februari"],
    ["March", "maart"],
    ["April", "april"],
    ["May", "mei"],
    ["June", "juni"],
    ["July", "juli"],
    ["August", "augustus"],
    ["September", "september"],
    ["October", "oktober"],
    ["November", "november"],
    ["December", "december"],
];

/// Code, English and Dutch name of each country, below where they come from.
const COUNTRIES: &str = include_str!("countries.tsv");

/// One and several of a thing.
const YEARS: [Text; 2] = [["year", "jaar"], ["years", "jaar"]];
const OF_MONTHS: [Text; 2] = [["month", "maand"], ["months", "maanden"]];
const DAYS: [Text; 2] = [["day", "dag"], ["days", "dagen"]];
const AND: Text = ["and", "en"];

impl Language {
    /// A text in this language.
    pub const fn say(self, text: Text) -> &'static str {
        text[self as usize]
    }

    /// A word of the vocabulary; what it does not have is a name, and stays.
    pub fn word(self, word: &str) -> String {
        let known = WORDS.iter().find(|(known, _)| *known == word);
        known.map_or_else(|| word.to_owned(), |(_, text)| self.say(*text).to_owned())
    }

    /// The name of a source, which is somebody's own, but for the one of what was put right.
    pub fn source(self, name: &str) -> String {
        let own = ["a rectification", "een rectificatie"];
        if name == RECTIFIED { self.say(own).to_owned() } else { name.to_owned() }
    }

    /// The name of a country; what is no code of one stays.
    pub fn country(self, code: &str) -> String {
        let rows = COUNTRIES.lines().map(|row| row.split('\t'));
        let mut names = rows.filter_map(|mut row| (row.next() == Some(code)).then_some(row));
        let name = names.next().and_then(|mut names| names.nth(self as usize));
        name.unwrap_or(code).to_owned()
    }

    /// A day that is written as in 2026-11-01, or a month as in 2026-11; what is neither stays.
    pub fn day(self, day: &str) -> String {
        let mut parts = day.splitn(3, '-').map(str::parse::<usize>);
        let (Some(Ok(year)), Some(Ok(month))) = (parts.next(), parts.next()) else {
            return day.to_owned();
        };
        let month = MONTHS.get(month.wrapping_sub(1)).map(|month| self.say(*month));
        match (month, parts.next()) {
            (Some(month), Some(Ok(number))) => format!("{number}\u{a0}{month}\u{a0}{year}"),
            (Some(month), None) => format!("{month}\u{a0}{year}"),
            _ => day.to_owned(),
        }
    }

    /// A number with its thousands apart.
    pub fn number(self, number: u128) -> String {
        let digits = number.to_string();
        let mark = if self == Self::Dutch { '.' } else { ',' };
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// A length of time: `2 years`, `1 month and 3 days`.
    pub fn period(self, period: Period) -> String {
        let (years, months, days) = (period.months / 12, period.months % 12, period.days);
        let parts = [(years, YEARS), (months, OF_MONTHS), (days, DAYS)];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, [one, many])| {
                format!("{count}\u{a0}{}", self.say(if count == 1 { one } else { many }))
            })
            .collect();
        parts.join(&format!(" {} ", self.say(AND)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_numbers_and_lengths_are_written_as_the_language_has_them() {
        let (english, dutch) = (Language::English, Language::Dutch);
        assert_eq!(english.day("2026-11-01"), "1\u{a0}November\u{a0}2026");
        assert_eq!(dutch.day("2026-03-31"), "31\u{a0}maart\u{a0}2026");
        assert_eq!(dutch.day("soon"), "soon");
        assert_eq!(dutch.day("1999-05"), "mei\u{a0}1999");
        assert_eq!(dutch.day("1999"), "1999");
        assert_eq!(english.country("DE"), "Germany");
        assert_eq!(dutch.country("DE"), "Duitsland");
        assert_eq!(dutch.country("#"), "#");
        assert_eq!(dutch.country("Atlantis"), "Atlantis");
        assert_eq!(english.number(65_536), "65,536");
        assert_eq!(dutch.number(1_234_567), "1.234.567");
        assert_eq!(dutch.number(12), "12");
    }

    #[test]
    fn every_word_that_an_answer_may_hold_is_in_both_languages() {
        use firmtrie::registry::{Right, Step};
        use firmtrie::{Field, Kind, Status};
        let words = Field::ALL.map(Field::as_str).into_iter();
        let words = words.chain(Kind::ALL.map(Kind::as_str)).chain(Status::ALL.map(Status::as_str));
        let words = words.chain(Right::ALL.map(Right::as_str)).chain(Step::ALL.map(Step::as_str));
        for word in words {
            assert!(WORDS.iter().any(|(known, _)| *known == word), "{word}");
        }
    }
}
