//! Outputs: where a command puts what it makes, so that nothing is destroyed on the way.
//!
//! One rule for all of them. What is read is never replaced. What is there and is no file of the same
//! sort as what is written is replaced only when that is forced. A device, a pipe or standard output
//! is written to and never replaced; a disk is neither. Several outputs appear together or none does.
//!
//! What is written is not looked at here.

mod beside;

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use beside::{Beside, put};

/// What an output is, by which one that is there already is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sort {
    /// An index.
    Index,
    /// A report of a build, as JSON or as a table.
    Report,
    /// An answer to a request of access, as a page of HTML.
    Page,
    /// What access logs came to, as JSON.
    Visits,
    /// An index for other software, in a format of theirs: what is there is never known to be one.
    Export,
}

impl Sort {
    /// Does a file of this sort begin so?
    fn begins(self, bytes: &[u8]) -> bool {
        let has = |word: &str| bytes.windows(word.len()).any(|at| at == word.as_bytes());
        match self {
            // The number of a version follows, of which there are few: text is none.
            Self::Index => {
                bytes.starts_with(&crate::index::header::MAGIC)
                    && matches!(bytes.get(8..12), Some([_, 0, 0, 0]))
            }
            Self::Report => {
                (bytes.starts_with(b"{\n  \"as_of\": \"") && has("\"policy_fingerprint\""))
                    || (bytes.starts_with(b"policy ") && has("IPv4 addresses"))
            }
            Self::Page => has(PAGE_MARK),
            Self::Export => false,
            Self::Visits => bytes.starts_with(VISITS_MARK.as_bytes()),
        }
    }

    fn named(self) -> &'static str {
        match self {
            Self::Index => "an index",
            Self::Report => "a report of a build",
            Self::Page => "a page of an answer",
            Self::Visits => "a report of visits",
            Self::Export => "known to be an export",
        }
    }

    /// May others read it? What is left out of an index, and about whom somebody asks, is not for them.
    const fn is_private(self) -> bool {
        !matches!(self, Self::Index | Self::Export)
    }
}

/// What stands in the head of every page, so that it is known again.
pub const PAGE_MARK: &str = "<meta name=\"generator\" content=\"firmtrie\">";

/// How every report of visits begins.
pub const VISITS_MARK: &str = "{\n  \"made_by\": \"firmtrie identify\"";

/// Where Unix has what standard output is of this process.
const STANDARD_OUTPUT: &str = "/dev/stdout";

/// All of its names. What a shell has opened under them is written to, also where it is a file.
const STANDARD_OUTPUTS: [&str; 3] = [STANDARD_OUTPUT, "/dev/fd/1", "/proc/self/fd/1"];

/// Bytes of a file by which its sort is told.
const BEGINNING: u64 = 1024;

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Output(Place);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    Path(PathBuf),
    StandardOutput,
}

impl Output {
    /// Standard output of the process.
    pub const fn standard() -> Self {
        Self(Place::StandardOutput)
    }

    /// As command lines name it: `-` is standard output, anything else a path.
    pub fn named(name: impl Into<PathBuf>) -> Self {
        let path = name.into();
        if path == Path::new("-") { Self::standard() } else { Self::from(path) }
    }

    /// The path, where there is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Path(path) => Some(path),
            Place::StandardOutput => None,
        }
    }
}

impl<T: Into<PathBuf>> From<T> for Output {
    fn from(path: T) -> Self {
        let path = path.into();
        let is_standard = STANDARD_OUTPUTS.iter().any(|name| path == Path::new(name));
        Self(if is_standard { Place::StandardOutput } else { Place::Path(path) })
    }
}

/// The outputs of one command.
///
/// ```
/// use firmtrie::output::{Output, Outputs, Sort};
/// # let dir = tempfile::tempdir()?;
/// let companies = dir.path().join("companies.csv");
/// std::fs::write(&companies, "key,name\n1,Example B.V.\n")?;
///
/// let mut outputs = Outputs::new(false);
/// outputs.add(companies.as_path(), Sort::Page);
/// let error = outputs.check(&[]).unwrap_err().to_string();
/// assert!(error.contains("is there, and is not a page of an answer"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Outputs {
    force: bool,
    all: Vec<(Output, Sort)>,
}

impl Outputs {
    /// None yet. `force` lets files of another sort be replaced.
    pub const fn new(force: bool) -> Self {
        Self { force, all: Vec::new() }
    }

    /// One more. They are put in place in this order.
    pub fn add(&mut self, output: impl Into<Output>, sort: Sort) {
        self.all.push((output.into(), sort));
    }

