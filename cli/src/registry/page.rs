//! The answer to an access request as a letter to read, to print and to send as it is, in Dutch or English:
//! what article 15 of the GDPR asks for, and nothing that needs a network. What is held is told by `data.rs`; its
//! words are in `words.rs`.

mod data;
mod words;

use std::fmt::Write as _;

use firmtrie::output::PAGE_MARK;
use firmtrie::registry::{Held, HeldCompany, Right};
use firmtrie::{Controller, SourceMetadata};

pub use words::Language;
use words::Text;

/// How a letter is written, and to whom.
pub struct Letter<'a> {
    pub language: Language,
    /// Lines of an address; what is held of the one company, if nothing is told.
    pub to: Option<&'a str>,
    /// What the letter is found by; the numbers of the requests of access, if nothing is told.
    pub reference: Option<&'a str>,
}

impl Letter<'_> {
    /// The letter as a page of HTML, whole in itself.
    pub fn page(&self, held: &Held) -> String {
        Page { language: self.language, html: String::new() }.write(held, self)
    }

    /// The reference, or nothing where none is told and no request of access is known.
    fn number(&self, held: &Held) -> String {
        let requests = held.requests.iter().map(|request| &request.entry);
        let asked =
            requests.filter(|entry| matches!(entry.right, Right::Access | Right::Portability));
        let numbers: Vec<_> = asked.map(|entry| entry.entry.to_string()).collect();
        self.reference.map_or_else(|| numbers.join(", "), str::to_owned)
    }

    /// To whom it is; nothing where that is not told, nor one company or person held.
    pub fn addressee(&self, held: &Held) -> Option<String> {
        self.to.map(str::to_owned).or_else(|| addressee(held, self.language))
    }
}

struct Page {
    language: Language,
    html: String,
}

