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
//!     assert_eq!(hit.network()?.to_string(), "192.31.196.0/23");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Index`] shows every way to ask, [`builder::Manifest`] how a build is written down,
//! [`client::TrustedProxies`] finds the visitor's address behind proxies, and [`live::Live`] takes over
//! new files and new objections while lookups go on.
//!
//! Everything is checked when it is touched: bad rows name file, line and value; no index file,
//! however damaged, makes a lookup panic. [`Index::open`] copies the file into memory,
//! [`Index::map`] maps it in constant time.
//!
//! # Features
//!
//! None is on by default: the crate then reads indexes, and needs no CSV, SQLite, compression or
//! threads.
//!
//! | feature | what it adds | and brings with it |
//! | --- | --- | --- |
//! | `build` | [`builder`]: makes indexes | `registry`, `parallel` |
//! | `registry` | [`registry`]: objections and requests, durable in SQLite | |
//! | `live` | [`live`]: follows an index file and a registry | `registry` |
//! | `columns` | [`columns`]: Arrow arrays in and out | |
//! | `bots` | [`bots`]: tells programs from people | `build` |
//! | `parallel` | [`Index::par_lookup_batch`], on rayon | |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

#[cfg(feature = "bots")]
pub mod bots;
#[cfg(feature = "build")]
pub mod builder;
pub mod client;
#[cfg(feature = "columns")]
pub mod columns;
mod company;
mod cpu;
#[cfg(feature = "build")]
pub mod diff;
mod error;
#[cfg(feature = "registry")]
mod identity;
mod index;
#[cfg(feature = "build")]
pub mod input;
#[cfg(feature = "live")]
pub mod live;
pub mod net;
#[cfg(feature = "build")]
pub mod output;
#[cfg(feature = "build")]
mod policy;
mod reader;
// Much of it is asked by builds only, or by who follows it.
#[cfg(feature = "registry")]
#[cfg_attr(not(all(feature = "build", feature = "live")), allow(dead_code, unused_imports))]
pub mod registry;
#[cfg(feature = "build")]
mod source;
#[cfg(any(feature = "registry", feature = "columns"))]
#[cfg_attr(not(all(feature = "live", feature = "columns")), allow(dead_code))]
mod threads;
mod words;

#[cfg(feature = "build")]
pub use builder::Builder;
pub use company::{Company, Contact, Field, Kind, Status};
pub use error::{BadRow, Error, Result};
pub use index::metadata::{
    Controller, Counts, Kept, Metadata, Period, RegistryTip, SourceMetadata,
};
pub use reader::{
    Address, Answer, AnswerId, Classification, CompanyId, CompanyName, CompanyRecord, Description,
    Index, Match, Mode, Network, Networks, Snapshot,
};
#[cfg(feature = "build")]
pub use source::{Format, Source};
pub use words::UnknownWord;

/// The examples of the README compile.
#[cfg(all(doctest, feature = "build", feature = "live"))]
#[doc = include_str!("../../README.md")]
struct Readme;
