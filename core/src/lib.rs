//! Which company is behind this IP address?
//!
//! A [`Builder`] makes one index file from [`Source`]s; an [`Index`] answers from it.
//!
//! ```
//! use firmtrie::{Builder, Format, Index, Source};
//! # let dir = tempfile::tempdir()?;
//! # let (rows, path) = (dir.path().join("asn.csv"), dir.path().join("companies.firm"));
//! std::fs::write(&rows, "192.31.196.0,192.31.197.255,64500,Example B.V.\n")?;
//! Builder::new().source(Source::new("asn", Format::AsnCsv).path(&rows)).write(&path)?;
//!
//! let index = Index::open(&path)?;
//! if let Some(hit) = index.lookup("192.31.196.9".parse()?)? {
//!     assert_eq!(hit.company()?.name(), "Example B.V.");
//!     assert_eq!(hit.network().to_string(), "192.31.196.0/23");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Index`] shows every way to ask, [`Manifest`] how a build is written down, and
//! [`TrustedProxies`] finds the visitor's address behind proxies.
//!
//! Everything is checked when it is touched: bad rows name file, line and value; no index file,
//! however damaged, makes a lookup panic. [`Index::open`] copies the file into memory,
//! [`Index::map`] maps it in constant time.
//!
//! # Features
//!
//! - `build` (on by default): [`Builder`] and [`Source`]. Without it the crate only reads indexes,
//!   and needs neither CSV, compression nor threads.
//! - `live` (on by default): [`Live`], which follows an index file and a registry.
//! - `columns`: [`Index::lookup_columns`], Arrow arrays in and out.
//! - `parallel` (part of `build`): [`Index::par_lookup_batch`], on rayon.
#![deny(unsafe_code)]

#[cfg(feature = "build")]
mod build;
mod client;
#[cfg(feature = "columns")]
mod columns;
mod company;
mod error;
#[cfg(feature = "registry")]
mod identity;
mod index;
mod ipv4_text;
#[cfg(feature = "live")]
mod live;
mod net;
#[cfg(feature = "build")]
mod policy;
mod reader;
// Much of it is asked by builds only, or by who follows it.
#[cfg(feature = "registry")]
#[cfg_attr(not(all(feature = "build", feature = "live")), allow(dead_code, unused_imports))]
mod registry;
#[cfg(feature = "build")]
mod source;
#[cfg(feature = "build")]
mod special_purpose;
mod words;

#[cfg(feature = "build")]
pub use build::{
    BuildOptions, Builder, Contradictions, Example, LeftOut, Manifest, Report, Skipped,
    SourceReport, Summary,
};
pub use client::{ProxyHeader, TrustedProxies};
#[cfg(feature = "columns")]
pub use columns::{Column, Columns, Invalid};
pub use company::{Company, Contact, Field, Kind, Status};
pub use error::{BadRow, Error, Result};
#[cfg(feature = "registry")]
pub use identity::Identifier;
pub use index::metadata::{Controller, Counts, Metadata, RegistryTip, SourceMetadata};
#[cfg(feature = "registry")]
pub use jiff::civil::Date;
#[cfg(feature = "live")]
pub use live::{Live, NotFollowed, Recorded};
pub use net::{
    AddressRange, Family, IpNet, Ipv4Net, Ipv6Net, Prefixes, RangeError, bits_of, parse_address,
    parse_prefix,
};
#[cfg(feature = "build")]
pub use policy::{Evidence, Policy, Reason, Verdict};
pub use reader::{
    Address, Answer, AnswerId, Classification, CompanyId, CompanyName, CompanyRecord, Description,
    Index, Match, Mode, Network, Networks, Snapshot,
};
#[cfg(feature = "registry")]
pub use registry::{
    About, Entry, Held, HeldCompany, HeldFact, HeldNetwork, HeldRequest, Met, Registry,
    RegistryPath, Request, Right, Step, Taken, Who, day, today,
};
#[cfg(feature = "build")]
pub use source::{Format, Source};
pub use words::UnknownWord;

/// The examples of the README compile.
#[cfg(all(doctest, feature = "build"))]
#[doc = include_str!("../../README.md")]
struct Readme;
