"""A log of a million visitors, and what each is answered with when asked alone."""

# Arrow's library has no types.
# pyright: basic

from __future__ import annotations

import random
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pyarrow

import firmtrie

FIELDS = "company network status kind asn country domain confidence sources lei".split()


@dataclass
class Log:
    """Visitors, and what each is answered with when asked alone."""

    addresses: list[str | None]
    #: A plain column of each field.
    answers: Any
    invalid: int


def alone(db: firmtrie.Reader, address: str | None) -> dict[str, Any] | None:
    """What is known of an address; nothing, if it is none."""
    try:
        answer = db.classify(address).to_dict() if address is not None else None
    except firmtrie.AddressError:
        return None
    if answer is None:
        return dict.fromkeys(FIELDS)
    company = answer["company"]
    facts = {"country": None, "domain": None, "lei": None, **(company or {})}
    facts["company"] = company and company["name"]
    sources = ", ".join(answer["sources"]) if company else None
    row: dict[str, Any] = {**answer, **facts, "sources": sources}
    return {field: row[field] for field in FIELDS}


def draw(rng: random.Random) -> str | None:
    """Somebody of the world, in one of the ways in which logs have them, or nobody."""
    four = IPv4Address((8 << 24) + rng.randrange(9 << 16))
    six = IPv6Address((0x2600 << 112) + (rng.randrange(3) << 104) + rng.randrange(1 << 20))
    return rng.choices(
        [str(four), str(six), f"::ffff:{four}", None, "", "unknown", f" {four}", f"{four}:443"],
        [80, 8, 4, 2, 1, 1, 2, 2],
    )[0]


def visitors(world: Path) -> Log:
    """A million of them."""
    rng = random.Random(19)
    db = firmtrie.open(world)
    known = {address: alone(db, address) for address in (draw(rng) for _ in range(30_000))}
    addresses = rng.choices(list(known), k=1_000_000)
    nothing = dict.fromkeys(FIELDS)
    rows = [known[address] or nothing for address in addresses]
    answers = pyarrow.table({field: [row[field] for row in rows] for field in FIELDS})
    numbers = answers["asn"].cast(pyarrow.uint32())
    return Log(
        addresses,
        answers.set_column(FIELDS.index("asn"), "asn", numbers),
        sum(known[address] is None for address in addresses),
    )


def plain(table: Any, log: Log) -> None:
    """The same, dictionaries or not."""
    table = table.cast(log.answers.schema)
    for field in FIELDS:
        assert table[field].equals(log.answers[field]), field
