//! Which changes are asked for.

use firmtrie::diff::{Change, CompanyChange, NetworkChange};
use firmtrie::net::{AddressRange, parse_prefix};
use firmtrie::{CompanyRecord, Field};

use super::Arguments;
use crate::Failure;

/// Which changes are asked for.
pub struct Only<'a> {
    pub range: Option<AddressRange>,
    pub asn: Option<u32>,
    changes: &'a [Change],
    company: Option<String>,
    country: Option<&'a str>,
}

impl<'a> Only<'a> {
    pub fn of(arguments: &'a Arguments) -> Result<Self, Failure> {
        let prefix = arguments.prefix.as_deref().map(parse_prefix).transpose()?;
        Ok(Self {
            range: prefix.map(AddressRange::from),
            asn: arguments.asn,
            changes: &arguments.change,
            company: arguments.company.as_ref().map(|company| company.to_lowercase()),
            country: arguments.country.as_deref(),
        })
    }

    /// The part of a change that is asked for.
    pub fn network<'c>(&self, mut change: NetworkChange<'c>) -> Option<NetworkChange<'c>> {
        if let Some(asked) = &self.range {
            let (range, asked) = (change.range, *asked);
            let first = range.first().max(asked.first());
            let last = range.last().min(asked.last());
            if range.family() != asked.family() {
                return None;
            }
            change.range = AddressRange::new(first, last).ok()?;
        }
        let asns = [change.old.asn, change.new.asn];
        let is_asked = self.of_change(change.change)
            && self.asn.is_none_or(|asn| asns.contains(&Some(asn)))
            && self.of_companies([change.old.company, change.new.company]);
        is_asked.then_some(change)
    }

    pub fn company(&self, change: &CompanyChange<'_>) -> bool {
        self.of_change(change.change) && self.of_companies([change.old, change.new])
    }

    fn of_change(&self, change: Change) -> bool {
        self.changes.is_empty() || self.changes.contains(&change)
    }

    /// Is either company asked for?
    fn of_companies(&self, both: [Option<CompanyRecord<'_>>; 2]) -> bool {
        let is_called = |company: &CompanyRecord<'_>, wanted: &str| {
            let names = company
                .facts()
                .filter(|(field, _)| matches!(field, Field::Name | Field::Lei | Field::Domain));
            names.into_iter().any(|(_, name)| name.to_lowercase() == wanted)
        };
        let of_country = |company: &CompanyRecord<'_>, wanted: &str| {
            company.get(Field::Country).is_some_and(|country| country.eq_ignore_ascii_case(wanted))
        };
        let any =
            |is_asked: &dyn Fn(&CompanyRecord<'_>) -> bool| both.iter().flatten().any(is_asked);
        self.company.as_ref().is_none_or(|wanted| any(&|company| is_called(company, wanted)))
            && self.country.is_none_or(|wanted| any(&|company| of_country(company, wanted)))
    }
}
