//! firmtrie beside its peers: the same rows, the same addresses, one run.
//!
//! - [`world`]: who has which network, real or made up, and an index of it.
//! - [`addresses`]: what is asked for.
//! - [`ours`]: firmtrie, as it is asked.
//! - [`peers`]: other libraries, each behind the same two lines.
//! - [`yardsticks`]: structures that firmtrie is measured against, written for that only.
//! - [`registers`]: databases of a made-up internet registry.
//! - [`results`]: what criterion measured, for the report.
//!
//! A peer is measured only after it has been shown to answer like the index: [`agreement`].

#![allow(clippy::cast_precision_loss, reason = "figures of a table")]
#![allow(clippy::missing_panics_doc, reason = "a bench that cannot go on says so and ends")]

pub mod addresses;
pub mod agreement;
pub mod ours;
pub mod peers;
pub mod registers;
pub mod results;
pub mod world;
pub mod yardsticks;
