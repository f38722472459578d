//! A verdict follows the person: who is a sole trader by one source is one in every other, under any
//! spelling.
//!
//! It spreads as objections do, from record to record that share an identifier, or a name and country;
//! a domain that very many have is a platform's and says nothing. Where one source says a company's
//! form and another a person's, the more explicit of the two holds, and of two as explicit the person's.
//! Who holds more IPv4 space than any person is none for a name that others of no known country have.
//!
//! Nothing here knows of claims, single addresses or objections.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::profile::Profile;
use crate::company::{Company, Field};
use crate::identity::{AND, Identifier, ONE_FIRMS};
use crate::policy::{Judgement, Policy, Said, Subject};

/// Companies of which sources say both, that they are companies and that they are natural persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Contradictions {
    /// Those that are left out as natural persons.
    pub left_out: u64,
    /// Those that are shown, since what says that they are companies is more explicit.
    pub shown: u64,
}

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Domain,
    /// A name without a country.
    Name,
    Other,
}

impl Link {
    fn of(key: &str) -> Self {
        if key.starts_with("domain\t") {
            Self::Domain
        } else if key.starts_with("name\t") && key.ends_with("\t\t") {
            Self::Name
        } else {
            Self::Other
        }
    }
}

/// What is known of everybody, by the number of their company less one.
struct Known<'a> {
    profiles: &'a [Profile],
    /// What each source says of those that several describe.
    others: &'a FxHashMap<u32, Vec<Company>>,
    policy: &'a Policy,
}

/// Carries the verdicts on natural persons on to who is the same.
pub(super) fn follow(
    profiles: &[Profile],
    others: &FxHashMap<u32, Vec<Company>>,
    (judgements, held): (&mut [Judgement], &[u64]),
    policy: &Policy,
) -> Contradictions {
    let known = Known { profiles, others, policy };
    if !policy.leaves_out_persons() {
        return Contradictions::default();
    }
    let mut said: Vec<Said> = (0..).zip(&*judgements).map(|(at, of)| known.said(at, of)).collect();
    let mut new: Vec<u32> =
        (0..).zip(&said).filter(|(_, said)| said.is_person()).map(|(at, _)| at).collect();
    let mut asked = Asked::of(&known);
    let mut contradicted = FxHashSet::default();
    let mut told: FxHashMap<u64, u8> = FxHashMap::default();
    while !new.is_empty() {
        let mut found = Vec::new();
        for (at, keys) in asked.prepare(&known, &new) {
            let sole = said[at as usize].sole;
            for (key, link) in keys {
                let same = asked.by(key);
                if same.is_empty() {
                    continue;
                }
                let is_platforms = link == Link::Domain && same.len() > ONE_FIRMS;
                // Very many may share a name: it is gone through once for each way to say it.
                let told = told.entry(key).or_default();
                if !is_platforms && *told < sole {
                    *told = sole;
                    found.extend(same.iter().map(|same| (*same, sole, link)));
                }
            }
        }
        new.clear();
        for (at, sole, link) in found {
            let of = &mut said[at as usize];
            let is_other = match link {
                // With a company's form of its own it is another firm of the same site.
                Link::Domain => of.company > Said::NAME,
                // A name alone, of no known country, does not make a person of who holds very much.
                Link::Name => Policy::is_no_persons(held[at as usize]),
                Link::Other => false,
            };
            if of.sole >= sole || is_other {
                continue;
            }
            of.sole = sole;
            if of.company > 0 {
                contradicted.insert(at);
            }
            if of.is_person() {
                new.push(at);
            }
        }
    }
    let mut contradictions = Contradictions::default();
    for (at, (judgement, said)) in (0..).zip(judgements.iter_mut().zip(&said)) {
        judgement.set_person(said.is_person());
        if said.sole > Said::NAME && said.company > 0 || contradicted.contains(&at) {
            let count = if said.is_person() {
                &mut contradictions.left_out
            } else {
                &mut contradictions.shown
            };
            *count += 1;
        }
    }
    contradictions
}

