//! Combining: what several claims say of one range becomes one finding, and the policy judges it.
//!
//! Of claims on the same range that of the source with the higher priority wins, then the newer,
//! then a fixed order; what is too old comes last. Claims of the same company on that range agree
//! with it: their sources are named beside its own, they fill in the kind and the ASN it lacks, and
//! their confidences make its own stronger, as independent witnesses do:
//! `1 - (1 - a) * (1 - b) * …`.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::gather::Stake;
use super::interner::{Interner, at_places};
use super::join::Profile;
use super::objections::{self, Objections};
use super::persons::{self, Contradictions};
use super::report::Tallies;
use super::resolve::Contender;
use super::special_purpose;
use super::uses::{Uses, Word};
use crate::company::{Company, Kind, Status};
use crate::index::tables::{Answer, CERTAIN};
use crate::net::{AddressRange, Family};
use crate::policy::{Hint, Judgement, Policy, Reason};
use crate::source::{Date, Source};

/// One finding a range.
pub(super) struct Findings {
    pub v4: Vec<Contender>,
    pub v6: Vec<Contender>,
    /// In ascending order, each once, the first [`Answer::NOBODY`]; contenders speak of places.
    pub answers: Vec<Answer>,
    /// The place of the answer of space that is out.
    pub withheld: u32,
    /// What became of each claim, alone.
    pub tallies: Tallies,
    pub contradictions: Contradictions,
}

pub(super) fn combine(
    mut stakes: Vec<Stake>,
    (profiles, others): (&[Profile], &FxHashMap<u32, Vec<Company>>),
    sources: &[Source],
    (policy, as_of): (&Policy, Date),
    (objections, uses): (&Objections, &Uses),
) -> Findings {
    let oldest = policy.oldest_claim(as_of);
    let expired =
        |stake: &Stake| stake.date.zip(oldest).is_some_and(|(date, oldest)| date < oldest);
    let rank = |stake: &Stake| {
        let priority = sources[stake.source as usize].priority;
        let claim =
            (stake.owner, stake.kind, stake.asn, stake.source, stake.confidence, stake.hint);
        (expired(stake), Reverse(priority), Reverse(stake.date), claim)
    };
    // Few claims are on the same range: the rest of the order is asked for only then.
    stakes.par_sort_unstable_by(|a, b| a.range.cmp(&b.range).then_with(|| rank(a).cmp(&rank(b))));
    let first_v6 = stakes.partition_point(|stake| stake.range.family() == Family::V4);
    // Ascending and disjoint: only the last that begins no later than a claim can hold it.
    let special: Vec<_> = [Family::V4, Family::V6].map(special_purpose::ranges).concat();
    let begin = |range: &AddressRange| (range.family(), range.first_bits());
    let is_special = |stake: &Stake| {
        let behind = special.partition_point(|range| begin(range) <= begin(&stake.range));
        special[..behind].last().is_some_and(|range| range.contains_range(&stake.range))
    };
    // What is not answered with its owner is no sign of how much they hold.
    let counts =
        |stake: &Stake| !expired(stake) && !policy.leaves_out(stake.kind) && !is_special(stake);
    let held = held(&stakes[..first_v6], profiles.len(), &counts);
    let judge =
        |(profile, held): (&Profile, &u64)| policy.weigh(&profile.subject(), Some(*held), None);
    let mut judgements: Vec<Judgement> = profiles.par_iter().zip(&held).map(judge).collect();
    let contradictions = persons::follow(profiles, others, (&mut judgements, &held), policy);

    let decide = |stake: &Stake, said: (Kind, Hint), asn, words: &[Word]| {
        let owner = stake.owner as usize - 1;
        let words = words.iter().chain(uses.of_asn(asn)).map(|word| (word.kind, word.weight));
        let (kind, reason) =
            policy.decide(&judgements[owner], said, words, asn, Some(&stake.range));
        let objected = profiles[owner].hidden.map(objections::reason);
        let reason = if expired(stake) { Some(Reason::Expired) } else { reason };
        (kind, objected.or(reason))
    };
    let tallies = Tallies::of(&stakes, |stake| {
        if is_special(stake) {
            return Some(Reason::SpecialPurpose);
        }
        let of_space = objections.hides_range(&stake.range);
        let words = uses.of_range(&stake.range);
        of_space.or_else(|| decide(stake, (stake.kind, stake.hint), stake.asn, words).1)
    });

    let interned = Interner::new();
    let (places, decide) = (&interned, &decide);
    let contender = |rivals: &[Stake]| {
        let winner = rivals[0];
        let (answer, hint) = agreed(rivals);
        let priority = sources[winner.source as usize].priority;
        let whole = Contender::claim(&winner.range, priority, winner.date, 0);
        uses.parts(&winner.range).map(move |(first, last, words)| {
            let (kind, reason) = decide(&winner, (answer.kind, hint), answer.asn, words);
            let answer = judged(Answer { kind, ..answer }, reason);
            whole.part(first, last, places.place(answer, ()))
        })
    };
    interned.place(Answer::NOBODY, ());
    let withheld = interned.place(judged(Answer::NOBODY, Some(Reason::OptedOut)), ());
    let [mut v4, mut v6]: [Vec<Contender>; 2] =
        [&stakes[..first_v6], &stakes[first_v6..]].map(|stakes| {
            stakes.par_chunk_by(|a, b| a.range == b.range).flat_map_iter(contender).collect()
        });
    drop(stakes);
    for (family, contenders) in [(Family::V4, &mut v4), (Family::V6, &mut v6)] {
        for (range, words) in uses.all(family) {
            let words = words.iter().map(|word| (word.kind, word.weight));
            if let Some(kind) = policy.decide_unclaimed(words) {
                let answer = judged(Answer { kind, ..Answer::NOBODY }, Some(Reason::NonBusiness));
                contenders.push(Contender::background(&range, interned.place(answer, ())));
            }
        }
    }
    for net in policy.masks() {
        let range = AddressRange::from(net);
        let mask = judged(Answer::NOBODY, Some(Reason::NonBusiness));
        let mask = Contender::mask(&range, interned.place(mask, ()));
        if range.family() == Family::V4 { v4.push(mask) } else { v6.push(mask) }
    }

    let mut answers = interned.par_map(|answer, ()| answer);
    answers.par_sort_unstable();
    let mut numbers = at_places(&answers);
    for (number, (_, place)) in (0..).zip(&answers) {
        numbers[*place as usize] = number;
    }
    for contenders in [&mut v4, &mut v6] {
        contenders.par_iter_mut().for_each(|one| one.answer = numbers[one.answer as usize]);
    }
    let withheld = numbers[withheld as usize];
    let answers = answers.into_iter().map(|(answer, _)| answer).collect();
    Findings { v4, v6, answers, withheld, tallies, contradictions }
}

