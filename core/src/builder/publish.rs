//! Publishing: a new index, made elsewhere or under another name, takes the place of the one that readers
//! follow, whole or not at all. What is damaged, or would bring back who objected, does not.

use std::path::{Path, PathBuf};

use super::former;
use crate::error::{Error, Result};
use crate::output::{Outputs, Sort};
use crate::reader::Index;

/// Puts a copy of the index at `new` in the place of the one at `live`. Readers that have the old one open
/// keep it until they look for a new one; copying over it would change what they have mapped, and end them.
///
/// With `without_registry` an index that was made under a registry is replaced by one that was not, or that
/// was made when the registry had less; with `force` a file that is no index is replaced.
///
/// # Errors
/// What [`Index::verify`] finds in `new`; [`Error::Registry`] where who objected would come back;
/// [`Error::Output`] where `live` may not be replaced. It is then as it was.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (rows, new) = (dir.path().join("asn.csv"), dir.path().join("new.firm"));
/// # let live = dir.path().join("companies.firm");
/// # std::fs::write(&rows, "1.0.0.0,1.0.0.255,64500,Example B.V.\n")?;
/// # let source = firmtrie::Source::new("asn", firmtrie::Format::AsnCsv).path(&rows);
/// # firmtrie::Builder::new().source(source).write(&new)?;
/// firmtrie::builder::publish(&new, &live, false, false)?;
/// assert_eq!(std::fs::read(&new)?, std::fs::read(&live)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn publish(
    new: impl AsRef<Path>,
    live: impl Into<PathBuf>,
    without_registry: bool,
    force: bool,
) -> Result<()> {
    let (new, live) = (new.as_ref(), live.into());
    let bytes = std::fs::read(new).map_err(Error::io(new, "read"))?;
    let in_new = |error: Error| error.in_file(new);
    let index = Index::from_bytes(&bytes).map_err(in_new)?;
    if let Some(error) = index.verify().into_iter().next() {
        return Err(in_new(error));
    }
    let mut outputs = Outputs::new(force);
    outputs.add(live.as_path(), Sort::Index);
    outputs.check(&[new.to_path_buf()])?;
    if !without_registry {
        former::check_successor(&live, &index.info().map_err(in_new)?)?;
    }
    outputs.write(&[bytes])
}
