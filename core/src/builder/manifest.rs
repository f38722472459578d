//! The manifest `firmtrie.toml`: what to build an index from, written down.
//!
//! Paths are relative to it. A key that it does not know is an error: a misspelt `priority` would
//! otherwise decide who is behind an address.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::Builder;
use crate::error::{Error, Result, line_of};
use crate::index::metadata::Controller;
use crate::output::Output;
use crate::policy::Policy;
use crate::registry::RegistryPath;
use crate::source::{Date, Format, Layout, Source, delimiter, encoding, parse_date};
use crate::words::UnknownWord;

/// A manifest that was read: a builder, and where its index goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Manifest {
    /// Set up with everything that the manifest says.
    pub builder: Builder,
    /// The output that the manifest names.
    pub output: Option<Output>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestText {
    as_of: Option<Spanned<Day>>,
    #[serde(default)]
    policy: Option<Spanned<String>>,
    listed_kinds: Option<bool>,
    registry: Option<PathBuf>,
    registry_key: Option<PathBuf>,
    output: Option<PathBuf>,
    source: Vec<Spanned<WrittenSource>>,
    controller: Option<Controller>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    name: String,
    format: Option<Spanned<String>>,
    path: Paths,
    url: Option<String>,
    licence: Option<String>,
    basis: Option<String>,
    retrieved: Option<Spanned<Day>>,
    priority: Option<i32>,
    /// Bytes of a file when it is decompressed.
    max_size: Option<u64>,
    delimiter: Option<Spanned<String>>,
    encoding: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Paths {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

/// For a day: that on which the oldest of a source's files was last modified.
const MODIFIED: &str = "modified";

/// A date of TOML, or the same between quotes; of `retrieved` [`MODIFIED`] as well.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(Datetime),
    Text(String),
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Manifest`] with file, line and reason when it
    /// cannot be used.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("firmtrie.toml");
    /// std::fs::write(&path, r#"
    /// as_of = 2026-11-01
    /// output = "companies.firm"
    /// [[source]]
    /// name = "ip-location-db/asn"
    /// format = "asn-csv"
    /// path = ["asn-ipv4.csv", "asn-ipv6.csv"]
    /// licence = "CC-BY-4.0"
    /// basis = "public routing table"
    /// "#)?;
    /// let manifest = firmtrie::builder::Manifest::read(&path)?;
    /// let output = manifest.output.unwrap();
    /// assert_eq!(output.path(), Some(dir.path().join("companies.firm").as_path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(Error::io(path, "read"))?;
        let mut manifest = Self::parse(&text, path)?;
        manifest.builder.read.push(path.to_path_buf());
        Ok(manifest)
    }

    /// The same of a text, as if it were in a file at `path`: errors name it, and paths are relative
    /// to its folder.
    ///
    /// # Errors
    /// [`Error::Manifest`] with line and reason when it cannot be used.
    pub fn parse(text: &str, path: impl AsRef<Path>) -> Result<Self> {
        let file = ManifestFile { path: path.as_ref(), text };
        let written: ManifestText = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            file.refuse(at, error.message())
        })?;
        file.manifest(written)
    }

    /// The same of JSON with what would be in a manifest; paths are relative to the working
    /// directory. Keys of null are keys that are not there.
    ///
    /// # Errors
    /// Those of [`Manifest::parse`]; lines are those that it would have as TOML.
    pub fn from_json(json: &str) -> Result<Self> {
        let path = Path::new("manifest");
        let refused = |reason: String| Error::Manifest { path: path.to_path_buf(), reason };
        let value = serde_json::from_str(json).map_err(|error| refused(error.to_string()))?;
        let text = toml::to_string(&without_nulls(value));
        Self::parse(&text.map_err(|error| refused(error.to_string()))?, path)
    }
}

fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| (key, without_nulls(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

/// The manifest's text, for the line of what is wrong in it.
struct ManifestFile<'a> {
    path: &'a Path,
    text: &'a str,
}

impl ManifestFile<'_> {
    fn refuse(&self, at: usize, reason: impl std::fmt::Display) -> Error {
        let line = line_of(self.text, at);
        Error::Manifest { path: self.path.to_path_buf(), reason: format!("line {line}: {reason}") }
    }

    /// A path of the manifest, which is relative to its folder.
    fn beside(&self, path: &Path) -> PathBuf {
        self.folder().join(path)
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn manifest(&self, written: ManifestText) -> Result<Manifest> {
        let mut builder = Builder::new();
        let policy = written.policy.map(|policy| self.policy(&policy)).transpose()?;
        let policy = policy.unwrap_or_default();
        let policy = match written.listed_kinds {
            Some(listed) => policy.listed_kinds(listed),
            None => policy,
        };
        if let Some(day) = written.as_of {
            builder = builder.as_of(self.day(&day)?);
        }
        if let Some(controller) = written.controller {
            builder = builder.controller(controller);
        }
        let beside = |path: Option<PathBuf>| path.map(|path| self.beside(&path));
        let registry = RegistryPath::named(beside(written.registry), beside(written.registry_key));
        let alone = |_| self.refuse(0, "registry_key is the key of a registry; name that too");
        if let Some(registry) = registry.map_err(alone)? {
            builder = builder.registry(registry);
        }
        for source in written.source {
            let at = source.span().start;
            let source = self.source(source.into_inner())?;
            if policy.needs_basis() && source.basis.is_none() {
                return Err(self.refuse(
                    at,
                    format!(
                        "source {:?} has no basis; under policy {} say why its facts may be \
                         used, as in basis = \"public routing table\"",
                        source.name(),
                        policy.name()
                    ),
                ));
            }
            builder = builder.source(source);
        }
        builder = builder.policy(policy);
        Ok(Manifest { builder, output: written.output.map(|output| self.beside(&output).into()) })
    }

    fn source(&self, written: WrittenSource) -> Result<Source> {
        let paths = match written.path {
            Paths::One(path) => vec![path],
            Paths::Several(paths) => paths,
        };
        let paths: Vec<_> = paths.iter().map(|path| self.beside(path)).collect();
        let mut layout = Layout::default();
        if let Some(bytes) = written.max_size {
            layout.most = bytes;
        }
        let refuse = |at: usize| move |reason: String| self.refuse(at, reason);
        if let Some(text) = &written.delimiter {
            layout.delimiter = delimiter(text.as_ref()).map_err(refuse(text.span().start))?;
        }
        if let Some(label) = &written.encoding {
            layout.encoding = encoding(label.as_ref()).map_err(refuse(label.span().start))?;
        }
        let format = match (written.format, paths.first()) {
            (Some(format), _) => self.format(&format)?,
            (None, Some(path)) => Format::detect_as(path, layout)?,
            // Without a file the builder refuses the source.
            (None, None) => Format::Networks,
        };
        let mut source = Source::new(written.name, format);
        if let Some(priority) = written.priority {
            source = source.priority(priority);
        }
        source = paths.iter().fold(source, Source::path);
        source.layout = layout;
        source.url = written.url;
        source.licence = written.licence;
        source.basis = written.basis;
        source.retrieved = match &written.retrieved {
            Some(day) if matches!(day.as_ref(), Day::Text(text) if text == MODIFIED) => paths
                .iter()
                .map(|path| modified(path))
                .collect::<Result<Vec<_>>>()?
                .into_iter()
                .min(),
            Some(day) => Some(self.day(day)?),
            None => None,
        };
        Ok(source)
    }

    /// A preset, or a policy file beside the manifest.
    fn policy(&self, written: &Spanned<String>) -> Result<Policy> {
        Policy::named(written.as_ref(), self.folder()).map_err(|error| match error {
            Error::Usage(reason) => self.refuse(written.span().start, reason),
            error => error,
        })
    }

    fn format(&self, written: &Spanned<String>) -> Result<Format> {
        let wanted = written.as_ref();
        wanted.parse().map_err(|error: UnknownWord| {
            self.refuse(written.span().start, format!("{wanted:?} is no format; it {error}"))
        })
    }

    fn day(&self, written: &Spanned<Day>) -> Result<Date> {
        let text = match written.as_ref() {
            Day::Date(date) => date.to_string(),
            Day::Text(text) => text.clone(),
        };
        parse_date(&text).ok_or_else(|| {
            let reason = format!("{text:?} is not a date; expected one as in 2026-11-01");
            self.refuse(written.span().start, reason)
        })
    }
}

/// The day on which a file was last modified, by UTC.
fn modified(path: &Path) -> Result<Date> {
    let time =
        fs::metadata(path).and_then(|file| file.modified()).map_err(Error::io(path, "read"))?;
    let time = Timestamp::try_from(time).map_err(|error| {
        let reason =
            format!("was modified at no time that there is: {error}; correct it with touch");
        Error::Source { path: path.to_path_buf(), reason }
    })?;
    Ok(Offset::UTC.to_datetime(time).date())
}
