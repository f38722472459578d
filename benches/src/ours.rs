//! firmtrie itself, behind the same two lines as its peers.

use std::net::IpAddr;
use std::sync::Arc;

use firmtrie::Index;

use crate::peers::Peer;

/// The ways to ask one address at a time: the answer's number, its network, the company's name.
pub fn singles<A: Copy + Into<IpAddr> + 'static>(index: &Arc<Index>) -> Vec<Peer<A>> {
    let [numbers, lengths, names] = [(); 3].map(|()| Arc::clone(index));
    vec![
        Peer::new("firmtrie", move |address: A| {
            numbers.number(address.into()).expect("the index is sound")
        }),
        Peer::new("firmtrie, network", move |address: A| {
            let found = lengths.number_and_length(address.into()).expect("the index is sound");
            found.0 + u32::from(found.1)
        }),
        Peer::new("firmtrie, name", move |address: A| {
            let hit = names.lookup(address.into()).expect("the index is sound");
            hit.map_or(0, |hit| hit.company().expect("the index is sound").name().len() as u32)
        }),
    ]
}

/// Every way to ask for IPv4 addresses.
pub fn all_v4(index: &Arc<Index>) -> Vec<Peer<std::net::Ipv4Addr>> {
    singles(index)
}

/// Every way to ask for IPv6 addresses.
pub fn all_v6(index: &Arc<Index>) -> Vec<Peer<std::net::Ipv6Addr>> {
    singles(index)
}
