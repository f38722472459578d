//! Judging: what the policy, the objections and the age of a claim make of it.
//!
//! A company is weighed once, with the space it holds and with what is known of the same person
//! elsewhere; each of its claims is then decided with what is said of that claim's range.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::gather::GatheredClaim;
use super::objections;
use super::persons::{self, Contradictions};
use super::profile::Profile;
use super::rules::Rules;
use super::uses::{Uses, Words};
use crate::company::{Company, Kind};
use crate::net::{AddressRange, AddressSet, bits_of, special_purpose};
use crate::policy::{Evidence, Held, Hint, Judgement, Reason};
use crate::source::{Allotment, Source};

/// Decides claims, of whose companies all is known.
pub(super) struct Judge<'a> {
    rules: Rules<'a>,
    uses: &'a Uses,
    /// By their numbers less one.
    companies: Vec<JudgedCompany>,
    special_purpose: AddressSet,
}

/// All that claims are decided by that is their company's: claims come in no order of companies, and so each
/// waits for memory once.
struct JudgedCompany {
    judgement: Judgement,
    objected: Option<Reason>,
}

impl<'a> Judge<'a> {
    /// Weighs the companies. The claims of IPv4 are in the order of their ranges; `others` is what each
    /// source says of companies that several describe.
    pub(super) fn new(
        rules: Rules<'a>,
        uses: &'a Uses,
        profiles: &[Profile],
        others: &FxHashMap<u32, Vec<Company>>,
        v4: &[GatheredClaim],
    ) -> (Self, Contradictions) {
        let policy = rules.policy;
        let special_purpose = special_purpose();
        let held = held(v4, profiles.len(), &|claim| counts(rules, &special_purpose, claim));
        let weigh = |(profile, held): (&Profile, &Held)| {
            policy.weigh(&profile.subject(), Some(*held), None)
        };
        let mut judgements: Vec<_> = profiles.par_iter().zip(&held).map(weigh).collect();
        let contradictions = persons::follow(profiles, others, (&mut judgements, &held), policy);
        let judged = |(judgement, profile): (Judgement, &Profile)| {
            let objected = profile.hidden.map(objections::reason);
            JudgedCompany { judgement, objected }
        };
        let companies = judgements.into_par_iter().zip(profiles).map(judged).collect();
        (Self { rules, uses, companies, special_purpose }, contradictions)
    }

    /// The kind of a claim's network, and why the claim is left out, if it is: by what claims say of its
    /// range, and by the `words` that are said of a part of it.
    pub(super) fn decide(
        &self,
        claim: &GatheredClaim,
        said: (Kind, Hint),
        asn: Option<u32>,
        words: Words,
    ) -> (Kind, Option<Reason>) {
        let JudgedCompany { judgement, objected } = &self.companies[claim.owner as usize - 1];
        let words = words.iter().chain(self.uses.of_asn(asn).iter());
        let (kind, reason) =
            self.rules.policy.decide(judgement, said, words, asn, Some(&claim.range));
        let reason = if self.rules.is_expired(claim.date) { Some(Reason::Expired) } else { reason };
        (kind, objected.or(reason))
    }

    /// Why a claim is left out, if it is, for itself: whatever else is claimed of its range.
    pub(super) fn reason_alone(&self, claim: &GatheredClaim) -> Option<Reason> {
        self.reason(claim, &claim.range, || self.uses.of_range(&claim.range))
    }

