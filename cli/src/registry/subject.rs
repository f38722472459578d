//! Everything that is held about somebody, as lines, as JSON or as a letter, and what has to be looked at
//! before that is sent.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use firmtrie::output::{Output, Outputs, Sort};
use firmtrie::registry::{Held, HeldCompany, RegistryPath};

use super::page::Letter;
use super::request::WhoArguments;
use super::{Location, line};
use crate::Failure;
use crate::open::IndexFile;
use crate::text::plain;

/// Where an answer goes, and how it is written.
pub struct Page<'a> {
    pub path: &'a Path,
    pub force: bool,
    pub letter: Letter<'a>,
}

impl Page<'_> {
    /// Writes it; `inputs` are not replaced.
    fn write(&self, held: &Held, inputs: &[PathBuf]) -> Result<(), Failure> {
        let mut outputs = Outputs::new(self.force);
        outputs.add(Output::named(self.path), Sort::Page);
        outputs.check(inputs)?;
        for warning in self.warnings(held) {
            writeln!(io::stderr(), "WARNING: {warning}")?;
        }
        Ok(outputs.write(&[self.letter.page(held).into_bytes()])?)
    }

    /// What has to be looked at before it is sent.
    fn warnings(&self, held: &Held) -> Vec<String> {
        let of = held.controller.as_ref();
        let missing = [
            ("who is responsible", of.is_some()),
            ("where to write to", of.is_some_and(|of| of.contact.is_some())),
            ("which authority hears complaints", of.is_some_and(|of| of.authority.is_some())),
        ];
        let missing = missing.iter().filter(|(_, is_said)| !is_said).map(|(what, _)| *what);
        let missing = missing.collect::<Vec<_>>().join(", nor ");
        let mut warnings = Vec::new();
        if !missing.is_empty() {
            warnings.push(format!(
                "the index does not say {missing}; have it in [controller] of its manifest"
            ));
        }
        let names = |company: &HeldCompany| {
            let mut facts = company.facts.iter().filter(|fact| fact.field == "name");
            facts.next().map(|fact| plain(&fact.value))
        };
        let names: BTreeSet<_> = held.companies.iter().filter_map(names).collect();
        // Of a firm it is known to be one; space may be of several.
        if names.len() > 1 && !held.networks.is_empty() {
            let names = names.into_iter().collect::<Vec<_>>().join("; ");
            warnings.push(format!(
                "the letter tells of several companies: {names}; send it to nobody who may not know all of them"
            ));
        }
        if self.letter.addressee(held).is_none() {
            warnings
                .push("the letter is addressed to nobody; say to whom it is with --to".to_owned());
        }
        warnings
    }
}

/// Runs the command.
pub fn run(
    location: &Location,
    who: &WhoArguments,
    index: Option<&PathBuf>,
    page: Option<&Page<'_>>,
) -> Result<(), Failure> {
    let is_printed = page.is_some_and(|page| Output::named(page.path).path().is_none());
    if is_printed && location.json {
        let reason = "standard output is named for the page and for JSON; give the page a file";
        return Err(Failure::Usage(reason.to_owned()));
    }
    let path = index;
    let index = index.map(|path| IndexFile::at(path).open()).transpose()?;
    let held = location.open()?.subject(&who.one()?, index.as_ref())?;
    if let Some(page) = page {
        let files = RegistryPath::new(&location.folder, location.key.clone()).files();
        let who = who.file().map(Path::to_path_buf);
        page.write(&held, &path.into_iter().cloned().chain(files).chain(who).collect::<Vec<_>>())?;
        if is_printed {
            return Ok(());
        }
    }
    location.say(&held, || {
        let mut lines = Vec::new();
        for company in &held.companies {
            let facts = company.facts.iter();
            lines.extend(facts.map(|fact| {
                format!("{}\t{}\t{}", fact.field, plain(&fact.value), plain(&fact.source))
            }));
            lines.extend(company.networks.iter().map(|of| format!("network\t{}", of.network)));
        }
        for network in &held.networks {
            let company = network.company.as_deref().unwrap_or(network.status.as_str());
            lines.push(format!("network\t{}\t{}", network.network, plain(company)));
        }
        lines.extend(
            held.requests.iter().map(|request| format!("request\t{}", line(&request.entry))),
        );
        if lines.is_empty() {
            lines.push("nothing is held".to_owned());
        }
        lines
    })
}
