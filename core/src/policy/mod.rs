//! The policy: who is left out of an index, why, and on what evidence.
//!
//! A policy judges companies by their legal form and name ([`person_name`]), networks by what
//! speaks for their use ([`network_kind`]), and everything by its age ([`retention`]); the
//! operator's own lists ([`lists`]) come before all. It decides and says why; what follows from a
//! verdict is the build's.

mod contacts;
mod eastern;
mod file;
mod legal_form;
mod listed;
mod lists;
mod names;
mod network_kind;
mod person_name;
mod person_words;
mod phrases;
mod pieces;
mod retention;
mod romaji;
mod run_together;
mod script_tables;
mod scripts;
mod tables;
mod verdict;
mod word;
mod words;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use crate::company::{Company, Contact, Field, Kind};
use crate::index::metadata::Kept;
use crate::net::{AddressRange, IpNet};
#[cfg(feature = "bots")]
pub(crate) use listed::listed_addresses;
pub(crate) use listed::{Listed, ListedKind};
use lists::{Lists, Treatment};
use network_kind::Points;
pub(crate) use network_kind::{Held, Hint, used_points};
pub(crate) use person_name::Said;
use person_name::{Partnerships, WeighedName};
use retention::Retention;
use verdict::Scale;
pub use verdict::{Evidence, Reason, Verdict};
use words::{Positions, Words};

/// Who is left out of an index. Strict, unless something else is asked for.
///
/// ```
/// use firmtrie::builder::Policy;
/// assert_eq!(Policy::default(), Policy::strict());
/// assert_eq!(Policy::open().name(), "open");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    name: String,
    /// Where it was read from, if from a file.
    #[serde(skip)]
    file: Option<PathBuf>,
    /// Of each kind, by its number: are networks of it left out?
    left_out: [bool; Kind::ALL.len()],
    /// Are public lists of networks and autonomous systems evidence of kinds?
    listed_kinds: bool,
    /// Points that make a network one of a kind.
    kind_threshold: i32,
    /// Points that make a name a natural person's; none where persons are shown.
    person_threshold: Option<i32>,
    partnerships: Partnerships,
    needs_basis: bool,
    contacts: bool,
    retention: Retention,
    lists: Lists,
}

/// What is read of forms, names and words.
const TABLES: [&str; 11] = [
    include_str!("../identity/elf.tsv"),
    include_str!("tables/business_words.txt"),
    include_str!("tables/kinds.tsv"),
    include_str!("tables/large_networks.tsv"),
    include_str!("tables/legal_forms.tsv"),
    include_str!("tables/listed_forms.tsv"),
    include_str!("tables/names.tsv"),
    include_str!("tables/script_names.tsv"),
    include_str!("tables/script_words.tsv"),
    listed::NETWORKS,
    listed::SYSTEMS,
];

/// Points that decide unless a policy says otherwise.
const THRESHOLD: i32 = 50;

impl Policy {
    /// Company profiles only: networks of access providers, mobile carriers, hosting providers and
    /// households are answered as `non_business`; natural persons, and what is older than two
    /// years, as `withheld`. There are no contacts, and every source says why it may be used.
    pub fn strict() -> Self {
        let mut left_out = [false; Kind::ALL.len()];
        for kind in [Kind::Isp, Kind::Mobile, Kind::Hosting, Kind::Consumer] {
            left_out[kind as usize] = true;
        }
        Self {
            name: "strict".to_owned(),
            file: None,
            left_out,
            listed_kinds: true,
            kind_threshold: THRESHOLD,
            person_threshold: Some(THRESHOLD),
            partnerships: Partnerships::Named,
            needs_basis: true,
            contacts: false,
            retention: Retention::strict(),
            lists: Lists::default(),
        }
    }

    /// Everything that sources claim, for engineers who want plain network ownership.
    pub fn open() -> Self {
        Self {
            name: "open".to_owned(),
            left_out: [false; Kind::ALL.len()],
            person_threshold: None,
            partnerships: Partnerships::None,
            needs_basis: false,
            retention: Retention::default(),
            ..Self::strict()
        }
    }

