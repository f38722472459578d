"""Columns of addresses beside maxminddb and three plugins of Polars, on the same data.

Takes an index and a MaxMind database of the same rows, the page to write the table into (its part
`Columns, from Python` is replaced), and a picture to draw: nanoseconds an address against rows. All
addresses are strings, drawn from all of IPv4 space as far as somebody is known there, since
polars-maxminddb ends the process at the others; those of IPv6 are inside of networks drawn by
chance. All contenders take turns in every round, in one process; ratios are of the least times.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import IPv6Address, ip_network
from pathlib import Path
from typing import Any

import duckdb
import matplotlib
import maxminddb
import maxminddb_polars
import numpy
import polars
import polars_iptools
import polars_maxminddb
import pyarrow
from page import replace_part

import firmtrie
import firmtrie.duckdb
import firmtrie.polars

TITLE = "## Columns, from Python"
ROWS = 10_000_000
SIZES = [1_000, 10_000, 100_000, 1_000_000, ROWS]
NAME, BOTH = ["company"], ["company", "network"]
LOOP, LOOP_BOTH = "maxminddb (C), a loop, name", "maxminddb (C), a loop, name and length"
PLUGIN = "polars-maxminddb, name"
WITH_ASN = "polars-iptools, ASN and name"
ORGANIZATION = "autonomous_system_organization"


def texts(count: int, seed: int) -> polars.Series:
    """So many random IPv4 addresses."""
    bits = numpy.random.default_rng(seed).integers(0, 1 << 32, count, dtype=numpy.uint32)
    octets = bits.view(numpy.uint8).reshape(-1, 4)
    parts = [polars.Series(str(n), octets[:, n]).cast(polars.String) for n in range(4)]
    dotted = polars.concat_str([polars.col(str(n)) for n in range(4)], separator=".")
    return polars.DataFrame(parts).select(dotted.alias("ip")).to_series()


def known(db: firmtrie.Reader, count: int) -> polars.Series:
    """As many of whom somebody is known."""
    found, seed = polars.Series("ip", [], polars.String), 0
    while len(found) < count:
        drawn, seed = texts(count, seed), seed + 1
        names = polars.Series(db.lookup_arrow(drawn, NAME)["company"])
        found = polars.concat([found, drawn.filter(names.is_not_null())])
    return found.head(count).rechunk()


def known_v6(db: firmtrie.Reader, count: int) -> polars.Series:
    """As many inside of IPv6 networks that are drawn by chance, where somebody is known."""
    networks = [ip_network(found.network) for found in db.networks_in("::/0") if found.company]
    known = [(int(net[0]), net.num_addresses) for net in networks if net.version == 6]
    rng = random.Random(0)
    drawn = rng.choices(known, k=count)
    addresses = [str(IPv6Address(first + rng.randrange(size))) for first, size in drawn]
    return polars.Series("ip", addresses)


def other_plugins(mmdb: Path, folder: Path) -> dict[str, polars.Expr]:
    """What gives the names in two more plugins, one of which looks for its files in a folder."""
    for edition in ("ASN", "City"):
        shutil.copy(mmdb, folder / f"GeoLite2-{edition}.mmdb")
    os.environ["MAXMIND_MMDB_DIR"] = str(folder)
    path = [ORGANIZATION]
    return {
        "maxminddb-polars, name": maxminddb_polars.lookup_path(
            "ip", mmdb, path, dtype=polars.String
        ),
        WITH_ASN: polars_iptools.geoip.asn(polars.col("ip")),
    }


def plugin(mmdb: Path, addresses: polars.Series) -> polars.Series:
    """The names that polars-maxminddb gives."""
    name = polars_maxminddb.ip_lookup_asn(polars.col("ip"), str(mmdb))
    return addresses.to_frame().select(name).to_series()


@dataclass
class Contender:
    name: str
    #: Takes a column, or a list for those who loop.
    ask: Callable[[Any], object]
    loops: bool = False


def contenders(
    db: firmtrie.Reader, peer: maxminddb.Reader, mmdb: Path, others: dict[str, polars.Expr]
) -> list[Contender]:
    connection = duckdb.connect()
    firmtrie.duckdb.register(connection, db, BOTH)
    get, get_with_length = peer.get, peer.get_with_prefix_len

    def loop(addresses: list[str]) -> list[str]:
        return [get(address)[ORGANIZATION] for address in addresses]

    def loop_both(addresses: list[str]) -> list[tuple[str, int]]:
        found = (get_with_length(address) for address in addresses)
        return [(record[ORGANIZATION], length) for record, length in found]

    def sql(addresses: Any) -> object:
        visits = addresses.to_frame().to_arrow()
        connection.register("visits", visits)
        return connection.sql("select unnest(firmtrie(ip)) from visits").to_arrow_table()

    def annotated(addresses: Any) -> object:
        connection.register("visits", addresses.to_frame().to_arrow())
        query = "select * from visits"
        return firmtrie.duckdb.annotate(connection, query, "ip", db, BOTH).to_arrow_table()

    def named(name: polars.Expr) -> Callable[[Any], object]:
        return lambda addresses: addresses.to_frame().select(name.alias("name"))

    def expression(fields: list[str], engine: str) -> Callable[[Any], object]:
        asked: Any = firmtrie.polars.lookup("ip", db, fields)
        return lambda addresses: addresses.to_frame().lazy().select(asked).collect(engine=engine)

    return [
        Contender("firmtrie, `lookup_arrow`, name", lambda column: db.lookup_arrow(column, NAME)),
        Contender(
            "firmtrie, `lookup_arrow`, name and network",
            lambda column: db.lookup_arrow(column, BOTH),
        ),
        Contender("firmtrie, polars, name", expression(NAME, "in-memory")),
        Contender("firmtrie, polars, name and network", expression(BOTH, "in-memory")),
        Contender("firmtrie, polars streaming, name and network", expression(BOTH, "streaming")),
        Contender("firmtrie, DuckDB, a function, name and network", sql),
        Contender("firmtrie, DuckDB, `annotate`, name and network", annotated),
        Contender(LOOP, loop, loops=True),
        Contender(LOOP_BOTH, loop_both, loops=True),
        Contender(PLUGIN, lambda column: plugin(mmdb, column)),
        *(Contender(name, named(expression)) for name, expression in others.items()),
    ]


def agree(
    db: firmtrie.Reader,
    peer: maxminddb.Reader,
    mmdb: Path,
    others: dict[str, polars.Expr],
    addresses: Any,
) -> None:
    """All know the same."""
    ours = polars.DataFrame(db.lookup_arrow(addresses, BOTH))
    names = ours["company"].cast(polars.String)
    assert (plugin(mmdb, addresses).str.strip_chars() == names).all()
    for plugin_name, asked in others.items():
        found = addresses.to_frame().select(asked.alias("name")).to_series()
        if plugin_name == WITH_ASN:
            found = found.str.replace(r"^AS\d+ ", "")
        assert (found.str.strip_chars() == names).all()
    for address, name, network in zip(addresses, names, ours["network"], strict=True):
        record, length = peer.get_with_prefix_len(address)
        assert record[ORGANIZATION].strip() == name
        # The tree of the other splits what is answered alike.
        assert length >= int(network.split("/")[1])


def measure(all_of: list[Contender], addresses: Any) -> dict[str, list[float]]:
    """Nanoseconds an address, of each contender in each round."""
    rounds = max(5, min(100, 2_000_000 // len(addresses)))
    # A loop takes as long for each address, however many there are.
    listed = addresses.head(1_000_000).to_list()
    times: dict[str, list[float]] = {contender.name: [] for contender in all_of}
    for _ in range(rounds):
        for contender in all_of:
            given = listed if contender.loops else addresses
            begun = time.perf_counter_ns()
            contender.ask(given)
            times[contender.name].append((time.perf_counter_ns() - begun) / len(given))
    return times


def memory(index: Path, addresses: Any) -> dict[str, float]:
    """The most memory that is in use meanwhile, in units of what comes out, for each of the fields.

    In a process of its own, where nobody else takes memory or gives it back.
    """
    with tempfile.TemporaryDirectory() as folder:
        addresses.to_frame().write_ipc(
            Path(folder) / "addresses", compat_level=polars.CompatLevel.oldest()
        )
        command = [sys.executable, __file__, str(index), f"{folder}/addresses", "--memory"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(zip(("name", "name and network"), map(float, done.stdout.split()), strict=True))


def print_memory(index: Path, file: Path) -> None:
    def status(line: str) -> int:
        return int(Path("/proc/self/status").read_text().split(f"{line}:")[1].split()[0]) * 1024

    db = firmtrie.open(index)
    addresses = pyarrow.ipc.open_file(pyarrow.memory_map(str(file))).read_all()["ip"]
    for fields in (NAME, BOTH):
        # What it needs of the index is in memory now, and nothing else is left there.
        for part in range(0, len(addresses), 50_000):
            db.lookup_arrow(addresses[part : part + 50_000], fields)
        before = status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        columns = db.lookup_arrow(addresses, fields)
        print((status("VmHWM") - before) / pyarrow.record_batch(columns).nbytes)


def table(times: dict[str, list[float]]) -> str:
    loop, both, plugin = (min(times[name]) for name in (LOOP, LOOP_BOTH, PLUGIN))
    lines = [
        "| | median | least | maxminddb takes so many times as long | polars-maxminddb |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, rounds in times.items():
        least = min(rounds)
        peer = both if "network" in name or "length" in name else loop
        lines.append(
            f"| {name} | {statistics.median(rounds):.1f} ns | {least:.1f} ns"
            f" | {peer / least:.1f} | {plugin / least:.1f} |"
        )
    return "\n".join(lines)


def draw(least: dict[int, dict[str, float]], picture: Path) -> None:
    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "firmtrie"
    figure, axes = pyplot.subplots(figsize=(9, 5.5))
    for name in next(iter(least.values())):
        style = "-" if name.startswith("firmtrie") else "--"
        values = [least[size][name] for size in least]
        axes.plot(list(least), values, style, marker="o", label=name.replace("`", ""))
    axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="nanoseconds an address, least")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(picture, bbox_inches="tight", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("mmdb", type=Path)
    parser.add_argument("page", type=Path, nargs="?")
    parser.add_argument("picture", type=Path, nargs="?")
    parser.add_argument("--memory", action="store_true", help="of addresses in place of a database")
    arguments = parser.parse_args()
    if arguments.memory:
        return print_memory(arguments.index, arguments.mmdb)
    db = firmtrie.open(arguments.index)
    peer = maxminddb.open_database(arguments.mmdb, maxminddb.MODE_MMAP_EXT)
    assert "extension" in type(peer).__module__, "the C extension is not there"
    addresses, of_v6 = known(db, ROWS), known_v6(db, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        others = other_plugins(arguments.mmdb, Path(folder))
        for some in (addresses, of_v6):
            agree(db, peer, arguments.mmdb, others, some.head(200_000))
        needs = memory(arguments.index, addresses)
        all_of = contenders(db, peer, arguments.mmdb, others)
        times = {size: measure(all_of, addresses.head(size)) for size in SIZES}
        times_v6 = measure(all_of, of_v6)
    packages = ["maxminddb", "polars-maxminddb", "maxminddb-polars", "polars-iptools"]
    packages += ["polars", "pyarrow", "duckdb"]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    needed = " and ".join(f"{ratio:.2f} ({fields})" for fields, ratio in needs.items())
    part = "\n\n".join(
        [
            TITLE,
            f"CPython {sys.version.split()[0]}, {versions}. {ROWS:,} known random IPv4 addresses as"
            f" strings on {os.cpu_count()} cores (the loops: 1,000,000 of them), all in turn; load"
            f" {os.getloadavg()[0]:.2f}. The plugins give no networks: polars-maxminddb is compared"
            f" by its names. While `lookup_arrow` runs, at most {needed} times the memory of what"
            " it gives is in use.",
            table(times[ROWS]),
            f"IPv6, {len(of_v6):,} addresses inside of known networks drawn by chance:",
            table(times_v6),
            "![Nanoseconds an address against rows](columns.svg)",
        ]
    )
    print(part)
    if arguments.page:
        replace_part(arguments.page, TITLE, part + "\n")
    if arguments.picture:
        least = {
            size: {name: min(rounds) for name, rounds in found.items()}
            for size, found in times.items()
        }
        draw(least, arguments.picture)


if __name__ == "__main__":
    main()
