//! How well the policy tells who is left out: Markdown on standard output.
//!
//! The tables say how often the strict policy is right, with Wilson's interval (1927) at 95 %. With
//! `wrong` what went wrong in the tuning halves is listed on standard error; of the test halves no
//! name is ever shown.
#![allow(clippy::cast_precision_loss)] // Counts here are far below 2^52.

mod halves;
mod names;
mod organisations;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use firmtrie::builder::Policy;

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets");
    let wrong = std::env::args().nth(1).as_deref() == Some("wrong");
    let organisations = organisations::evaluate(&data, wrong)?;
    let forms = names::forms(&data.join("labels/forms.csv"), wrong)?;
    let scripts = names::scripts(&data.join("labels/names.csv"), wrong)?;
    let fingerprint = Policy::strict().fingerprint();
    write!(
        std::io::stdout(),
        "# How well the policy tells who is left out\n\nWritten by `make eval`; not edited.\n\n\
         Strict policy, fingerprint {fingerprint}.\n\n## Holders of autonomous systems\n{organisations}\n\
         ## Explicit forms\n{forms}\n## Names by script\n{scripts}"
    )?;
    Ok(())
}
