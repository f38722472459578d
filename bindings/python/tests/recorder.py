"""Records objections one after another, and goes on in other processes meanwhile.

    python recorder.py FOLDER INDEX ACKNOWLEDGED FIRST LAST WAY

`WAY` is how it goes on every 20 objections: `stay`, `fork` (the parent ends), `daemon` (what
daemon(3) does), or `spawn` and `multi` (children of multiprocessing by spawn and by fork, and the
parent waits). Each that was acknowledged is a line: its firm, the second of the clock that
processes share, and whether it was gone. Who is killed and begun again goes on where its lines end.
While there is a file `stop` nobody records.
"""

from __future__ import annotations

import ctypes
import fcntl
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

import firmtrie

EACH = 20


def record(folder: Path, index: Path, acknowledged: Path, first: int, last: int) -> None:
    registry = firmtrie.Registry(folder)
    with firmtrie.open(index, registry=folder) as db, (folder.parent / "gate").open("a") as gate:
        for firm in range(first, last):
            while (folder.parent / "stop").exists():
                time.sleep(0.002)
            fcntl.flock(gate, fcntl.LOCK_SH)
            registry.object(name=f"Firm {firm} B.V.")
            at = time.monotonic()
            gone = db.lookup(f"11.{firm >> 8}.{firm & 255}.9") is None
            with acknowledged.open("a") as lines:
                lines.write(f"{firm} {at} {gone}\n")
            fcntl.flock(gate, fcntl.LOCK_UN)


def go_on(way: str) -> None:
    """Goes on in a process whose parent ends."""
    parent = os.getpid()
    if way == "daemon":
        ctypes.CDLL(None).daemon(1, 1)
    elif os.fork():
        os._exit(0)
    while os.getppid() == parent:
        time.sleep(0.001)


def main() -> None:
    folder, index, acknowledged = map(Path, sys.argv[1:4])
    first, last, way = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
    done = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    first += len({line.split()[0] for line in done})
    # It stays open through all of it, as in a server.
    registry = firmtrie.Registry(folder)
    db = firmtrie.open(index, registry=folder)
    for begin in range(first, last, EACH):
        given = (folder, index, acknowledged, begin, min(begin + EACH, last))
        if way in ("spawn", "multi"):
            context: Any = multiprocessing.get_context("spawn" if way == "spawn" else "fork")
            child = context.Process(target=record, args=given)
            child.start()
            child.join()
            assert child.exitcode == 0
        else:
            record(*given)
            if way != "stay":
                go_on(way)
        assert registry.entries()
        until = time.monotonic() + 10
        while db.lookup(f"11.{begin >> 8}.{begin & 255}.9") is not None:
            assert time.monotonic() < until
            time.sleep(0.005)


if __name__ == "__main__":
    main()
