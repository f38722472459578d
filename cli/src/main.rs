//! The command line of firmtrie.
#![forbid(unsafe_code)]

fn main() {
    println!("firmtrie {}", env!("CARGO_PKG_VERSION"));
}
