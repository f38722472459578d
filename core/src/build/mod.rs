//! Building: sources are gathered, their claims resolved, encoded, and written as one file.
//!
//! The same sources give the same bytes, in any order of files and rows and on any number of
//! threads. What is written is there whole or not at all.

mod encode;
mod gather;
mod resolve;
mod write;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::net::Family;
use crate::source::Source;
use crate::special_purpose;
use encode::{Encoded, Resolved};
use gather::{Gathered, Numbered};
use resolve::{Contender, resolve};

/// Makes an index out of sources.
///
/// Of two claims that overlap the more specific range wins; of ranges of the same size that of the
/// source with the higher priority, then the one that starts lower. Special-purpose space (RFC
/// 6890) is answered with nobody, whatever a source claims.
///
/// ```
/// use firmtrie::{Builder, Format, Index, Source};
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// let summary =
///     Builder::new().source(Source::new("asn", Format::AsnCsv).path(&rows)).write(&path)?;
/// assert_eq!((summary.claims, summary.companies), (1, 1));
/// assert!(Index::open(&path)?.lookup("1.0.0.1".parse()?)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Work is done on the current rayon thread pool.
#[derive(Clone)]
pub struct Builder {
    sources: Vec<Source>,
    progress: Arc<dyn Fn(u64) + Send + Sync>,
}

/// What a build has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Claims in all sources.
    pub claims: u64,
    /// Stretches of neighbouring IPv4 addresses with one answer.
    pub v4_stretches: u64,
    /// The same for IPv6.
    pub v6_stretches: u64,
    /// Different answers, that of nobody included.
    pub answers: u64,
    /// Companies.
    pub companies: u64,
    /// Size of the index in bytes.
    pub bytes: u64,
}

impl Builder {
    /// A builder without a source yet.
    pub fn new() -> Self {
        Self { sources: Vec::new(), progress: Arc::new(|_| {}) }
    }

    /// Adds a source; their order does not matter, their names must differ.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Calls back with the number of claims read since the last call, from any thread.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Builds the index and puts it at `path`, replacing a file that is there.
    ///
    /// # Errors
    /// A source that cannot be read ([`crate::Error::Io`], [`crate::Error::Source`],
    /// [`crate::Error::BadRow`]), sources that do not fit together ([`crate::Error::Usage`]), more
    /// than the format holds ([`crate::Error::TooLarge`]). The file at `path` is then as it was.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<Summary> {
        let (bytes, summary) = self.build()?;
        write::replace(path.as_ref(), &bytes)?;
        Ok(summary)
    }

    /// Builds the index in memory.
    ///
    /// # Errors
    /// Those of [`Builder::write`].
    pub fn build(&self) -> Result<(Vec<u8>, Summary)> {
        let mut sources = self.sources.clone();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let Gathered { claims, findings } = gather::gather(&sources, &*self.progress)?;
        let claim_count = claims.len() as u64;
        let (v4, v6) =
            rayon::join(|| stretches(&claims, Family::V4), || stretches(&claims, Family::V6));
        drop(claims);
        let (v4_stretches, v6_stretches) = (v4.len() as u64, v6.len() as u64);
        let Encoded { bytes, answers, companies } =
            encode::encode(Resolved { v4, v6, findings }, &sources)?;
        let summary = Summary {
            claims: claim_count,
            v4_stretches,
            v6_stretches,
            answers: answers as u64,
            companies: companies as u64,
            bytes: bytes.len() as u64,
        };
        Ok((bytes, summary))
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("sources", &self.sources).finish_non_exhaustive()
    }
}

/// Resolves the claims of one family and takes special-purpose space out.
fn stretches(claims: &[Numbered], family: Family) -> Vec<crate::index::Stretch> {
    let contenders = claims
        .iter()
        .filter(|claim| claim.range.family() == family)
        .map(|claim| Contender::claim(&claim.range, claim.priority, claim.answer))
        .chain(special_purpose::ranges(family).iter().map(Contender::mask))
        .collect();
    resolve(contenders, family.max())
}
