//! Lines of logs become requests: who came is looked up, and the address is gone.
//!
//! What stays of a visitor is a number: a hash, with a secret that is made of the log, of the address and the user agent.
//! Who is no visitor (a program, an address of no visitor, whom the operator excludes) is counted by reason
//! and followed no further, and so is a line that is not understood.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use firmtrie::bots::Bots;
use firmtrie::client::TrustedProxies;
use firmtrie::net::AddressSet;
use firmtrie::{AnswerId, Snapshot};
use memchr::{memchr, memchr_iter, memrchr};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::exclude::Excluded;
use crate::Failure;
use crate::log::input::{Block, records_and_ends};
use crate::log::time::{Clock, Moment};
use crate::log::visitor::{bits, visitor};
use crate::log::{Broken, Part, Parts};

/// Visitors are counted in so many parts, by their hashes, so that the counts are the same on any number of
/// threads.
pub const SHARDS: usize = 16;
/// User agents that a thread remembers: a log has thousands, and an attacker's has millions.
const AGENTS: usize = 1 << 16;
/// So many broken lines of a reason are told by their numbers.
pub const EXAMPLES: usize = 3;

/// Why a request is no visitor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// A program, as it says itself.
    BotByAgent,
    /// It does not say what it is; browsers do.
    NoAgent,
    /// A crawler's or monitor's address.
    BotByAddress,
    /// Space that no visitor of the open internet comes from.
    SpecialPurpose,
    /// By the operator's list.
    Excluded,
    /// Before `--since` or after `--until`.
    OutsidePeriod,
}

impl Aside {
    pub const ALL: [Self; 6] = [
        Self::BotByAgent,
        Self::NoAgent,
        Self::BotByAddress,
        Self::SpecialPurpose,
        Self::Excluded,
        Self::OutsidePeriod,
    ];

    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BotByAgent => "bot_by_agent",
            Self::NoAgent => "no_agent",
            Self::BotByAddress => "bot_by_address",
            Self::SpecialPurpose => "special_purpose",
            Self::Excluded => "excluded",
            Self::OutsidePeriod => "outside_period",
        }
    }
}

/// A request of a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The visitor: a hash with a secret.
    pub visitor: u64,
    /// Seconds since 1970; nothing is 0, where a log has no times.
    pub seconds: u32,
    /// Days since 1970, of the log's calendar.
    pub day: u16,
    /// Is it for a page, and not for what belongs to one?
    pub is_page: bool,
    pub answer: AnswerId,
}

/// What a block came to.
#[derive(Debug, Default)]
pub struct Requests {
    /// Lines, blank ones and those about columns included.
    pub lines: u64,
    pub passed_over: u64,
    /// By [`Aside`].
    pub aside: [u64; Aside::ALL.len()],
    /// By [`Broken`]: how many, and the first few by their number in the block, from 0.
    pub broken: [(u64, Vec<u64>); Broken::ALL.len()],
    /// By the visitor's hash, in the order of the log.
    pub shards: [Vec<Request>; SHARDS],
}

/// Who is looked up, and who is left out.
pub struct World {
    pub index: Arc<Snapshot>,
    pub excluded: Excluded,
}

/// How lines become requests.
pub struct Reader {
    pub bots: Bots,
    pub special_purpose: AddressSet,
    pub proxies: TrustedProxies,
    /// First and last day, in days since 1970.
    pub period: (u16, u16),
    /// What hashes are made with: of the log itself, so that the same log comes to the same numbers and whoever
    /// has not the log cannot try addresses.
    pub secret: OnceLock<u64>,
}

/// What a thread keeps from block to block.
#[derive(Default)]
pub struct Memory {
    clock: Clock,
    /// Is it a program's? By the hash of a user agent.
    agents: FxHashMap<u64, bool>,
    addresses: Vec<IpAddr>,
    answers: Vec<AnswerId>,
    requests: Vec<Request>,
}

impl Reader {
    /// Learns the secret of the first block; the others are read side by side.
    pub fn begin(&self, first: &Block) -> u64 {
        *self.secret.get_or_init(|| xxh3_64_with_seed(&first.text, 0))
    }