    /// Why a part of it is, of which these words are said.
    fn reason<'w>(
        &self,
        claim: &GatheredClaim,
        part: &AddressRange,
        words: impl FnOnce() -> Words<'w>,
    ) -> Option<Reason> {
        if self.special_purpose.contains_range(part) {
            return Some(Reason::SpecialPurpose);
        }
        let of_space = self.rules.objections.hides_range(part);
        of_space.or_else(|| self.decide(claim, (claim.kind, claim.hint), claim.asn, words()).1)
    }

    /// Why a claim is left out at one of its addresses, if it is, and all that is weighed of it there, whose
    /// company holds so much.
    pub(super) fn explain(
        &self,
        claim: &GatheredClaim,
        address: IpAddr,
        profile: &Profile,
        held: Held,
        sources: &[Source],
    ) -> (Option<Reason>, Vec<Evidence>) {
        let policy = self.rules.policy;
        let words = self.uses.at(&claim.range, address);
        let mut evidence = policy.listed_evidence(address, claim.asn, &claim.range);
        let alone = policy.weigh(&profile.subject(), Some(held), Some(&mut evidence));
        let judgement = &self.companies[claim.owner as usize - 1].judgement;
        match (alone.is_person(), judgement.is_person()) {
            (false, true) => evidence.push(Evidence::new("person", "elsewhere", SAME, ELSEWHERE)),
            (true, false) => evidence.push(Evidence::new("person", "elsewhere", FIRM, -ELSEWHERE)),
            _ => {}
        }
        evidence.extend((claim.kind != Kind::Unknown).then(|| Evidence::said(claim.kind)));
        let hinted = claim.hint.told();
        evidence.extend(hinted.map(|(kind, points)| {
            Evidence::new(kind.as_str(), "description", "of the network", points)
        }));
        let of_asn = self.uses.of_asn(claim.asn);
        evidence.extend(words.evidence(["use", "listed_network"], sources));
        evidence.extend(of_asn.evidence(["use_of_asn", "listed_asn"], sources));
        let (family, bits) = bits_of(address);
        let reason = self.reason(claim, &AddressRange::from_bits(family, bits, bits), || words);
        let masked = policy.masks().any(|net| AddressRange::from(net).contains(address));
        (reason.or_else(|| masked.then_some(Reason::NonBusiness)), evidence)
    }

    pub(super) const fn rules(&self) -> Rules<'a> {
        self.rules
    }

    /// What each company holds of these claims, by its number less one.
    pub(super) fn held(&self, v4: &[GatheredClaim]) -> Vec<Held> {
        held(v4, self.companies.len(), &|claim| counts(self.rules, &self.special_purpose, claim))
    }
}

/// For the evidence: how much it weighs what is known of the same person, or firm, elsewhere.
const ELSEWHERE: i32 = 100;
const SAME: &str = "a natural person by another row, who is the same";
const FIRM: &str = "a company by another row, which is more explicit";

/// Does a claim say how much its owner holds? What is not answered with them does not.
fn counts(rules: Rules, special_purpose: &AddressSet, claim: &GatheredClaim) -> bool {
    !rules.is_expired(claim.date)
        && !rules.policy.leaves_out(claim.kind)
        && !special_purpose.contains_range(&claim.range)
}

/// The IPv4 space of each company by the claims that count, which tells persons from organisations. The
/// claims of IPv4 are in the order of their ranges; several of one range count it once.
///
/// Of what a registry's statistics delegate only counts what is to be passed on: whoever holds more by
/// them is no company and no other kind of network because of that.
fn held(
    v4: &[GatheredClaim],
    companies: usize,
    counts: &(impl Fn(&GatheredClaim) -> bool + Sync),
) -> Vec<Held> {
    let held: Vec<CountedSpace> = (0..companies).map(|_| CountedSpace::default()).collect();
    v4.par_chunk_by(|a, b| a.range == b.range).for_each(|rivals| {
        let size = rivals[0].range.size_minus_one() as u64 + 1;
        if let [only] = rivals {
            // Most ranges have one claim.
            if counts(only) {
                held[only.owner as usize - 1].add(only, size);
            }
            return;
        }
        // Of what a company claims twice the surer word counts: that it uses the range itself.
        let mut of_owners: Vec<_> = rivals.iter().filter(|claim| counts(claim)).collect();
        let one = |claim: &&GatheredClaim| (claim.owner, claim.is_delegated);
        of_owners.sort_unstable_by_key(|claim| {
            (one(claim), Reverse(claim.allotment), Reverse(claim.is_located))
        });
        of_owners.dedup_by_key(|claim| one(claim));
        for claim in of_owners {
            held[claim.owner as usize - 1].add(claim, size);
        }
    });
    held.into_iter().map(CountedSpace::into_held).collect()
}

/// IPv4 addresses of one company, counted on all threads.
#[derive(Default)]
struct CountedSpace {
    addresses: AtomicU64,
    to_pass_on: AtomicU64,
    located: AtomicU64,
    /// To be passed on, by a registry's statistics.
    delegated: AtomicU64,
}

impl CountedSpace {
    fn add(&self, claim: &GatheredClaim, size: u64) {
        let add = |count: &AtomicU64| count.fetch_add(size, Ordering::Relaxed);
        let passes_on = claim.allotment == Allotment::ToPassOn;
        if claim.is_delegated {
            if passes_on {
                add(&self.delegated);
            }
            return;
        }
        add(&self.addresses);
        if passes_on {
            add(&self.to_pass_on);
        }
        if claim.is_located {
            add(&self.located);
        }
    }

    fn into_held(self) -> Held {
        let [addresses, to_pass_on, located, delegated] =
            [self.addresses, self.to_pass_on, self.located, self.delegated]
                .map(AtomicU64::into_inner);
        Held { addresses, to_pass_on: to_pass_on.max(delegated), located }
    }
}