/// The IPv4 space of each company by the claims that count, which tells persons from organisations. The
/// claims of IPv4 are in the order of their ranges; several of one range count it once.
fn held(v4: &[Stake], companies: usize, counts: &(impl Fn(&Stake) -> bool + Sync)) -> Vec<u64> {
    let held: Vec<AtomicU64> = (0..companies).map(|_| AtomicU64::new(0)).collect();
    v4.par_chunk_by(|a, b| a.range == b.range).for_each(|rivals| {
        let size = rivals[0].range.size_minus_one() as u64 + 1;
        let hold = |owner: u32| held[owner as usize - 1].fetch_add(size, Ordering::Relaxed);
        if let [only] = rivals {
            // Most ranges have one claim.
            if counts(only) {
                hold(only.owner);
            }
            return;
        }
        let mut owners: Vec<u32> =
            rivals.iter().filter(|stake| counts(stake)).map(|stake| stake.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        for owner in owners {
            hold(owner);
        }
    });
    held.into_iter().map(AtomicU64::into_inner).collect()
}

/// What the best of the claims on a range says, with those that agree; and the strongest of the hints
/// that they give.
fn agreed(best_first: &[Stake]) -> (Answer, Hint) {
    let best = best_first[0];
    let agreeing = || best_first.iter().filter(|stake| stake.owner == best.owner);
    let kind = agreeing().map(|stake| stake.kind).find(|kind| *kind != Kind::Unknown);
    let hint = agreeing().map(|stake| stake.hint).max().unwrap_or_default();
    let answer = Answer {
        status: Status::Company,
        company: best.owner,
        asn: agreeing().find_map(|stake| stake.asn),
        kind: kind.unwrap_or_default(),
        sources: agreeing().fold(0, |sources, stake| sources | 1 << stake.source),
        confidence: confidence(agreeing()),
    };
    (answer, hint)
}

/// A source that says a thing twice is one witness, as sure as it was at its surest.
fn confidence<'a>(agreeing: impl Iterator<Item = &'a Stake>) -> Option<u16> {
    let mut witnesses: Vec<(u16, u16)> =
        agreeing.filter_map(|stake| Some((stake.source, stake.confidence?))).collect();
    // By source, so that the product does not depend on the order of rows.
    witnesses.sort_unstable_by_key(|(source, confidence)| (*source, Reverse(*confidence)));
    witnesses.dedup_by_key(|(source, _)| *source);
    let doubt = |part: u16| 1.0 - f64::from(part) / f64::from(CERTAIN);
    let doubts = witnesses.iter().map(|(_, part)| doubt(*part)).reduce(|all, one| all * one)?;
    Some(((1.0 - doubts) * f64::from(CERTAIN)).round() as u16)
}

/// The answer as the policy lets it be given.
fn judged(answer: Answer, reason: Option<Reason>) -> Answer {
    match reason.map(Reason::status) {
        None => answer,
        // Kind and ASN stay: they say what the network is, not who is behind it.
        Some(Status::NonBusiness) => Answer {
            status: Status::NonBusiness,
            kind: answer.kind,
            asn: answer.asn,
            ..Answer::NOBODY
        },
        Some(status) => Answer { status, ..Answer::NOBODY },
    }
}
