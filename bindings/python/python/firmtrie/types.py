"""The shapes of what goes in and comes out, for type checkers.

They are the same in every language; fields without a value are ``None``.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
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
