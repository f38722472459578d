"""The shapes of what goes in and comes out, for type checkers.

They are the same in every language; fields without a value are ``None``.
"""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from . import Reader

__all__ = [
    "About",
    "Address",
    "Answer",
    "CompanyName",
    "EntryDict",
    "Kind",
    "Met",
    "NotFollowed",
    "RecordedDict",
    "Status",
]

#: An address: text, an ``ipaddress`` object, 4 or 16 bytes, or a number.
Address: TypeAlias = str | IPv4Address | IPv6Address | bytes | int

#: How an address is answered.
Status: TypeAlias = Literal["company", "non_business", "withheld", "unknown"]

#: What a network is used for.
Kind: TypeAlias = Literal[
    "business", "hosting", "isp", "mobile", "education", "government", "consumer", "unknown"
]


class CompanyName(TypedDict):
    """What identifies a company in an answer."""

    name: str
    country: str | None
    lei: str | None
    domain: str | None


class Answer(TypedDict):
    """Everything that is told of an address, or of a network, which has no ``address``."""

    address: NotRequired[str]
    status: Status
    network: str
    kind: Kind | None
    asn: int | None
    company: CompanyName | None
    sources: list[str]
    confidence: float | None


class About(TypedDict, total=False):
    """Whom a request is about, and how it came. Several identifiers are all of one firm."""

    lei: str | None
    vat: str | None
    #: A number in the register of ``country``, or of any.
    register: str | None
    #: A name with its legal form, in ``country``, or in any.
    name: str | None
    #: ISO 3166-1 alpha-2.
    country: str | None
    domain: str | None
    #: The business e-mail of a contact.
    email: str | None
    address: str | IPv4Address | IPv6Address | None
    prefix: str | IPv4Network | IPv6Network | None
    #: The day on which it came; today, unless said. An answer is due a month later.
    received: date | str | None
    #: How it came, such as ``mail``; kept sealed.
    channel: str | None
    #: Why; kept sealed.
    reason: str | None
    #: A reader: all that its index knows the firm by is recorded too.
    index: Reader | None
    #: It is meant, though it takes out more than a hundredth of the index, or a /8.
    sure: bool | None


class EntryDict(TypedDict):
    """An entry of a registry. Nothing in it identifies anybody."""

    entry: int
    right: Literal[
        "objection",
        "erasure",
        "restriction",
        "rectification",
        "access",
        "portability",
        "withdrawal",
    ]
    received: str
    due: str
    until: str | None
    step: Literal["received", "identity_asked", "verified", "extended", "done", "refused", "lifted"]
    identified_by: list[str]
    any_country: bool
    prefixes: int


class NotFollowed(TypedDict):
    """A reader of this process that could not take over what was recorded, and why.

    Also one that found entries gone from the registry; it follows what is there now.
    """

    index: str
    error: str


class Met(TypedDict):
    """What a request meets in an index: how much, and the first thousand networks."""

    companies: int
    networks: int
    first: list[str]
    taken_out: bool


class RecordedDict(EntryDict):
    """What came of a change: the entry, which is on the disk, and who could not follow yet."""

    not_followed: list[NotFollowed]
    met: Met | None
