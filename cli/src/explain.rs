//! `firmtrie explain`: what a policy thinks of one company, and why.

use std::io::{self, Write};

use clap::Args;
use firmtrie::builder::Policy;
use firmtrie::{Company, Field, Kind};

use crate::Failure;
use crate::build::policy;

/// Say whether a company would be shown, and on what evidence
///
/// Nothing is kept of what is asked.
#[derive(Args)]
pub struct Arguments {
    /// Its name, as a source writes it
    #[arg(long)]
    name: String,
    /// Its country, as in NL
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// Its legal form: a code of ISO 20275, or text
    #[arg(long, value_name = "FORM")]
    legal_form: Option<String>,
    /// What the source says that its network is used for, such as business
    #[arg(long, value_name = "KIND", default_value_t = Kind::Unknown, hide_default_value = true)]
    kind: Kind,
    /// IPv4 addresses that it holds
    #[arg(long, value_name = "NUMBER")]
    addresses: Option<u64>,
    /// The policy: strict, open, or a policy file
    #[arg(long, value_name = "strict | open | POLICY.toml", value_parser = policy, default_value = "strict")]
    policy: Policy,
    /// Print an object of JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { name, country, legal_form, .. } = arguments;
    let company = Company::new(name)
        .with(Field::Country, country.as_deref().unwrap_or_default())
        .with(Field::LegalForm, legal_form.as_deref().unwrap_or_default());
    let verdict = arguments.policy.judge_claim(&company, arguments.addresses, arguments.kind);
    let mut output = io::stdout().lock();
    if arguments.json {
        let json = serde_json::to_string(&verdict).map_err(io::Error::from)?;
        return Ok(writeln!(output, "{json}")?);
    }
    match verdict.reason {
        Some(reason) => writeln!(output, "left out: {}, kind {}", reason.as_str(), verdict.kind)?,
        None => writeln!(output, "shown, kind {}", verdict.kind)?,
    }
    for evidence in &verdict.evidence {
        let (points, of, sign) = (evidence.points, evidence.of, evidence.sign);
        writeln!(output, "{points:>+5}  {of:<10} {sign}: {}", evidence.found)?;
    }
    Ok(())
}
