//! Which company is behind this IP address?
#![deny(unsafe_code)]

#[cfg(feature = "build")]
mod build;
mod company;
mod error;
mod index;
mod net;
mod reader;
#[cfg(feature = "build")]
mod source;
#[cfg(feature = "build")]
mod special_purpose;

#[cfg(feature = "build")]
pub use build::{Builder, Summary};
pub use company::{Company, Field, Kind, Status, UnknownWord};
pub use error::{BadRow, Error, Result};
pub use index::metadata::{Metadata, SourceMetadata};
pub use net::{
    AddressRange, Family, IpNet, Ipv4Net, Ipv6Net, Prefixes, RangeError, bits_of, parse_address,
    parse_prefix,
};
pub use reader::{Classification, CompanyName, CompanyRecord, Description, Index, Match};
#[cfg(feature = "build")]
pub use source::{Format, Source};
