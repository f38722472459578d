//! The operator's own lists: networks, autonomous systems and companies that are always treated as
//! non-business or as business, whatever the evidence says.
//!
//! A network that is non-business masks everything inside it, narrower claims and parts of wider
//! ones. One that is business speaks for the claims that lie inside it. Of an address's lists the
//! network comes first, then the company, then the autonomous system.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use super::{Evidence, Subject};
use crate::net::{AddressRange, IpNet};

/// What something on a list is treated as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Treatment {
    NonBusiness,
    Business,
}

impl Treatment {
    /// For the evidence: whether it speaks for being shown.
    pub(super) const fn points(self) -> i32 {
        match self {
            Self::NonBusiness => -1,
            Self::Business => 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct Lists {
    /// In the order they were written.
    networks: Vec<(IpNet, Treatment)>,
    asns: BTreeMap<u32, Treatment>,
    /// By name in lower case, or LEI.
    companies: BTreeMap<String, Treatment>,
}

impl Lists {
    /// Adds an entry; says what was treated otherwise before.
    pub(super) fn add_network(&mut self, net: IpNet, as_: Treatment) -> Result<(), String> {
        if self.networks.iter().any(|(known, other)| *known == net && *other != as_) {
            return Err(twice(&net));
        }
        self.networks.push((net, as_));
        Ok(())
    }

    pub(super) fn add_asn(&mut self, asn: u32, as_: Treatment) -> Result<(), String> {
        match self.asns.insert(asn, as_) {
            Some(other) if other != as_ => Err(twice(&format_args!("AS {asn}"))),
            _ => Ok(()),
        }
    }

    pub(super) fn add_company(&mut self, name: &str, as_: Treatment) -> Result<(), String> {
        match self.companies.insert(name.trim().to_lowercase(), as_) {
            Some(other) if other != as_ => Err(twice(&format_args!("{name:?}"))),
            _ => Ok(()),
        }
    }

    /// The networks that mask everything inside.
    pub(super) fn masks(&self) -> impl Iterator<Item = IpNet> {
        let masks = self.networks.iter().filter(|(_, as_)| *as_ == Treatment::NonBusiness);
        masks.map(|(net, _)| *net)
    }

    /// What the lists say of an address, and of what is claimed there.
    pub(super) fn evidence(
        &self,
        address: IpAddr,
        asn: Option<u32>,
        range: &AddressRange,
    ) -> Vec<Evidence> {
        let of = |found: &dyn fmt::Display, as_: Treatment| {
            Evidence::new("listed", "list", found, as_.points())
        };
        let speaks = |(net, as_): &&(IpNet, Treatment)| {
            let net = AddressRange::from(*net);
            net.contains(address) && (*as_ == Treatment::NonBusiness || net.contains_range(range))
        };
        let networks = self.networks.iter().filter(speaks).map(|(net, as_)| of(net, *as_));
        let system = asn.and_then(|asn| Some((asn, self.asn(asn)?)));
        networks.chain(system.map(|(asn, as_)| of(&format_args!("AS {asn}"), as_))).collect()
    }

    pub(super) fn company(&self, company: &Subject) -> Option<Treatment> {
        if self.companies.is_empty() {
            return None;
        }
        let of = |text: &str| self.companies.get(&text.trim().to_lowercase()).copied();
        of(company.name).or_else(|| company.lei.and_then(of))
    }

    pub(super) fn asn(&self, asn: u32) -> Option<Treatment> {
        self.asns.get(&asn).copied()
    }

    /// Is the range inside a network that is always business?
    pub(super) fn is_business(&self, range: &AddressRange) -> bool {
        let business = self.networks.iter().filter(|(_, as_)| *as_ == Treatment::Business);
        business.map(|(net, _)| AddressRange::from(*net)).any(|net| net.contains_range(range))
    }
}

fn twice(what: &dyn fmt::Display) -> String {
    format!("{what} is on the lists of business and of non-business; leave one of them out")
}
