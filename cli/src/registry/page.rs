//! The answer to an access request as a page to read and to print, in Dutch or English: what
//! article 15 of the GDPR asks for, and nothing that needs a network.

use std::fmt::Write as _;

use clap::ValueEnum;
use firmtrie::output::PAGE_MARK;
use firmtrie::registry::{Held, HeldCompany, HeldRequest};
use firmtrie::{Controller, Kind, SourceMetadata};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    #[value(name = "en")]
    English,
    #[value(name = "nl")]
    Dutch,
}

/// The English and the Dutch of one text.
type Text = [&'static str; 2];

const TITLE: Text = ["What we hold about you", "Wat wij over u bewaren"];
const DAY: Text = ["Answer of", "Antwoord van"];
const INDEX_OF: Text = ["as held in the index of", "zoals bewaard in de index van"];
const CONTROLLER: Text = ["Who is responsible", "Wie verantwoordelijk is"];
const NO_CONTROLLER: Text = [
    "The index does not say who is responsible for it.",
    "De index vermeldt niet wie ervoor verantwoordelijk is.",
];
const DATA: Text = ["Facts and their sources", "Gegevens en hun bronnen"];
const NO_DATA: Text =
    ["The index holds no facts about you.", "De index bevat geen gegevens over u."];
const FIELD: Text = ["Fact", "Gegeven"];
const VALUE: Text = ["Value", "Waarde"];
const SOURCE: Text = ["Source", "Bron"];
const NETWORKS: Text = ["Networks", "Netwerken"];
const REQUESTS: Text = ["Your requests", "Uw verzoeken"];
const NO_REQUESTS: Text =
    ["No request of yours is recorded.", "Er is geen verzoek van u vastgelegd."];
const REQUEST: Text = ["Request", "Verzoek"];
const RECEIVED: Text = ["Received", "Ontvangen"];
const DUE: Text = ["Answer due", "Antwoord uiterlijk"];
const STATE: Text = ["State", "Stand"];
const SOURCES: Text = ["Where the facts come from", "Waar de gegevens vandaan komen"];
const LICENCE: Text = ["Licence", "Licentie"];
const BASIS: Text = ["Basis", "Grondslag"];
const RETRIEVED: Text = ["Retrieved", "Opgehaald"];
const PURPOSES: Text = ["What they are used for", "Waarvoor ze worden gebruikt"];
const PURPOSE: Text = [
    "To tell which company is behind an IP address. No profile of a consumer is made.",
    "Om te zeggen welk bedrijf achter een IP-adres zit. Van consumenten wordt geen profiel gemaakt.",
];
const RECIPIENTS: Text = ["Who gets them", "Wie ze ontvangt"];
const RECIPIENT: Text = [
    "Those to whom the controller gives the index, to recognise companies that visit them.",
    "Degenen aan wie de verwerkingsverantwoordelijke de index geeft, om bedrijven te herkennen die hen bezoeken.",
];
const RETENTION: Text = ["How long they are kept", "Hoe lang ze worden bewaard"];
const KEPT: Text = [
    "No longer than the policy of the index allows. Each new index replaces the one before; what its sources no longer hold is gone.",
    "Niet langer dan het beleid van de index toestaat. Elke nieuwe index vervangt de vorige; wat de bronnen niet meer bevatten, is weg.",
];
const RIGHTS: Text = ["Your rights", "Uw rechten"];
const RIGHT: [Text; 5] = [
    [
        "to have wrong facts put right (article 16)",
        "op rectificatie van onjuiste gegevens (artikel 16)",
    ],
    [
        "to be deleted, and not collected again (article 17)",
        "op verwijdering, waarna u niet opnieuw wordt verzameld (artikel 17)",
    ],
    [
        "to restriction (article 18) and to portability (article 20)",
        "op beperking (artikel 18) en op overdraagbaarheid (artikel 20)",
    ],
    ["to object at any time (article 21)", "om te allen tijde bezwaar te maken (artikel 21)"],
    [
        "to lodge a complaint with the supervisory authority",
        "om een klacht in te dienen bij de toezichthoudende autoriteit",
    ],
];
const WORDS: [(&str, &str); 30] = [
    ("name", "naam"),
    ("country", "land"),
    ("legal_form", "rechtsvorm"),
    ("lei", "LEI"),
    ("register_number", "registernummer"),
    ("vat", "btw-nummer"),
    ("domain", "domein"),
    ("street", "straat"),
    ("postal_code", "postcode"),
    ("city", "plaats"),
    ("industry", "bedrijfstak"),
    ("employees", "personeel"),
    ("founded", "opgericht"),
    ("contact", "contactpersoon"),
    ("objection", "bezwaar"),
    ("erasure", "verwijdering"),
    ("restriction", "beperking"),
    ("rectification", "rectificatie"),
    ("access", "inzage"),
    ("portability", "overdraagbaarheid"),
    ("withdrawal", "intrekking"),
    ("received", "ontvangen"),
    ("identity_asked", "identiteit gevraagd"),
    ("verified", "vastgesteld"),
    ("extended", "verlengd"),
    ("done", "afgehandeld"),
    ("refused", "geweigerd"),
    ("lifted", "ingetrokken"),
    ("company", "bedrijf"),
    ("withheld", "niet getoond"),
];

/// The answer as a page of HTML, whole in itself.
pub fn page(held: &Held, language: Language) -> String {
    Page { language, html: String::new() }.write(held)
}

struct Page {
    language: Language,
    html: String,
}

impl Page {
    const fn say(&self, text: Text) -> &'static str {
        text[self.language as usize]
    }

    /// A word of the vocabulary in the page's language.
    fn word(&self, word: &str) -> String {
        let dutch = WORDS.iter().find(|(english, _)| *english == word).map(|(_, dutch)| *dutch);
        match (self.language, dutch) {
            (Language::Dutch, Some(dutch)) => dutch.to_owned(),
            _ => word.replace('_', " "),
        }
    }

    fn write(mut self, held: &Held) -> String {
        let code = if self.language == Language::Dutch { "nl" } else { "en" };
        let title = self.say(TITLE);
        let _ = write!(
            self.html,
            "<!DOCTYPE html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">{PAGE_MARK}\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head><body><main>\n<h1>{title}</h1>\n"
        );
        let mut line = format!("{} {}", self.say(DAY), held.day);
        if let Some(day) = &held.index_of {
            let _ = write!(line, ", {} {day}", self.say(INDEX_OF));
        }
        self.paragraph(&line);
        self.controller(held);
        self.heading(DATA);
        if held.companies.is_empty() {
            self.paragraph(self.say(NO_DATA));
        }
        held.companies.iter().for_each(|company| self.company(company));
        if !held.networks.is_empty() {
            self.heading(NETWORKS);
            let rows: Vec<_> = held
                .networks
                .iter()
                .map(|network| {
                    let kind = network.kind.filter(|kind| *kind != Kind::Unknown);
                    [
                        network.network.to_string(),
                        self.word(network.status.as_str()),
                        network.company.clone().unwrap_or_default(),
                        kind.map(|kind| self.word(kind.as_str())).unwrap_or_default(),
                    ]
                })
                .collect();
            self.table(None, &rows);
        }
        self.requests(&held.requests);
        self.sources(&held.sources);
        let of = |get: fn(&Controller) -> Option<String>| held.controller.as_ref().and_then(get);
        for (heading, own, usual) in [
            (PURPOSES, of(|of| of.purposes.clone()), PURPOSE),
            (RECIPIENTS, of(|of| of.recipients.clone()), RECIPIENT),
            (RETENTION, of(|of| of.retention.clone()), KEPT),
        ] {
            self.heading(heading);
            let text = own.unwrap_or_else(|| self.say(usual).to_owned());
            self.paragraph(&text);
        }
        self.heading(RIGHTS);
        self.html.push_str("<ul>");
        for right in RIGHT {
            let _ = write!(self.html, "<li>{}</li>", escaped(self.say(right)));
        }
        self.html.push_str("</ul>\n</main></body></html>\n");
        self.html
    }

    fn controller(&mut self, held: &Held) {
        self.heading(CONTROLLER);
        match &held.controller {
            None => self.paragraph(self.say(NO_CONTROLLER)),
            Some(controller) => {
                let parts = [
                    Some(&controller.name),
                    controller.contact.as_ref(),
                    controller.authority.as_ref(),
                ];
                parts.into_iter().flatten().for_each(|part| self.paragraph(part));
            }
        }
    }

    fn company(&mut self, company: &HeldCompany) {
        let facts = company.facts.iter();
        let rows: Vec<_> = facts
            .map(|fact| [self.word(&fact.field), fact.value.clone(), fact.source.clone()])
            .collect();
        self.table(Some([FIELD, VALUE, SOURCE]), &rows);
        let networks: Vec<String> = company.networks.iter().map(ToString::to_string).collect();
        if !networks.is_empty() {
            self.paragraph(&format!("{}: {}", self.say(NETWORKS), networks.join(", ")));
        }
    }

    fn requests(&mut self, requests: &[HeldRequest]) {
        self.heading(REQUESTS);
        if requests.is_empty() {
            return self.paragraph(self.say(NO_REQUESTS));
        }
        let row = |request: &HeldRequest| {
            let entry = &request.entry;
            [
                format!("{} {}", entry.entry, self.word(entry.right.as_str())),
                entry.received.to_string(),
                entry.due.to_string(),
                self.word(entry.step.as_str()),
            ]
        };
        let rows: Vec<_> = requests.iter().map(row).collect();
        self.table(Some([REQUEST, RECEIVED, DUE, STATE]), &rows);
    }

    fn sources(&mut self, sources: &[SourceMetadata]) {
        if sources.is_empty() {
            return;
        }
        self.heading(SOURCES);
        let row = |source: &SourceMetadata| {
            let name = match &source.url {
                Some(url) => format!("{} ({url})", source.name),
                None => source.name.clone(),
            };
            let rest = [&source.licence, &source.basis, &source.retrieved];
            let [licence, basis, retrieved] = rest.map(|text| text.clone().unwrap_or_default());
            [name, licence, basis, retrieved]
        };
        let rows: Vec<_> = sources.iter().map(row).collect();
        self.table(Some([SOURCE, LICENCE, BASIS, RETRIEVED]), &rows);
    }

    fn heading(&mut self, text: Text) {
        let _ = writeln!(self.html, "<h2>{}</h2>", escaped(self.say(text)));
    }

    fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p>{}</p>", escaped(text));
    }

    fn table<const N: usize>(&mut self, heads: Option<[Text; N]>, rows: &[[String; N]]) {
        self.html.push_str("<table>");
        if let Some(heads) = heads {
            let cells =
                heads.map(|head| format!("<th scope=\"col\">{}</th>", escaped(self.say(head))));
            let _ = write!(self.html, "<thead><tr>{}</tr></thead>", cells.concat());
        }
        self.html.push_str("<tbody>");
        for row in rows {
            self.html.push_str("<tr>");
            for cell in row {
                let _ = write!(self.html, "<td>{}</td>", escaped(cell));
            }
            self.html.push_str("</tr>");
        }
        self.html.push_str("</tbody></table>\n");
    }
}

/// As text in HTML, whatever is in it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem}\
main{max-width:48rem;margin:auto}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;\
border-bottom:1px solid #ccc;overflow-wrap:anywhere;vertical-align:top}";