    /// Are the public lists that come with the library evidence of what networks and autonomous systems are used
    /// for? They are unless it is said that they are not, as of who has lists of their own.
    ///
    /// ```
    /// use firmtrie::builder::Policy;
    /// let own = Policy::strict().listed_kinds(false);
    /// assert_ne!(own.fingerprint(), Policy::strict().fingerprint());
    /// ```
    #[must_use]
    pub const fn listed_kinds(mut self, listed: bool) -> Self {
        self.listed_kinds = listed;
        self
    }

    /// What public lists say of kinds, if that is evidence.
    pub(crate) fn listed(&self) -> Option<&'static Listed> {
        self.listed_kinds.then(Listed::all)
    }

    /// The preset with this name, `strict` or `open`.
    pub fn preset(name: &str) -> Option<Self> {
        [Self::strict(), Self::open()].into_iter().find(|policy| policy.name == name)
    }

    /// The name of the preset, or that of the file without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long facts are kept.
    pub(crate) fn kept(&self) -> Kept {
        let period = |limit: Option<retention::Limit>| limit.map(Into::into);
        Kept::new(period(self.retention.claims), period(self.retention.contacts))
    }

    /// The file that it was read from, if it is no preset.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// A fingerprint of all that decides: the policy without its name, and the tables of forms,
    /// names and words. 32 hexadecimal digits of xxh3.
    pub fn fingerprint(&self) -> String {
        let nameless = Self { name: String::new(), ..self.clone() };
        // Numbers, words and lists can always be written.
        let mut text = serde_json::to_vec(&nameless).unwrap_or_default();
        for table in TABLES {
            text.extend(table.as_bytes());
        }
        format!("{:032x}", xxh3_128(&text))
    }

    /// Must every source declare the basis on which its facts may be used?
    pub const fn needs_basis(&self) -> bool {
        self.needs_basis
    }

    /// What the policy thinks of a company, and why: of one with so many IPv4 addresses, if that is
    /// known.
    ///
    /// ```
    /// use firmtrie::Company;
    /// use firmtrie::builder::{Policy, Reason};
    /// let policy = Policy::strict();
    /// assert_eq!(policy.judge(&Company::new("Example B.V."), None).reason, None);
    /// let telecom = policy.judge(&Company::new("Example Telecom B.V."), None);
    /// assert_eq!(telecom.reason, Some(Reason::NonBusiness));
    /// let person = policy.judge(&Company::new("FOP Ivan Petrenko"), None);
    /// assert_eq!(person.reason, Some(Reason::SoleTrader));
    /// ```
    pub fn judge(&self, company: &Company, addresses: Option<u64>) -> Verdict {
        self.judge_claim(company, addresses, Kind::Unknown)
    }

    /// The same of a network of a company, of which its source says the kind.
    ///
    /// ```
    /// use firmtrie::{Company, Kind};
    /// use firmtrie::builder::{Policy, Reason};
    /// let telecom = Company::new("Juno Telecom Verzekeringen");
    /// let said = Policy::strict().judge_claim(&telecom, None, Kind::Business);
    /// assert_eq!((said.kind, said.reason), (Kind::Business, None));
    /// ```
    pub fn judge_claim(&self, company: &Company, addresses: Option<u64>, said: Kind) -> Verdict {
        let mut evidence = Vec::new();
        let subject = Subject::of(|field| company.get(field));
        let held = addresses.map(|addresses| Held { addresses, ..Held::default() });
        let judgement = self.weigh(&subject, held, Some(&mut evidence));
        if said != Kind::Unknown {
            evidence.push(Evidence::said(said));
        }
        let said = (said, Hint::default());
        let (kind, reason) = self.decide(&judgement, said, std::iter::empty(), None, None);
        Verdict { kind, reason, evidence }
    }

    /// Weighs a company, whatever its claims say.
    pub(crate) fn weigh(
        &self,
        company: &Subject,
        held: Option<Held>,
        mut evidence: Option<&mut Vec<Evidence>>,
    ) -> Judgement {
        let listed = self.lists.company(company);
        if let Some(treatment) = listed {
            Scale::new("listed", evidence.as_deref_mut()).add(
                "list",
                company.name,
                treatment.points(),
            );
        }
        let words = Words::of(company.name);
        let (mut kinds, business) = network_kind::weigh(&words, held, evidence.as_deref_mut());
        if let Some(form) = company.legal_form.filter(|form| legal_form::is_government(form)) {
            kinds = kinds.said(Kind::Government);
            let points = network_kind::SAID;
            Scale::new("government", evidence.as_deref_mut()).add("legal_form", form, points);
        }
        let (mut person, mut said) = (false, Said::default());
        if let Some(threshold) = self.person_threshold {
            let mut scale = Scale::new("person", evidence);
            let addresses = held.map(|held| held.addresses);
            let (country, partnerships) = (company.country, self.partnerships);
            let forms = legal_form::find(&words, country, false);
            let first = person_name::first_part(&words);
            let words = &words;
            let name =
                WeighedName { words, business, country, addresses, partnerships, forms, first };
            let settled = company.legal_form.is_some_and(|form| name.weigh_form(form, &mut scale));
            if !settled {
                name.weigh(&mut scale);
            }
            said = name.said(company.legal_form);
            if scale.points() >= threshold {
                said.sole = said.sole.max(Said::NAME);
                person = true;
            } else if said.sole >= said.company {
                said.sole = 0;
            }
        }
        let kind = kinds.kind(self.kind_threshold);
        Judgement { listed, kinds, kind, person, said }
    }

    /// What the words of a description say of a network's use.
    pub(crate) fn hint(description: &str) -> Hint {
        network_kind::weigh(&Words::of(description), None, None).0.strongest()
    }

    /// The kind of a claim, of which its source says a kind and its description hints at one, and why
    /// it is left out if it is.
    pub(crate) fn decide(
        &self,
        owner: &Judgement,
        said: (Kind, Hint),
        uses: impl Iterator<Item = (Kind, u16)>,
        asn: Option<u32>,
        range: Option<&AddressRange>,
    ) -> (Kind, Option<Reason>) {
        let mut uses = uses.peekable();
        let kind = match said {
            (Kind::Unknown, hint) if hint == Hint::default() && uses.peek().is_none() => owner.kind,
            (kind, hint) => {
                let points = owner.kinds.said(kind).hinted(hint);
                uses.fold(points, |points, (kind, weight)| points.used(kind, weight))
                    .kind(self.kind_threshold)
            }
        };
        let network =
            range.filter(|range| self.lists.is_business(range)).map(|_| Treatment::Business);
        let listed = network.or(owner.listed).or_else(|| self.lists.asn(asn?));
        // What is said of a network or an ASN does not say that its holder is no person.
        if owner.person && owner.listed != Some(Treatment::Business) {
            return (kind, Some(Reason::SoleTrader));
        }
        match listed {
            Some(Treatment::Business) if self.left_out[kind as usize] => (Kind::Business, None),
            Some(Treatment::NonBusiness) => (kind, Some(Reason::NonBusiness)),
            None if self.left_out[kind as usize] => (kind, Some(Reason::NonBusiness)),
            Some(Treatment::Business) | None => (kind, None),
        }
    }

    /// Are networks of a kind left out?
    pub(crate) const fn leaves_out(&self, kind: Kind) -> bool {
        self.left_out[kind as usize]
    }

    /// Are natural persons left out?
    pub(crate) const fn leaves_out_persons(&self) -> bool {
        self.person_threshold.is_some()
    }

    /// Does somebody hold more IPv4 addresses than persons do?
    pub(crate) const fn is_no_persons(addresses: u64) -> bool {
        addresses > person_name::MANY
    }

    /// The names of somebody who has the form of a natural person in theirs: without it, before it, and
    /// in each part. `Studio Zon, eenmanszaak van Jan Jansen` is `Studio Zon` elsewhere.
    pub(crate) fn names_without_form(subject: &Subject) -> Vec<String> {
        let words = Words::of(subject.name);
        let mut of_form = Positions::default();
        let mut texts = Vec::new();
        for found in legal_form::find(&words, subject.country, false) {
            if found.form == legal_form::Form::Sole {
                of_form.add(found.words);
                texts.push(found.text);
            }
        }
        if texts.is_empty() {
            return Vec::new();
        }
        // What is written without blanks holds its form inside a word.
        let all: Vec<(String, u8, bool)> = (0..)
            .zip(words.iter())
            .map(|(position, (word, part))| {
                let inside =
                    texts.iter().find(|text| word.len() > text.len() && word.contains(**text));
                let rest = inside.map(|text| word.replacen(*text, "", 1));
                let is_form = of_form.contains(position) && rest.is_none();
                (rest.unwrap_or_else(|| word.to_owned()), part, is_form)
            })
            .collect();
        let join = |words: &mut dyn Iterator<Item = &(String, u8, bool)>| {
            let words: Vec<&str> =
                words.filter(|(.., is_form)| !is_form).map(|(word, ..)| word.as_str()).collect();
            (words.len(), words.join(" "))
        };
        let (_, whole) = join(&mut all.iter());
        let before = join(&mut all.iter().take_while(|(.., is_form)| !is_form));
        let parts = all.chunk_by(|a, b| a.1 == b.1).map(|part| join(&mut part.iter()));
        // One word is what many are called.
        let others = parts.chain([before]).filter(|(count, _)| *count > 1).map(|(_, name)| name);
        let mut names: Vec<String> =
            others.chain([whole]).filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a network is that nobody claims, of which only uses are said, if it is one that is left out.
    pub(crate) fn decide_unclaimed(&self, uses: impl Iterator<Item = (Kind, u16)>) -> Option<Kind> {
        let (kind, reason) =
            self.decide(&Judgement::default(), (Kind::Unknown, Hint::default()), uses, None, None);
        reason.map(|_| kind)
    }

    /// Networks that mask everything inside them.
    pub(crate) fn masks(&self) -> impl Iterator<Item = IpNet> {
        self.lists.masks()
    }

    /// What the operator's lists say of an address, and of what is claimed there.
    pub(crate) fn listed_evidence(
        &self,
        address: IpAddr,
        asn: Option<u32>,
        range: &AddressRange,
    ) -> Vec<Evidence> {
        self.lists.evidence(address, asn, range)
    }

    /// May the index hold this contact of a company in this line of business?
    pub(crate) fn takes_contact(
        &self,
        contact: &Contact,
        industry: Option<&str>,
        date: Option<Date>,
        as_of: Date,
    ) -> bool {
        let oldest = self.retention.contacts.map(|limit| limit.oldest(as_of));
        let expired = date.zip(oldest).is_some_and(|(date, oldest)| date < oldest);
        self.contacts
            && !expired
            && contacts::is_business(contact)
            && !industry.is_some_and(contacts::is_sensitive)
    }

    /// The first day of claims that are kept on the day of the build; none if all are.
    pub(crate) fn oldest_claim(&self, as_of: Date) -> Option<Date> {
        self.retention.claims.map(|limit| limit.oldest(as_of))
    }
}

