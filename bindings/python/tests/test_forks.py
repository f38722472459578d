"""Nothing that was acknowledged is lost around a fork, and whoever follows goes on following."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import firmtrie

from .conftest import firms
from .test_registry import waited

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def ran(code: str, *arguments: object) -> str:
    """What another interpreter prints, which has nothing of this one."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def recorded(folder: Path) -> list[int]:
    """The numbers of all entries, as another process sees them."""
    entries = "[entry['entry'] for entry in firmtrie.Registry(sys.argv[1]).entries()]"
    return list(json.loads(ran(f"import firmtrie, sys; print({entries})", folder)))


#: Opens a registry and an index that follows it, goes on in a child whose parent ends, and records
#: in both. Another process has a look between any two.
DAEMON = """
import ctypes, os, subprocess, sys, time
import firmtrie
folder, index, way, done = sys.argv[1:]
registry = firmtrie.Registry(folder)
db = firmtrie.Reader(index, registry=folder)
def record(n):
    registry.object(name=f"Firm {n} B.V.")
    assert db.lookup(f"11.0.{n}.9") is None
    look = "import firmtrie, sys; firmtrie.Registry(sys.argv[1]).entries()"
    subprocess.run([sys.executable, "-c", look, folder], check=True)
record(0)
record(1)
parent = os.getpid()
if way == "daemon":
    ctypes.CDLL(None).daemon(1, 1)
elif ctypes.CDLL(None).fork() if way == "c" else os.fork():
    os._exit(0)
while os.getppid() == parent:
    time.sleep(0.001)
record(2)
record(3)
db.close()
open(done, "w").write(str(os.getpid()))
"""


@pytest.mark.parametrize("way", ["python", "c", "daemon"])
def test_a_daemon_whose_parent_ended_loses_nothing(tmp_path: Path, way: str) -> None:
    folder, done = tmp_path / "registry", tmp_path / "done"
    firmtrie.Registry.create(folder)
    ran(DAEMON, folder, firms(tmp_path), way, done)
    waited(done.exists)
    other = firmtrie.Registry(folder)
    other.object(name="Firm 4 B.V.")
    assert recorded(folder) == [1, 2, 3, 4, 5]
    db = firmtrie.open(tmp_path / "companies.firm", registry=folder)
    assert [n for n in range(8) if db.lookup(f"11.0.{n}.9")] == [5, 6, 7]


def test_copying_the_folder_in_the_same_process_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    db = firmtrie.open(firms(tmp_path), registry=folder)
    for n in range(6):
        registry.object(name=f"Firm {n} B.V.")
        shutil.copytree(folder, tmp_path / f"copy {n}")
        assert recorded(folder) == list(range(1, n + 2))
    assert recorded(tmp_path / "copy 5") == list(range(1, 7))
    assert [n for n in range(8) if db.lookup(f"11.0.{n}.9")] == [6, 7]


def followed_by_child(index: Path, folder: Path, ready: Any, told: Any) -> None:
    db = firmtrie.Reader(index, registry=folder)
    child = os.fork()
    ready.set()
    while db.lookup("11.0.5.9") is not None:
        time.sleep(0.002)
    told.put(child == 0)
    if child:
        os.waitpid(child, 0)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_reader_made_directly_follows_in_parent_and_child(tmp_path: Path, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    registry = firmtrie.Registry.create(tmp_path / "registry")
    told, ready = context.Queue(), context.Event()
    given = (firms(tmp_path), tmp_path / "registry", ready, told)
    process = context.Process(target=followed_by_child, args=given)
    process.start()
    assert ready.wait(20)
    registry.object(name="Firm 5 B.V.")
    assert {told.get(timeout=10), told.get(timeout=10)} == {True, False}
    process.join(10)
    assert process.exitcode == 0


def test_children_of_a_process_that_records_on_many_threads_record_and_follow(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    db = firmtrie.open(firms(tmp_path), registry=folder)
    stop = threading.Event()
    acknowledged: list[int] = []

    def record() -> None:
        while not stop.is_set():
            acknowledged.append(registry.object(domain="firm.example")["entry"])

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for n in range(8):
            child = os.fork()
            if child == 0:
                # Two ways out, and none of them through pytest.
                gone = registry.object(name=f"Firm {n} B.V.")
                os._exit(db.lookup(f"11.0.{n}.9") is not None or gone["not_followed"] != [])
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            waited(lambda n=n: db.lookup(f"11.0.{n}.9") is None)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(set(acknowledged)) == len(acknowledged)
    assert len(recorded(folder)) == len(acknowledged) + 8


def test_no_lock_and_no_open_file_stays_between_two_questions(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    registry.object(name="Firm 0 B.V.")
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("there is no /proc here")
    named = [os.readlink(file) for file in open_files.iterdir() if file.exists()]
    assert not [name for name in named if str(folder) in name]
    assert sorted(file.name for file in folder.iterdir()) == ["registry.db", "registry.key"]


def test_a_child_by_a_call_that_goes_around_python_is_not_stuck(tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    child = ctypes.CDLL(None).fork()
    if child == 0:
        registry.object(name="Firm 1 B.V.")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert recorded(tmp_path / "registry") == [1]


#: Records for some seconds, and tells what was acknowledged and what was not.
RECORDER = """
import json, sys, time
import firmtrie
registry, until = firmtrie.Registry(sys.argv[1]), time.monotonic() + float(sys.argv[2])
acknowledged, failed = [], []
while time.monotonic() < until:
    try:
        acknowledged.append(registry.object(domain="firm.example")["entry"])
    except firmtrie.RegistryError as error:
        failed.append(str(error))
print(json.dumps([acknowledged, failed]))
"""


def test_reading_the_database_in_a_process_that_records_lets_nobody_else_in(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    command = [sys.executable, "-c", RECORDER, str(folder), "3"]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    stop = threading.Event()

    def copy() -> None:
        # The locks that a process has on a file by fcntl(2) fall when it closes that file.
        while not stop.is_set():
            (folder / "registry.db").read_bytes()
            time.sleep(0.0005)

    thread = threading.Thread(target=copy)
    thread.start()
    try:
        acknowledged: list[int] = []
        while other.poll() is None:
            acknowledged.append(registry.object(domain="firm.example")["entry"])
    finally:
        stop.set()
        thread.join()
        said: tuple[list[int], list[str]] = json.loads(other.communicate()[0])
    others, failed = said
    assert not failed
    both = acknowledged + others
    assert len(acknowledged) > 20 and len(others) > 20
    assert sorted(both) == recorded(folder)
