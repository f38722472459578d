//! Encoding: what was resolved becomes the bytes of an index.
//!
//! Only what some address is answered with gets in: a company that has lost all its addresses, to
//! more specific claims or to special-purpose space, leaves no trace in the file.

use std::rc::Rc;

use super::profile::{Profile, SourcedFact};
use crate::company::{Field, Status};
use crate::error::{Error, Result};
use crate::index::companies::{self, Fact, Facts};
use crate::index::header::{self, Section};
use crate::index::metadata::Metadata;
use crate::index::numbered::Numbered;
use crate::index::tables::{self, ResolvedAnswer};
use crate::index::{ENTRY_LIMIT, NOBODY, Stretch, intervals, trie};

/// What the index will say. Stretches speak of answers by index, answers of profiles from 1.
pub(super) struct Resolved {
    pub v4: Vec<Stretch<u32>>,
    pub v6: Vec<Stretch<u128>>,
    pub answers: Vec<ResolvedAnswer>,
    pub profiles: Vec<Profile>,
}

impl Resolved {
    /// Forgets the answers that no stretch has and the companies that no answer has, and numbers
    /// the others anew in the same order.
    pub(super) fn drop_unused(&mut self) {
        let mut answers = Renumbering::new(self.answers.len());
        answers.keep(NOBODY);
        self.answers_of_stretches().for_each(|answer| answers.keep(*answer));
        answers.number();
        retain(&mut self.answers, |index| answers.kept(index));
        self.answers_of_stretches().for_each(|answer| *answer = answers.of(*answer));

        let mut companies = Renumbering::new(self.profiles.len() + 1);
        self.answers.iter().for_each(|answer| companies.keep(answer.company));
        companies.keep(0);
        companies.number();
        retain(&mut self.profiles, |index| companies.kept(index + 1));
        self.answers.iter_mut().for_each(|answer| answer.company = companies.of(answer.company));
    }

    fn answers_of_stretches(&mut self) -> impl Iterator<Item = &mut u32> {
        let v4 = self.v4.iter_mut().map(|stretch| &mut stretch.answer);
        v4.chain(self.v6.iter_mut().map(|stretch| &mut stretch.answer))
    }
}

/// New numbers for those of a row of things that are kept.
struct Renumbering(Vec<Option<u32>>);

impl Renumbering {
    fn new(count: usize) -> Self {
        Self(vec![None; count])
    }

    fn keep(&mut self, number: u32) {
        self.0[number as usize] = Some(0);
    }

    fn kept(&self, index: usize) -> bool {
        self.0[index].is_some()
    }

    fn number(&mut self) {
        for (new, number) in (0..).zip(self.0.iter_mut().flatten()) {
            *number = new;
        }
    }

    fn of(&self, number: u32) -> u32 {
        self.0[number as usize].unwrap_or(NOBODY)
    }
}

fn retain<T>(row: &mut Vec<T>, kept: impl Fn(usize) -> bool) {
    let mut indexes = 0..;
    row.retain(|_| indexes.next().is_some_and(&kept));
}

/// The bytes of an index.
pub(super) fn encode(resolved: &Resolved, metadata: &Metadata) -> Result<Vec<u8>> {
    let Resolved { v4, v6, answers, profiles } = resolved;
    check_limit("answers", answers.len() as u64)?;

    let mut sections = [const { Vec::new() }; Section::COUNT];
    let mut put = |section: Section, bytes| sections[section as usize] = bytes;
    let ((words, lengths), [keys, entries, lists, blocks]) =
        rayon::join(|| trie::encode(v4), || intervals::encode(v6));
    check_limit("trie nodes", words.len() as u64 / 8)?;
    check_limit("lists inside a /64", lists.len() as u64 / 8)?;
    put(Section::Trie, words);
    put(Section::TrieLengths, lengths);
    put(Section::IntervalKeys, keys);
    put(Section::IntervalEntries, entries);
    put(Section::IntervalLists, lists);
    put(Section::IntervalBlocks, blocks);
    put(Section::Metadata, metadata.encode());

    let mut strings = Numbered::new();
    for source in &metadata.sources {
        strings.number(source.name.as_str());
    }
    let mut lists = Numbered::new();
    let entries: Vec<(&str, u32)> =
        profiles.iter().map(|profile| entry(profile, &mut strings, &mut lists)).collect();
    let (offsets, table, entries) = companies::encode(entries.into_iter())?;
    let [rows, offsets, details] = tables::encode_answers(answers, &offsets);
    put(Section::AnswerOffsets, offsets);
    put(Section::Answers, rows);
    put(Section::Details, details);
    put(Section::CompanyOffsets, table);
    put(Section::Companies, entries);
    let lists =
        lists.all.iter().map(|list| companies::encode_facts(list)).collect::<Result<Vec<_>>>()?;
    let (ends, bytes) = tables::encode_pieces("bytes of lists of facts", lists)?;
    put(Section::FactEnds, ends);
    put(Section::Facts, bytes);
    let (ends, bytes) = tables::encode_pieces("bytes of strings", strings.all)?;
    put(Section::StringEnds, ends);
    put(Section::Strings, bytes);

    let first_mask = answers.partition_point(|answer| answer.status <= Status::Company);
    Ok(header::assemble(first_mask as u32, &sections))
}

fn check_limit(what: &'static str, count: u64) -> Result<()> {
    let limit = u64::from(ENTRY_LIMIT);
    if count > limit { Err(Error::TooLarge { what, count, limit }) } else { Ok(()) }
}

/// The name of a company, and the number of its list of facts.
fn entry<'a>(
    profile: &'a Profile,
    strings: &mut Numbered<&'a str>,
    lists: &mut Numbered<Rc<Facts>>,
) -> (&'a str, u32) {
    let mut name = "";
    let mut list = Facts { name_source: 0, facts: Vec::new() };
    for SourcedFact { field, value, source } in &profile.facts {
        if *field == Field::Name {
            (name, list.name_source) = (value, *source);
        } else {
            let value = strings.number(value);
            list.facts.push(Fact { field: *field as u16, source: *source, value });
        }
    }
    (name, lists.number(Rc::new(list)))
}