impl Known<'_> {
    /// How explicitly anything says of somebody what they are.
    fn said(&self, at: u32, judgement: &Judgement) -> Said {
        let others = self.others.get(&at).into_iter().flatten();
        let of_other = |company: &Company| {
            self.policy.weigh(&Subject::of(|field| company.get(field)), None, None).said()
        };
        others.map(of_other).fold(judgement.said(), Said::and)
    }

    /// Everything by which sources know somebody.
    fn identifiers(&self, at: u32) -> Vec<Identifier> {
        let profile = &self.profiles[at as usize];
        let mut known = Identifier::of_facts(|| profile.facts());
        for other in self.others.get(&at).into_iter().flatten() {
            known.extend(Identifier::of(other));
        }
        known
    }

    /// The keys under which others are the same as somebody, those of the name without a person's form
    /// among them.
    fn keys(&self, at: u32, mut each: impl FnMut(&str)) {
        let mut of = |identifier: &Identifier| identifier.keys(&mut each);
        self.identifiers(at).iter().for_each(&mut of);
        let subjects = self.others.get(&at).into_iter().flatten();
        let subjects = subjects.map(|company| Subject::of(|field| company.get(field)));
        let profile = &self.profiles[at as usize];
        for subject in subjects.chain([profile.subject()]) {
            for name in Policy::names_without_form(&subject) {
                of_name(&name, subject.country).iter().for_each(&mut of);
            }
        }
    }

    /// Is a name all that is known of somebody?
    fn is_only_named(&self, at: u32) -> bool {
        let mut facts = self.profiles[at as usize].facts();
        facts.all(|(field, _)| matches!(field, Field::Name | Field::Country))
            && !self.others.contains_key(&at)
    }

    /// The keys by which somebody is asked for.
    fn asked_keys(&self, at: u32) -> Vec<(u64, u32)> {
        let mut found = Vec::new();
        for identifier in self.identifiers(at) {
            identifier.asked_keys(|key| found.push((xxh3_64(key.as_bytes()), at)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Who is asked for by which key. Of those that have but a name only the ones of which a part begins as
/// the name of a person: to read all names in every way takes long.
struct Asked {
    by_key: FxHashMap<u64, Vec<u32>>,
    begins: Begins,
    /// Those whose names are not read.
    unread: Vec<u32>,
}

impl Asked {
    fn of(known: &Known) -> Self {
        let all = 0..known.profiles.len() as u32;
        let (unread, read): (Vec<u32>, Vec<u32>) = all.partition(|at| known.is_only_named(*at));
        let mut asked = Self { by_key: FxHashMap::default(), begins: Begins::default(), unread };
        asked.read(known, &read);
        asked
    }

    /// The keys of these persons, and what each is of; the names that may be theirs are read.
    fn prepare(&mut self, known: &Known, persons: &[u32]) -> Vec<(u32, Vec<(u64, Link)>)> {
        let of = |at: &u32| {
            let (mut keys, mut begins) = (Vec::new(), Vec::new());
            known.keys(*at, |key| {
                keys.push((xxh3_64(key.as_bytes()), Link::of(key)));
                // The keys of one name follow each other.
                let begin = Begins::of_key(key).filter(|begin| begins.last() != Some(begin));
                begins.extend(begin);
            });
            ((*at, keys), begins)
        };
        let (keys, begins): (Vec<_>, Vec<_>) = persons.par_iter().map(of).unzip();
        self.begins.0 = begins.into_iter().flatten().collect();
        let unread = std::mem::take(&mut self.unread);
        let begins = &self.begins;
        let (read, unread): (Vec<u32>, Vec<u32>) = unread
            .into_par_iter()
            .partition(|at| begins.may_hold(known.profiles[*at as usize].name()));
        self.unread = unread;
        self.read(known, &read);
        keys
    }

    fn read(&mut self, known: &Known, read: &[u32]) {
        let keys: Vec<_> = read.par_iter().flat_map_iter(|at| known.asked_keys(*at)).collect();
        for (key, at) in keys {
            self.by_key.entry(key).or_default().push(at);
        }
    }

    fn by(&self, key: u64) -> &[u32] {
        self.by_key.get(&key).map(Vec::as_slice).unwrap_or_default()
    }
}

fn of_name(name: &str, country: Option<&str>) -> Option<Identifier> {
    let facts = [(Field::Name, Some(name)), (Field::Country, country)];
    let facts = || facts.into_iter().filter_map(|(field, value)| Some((field, value?)));
    Identifier::of_facts(facts).into_iter().next()
}

/// The first letters of names, from the beginning of each word on. A name can be read as another only if
/// the other begins as one of its words, and what follows it, do.
#[derive(Default)]
struct Begins(FxHashSet<u128>);

impl Begins {
    const LETTERS: usize = 16;

    /// Of the name that a key is of, if it is of one.
    fn of_key(key: &str) -> Option<u128> {
        let stem = key.strip_prefix("name\t")?.bytes().take_while(|byte| *byte != b'\t');
        let mut begin = [0; Self::LETTERS];
        stem.zip(&mut begin).for_each(|(letter, to)| *to = letter);
        Some(u128::from_le_bytes(begin))
    }

    /// Can one of the names be a reading of this one?
    fn may_hold(&self, name: &str) -> bool {
        // What is not plain has readings in other letters, and what is encoded in others still.
        if !name.is_ascii() || name.contains([';', '%']) {
            return true;
        }
        let known = |begin| self.0.contains(&begin);
        if Self::each(name, known) {
            return true;
        }
        // Between words one for `and` is a sign, as `u.` is.
        let longest = AND.iter().map(|and| and.len()).max().unwrap_or_default();
        let is_and = |word: &[u8]| {
            // What stands in words and is no letter of them makes no difference.
            let letters = || word.iter().filter(|byte| !matches!(byte, b'.' | b'\'' | b'`'));
            let is = |and: &str| letters().map(u8::to_ascii_lowercase).eq(and.bytes());
            word.len() <= 2 * longest + 1 && (is("u") || AND.iter().copied().any(is))
        };
        let is_signed = name.bytes().any(|byte| matches!(byte, b'&' | b'+'));
        if !is_signed && !name.as_bytes().split(|byte| *byte == b' ').any(is_and) {
            return false;
        }
        let signs = |word| if is_and(str::as_bytes(word)) { "&" } else { word };
        let signed = name.split(' ').map(signs).collect::<Vec<_>>().join(" ").replace('+', "&");
        Self::each(&signed, known)
    }

    /// The letters from each beginning of a word on, and those before each end of a word if they are
    /// fewer, until `known` says yes: what stands behind may be none of the name. Of what is longer than
    /// names are nothing is known.
    fn each(name: &str, known: impl Fn(u128) -> bool) -> bool {
        const LONGEST: usize = 120;
        if name.len() > LONGEST {
            return true;
        }
        let mut letters = [0_u8; LONGEST + Begins::LETTERS];
        // The letters that words begin with.
        let mut starts = [0_u8; LONGEST];
        let (mut words, mut count, mut inside) = (0, 0, false);
        for byte in name.bytes() {
            let is_sign = byte == b'&';
            if is_sign || byte.is_ascii_alphanumeric() {
                if !inside || is_sign {
                    starts[words] = count as u8;
                    words += 1;
                }
                letters[count] = byte.to_ascii_lowercase();
                count += 1;
                inside = !is_sign;
            } else {
                inside = false;
            }
        }
        for (word, from) in (1..).zip(&starts[..words]) {
            let mut letters_from = [0; Self::LETTERS];
            let at = usize::from(*from);
            letters_from.copy_from_slice(&letters[at..at + Self::LETTERS]);
            let begin = u128::from_le_bytes(letters_from);
            let ends = starts[word..words].iter().map(|end| end - from);
            let mut ends = ends.take_while(|end| usize::from(*end) < Self::LETTERS);
            if known(begin) || ends.any(|end| known(begin & ((1 << (8 * end)) - 1))) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: &[&str] = &[
        "AS64500",
        "-",
        "Jan",
        "Jansen",
        "Zon.licht",
        "Müller",
        "(NL)",
        "t/a",
        "trading",
        "as",
        "B.V.",
        "&",
        "and",
        "a.n.d",
        ".u..",
        "Jan%20Jansen",
        "Zon%20licht&amp;Co",
        "The",
        "O'Neill",
        "A.B.",
        "Studio,",
        "\u{200b}Zon",
        "&amp;",
        "Иван",
        "Muller",
        "Mueller",
        "A",
    ];

    fn name() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(WORDS), 1..6).prop_map(|words| words.join(" "))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_name_that_is_passed_over_is_never_the_same(person in name(), other in name()) {
            let of = |name: &str| of_name(name, None);
            if let (Some(person_as), Some(other_as)) = (of(&person), of(&other)) {
                let mut begins = Begins::default();
                person_as.keys(|key| begins.0.extend(Begins::of_key(key)));
                let same = person_as.means(&other_as);
                prop_assert!(!same || begins.may_hold(&other), "{person:?} {other:?}");
            }
        }
    }
}
