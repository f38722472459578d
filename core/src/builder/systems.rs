//! Autonomous systems: who runs them, what they announce, and whose a delegated range therefore is.
//!
//! A registry's statistics tell of a holder only by a handle, which its ranges and its autonomous systems
//! share. Where somebody else names who runs these, and all of them are one company's, the ranges are
//! that company's. Claims that do not say which autonomous system announces them have that of the most
//! specific route around them.
//!
//! Nothing here guesses: a holder whose systems are run by two companies, or by nobody known, claims
//! nothing; a network that two systems announce has neither.

use std::ops::RangeInclusive;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::gather::{Gathered, GatheredClaim};
use super::resolve::most_specific;
use super::rules::Rules;
use crate::company::Kind;
use crate::index::{NOBODY, Stretch};
use crate::net::AddressRange;
use crate::policy::Hint;
use crate::source::{Allotment, DelegatedTo, Format, Source};

/// Who runs autonomous systems.
#[derive(Debug, Clone)]
pub(super) struct GatheredSystem {
    pub numbers: RangeInclusive<u32>,
    /// As that of a [`GatheredClaim`].
    pub owner: u32,
    pub line: u32,
}

/// A range, and which autonomous system announces it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub range: AddressRange,
    pub asn: u32,
}

/// What a registry delegated to a holder.
#[derive(Debug, Clone)]
pub(super) struct GatheredDelegation {
    pub what: DelegatedTo,
    pub holder: Option<String>,
    pub allotment: Allotment,
    pub source: u16,
    pub file: u16,
    pub line: u32,
}

/// Forgets what sources said of systems, routes, places and delegations too long ago, as claims of that age are
/// left out: it says nothing, and masks nothing.
pub(super) fn forget_expired(files: &mut [Gathered], sources: &[Source], rules: Rules) {
    let is_expired =
        |file: &&mut Gathered| rules.is_expired(sources[file.source as usize].retrieved);
    for file in files.iter_mut().filter(is_expired) {
        file.said.systems.clear();
        file.said.routes.clear();
        file.said.located.clear();
        file.said.delegations.clear();
    }
}

/// The ranges of holders, as claims of the companies that run their autonomous systems.
pub(super) fn delegated(
    delegations: &[GatheredDelegation],
    systems: &[GatheredSystem],
    claims: &[GatheredClaim],
    sources: &[Source],
    rules: Rules,
) -> Vec<GatheredClaim> {
    if delegations.is_empty() {
        return Vec::new();
    }
    let runners = runners(systems, claims, sources, rules);
    let mut holders: FxHashMap<(u16, &str), Holder> = FxHashMap::default();
    for of in delegations {
        if let (DelegatedTo::Systems(numbers), Some(holder)) = (&of.what, &of.holder) {
            let holder = holders.entry((of.source, holder)).or_default();
            for asn in numbers.clone() {
                holder.asns.push(asn);
                holder.runners.extend(runners.get(&asn));
            }
        }
    }
    let claim = |of: &GatheredDelegation| {
        let DelegatedTo::Range(range) = of.what else { return None };
        let holder = holders.get(&(of.source, of.holder.as_deref()?))?;
        Some(GatheredClaim {
            range,
            owner: only(&holder.runners).filter(|runner| *runner != NOBODY)?,
            source: of.source,
            file: of.file,
            line: of.line,
            kind: Kind::Unknown,
            asn: only(&holder.asns),
            date: sources[of.source as usize].retrieved,
            confidence: None,
            hint: Hint::default(),
            allotment: of.allotment,
            is_located: false,
            is_delegated: true,
        })
    };
    delegations.iter().filter_map(claim).collect()
}

/// Gives the claims on what a system announces the allotment of the space that they begin in. Claims of
/// others may be of customers, to whom a provider passed on what is allotted to it.
pub(super) fn allot(
    claims: &mut [GatheredClaim],
    delegations: &[GatheredDelegation],
    sources: &[Source],
) {
    if delegations.is_empty() {
        return;
    }
    let ranges = delegations.iter().filter_map(|of| match of.what {
        DelegatedTo::Range(range) => Some((range, of.allotment as u32)),
        DelegatedTo::Systems(_) => None,
    });
    let stretches = most_specific(ranges);
    claims.par_iter_mut().filter(|claim| is_announced(claim, sources)).for_each(|claim| {
        let around = stretch_of(&stretches, &claim.range);
        let is = |allotment: &Allotment| around.is_some_and(|of| of.answer == *allotment as u32);
        let allotments = [Allotment::ToPassOn, Allotment::ToUse];
        claim.allotment = allotments.into_iter().find(is).unwrap_or_default();
    });
}

