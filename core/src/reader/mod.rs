//! The reader: an index, and the ways to ask it.
//!
//! An [`Index`] is immutable and may be asked from many threads at once. Everything it returns
//! borrows from it and copies nothing until asked. No file can make it panic; what contradicts
//! itself is [`Error::Damaged`](crate::Error::Damaged), found when it is touched.

mod answered;
mod batch;
mod checked;
mod file;
mod hidden;
mod mapping;
mod matched;
mod meant;
mod record;
mod snapshot;
#[cfg(feature = "registry")]
mod stamp;
mod verify;
mod view;
mod walk;

use std::fmt;
use std::net::IpAddr;

pub use answered::{Answer, Classification, CompanyName, Description};
pub use batch::Address;
use checked::Checked;
use file::File;
#[cfg(feature = "registry")]
pub(crate) use hidden::HiddenSet;
use mapping::Bytes;
pub use matched::Match;
pub use record::CompanyRecord;
pub use snapshot::Snapshot;
#[cfg(feature = "registry")]
pub(crate) use stamp::Stamp;
pub(crate) use view::View;
pub use walk::{Network, Networks};

use crate::error::{Error, Result};
use crate::index::Place;
use crate::index::companies::Companies;
use crate::index::header::Header;
pub use crate::index::ids::{AnswerId, CompanyId};
use crate::index::intervals::Intervals;
use crate::index::metadata::Metadata;
use crate::index::tables::{Answers, Pieces};
use crate::index::trie::Trie;
use crate::net::Family;
use crate::words::words;

words! {
    /// How an index file is opened.
    #[derive(Default)]
    pub enum Mode {
        /// Mapped, in constant time; the pages are the file's, shared by all processes: [`Index::map`].
        #[default]
        Map => "mmap",
        /// A private copy, which nothing that happens to the file can touch: [`Index::open`].
        Memory => "memory",
    }
}

/// An index of the companies behind addresses.
///
/// Who is behind an address:
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n2600::,2600::ff,64501,Other\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Index, Status};
///
/// let index = Index::open(&path)?;
/// let hit = index.lookup("1.0.0.1".parse()?)?.expect("it is in the source");
/// assert_eq!(hit.company()?.name(), "Example B.V.");
/// assert_eq!(hit.network()?.to_string(), "1.0.0.0/23");
/// assert_eq!((hit.asn()?, hit.sources()?), (Some(64500), vec!["asn"]));
///
/// // Nobody is named for this one; its network, status, kind and ASN are told all the same.
/// assert!(index.lookup("1.0.2.0".parse()?)?.is_none());
/// assert_eq!(index.classify("1.0.2.0".parse()?)?.status, Status::Unknown);
///
/// // All of it in the plain shape that every language and the command line give.
/// let json = serde_json::to_value(index.describe("1.0.0.1".parse()?)?)?;
/// assert_eq!(json["company"]["name"], "Example B.V.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// And the way back, who has which space:
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.1.255,64500,Example B.V.\n2600::,2600::ff,64501,Other\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{CompanyId, Field, Index, Networks, Result};
///
/// fn list(networks: Networks<'_>) -> Result<Vec<String>> {
///     networks.map(|network| Ok(network?.prefix().to_string())).collect()
/// }
///
/// let index = Index::open(&path)?;
/// assert_eq!(list(index.networks())?, ["1.0.0.0/23", "2600::/120"]);
/// // One that is wider than the prefix is given whole.
/// assert_eq!(list(index.networks_in("1.0.1.0/24".parse()?)?)?, ["1.0.0.0/23"]);
/// assert_eq!(list(index.networks_of_asn(64501)?)?, ["2600::/120"]);
/// for company in index.companies() {
///     let (id, company) = company?;
///     println!("{} has {:?}", company.name(), list(index.networks_of(&[id])?)?);
/// }
/// assert_eq!(index.company(CompanyId::new(1))?.get(Field::Name), Some("Example B.V."));
/// assert_eq!(index.info()?.sources[0].name, "asn");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Index {
    file: File,
    checked: Checked,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("size", &self.size()).finish_non_exhaustive()
    }
}

