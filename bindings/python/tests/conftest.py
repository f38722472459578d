"""The world of the vectors, which every surface is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import firmtrie

if TYPE_CHECKING:
    from .visitors import Log

VECTORS = Path(__file__).parents[3] / "tests" / "vectors"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the world."""
    path = tmp_path_factory.mktemp("world") / "companies.firm"
    firmtrie.build(VECTORS / "world" / "firmtrie.toml", path)
    return path


@pytest.fixture
def db(world: Path) -> firmtrie.Reader:
    return firmtrie.open(world)


@pytest.fixture(scope="session")
def log(world: Path) -> Log:
    # What it needs is not everywhere where other tests are run.
    from .visitors import visitors

    return visitors(world)


def rows(path: Path, *rows: str) -> Path:
    """A file of rows."""
    path.write_text("".join(f"{row}\n" for row in rows))
    return path


def firms(tmp_path: Path, count: int = 8, name: str = "companies.firm") -> Path:
    """An index of `Firm 0` and so on, each with a /24 of 11.0.0.0/8."""
    nets = [f"11.{n >> 8}.{n & 255}" for n in range(count)]
    csv = rows(
        tmp_path / "firms.csv",
        *(f"{net}.0,{net}.255,{n + 1},Firm {n} B.V." for n, net in enumerate(nets)),
    )
    source = {"name": "firms", "format": "asn-csv", "path": csv, "basis": "made up"}
    firmtrie.build({"policy": "open", "source": [source]}, tmp_path / name)
    return tmp_path / name
