//! Gathering: every file of every source is read, files and batches of their rows in parallel.
//!
//! What comes out still speaks of companies as its file does, by key or by name.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::faults::Faults;
use super::interner::{Batch, Interner};
use super::owners;
use super::standing::Standings;
use super::systems::{GatheredDelegation, GatheredSystem, Route};
use super::uses::SaidUse;
use crate::company::{Company, Kind};
use crate::error::{BadRow, Error, Result};
use crate::index::tables::MOST_SOURCES;
use crate::net::AddressRange;
use crate::policy::{Hint, Policy};
use crate::source::{
    self, Allotment, Claim, Date, PassedOver, Row, Source, Statement, Statements, Use,
};

/// A claim whose owner has a number. Ranked, it becomes a `RankedClaim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GatheredClaim {
    pub range: AddressRange,
    /// At first its number in a batch of rows, then a slot of the owners, then the number of a company.
    pub owner: u32,
    pub source: u16,
    /// The number of the file, and the line in it.
    pub file: u16,
    pub line: u32,
    pub kind: Kind,
    pub asn: Option<u32>,
    pub date: Option<Date>,
    pub confidence: Option<u16>,
    /// What its description says of the network's use.
    pub hint: Hint,
    pub allotment: Allotment,
    /// Its operator tells where the range is used.
    pub is_located: bool,
    /// It is made of a registry's statistics.
    pub is_delegated: bool,
}

impl GatheredClaim {
    /// A claim, by the number of its owner; of a source, a file and a line.
    fn of(claim: Claim, owner: u32, (source, file, line): (u16, u16, u32)) -> Self {
        let Claim { range, kind, asn, date, confidence, description, allotment, .. } = claim;
        let hint = description.map_or_else(Hint::default, |text| Policy::hint(&text));
        let (is_located, is_delegated) = (false, false);
        Self {
            range,
            owner,
            source,
            file,
            line,
            kind,
            asn,
            date,
            confidence,
            hint,
            allotment,
            is_located,
            is_delegated,
        }
    }
}

/// A company as a row describes it.
pub(super) struct DescribedCompany {
    pub line: u32,
    pub key: String,
    pub company: Company,
}

/// A contact of a company.
pub(super) struct ContactRow {
    pub line: u32,
    /// The company's key.
    pub company: String,
    /// The value of a `Field::Contact`.
    pub contact: String,
    pub date: Option<Date>,
}

/// What one file says.
pub(super) struct Gathered {
    pub path: PathBuf,
    pub source: u16,
    pub said: RowsSaid,
    /// Columns that the format does not know.
    pub ignored: Vec<String>,
    /// Those of them that may be slips, and what may be meant.
    pub slips: Vec<(String, &'static str)>,
}

impl Gathered {
    /// An error about a row that is readable, but does not fit what other rows say.
    pub(super) fn refuse(
        &self,
        line: u32,
        column: &str,
        value: Option<&str>,
        reason: &str,
    ) -> Error {
        bad_row(&self.path, line, column, value, reason)
    }
}

fn bad_row(path: &Path, line: u32, column: &str, value: Option<&str>, reason: &str) -> Error {
    Error::BadRow(Box::new(BadRow {
        path: path.to_path_buf(),
        line: line.into(),
        column: Some(column.to_owned()),
        value: value.map(crate::error::excerpt),
        reason: reason.to_owned(),
    }))
}

/// Takes out of the files what they say of uses; and how much that is of each source.
pub(super) fn take_uses(files: &mut [Gathered], sources: usize) -> (Vec<SaidUse>, Vec<u64>) {
    let uses: Vec<_> =
        files.iter_mut().flat_map(|file| std::mem::take(&mut file.said.uses)).collect();
    let mut counts = vec![0; sources];
    for of in &uses {
        counts[of.source as usize] += 1;
    }
    (uses, counts)
}

/// How much each source has that says nothing.
pub(super) fn passed_over(files: &[Gathered], sources: usize) -> Vec<PassedOver> {
    let mut all = vec![PassedOver::default(); sources];
    for file in files {
        all[file.source as usize] += file.said.passed_over;
    }
    all
}

/// How files are read.
pub(super) struct Reading<'a> {
    /// Where whoever claims speak of is kept, with the best standing of the sources that do.
    pub owners: &'a Interner,
    pub standings: &'a Standings,
    /// The day of the build; nothing can be younger.
    pub as_of: Date,
    pub skip_bad_rows: bool,
    /// Called with the number of rows read since the last call.
    pub progress: &'a (dyn Fn(u64) -> ControlFlow<()> + Sync),
}

