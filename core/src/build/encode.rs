//! Encoding: what was resolved becomes the bytes of an index.
//!
//! Only what some address is answered with gets in: a company that has lost all its addresses, to
//! more specific claims or to special-purpose space, leaves no trace in the file.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::gather::Finding;
use crate::company::{Company, Field, Status};
use crate::error::{Error, Result};
use crate::index::header::{self, Section};
use crate::index::metadata::{Metadata, SourceMetadata};
use crate::index::tables::{self, Answer, Fact, Record};
use crate::index::{ENTRY_LIMIT, NOBODY, Stretch, intervals, trie};
use crate::source::Source;

/// What the index will say: stretches whose answers are numbers of findings, from 1.
pub(super) struct Resolved {
    pub v4: Vec<Stretch>,
    pub v6: Vec<Stretch>,
    pub findings: Vec<Finding>,
}

/// The bytes of an index, and how many answers and companies it has.
pub(super) struct Encoded {
    pub bytes: Vec<u8>,
    pub answers: usize,
    pub companies: usize,
}

pub(super) fn encode(mut resolved: Resolved, sources: &[Source]) -> Result<Encoded> {
    drop_unused(&mut resolved);
    let Resolved { v4, v6, findings } = resolved;
    let companies = companies(&findings);
    let answers = answers(&findings, &companies);
    let count = answers.len() as u64;
    check_limit("answers", count)?;

    let mut sections = [const { Vec::new() }; Section::COUNT];
    let mut put = |section: Section, bytes| sections[section as usize] = bytes;
    let ((words, lengths), [keys, entries, lists]) =
        rayon::join(|| trie::encode(&v4), || intervals::encode(&v6));
    check_limit("trie nodes", words.len() as u64 / 8)?;
    check_limit("lists inside a /64", lists.len() as u64 / 8)?;
    put(Section::Trie, words);
    put(Section::TrieLengths, lengths);
    put(Section::IntervalKeys, keys);
    put(Section::IntervalEntries, entries);
    put(Section::IntervalLists, lists);
    put(Section::Answers, tables::encode_answers(&answers));
    put(Section::Metadata, metadata(sources).encode());

    let mut strings = Strings::default();
    for source in sources {
        strings.number(&source.name);
    }
    let records: Vec<Record> = companies
        .iter()
        .map(|(company, (_, source))| record(company, *source, &mut strings))
        .collect();
    let records = records.iter().map(tables::encode_record).collect::<Result<Vec<_>>>()?;
    let (ends, bytes) = tables::encode_pieces("bytes of company records", records)?;
    put(Section::CompanyEnds, ends);
    put(Section::Companies, bytes);
    let (ends, bytes) = tables::encode_pieces("bytes of strings", strings.all)?;
    put(Section::StringEnds, ends);
    put(Section::Strings, bytes);

    let bytes = header::assemble(count as u32, &sections);
    Ok(Encoded { bytes, answers: answers.len(), companies: companies.len() })
}

fn check_limit(what: &'static str, count: u64) -> Result<()> {
    let limit = u64::from(ENTRY_LIMIT);
    if count > limit { Err(Error::TooLarge { what, count, limit }) } else { Ok(()) }
}

/// Forgets the findings that no stretch has, and numbers the others anew in the same order.
fn drop_unused(Resolved { v4, v6, findings }: &mut Resolved) {
    let mut numbers = vec![NOBODY; findings.len() + 1];
    for stretch in v4.iter().chain(v6.iter()) {
        numbers[stretch.answer as usize] = 1;
    }
    let mut used = numbers[1..].iter().map(|number| *number != NOBODY);
    findings.retain(|_| used.next() == Some(true));
    let mut last = NOBODY;
    for number in &mut numbers {
        if *number != NOBODY {
            last += 1;
            *number = last;
        }
    }
    for stretch in v4.iter_mut().chain(v6.iter_mut()) {
        stretch.answer = numbers[stretch.answer as usize];
    }
}

/// Every company with its number, which counts from 1, and the first source that names it.
fn companies(findings: &[Finding]) -> BTreeMap<&Company, (u32, u16)> {
    let mut companies: BTreeMap<&Company, (u32, u16)> = BTreeMap::new();
    for Finding { company, source, .. } in findings {
        companies
            .entry(company)
            .and_modify(|(_, first)| *first = *source.min(first))
            .or_insert((0, *source));
    }
    for (number, (company, _)) in (1..).zip(companies.values_mut()) {
        *company = number;
    }
    companies
}

/// The answers of the index; the first is that of nobody.
fn answers(findings: &[Finding], companies: &BTreeMap<&Company, (u32, u16)>) -> Vec<Answer> {
    let answer = |finding: &Finding| Answer {
        status: Status::Company,
        company: companies[&finding.company].0,
        asn: finding.asn,
        kind: finding.kind,
        sources: 1 << finding.source,
        confidence: None,
    };
    std::iter::once(Answer::NOBODY).chain(findings.iter().map(answer)).collect()
}

fn record<'a>(company: &'a Company, source: u16, strings: &mut Strings<'a>) -> Record {
    let facts = company
        .facts()
        .filter(|(field, _)| *field != Field::Name)
        .map(|(field, value)| Fact { field: field as u16, source, value: strings.number(value) })
        .collect();
    Record { name: strings.number(company.name()), name_source: source, facts }
}

fn metadata(sources: &[Source]) -> Metadata {
    let source = |source: &Source| SourceMetadata {
        name: source.name.clone(),
        format: source.format.as_str().to_owned(),
        url: source.url.clone(),
        licence: source.licence.clone(),
        priority: source.priority,
    };
    Metadata { sources: sources.iter().map(source).collect() }
}

/// Every string once, numbered as they come.
#[derive(Default)]
struct Strings<'a> {
    all: Vec<&'a str>,
    numbers: FxHashMap<&'a str, u32>,
}

impl<'a> Strings<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        *self.numbers.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.all.len() as u32 - 1
        })
    }
}
