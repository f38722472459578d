//! Combining: what several claims say of one range becomes one finding, and the policy judges it.
//!
//! Of claims on the same range that of the source with the higher priority wins, then the newer,
//! then a fixed order; what is too old comes last. Claims of the same company on that range agree
//! with it: their sources are named beside its own, they fill in the kind and the ASN it lacks, and
//! their confidences make its own stronger, as independent witnesses do:
//! `1 - (1 - a) * (1 - b) * …`.

use std::cmp::Reverse;
use std::net::IpAddr;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::answers::{AnsweredClaims, FoundAnswers};
use super::conflicts::FoundConflicts;
use super::explained::{Explaining, FoundClaim};
use super::gather::GatheredClaim;
use super::judge::Judge;
use super::persons::Contradictions;
use super::profile::Profile;
use super::report::Tallies;
use super::resolve::RankedClaim;
use super::rules::Rules;
use super::uses::Uses;
use crate::company::{Company, Kind, Status};
use crate::index::NOBODY;
use crate::index::tables::{CERTAIN, ResolvedAnswer};
use crate::net::{AddressBits, AddressRange, Family};
use crate::policy::{Hint, Policy, Reason};
use crate::source::Source;

/// One finding a range.
pub(super) struct Findings {
    pub v4: Vec<RankedClaim<u32>>,
    pub v6: Vec<RankedClaim<u128>>,
    /// In ascending order, each once, the first [`ResolvedAnswer::NOBODY`]; claims have their numbers.
    pub answers: Vec<ResolvedAnswer>,
    /// The number of the answer of space that is out.
    pub withheld: u32,
    /// What became of each claim, alone.
    pub tallies: Tallies,
    pub contradictions: Contradictions,
    pub conflicts: FoundConflicts,
    /// The claims that cover the address that is asked about.
    pub explained: Vec<FoundClaim>,
}

/// Combines the claims on companies: `profiles`, by their numbers less one, and `others`, what each
/// source says of those that several describe.
pub(super) fn combine(
    mut claims: Vec<GatheredClaim>,
    profiles: &[Profile],
    others: &FxHashMap<u32, Vec<Company>>,
    sources: &[Source],
    rules: Rules,
    uses: &Uses,
    asked: Option<IpAddr>,
) -> Findings {
    sort(&mut claims, sources, rules);
    let first_v6 = claims.partition_point(|claim| claim.range.family() == Family::V4);
    let (judge, contradictions) = Judge::new(rules, uses, profiles, others, &claims[..first_v6]);
    let conflicts = FoundConflicts::of(&claims, rules);
    let explaining = Explaining { claims: &claims, first_v6, judge: &judge, profiles, sources };
    let explained = asked.map_or_else(Vec::new, |address| explaining.covering(address));

    let answers = FoundAnswers::new();
    answers.slot(&ResolvedAnswer::NOBODY);
    let withheld = answers.slot(&judged(ResolvedAnswer::NOBODY, Some(Reason::OptedOut)));
    let ranking = Ranking { sources, judge: &judge, uses, answers: &answers };
    let mut tallies = Tallies::default();
    let mut v4 = ranking.all(&claims[..first_v6], &mut tallies);
    let mut v6 = ranking.all(&claims[first_v6..], &mut tallies);
    drop(claims);
    v4.extend(unclaimed(rules.policy, uses, &answers));
    v6.extend(unclaimed(rules.policy, uses, &answers));
    let mask = answers.slot(&judged(ResolvedAnswer::NOBODY, Some(Reason::NonBusiness)));
    for net in rules.policy.masks() {
        let range = AddressRange::from(net);
        match range.family() {
            Family::V4 => v4.push(RankedClaim::mask(&range, mask)),
            Family::V6 => v6.push(RankedClaim::mask(&range, mask)),
        }
    }

    let (answers, numbers) = answers.numbered();
    v4.par_iter_mut().for_each(|claim| claim.answer = numbers[claim.answer as usize]);
    v6.par_iter_mut().for_each(|claim| claim.answer = numbers[claim.answer as usize]);
    let withheld = numbers[withheld as usize];
    Findings { v4, v6, answers, withheld, tallies, contradictions, conflicts, explained }
}

/// Sorts claims by their ranges, and of each range the best first.
fn sort(claims: &mut [GatheredClaim], sources: &[Source], rules: Rules) {
    let rank = |of: &GatheredClaim| {
        let priority = sources[of.source as usize].priority;
        let claim = (of.owner, of.kind, of.asn, of.source, of.confidence, of.hint);
        (rules.is_expired(of.date), Reverse(priority), Reverse(of.date), claim)
    };
    // Few claims are on the same range: the rest of the order is asked for only then.
    claims.par_sort_unstable_by(|a, b| a.range.cmp(&b.range).then_with(|| rank(a).cmp(&rank(b))));
}

/// What claims are ranked by.
struct Ranking<'a> {
    sources: &'a [Source],
    judge: &'a Judge<'a>,
    uses: &'a Uses,
    answers: &'a FoundAnswers,
}

