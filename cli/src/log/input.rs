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
use super::separated::{FIELDS, record_end};
use super::time::Clock;

/// Bytes of a block.
const BLOCK: usize = 1 << 20;
/// A record of CSV is no longer than this.
const RECORD: usize = 8 << 20;
/// How a text in UTF-8 may begin (RFC 3629, section 6).
pub const BOM: &[u8] = b"\xef\xbb\xbf";
/// What is kept of a line that is longer than a block.
const CUT: usize = 1 << 16;
/// So many lines show which layout a log has.
const FIRST_LINES: usize = 100;
/// How long is waited before a log that grows is looked at again.
const PAUSE: Duration = Duration::from_millis(100);
/// Blocks that are worked on at once, for each thread.
const AT_ONCE: usize = 4;
/// Blocks that are read ahead.
const AHEAD: usize = 8;

/// Whole lines of one log, and how they are taken apart.
pub struct Block {
    /// The log's number, in the order in which they are read.
    pub log: usize,
    pub layout: Arc<Layout>,
    pub text: Vec<u8>,
    /// Did a mark of the order of bytes stand before it? It is no part of the first line.
    pub has_bom: bool,
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

/// What a reader has handed over since it was last asked.
pub struct Batch {
    pub blocks: Vec<Block>,
    /// Logs that could not be read, or no further, and why.
    pub unread: Vec<(usize, String)>,
}

/// Waits for a piece, and takes what else is there, enough for all threads; nothing, when all is read.
pub fn batch(pieces: &Receiver<Piece>) -> Option<Batch> {
    let first = pieces.recv().ok()?;
    let more = std::iter::from_fn(|| pieces.try_recv().ok());
    let more = more.take(AT_ONCE * rayon::current_num_threads() - 1);
    let mut batch = Batch { blocks: Vec::new(), unread: Vec::new() };
    for piece in std::iter::once(first).chain(more) {
        match piece {
            Piece::Block(block) => batch.blocks.push(block),
            Piece::Unread(log, reason) => batch.unread.push((log, reason)),
        }
    }
    Some(batch)
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
            let files = found.filter_map(Result::ok).filter(|path| !path.is_dir());
            places.extend(files.map(Place::File));
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

/// Logs by the time of their first line, those without any behind: patterns give the newest first, and a visit
/// goes on from one to the next.
pub fn by_time(places: Vec<Place>, reading: &Reading) -> Vec<Place> {
    if places.len() < 2 || places.contains(&Place::StandardInput) {
        return places;
    }
    let mut timed: Vec<_> =
        places.into_iter().map(|place| (begins(&place, reading), place)).collect();
    timed.sort_by_key(|(begins, _)| begins.unwrap_or(i64::MAX));
    timed.into_iter().map(|(_, place)| place).collect()
}

/// When the first line of a log was written that says so.
fn begins(place: &Place, reading: &Reading) -> Option<i64> {
    let path = place.path().filter(|path| path.is_file())?;
    let mut text = Vec::new();
    // A file that is cut has a beginning, too.
    let _ = decompressed(File::open(path).ok()?).ok()?.take(CUT as u64).read_to_end(&mut text);
    let lines: Vec<_> = lines(text.strip_prefix(BOM).unwrap_or(&text)).take(FIRST_LINES).collect();
    let layout = match &reading.format {
        Some(format) => Layout::named(format, &reading.names, &lines),
        None => Layout::detect(&reading.names, &lines),
    };
    let layout = layout.ok()?;
    let mut clock = Clock::default();
    let times = lines.iter().filter(|line| !layout.passes_over(line)).filter_map(|line| {
        let parts = layout.split(line)?;
        Some(clock.moment(parts.day.as_deref(), parts.time.as_deref())??.seconds)
    });
    times.into_iter().next()
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
        let mut blocks = Blocks::new(0, &reading, &sender);
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
            let mut blocks = Blocks::new(log, &reading, &sender);
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
    // A pipe is opened once.
    path.is_file() && File::open(path).is_ok_and(|mut file| is_parquet(&mut file).unwrap_or(false))
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
    to: &'a SyncSender<Piece>,
    layout: Arc<Layout>,
    /// The first lines, until there are enough of them to know the layout.
    first: Vec<u8>,
    is_known: bool,
    /// Why it is not known.
    failure: Option<String>,
    /// Is what comes the beginning of the log?
    is_start: bool,
    /// How much of what waits has been looked at to know the layout.
    looked_at: usize,
}

impl<'a> Blocks<'a> {
    fn new(log: usize, reading: &'a Reading, to: &'a SyncSender<Piece>) -> Self {
        Self {
            log,
            reading,
            format: None,
            to,
            layout: Arc::new(Layout::unknown()),
            first: Vec::new(),
            is_known: false,
            failure: None,
            is_start: true,
            looked_at: 0,
        }
    }

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
            if !matches!(ended, Ok(read) if read > 0) {
                self.send(text)?;
                ended.map_err(|error| End::Unread(error.to_string()))?;
                return self.failure.take().map_or(Ok(()), |reason| Err(End::Unread(reason)));
            }
            let mut rest = Vec::with_capacity(BLOCK);
            let whole = self.whole(&text)?;
            if whole == 0 && text.len() >= self.reading.longest {
                text.truncate(CUT);
                text.push(b'\n');
                skipping = true;
            } else {
                rest.extend(&text[whole..]);
                text.truncate(whole);
            }
            // Of a record that is open lines were looked at.
            let waits = self.looked_at.saturating_sub(whole);
            self.send(text)?;
            self.looked_at = waits;
            text = rest;
        }
    }

