//! Answers: what ranges resolve to, each found once, by many threads.
//!
//! Until all are found a claim has the slot of its answer; then they are put in order, and it gets the
//! answer's number.

use rayon::prelude::*;

use super::interner::{Batch, Interner, one_per_slot};
use super::resolve::RankedClaim;
use crate::company::{Kind, Status};
use crate::index::tables::ResolvedAnswer;

/// Claims that wait for the slots of their answers, at most.
const BATCH: usize = 1 << 13;

/// Answers that are found.
pub(super) struct FoundAnswers(Interner);

impl FoundAnswers {
    pub(super) fn new() -> Self {
        Self(Interner::new())
    }

    /// The slot of an answer.
    pub(super) fn slot(&self, answer: &ResolvedAnswer) -> u32 {
        let mut batch = Batch::default();
        batch.add(|bytes| write(answer, bytes));
        self.0.intern(&batch, 0)[0]
    }

    /// The answers in the order of their numbers, and for each slot the number.
    pub(super) fn numbered(self) -> (Vec<ResolvedAnswer>, Vec<u32>) {
        let mut answers = self.0.par_map(|bytes, _| read(bytes));
        answers.par_sort_unstable();
        let mut numbers = one_per_slot(&answers);
        for (number, (_, slot)) in (0..).zip(&answers) {
            numbers[*slot as usize] = number;
        }
        (answers.into_iter().map(|(answer, _)| answer).collect(), numbers)
    }
}

/// Claims with the slots of their answers, in the order in which they are added.
pub(super) struct AnsweredClaims<'a, A> {
    answers: &'a FoundAnswers,
    claims: Vec<RankedClaim<A>>,
    /// So many of the claims have slots.
    with_slots: usize,
    pending: Batch,
}

impl<'a, A> AnsweredClaims<'a, A> {
    pub(super) fn new(answers: &'a FoundAnswers) -> Self {
        Self { answers, claims: Vec::new(), with_slots: 0, pending: Batch::default() }
    }

    pub(super) fn add(&mut self, mut claim: RankedClaim<A>, answer: &ResolvedAnswer) {
        claim.answer = self.pending.add(|bytes| write(answer, bytes));
        self.claims.push(claim);
        if self.claims.len() - self.with_slots == BATCH {
            self.give_slots();
        }
    }

    /// All of them.
    pub(super) fn finish(mut self) -> Vec<RankedClaim<A>> {
        self.give_slots();
        self.claims
    }

    fn give_slots(&mut self) {
        let without = self.claims[self.with_slots..].iter_mut().map(|claim| &mut claim.answer);
        self.answers.0.give_slots(&mut self.pending, 0, without);
        self.with_slots = self.claims.len();
    }
}

/// An answer as bytes: equal ones, and only those, are the same.
fn write(answer: &ResolvedAnswer, bytes: &mut Vec<u8>) {
    let ResolvedAnswer { status, company, asn, kind, sources, confidence } = *answer;
    let known = [asn.is_some(), confidence.is_some()].map(u8::from);
    bytes.extend([status as u8, kind as u8]);
    bytes.extend(known);
    bytes.extend(company.to_le_bytes());
    bytes.extend(asn.unwrap_or_default().to_le_bytes());
    bytes.extend(sources.to_le_bytes());
    bytes.extend(confidence.unwrap_or_default().to_le_bytes());
}

/// The answer that these bytes are.
fn read(mut bytes: &[u8]) -> ResolvedAnswer {
    let [status, kind, asn_is_known, confidence_is_known] = next(&mut bytes);
    let company = u32::from_le_bytes(next(&mut bytes));
    let asn = u32::from_le_bytes(next(&mut bytes));
    let sources = u64::from_le_bytes(next(&mut bytes));
    let confidence = u16::from_le_bytes(next(&mut bytes));
    ResolvedAnswer {
        status: Status::ALL.get(status as usize).copied().unwrap_or_default(),
        company,
        asn: (asn_is_known != 0).then_some(asn),
        kind: Kind::ALL.get(kind as usize).copied().unwrap_or_default(),
        sources,
        confidence: (confidence_is_known != 0).then_some(confidence),
    }
}

/// Takes the first bytes off.
fn next<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let Some((first, rest)) = bytes.split_first_chunk() else { return [0; N] };
    *bytes = rest;
    *first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_numbered_in_their_order_however_they_are_found() {
        let mut answers = vec![ResolvedAnswer::NOBODY];
        for company in 1..300_u32 {
            let of = |status, asn, kind, sources, confidence| ResolvedAnswer {
                status,
                company,
                asn,
                kind,
                sources,
                confidence,
            };
            answers.extend([
                of(Status::Company, None, Kind::Unknown, 1, None),
                of(Status::Company, Some(0), Kind::Unknown, 1, None),
                of(Status::Company, Some(u32::MAX), Kind::Consumer, u64::MAX, Some(0)),
                of(Status::Withheld, Some(u32::MAX), Kind::Isp, 1 << 63, Some(10_000)),
            ]);
        }
        let found = FoundAnswers::new();
        let mut claims = AnsweredClaims::new(&found);
        let range = "11.0.0.0/24".parse::<ipnet::IpNet>().unwrap().into();
        let given: Vec<_> = (0..20_000).map(|n| answers[n * 7919 % answers.len()]).collect();
        for answer in &given {
            claims.add(RankedClaim::<u32>::background(&range), answer);
        }
        let claims = claims.finish();
        let alone = found.slot(&answers[5]);
        let (numbered, numbers) = found.numbered();
        answers.sort_unstable();
        assert_eq!(numbered, answers);
        for (claim, answer) in claims.iter().zip(&given) {
            assert_eq!(&numbered[numbers[claim.answer as usize] as usize], answer);
        }
        assert_eq!(numbered[numbers[alone as usize] as usize].company, 2);
    }
}
