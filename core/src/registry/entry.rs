//! One entry of the registry: what is recorded of a request, and what can be read of it again.

use ipnet::IpNet;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::company::Field;
use crate::identity::Identifier;
use crate::net::mapped_to_v4;
use crate::words::{UnknownWord, words};

words! {
    /// What somebody asks for, by the articles of the General Data Protection Regulation (EU) 2016/679.
    pub enum Right {
        /// Not to be shown any more (article 21).
        Objection => "objection",
        /// To be deleted, and not collected again (article 17).
        Erasure => "erasure",
        /// Not to be shown until a day, while something is looked into (article 18).
        Restriction => "restriction",
        /// To have a wrong fact put right (article 16).
        Rectification => "rectification",
        /// To see everything that is held (article 15).
        Access => "access",
        /// To have it in a form that machines read (article 20).
        Portability => "portability",
        /// A contact's consent is withdrawn (article 7, 3): the contact goes, its company stays.
        Withdrawal => "withdrawal",
    }
}

impl Right {
    /// The right of a request that says nothing but whom it is about, by its word. A restriction says also
    /// until when, and a rectification what is put right.
    ///
    /// ```
    /// use firmtrie::registry::Right;
    /// assert_eq!(Right::of_request("Access")?, Right::Access);
    /// let error = Right::of_request("restriction").unwrap_err().to_string();
    /// assert_eq!(error, "is not one of objection, erasure, access, portability, withdrawal");
    /// # Ok::<(), firmtrie::UnknownWord>(())
    /// ```
    ///
    /// # Errors
    /// If it is another word.
    pub fn of_request(word: &str) -> Result<Self, UnknownWord> {
        const PLAIN: [Right; 5] = [
            Right::Objection,
            Right::Erasure,
            Right::Access,
            Right::Portability,
            Right::Withdrawal,
        ];
        let read = word.parse().ok().filter(|right| PLAIN.contains(right));
        read.ok_or_else(|| UnknownWord::of(word, &PLAIN.map(Self::as_str)))
    }

    /// Does it take its firm out of what is shown?
    pub(crate) const fn hides(self) -> bool {
        matches!(self, Self::Objection | Self::Erasure | Self::Restriction)
    }
}

words! {
    /// How far an entry's request has come.
    pub enum Step {
        /// Received, and nothing done yet.
        Received => "received",
        /// Who asks was asked to show who they are.
        IdentityAsked => "identity_asked",
        /// They have shown it.
        Verified => "verified",
        /// They were told that the answer takes up to two months longer, and why (article 12, 3).
        Extended => "extended",
        /// Answered.
        Done => "done",
        /// Refused, with a reason (article 12, 4). What it asked for does not hold any more.
        Refused => "refused",
        /// Taken back: a later entry lifts it.
        Lifted => "lifted",
    }
}

impl Step {
    /// Is there nothing left to answer?
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Lifted)
    }
}

/// A request, before it is recorded.
///
/// ```
/// use firmtrie::registry::{Identifier, Request, Right};
/// let request = Request::new(Right::Objection)
///     .by(Identifier::name("Example B.V.", None, Some("NL"))?)
///     .by(Identifier::domain("example.nl")?)
///     .channel("mail");
/// # drop(request);
/// # Ok::<(), firmtrie::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) right: Right,
    pub(super) received: Option<Date>,
    pub(super) until: Option<Date>,
    pub(crate) by: Vec<Identifier>,
    pub(crate) prefixes: Vec<IpNet>,
    pub(super) text: Text,
    /// Is it meant, however much it takes out?
    pub(super) sure: bool,
}

/// What is sealed of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<String>,
    /// The field to put right, its new value, and the one that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rectified: Option<(Field, String, Option<String>)>,
}

impl Request {
    /// A request for something, received today.
    pub const fn new(right: Right) -> Self {
        let text = Text { reason: None, channel: None, rectified: None };
        Self {
            right,
            received: None,
            until: None,
            by: Vec::new(),
            prefixes: Vec::new(),
            text,
            sure: false,
        }
    }

    /// Whom it is about. Several identifiers are all of one firm.
    #[must_use]
    pub fn by(mut self, identifier: Identifier) -> Self {
        self.by.push(identifier);
        self
    }

    /// Address space that it is about. Prefixes are kept as they are, since they must be masked; one of
    /// IPv4-mapped IPv6 addresses is the IPv4 prefix that it maps.
    #[must_use]
    pub fn prefix(mut self, prefix: IpNet) -> Self {
        self.prefixes.push(mapped_to_v4(prefix.trunc()));
        self
    }

    /// Says that it is meant, however much it takes out.
    #[must_use]
    pub const fn sure(mut self, sure: bool) -> Self {
        self.sure = sure;
        self
    }

    /// The day on which it came; today, unless said. An answer is due a month later.
    #[must_use]
    pub const fn received(mut self, day: Date) -> Self {
        self.received = Some(day);
        self
    }

    /// The last day of a restriction.
    #[must_use]
    pub const fn until(mut self, day: Date) -> Self {
        self.until = Some(day);
        self
    }

    /// Why; it is kept sealed.
    #[must_use]
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.text.reason = Some(text.into());
        self
    }

    /// The way on which it came, such as `mail`; it is kept sealed.
    #[must_use]
    pub fn channel(mut self, text: impl Into<String>) -> Self {
        self.text.channel = Some(text.into());
        self
    }

    /// The field to put right, its new value, and the wrong one if it is known; kept sealed.
    #[must_use]
    pub fn rectify(mut self, field: Field, new: impl Into<String>, old: Option<String>) -> Self {
        self.text.rectified = Some((field, new.into(), old));
        self
    }
}

/// What the registry tells of an entry: nothing in it identifies anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number, from 1.
    pub entry: u64,
    /// What was asked for.
    pub right: Right,
    /// The day on which it was received.
    pub received: Date,
    /// The day by which it must be answered.
    pub due: Date,
    /// The last day of a restriction.
    pub until: Option<Date>,
    /// How far it has come.
    pub step: Step,
    /// The kinds of the identifiers it holds, such as `name` and `domain`.
    pub identified_by: Vec<String>,
    /// Does a name or a register number in it name firms of any country, since none was given?
    pub any_country: bool,
    /// How many prefixes it holds.
    pub prefixes: usize,
}

/// A step of an entry's request, and when it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Taken {
    /// The entry.
    pub entry: u64,
    /// The step.
    pub step: Step,
    /// The day on which it was taken.
    pub day: Date,
    /// When it was recorded, in UTC, to the second.
    pub recorded: String,
}
