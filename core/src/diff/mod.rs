//! What differs between two indexes: networks and companies that came, went, or changed hands or names.
//!
//! Both are walked in address order at once; where their answers meet, each pair of answers is compared once.
//! A company is the same in both if it has the same LEI, VAT or register number; without these, the same name
//! in no other country. What sources say it and how sure they are is no difference.

mod companies;

use rustc_hash::FxHashMap;

use crate::company::{Kind, Status};
use crate::error::Result;
use crate::net::AddressRange;
use crate::reader::{
    AnswerId, Classification, CompanyId, CompanyRecord, Network, Networks, Snapshot,
};
use crate::words::words;

pub use companies::{Companies, CompanyChange};

words! {
    /// What became of a network or a company.
    pub enum Change {
        /// Nobody was named, and a company is.
        Came => "came",
        /// A company was named, and nobody is.
        Went => "went",
        /// Another company is named.
        ChangedHands => "changed_hands",
        /// The same company has another name.
        Renamed => "renamed",
        /// Nobody is named in either, for another reason.
        Status => "status",
        /// The same company has other details: of a network its use or system, of a company its facts.
        Details => "details",
    }
}

/// A stretch of addresses that is answered otherwise.
#[derive(Debug, Clone, Copy)]
pub struct NetworkChange<'a> {
    /// The widest stretch with this change.
    pub range: AddressRange,
    /// What became of it.
    pub change: Change,
    /// The old answer and the new one.
    pub old: Side<'a>,
    /// The new one.
    pub new: Side<'a>,
}

/// One of two answers.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// How addresses are answered.
    pub status: Status,
    /// What the network is used for.
    pub kind: Option<Kind>,
    /// The autonomous system.
    pub asn: Option<u32>,
    /// Who is named.
    pub company: Option<CompanyRecord<'a>>,
    /// Its number.
    pub company_id: Option<CompanyId>,
}

impl Side<'_> {
    const NOBODY: Self =
        Self { status: Status::Unknown, kind: None, asn: None, company: None, company_id: None };
}

/// The difference of two indexes.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let build = |name: &str, row: &str| -> firmtrie::Result<firmtrie::Snapshot> {
/// #     let (rows, path) = (dir.path().join("asn.csv"), dir.path().join(name));
/// #     std::fs::write(&rows, row).unwrap();
/// #     let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// #     firmtrie::Builder::new().source(source).write(&path)?;
/// #     Ok(firmtrie::Snapshot::new(firmtrie::Index::open(&path)?))
/// # };
/// use firmtrie::diff::{Change, Diff};
///
/// let old = build("old.firm", "1.0.0.0,1.0.1.255,64500,Example B.V.\n")?;
/// let new = build("new.firm", "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// let diff = Diff::new(&old, &new)?;
/// let changes = diff.networks().collect::<firmtrie::Result<Vec<_>>>()?;
/// assert_eq!(changes.len(), 1);
/// assert_eq!((changes[0].change, changes[0].range.to_string().as_str()), (Change::Went, "1.0.1.0-1.0.1.255"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Diff<'a> {
    old: &'a Snapshot,
    new: &'a Snapshot,
    companies: Companies<'a>,
}

impl<'a> Diff<'a> {
    /// Compares the companies of two indexes.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when a record of either is broken.
    pub fn new(old: &'a Snapshot, new: &'a Snapshot) -> Result<Self> {
        Ok(Self { old, new, companies: Companies::of(old, new)? })
    }

    /// The companies that came, went, or changed names or facts.
    pub const fn companies(&self) -> &Companies<'a> {
        &self.companies
    }

    /// Every stretch of addresses that is answered otherwise, in address order, IPv4 first.
    pub fn networks(&self) -> NetworkChanges<'a, '_> {
        NetworkChanges {
            companies: &self.companies,
            old: Walk::new(self.old.networks()),
            new: Walk::new(self.new.networks()),
            judged: FxHashMap::default(),
            waiting: None,
            ended: false,
        }
    }
}

/// The networks of one index.
struct Walk<'a> {
    networks: Networks<'a>,
    /// What is left of the network that is walked.
    now: Option<(AddressRange, Network<'a>)>,
}

impl<'a> Walk<'a> {
    const fn new(networks: Networks<'a>) -> Self {
        Self { networks, now: None }
    }

    fn fill(&mut self) -> Result<()> {
        if self.now.is_none() {
            self.now =
                self.networks.next().transpose()?.map(|network| (network.prefix().into(), network));
        }
        Ok(())
    }