    /// Where the last whole record of a text ends.
    fn whole(&mut self, text: &[u8]) -> Result<usize, End> {
        let lines = memrchr(b'\n', text).map_or(0, |at| at + 1);
        self.know(text, lines)?;
        // A quote that is never closed does not make all of a log one record.
        let Some(separator) = self.layout.quoting().filter(|_| text.len() < RECORD) else {
            return Ok(lines);
        };
        let mut whole = 0;
        while let Some(end) = record_end(&text[whole..lines], separator).filter(|_| whole < lines) {
            whole += end + 1;
        }
        Ok(whole.min(lines))
    }

    /// Learns the layout of the first lines. While they are few it is looked at again with every line that
    /// comes: of a log that is followed the first may be of a server that starts.
    fn know(&mut self, text: &[u8], lines_end: usize) -> Result<(), End> {
        let text = &text[self.looked_at.min(lines_end)..lines_end];
        self.looked_at = lines_end;
        if self.is_known || text.is_empty() {
            return Ok(());
        }
        let more = FIRST_LINES.saturating_sub(memchr_iter(b'\n', &self.first).count());
        let end = memchr_iter(b'\n', text).nth(more).unwrap_or(text.len());
        let text = if self.is_start { text.strip_prefix(BOM).unwrap_or(text) } else { text };
        self.first.extend(&text[..end.min(text.len())]);
        let first: Vec<_> = lines(&self.first).take(FIRST_LINES).collect();
        let layout = match self.format.or(self.reading.format.as_deref()) {
            Some(format) => Layout::named(format, &self.reading.names, &first),
            None => Layout::detect(&self.reading.names, &first),
        };
        self.is_known = first.len() >= FIRST_LINES;
        match layout {
            Ok(layout) => {
                self.layout = Arc::new(layout);
                self.failure = None;
            }
            // Every name is known beforehand: requests may come behind any number of other objects.
            Err(_) if self.is_known && Layout::is_json(&first) => {
                self.layout = Arc::new(Layout::json(&self.reading.names));
                self.failure = None;
            }
            Err(reason) if self.is_known => return Err(End::Unread(reason)),
            Err(reason) => self.failure = Some(reason),
        }
        Ok(())
    }

    fn send(&mut self, mut text: Vec<u8>) -> Result<(), End> {
        if text.is_empty() {
            return Ok(());
        }
        self.know(&text, text.len())?;
        self.looked_at = 0;
        let has_bom = self.is_start && text.starts_with(BOM);
        if has_bom {
            text.drain(..BOM.len());
        }
        self.is_start = false;
        let (layout, names) = (self.layout.clone(), self.reading.names.clone());
        if let Some(following) = following(&layout, &names, &text) {
            self.layout = Arc::new(following);
        }
        let block = Block { log: self.log, layout, text, has_bom, names };
        self.to.send(Piece::Block(block)).map_err(|_| End::Gone)
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
    records_and_ends(text, None).map(|(line, _)| line)
}

/// The records of a block: its lines, of which some go on in the next where values may be quoted, between
/// these separators.
pub fn records_and_ends(text: &[u8], quoting: Option<u8>) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let line = memchr(b'\n', rest).unwrap_or(rest.len());
        let end = match quoting.map_or(Some(line), |separator| record_end(rest, separator)) {
            Some(end) => end,
            // A log that ends in a record has nobody in what is left of it, if that is little; a quote that is
            // never closed hides no more than that.
            None if rest.len() <= CUT => rest.strip_suffix(b"\n").unwrap_or(rest).len(),
            None => line,
        };
        let (record, behind) = (&rest[..end], &rest[end..rest.len().min(end + 1)]);
        start += end + 1;
        Some(match record.strip_suffix(b"\r") {
            Some(bare) => (bare, &rest[end - 1..end + behind.len()]),
            None => (record, behind),
        })
    })
}
