//! Which networks of an index: all, or those in a prefix, of a company, of an AS.

use clap::Args;
use firmtrie::net::{IpNet, parse_asn, parse_prefix};
use firmtrie::{Networks, Snapshot};

use crate::Failure;

/// Which networks.
#[derive(Args)]
pub struct Selection {
    /// Networks that have an address in this prefix; a wider one is given whole
    #[arg(long = "in", value_name = "PREFIX", conflicts_with_all = ["company", "asn"])]
    prefix: Option<String>,
    /// Networks of the companies with this name (in upper or lower case), LEI or domain
    #[arg(long, value_name = "NAME|LEI|DOMAIN", conflicts_with = "asn")]
    company: Option<String>,
    /// Networks that this autonomous system announces, as in 64500 or AS64500
    #[arg(long, value_name = "N", value_parser = parse_asn)]
    asn: Option<u32>,
}

impl Selection {
    /// A slip is told before an index is opened.
    pub fn check(&self) -> Result<(), Failure> {
        self.prefix().map(drop)
    }

    fn prefix(&self) -> Result<Option<IpNet>, Failure> {
        let prefix = self.prefix.as_deref().map(parse_prefix).transpose();
        prefix.map_err(|error| Failure::Usage(error.to_string()))
    }

    /// They, in address order.
    pub fn networks<'a>(&self, index: &'a Snapshot) -> Result<Networks<'a>, Failure> {
        if let Some(prefix) = self.prefix()? {
            return Ok(index.networks_in(prefix)?);
        }
        if let Some(asn) = self.asn {
            return Ok(index.networks_of_asn(asn)?);
        }
        let Some(wanted) = &self.company else { return Ok(index.networks()) };
        let companies = index.index().companies_called(wanted)?;
        if companies.is_empty() {
            let reason = format!("no company has the name, LEI or domain {wanted:?}");
            return Err(Failure::Error(reason));
        }
        Ok(index.networks_of(&companies)?)
    }

    /// What is selected, if not all is.
    pub fn name(&self) -> Option<String> {
        let asn = self.asn.map(|asn| format!("as{asn}"));
        self.company.clone().or(asn).or_else(|| self.prefix.clone())
    }
}
