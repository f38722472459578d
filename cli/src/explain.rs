//! `firmtrie explain`: what a policy thinks of one company, and why.

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use firmtrie::builder::{Evidence, Policy};
use firmtrie::net::parse_address;
use firmtrie::{Company, Field, Index, Kind};

use crate::Failure;
use crate::build::{manifest, policy};
use crate::text::plain;

/// Say whether a company would be shown, and on what evidence; or why an address is answered as it is
///
/// With --address the sources of a manifest, or files, are built in memory: every claim that covers the
/// address has a line, the one that decides first, with its file, what its source says, why it stands behind
/// the one before it (it is wider, of lower priority, older, expired, starts higher, or comes later in a
/// fixed order), and whether it is left out; below it stands what was weighed of it. Nothing is kept of what
/// is asked.
#[derive(Args)]
pub struct Arguments {
    /// The sources of which an address is explained
    #[arg(value_name = "MANIFEST.toml | FILE", requires = "address")]
    files: Vec<PathBuf>,
    /// The address to explain
    #[arg(long, value_name = "ADDRESS", value_parser = address, requires = "files", conflicts_with = "name")]
    address: Option<IpAddr>,
    /// The company's name, as a source writes it
    #[arg(long, required_unless_present = "address")]
    name: Option<String>,
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
    if let Some(address) = arguments.address {
        return claims(arguments, address);
    }
    let Arguments { name, country, legal_form, .. } = arguments;
    let company = Company::new(name.as_deref().unwrap_or_default())
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
    told(&verdict.evidence, &mut output)
}

/// A line for each thing that was weighed.
fn told(evidence: &[Evidence], output: &mut impl Write) -> Result<(), Failure> {
    for Evidence { of, sign, found, points, .. } in evidence {
        writeln!(output, "{points:>+5}  {of:<10} {sign}: {}", plain(found))?;
    }
    Ok(())
}

fn address(text: &str) -> Result<IpAddr, String> {
    parse_address(text).map_err(|error| error.to_string())
}

/// The claims that cover an address, and what it is answered with.
fn claims(arguments: &Arguments, address: IpAddr) -> Result<(), Failure> {
    let manifest = manifest(&arguments.files, None, None)?;
    let (bytes, claims) = manifest.builder.explain(address)?;
    let index = Index::from_bytes(&bytes)?;
    let answer = index.describe(address)?;
    let mut output = io::stdout().lock();
    if arguments.json {
        let told = serde_json::json!({ "claims": claims, "answer": answer });
        return Ok(writeln!(output, "{told}")?);
    }
    for claim in &claims {
        let verdict = match claim.left_out {
            Some(reason) => format!("left out: {}", reason.as_str()),
            None => "shown".to_owned(),
        };
        let (file, line, range, kind) =
            (claim.file.display(), claim.line, &claim.range, claim.kind);
        let (source, company) = (plain(&claim.source), plain(&claim.company));
        let standing = match claim.behind {
            None => "decides",
            Some(_) if claim.agrees => "agrees",
            Some(behind) => behind.as_str(),
        };
        let of = format!("{file}:{line}\t{range}\t{source}\t{company}\tkind {kind}");
        writeln!(output, "{of}\t{standing}\t{verdict}")?;
        told(&claim.evidence, &mut output)?;
    }
    let company = answer.company.as_ref().map(|company| plain(company.name));
    let company = company.unwrap_or_else(|| answer.status.to_string());
    writeln!(output, "answer\t{}\t{company}", answer.network)?;
    Ok(())
}
