"""Worker processes: they get a reader by pickling, answer alike and share the file's pages."""

from __future__ import annotations

import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import firmtrie

from .conftest import rows

FIRMS = 65_536
WORKERS = 10
#: What a worker keeps open, as those of a server do.
kept: list[firmtrie.Reader] = []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a few megabytes."""
    folder = tmp_path_factory.mktemp("large")
    csv = rows(
        folder / "large.csv",
        *(
            f"11.{n >> 8}.{n & 255}.0,11.{n >> 8}.{n & 255}.255,{n + 1},Firm {n} of a long name"
            for n in range(FIRMS)
        ),
    )
    source = {"name": "large", "format": "asn-csv", "path": csv, "basis": "made up"}
    firmtrie.build({"policy": "open", "source": [source]}, folder / "large.firm")
    return folder / "large.firm"


def work(given: tuple[firmtrie.Reader, int]) -> tuple[int, list[str | None]]:
    """Touches all of the index; gives who it was, and some names."""
    db, at = given
    kept[:] = [db]
    addresses = [f"11.{n >> 8}.{n & 255}.1" for n in range(at % 7, FIRMS, 7)]
    names = [found and found.company.name for found in db.lookup_many(addresses)]
    return os.getpid(), names[:100]


def held(process: int, name: str, what: str) -> int:
    """What a process holds of a mapped file, in bytes: `Rss`, or `Pss`, its share of what several
    hold."""
    smaps = Path(f"/proc/{process}/smaps").read_text()
    entries = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", smaps, flags=re.MULTILINE)
    of_file = [entry for entry in entries if entry.split("\n")[0].endswith(name)]
    sizes = re.findall(rf"^{what}: +(\d+) kB", "".join(of_file), re.MULTILINE)
    return sum(int(size) * 1024 for size in sizes)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_ten_workers_answer_alike_and_hold_the_file_once(large: Path, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"there is no {method} here")
    db = firmtrie.open(large)
    expected = {at: work((db, at))[1] for at in range(7)}
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        results = list(pool.map(work, [(db, at) for at in range(10 * WORKERS)]))
        for at, (_, names) in enumerate(results):
            assert names == expected[at % 7]
        workers = {worker for worker, _ in results}
        if not Path("/proc/self/smaps").exists():
            pytest.skip("there is no /proc here")
        processes = [os.getpid(), *workers]
        resident = [held(process, large.name, "Rss") for process in processes]
        shares = [held(process, large.name, "Pss") for process in processes]
    size = large.stat().st_size
    assert size > 3_000_000 and len(workers) > 1 and sum(resident) > 2 * size
    assert sum(shares) <= size * 1.01


def test_a_reader_with_a_registry_is_pickled_with_it(tmp_path: Path, large: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry", key=tmp_path / "key")
    registry.object(name="Firm 8 of a long name")
    db = firmtrie.open(large, registry=tmp_path / "registry", key=tmp_path / "key", mode="memory")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        mode, found = pool.submit(asked, db).result()
    assert (mode, found) == ("memory", [None, "Firm 9 of a long name"])


def asked(db: firmtrie.Reader) -> tuple[str, list[str | None]]:
    found = db.lookup_many(["11.0.8.1", "11.0.9.1"])
    return db.mode, [one and one.company.name for one in found]
