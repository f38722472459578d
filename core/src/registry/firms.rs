//! The firms of one index by what they are asked for, and who is out with whom.
//!
//! The keys of all companies are hashed once for each index, so that an objection costs a search and
//! not a pass over them. Whoever shares an identifier with a company that is out is the same firm in
//! another source, and out too; a domain that very many have is a platform's, and says nothing. What
//! holds is not known here.
//!
//! Very many companies may have one name, and very many may share one long list of facts. So what a list
//! says is kept once, and while somebody is taken out each key and each list is gone through once: all of
//! it takes time and memory by the length of the index. A long text that several lists share is read for
//! each of them, since whoever leaves long texts unread lets back in who pads one.

use rustc_hash::FxHashSet;

use super::in_force::InForce;
use super::key::{Hash, Key};
use crate::company::Field;
use crate::error::Result;
use crate::identity::{Identifier, ONE_FIRMS};
use crate::reader::{CompanyId, HiddenSet, Index};
use crate::threads::side_by_side;

/// The fewest companies for which another thread is worth it.
const PART: usize = 4096;

/// Of an index the keys by which its companies are asked for.
pub(crate) struct Firms {
    /// In ascending order, each once.
    asked: Vec<(Hash, AskedFor)>,
    /// All companies, in ascending order of their lists of facts.
    companies: Vec<Listed>,
}

/// A company, behind the number of its list of facts.
type Listed = (u32, CompanyId);

/// Who is asked for by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AskedFor {
    /// By its name.
    Company(CompanyId),
    /// All that have this list of facts, by what is in it.
    List(u32),
}

impl Firms {
    pub(crate) fn of(index: &Index, key: &Key) -> Result<Self> {
        index.verify_layout()?;
        let mut companies = index.lists().collect::<Result<Vec<_>>>()?;
        companies.sort_unstable();
        let asked = in_parts(&companies, |part, found| {
            identify(index, part, |who, identifier| {
                identifier.asked_keys(|text| found.push((key.hash(text), who)));
            })
        })?;
        Ok(Self { asked, companies })
    }

    /// Who is asked for by a key.
    fn asked_by(&self, hash: Hash) -> &[(Hash, AskedFor)] {
        let from = self.asked.partition_point(|(known, _)| *known < hash);
        let count = self.asked[from..].iter().take_while(|(known, _)| *known == hash).count();
        &self.asked[from..from + count]
    }

    /// The companies with a list of facts.
    fn with_list(&self, list: u32) -> &[Listed] {
        let start = self.companies.partition_point(|(known, _)| *known < list);
        let end = self.companies.partition_point(|(known, _)| *known <= list);
        &self.companies[start..end]
    }

    /// Have more companies this key than are one firm?
    fn is_platforms(&self, asked: &[(Hash, AskedFor)]) -> bool {
        let count = |(_, who): &(Hash, AskedFor)| match who {
            AskedFor::Company(_) => 1,
            AskedFor::List(list) => self.with_list(*list).len(),
        };
        asked.iter().map(count).sum::<usize>() > ONE_FIRMS
    }

    /// Takes out of the index who is known by these, and with them the same firms.
    pub(crate) fn hide(
        &self,
        by: &[Identifier],
        (index, key): (&Index, &Key),
        hidden: &mut HiddenSet,
    ) -> Result<()> {
        let mut found = Vec::new();
        for identifier in by {
            identifier.keys(|text| found.extend_from_slice(self.asked_by(key.hash(text))));
        }
        self.spread(found, (index, key), hidden)
    }

    /// What is taken out of the index, by what holds.
    pub(crate) fn hidden(
        &self,
        in_force: &InForce,
        (index, key): (&Index, &Key),
    ) -> Result<HiddenSet> {
        let mut hidden = HiddenSet::default();
        in_force.prefixes().iter().for_each(|(prefix, _)| hidden.hide_prefix(*prefix));
        // Both are sorted; of each the shorter is gone through.
        let hashes = in_force.hidden_hashes();
        let found = if hashes.len() < self.asked.len() {
            hashes.flat_map(|hash| self.asked_by(hash)).copied().collect()
        } else {
            let out = self.asked.iter().filter(|(hash, _)| in_force.hidden(*hash).is_some());
            out.copied().collect()
        };
        self.spread(found, (index, key), &mut hidden)?;
        Ok(hidden)
    }

    /// Hides these, and who shares an identifier with them, until nothing changes.
    fn spread(
        &self,
        mut found: Vec<(Hash, AskedFor)>,
        (index, key): (&Index, &Key),
        hidden: &mut HiddenSet,
    ) -> Result<()> {
        let (mut keys_done, mut lists_done) = (FxHashSet::default(), FxHashSet::default());
        loop {
            let mut out: Vec<Listed> = Vec::new();
            for (_, who) in found {
                match who {
                    AskedFor::Company(company) => out.push((index.list_of(company)?, company)),
                    AskedFor::List(list) if lists_done.insert(list) => {
                        out.extend_from_slice(self.with_list(list));
                    }
                    AskedFor::List(_) => {}
                }
            }
            out.retain(|(_, company)| {
                let new = !hidden.hides_company(*company);
                hidden.hide_company(*company);
                new
            });
            if out.is_empty() {
                return Ok(());
            }
            out.sort_unstable();
            let mut keys = in_parts(&out, |part, keys| {
                identify(index, part, |_, identifier| {
                    let domain = identifier.kind() == "domain";
                    identifier.keys(|text| keys.push((key.hash(text), domain)));
                })
            })?;
            keys.retain(|(hash, _)| keys_done.insert(*hash));
            let same = keys.into_iter().map(|(hash, domain)| (self.asked_by(hash), domain));
            let same = same.filter(|(asked, domain)| !(*domain && self.is_platforms(asked)));
            found = same.flat_map(|(asked, _)| asked).copied().collect();
        }
    }
}

/// What companies are known by: what a list says once, before the names of those that have it.
fn identify(
    index: &Index,
    companies: &[Listed],
    mut each: impl FnMut(AskedFor, &Identifier),
) -> Result<()> {
    for of_list in companies.chunk_by(|one, other| one.0 == other.0) {
        let (list, first) = of_list[0];
        let record = index.company(first)?;
        let facts = || record.facts().filter(|(field, _)| *field != Field::Name);
        for identifier in Identifier::of_facts(facts) {
            each(AskedFor::List(list), &identifier);
        }
        // What tells more of a name than the name.
        let beside = |(field, _): &_| matches!(field, Field::LegalForm | Field::Country);
        let beside: Vec<_> = record.facts().filter(beside).collect();
        for (_, company) in of_list {
            let name = index.company(*company)?.name();
            let facts = || std::iter::once((Field::Name, name)).chain(beside.iter().copied());
            for identifier in Identifier::of_facts(facts) {
                each(AskedFor::Company(*company), &identifier);
            }
        }
    }
    Ok(())
}

/// What is found for parts of very many companies, on all threads; in ascending order, each once.
fn in_parts<T: Send + Ord>(
    companies: &[Listed],
    of_part: impl Fn(&[Listed], &mut Vec<T>) -> Result<()> + Sync,
) -> Result<Vec<T>> {
    let of_part = |part: &[Listed]| {
        let mut found = Vec::new();
        of_part(part, &mut found)?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    };
    if companies.len() <= PART {
        return of_part(companies);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = companies.len().div_ceil(threads).max(PART);
    let mut all = Vec::new();
    for found in side_by_side(companies.chunks(part), of_part) {
        all.append(&mut found?);
    }
    // Stable, since it merges the parts, which are sorted.
    all.sort();
    all.dedup();
    Ok(all)
}
