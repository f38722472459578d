//! The answer to an access request as a letter to read, to print and to send as it is, in Dutch or English:
//! what article 15 of the GDPR asks for, and nothing that needs a network. Its words are in `words.rs`.

mod words;

use std::fmt::Write as _;

use firmtrie::net::IpNet;
use firmtrie::output::PAGE_MARK;
use firmtrie::registry::{Held, HeldCompany, HeldFact, HeldNetwork, HeldRequest, Right};
use firmtrie::{Controller, Kind, SourceMetadata};

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
        self.rights(held.controller.as_ref());
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
        let requests = held.requests.iter().map(|request| &request.entry);
        let asked =
            requests.filter(|entry| matches!(entry.right, Right::Access | Right::Portability));
        let numbers: Vec<_> = asked.map(|entry| entry.entry.to_string()).collect();
        let reference = letter.reference.map_or_else(|| numbers.join(", "), str::to_owned);
        let to = letter.to.map(str::to_owned).or_else(|| addressee(held, self.language));
        let lines = [
            (words::FROM, from.unwrap_or_default()),
            (words::TO, to.unwrap_or_default()),
            (words::DAY, self.language.day(&held.day)),
            (words::REFERENCE, reference),
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

    fn data(&mut self, held: &Held) {
        self.heading(words::DATA);
        if held.companies.is_empty() {
            self.paragraph(self.say(words::NO_DATA));
        }
        held.companies.iter().for_each(|company| self.company(company));
        if !held.networks.is_empty() {
            self.heading(words::NETWORKS);
            let row = |network: &HeldNetwork| {
                let kind = network.kind.filter(|kind| *kind != Kind::Unknown);
                [
                    network.network.to_string(),
                    self.language.word(network.status.as_str()),
                    network.company.clone().unwrap_or_default(),
                    kind.map(|kind| self.language.word(kind.as_str())).unwrap_or_default(),
                ]
            };
            let rows: Vec<_> = held.networks.iter().map(row).collect();
            self.table([words::NETWORK, words::STATUS, words::COMPANY, words::KIND], &rows, None);
        }
    }

    fn company(&mut self, company: &HeldCompany) {
        let word = |word: &str| self.language.word(word);
        let facts = company.facts.iter();
        let value = |fact: &HeldFact| match fact.field.as_str() {
            "country" => self.language.country(&fact.value),
            "legal_form" if is_form_code(&fact.value) => format!("{} (ISO 20275)", fact.value),
            _ => fact.value.clone(),
        };
        let rows: Vec<_> =
            facts.map(|fact| [word(&fact.field), value(fact), word(&fact.source)]).collect();
        self.table([words::FIELD, words::VALUE, words::SOURCE], &rows, None);
        if company.networks.is_empty() {
            return;
        }
        let row = |network: &IpNet| {
            let (v4, v6) = size(network);
            [network.to_string(), self.sizes(v4, v6)]
        };
        let rows: Vec<_> = company.networks.iter().map(row).collect();
        let (v4, v6) = sizes(&company.networks);
        let count = self.language.number(company.networks.len() as u128);
        let label = self.say(words::NETWORKS).to_lowercase();
        let total = [format!("{count} {label}"), self.sizes(v4, v6)];
        self.table([words::NETWORK, words::ADDRESSES], &rows, (rows.len() > 1).then_some(total));
    }

    /// Addresses of IPv4, and networks of /64 in IPv6, each of which is a site's.
    fn sizes(&self, v4: u128, v6: u128) -> String {
        let mut parts = Vec::new();
        if v4 > 0 {
            parts.push(self.language.number(v4));
        }
        if v6 > 0 {
            parts.push(format!("{}\u{a0}×\u{a0}/64", self.language.number(v6)));
        }
        parts.join(" + ")
    }

    fn requests(&mut self, requests: &[HeldRequest]) {
        self.heading(words::REQUESTS);
        if requests.is_empty() {
            return self.paragraph(self.say(words::NO_REQUESTS));
        }
        let row = |request: &HeldRequest| {
            let entry = &request.entry;
            [
                format!("{} {}", entry.entry, self.language.word(entry.right.as_str())),
                self.language.day(&entry.received.to_string()),
                self.language.day(&entry.due.to_string()),
                self.language.word(entry.step.as_str()),
            ]
        };
        let rows: Vec<_> = requests.iter().map(row).collect();
        self.table([words::REQUEST, words::RECEIVED, words::DUE, words::STATE], &rows, None);
    }

    fn sources(&mut self, sources: &[SourceMetadata]) {
        if sources.is_empty() {
            return;
        }
        self.heading(words::SOURCES);
        let row = |source: &SourceMetadata| {
            let name = self.language.word(&source.name);
            let name = match &source.url {
                Some(url) => format!("{name}\n{url}"),
                None => name,
            };
            let retrieved = source.retrieved.as_ref().map(|day| self.language.day(day));
            let rest =
                [&source.basis, &source.licence].map(|text| text.clone().unwrap_or_default());
            let [basis, licence] = rest;
            [name, basis, licence, retrieved.unwrap_or_default()]
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

    fn rights(&mut self, controller: Option<&Controller>) {
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
            self.filled(words::WRITE_TO, contact);
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

    fn table<const N: usize>(
        &mut self,
        heads: [Text; N],
        rows: &[[String; N]],
        total: Option<[String; N]>,
    ) {
        let heads = heads.map(|head| format!("<th scope=\"col\">{}</th>", escaped(self.say(head))));
        let _ = write!(self.html, "<table><thead><tr>{}</tr></thead><tbody>", heads.concat());
        for row in rows {
            self.row(row);
        }
        self.html.push_str("</tbody>");
        if let Some(total) = total {
            self.html.push_str("<tfoot>");
            self.row(&total);
            self.html.push_str("</tfoot>");
        }
        self.html.push_str("</table>\n");
    }

    fn row(&mut self, cells: &[String]) {
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

/// Where the one company that is held is, as lines of an address.
fn addressee(held: &Held, language: Language) -> Option<String> {
    let [company] = &held.companies[..] else { return None };
    let fact = |field: &str| {
        let facts = company.facts.iter();
        facts.filter(|fact| fact.field == field).map(|fact| fact.value.as_str()).next()
    };
    let place =
        [fact("postal_code"), fact("city")].into_iter().flatten().collect::<Vec<_>>().join("  ");
    let lines = [fact("name").unwrap_or_default(), fact("street").unwrap_or_default(), &place];
    let country = fact("country").map(|code| language.country(code));
    let lines = lines.into_iter().chain(country.as_deref());
    Some(lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// Is it a code of a legal form, and no name of one?
fn is_form_code(text: &str) -> bool {
    text.len() == 4 && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The addresses of a network of IPv4, or the networks of /64 in one of IPv6, a begun one included.
fn size(network: &IpNet) -> (u128, u128) {
    match network {
        IpNet::V4(net) => (1 << (32 - u32::from(net.prefix_len())), 0),
        IpNet::V6(net) => (0, 1 << 64_u32.saturating_sub(net.prefix_len().into())),
    }
}

/// The same of networks none of which is inside another. Several within one /64 are one.
fn sizes(networks: &[IpNet]) -> (u128, u128) {
    let mut within = std::collections::BTreeSet::new();
    let mut all = (0, 0);
    for network in networks {
        match network {
            IpNet::V6(net) if net.prefix_len() > 64 => {
                within.insert(net.network().to_bits() >> 64);
            }
            _ => {
                let (v4, v6) = size(network);
                all = (all.0 + v4, all.1 + v6);
            }
        }
    }
    (all.0, all.1 + within.len() as u128)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_form_that_is_a_code_says_of_which_list() {
        let written = [("54M6", true), ("GMBH", false), ("B.V.", false), ("S.A. 2", false)];
        for (text, is_code) in written {
            assert_eq!(is_form_code(text), is_code, "{text}");
        }
    }

    #[test]
    fn networks_within_one_64_are_one_of_them() {
        let networks = ["2600:1:2:3::/64", "2600:1:2:4::/126", "2600:1:2:4::5/128", "192.0.2.0/25"];
        let networks: Vec<IpNet> = networks.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(sizes(&networks), (128, 2));
    }
}