impl Index {
    fn new(bytes: Bytes) -> Result<Self> {
        Ok(Self { file: File::open(bytes)?, checked: Checked::default() })
    }

    /// The company behind an address, or nothing where none is named; [`Index::classify`] says why.
    ///
    /// An IPv4-mapped IPv6 address is answered as the IPv4 address.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) when the bytes on the way contradict each other.
    #[inline(always)]
    pub fn lookup(&self, address: IpAddr) -> Result<Option<Match<'_>>> {
        View::all(self).lookup(address)
    }

    /// How an address is answered, with its network; kind and ASN where they stay.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn classify(&self, address: IpAddr) -> Result<Classification> {
        View::all(self).classify(address)
    }

    /// Everything an answer tells of an address, in the one shape that all languages and the
    /// command line give: see [`Description`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn describe(&self, address: IpAddr) -> Result<Description<'_>> {
        View::all(self).describe(address)
    }

    /// The answer to an address, by its number: equal answers have equal numbers.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline(always)]
    pub fn answer_id(&self, address: IpAddr) -> Result<AnswerId> {
        View::all(self).answer_id(address)
    }

    /// The answer to an address, by its number, and the length of its network in bits: 0 to 32, or 0 to
    /// 128 for IPv6.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn answer_id_and_length(&self, address: IpAddr) -> Result<(AnswerId, u8)> {
        View::all(self).answer_id_and_length(address)
    }

    #[inline(always)]
    fn find(&self, family: Family, bits: u128) -> Result<(AnswerId, Place)> {
        let (number, place) = match family {
            Family::V4 => self.trie().number_and_place(bits as u32)?,
            Family::V6 => self.intervals().number_and_place(bits)?,
        };
        Ok((AnswerId::new(number), place))
    }

    /// The length of an address's network, from the place where its answer was found.
    fn length(&self, bits: u128, place: Place) -> Result<u8> {
        match place {
            Place::Length(length) => Ok(length),
            Place::Slot(slot) => self.intervals().length(bits, slot),
            Place::Root | Place::Node(_) => self.trie().length(bits as u32, place),
        }
    }

    /// An error if there is no answer of this number.
    #[inline(always)]
    fn knows(&self, id: AnswerId) -> Result<()> {
        if id.index() < self.answers().count() {
            return Ok(());
        }
        Err(Error::damaged("Answers", "no answer has this number"))
    }

    #[inline(always)]
    fn find_with_length(&self, family: Family, bits: u128) -> Result<(AnswerId, u8)> {
        let (number, length) = match family {
            Family::V4 => self.trie().number_and_length(bits as u32)?,
            Family::V6 => self.intervals().number_and_length(bits)?,
        };
        Ok((AnswerId::new(number), length))
    }

    /// Does this answer name a company? Without reading it.
    #[inline(always)]
    pub fn names_company(&self, id: AnswerId) -> bool {
        id != AnswerId::NOBODY && id.get() < self.header().first_mask
    }

    /// How many different answers there are, that of nobody included.
    pub fn answer_count(&self) -> usize {
        self.answers().count()
    }

    /// How many companies there are.
    pub fn company_count(&self) -> usize {
        self.companies_table().count()
    }

    /// Size of the index in bytes.
    pub fn size(&self) -> u64 {
        self.file.bytes().len() as u64
    }

    /// What the file consists of: the name of each section and its size in bytes, in the order of
    /// the file.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.header().lengths()
    }

    /// What the index says of itself: where its facts come from, its day, policy and counts.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn info(&self) -> Result<Metadata> {
        Metadata::decode(self.file.tables().metadata)
    }

    fn header(&self) -> &Header {
        &self.file.tables().header
    }

    fn trie(&self) -> Trie<'_> {
        self.file.tables().trie
    }

    fn intervals(&self) -> &Intervals<'_> {
        &self.file.tables().intervals
    }

    fn answers(&self) -> Answers<'_> {
        self.file.tables().answers
    }

    fn companies_table(&self) -> Companies<'_> {
        self.file.tables().companies
    }

    fn strings(&self) -> Pieces<'_> {
        self.file.tables().strings
    }
}
