//! Logs as blocks of whole lines, in their order: of files that are plain or compressed, and of standard input.
//!
//! A block is as much as fits in a processor's cache, so whatever a log's size, few megabytes of it are in
//! memory. A line that is longer than a block is cut. What cannot be read any further is told, and what was
//! read before it stands.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use firmtrie::input::decompressed;
use glob::glob;
use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::layout::Layout;
use super::names::Names;
use super::parquet::{Lines, MAGIC};
use crate::log::separated::FIELDS;

/// Bytes of a block.
const BLOCK: usize = 1 << 20;
/// What is kept of a line that is longer than a block.
const CUT: usize = 1 << 16;
/// So many lines show which layout a log has.
const FIRST_LINES: usize = 100;
/// How long is waited before a log that grows is looked at again.
const PAUSE: Duration = Duration::from_millis(100);
/// Blocks that are read ahead.
const AHEAD: usize = 8;

/// Whole lines of one log, and how they are taken apart.
pub struct Block {
    /// The log's number, in the order in which they are read.
    pub log: usize,
    pub layout: Arc<Layout>,
    pub text: Vec<u8>,
    names: Arc<Names>,
}

impl Block {
    /// The layout behind a line of it in which columns are named anew.
    pub fn renewed(&self, line: &[u8]) -> Option<Layout> {
        self.layout.renewed(&self.names, line)
    }
}

/// What a reader hands over.
pub enum Piece {
    Block(Block),
    /// This log could not be read, or no further, and why.
    Unread(usize, String),
}

/// Where a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    StandardInput,
    File(PathBuf),
}

impl Place {
    /// Its path, if it is a file.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::StandardInput => None,
            Self::File(path) => Some(path.clone()),
        }
    }

    /// How it is called in messages.
    pub fn name(&self) -> String {
        match self {
            Self::StandardInput => "standard input".into(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// The logs that are named: paths, patterns of paths, and `-`.
pub fn places(names: &[String]) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for name in names {
        if name == "-" {
            places.push(Place::StandardInput);
        } else if Path::new(name).exists() || !name.contains(['*', '?', '[']) {
            places.push(Place::File(name.into()));
        } else {
            let found = glob(name).map_err(|error| format!("{name}: {error}"))?;
            let before = places.len();
            places.extend(found.filter_map(Result::ok).map(Place::File));
            if places.len() == before {
                return Err(format!("{name}: no file is called so"));
            }
        }
    }
    if places.iter().filter(|place| **place == Place::StandardInput).count() > 1 {
        return Err("standard input is named twice; it can be read once".to_owned());
    }
    Ok(places)
}

/// How logs are read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What the user calls the layout.
    pub format: Option<String>,
    pub names: Arc<Names>,
    /// A line that is longer, in bytes, is cut.
    pub longest: usize,
}

/// Reads one log on a thread of its own, where it is opened.
pub(super) fn read_one(
    open: impl FnOnce() -> io::Result<Box<dyn Read + Send>> + Send + 'static,
    reading: Reading,
) -> Receiver<Piece> {
    let (sender, receiver) = sync_channel(AHEAD);
    thread::spawn(move || {
        let mut blocks =
            Blocks { log: 0, reading: &reading, format: None, layout: None, to: &sender };
        let log = open().map_err(|error| End::Unread(error.to_string()));
        if let Err(End::Unread(reason)) = log.and_then(|log| blocks.all(log)) {
            let _ = sender.send(Piece::Unread(0, reason));
        }
    });
    receiver
}

/// Reads logs one after the other, on a thread of its own; `read` counts bytes of files, as they lie on disk.
pub fn read(places: Vec<Place>, reading: Reading, read: Arc<AtomicU64>) -> Receiver<Piece> {
    let (sender, receiver) = sync_channel(AHEAD);
    thread::spawn(move || {
        for (log, place) in places.iter().enumerate() {
            let mut blocks =
                Blocks { log, reading: &reading, format: None, layout: None, to: &sender };
            let mut open = || -> io::Result<Box<dyn Read + Send>> {
                let Place::File(path) = place else { return decompressed(io::stdin()) };
                let mut file = open(path)?;
                if is_parquet(&mut file)? {
                    let lines = Lines::open(file, &reading.names)?;
                    blocks.format = Some("tsv");
                    return Ok(Box::new(lines));
                }
                decompressed(Counted { inner: file, read: read.clone() })
            };
            let end = open().map_err(|error| End::Unread(error.to_string()));
            match end.and_then(|log| blocks.all(log)) {
                Ok(()) => {}
                Err(End::Unread(reason)) => {
                    if sender.send(Piece::Unread(log, reason)).is_err() {
                        return;
                    }
                }
                // Whoever asked has gone.
                Err(End::Gone) => return,
            }
        }
    });
    receiver
}

pub(super) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other(
            "is a directory; name the logs in it, as in /var/log/nginx/access.log*",
        ));
    }
    Ok(file)
}

