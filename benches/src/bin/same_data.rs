//! Writes the real data set as an index and as a MaxMind database, for benchmarks of other languages.
//!
//! Takes the folder to write `asn.firm` and `asn.mmdb` into; both are of the same rows.

use std::fs;
use std::path::PathBuf;

use firmtrie_benches::peers;
use firmtrie_benches::world::World;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: same_data FOLDER")?;
    fs::create_dir_all(&folder)?;
    let world = World::real();
    world.builder().write(folder.join("asn.firm"))?;
    Ok(fs::write(folder.join("asn.mmdb"), peers::mmdb(&world))?)
}
