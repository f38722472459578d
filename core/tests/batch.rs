//! Batches answer like as many single lookups, in every length and mix, and allocate nothing.
#![cfg(feature = "build")]

use std::alloc::System;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use cap::Cap;
use firmtrie::{AnswerId, Builder, Format, Index, Source};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// The excerpt of the real set.
fn index() -> Index {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/asn");
    let rows = Source::new("asn", Format::AsnCsv)
        .path(folder.join("asn-ipv4.csv"))
        .path(folder.join("asn-ipv6.csv"));
    Index::from_bytes(&Builder::new().source(rows).build().unwrap().0).unwrap()
}

/// Addresses of both families at the edges of networks, mapped ones among them, in a mixed order.
fn addresses(index: &Index) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for network in index.networks() {
        let prefix = network.unwrap().prefix();
        addresses.extend([prefix.network(), prefix.broadcast()]);
        if let IpAddr::V4(address) = prefix.network() {
            addresses.push(address.to_ipv6_mapped().into());
            addresses.push(Ipv4Addr::from_bits(address.to_bits().wrapping_sub(1)).into());
        }
    }
    // A fixed shuffle: the golden ratio spreads the places.
    let key = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut shuffled: Vec<_> = addresses.into_iter().enumerate().collect();
    shuffled.sort_by_key(|(at, _)| key(*at));
    shuffled.into_iter().map(|(_, address)| address).collect()
}

fn singles(index: &Index, addresses: &[IpAddr]) -> Vec<AnswerId> {
    addresses.iter().map(|address| index.answer_id(*address).unwrap()).collect()
}

/// Answers and lengths are those of each address alone.
fn batch_with_lengths<A: firmtrie::Address + Copy + Into<IpAddr>>(index: &Index, addresses: &[A]) {
    let mut answers = vec![AnswerId::new(u32::MAX); addresses.len()];
    let mut lengths = vec![u8::MAX; addresses.len()];
    index.lookup_batch_with_lengths(addresses, &mut answers, &mut lengths).unwrap();
    for (row, address) in addresses.iter().enumerate() {
        let alone = index.answer_id_and_length((*address).into()).unwrap();
        assert_eq!((answers[row], lengths[row]), alone, "{}", (*address).into());
    }
}

#[test]
fn a_batch_of_every_length_answers_like_single_lookups() {
    let index = index();
    let mixed = addresses(&index);
    let truth = singles(&index, &mixed);
    assert!(truth.iter().filter(|id| **id != AnswerId::NOBODY).count() > 1000);
    let four: Vec<Ipv4Addr> = mixed
        .iter()
        .filter_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        })
        .collect();
    let six: Vec<Ipv6Addr> = mixed
        .iter()
        .filter_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        })
        .collect();
    let true_four = singles(&index, &four.iter().copied().map(IpAddr::V4).collect::<Vec<_>>());
    let true_six = singles(&index, &six.iter().copied().map(IpAddr::V6).collect::<Vec<_>>());
    for length in (0..=200).chain([511, 512, 513, 2000]) {
        let mut answers = vec![AnswerId::new(u32::MAX); length];
        index.lookup_batch(&mixed[7..7 + length], &mut answers).unwrap();
        assert_eq!(answers, truth[7..7 + length], "{length} mixed");
        index.lookup_batch(&four[5..5 + length], &mut answers).unwrap();
        assert_eq!(answers, true_four[5..5 + length], "{length} IPv4");
        index.lookup_batch(&six[3..3 + length], &mut answers).unwrap();
        assert_eq!(answers, true_six[3..3 + length], "{length} IPv6");
        batch_with_lengths(&index, &mixed[7..7 + length]);
        batch_with_lengths(&index, &four[5..5 + length]);
        batch_with_lengths(&index, &six[3..3 + length]);
    }
}

#[test]
fn all_threads_together_answer_like_one() {
    let index = index();
    let some = addresses(&index);
    let mixed: Vec<IpAddr> = some.iter().copied().cycle().take(100_001).collect();
    let truth = singles(&index, &mixed);
    let mut answers = vec![AnswerId::WITHHELD; mixed.len()];
    index.par_lookup_batch(&mixed, &mut answers).unwrap();
    assert_eq!(answers, truth);
    index.par_lookup_batch(&mixed[..100], &mut answers[..100]).unwrap();
    assert_eq!(answers[..100], truth[..100]);
}

#[test]
fn a_buffer_of_another_length_is_refused_and_left_alone() {
    let index = index();
    let mut answers = [AnswerId::new(7); 3];
    for error in [
        index.lookup_batch(&[Ipv4Addr::LOCALHOST; 4], &mut answers).unwrap_err(),
        index.par_lookup_batch(&[Ipv6Addr::LOCALHOST; 2], &mut answers).unwrap_err(),
    ] {
        assert_eq!(error.kind(), "usage");
    }
    let error = index.lookup_batch(&[IpAddr::V4(Ipv4Addr::LOCALHOST); 4], &mut answers);
    let message = error.unwrap_err().to_string();
    assert!(message.contains("4 addresses") && message.contains("there are 3"), "{message}");
    assert_eq!(answers, [AnswerId::new(7); 3]);
}

#[test]
fn a_batch_allocates_nothing() {
    let index = index();
    let mixed = addresses(&index);
    let mut answers = vec![AnswerId::NOBODY; mixed.len()];
    // Other tests allocate meanwhile: in one of many tries nobody else does.
    let quiet = (0..1000).any(|_| {
        let before = MEMORY.total_allocated();
        index.lookup_batch(&mixed, &mut answers).unwrap();
        MEMORY.total_allocated() == before
    });
    assert!(quiet);
}

#[test]
fn answers_of_many_numbers_are_those_of_each_and_a_number_that_is_none_is_told() {
    let index = index();
    let mut numbers = singles(&index, &addresses(&index));
    for length in (0..=40).chain([numbers.len()]) {
        let answers = index.answers_of(&numbers[..length]);
        assert_eq!(answers.len(), length);
        for (answer, number) in answers.zip(&numbers) {
            let (answer, alone) = (answer.unwrap(), index.answer(*number).unwrap());
            assert_eq!(answer.company_id(), alone.company_id());
            let name =
                |company: Option<firmtrie::CompanyRecord>| company.map(|of| of.name().to_owned());
            assert_eq!(name(answer.company().unwrap()), name(alone.company().unwrap()));
        }
        let names = index.names_of(&numbers[..length]);
        assert_eq!(names.len(), length);
        for (name, number) in names.zip(&numbers) {
            let company = index.answer(*number).unwrap().company().unwrap();
            assert_eq!(name.unwrap(), company.map(|company| company.name()));
        }
    }
    numbers[20] = AnswerId::new(index.answer_count() as u32);
    numbers[21] = AnswerId::new(u32::MAX - 1);
    let wrong: Vec<_> = index.answers_of(&numbers).map(|answer| answer.is_err()).collect();
    assert!(wrong.iter().enumerate().all(|(at, wrong)| *wrong == (at == 20 || at == 21)));
    let nameless: Vec<_> = index.names_of(&numbers).map(|name| name.is_err()).collect();
    assert_eq!(nameless, wrong);
    // What is withheld has no name, and is in no file.
    let withheld: Vec<_> = index.names_of(&[AnswerId::WITHHELD]).collect::<Result<_, _>>().unwrap();
    assert_eq!(withheld, [None]);
}
