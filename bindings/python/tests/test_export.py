"""What `firmtrie export` writes, read by MaxMind's own reader."""

from __future__ import annotations

import ipaddress
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

import firmtrie

ROOT = Path(__file__).parents[3]
CLI = ROOT / "target" / "debug" / "firmtrie"
FULL = ROOT / "datasets" / "full" / "asn"


def test_the_c_extension_reads_in_an_export_what_the_index_answers(tmp_path: Path) -> None:
    if not CLI.exists():
        pytest.skip("the command line is not built")
    files = [FULL / "asn-ipv4.csv", FULL / "asn-ipv6.csv"]
    if not files[0].exists():
        files = [ROOT / "datasets" / "asn" / file.name for file in files]
    index, mmdb = tmp_path / "asn.firm", tmp_path / "asn.mmdb"
    build: list[str | Path] = [CLI, "build", *files, "-o", index, "--basis", "test", "--quiet"]
    subprocess.run(build, check=True)
    export: list[str | Path] = [CLI, "export", index, "--to", "mmdb", "-o", mmdb, "--quiet"]
    subprocess.run(export, check=True)
    # Its own types are not whole.
    maxminddb: Any = pytest.importorskip("maxminddb")
    draw = random.Random(7)
    numbers = [draw.getrandbits(32) for _ in range(700_000)]
    addresses = [str(ipaddress.IPv4Address(number)) for number in numbers]
    # Where there are networks: 2000::/3, at its beginning mostly.
    six = [0x2 << 124 | draw.getrandbits(14) << 110 | draw.getrandbits(80) for _ in range(300_000)]
    addresses += [str(ipaddress.IPv6Address(number)) for number in six]
    with (
        firmtrie.open(index) as db,
        maxminddb.open_database(mmdb, maxminddb.MODE_MMAP_EXT) as reader,
    ):
        told = db.lookup_many(addresses)
        known = 0
        for address, match in zip(addresses, told, strict=True):
            record: dict[str, str] = reader.get(address) or {}
            assert record.get("company") == (match.company.name if match else None), address
            known += match is not None
        assert known > 1000
