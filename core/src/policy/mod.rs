//! The policy: which claims are left out, and as what their addresses are then answered.

use crate::company::{Kind, Status};

/// Which claims are left out of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Policy {
    /// Company profiles only: what a source calls the network of an access provider, mobile
    /// carrier, hosting provider or household is answered as `non_business`, and names nobody.
    #[default]
    Strict,
    /// Everything that sources claim, for engineers who want plain network ownership.
    Open,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Strict, Self::Open];

    /// The word for it in every input and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Open => "open",
        }
    }

    /// What the addresses of a claim are answered with.
    pub(crate) const fn verdict(self, kind: Kind) -> Status {
        match (self, kind) {
            (Self::Strict, Kind::Isp | Kind::Mobile | Kind::Hosting | Kind::Consumer) => {
                Status::NonBusiness
            }
            _ => Status::Company,
        }
    }
}
