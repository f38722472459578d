//! Reads made-up databases of an internet registry of any size, and checks every answer.
//!
//! Takes the folder to write them into and their size in megabytes. Prints how fast they were read, on how
//! many threads, and the most memory that was in use.

#![allow(clippy::cast_precision_loss, reason = "figures for a reader")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use firmtrie::Index;
use firmtrie_benches::registers::Registers;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "usage: registers FOLDER MEGABYTES";
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let megabytes: u64 = arguments.next().ok_or(usage)?.parse()?;
    let registers = Registers::write(&folder, megabytes << 20, 20_261_129)?;
    let bytes = registers.bytes()?;
    for reversed in [false, true] {
        let begun = Instant::now();
        // Progress is told while files are read, and no longer.
        let read = Arc::new(Mutex::new(begun));
        let last = Arc::clone(&read);
        let builder = registers.builder(reversed).on_progress(move |_| {
            *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
            ControlFlow::Continue(())
        });
        let (index, summary) = builder.build()?;
        let whole = begun.elapsed();
        let reading = *read.lock().unwrap_or_else(std::sync::PoisonError::into_inner) - begun;
        let rate = bytes as f64 / 1e6 / reading.as_secs_f64();
        println!(
            "{:.0} MB, {} claims: read in {reading:.2?}, {rate:.0} MB/s; built in {whole:.2?}; most memory {}",
            bytes as f64 / 1e6,
            summary.metadata.counts.claims,
            most_memory()
        );
        println!(
            "{} addresses asked, all answers right",
            registers.check(&Index::from_bytes(&index)?)
        );
    }
    Ok(())
}

/// What Linux says was the most memory in use.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or(" unknown").trim().to_owned()
}