impl Reading<'_> {
    fn of_the_future(&self, path: &Path, line: u32, date: Date) -> Error {
        let reason = format!("lies after the day of the build, {}", self.as_of);
        bad_row(path, line, "date", Some(&date.to_string()), &reason)
    }

    fn tell(&self, rows: u64) -> Result<()> {
        if (self.progress)(rows).is_break() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// Reads all files of all sources, which must be in the order of their numbers.
pub(super) fn gather(sources: &[Source], reading: &Reading) -> Result<(Vec<Gathered>, Faults)> {
    check(sources, reading.as_of)?;
    let files: Vec<_> = (0..)
        .zip(sources)
        .flat_map(|(number, source)| source.paths.iter().map(move |path| (number, source, path)))
        .collect();
    if files.len() > MOST_FILES {
        let (count, limit) = (files.len() as u64, MOST_FILES as u64);
        return Err(Error::TooLarge { what: "files", count, limit });
    }
    let read = files
        .par_iter()
        .enumerate()
        .map(|(file, (number, source, path))| read(source, (*number, file as u16), path, reading));
    // All are awaited, so that the first error in the order of files is told, not that in time.
    let mut all = Vec::with_capacity(files.len());
    let mut faults = Faults::new(reading.skip_bad_rows);
    for file in read.collect::<Vec<_>>() {
        let (gathered, found) = file?;
        all.push(gathered);
        faults.append(found);
    }
    Ok((all, faults))
}

fn check(sources: &[Source], as_of: Date) -> Result<()> {
    if sources.is_empty() {
        return Err(Error::Usage("there is no source to build an index from".into()));
    }
    for source in sources {
        if source.paths.is_empty() {
            return Err(Error::Usage(format!("source {:?} has no file", source.name)));
        }
        if let Some(date) = source.retrieved.filter(|date| *date > as_of) {
            return Err(Error::Usage(format!(
                "source {:?} was retrieved on {date}, after the day of the build, {as_of}; correct \
                 one of the two",
                source.name
            )));
        }
    }
    if let Some(pair) = sources.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(Error::Usage(format!(
            "two sources are named {:?}; give each its own name",
            pair[0].name
        )));
    }
    if sources.len() > MOST_SOURCES {
        let (count, limit) = (sources.len() as u64, MOST_SOURCES as u64);
        return Err(Error::TooLarge { what: "sources", count, limit });
    }
    Ok(())
}

/// Files of a build.
const MOST_FILES: usize = 1 << 16;
/// Rows that one thread reads at a time, and after which it gives word of progress.
const BATCH: usize = 1 << 13;
/// Batches for each thread between two looks at what they have become.
const BATCHES: usize = 4;

/// Reads a file: while some batches of its rows are read by all threads, one finds the next ones.
fn read(
    source: &Source,
    numbers: (u16, u16),
    path: &Path,
    reading: &Reading,
) -> Result<(Gathered, Faults)> {
    let mut statements = source::read(source, path)?;
    let mut all = RowsSaid::default();
    let mut faults = Faults::new(reading.skip_bad_rows);
    let mut batches = split_off(&mut statements);
    while !batches.is_empty() {
        let said = |mut batch| RowsSaid::of(&mut batch, source, numbers, path, reading);
        let (read, next) = rayon::join(
            || batches.into_par_iter().map(said).collect::<Vec<_>>(),
            || split_off(&mut statements),
        );
        for batch in read {
            let (said, found) = batch?;
            all.append(said);
            faults.append(found);
        }
        batches = next;
    }
    // What cannot be split, and the word that there was nothing at all.
    let (said, found) = RowsSaid::of(&mut statements, source, numbers, path, reading)?;
    all.append(said);
    faults.append(found);
    let gathered = Gathered {
        path: path.to_path_buf(),
        source: numbers.0,
        said: all,
        ignored: statements.ignored().iter().cloned().collect(),
        slips: statements.slips(),
    };
    Ok((gathered, faults))
}

fn split_off(statements: &mut Statements) -> Vec<Statements> {
    let most = BATCHES * rayon::current_num_threads();
    std::iter::from_fn(|| statements.split_off(BATCH)).take(most).collect()
}

