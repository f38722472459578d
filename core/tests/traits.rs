//! What every public type gives: it can be sent, shared and shown; what is printed can be serialised.
#![cfg(all(feature = "build", feature = "live", feature = "columns"))]

use std::fmt::Debug;

use serde::Serialize;

/// Compiles if each type is all of these.
macro_rules! each_is {
    ($bound:path { $($type:ty),+ $(,)? }) => {
        $({
            const fn is<T: $bound + ?Sized>() {}
            is::<$type>();
        })+
    };
}

/// What can be moved to another thread, asked there, and shown.
trait Plain: Send + Sync + Debug + Unpin + 'static {}
impl<T: Send + Sync + Debug + Unpin + 'static> Plain for T {}

#[test]
fn every_public_type_can_be_sent_shared_and_shown() {
    use firmtrie::{builder, client, columns, live, net, registry};

    each_is!(Plain {
        firmtrie::Answer<'static>,
        firmtrie::AnswerId,
        firmtrie::BadRow,
        firmtrie::Builder,
        firmtrie::Classification,
        firmtrie::Company,
        firmtrie::CompanyId,
        firmtrie::CompanyName<'static>,
        firmtrie::CompanyRecord<'static>,
        firmtrie::Contact<'static>,
        firmtrie::Controller,
        firmtrie::Counts,
        firmtrie::Description<'static>,
        firmtrie::Error,
        firmtrie::Field,
        firmtrie::Format,
        firmtrie::Index,
        firmtrie::Kind,
        firmtrie::Match<'static>,
        firmtrie::Metadata,
        firmtrie::Mode,
        firmtrie::Network<'static>,
        firmtrie::Networks<'static>,
        firmtrie::RegistryTip,
        firmtrie::Snapshot,
        firmtrie::Source,
        firmtrie::SourceMetadata,
        firmtrie::Status,
        firmtrie::UnknownWord,
        builder::BuildOptions,
        builder::Contradictions,
        builder::Evidence,
        builder::Example,
        builder::LeftOut,
        builder::Manifest,
        builder::Policy,
        builder::Reason,
        builder::Report,
        builder::Skipped,
        builder::SourceReport,
        builder::Summary,
        builder::Verdict,
        client::ProxyHeader,
        client::TrustedProxies,
        columns::Column,
        columns::Columns,
        columns::Invalid,
        live::Live,
        live::NotFollowed,
        live::Recorded,
        net::AddressRange,
        net::Family,
        net::Prefixes,
        net::RangeError,
        registry::About,
        registry::Entry,
        registry::Held,
        registry::HeldCompany,
        registry::HeldFact,
        registry::HeldNetwork,
        registry::HeldRequest,
        registry::Identifier,
        registry::Met,
        registry::Registry,
        registry::RegistryPath,
        registry::Request,
        registry::Right,
        registry::Step,
        registry::Taken,
        registry::Who,
    });
}

#[test]
fn what_is_printed_can_be_serialised() {
    use firmtrie::{builder, live, registry};

    each_is!(Serialize {
        firmtrie::Classification,
        firmtrie::Company,
        firmtrie::CompanyRecord<'static>,
        firmtrie::Contact<'static>,
        firmtrie::Description<'static>,
        firmtrie::Metadata,
        builder::Report,
        live::Recorded,
        registry::Entry,
        registry::Held,
        registry::Met,
        registry::Taken,
    });
}