impl Ranking<'_> {
    /// What the sorted claims of a family come to.
    fn all<A: AddressBits>(
        &self,
        claims: &[GatheredClaim],
        tallies: &mut Tallies,
    ) -> Vec<RankedClaim<A>> {
        let none = || (AnsweredClaims::new(self.answers), Tallies::default());
        let rank = |(mut ranked, mut tallies): (_, Tallies), rivals: &[GatheredClaim]| {
            // While what is known of their company is at hand.
            for claim in rivals {
                tallies.add(claim, self.judge.reason_alone(claim));
            }
            self.rank(rivals, &mut ranked);
            (ranked, tallies)
        };
        let ranges = claims.par_chunk_by(|a, b| a.range == b.range).fold(none, rank);
        let parts: Vec<_> = ranges.map(|(ranked, tallies)| (ranked.finish(), tallies)).collect();
        let mut all = Vec::with_capacity(parts.iter().map(|(ranked, _)| ranked.len()).sum());
        for (ranked, of_part) in parts {
            all.extend(ranked);
            tallies.append(of_part);
        }
        all
    }

    /// What the claims on one range, the best first, come to: one claim for each part of it of which the
    /// same use is said.
    fn rank<A: AddressBits>(&self, rivals: &[GatheredClaim], claims: &mut AnsweredClaims<A>) {
        let winner = rivals[0];
        let (answer, hint) = agreed(rivals, self.judge.rules());
        let whole = ranked(&winner, self.sources);
        for (first, last, words) in self.uses.parts(&winner.range) {
            let (kind, reason) = self.judge.decide(&winner, (answer.kind, hint), answer.asn, words);
            let answer = judged(ResolvedAnswer { kind, ..answer }, reason);
            claims.add(whole.part(first, last), &answer);
        }
    }
}

/// How the best claim on a range ranks beside those on others.
pub(super) fn ranked<A: AddressBits>(best: &GatheredClaim, sources: &[Source]) -> RankedClaim<A> {
    let priority = sources[best.source as usize].priority;
    RankedClaim::of_source(&best.range, priority, best.date, NOBODY)
}

/// Space that nobody claims and that is known for a use that the policy leaves out.
fn unclaimed<A: AddressBits>(
    policy: &Policy,
    uses: &Uses,
    answers: &FoundAnswers,
) -> Vec<RankedClaim<A>> {
    let mut claims = AnsweredClaims::new(answers);
    for (range, words) in uses.all(A::FAMILY) {
        let words = words.iter().map(|word| (word.kind, word.weight));
        if let Some(kind) = policy.decide_unclaimed(words) {
            let of_kind = ResolvedAnswer { kind, ..ResolvedAnswer::NOBODY };
            let answer = judged(of_kind, Some(Reason::NonBusiness));
            claims.add(RankedClaim::background(&range), &answer);
        }
    }
    claims.finish()
}

/// What the best of the claims on a range says, with those that agree; and the strongest of the hints
/// that they give. What is too old to be kept agrees with nothing.
pub(super) fn agreed(best_first: &[GatheredClaim], rules: Rules) -> (ResolvedAnswer, Hint) {
    let best = best_first[0];
    let is_kept = |claim: &&GatheredClaim| **claim == best || !rules.is_expired(claim.date);
    let agreeing = || best_first.iter().filter(|claim| claim.owner == best.owner).filter(is_kept);
    let kind = agreeing().map(|claim| claim.kind).find(|kind| *kind != Kind::Unknown);
    let hint = agreeing().map(|claim| claim.hint).max().unwrap_or_default();
    let answer = ResolvedAnswer {
        status: Status::Company,
        company: best.owner,
        asn: agreeing().find_map(|claim| claim.asn),
        kind: kind.unwrap_or_default(),
        sources: agreeing().fold(0, |sources, claim| sources | 1 << claim.source),
        confidence: confidence(agreeing()),
    };
    (answer, hint)
}

/// A source that says a thing twice is one witness, as sure as it was at its surest.
fn confidence<'a>(agreeing: impl Iterator<Item = &'a GatheredClaim>) -> Option<u16> {
    let mut witnesses: Vec<(u16, u16)> =
        agreeing.filter_map(|claim| Some((claim.source, claim.confidence?))).collect();
    // By source, so that the product does not depend on the order of rows.
    witnesses.sort_unstable_by_key(|(source, confidence)| (*source, Reverse(*confidence)));
    witnesses.dedup_by_key(|(source, _)| *source);
    let doubt = |part: u16| 1.0 - f64::from(part) / f64::from(CERTAIN);
    let doubts = witnesses.iter().map(|(_, part)| doubt(*part)).reduce(|all, one| all * one)?;
    Some(((1.0 - doubts) * f64::from(CERTAIN)).round() as u16)
}

/// The answer as the policy lets it be given.
fn judged(answer: ResolvedAnswer, reason: Option<Reason>) -> ResolvedAnswer {
    match reason.map(Reason::status) {
        None => answer,
        // Kind and ASN stay: they say what the network is, not who is behind it.
        Some(Status::NonBusiness) => ResolvedAnswer {
            status: Status::NonBusiness,
            kind: answer.kind,
            asn: answer.asn,
            ..ResolvedAnswer::NOBODY
        },
        Some(status) => ResolvedAnswer { status, ..ResolvedAnswer::NOBODY },
    }
}
