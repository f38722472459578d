//! Policy files: a preset, and what is different from it.
//!
//! A key that is not known is an error: a misspelt one would otherwise decide who is shown.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::lists::Treatment;
use super::person_name::Partnerships;
use super::retention::Limit;
use super::{Policy, THRESHOLD};
use crate::company::Kind;
use crate::error::{Error, Result, line_of};
use crate::net::parse_prefix;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyText {
    preset: Option<Spanned<String>>,
    #[serde(default)]
    kinds: Kinds,
    #[serde(default)]
    persons: Persons,
    #[serde(default)]
    retention: Kept,
    #[serde(default)]
    contacts: Contacts,
    #[serde(default)]
    sources: Sources,
    #[serde(default)]
    always: Vec<Always>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Kinds {
    leave_out: Option<Vec<Spanned<String>>>,
    threshold: Option<Spanned<i32>>,
    /// Are public lists evidence?
    listed: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Persons {
    leave_out: Option<bool>,
    threshold: Option<Spanned<i32>>,
    /// Which partnerships of persons are left out as they are.
    partnerships: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Kept {
    claims: Option<Spanned<String>>,
    contacts: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Contacts {
    include: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Sources {
    need_basis: Option<bool>,
}

/// Things that are always treated alike.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Always {
    treat_as: Spanned<String>,
    #[serde(default)]
    networks: Vec<Spanned<String>>,
    #[serde(default)]
    asns: Vec<Spanned<u32>>,
    #[serde(default)]
    companies: Vec<Spanned<String>>,
    /// Why; it is for those who read the file.
    reason: Spanned<String>,
}

impl Policy {
    /// A preset by its name, or a policy file, whose name ends in `.toml` and is relative to
    /// `folder`.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is neither, and those of [`Policy::read`].
    ///
    /// ```
    /// use firmtrie::builder::Policy;
    /// assert_eq!(Policy::named("open", "")?, Policy::open());
    /// assert!(Policy::named("lax", "").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn named(name: &str, folder: impl AsRef<Path>) -> Result<Self> {
        match Self::preset(name) {
            Some(preset) => Ok(preset),
            None if Path::new(name).extension().is_some_and(|end| end == "toml") => {
                Self::read(folder.as_ref().join(name))
            }
            None => Err(Error::Usage(format!(
                "{name:?} is no policy; expected strict, open or a file that ends in .toml"
            ))),
        }
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Policy`] with file, line and reason when it
    /// cannot be used.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("policy.toml");
    /// std::fs::write(&path, r#"
    /// preset = "strict"
    /// [kinds]
    /// leave_out = ["isp", "mobile", "consumer"]
    /// [persons]
    /// partnerships = "all" # or "named", as under strict: whose name holds a person's; or "none"
    /// [retention]
    /// claims = "1 year"
    /// [[always]]
    /// treat_as = "non_business"
    /// networks = ["192.0.2.0/24"]
    /// reason = "the guests of our hotel"
    /// "#)?;
    /// assert_eq!(firmtrie::builder::Policy::read(&path)?.name(), "policy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(Error::io(path, "read"))?;
        let refuse = |at: usize, reason: String| {
            let reason = format!("line {}: {reason}", line_of(&text, at));
            Error::Policy { path: path.to_path_buf(), reason }
        };
        let written: PolicyText = toml::from_str(&text).map_err(|error| {
            refuse(error.span().map_or(0, |span| span.start), error.message().to_owned())
        })?;
        let mut policy = written.policy().map_err(|(at, reason)| refuse(at, reason))?;
        policy.file = Some(path.to_path_buf());
        policy.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(policy)
    }
}

/// What is wrong, and the offset of the byte where it is written.
type Wrong = (usize, String);

/// Makes something of a value, or says where it is wrong.
fn made<T, M>(
    value: &Spanned<T>,
    make: impl FnOnce(&T) -> std::result::Result<M, String>,
) -> std::result::Result<M, Wrong> {
    make(value.as_ref()).map_err(|reason| (value.span().start, reason))
}

fn threshold(points: i32) -> std::result::Result<i32, String> {
    if points > 0 {
        Ok(points)
    } else {
        Err(format!("{points} is no threshold; it must be above 0"))
    }
}

impl PolicyText {
    fn policy(self) -> std::result::Result<Policy, Wrong> {
        let preset = self.preset.as_ref().map(|name| {
            made(name, |name| {
                Policy::preset(name)
                    .ok_or_else(|| format!("{name:?} is no preset; expected strict or open"))
            })
        });
        let mut policy = preset.transpose()?.unwrap_or_default();
        if let Some(kinds) = &self.kinds.leave_out {
            policy.left_out = Default::default();
            for kind in kinds {
                let kind = made(kind, |word| {
                    word.parse::<Kind>().map_err(|error| format!("{word:?}: {error}"))
                })?;
                policy.left_out[kind as usize] = true;
            }
        }
        if let Some(points) = &self.kinds.threshold {
            policy.kind_threshold = made(points, |points| threshold(*points))?;
        }
        if let Some(listed) = self.kinds.listed {
            policy.listed_kinds = listed;
        }
        if let Some(leave_out) = self.persons.leave_out {
            policy.person_threshold = leave_out.then_some(THRESHOLD);
            if leave_out {
                policy.partnerships = Partnerships::Named;
            }
        }
        if let Some(which) = &self.persons.partnerships {
            policy.partnerships = made(which, |word| match word.as_str() {
                "none" => Ok(Partnerships::None),
                "named" => Ok(Partnerships::Named),
                "all" => Ok(Partnerships::All),
                _ => Err(format!(
                    "{word:?} is no choice of partnerships; expected none, named or all"
                )),
            })?;
        }
        if let Some(points) = &self.persons.threshold {
            let points = made(points, |points| threshold(*points))?;
            policy.person_threshold = policy.person_threshold.map(|_| points);
        }
        let limit = |text: Option<Spanned<String>>, preset| match text {
            Some(text) => made(&text, |text| text.parse::<Limit>()).map(Some),
            None => Ok(preset),
        };
        policy.retention.claims = limit(self.retention.claims, policy.retention.claims)?;
        policy.retention.contacts = limit(self.retention.contacts, policy.retention.contacts)?;
        policy.contacts = self.contacts.include.unwrap_or(policy.contacts);
        policy.needs_basis = self.sources.need_basis.unwrap_or(policy.needs_basis);
        self.always.iter().try_for_each(|always| always.add(&mut policy))?;
        Ok(policy)
    }
}

impl Always {
    fn add(&self, policy: &mut Policy) -> std::result::Result<(), Wrong> {
        let as_ = made(&self.treat_as, |word| match word.as_str() {
            "non_business" => Ok(Treatment::NonBusiness),
            "business" => Ok(Treatment::Business),
            _ => Err(format!("{word:?} is no treatment; expected non_business or business")),
        })?;
        made(&self.reason, |reason| {
            if reason.trim().is_empty() {
                Err("say why, for those who come later".to_owned())
            } else {
                Ok(())
            }
        })?;
        let lists = &mut policy.lists;
        for network in &self.networks {
            made(network, |text| {
                let net = parse_prefix(text).map_err(|error| error.to_string())?;
                lists.add_network(net, as_)
            })?;
        }
        for asn in &self.asns {
            made(asn, |asn| lists.add_asn(*asn, as_))?;
        }
        for company in &self.companies {
            made(company, |name| lists.add_company(name, as_))?;
        }
        Ok(())
    }
}
