//! Files.
fn main() {}
