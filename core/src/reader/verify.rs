//! Verification: every checksum, and everything that one part of the file says of another.
//!
//! A lookup checks what it touches and nothing else. What passes here never errs afterwards.

use super::Index;
use crate::company::Status;
use crate::error::{Error, Result};
use crate::index::NOBODY;
use crate::index::ids::{AnswerId, CompanyId};
use crate::index::tables::ResolvedAnswer;

impl Index {
    /// Reads all of the file and checks it: every checksum, and behind the checksums every
    /// reference. Gives what is wrong, at most a few errors a section; nothing if all is well.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.2.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// let mut bytes = std::fs::read(&path)?;
    /// assert!(firmtrie::Index::from_bytes(&bytes)?.verify().is_empty());
    /// bytes[1000] ^= 1;
    /// assert!(!firmtrie::Index::from_bytes(&bytes)?.verify().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(&self) -> Vec<Error> {
        let mut errors = self.header().verify(self.file.bytes());
        let answers = self.answer_count() as u32;
        let layout = self.verify_layout();
        // What is laid out wrongly is not read: of a file that was made to be, that could take for ever.
        let contents = layout.is_ok().then(|| [self.verify_companies(), self.verify_strings()]);
        let checks = [
            self.trie().verify(answers),
            self.intervals().verify(answers),
            self.verify_answers(),
            layout,
        ];
        let checks = checks.into_iter().chain(contents.into_iter().flatten());
        errors.extend(checks.filter_map(Result::err));
        errors
    }

    fn verify_answers(&self) -> Result<()> {
        let damaged = |reason| Err(Error::damaged("Answers", reason));
        let (answers, table) = (self.answers(), self.companies_table());
        let companies = table.count() as u32;
        let sources = self.info()?.sources.len() as u32;
        let first_mask = self.header().first_mask;
        if answers.count() == 0 || first_mask == NOBODY || first_mask as usize > answers.count() {
            return damaged("the first mask is not among them");
        }
        let nobody = AnswerId::NOBODY;
        if answers.stored(nobody)?.answer() != ResolvedAnswer::NOBODY
            || answers.company_offset(nobody) != answers.no_offset(nobody)
        {
            return damaged("the first is not that of nobody");
        }
        for number in 1..answers.count() as u32 {
            let id = AnswerId::new(number);
            let stored = answers.stored(id)?;
            let answer = stored.answer();
            let of_company = answer.status == Status::Company;
            let known = (1..=companies).contains(&answer.company);
            if of_company != (number < first_mask) || of_company != known {
                return damaged("an answer and its company contradict each other");
            }
            if answer.status == Status::Unknown {
                return damaged("only the first is that of nobody");
            }
            let expected = if known {
                Some(table.offset(CompanyId::new(answer.company))?)
            } else {
                answers.no_offset(id)
            };
            if answers.company_offset(id) != expected {
                return damaged("an answer does not know where its company is");
            }
            if answer.sources.checked_shr(sources).unwrap_or(0) != 0 {
                return damaged("an answer has a source that there is not");
            }
        }
        Ok(())
    }

    /// Checks that no two companies, lists of facts or strings lie in the same bytes: in a file that was
    /// made to lie, each of very many could be as long as the file.
    pub(crate) fn verify_layout(&self) -> Result<()> {
        self.companies_table().verify()?;
        self.companies_table().facts().verify()?;
        self.strings().verify()
    }

    fn verify_companies(&self) -> Result<()> {
        let sources = self.info()?.sources.len();
        // Once each: very many companies may share a long list.
        for list in 0..self.companies_table().facts().count() as u32 {
            if !self.checked_facts(list)?.sources().all(|source| source < sources) {
                return Err(Error::damaged("Facts", "a fact has a source that there is not"));
            }
        }
        self.companies().try_for_each(|company| company.map(drop))
    }

    fn verify_strings(&self) -> Result<()> {
        let strings = self.strings();
        (0..strings.count() as u32).try_for_each(|number| strings.string(number).map(drop))?;
        // A source's number is that of its name.
        for (number, source) in (0..).zip(&self.info()?.sources) {
            if strings.string(number)? != source.name {
                return Err(Error::damaged("Strings", "a source has another name there"));
            }
        }
        Ok(())
    }
}
