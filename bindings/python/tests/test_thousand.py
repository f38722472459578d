"""A thousand objections by processes that are killed, fork and daemonise, with the registry gone
and restored meanwhile: each that was acknowledged is obeyed by every running reader and by the next
build.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import firmtrie

from .conftest import firms
from .test_registry import waited

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc")

RECORDER = Path(__file__).with_name("recorder.py")
WAYS = ["stay", "fork", "daemon", "spawn", "multi"]
EACH = 200

#: Follows in two processes, a child and its parent, and tells when each firm was gone.
READER = """
import json, os, sys, time
import firmtrie
folder, index, count, stop, out = sys.argv[1:]
db = firmtrie.Reader(index, registry=folder)
os.fork()
open(f"{out}.{os.getpid()}.open", "w").close()
addresses = [f"11.{n >> 8}.{n & 255}.9" for n in range(int(count))]
gone = {}
while not os.path.exists(stop):
    for n, match in enumerate(db.lookup_many(addresses)):
        if match is None:
            gone.setdefault(n, time.monotonic())
    time.sleep(0.002)
with open(f"{out}.{os.getpid()}", "w") as file:
    json.dump(gone, file)
"""


def processes(word: str) -> list[int]:
    """Of those that have a word among their arguments, the numbers."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        try:
            if word.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except (OSError, ValueError):
            pass
    return found


def begin(tmp_path: Path, place: int) -> None:
    acknowledged = tmp_path / f"acknowledged.{place}"
    ends = [str(place * EACH), str((place + 1) * EACH)]
    given = [tmp_path / "registry", tmp_path / "companies.firm", acknowledged, *ends, WAYS[place]]
    command = [sys.executable, str(RECORDER), *map(str, given)]
    # Who finds the registry gone ends, and says so.
    with (tmp_path / "said").open("a") as said:
        subprocess.Popen(command, start_new_session=True, stderr=said)


def acknowledged(tmp_path: Path, place: int) -> dict[int, float]:
    """When each firm was acknowledged first; what a kill cut short is no acknowledgement."""
    first: dict[int, float] = {}
    file = tmp_path / f"acknowledged.{place}"
    for line in file.read_text().splitlines(keepends=True) if file.exists() else []:
        if line.endswith("\n"):
            firm, at, gone = line.split()
            assert gone == "True", f"{WAYS[place]}: Firm {firm} was shown where it was recorded"
            first.setdefault(int(firm), float(at))
    return first


@contextmanager
def nobody_records(tmp_path: Path) -> Generator[None]:
    """Waits until no recording is under way."""
    (tmp_path / "stop").touch()
    with (tmp_path / "gate").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
        (tmp_path / "stop").unlink()


def test_no_objection_of_a_thousand_is_lost(tmp_path: Path) -> None:
    folder, index = tmp_path / "registry", firms(tmp_path, EACH * len(WAYS))
    registry = firmtrie.Registry.create(folder)
    count, seed = EACH * len(WAYS), random.Random(28)
    stop, told = tmp_path / "stop reading", tmp_path / "gone"
    reader = [sys.executable, "-c", READER, folder, index, count, stop, told]
    with (tmp_path / "said").open("a") as said:
        readers = [subprocess.Popen([*map(str, reader)], stderr=said) for _ in range(2)]
    # Before the registry is gone for the first time.
    waited(lambda: len(list(tmp_path.glob("gone.*.open"))) == 4)
    for opened in tmp_path.glob("gone.*.open"):
        opened.unlink()
    for place in range(len(WAYS)):
        begin(tmp_path, place)

    def missing(place: int) -> bool:
        return len(acknowledged(tmp_path, place)) < EACH

    killed, restored, restoring = 0, 0, time.monotonic() + 1
    until = time.monotonic() + 300
    while any(map(missing, range(len(WAYS)))):
        assert time.monotonic() < until, "it does not end"
        time.sleep(seed.uniform(0.05, 0.4))
        place = seed.randrange(len(WAYS))
        running = processes(str(tmp_path / f"acknowledged.{place}"))
        if missing(place) and (not running or killed < 40):
            for process in running:
                os.kill(process, signal.SIGKILL)
                killed += 1
            begin(tmp_path, place)
        if restored < 6 and time.monotonic() > restoring:
            backup = tmp_path / f"backup {restored}"
            with nobody_records(tmp_path):
                registry.backup(backup)
                (folder / "registry.db").unlink()
                time.sleep(0.1)
                firmtrie.Registry.restore(folder, backup, folder / "registry.key")
            restored, restoring = restored + 1, time.monotonic() + 1
    assert killed >= 10 and restored >= 2

    at = {
        firm: second
        for place in range(len(WAYS))
        for firm, second in acknowledged(tmp_path, place).items()
    }
    assert sorted(at) == list(range(count))
    db = firmtrie.open(index, registry=folder)
    shown = [n for n in at if db.lookup(f"11.{n >> 8}.{n & 255}.9") is not None]
    assert not shown, "the registry has them not"
    time.sleep(1)
    stop.touch()
    for follower in readers:
        follower.wait(20)
    waited(lambda: len(list(tmp_path.glob("gone.*"))) == 4)
    time.sleep(0.5)
    worst = 0.0
    for file in tmp_path.glob("gone.*"):
        gone = {int(n): second for n, second in json.loads(file.read_text()).items()}
        assert sorted(gone) == list(range(count)), file
        worst = max(worst, *(gone[n] - at[n] for n in at))
    print(f"{killed} kills, {restored} restored, obeyed after {worst:.3f} s at most")

    source = {
        "name": "firms",
        "format": "asn-csv",
        "path": tmp_path / "firms.csv",
        "basis": "made up",
    }
    manifest = {"policy": "open", "source": [source]}
    firmtrie.build(manifest, tmp_path / "next.firm", registry=folder)
    built = firmtrie.open(tmp_path / "next.firm")
    assert not any(built.lookup_many([f"11.{n >> 8}.{n & 255}.9" for n in range(count)]))
