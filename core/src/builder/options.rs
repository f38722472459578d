//! What goes before what a manifest says, as the callers of every language and the command line give
//! it, and the build itself: on threads of its own, telling now and then how far it is.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Builder, Manifest, Summary};
use crate::error::{Error, Result};
use crate::output::Output;
use crate::policy::Policy;
use crate::registry::RegistryPath;
use crate::source::{Date, Format, Source};

/// Rows between two words on progress: one for each would cost more than the build.
const TELL_EVERY: u64 = 100_000;

/// What goes before what a [`Manifest`] says; what is not given here it says itself.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// use std::ops::ControlFlow;
///
/// use firmtrie::builder::{BuildOptions, Manifest};
///
/// let mut options = BuildOptions::default();
/// options.output = Some(path.into());
/// let summary = Manifest::of_files(&[rows], Some("asn"), None)?
///     .write(options, |rows| {
///         println!("{rows} rows read");
///         ControlFlow::Continue(())
///     })?;
/// assert_eq!(summary.metadata.counts.companies, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BuildOptions {
    /// Where the index goes.
    pub output: Option<Output>,
    /// See [`Builder::report`].
    pub report: Option<Output>,
    /// See [`Builder::force`].
    pub force: bool,
    /// Who is left out.
    pub policy: Option<Policy>,
    /// Who objected.
    pub registry: Option<RegistryPath>,
    /// See [`Builder::without_registry`].
    pub without_registry: bool,
    /// See [`Builder::as_of`].
    pub as_of: Option<Date>,
    /// See [`Builder::max_change`].
    pub max_change: Option<(f64, Option<PathBuf>)>,
    /// See [`Builder::skip_bad_rows`].
    pub skip_bad_rows: bool,
}

impl Manifest {
    /// What a manifest of these files would say: the format of each is [detected](Format::detect), and
    /// files of one format are one source. It is named after the format, or as said; of files of
    /// several formats each source's name then has the format behind it. `basis` is why all of them
    /// may be used.
    ///
    /// # Errors
    /// Those of [`Format::detect`].
    pub fn of_files(files: &[PathBuf], name: Option<&str>, basis: Option<&str>) -> Result<Self> {
        let formats = files.iter().map(Format::detect).collect::<Result<Vec<_>>>()?;
        let several = formats.iter().any(|format| *format != formats[0]);
        let mut builder = Builder::new();
        for format in Format::ALL {
            let paths = files.iter().zip(&formats).filter(|(_, of)| **of == format);
            let mut paths = paths.map(|(path, _)| path).peekable();
            if paths.peek().is_some() {
                let name = match name {
                    None => format.to_string(),
                    Some(name) if several => format!("{name}/{format}"),
                    Some(name) => name.to_owned(),
                };
                let source = paths.fold(Source::new(name, format), Source::path);
                builder = builder.source(match basis {
                    Some(basis) => source.basis(basis),
                    None => source,
                });
            }
        }
        Ok(Self { builder, output: None })
    }

    /// Builds the index and puts it where it goes: [`Builder::write`]. `progress` is called with the
    /// number of rows read so far, now and then, from any thread; its break stops the build.
    ///
    /// # Errors
    /// Those of [`Builder::write`]; [`Error::Usage`] if nobody says where the index goes.
    pub fn write(
        self,
        options: BuildOptions,
        progress: impl Fn(u64) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Result<Summary> {
        let output = options.output.or(self.output).ok_or_else(|| {
            Error::Usage("where should the index go? name an output, as companies.firm".to_owned())
        })?;
        let mut builder = self.builder.skip_bad_rows(options.skip_bad_rows);
        builder = builder.without_registry(options.without_registry);
        builder = builder.force(options.force);
        if let Some(report) = options.report {
            builder = builder.report(report);
        }
        if let Some(policy) = options.policy {
            builder = builder.policy(policy);
        }
        if let Some(registry) = options.registry {
            builder = builder.registry(registry);
        }
        if let Some(day) = options.as_of {
            builder = builder.as_of(day);
        }
        if let Some((part, against)) = options.max_change {
            builder = builder.max_change(part, against);
        }
        let read = AtomicU64::new(0);
        builder = builder.on_progress(move |rows| {
            let before = read.fetch_add(rows, Ordering::Relaxed);
            let now = before + rows;
            if before == 0 || before / TELL_EVERY < now / TELL_EVERY {
                return progress(now);
            }
            ControlFlow::Continue(())
        });
        // They end with the build: after a fork a child would wait for those of a pool that stayed with
        // its parent.
        let threads = rayon::ThreadPoolBuilder::new().build();
        let threads = threads.map_err(|error| Error::Usage(format!("no threads: {error}")))?;
        threads.install(|| builder.write(output))
    }
}