    /// The answer at the beginning of a stretch, of which nothing is left behind its end.
    fn take(&mut self, stretch: &AddressRange) -> Option<Network<'a>> {
        let (range, network) = self.now?;
        if range.first() != stretch.first() {
            return None;
        }
        self.now = (stretch.last_bits() < range.last_bits()).then(|| {
            let rest =
                AddressRange::from_bits(range.family(), stretch.last_bits() + 1, range.last_bits());
            (rest, network)
        });
        Some(network)
    }
}

/// A stretch, and whose it was and is.
type Stretch<'a> = (AddressRange, Option<Network<'a>>, Option<Network<'a>>);

type Pair = (Option<AnswerId>, Option<AnswerId>);

/// The changes of networks; made by [`Diff::networks`]. After an error there are no more.
#[allow(missing_debug_implementations, reason = "it is a place in two walks")]
pub struct NetworkChanges<'a, 'd> {
    companies: &'d Companies<'a>,
    old: Walk<'a>,
    new: Walk<'a>,
    /// What was thought of a pair of answers.
    judged: FxHashMap<Pair, Option<(Change, Side<'a>, Side<'a>)>>,
    /// A change that may go on.
    waiting: Option<(Pair, NetworkChange<'a>)>,
    ended: bool,
}

impl<'a> NetworkChanges<'a, '_> {
    /// The next stretch with one answer in each, and these.
    fn stretch(&mut self) -> Result<Option<Stretch<'a>>> {
        self.old.fill()?;
        self.new.fill()?;
        let range = |walk: &Walk<'a>| walk.now.map(|(range, _)| range);
        let begin = |range: &AddressRange| (range.family(), range.first_bits());
        let (first, second) = match (range(&self.old), range(&self.new)) {
            (Some(old), Some(new)) if begin(&old) <= begin(&new) => (old, Some(new)),
            (Some(old), Some(new)) => (new, Some(old)),
            (Some(only), None) | (None, Some(only)) => (only, None),
            (None, None) => return Ok(None),
        };
        let mut last = first.last_bits();
        if let Some(second) = second.filter(|second| second.family() == first.family()) {
            let begins_together = first.first_bits() == second.first_bits();
            last = last.min(if begins_together {
                second.last_bits()
            } else {
                second.first_bits() - 1
            });
        }
        let stretch = AddressRange::from_bits(first.family(), first.first_bits(), last);
        Ok(Some((stretch, self.old.take(&stretch), self.new.take(&stretch))))
    }

    fn advance(&mut self) -> Result<Option<NetworkChange<'a>>> {
        while let Some((range, old, new)) = self.stretch()? {
            let pair =
                (old.map(|network| network.answer_id()), new.map(|network| network.answer_id()));
            if let Some((before, waiting)) = &mut self.waiting
                && *before == pair
                && waiting.range.family() == range.family()
                && waiting.range.last_bits() + 1 == range.first_bits()
            {
                let first = waiting.range.first_bits();
                waiting.range = AddressRange::from_bits(range.family(), first, range.last_bits());
                continue;
            }
            let known = self.judged.get(&pair).copied();
            let judged = known.map_or_else(|| self.judge(old, new), Ok)?;
            self.judged.insert(pair, judged);
            let next =
                judged.map(|(change, old, new)| (pair, NetworkChange { range, change, old, new }));
            if let Some((_, done)) = std::mem::replace(&mut self.waiting, next) {
                return Ok(Some(done));
            }
        }
        Ok(self.waiting.take().map(|(_, done)| done))
    }

    fn judge(
        &self,
        old: Option<Network<'a>>,
        new: Option<Network<'a>>,
    ) -> Result<Option<(Change, Side<'a>, Side<'a>)>> {
        let (old, new) = (side(old)?, side(new)?);
        let change = match (old.company_id, new.company_id) {
            (None, Some(_)) => Some(Change::Came),
            (Some(_), None) => Some(Change::Went),
            (None, None) if old.status != new.status => Some(Change::Status),
            (Some(a), Some(b)) if !self.companies.are_same(a, b) => Some(Change::ChangedHands),
            (Some(_), Some(_))
                if old.company.map(|of| of.name()) != new.company.map(|of| of.name()) =>
            {
                Some(Change::Renamed)
            }
            _ => ((old.kind, old.asn) != (new.kind, new.asn)).then_some(Change::Details),
        };
        Ok(change.map(|change| (change, old, new)))
    }
}

fn side(network: Option<Network<'_>>) -> Result<Side<'_>> {
    let Some(network) = network else { return Ok(Side::NOBODY) };
    let Classification { status, kind, asn, .. } = network.classification();
    let company = network.hit().map(|hit| hit.company()).transpose()?;
    let company_id = network.hit().map(|hit| hit.company_id()).transpose()?;
    Ok(Side { status, kind, asn, company, company_id })
}

impl<'a> Iterator for NetworkChanges<'a, '_> {
    type Item = Result<NetworkChange<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.advance().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
