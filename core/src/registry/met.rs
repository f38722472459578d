//! What a request meets in an index: the networks that it takes out, or nothing, as after a slip of the
//! pen (`exampel.nl`).
//!
//! A request that takes out a very large part of an index is mostly a slip too, and entries are never
//! deleted. It is recorded only if it says that it is [sure](Request::sure).

use ipnet::IpNet;
use serde::Serialize;

use super::Registry;
use super::entry::Request;
use super::firms::Firms;
use crate::error::{Error, Result};
use crate::net::{AddressRange, Family};
use crate::reader::{HiddenSet, Index};

/// So many companies are never a large part, however small the index: they may be one firm in several
/// sources.
const FEW: usize = 3;
/// The most networks that are listed.
const NAMED: usize = 1000;
/// Of each family the length of a prefix whose space is very large.
const LARGE: [u8; 2] = [8, 16];

/// What a request meets in an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Met {
    /// How many companies it names, or that have networks in its space.
    pub companies: usize,
    /// How many networks it meets: those of the companies it names, and those in its space.
    pub networks: usize,
    /// The first thousand of them, in address order.
    pub first: Vec<IpNet>,
    /// Whether these networks are withheld once it is recorded.
    pub taken_out: bool,
}

impl Registry {
    /// What a request meets in an index.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn met(&self, request: &Request, index: &Index) -> Result<Met> {
        let mut hidden = HiddenSet::default();
        Firms::of(index, &self.key)?.hide(&request.by, (index, &self.key), &mut hidden)?;
        let mut companies: Vec<_> =
            index.company_ids().filter(|company| hidden.hides_company(*company)).collect();
        let of_firm = index.networks_of(&companies)?.map(|network| Ok(network?.prefix()));
        let mut networks = of_firm.collect::<Result<Vec<_>>>()?;
        for prefix in &request.prefixes {
            for network in index.networks_in(*prefix)? {
                let network = network?;
                if let Some(hit) = network.hit() {
                    companies.push(hit.company_id()?);
                    let inside = prefix.contains(&network.prefix());
                    networks.push(if inside { network.prefix() } else { *prefix });
                }
            }
        }
        companies.sort_unstable();
        companies.dedup();
        networks.sort_unstable();
        networks.dedup();
        let count = networks.len();
        networks.truncate(NAMED);
        Ok(Met {
            companies: companies.len(),
            networks: count,
            first: networks,
            taken_out: request.right.hides(),
        })
    }

    /// The same, if there is an index; and refuses what is very large and not sure.
    ///
    /// # Errors
    /// Also if the request takes out more than a hundredth of the index, or a /8 (of IPv6 a /16), and is
    /// not [sure](Request::sure).
    #[cfg(feature = "live")]
    pub(crate) fn met_by_intent(
        &self,
        request: &Request,
        index: Option<&Index>,
    ) -> Result<Option<Met>> {
        let met = index.map(|index| self.met(request, index)).transpose()?;
        if request.right.hides() && !request.sure {
            check_space(&request.prefixes)?;
            if let (Some(met), Some(index)) = (&met, index) {
                check_part(met, index)?;
            }
        }
        Ok(met)
    }
}

fn check_space(prefixes: &[IpNet]) -> Result<()> {
    for family in [Family::V4, Family::V6] {
        let large = LARGE[family as usize];
        let bits = if family == Family::V4 { 32 } else { 128 };
        let of_family = prefixes.iter().filter(|net| AddressRange::from(**net).family() == family);
        // A prefix is a power of two of all space, and sums of those are exact.
        let part = |length: u8| 0.5_f64.powi(length.into());
        if of_family.map(|net| part(net.prefix_len())).sum::<f64>() >= part(large) {
            return Err(unsure(&format!(
                "it takes out a /{large} of {bits}-bit addresses or more"
            )));
        }
    }
    Ok(())
}

fn check_part(met: &Met, index: &Index) -> Result<()> {
    let counts = index.info()?.counts;
    let all = counts.ipv4_networks + counts.ipv6_networks;
    if met.companies > FEW && met.networks as u64 * 100 > all {
        return Err(unsure(&format!(
            "it takes out {} of {all} networks, of {} companies",
            met.networks, met.companies
        )));
    }
    Ok(())
}

fn unsure(what: &str) -> Error {
    Error::Registry(format!(
        "{what}, so nothing was recorded; if that is meant, say that it is sure (--yes)"
    ))
}