/// What is weighed of a company.
pub(crate) struct Subject<'a> {
    pub name: &'a str,
    pub legal_form: Option<&'a str>,
    pub country: Option<&'a str>,
    pub lei: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// That of a company of which `get` gives the fields.
    pub(crate) fn of(get: impl Fn(Field) -> Option<&'a str>) -> Self {
        let name = get(Field::Name).unwrap_or_default();
        let (legal_form, country) = (get(Field::LegalForm), get(Field::Country));
        Self { name, legal_form, country, lei: get(Field::Lei) }
    }
}

/// What a policy thinks of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Judgement {
    listed: Option<Treatment>,
    kinds: Points,
    /// What the points make it where no source says a kind.
    kind: Kind,
    person: bool,
    said: Said,
}

impl Judgement {
    /// Is it a natural person?
    pub(crate) const fn is_person(&self) -> bool {
        self.person
    }

    /// How explicitly it is said that somebody is a natural person, or a company. Of whom the operator
    /// says that they are a business nobody else says anything.
    pub(crate) const fn said(&self) -> Said {
        match self.listed {
            Some(Treatment::Business) => Said { sole: 0, company: u8::MAX },
            _ => self.said,
        }
    }

    pub(crate) const fn set_person(&mut self, person: bool) {
        self.person = person;
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::strict()
    }
}