impl Page {
    const fn say(&self, text: Text) -> &'static str {
        self.language.say(text)
    }

    fn write(mut self, held: &Held, letter: &Letter<'_>) -> String {
        let code = if self.language == Language::Dutch { "nl" } else { "en" };
        let title = self.say(words::TITLE);
        let _ = write!(
            self.html,
            "<!DOCTYPE html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">{PAGE_MARK}\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head><body><main>\n"
        );
        self.head(held, letter);
        self.controller(held);
        self.data(held);
        self.requests(&held.requests);
        self.sources(&held.sources);
        self.purposes(held);
        self.rights(held.controller.as_ref(), !letter.number(held).is_empty());
        self.paragraph(self.say(words::CLOSING));
        // Who does not say who they are signs by hand.
        let signed = held.controller.as_ref().map_or("\u{2026}".repeat(20), |of| of.name.clone());
        self.paragraph(&signed);
        self.html.push_str("</main></body></html>\n");
        self.html
    }

    /// From whom, to whom, when, about what.
    fn head(&mut self, held: &Held, letter: &Letter<'_>) {
        let controller = held.controller.as_ref();
        let from = controller.map(|of| {
            let lines = [Some(of.name.as_str()), of.contact.as_deref()];
            lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
        });
        let to = letter.addressee(held);
        let lines = [
            (words::FROM, from.unwrap_or_default()),
            (words::TO, to.unwrap_or_default()),
            (words::DAY, self.language.day(&held.day)),
            (words::REFERENCE, letter.number(held)),
            (words::SUBJECT, self.say(words::ANSWER).to_owned()),
        ];
        self.html.push_str("<dl>");
        for (label, text) in lines {
            if !text.is_empty() {
                let _ = write!(
                    self.html,
                    "<dt>{}</dt><dd>{}</dd>",
                    escaped(self.say(label)),
                    escaped(text.trim()).replace('\n', "<br>")
                );
            }
        }
        let _ = writeln!(self.html, "</dl>\n<h1>{}</h1>", escaped(self.say(words::TITLE)));
        self.paragraph(self.say(words::SALUTATION));
        self.paragraph(self.say(words::OPENING));
        if let Some(day) = &held.index_of {
            let line = format!("{} {}.", self.say(words::INDEX_OF), self.language.day(day));
            self.paragraph(&line);
        }
    }

    fn controller(&mut self, held: &Held) {
        self.heading(words::CONTROLLER);
        let Some(controller) = &held.controller else {
            return self.paragraph(self.say(words::NO_CONTROLLER));
        };
        let parts = [
            (words::CONTROLLER_IS, Some(&controller.name)),
            (words::CONTACT_IS, controller.contact.as_ref()),
            (words::AUTHORITY_IS, controller.authority.as_ref()),
        ];
        for (label, part) in parts {
            if let Some(part) = part {
                self.paragraph(&format!("{}: {part}", self.say(label)));
            }
        }
    }

    fn sources(&mut self, sources: &[SourceMetadata]) {
        if sources.is_empty() {
            return;
        }
        self.heading(words::SOURCES);
        let row = |source: &SourceMetadata| {
            let name = self.language.source(&source.name);
            let name = match &source.url {
                Some(url) => format!("{name}\n{url}"),
                None => name,
            };
            let retrieved = source.retrieved.as_ref().map(|day| self.language.day(day));
            let basis = source.basis.as_ref().map(|basis| self.language.word(basis));
            let licence = source.licence.clone().unwrap_or_default();
            [name, basis.unwrap_or_default(), licence, retrieved.unwrap_or_default()]
        };
        let rows: Vec<_> = sources.iter().map(row).collect();
        self.table([words::SOURCE, words::BASIS, words::LICENCE, words::RETRIEVED], &rows, None);
    }

    /// What the controller says, or what holds of every index.
    fn purposes(&mut self, held: &Held) {
        let of = |get: fn(&Controller) -> &Option<String>| {
            held.controller.as_ref().and_then(|of| get(of).clone())
        };
        self.heading(words::PURPOSES);
        self.paragraph(
            &of(|of| &of.purposes).unwrap_or_else(|| self.say(words::PURPOSE).to_owned()),
        );
        self.heading(words::RECIPIENTS);
        self.paragraph(
            &of(|of| &of.recipients).unwrap_or_else(|| self.say(words::RECIPIENT).to_owned()),
        );
        self.heading(words::RETENTION);
        if let Some(own) = of(|of| &of.retention) {
            self.paragraph(&own);
        }
        if let Some(kept) = held.kept {
            match kept.claims {
                Some(period) => self.filled(words::CLAIMS_KEPT, &self.language.period(period)),
                None => self.paragraph(self.say(words::CLAIMS_KEPT_ON)),
            }
            let is_contact =
                |company: &HeldCompany| company.facts.iter().any(|fact| fact.field == "contact");
            if let (Some(period), true) = (kept.contacts, held.companies.iter().any(is_contact)) {
                self.filled(words::CONTACTS_KEPT, &self.language.period(period));
            }
        }
        self.paragraph(self.say(words::KEPT));
        self.paragraph(self.say(words::REQUESTS_KEPT));
    }

    fn rights(&mut self, controller: Option<&Controller>, has_reference: bool) {
        self.heading(words::RIGHTS);
        self.paragraph(self.say(words::YOU_MAY));
        let authority = controller.and_then(|of| of.authority.as_deref());
        let complaint = match authority {
            Some(authority) => self.say(words::COMPLAINT_WITH).replace("{}", authority),
            None => self.say(words::COMPLAINT).to_owned(),
        };
        let rights =
            words::RIGHT.map(|right| self.say(right).to_owned()).into_iter().chain([complaint]);
        self.html.push_str("<ul>");
        for right in rights {
            let _ = write!(self.html, "<li>{}</li>", escaped(&right));
        }
        self.html.push_str("</ul>\n");
        if let Some(contact) = controller.and_then(|of| of.contact.as_deref()) {
            let write = if has_reference { words::WRITE_WITH_REFERENCE } else { words::WRITE_TO };
            self.filled(write, contact);
        }
    }

    fn heading(&mut self, text: Text) {
        let _ = writeln!(self.html, "<h2>{}</h2>", escaped(self.say(text)));
    }

    fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p>{}</p>", escaped(text));
    }

    /// A sentence with what stands in its place.
    fn filled(&mut self, text: Text, with: &str) {
        let sentence = self.say(text).replace("{}", with);
        self.paragraph(&sentence);
    }

    /// A table, without the columns that have nothing in any row, and none of no rows.
    fn table<const N: usize>(
        &mut self,
        heads: [Text; N],
        rows: &[[String; N]],
        total: Option<Vec<String>>,
    ) {
        let used = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
        let columns: Vec<_> = (0..N).filter(used).collect();
        if columns.is_empty() {
            return;
        }
        let heads = columns.iter().map(|column| self.say(heads[*column]));
        let heads = heads.map(|head| format!("<th scope=\"col\">{}</th>", escaped(head)));
        let heads = heads.collect::<String>();
        let _ = write!(self.html, "<table><thead><tr>{heads}</tr></thead><tbody>");
        for row in rows {
            self.row(columns.iter().map(|column| row[*column].as_str()));
        }
        self.html.push_str("</tbody>");
        if let Some(total) = total {
            self.html.push_str("<tfoot>");
            self.row(columns.iter().map(|column| total[*column].as_str()));
            self.html.push_str("</tfoot>");
        }
        self.html.push_str("</table>\n");
    }

    fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        self.html.push_str("<tr>");
        for cell in cells {
            // Only the address of a page may be broken where it is no word's end.
            let lines = cell.split('\n').map(|line| {
                let text = escaped(line);
                let is_url = line.contains("://");
                if is_url { format!("<span class=\"url\">{text}</span>") } else { text }
            });
            let _ = write!(self.html, "<td>{}</td>", lines.collect::<Vec<_>>().join("<br>"));
        }
        self.html.push_str("</tr>");
    }
}

/// The one firm that is held, or the person in it who is meant, as lines of an address.
fn addressee(held: &Held, language: Language) -> Option<String> {
    // Several records are of one firm, unless space was asked about.
    let company = match &held.companies[..] {
        [one] => one,
        several if held.networks.is_empty() => several.iter().max_by_key(|of| of.facts.len())?,
        _ => return None,
    };
    let fact = |field: &str| {
        let facts = company.facts.iter();
        facts.filter(|fact| fact.field == field).map(|fact| fact.value.as_str()).next()
    };
    let place =
        [fact("postal_code"), fact("city")].into_iter().flatten().collect::<Vec<_>>().join("  ");
    let person = company.person.as_deref().unwrap_or_default();
    let [name, street] = ["name", "street"].map(|field| fact(field).unwrap_or_default());
    let lines = [person, name, street, &place];
    let country = fact("country").map(|code| language.country(code));
    let lines = lines.into_iter().chain(country.as_deref());
    Some(lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
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

const STYLE: &str = "@page{size:A4;margin:2cm}\
body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem}\
main{max-width:52rem;margin:auto}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.5rem;margin-bottom:2.5rem}\
dt{color:#555}dd{margin:0}table{border-collapse:collapse;width:100%;margin:1rem 0}\
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ccc;vertical-align:top}\
tfoot td{border-bottom:0;font-weight:600}.url{overflow-wrap:anywhere}\
h2{break-after:avoid}tr,li{break-inside:avoid}\
@media print{body{margin:0;font-size:10.5pt}main{max-width:none}h2{margin-top:1.2rem}}";
