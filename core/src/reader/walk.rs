//! The way back: which networks there are, in address order.
//!
//! A walk goes from run to run of a lookup structure, joins those that touch and have the same
//! answer, and gives the prefixes they are made of. It meets no more runs than a sound structure
//! has, so it ends whatever the bytes are.

use std::collections::BTreeSet;
use std::iter::FusedIterator;

use super::{Classification, Description, Index, Match, View};
use crate::company::Status;
use crate::error::{Error, Result};
use crate::index::ids::{AnswerId, CompanyId};
use crate::index::tables::ResolvedAnswer;
use crate::net::{AddressRange, Family, IpNet, MAPPED, Prefixes};

/// A network of an index: a prefix in which every address has the same answer, and none wider.
#[derive(Debug, Clone, Copy)]
pub struct Network<'a> {
    id: AnswerId,
    class: Classification,
    hit: Option<Match<'a>>,
}

impl<'a> Network<'a> {
    /// The prefix.
    pub const fn prefix(&self) -> IpNet {
        self.class.network
    }

    /// Its answer, as [`Index::answer_id`] gives it.
    pub const fn answer_id(&self) -> AnswerId {
        self.id
    }

    /// How its addresses are answered. It is never [`Status::Unknown`].
    pub const fn status(&self) -> Status {
        self.class.status
    }

    /// Status, kind and ASN, as [`Index::classify`] gives them.
    pub const fn classification(&self) -> Classification {
        self.class
    }

    /// The company and what is known of the network, as [`Index::lookup`] gives them; nothing for a
    /// mask.
    pub const fn hit(&self) -> Option<Match<'a>> {
        self.hit
    }

    /// Everything in one plain shape, without an address.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a record or name is broken.
    pub fn describe(&self) -> Result<Description<'a>> {
        Description::new(None, self.class, self.hit)
    }
}

/// Networks in address order, IPv4 first; made by [`Index::networks`] and its relatives. After an
/// error there are no more.
#[derive(Debug, Clone)]
#[must_use = "iterators do nothing until they are asked"]
pub struct Networks<'a> {
    view: View<'a>,
    /// The ranges still to be walked, the next one last.
    ranges: Vec<(Family, u128, u128)>,
    /// Answers that are wanted, by number; all where there is none.
    wanted: Option<Vec<bool>>,
    /// Runs that may still be met; each is met as the one behind a stretch and as the start of one.
    left: usize,
    /// The prefixes of the stretch that was found last, its answer, and the last wanted address.
    prefixes: Option<(Prefixes, AnswerId, u128)>,
    /// What is left of a network that holds hidden addresses: it, and from which address on.
    part: Option<(IpNet, u128, AnswerId)>,
    /// Where what is given must have an address: first and last, of the one family that is walked.
    inside: Option<(u128, u128)>,
}

impl Index {
    /// Every network, masks included; what nobody is known to have is left out.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.2.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// let index = firmtrie::Index::open(&path)?;
    /// let networks = index.networks().map(|network| Ok(network?.prefix().to_string()));
    /// assert_eq!(networks.collect::<firmtrie::Result<Vec<_>>>()?, ["1.0.0.0/23", "1.0.2.0/24"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn networks(&self) -> Networks<'_> {
        View::all(self).networks()
    }

    /// Every network that has an address in common with a prefix; one that is wider than the prefix
    /// is given whole.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the bytes on the way contradict each other.
    pub fn networks_in(&self, prefix: IpNet) -> Result<Networks<'_>> {
        View::all(self).networks_in(prefix)
    }

    /// Every network of these companies.
    ///
    /// # Errors
    /// [`Error::Damaged`] when an answer is broken.
    pub fn networks_of(&self, companies: &[CompanyId]) -> Result<Networks<'_>> {
        View::all(self).networks_of(companies)
    }

    /// Every network that an autonomous system announces, masks that keep their ASN included.
    ///
    /// # Errors
    /// [`Error::Damaged`] when an answer is broken.
    pub fn networks_of_asn(&self, asn: u32) -> Result<Networks<'_>> {
        View::all(self).networks_of_asn(asn)
    }

    fn answer_id_and_end(&self, family: Family, at: u128) -> Result<(AnswerId, u128)> {
        let (number, end) = match family {
            Family::V4 => {
                let (number, end) = self.trie().number_and_end(at as u32)?;
                (number, end.into())
            }
            Family::V6 => self.intervals().number_and_end(at)?,
        };
        Ok((AnswerId::new(number), end))
    }
}

