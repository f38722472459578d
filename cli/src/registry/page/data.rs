//! The part of an answer that tells what is held: the facts and networks of companies, and the requests.

use std::collections::BTreeSet;

use firmtrie::Kind;
use firmtrie::net::IpNet;
use firmtrie::registry::{Held, HeldCompany, HeldNetwork, HeldRequest};

use super::words::{self, Language};
use super::{Page, Text};

impl Page {
    pub(super) fn data(&mut self, held: &Held) {
        self.heading(words::DATA);
        if held.companies.is_empty() {
            self.paragraph(self.say(words::NO_DATA));
        }
        held.companies.iter().for_each(|company| self.company(company));
        if !held.networks.is_empty() {
            self.heading(words::NETWORKS);
            let row = |network: &HeldNetwork| {
                let status = self.language.word(network.status.as_str());
                let company = network.company.clone().unwrap_or_default();
                let [kind, asn, confidence, sources] = self.told(network);
                [network.network.to_string(), status, company, kind, asn, confidence, sources]
            };
            let rows: Vec<_> = held.networks.iter().map(row).collect();
            let [kind, asn, confidence, sources] = TOLD;
            let heads =
                [words::NETWORK, words::STATUS, words::COMPANY, kind, asn, confidence, sources];
            self.table(heads, &rows, None);
        }
    }

    fn company(&mut self, company: &HeldCompany) {
        let facts = company.facts.iter().map(|fact| {
            let field = self.language.word(&fact.field);
            [
                field,
                value(&fact.field, &fact.value, self.language),
                self.language.source(&fact.source),
            ]
        });
        let rows: Vec<_> = facts.collect();
        self.table([words::FIELD, words::VALUE, words::SOURCE], &rows, None);
        let row = |network: &HeldNetwork| {
            let (v4, v6) = size(&network.network);
            let [kind, asn, confidence, sources] = self.told(network);
            [network.network.to_string(), self.sizes(v4, v6), kind, asn, confidence, sources]
        };
        let rows: Vec<_> = company.networks.iter().map(row).collect();
        let networks: Vec<_> = company.networks.iter().map(|of| of.network).collect();
        let (v4, v6) = sizes(&networks);
        let count = self.language.number(networks.len() as u128);
        let label = self.say(words::NETWORKS).to_lowercase();
        let total = [format!("{count} {label}"), self.sizes(v4, v6)];
        let total = total.into_iter().chain(std::iter::repeat_n(String::new(), 4)).collect();
        let [kind, asn, confidence, sources] = TOLD;
        let heads = [words::NETWORK, words::ADDRESSES, kind, asn, confidence, sources];
        self.table(heads, &rows, (rows.len() > 1).then_some(total));
    }

    /// What is told of a network beside whose it is, under the heads of [`TOLD`].
    fn told(&self, network: &HeldNetwork) -> [String; 4] {
        let kind = network.kind.filter(|kind| *kind != Kind::Unknown);
        let percent = |confidence| format!("{:.0}\u{a0}%", 100.0 * confidence);
        let sources = network.sources.iter().map(|source| self.language.source(source));
        [
            kind.map(|kind| self.language.word(kind.as_str())).unwrap_or_default(),
            network.asn.map(|asn| format!("AS{asn}")).unwrap_or_default(),
            network.confidence.map(percent).unwrap_or_default(),
            sources.collect::<Vec<_>>().join("\n"),
        ]
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

    pub(super) fn requests(&mut self, requests: &[HeldRequest]) {
        self.heading(words::REQUESTS);
        if requests.is_empty() {
            return self.paragraph(self.say(words::NO_REQUESTS));
        }
        let language = self.language;
        let row = |request: &HeldRequest| {
            let entry = &request.entry;
            let day = |day: &dyn ToString| language.day(&day.to_string());
            let until = entry
                .until
                .as_ref()
                .map(|until| format!("{} {}", self.say(words::UNTIL), day(until)));
            let mut fields = request.unsealed.iter().filter(|(what, _)| what == "field");
            let field = fields.next().map(|(_, field)| field.as_str());
            let told = request.unsealed.iter().map(|(what, text)| {
                let text = match (what.as_str(), field) {
                    ("field", _) => language.word(text),
                    ("new" | "old", Some(field)) => value(field, text, language),
                    _ => text.clone(),
                };
                format!("{}: {text}", language.word(what))
            });
            let what = [format!("{} {}", entry.entry, language.word(entry.right.as_str()))];
            let what: Vec<_> = what.into_iter().chain(until).chain(told).collect();
            let steps = request
                .steps
                .iter()
                .map(|taken| format!("{} {}", language.word(taken.step.as_str()), day(&taken.day)));
            let mut steps: Vec<_> = steps.collect();
            if steps.is_empty() {
                steps.push(language.word(entry.step.as_str()));
            }
            [what.join("\n"), day(&entry.received), day(&entry.due), steps.join("\n")]
        };
        let rows: Vec<_> = requests.iter().map(row).collect();
        self.table([words::REQUEST, words::RECEIVED, words::DUE, words::STATE], &rows, None);
    }
}

/// What is told of a network beside whose it is.
const TOLD: [Text; 4] = [words::KIND, words::ASN, words::CONFIDENCE, words::SOURCE];

/// The value of a field as it is read.
fn value(field: &str, value: &str, language: Language) -> String {
    match field {
        "country" => language.country(value),
        "founded" => language.day(value),
        "employees" => {
            value.parse().map_or_else(|_| value.to_owned(), |count| language.number(count))
        }
        "legal_form" if is_form_code(value) => format!("{value} (ISO 20275)"),
        _ => value.to_owned(),
    }
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
    let mut within = BTreeSet::new();
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
