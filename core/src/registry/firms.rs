//! The firms of one index by what they are asked for, and who is out with whom.
//!
//! The keys of all companies are hashed once for each index, so that an objection costs a search and
//! not a pass over them. Whoever shares an identifier with a company that is out is the same firm in
//! another source, and out too; a domain that very many have is a platform's, and says nothing. What
//! holds is not known here.

use super::in_force::InForce;
use super::key::{Hash, Key};
use crate::error::Result;
use crate::identity::{Identifier, ONE_FIRMS};
use crate::reader::{CompanyId, HiddenSet, Index};
use crate::threads::side_by_side;

/// The fewest companies for which another thread is worth it.
const PART: usize = 4096;

/// Of each company of an index the keys by which it is asked for: sorted hashes, each with its company.
pub(crate) struct Firms(Vec<(Hash, CompanyId)>);

impl Firms {
    pub(crate) fn of(index: &Index, key: &Key) -> Result<Self> {
        index.verify_layout()?;
        let companies: Vec<CompanyId> = index.company_ids().collect();
        let mut all = in_parts(&companies, |company, found| {
            let record = index.company(*company)?;
            for identifier in Identifier::of_facts(|| record.facts()) {
                identifier.asked_keys(|text| found.push((key.hash(text), *company)));
            }
            Ok(())
        })?;
        // Stable, since it merges the parts, which are sorted.
        all.sort();
        Ok(Self(all))
    }

    /// Who is asked for by a key.
    fn asked_by(&self, hash: Hash) -> impl ExactSizeIterator<Item = CompanyId> {
        let from = self.0.partition_point(|(known, _)| *known < hash);
        let count = self.0[from..].iter().take_while(|(known, _)| *known == hash).count();
        self.0[from..from + count].iter().map(|(_, company)| *company)
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
            identifier.keys(|text| found.extend(self.asked_by(key.hash(text))));
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
        let found = if hashes.len() < self.0.len() {
            hashes.flat_map(|hash| self.asked_by(hash)).collect()
        } else {
            let out = self.0.iter().filter(|(hash, _)| in_force.hidden(*hash).is_some());
            out.map(|(_, company)| *company).collect()
        };
        self.spread(found, (index, key), &mut hidden)?;
        Ok(hidden)
    }

    /// Hides these, and who shares an identifier with them, until nothing changes.
    fn spread(
        &self,
        mut found: Vec<CompanyId>,
        (index, key): (&Index, &Key),
        hidden: &mut HiddenSet,
    ) -> Result<()> {
        loop {
            found.retain(|company| {
                let new = !hidden.hides_company(*company);
                hidden.hide_company(*company);
                new
            });
            if found.is_empty() {
                return Ok(());
            }
            found = in_parts(&found, |company, found| {
                let record = index.company(*company)?;
                for identifier in Identifier::of_facts(|| record.facts()) {
                    let domain = identifier.kind() == "domain";
                    identifier.keys(|text| {
                        let same = self.asked_by(key.hash(text));
                        if !(domain && same.len() > ONE_FIRMS) {
                            found.extend(same.filter(|other| other != company));
                        }
                    });
                }
                Ok(())
            })?;
        }
    }
}

/// What `each` finds for each of many companies, on all threads if they are very many; what each
/// thread found is sorted.
fn in_parts<T: Send + Ord>(
    companies: &[CompanyId],
    each: impl Fn(&CompanyId, &mut Vec<T>) -> Result<()> + Sync,
) -> Result<Vec<T>> {
    let of_part = |part: &[CompanyId]| {
        let mut found = Vec::new();
        part.iter().try_for_each(|company| each(company, &mut found))?;
        found.sort_unstable();
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
    Ok(all)
}