impl<'a> View<'a> {
    pub(super) fn networks(self) -> Networks<'a> {
        let whole = |family: Family| (family, 0, family.max());
        Networks::new(self, vec![whole(Family::V6), whole(Family::V4)])
    }

    pub(super) fn networks_in(self, prefix: IpNet) -> Result<Networks<'a>> {
        let range = AddressRange::from(crate::net::mapped_to_v4(prefix.trunc()));
        // From where the first network begins.
        let (_, length) = self.index.answer_id_and_length(range.first())?;
        let first = AddressRange::from(super::answered::network(range.first(), length));
        let ranges = vec![(range.family(), first.first_bits(), range.last_bits())];
        let inside = Some((range.first_bits(), range.last_bits()));
        Ok(Networks { inside, ..Networks::new(self, ranges) })
    }

    pub(super) fn networks_of(self, companies: &[CompanyId]) -> Result<Networks<'a>> {
        let companies: BTreeSet<_> = companies.iter().map(|company| company.get()).collect();
        self.networks_answered(|answer| answer.company != 0 && companies.contains(&answer.company))
    }

    pub(super) fn networks_of_asn(self, asn: u32) -> Result<Networks<'a>> {
        self.networks_answered(|answer| answer.asn == Some(asn))
    }

    fn networks_answered(self, wanted: impl Fn(ResolvedAnswer) -> bool) -> Result<Networks<'a>> {
        let answers = self.index.answers();
        let wanted = (0..answers.count() as u32)
            .map(|number| Ok(wanted(answers.get(AnswerId::new(number))?)));
        Ok(Networks { wanted: Some(wanted.collect::<Result<_>>()?), ..self.networks() })
    }
}

impl<'a> Networks<'a> {
    fn new(view: View<'a>, ranges: Vec<(Family, u128, u128)>) -> Self {
        let v4 = view.index.trie().most_runs();
        let v6 = view.index.intervals().most_runs();
        let left = 2 * (v4 + v6) + 2;
        Self { view, ranges, wanted: None, left, prefixes: None, part: None, inside: None }
    }

    /// The next stretch that is answered with somebody: its range, its answer, and the last
    /// address that is wanted.
    fn stretch(&mut self) -> Result<Option<(AddressRange, AnswerId, u128)>> {
        while let Some((family, at, last)) = self.ranges.pop() {
            let (id, mut end) = self.run(family, at)?;
            // The same answer may go on in the next run.
            while end < family.max() {
                match self.run(family, end + 1)? {
                    (next, further) if next == id => end = further,
                    _ => break,
                }
            }
            if end < last {
                self.ranges.push((family, end + 1, last));
            }
            let wanted = |wanted: &Vec<bool>| wanted.get(id.index()) == Some(&true);
            if id != AnswerId::NOBODY && family == Family::V6 && is_mapped(at, end) {
                let reason = "an IPv4-mapped address has an answer of its own";
                return Err(Error::damaged("IntervalEntries", reason));
            }
            if id != AnswerId::NOBODY && self.wanted.as_ref().is_none_or(wanted) {
                return Ok(Some((AddressRange::from_bits(family, at, end), id, last)));
            }
        }
        Ok(None)
    }

    fn run(&mut self, family: Family, at: u128) -> Result<(AnswerId, u128)> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| Error::damaged("Trie", "a walk meets more runs than there can be"))?;
        self.view.index.answer_id_and_end(family, at)
    }

    fn network(&self, prefix: IpNet, id: AnswerId) -> Result<Network<'a>> {
        let (class, hit) = self.view.answered_with(prefix.network(), prefix.prefix_len(), id)?;
        Ok(Network { id, class, hit })
    }

    /// The widest part of a network from an address on that is hidden as a whole or shown, if it is
    /// shown; what is behind it is next.
    fn shown(&mut self, whole: IpNet, at: u128, id: AnswerId) -> Result<Option<IpNet>> {
        let part = self.view.hidden.part_around(whole, at);
        let range = AddressRange::from(part);
        if range.last_bits() < AddressRange::from(whole).last_bits() {
            self.part = Some((whole, range.last_bits() + 1, id));
        }
        let told = self.view.shown_id((range.family(), at), id)?;
        // Of a network that is wider than the prefix asked for, a part may be beside it.
        let outside = |(first, last)| range.last_bits() < first || last < range.first_bits();
        let wanted = told != AnswerId::WITHHELD && !self.inside.is_some_and(outside);
        Ok(wanted.then_some(part))
    }

    fn advance(&mut self) -> Result<Option<Network<'a>>> {
        loop {
            if let Some((whole, at, id)) = self.part.take() {
                match self.shown(whole, at, id)? {
                    Some(part) => return self.network(part, id).map(Some),
                    None => continue,
                }
            }
            if let Some((prefixes, id, last)) = &mut self.prefixes {
                let (id, last) = (*id, *last);
                if let Some(prefix) = prefixes.next().filter(|net| first_of(*net) <= last) {
                    if self.view.hidden.any() {
                        self.part = Some((prefix, first_of(prefix), id));
                        continue;
                    }
                    return self.network(prefix, id).map(Some);
                }
            }
            let Some((range, id, last)) = self.stretch()? else { return Ok(None) };
            self.prefixes = Some((range.prefixes(), id, last));
        }
    }
}

/// Does a stretch hold an IPv4-mapped address? It is answered as the IPv4 address, and not from there.
const fn is_mapped(first: u128, last: u128) -> bool {
    first >> 32 <= MAPPED && MAPPED <= last >> 32
}

const fn first_of(prefix: IpNet) -> u128 {
    match prefix {
        IpNet::V4(net) => net.addr().to_bits() as u128,
        IpNet::V6(net) => net.addr().to_bits(),
    }
}

impl<'a> Iterator for Networks<'a> {
    type Item = Result<Network<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.ranges.clear();
            (self.prefixes, self.part) = (None, None);
        }
        next
    }
}

impl FusedIterator for Networks<'_> {}
