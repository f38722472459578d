//! Do all structures answer alike? Nothing is measured that does not.

use std::collections::HashMap;
use std::net::IpAddr;

use firmtrie::Index;

use crate::peers::Peer;
use crate::world::World;

/// The organisations that our index gives for addresses: 0 for none.
pub fn expected<A: Copy + Into<IpAddr>>(world: &World, index: &Index, ask: &[A]) -> Vec<u32> {
    let organisations = world.organisations.iter();
    let numbers: HashMap<_, u32> =
        organisations.map(|(asn, name)| (*asn, name.as_str())).zip(1..).collect();
    let number = |address: &A| {
        let hit = index.lookup((*address).into()).expect("the index is sound")?;
        let name = hit.company().expect("the index is sound").name();
        Some(numbers[&(hit.asn().expect("the index is sound").unwrap_or_default(), name)])
    };
    ask.iter().map(|address| number(address).unwrap_or(0)).collect()
}

/// Compares what a peer finds with what is expected, address by address.
pub fn check<A: Copy + Into<IpAddr> + 'static>(peer: &Peer<A>, ask: &[A], expected: &[u32]) {
    for (address, expected) in ask.iter().zip(expected) {
        let found = peer.pass(&[*address]);
        let address: IpAddr = (*address).into();
        assert_eq!(found, u64::from(*expected), "{} differs at {address}", peer.title);
    }
}

/// Compares the lengths of the names that `maxminddb` decodes with those expected.
pub fn check_names<A: Copy + Into<IpAddr> + 'static>(
    world: &World,
    peer: &Peer<A>,
    ask: &[A],
    expected: &[u32],
) {
    let length = |number: &u32| match number {
        0 => 0,
        number => world.organisations[*number as usize - 1].1.len() as u32,
    };
    check(peer, ask, &expected.iter().map(length).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::Mix;
    use crate::{peers, yardsticks};

    fn all_agree(world: &World) {
        let index = world.index();
        let mmdb = peers::mmdb(world);
        for mix in Mix::ALL {
            let ask = &mix.v4(world)[..20_000];
            let truth = expected(world, &index, ask);
            assert!(truth.iter().any(|number| *number != 0));
            for peer in peers::v4::all(&world.v4) {
                check(&peer, ask, &truth);
            }
            check(&yardsticks::dir_24_8(&peers::v4::starts(&world.v4)), ask, &truth);
            check_names(world, &peers::maxminddb(mmdb.clone())[1], ask, &truth);
            let ask = &mix.v6(world)[..20_000];
            let truth = expected(world, &index, ask);
            for peer in peers::v6::all(&world.v6) {
                check(&peer, ask, &truth);
            }
            check(&yardsticks::poptrie_v6(&peers::v6::starts(&world.v6)), ask, &truth);
            check_names(world, &peers::maxminddb(mmdb.clone())[1], ask, &truth);
        }
    }

    #[test]
    fn all_structures_agree_on_the_excerpt() {
        all_agree(&World::excerpt());
    }

    #[test]
    fn all_structures_agree_where_claims_lie_inside_others() {
        let world = World::generated(30_000, 7);
        assert_eq!(world.v4.len() + world.v6.len(), 30_000);
        all_agree(&world);
    }
}