/// Tells the claims on what a system announces that begin in one of the ranges of which their operators say
/// where they are used. Claims of others may be of customers, whose provider it is that says so.
pub(super) fn locate(claims: &mut [GatheredClaim], located: &[AddressRange], sources: &[Source]) {
    if located.is_empty() {
        return;
    }
    let stretches = most_specific(located.iter().map(|range| (*range, 1)));
    claims.par_iter_mut().filter(|claim| is_announced(claim, sources)).for_each(|claim| {
        claim.is_located = stretch_of(&stretches, &claim.range).is_some();
    });
}

/// Is a claim on what a system announces? Its company is whoever runs the system.
fn is_announced(claim: &GatheredClaim, sources: &[Source]) -> bool {
    sources[claim.source as usize].format == Format::AsnCsv
}

#[derive(Default)]
struct Holder {
    asns: Vec<u32>,
    /// Companies that run them: [`NOBODY`] where two do, and none where nobody is known.
    runners: Vec<u32>,
}

/// The one value that is there, however often.
fn only(values: &[u32]) -> Option<u32> {
    let (first, others) = values.split_first()?;
    others.iter().all(|other| other == first).then_some(*first)
}

/// The company that runs each autonomous system, or [`NOBODY`] where several are named: by a registry, or else
/// by a source whose claims are of whoever runs the system. Claims of others name customers too, whose
/// networks their provider's system announces.
fn runners(
    systems: &[GatheredSystem],
    claims: &[GatheredClaim],
    sources: &[Source],
    rules: Rules,
) -> FxHashMap<u32, u32> {
    let mut named: FxHashMap<u32, u32> = FxHashMap::default();
    let mut announced = named.clone();
    let note = |runners: &mut FxHashMap<u32, u32>, asn, owner| {
        runners
            .entry(asn)
            .and_modify(|of| *of = if *of == owner { owner } else { NOBODY })
            .or_insert(owner);
    };
    for system in systems {
        system.numbers.clone().for_each(|asn| note(&mut named, asn, system.owner));
    }
    let names_runners =
        |claim: &&GatheredClaim| is_announced(claim, sources) && !rules.is_expired(claim.date);
    for claim in claims.iter().filter(names_runners) {
        claim.asn.into_iter().for_each(|asn| note(&mut announced, asn, claim.owner));
    }
    announced.extend(named);
    announced
}

/// Gives the claims without an autonomous system that of the most specific route around them.
pub(super) fn announce(claims: &mut [GatheredClaim], routes: Vec<Route>) {
    if routes.is_empty() {
        return;
    }
    let stretches = most_specific(origins(routes));
    claims.par_iter_mut().filter(|claim| claim.asn.is_none()).for_each(|claim| {
        let around = stretch_of(&stretches, &claim.range);
        let whole = around.filter(|stretch| claim.range.last_bits() <= stretch.last);
        claim.asn = whole.map(|stretch| stretch.answer);
    });
}

/// The system that announces each range, or [`NOBODY`] where several do.
fn origins(mut routes: Vec<Route>) -> impl Iterator<Item = (AddressRange, u32)> {
    routes.par_sort_unstable_by_key(|route| (route.range, route.asn));
    routes.dedup_by(|next, route| {
        let same = next.range == route.range;
        if same && next.asn != route.asn {
            route.asn = NOBODY;
        }
        same
    });
    routes.into_iter().map(|route| (route.range, route.asn))
}

/// The stretch that a range begins in.
fn stretch_of<'a>(
    stretches: &'a [Vec<Stretch<u128>>; 2],
    range: &AddressRange,
) -> Option<&'a Stretch<u128>> {
    let (stretches, first) = (&stretches[range.family() as usize], range.first_bits());
    let next = stretches.partition_point(|of| of.last < first);
    stretches.get(next).filter(|of| of.first <= first)
}
