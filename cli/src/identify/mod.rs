//! `firmtrie identify`: access logs in, companies out.

mod requests;
mod tally;