/// What some rows of a file say, or all of them.
#[derive(Default)]
pub(super) struct RowsSaid {
    pub claims: Vec<GatheredClaim>,
    pub companies: Vec<DescribedCompany>,
    pub contacts: Vec<ContactRow>,
    /// What ranges and autonomous systems are used for, whoever has them.
    pub uses: Vec<SaidUse>,
    pub systems: Vec<GatheredSystem>,
    pub routes: Vec<Route>,
    /// Of which their operators tell where they are used.
    pub located: Vec<AddressRange>,
    pub delegations: Vec<GatheredDelegation>,
    /// Objects of a registry that say nothing.
    pub passed_over: PassedOver,
    /// So many of the claims, and of the systems, have slots as owners.
    with_slots: (usize, usize),
}

impl RowsSaid {
    fn of(
        statements: &mut Statements,
        source: &Source,
        (number, file): (u16, u16),
        path: &Path,
        reading: &Reading,
    ) -> Result<(Self, Faults)> {
        let mut said = Self::default();
        let mut faults = Faults::new(reading.skip_bad_rows);
        let standing = reading.standings.of(number);
        let (mut rows, mut pending) = (0, Batch::default());
        for row in &mut *statements {
            rows += 1;
            if rows % BATCH as u64 == 0 {
                said.give_slots(&mut pending, reading.owners, standing);
                reading.tell(BATCH as u64)?;
            }
            let Some(Row { line, says }) = faults.sift(row)? else { continue };
            match says {
                Statement::Claim(claim) => {
                    if let Some(future) = claim.date.filter(|date| *date > reading.as_of) {
                        faults.sift::<()>(Err(reading.of_the_future(path, line, future)))?;
                        continue;
                    }
                    let owner = pending.add(|bytes| owners::write(&claim.owner, bytes));
                    let claim = GatheredClaim::of(claim, owner, (number, file, line));
                    let date = claim.date.or(source.retrieved);
                    said.claims.push(GatheredClaim { date, ..claim });
                }
                Statement::System { numbers, owner } => {
                    let owner = pending.add(|bytes| owners::write(&owner, bytes));
                    said.systems.push(GatheredSystem { numbers, owner, line });
                }
                Statement::Located(range) => said.located.push(range),
                Statement::Route { range, asn } => said.routes.push(Route { range, asn }),
                Statement::Delegated { what, holder, allotment } => {
                    let source = number;
                    said.delegations.push(GatheredDelegation {
                        what,
                        holder,
                        allotment,
                        source,
                        file,
                        line,
                    });
                }
                Statement::Company { key, company } => {
                    said.companies.push(DescribedCompany { line, key, company });
                }
                Statement::Contact { company, contact, date } => {
                    let date = date.or(source.retrieved);
                    said.contacts.push(ContactRow { line, company, contact, date });
                }
                Statement::Use(says) => {
                    if let Some(future) = says.date.filter(|date| *date > reading.as_of) {
                        faults.sift::<()>(Err(reading.of_the_future(path, line, future)))?;
                        continue;
                    }
                    let date = says.date.or(source.retrieved);
                    said.uses.push(SaidUse { source: number, says: Use { date, ..says } });
                }
            }
        }
        said.give_slots(&mut pending, reading.owners, standing);
        reading.tell(rows % BATCH as u64)?;
        said.passed_over = statements.passed_over();
        Ok((said, faults))
    }

    /// Gives the claims and systems whose owners are pending their slots.
    fn give_slots(&mut self, pending: &mut Batch, owners: &Interner, standing: u16) {
        let (claims, systems) = self.with_slots;
        let claims = self.claims[claims..].iter_mut().map(|claim| &mut claim.owner);
        let systems = self.systems[systems..].iter_mut().map(|system| &mut system.owner);
        owners.give_slots(pending, standing, claims.chain(systems));
        self.with_slots = (self.claims.len(), self.systems.len());
    }

    /// Adds what the rows behind these say.
    fn append(&mut self, next: Self) {
        self.claims.extend(next.claims);
        self.companies.extend(next.companies);
        self.contacts.extend(next.contacts);
        self.uses.extend(next.uses);
        self.systems.extend(next.systems);
        self.routes.extend(next.routes);
        self.located.extend(next.located);
        self.delegations.extend(next.delegations);
        self.passed_over += next.passed_over;
    }
}