/// Is there a file of Parquet?
pub fn is_parquet_at(path: &Path) -> bool {
    File::open(path).is_ok_and(|mut file| is_parquet(&mut file).unwrap_or(false))
}

/// Is it a file of Parquet? Of a pipe nothing is read to see that.
fn is_parquet(file: &mut File) -> io::Result<bool> {
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let mut start = [0; MAGIC.len()];
    let is_one = file.read_exact(&mut start).is_ok() && start == MAGIC;
    file.rewind()?;
    Ok(is_one)
}

struct Counted {
    inner: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Why a log is read no further.
enum End {
    Unread(String),
    Gone,
}

/// The blocks of one log.
struct Blocks<'a> {
    log: usize,
    reading: &'a Reading,
    /// What the layout is called, whatever the user says of others.
    format: Option<&'static str>,
    /// Nothing, until the first lines are there.
    layout: Option<Arc<Layout>>,
    to: &'a SyncSender<Piece>,
}

impl Blocks<'_> {
    fn all(&mut self, mut log: Box<dyn Read + Send + '_>) -> Result<(), End> {
        let mut text = Vec::with_capacity(BLOCK);
        // Is what comes the rest of a line that was cut?
        let mut skipping = false;
        loop {
            let before = text.len();
            let ended = fill(&mut log, &mut text);
            if skipping {
                match memchr(b'\n', &text[before..]) {
                    Some(at) => {
                        text.drain(before..=before + at);
                        skipping = false;
                    }
                    None => text.truncate(before),
                }
            }
            let is_end = match &ended {
                Ok(read) => *read == 0,
                Err(_) => true,
            };
            if is_end {
                self.send(text)?;
                return ended.map(drop).map_err(|error| End::Unread(error.to_string()));
            }
            let whole = memrchr(b'\n', &text).map_or(0, |at| at + 1);
            let mut rest = Vec::with_capacity(BLOCK);
            if whole == 0 && text.len() >= self.reading.longest {
                text.truncate(CUT);
                text.push(b'\n');
                skipping = true;
            } else {
                rest.extend(&text[whole..]);
                text.truncate(whole);
            }
            self.send(text)?;
            text = rest;
        }
    }

    fn send(&mut self, text: Vec<u8>) -> Result<(), End> {
        if text.is_empty() {
            return Ok(());
        }
        let layout = match &self.layout {
            Some(layout) => layout.clone(),
            None => Arc::new(self.first_layout(&text).map_err(End::Unread)?),
        };
        let following = following(&layout, &self.reading.names, &text);
        self.layout = Some(following.map_or_else(|| layout.clone(), Arc::new));
        self.to
            .send(Piece::Block(Block {
                log: self.log,
                layout,
                text,
                names: self.reading.names.clone(),
            }))
            .map_err(|_| End::Gone)
    }

    fn first_layout(&self, text: &[u8]) -> Result<Layout, String> {
        let first: Vec<_> = lines(text).take(FIRST_LINES).collect();
        match self.format.or(self.reading.format.as_deref()) {
            Some(format) => Layout::named(format, &self.reading.names, &first),
            None => Layout::detect(&self.reading.names, &first),
        }
    }
}

/// Adds to a block: until it is full, or no more is there for now.
fn fill(log: &mut impl Read, text: &mut Vec<u8>) -> io::Result<usize> {
    let before = text.len();
    // A line that is longer than a block makes it longer.
    text.resize(if before < BLOCK { BLOCK } else { before + BLOCK }, 0);
    let mut end = before;
    let filled = loop {
        match log.read(&mut text[end..]) {
            Ok(0) => break Ok(end - before),
            Ok(read) => end += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && end > before => {
                break Ok(end - before);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
        if end == text.len() {
            break Ok(end - before);
        }
    };
    text.truncate(end);
    filled
}

/// The layout behind a block in which columns are named anew.
fn following(layout: &Layout, names: &Names, text: &[u8]) -> Option<Layout> {
    if !layout.is_renewed() {
        return None;
    }
    let mut found = memmem::rfind_iter(text, FIELDS);
    // At the start of a line: inside one it is a visitor's word.
    let at = found.find(|at| at.checked_sub(1).is_none_or(|before| text[before] == b'\n'))?;
    layout.renewed(names, lines(&text[at..]).next()?)
}

/// The lines of a block, without what ends them.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines_and_ends(text).map(|(line, _)| line)
}

/// The lines of a block, and what ends each.
pub fn lines_and_ends(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut start = 0;
    let ends = memchr_iter(b'\n', text).chain((!text.ends_with(b"\n")).then_some(text.len()));
    ends.map(move |end| {
        let (line, rest) = (&text[start..end], &text[end..text.len().min(end + 1)]);
        start = end + 1;
        match line.strip_suffix(b"\r") {
            Some(line) => (line, &text[end - 1..end + rest.len()]),
            None => (line, rest),
        }
    })
}