    /// Reads a block.
    pub fn read(
        &self,
        world: &World,
        block: &Block,
        memory: &mut Memory,
    ) -> Result<Requests, Failure> {
        let secret = self.begin(block);
        let mut read = Requests::default();
        memory.addresses.clear();
        memory.requests.clear();
        let mut renewed = None;
        let mut tells_agent = block.layout.has(Part::Agent);
        let quoting = block.layout.quoting();
        for (line, _) in records_and_ends(&block.text, quoting) {
            let number = read.lines;
            let more = quoting.map_or(0, |_| memchr_iter(b'\n', line).count() as u64);
            // Lines on which a record goes on are of no request of their own.
            read.passed_over += more;
            read.lines += 1 + more;
            let layout = renewed.as_ref().unwrap_or(&*block.layout);
            if layout.passes_over(line) {
                read.passed_over += 1;
                if let Some(layout) = block.renewed(line) {
                    tells_agent = layout.has(Part::Agent);
                    renewed = Some(layout);
                }
                continue;
            }
            let parts = layout.split(line).map(|mut parts| {
                // Where others say what they are, who does not has no agent.
                if tells_agent && parts.agent.is_none() {
                    parts.set(Part::Agent, &b""[..]);
                }
                parts
            });
            let request = parts
                .ok_or(Broken::Layout)
                .and_then(|parts| self.request(world, &parts, memory, secret));
            match request {
                Ok(None) => {}
                Ok(Some(aside)) => read.aside[aside as usize] += 1,
                Err(broken) => {
                    let (count, examples) = &mut read.broken[broken as usize];
                    *count += 1;
                    if examples.len() < EXAMPLES {
                        examples.push(number);
                    }
                }
            }
        }
        memory.answers.clear();
        memory.answers.resize(memory.addresses.len(), AnswerId::default());
        world.index.lookup_batch(&memory.addresses, &mut memory.answers)?;
        for (request, answer) in memory.requests.iter().zip(&memory.answers) {
            if world.excluded.has_answer(*answer) {
                read.aside[Aside::Excluded as usize] += 1;
                continue;
            }
            // The upper bits: estimates of how many there are look at the others.
            let shard = (request.visitor >> 60) as usize;
            read.shards[shard].push(Request { answer: *answer, ..*request });
        }
        Ok(read)
    }

    /// Adds a request to those that are looked up, or says why it is none of a visitor.
    #[inline]
    fn request(
        &self,
        world: &World,
        parts: &Parts<'_>,
        memory: &mut Memory,
        secret: u64,
    ) -> Result<Option<Aside>, Broken> {
        let address = visitor(&self.proxies, parts)?;
        let moment = memory.clock.moment(parts.day.as_deref(), parts.time.as_deref());
        let moment = moment.unwrap_or(Some(Moment { seconds: 0, day: 0 }));
        let Moment { seconds, day } = moment.ok_or(Broken::Time)?;
        let seconds = u32::try_from(seconds).map_err(|_| Broken::Time)?;
        let day = u16::try_from(day).map_err(|_| Broken::Time)?;
        if day < self.period.0 || self.period.1 < day {
            return Ok(Some(Aside::OutsidePeriod));
        }
        let agent = parts.agent.as_deref();
        let agent_hash = agent.map_or(0, |agent| xxh3_64_with_seed(agent, secret));
        if world.excluded.addresses.contains(address) {
            return Ok(Some(Aside::Excluded));
        }
        if let Some(aside) = self.aside(address, agent, agent_hash, &mut memory.agents) {
            return Ok(Some(aside));
        }
        let mut visitor = [0; 24];
        visitor[..16].copy_from_slice(&bits(address).to_ne_bytes());
        visitor[16..].copy_from_slice(&agent_hash.to_ne_bytes());
        let visitor = xxh3_64_with_seed(&visitor, secret);
        memory.addresses.push(address);
        let answer = AnswerId::default();
        memory.requests.push(Request { visitor, seconds, day, is_page: is_page(parts), answer });
        Ok(None)
    }

    fn aside(
        &self,
        address: IpAddr,
        agent: Option<&[u8]>,
        agent_hash: u64,
        agents: &mut FxHashMap<u64, bool>,
    ) -> Option<Aside> {
        if self.special_purpose.contains(address) {
            return Some(Aside::SpecialPurpose);
        }
        if let Some(agent) = agent {
            if matches!(agent.trim_ascii(), b"" | b"-") {
                return Some(Aside::NoAgent);
            }
            if agents.len() >= AGENTS {
                agents.clear();
            }
            if *agents.entry(agent_hash).or_insert_with(|| self.bots.is_agent(agent)) {
                return Some(Aside::BotByAgent);
            }
        }
        self.bots.is_address(address).then_some(Aside::BotByAddress)
    }
}

/// What belongs to a page and is none, by the end of its path.
const PARTS_OF_PAGES: [&[u8]; 25] = [
    b"css", b"js", b"mjs", b"map", b"png", b"jpg", b"jpeg", b"gif", b"ico", b"svg", b"webp",
    b"avif", b"bmp", b"tif", b"tiff", b"woff", b"woff2", b"ttf", b"otf", b"eot", b"mp3", b"mp4",
    b"webm", b"ogg", b"m4a",
];

/// Did the visitor ask for a page, and get one? Where a log does not tell, each request is for one.
fn is_page(parts: &Parts<'_>) -> bool {
    let (mut method, mut target) = (parts.method.as_deref(), parts.path.as_deref());
    if let Some(request) = parts.request.as_deref() {
        let Some(end) = memchr(b' ', request) else { return false };
        method = Some(&request[..end]);
        let rest = &request[end + 1..];
        target = Some(&rest[..memrchr(b' ', rest).unwrap_or(rest.len())]);
    }
    let got = parts.status.as_deref().is_none_or(|status| matches!(status, [b'2' | b'3', ..]));
    let asked = method.is_none_or(|method| method.eq_ignore_ascii_case(b"GET"));
    got && asked && target.is_none_or(|target| !is_part_of_page(target))
}

fn is_part_of_page(target: &[u8]) -> bool {
    let path = target.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let Some(dot) = memrchr(b'.', path) else { return false };
    let extension = &path[dot + 1..];
    PARTS_OF_PAGES.iter().any(|part| extension.eq_ignore_ascii_case(part))
}
