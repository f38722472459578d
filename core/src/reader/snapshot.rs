//! A snapshot: an index, and what is hidden in it; one consistent view for as long as it is kept.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::hidden::HiddenSet;
use super::view::View;
use super::{Address, AnswerId, Classification, CompanyId, Description, Index, Match, Networks};
use crate::error::Result;
use crate::net::{AddressRange, bits_of, mapped_to_v4};

/// An index, and what is hidden in it: it is asked as an [`Index`] is.
///
/// What is hidden is `withheld`: it is behind no address, is answered with [`AnswerId::WITHHELD`] and is
/// in no list of networks. The network told of what is shown never reaches into it.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n1.0.1.0,1.0.1.255,1,Other B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&path)?;
/// use firmtrie::{Index, Snapshot, Status};
/// let mut snapshot = Snapshot::new(Index::open(&path)?);
/// let hit = snapshot.lookup("1.0.0.1".parse()?)?.expect("it is in the source");
/// let company = hit.company_id()?;
/// snapshot.hide_company(company);
/// assert!(snapshot.lookup("1.0.0.1".parse()?)?.is_none());
/// assert_eq!(snapshot.classify("1.0.0.1".parse()?)?.status, Status::Withheld);
/// assert!(snapshot.lookup("1.0.1.1".parse()?)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Snapshot {
    index: Arc<Index>,
    hidden: HiddenSet,
}

impl Snapshot {
    /// An index in which nothing is hidden.
    pub fn new(index: impl Into<Arc<Index>>) -> Self {
        Self { index: index.into(), hidden: HiddenSet::default() }
    }

    #[cfg(feature = "live")]
    pub(crate) const fn hiding(index: Arc<Index>, hidden: HiddenSet) -> Self {
        Self { index, hidden }
    }

    /// The index, with what is hidden in it.
    pub const fn index(&self) -> &Arc<Index> {
        &self.index
    }

    #[cfg(feature = "live")]
    pub(crate) const fn hidden(&self) -> &HiddenSet {
        &self.hidden
    }

    #[inline(always)]
    pub(crate) fn view(&self) -> View<'_> {
        View { index: &self.index, hidden: &self.hidden }
    }

    /// Hides a company of the index; nothing, if the index has none of this number.
    pub fn hide_company(&mut self, company: CompanyId) {
        // The set is as long as its highest number.
        if (1..=self.index.company_count()).contains(&(company.get() as usize)) {
            self.hidden.hide_company(company);
        }
    }

    /// Hides address space, with all that is in it.
    pub fn hide_prefix(&mut self, prefix: IpNet) {
        self.hidden.hide_prefix(prefix);
    }

    /// Is this company hidden?
    pub fn hides_company(&self, company: CompanyId) -> bool {
        self.hidden.hides_company(company)
    }

    /// Is this address hidden, whoever has it?
    pub fn hides_address(&self, address: IpAddr) -> bool {
        let (family, bits) = bits_of(address);
        self.hidden.hides_bits(family, bits)
    }

    /// Is any address of a prefix hidden, whoever has it?
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
    /// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
    /// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
    /// # firmtrie::Builder::new().source(source).write(&path)?;
    /// let mut snapshot = firmtrie::Snapshot::new(firmtrie::Index::open(&path)?);
    /// snapshot.hide_prefix("1.0.0.64/26".parse()?);
    /// assert!(snapshot.hides_in("1.0.0.0/24".parse()?) && snapshot.hides_in("1.0.0.65/32".parse()?));
    /// assert!(!snapshot.hides_in("1.0.0.0/26".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hides_in(&self, prefix: IpNet) -> bool {
        self.hidden.hides_in(AddressRange::from(mapped_to_v4(prefix.trunc())))
    }

    /// See [`Index::lookup`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn lookup(&self, address: IpAddr) -> Result<Option<Match<'_>>> {
        self.view().lookup(address)
    }

    /// See [`Index::classify`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn classify(&self, address: IpAddr) -> Result<Classification> {
        self.view().classify(address)
    }

    /// See [`Index::describe`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    pub fn describe(&self, address: IpAddr) -> Result<Description<'_>> {
        self.view().describe(address)
    }

    /// See [`Index::answer_id`]; that of what is hidden is [`AnswerId::WITHHELD`].
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline(always)]
    pub fn answer_id(&self, address: IpAddr) -> Result<AnswerId> {
        self.view().answer_id(address)
    }

    /// See [`Index::answer_id_and_length`]; the network of what is hidden is withheld as a whole.
    ///
    /// # Errors
    /// Those of [`Index::lookup`].
    #[inline]
    pub fn answer_id_and_length(&self, address: IpAddr) -> Result<(AnswerId, u8)> {
        self.view().answer_id_and_length(address)
    }

    /// See [`Index::lookup_batch`].
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`].
    pub fn lookup_batch<A: Address>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        self.view().lookup_batch(addresses, answers)
    }

    /// See [`Index::lookup_batch_with_lengths`].
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch_with_lengths`].
    pub fn lookup_batch_with_lengths<A: Address>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
        lengths: &mut [u8],
    ) -> Result<()> {
        self.view().lookup_batch_with_lengths(addresses, answers, lengths)
    }

    /// See [`Index::par_lookup_batch`].
    ///
    /// # Errors
    /// Those of [`Index::lookup_batch`].
    #[cfg(feature = "parallel")]
    pub fn par_lookup_batch<A: Address + Sync>(
        &self,
        addresses: &[A],
        answers: &mut [AnswerId],
    ) -> Result<()> {
        self.view().par_lookup_batch(addresses, answers)
    }

    /// See [`Index::networks`]; of one that holds hidden addresses the parts around them are given.
    pub fn networks(&self) -> Networks<'_> {
        self.view().networks()
    }

    /// See [`Index::networks_in`].
    ///
    /// # Errors
    /// Those of [`Index::networks_in`].
    pub fn networks_in(&self, prefix: IpNet) -> Result<Networks<'_>> {
        self.view().networks_in(prefix)
    }

    /// See [`Index::networks_of`].
    ///
    /// # Errors
    /// Those of [`Index::networks_of`].
    pub fn networks_of(&self, companies: &[CompanyId]) -> Result<Networks<'_>> {
        self.view().networks_of(companies)
    }

    /// See [`Index::networks_of_asn`].
    ///
    /// # Errors
    /// Those of [`Index::networks_of_asn`].
    pub fn networks_of_asn(&self, asn: u32) -> Result<Networks<'_>> {
        self.view().networks_of_asn(asn)
    }
}
