//! Special-purpose space is never answered, even for a source that claims everything, and
//! everything else is: compared with the whole registries of IANA, entry by entry.
#![cfg(feature = "build")]

mod registry;

use std::net::IpAddr;

use firmtrie::builder::Policy;
use firmtrie::net::{AddressRange, Family, bits_of};
use firmtrie::{Builder, Format, Index, Source, Status};
use registry::{Entry, Registry};

fn index_of_everything() -> Index {
    let file = tempfile::NamedTempFile::new().unwrap();
    let all = "0.0.0.0,255.255.255.255,1,All of it\n\
               ::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,1,All of it\n";
    std::fs::write(file.path(), all).unwrap();
    let source = Source::new("everything", Format::AsnCsv).path(file.path());
    Index::from_bytes(
        &Builder::new()
            .policy(Policy::strict().listed_kinds(false))
            .source(source)
            .build()
            .unwrap()
            .0,
    )
    .unwrap()
}

#[test]
fn claims_over_all_space_are_answered_exactly_where_the_registries_allow() {
    let (v4, v6) = (Registry::of(Family::V4), Registry::of(Family::V6));
    let index = index_of_everything();
    let (mut answered, mut refused) = (0, 0);
    for (family, registry) in [(Family::V4, &v4), (Family::V6, &v6)] {
        for Entry { first, last, .. } in &registry.0 {
            let middle = first + (last - first) / 2;
            let beside = [first.saturating_sub(1), last.saturating_add(1).min(family.max())];
            for at in [*first, middle, *last].into_iter().chain(beside) {
                let address: IpAddr = family.address(at);
                // A mapped address is asked, and answered, as IPv4.
                let expected = match bits_of(address) {
                    (Family::V4, at) => !v4.withholds(at),
                    (Family::V6, at) => !v6.withholds(at),
                };
                let hit = index.lookup(address).unwrap();
                assert_eq!(hit.is_some(), expected, "{address}");
                let class = index.classify(address).unwrap();
                assert_eq!(class.status == Status::Company, expected);
                assert!(AddressRange::from(class.network).contains(address), "{}", class.network);
                if expected { answered += 1 } else { refused += 1 }
            }
        }
    }
    assert!(answered > 50 && refused > 50, "{answered} and {refused} of either");
}
