"""One lookup of a string, and many, beside maxminddb and maxminddb-rust on the same data.

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
from importlib.metadata import version
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import maxminddb
import maxminddb_rust
from page import replace_part

import firmtrie

ROUNDS = 50
COUNT = 100_000
TITLE = "## From Python"
NAME = "autonomous_system_organization"
PEER = "maxminddb (C), `get`, name"


def uniform(rng: random.Random) -> list[str]:
    """Addresses of all IPv4 space."""
    return [str(IPv4Address(rng.getrandbits(32))) for _ in range(COUNT)]


def routed(rng: random.Random, db: firmtrie.Reader) -> list[str]:
    """An address inside a network drawn by chance: what a log with many firms looks like."""
    networks = [ip_network(found.network) for found in db.networks()]
    known = [(int(net[0]), net.num_addresses) for net in networks if net.version == 4]
    drawn = rng.choices(known, k=COUNT)
    return [str(IPv4Address(first + rng.randrange(size))) for first, size in drawn]


def hot(rng: random.Random) -> list[str]:
    """Visitors that come back: 1,000 addresses, the n-th as often as 1/n (Zipf)."""
    known = uniform(rng)[:1000]
    weights = [1 / (n + 1) for n in range(len(known))]
    return rng.choices(known, weights, k=COUNT)


def contenders(
    db: firmtrie.Reader, peer: maxminddb.Reader, rust: maxminddb_rust.Reader
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

    def ours_match_name(addresses: list[str]) -> None:
        for address in addresses:
            found = lookup(address)
            if found is not None:
                _name = found.name

    def many(addresses: list[str]) -> None:
        db.lookup_many(addresses)

    def many_name(addresses: list[str]) -> None:
        for found in db.lookup_many(addresses):
            if found is not None:
                _name = found.company.name

    def many_match_name(addresses: list[str]) -> None:
        for found in db.lookup_many(addresses):
            if found is not None:
                _name = found.name

    def theirs_name(addresses: list[str]) -> None:
        for address in addresses:
            found = get(address)
            if found is not None:
                found[NAME]

    rust_get, rust_path = rust.get, rust.get_path

    def rust_name(addresses: list[str]) -> None:
        for address in addresses:
            found = rust_get(address)
            if found is not None:
                found[NAME]

    def rust_path_name(addresses: list[str]) -> None:
        for address in addresses:
            rust_path(address, (NAME,))

    def rust_many_name(addresses: list[str]) -> None:
        rust.get_many_path(addresses, (NAME,))

    return {
        "firmtrie, `lookup`": ours,
        "firmtrie, `lookup_many`": many,
        "firmtrie, `lookup`, name of the company": ours_name,
        "firmtrie, `lookup`, `match.name`": ours_match_name,
        "firmtrie, `lookup_many`, names of the companies": many_name,
        "firmtrie, `lookup_many`, `match.name`": many_match_name,
        PEER: theirs_name,
        "maxminddb-rust, `get`, name": rust_name,
        "maxminddb-rust, `get_path`": rust_path_name,
        "maxminddb-rust, `get_many_path`": rust_many_name,
    }


def agree(db: firmtrie.Reader, peer: maxminddb.Reader, addresses: list[str]) -> None:
    """Both know the same."""
    for address, found in zip(addresses, db.lookup_many(addresses), strict=True):
        record = peer.get(address)
        theirs = record and record[NAME].strip()
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
    peer = min(times[PEER])
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
    rust = maxminddb_rust.open_database(str(arguments.mmdb))
    assert "extension" in type(peer).__module__, "the C extension is not there"
    rng = random.Random(7)
    parts = [
        TITLE,
        f"CPython {sys.version.split()[0]}, maxminddb {maxminddb.__version__} with its C extension,"
        f" maxminddb-rust {version('maxminddb-rust')};"
        f" {ROUNDS} rounds of {COUNT:,} strings, all in turn; load {os.getloadavg()[0]:.2f}.",
    ]
    mixes = {
        "IPv4 routed, strings": routed(rng, db),
        "IPv4 uniform, strings": uniform(rng),
        "IPv4 hot, strings": hot(rng),
    }
    for title, addresses in mixes.items():
        agree(db, peer, addresses)
        parts.append(table(title, measure(contenders(db, peer, rust), addresses)))
    part = "\n\n".join(parts) + "\n"
    print(part)
    if arguments.page:
        replace_part(arguments.page, TITLE, part)


if __name__ == "__main__":
    main()
