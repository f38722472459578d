"""One lookup of a string, and many, beside maxminddb's C extension on the same data.

Takes an index and a MaxMind database of the same rows, and the page to write the tables into: its
part `From Python` is replaced. All contenders take turns in every round, in one process; figures
are medians and minima over the rounds, in nanoseconds an address, with the load of the machine.
Ratios are of the minima, which a loaded machine disturbs less.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

import maxminddb
from page import replace_part

import firmtrie

ROUNDS = 50
COUNT = 100_000
TITLE = "## From Python"


def uniform(rng: random.Random) -> list[str]:
    """Addresses of all IPv4 space."""
    return [str(IPv4Address(rng.getrandbits(32))) for _ in range(COUNT)]


def hot(rng: random.Random) -> list[str]:
    """Visitors that come back: 1,000 addresses, the n-th as often as 1/n (Zipf)."""
    known = uniform(rng)[:1000]
    weights = [1 / (n + 1) for n in range(len(known))]
    return rng.choices(known, weights, k=COUNT)


def contenders(
    db: firmtrie.Reader, peer: maxminddb.Reader
) -> dict[str, Callable[[list[str]], None]]:
    """What is measured, by its name. All but the first two read the name of the company."""
    lookup, get = db.lookup, peer.get

    def ours(addresses: list[str]) -> None:
        for address in addresses:
            lookup(address)

    def ours_name(addresses: list[str]) -> None:
        for address in addresses:
            found = lookup(address)
            if found is not None:
                _name = found.company.name

    def many(addresses: list[str]) -> None:
        db.lookup_many(addresses)

    def many_name(addresses: list[str]) -> None:
        for found in db.lookup_many(addresses):
            if found is not None:
                _name = found.company.name

    def theirs_name(addresses: list[str]) -> None:
        for address in addresses:
            found = get(address)
            if found is not None:
                found["autonomous_system_organization"]

    return {
        "firmtrie, `lookup`": ours,
        "firmtrie, `lookup_many`": many,
        "firmtrie, `lookup`, name": ours_name,
        "firmtrie, `lookup_many`, names": many_name,
        "maxminddb (C), `get`, name": theirs_name,
    }


def agree(db: firmtrie.Reader, peer: maxminddb.Reader, addresses: list[str]) -> None:
    """Both know the same."""
    for address, found in zip(addresses, db.lookup_many(addresses), strict=True):
        record = peer.get(address)
        theirs = record and record["autonomous_system_organization"].strip()
        assert (found and found.company.name) == theirs, address


def measure(
    contenders: dict[str, Callable[[list[str]], None]], addresses: list[str]
) -> dict[str, list[float]]:
    """Nanoseconds an address, of each contender in each round."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, ask in contenders.items():
            begun = time.perf_counter_ns()
            ask(addresses)
            times[name].append((time.perf_counter_ns() - begun) / len(addresses))
    return times


def table(title: str, times: dict[str, list[float]]) -> str:
    peer = min(times["maxminddb (C), `get`, name"])
    lines = [
        f"### {title}",
        "",
        "| | median | least | maxminddb takes so many times as long |",
        "| --- | --- | --- | --- |",
    ]
    for name, all_rounds in times.items():
        least, median = min(all_rounds), statistics.median(all_rounds)
        lines.append(f"| {name} | {median:.0f} ns | {least:.0f} ns | {peer / least:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("mmdb", type=Path)
    parser.add_argument("page", type=Path, nargs="?")
    arguments = parser.parse_args()
    db = firmtrie.open(arguments.index)
    peer = maxminddb.open_database(arguments.mmdb, maxminddb.MODE_MMAP_EXT)
    assert "extension" in type(peer).__module__, "the C extension is not there"
    rng = random.Random(7)
    parts = [
        TITLE,
        f"CPython {sys.version.split()[0]}, maxminddb {maxminddb.__version__} with its C extension;"
        f" {ROUNDS} rounds of {COUNT:,} strings, all in turn; load {os.getloadavg()[0]:.2f}.",
    ]
    for title, make in (("IPv4 uniform, strings", uniform), ("IPv4 hot, strings", hot)):
        addresses = make(rng)
        agree(db, peer, addresses)
        parts.append(table(title, measure(contenders(db, peer), addresses)))
    part = "\n\n".join(parts) + "\n"
    print(part)
    if arguments.page:
        replace_part(arguments.page, TITLE, part)


if __name__ == "__main__":
    main()
