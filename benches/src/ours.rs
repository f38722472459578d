//! firmtrie itself, behind the same two lines as its peers.

use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;

use firmtrie::{Address, AnswerId, Index};

use crate::addresses::COUNT;
use crate::peers::Peer;

/// The ways to ask one address at a time: the answer's number, its network, a match, the company's name.
pub fn singles<A: Copy + Into<IpAddr> + 'static>(index: &Arc<Index>) -> Vec<Peer<A>> {
    let [numbers, lengths, lookups, names, companies] = [(); 5].map(|()| Arc::clone(index));
    vec![
        Peer::new("firmtrie", move |address: A| {
            numbers.answer_id(address.into()).expect("the index is sound").get()
        }),
        Peer::new("firmtrie, network", move |address: A| {
            let found = lengths.answer_id_and_length(address.into()).expect("the index is sound");
            found.0.get() + u32::from(found.1)
        }),
        Peer::new("firmtrie, lookup", move |address: A| {
            let hit = lookups.lookup(address.into()).expect("the index is sound");
            hit.map_or(0, |hit| hit.answer_id().get())
        }),
        Peer::new("firmtrie, lookup, name", move |address: A| {
            let hit = names.lookup(address.into()).expect("the index is sound");
            hit.map_or(0, |hit| hit.name().expect("the index is sound").len() as u32)
        }),
        Peer::new("firmtrie, lookup, company's name", move |address: A| {
            let hit = companies.lookup(address.into()).expect("the index is sound");
            hit.map_or(0, |hit| hit.company().expect("the index is sound").name().len() as u32)
        }),
    ]
}

/// Ways to ask for many addresses at once.
pub fn batches<A: Address + Copy + Sync + Into<IpAddr> + 'static>(
    index: &Arc<Index>,
) -> Vec<Peer<A>> {
    let [one, all, names] = [(); 3].map(|()| Arc::clone(index));
    // A buffer of the caller's, used again and again.
    let buffers = [(); 3].map(|()| RefCell::new(vec![AnswerId::NOBODY; COUNT]));
    let [buffer_one, buffer_all, buffer_names] = buffers;
    let sum = |answers: &[AnswerId]| answers.iter().map(|id| u64::from(id.get())).sum();
    vec![
        Peer::of_passes("firmtrie, batch", move |addresses: &[A]| {
            let answers = &mut buffer_one.borrow_mut()[..addresses.len()];
            one.lookup_batch(addresses, answers).expect("the index is sound");
            sum(answers)
        }),
        Peer::of_passes("firmtrie, batch with names", move |addresses: &[A]| {
            let answers = &mut buffer_names.borrow_mut()[..addresses.len()];
            names.lookup_batch(addresses, answers).expect("the index is sound");
            let names = names.names_of(answers).map(|name| name.expect("the index is sound"));
            names.map(|name| name.map_or(0, str::len)).sum::<usize>() as u64
        }),
        Peer::of_passes("firmtrie, batch on all threads", move |addresses: &[A]| {
            let answers = &mut buffer_all.borrow_mut()[..addresses.len()];
            all.par_lookup_batch(addresses, answers).expect("the index is sound");
            sum(answers)
        }),
    ]
}