    /// May all of them be written? Asked before the work, which may take long. `inputs` are what it
    /// reads, which no output replaces.
    ///
    /// # Errors
    /// [`Error::Output`] for one that may not be replaced or written to, [`Error::Io`] where its
    /// folder takes no new file.
    pub fn check(&self, inputs: &[PathBuf]) -> Result<()> {
        // Of what is not there yet, too: a database has its journal while it is changed.
        let inputs: Vec<_> =
            inputs.iter().filter_map(|path| Some(Beside::of(path).ok()?.path)).collect();
        let mut taken: Vec<PathBuf> = Vec::new();
        let mut streams = 0;
        for (output, sort) in &self.all {
            let Some(path) = output.path() else {
                streams += 1;
                let redirected = Path::new(STANDARD_OUTPUT).canonicalize();
                if redirected.is_ok_and(|path| inputs.contains(&path)) {
                    let reason = "is a file that is read by this command; name another file";
                    return Err(refuse(Path::new("standard output"), reason));
                }
                continue;
            };
            if let Way::Replace(beside) = self.way(path, *sort)? {
                if inputs.contains(&beside.path) {
                    return Err(refuse(path, "is read by this command; name another file"));
                }
                if taken.contains(&beside.path) {
                    return Err(refuse(path, "is named for two outputs; give each its own"));
                }
                beside
                    .new_file(sort.is_private())
                    .map_err(Error::io(path, "create a file beside"))?;
                taken.push(beside.path);
            }
        }
        if streams > 1 {
            let reason = "standard output is named for two outputs; give each its own".to_owned();
            return Err(Error::Usage(reason));
        }
        Ok(())
    }

    /// Writes all, of each its bytes: files beside their places first, then what goes into streams, and
    /// only then are the files put in place.
    ///
    /// # Errors
    /// Those of [`Outputs::check`], and [`Error::Io`]. All files are then as they were, unless it was the
    /// last step that failed, to have the disk keep the new names: then the new ones are there.
    pub fn write(&self, contents: &[Vec<u8>]) -> Result<()> {
        let (mut files, mut streams) = (Vec::new(), Vec::new());
        for ((output, sort), bytes) in self.all.iter().zip(contents) {
            match output.path().map(|path| self.way(path, *sort)).transpose()? {
                Some(Way::Replace(beside)) => files.push(beside.filled(sort.is_private(), bytes)?),
                _ => streams.push((output, bytes)),
            }
        }
        for (output, bytes) in streams {
            stream(output, bytes)?;
        }
        put(files)
    }

    /// How a path is written to, if it may be.
    fn way(&self, path: &Path, sort: Sort) -> Result<Way> {
        match fs::metadata(path) {
            Ok(file) if file.is_dir() => {
                Err(refuse(path, "is a directory; name a file in it, such as companies.firm"))
            }
            Ok(file) if file.is_file() => {
                let is_sort = file.len() == 0 || sort.begins(&beginning(path).unwrap_or_default());
                if !is_sort && !self.force {
                    let named = sort.named();
                    return Err(refuse(
                        path,
                        &format!("is there, and is not {named}; name another file, or force it"),
                    ));
                }
                Ok(Way::Replace(Beside::of(path)?))
            }
            Ok(file) if is_stream(&file) => Ok(Way::Stream),
            Ok(_) => Err(refuse(path, "is a disk or a socket; name a file")),
            Err(_) if path.as_os_str().as_encoded_bytes().ends_with(b"/") => Err(refuse(
                path,
                "is a directory that is not there; make it, and name a file in it",
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Way::Replace(Beside::of(path)?))
            }
            Err(error) => Err(Error::io(path, "write")(error)),
        }
    }
}

/// How an output is written.
enum Way {
    Replace(Beside),
    Stream,
}

fn refuse(path: &Path, reason: &str) -> Error {
    Error::Output { path: path.to_path_buf(), reason: reason.to_owned() }
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn is_stream(file: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_char_device() || file.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_stream(_: &Metadata) -> bool {
    true
}

fn stream(output: &Output, bytes: &[u8]) -> Result<()> {
    match &output.0 {
        Place::Path(path) => {
            let written = File::options().write(true).open(path);
            written.and_then(|mut file| file.write_all(bytes)).map_err(Error::io(path, "write"))
        }
        Place::StandardOutput => {
            let mut output = io::stdout().lock();
            let written = output.write_all(bytes).and_then(|()| output.flush());
            written.map_err(Error::io(Path::new("standard output"), "write"))
        }
    }
}
