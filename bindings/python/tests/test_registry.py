"""Objections and other requests from Python, and readers that follow them."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import firmtrie

from .conftest import firms


def shown(db: firmtrie.Reader) -> set[int]:
    return {n for n in range(8) if db.lookup(f"11.0.{n}.9") is not None}


ALL = set(range(8))


def waited(so: Any) -> None:
    until = time.monotonic() + 30
    while not so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


def test_what_is_recorded_holds_in_this_process_when_the_call_returns(tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    db = firmtrie.open(firms(tmp_path), registry=tmp_path / "registry")
    plain = firmtrie.open(tmp_path / "companies.firm")
    assert shown(db) == ALL
    before = db.lookup("11.0.3.9")
    entry = registry.object(name="FIRM 3 bv", country="NL", reason="secret", channel="mail")
    assert shown(db) == ALL - {3}
    assert entry["entry"] == 1 and entry["right"] == "objection" and entry["step"] == "received"
    assert entry["identified_by"] == ["name"]
    assert db.classify("11.0.3.9").status == "withheld" and db.classify("11.0.3.9").company is None
    assert db.lookup_many(["11.0.3.9", "11.0.4.9"])[0] is None
    assert "11.0.3.0/24" not in [n.network for n in db.networks() if n.company]
    assert before is not None
    registry.erase(prefix="11.0.4.0/25")
    assert shown(db) == ALL - {3, 4}
    outside = db.lookup("11.0.4.200")
    assert outside is not None and outside.network == "11.0.4.128/25"
    assert [n.network for n in db.networks_in("11.0.4.0/24")] == ["11.0.4.128/25"]
    registry.restrict(address="11.0.5.9", until=datetime.date.today() + datetime.timedelta(1))
    assert shown(db) == ALL - {3, 4, 5}
    registry.lift(1, reason="it was somebody else")
    assert shown(db) == ALL - {4, 5}
    # Who does not follow a registry sees what the file says; the next build leaves them out.
    assert shown(plain) == ALL
    report = firmtrie.build(
        {
            "policy": "open",
            "source": [{"name": "f", "path": tmp_path / "firms.csv", "format": "asn-csv"}],
        },
        tmp_path / "next.firm",
        registry=tmp_path / "registry",
    )
    assert shown(firmtrie.open(tmp_path / "next.firm")) == ALL - {4, 5}
    assert report["counts"]["companies"] == 8


def test_other_processes_follow(tmp_path: Path) -> None:
    firmtrie.Registry.create(tmp_path / "registry")
    db = firmtrie.open(firms(tmp_path), registry=tmp_path / "registry")
    code = "import firmtrie, sys; firmtrie.Registry(sys.argv[1]).object(name='Firm 2 B.V.')"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "registry")], check=True)
    waited(lambda: shown(db) == ALL - {2})
    firms(tmp_path, 12)
    waited(lambda: db.lookup("11.0.9.9") is not None)
    assert shown(db) == ALL - {2}
    db.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_follows_too(tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    db = firmtrie.open(firms(tmp_path), registry=tmp_path / "registry")
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready, 1)
        try:
            waited(lambda: shown(db) == ALL - {6})
            # What the parent opened is opened again.
            registry.object(name="Firm 7 B.V.")
            assert shown(db) == ALL - {6, 7}
            db.close()
            os._exit(0)
        finally:
            os._exit(1)
    registry.object(name="Firm 6 B.V.")
    os.write(go, b"x")
    assert os.waitpid(child, 0)[1] == 0
    waited(lambda: shown(db) == ALL - {6, 7})
    assert [entry["entry"] for entry in registry.entries()] == [1, 2]


def test_requests_go_their_way(tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    late = datetime.date.today() - datetime.timedelta(60)
    first = registry.request("access", email="jan@firm.example", received=late)
    assert first["due"] < datetime.date.today().isoformat()
    second = registry.object(vat="NL004495445B01", domain="firm.example")
    assert second["identified_by"] == ["vat", "domain"]
    assert [entry["entry"] for entry in registry.due()] == [1, 2]
    registry.step(1, "verified")
    registry.step(1, "done", day="2026-11-01")
    assert [entry["entry"] for entry in registry.due()] == [2]
    with pytest.raises(firmtrie.RegistryError, match="done already"):
        registry.step(1, "refused", reason="x")
    registry.rectify(field="city", value="Utrecht", old="Utrect", name="Firm", country="NL")
    assert [entry["right"] for entry in registry.entries()] == [
        "access",
        "objection",
        "rectification",
    ]
    again = firmtrie.Registry(tmp_path / "registry")
    assert again.entries() == registry.entries()


def test_all_that_is_held_is_told_with_its_source(tmp_path: Path, db: firmtrie.Reader) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    registry.object(domain="alpha.example", index=db)
    held = registry.subject(lei="724500VKKSH9QOLTFR81", index=db)
    assert held["companies"][0]["networks"] or held["companies"][0]["facts"]
    assert [request["entry"] for request in held["requests"]] == [1]
    assert held["requests"][0]["identified_by"].count("lei") == 1
    assert held["sources"]


def test_what_cannot_be_held_is_refused(tmp_path: Path) -> None:
    with pytest.raises(firmtrie.RegistryError, match="no registry"):
        firmtrie.Registry(tmp_path / "registry")
    registry = firmtrie.Registry.create(tmp_path / "registry")
    with pytest.raises(firmtrie.RegistryError, match="there is a registry already"):
        firmtrie.Registry.create(tmp_path / "registry")
    with pytest.raises(firmtrie.RegistryError, match="about"):
        registry.object()
    with pytest.raises(firmtrie.RegistryError, match="LEI"):
        registry.object(lei="724500VKKSH9QOLTFR82")
    with pytest.raises(firmtrie.AddressError):
        registry.object(prefix="11.0.0.1/24")
    with pytest.raises(TypeError, match="phone"):
        registry.object(phone="1")  # type: ignore[call-arg]
    with pytest.raises(firmtrie.FirmtrieError, match="not a day"):
        registry.restrict(name="X", until="soon")
    with pytest.raises(firmtrie.FirmtrieError, match='"shoe" is not one of name'):
        registry.rectify(field="shoe", value="1", name="X")
    with pytest.raises(firmtrie.FirmtrieError, match="is not one of objection, erasure, access"):
        registry.request("restriction", name="X")  # type: ignore[arg-type]
    with pytest.raises(firmtrie.RegistryError, match="no entry 9"):
        registry.lift(9)
    assert registry.entries() == []


def test_a_key_without_its_registry_is_refused_by_whoever_takes_one(tmp_path: Path) -> None:
    key = tmp_path / "registry.key"
    with pytest.raises(firmtrie.FirmtrieError, match="name that too"):
        firmtrie.open(tmp_path / "index.firm", key=key)
    with pytest.raises(firmtrie.FirmtrieError, match="name that too"):
        firmtrie.build(tmp_path / "firmtrie.toml", tmp_path / "index.firm", key=key)


def test_another_key_stops_everything(tmp_path: Path) -> None:
    firmtrie.Registry.create(tmp_path / "registry")
    firmtrie.Registry.create(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "registry.key", tmp_path / "registry" / "registry.key")
    path = firms(tmp_path)
    opens: list[Any] = [
        lambda: firmtrie.Registry(tmp_path / "registry"),
        lambda: firmtrie.open(path, registry=tmp_path / "registry"),
    ]
    for opened in opens:
        with pytest.raises(firmtrie.RegistryError, match="another key"):
            opened()
    (tmp_path / "registry" / "registry.key").unlink()
    for opened in opens:
        with pytest.raises(firmtrie.RegistryError, match="key cannot be read"):
            opened()


def test_a_registry_that_is_gone_or_went_back_is_told_and_followed_again(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    told: list[Exception] = []
    db = firmtrie.open(firms(tmp_path), registry=folder, on_error=told.append)

    def raises(what: str) -> bool:
        try:
            db.reload()
        except firmtrie.RegistryError as error:
            return what in str(error)
        return False

    def noticed(what: str) -> None:
        # Who looks while a file is copied over sees half of it, and is told so first.
        # A reload raises it once whoever is told has returned.
        waited(lambda: any(what in str(error) for error in told))
        assert all(isinstance(error, firmtrie.RegistryError) for error in told)
        waited(lambda: raises(what))
        told.clear()

    registry.object(name="Firm 1 B.V.")
    registry.backup(tmp_path / "older", with_key=True)
    registry.object(name="Firm 2 B.V.")
    registry.backup(tmp_path / "newer")
    # Gone: what was known goes on.
    (folder / "registry.db").unlink()
    noticed("cannot open the registry")
    assert shown(db) == ALL - {1, 2}
    with pytest.raises(firmtrie.RegistryError):
        registry.object(name="Firm 3 B.V.")
    # Restored whole: nothing is to be said.
    restored = firmtrie.Registry.restore(folder, tmp_path / "newer")
    assert [entry["entry"] for entry in restored.entries()] == [1, 2]
    waited(lambda: db.reload() in (True, False))
    assert registry.object(name="Firm 3 B.V.")["entry"] == 3 and shown(db) == ALL - {1, 2, 3}
    with pytest.raises(firmtrie.RegistryError, match="a registry only grows"):
        firmtrie.Registry.restore(folder, tmp_path / "newer")
    # An older copy in its place, by another file and in place.
    for restore in (os.replace, shutil.copy):
        copy = shutil.copy(tmp_path / "older" / "registry.db", tmp_path / "copy")
        restore(copy, folder / "registry.db")
        noticed("the registry went back: it had")
        waited(lambda: shown(db) == ALL - {1})
        registry.object(name="Firm 4 B.V.")
        assert shown(db) == ALL - {1, 4}
    # One of another key.
    firmtrie.Registry.create(tmp_path / "foreign")
    os.replace(tmp_path / "foreign" / "registry.db", folder / "registry.db")
    noticed("another key")
    assert shown(db) == ALL - {1, 4} and not told


def test_who_objects_while_networks_are_listed_is_passed_over(tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    path = firms(tmp_path)
    db, other = (firmtrie.open(path, registry=tmp_path / "registry") for _ in range(2))
    listed, of_one, closed = db.networks(), db.networks_of("Firm 6 B.V."), other.networks()
    assert [next(found).company for found in (listed, closed)] == [next(db.networks()).company] * 2
    other.close()
    registry.object(name="Firm 6 B.V.")
    registry.object(prefix="11.0.4.0/25")
    # Not the first address of its network.
    registry.object(prefix="11.0.7.192/27")
    names = [found.company.name for found in listed if found.company]
    assert names == [f"Firm {n} B.V." for n in (1, 2, 3, 5)]
    assert list(of_one) == []
    # What nobody follows any more goes on as it was.
    assert len([found for found in closed if found.company]) == 7


def test_a_child_can_log_whenever_it_is_forked(tmp_path: Path) -> None:
    # A module that another thread was importing when the child was forked is never whole there.
    firmtrie.Registry.create(tmp_path / "registry")
    code = "import sys, firmtrie; db = firmtrie.open(*sys.argv[1:2], registry=sys.argv[2]);"
    code += "sys.exit('logging' not in sys.modules)"
    command = [sys.executable, "-c", code, str(firms(tmp_path)), str(tmp_path / "registry")]
    subprocess.run(command, check=True)


def test_what_nobody_asked_to_be_told_is_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    firmtrie.Registry.create(tmp_path / "registry")
    db = firmtrie.open(firms(tmp_path), registry=tmp_path / "registry")
    (tmp_path / "registry" / "registry.db").unlink()
    waited(lambda: "cannot open the registry" in caplog.text)
    db.close()


def test_an_index_whose_new_file_is_damaged_does_not_keep_others_from_following(
    tmp_path: Path,
) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    told: list[Exception] = []
    paths = [firms(tmp_path, name=f"{n}.firm") for n in range(3)]
    dbs = [firmtrie.open(p, registry=tmp_path / "registry", on_error=told.append) for p in paths]
    for path in paths[:2]:
        (tmp_path / "damaged").write_bytes(path.read_bytes()[:-9])
        os.replace(tmp_path / "damaged", path)
    recorded = registry.object(name="Firm 5 B.V.")
    assert (recorded["entry"], recorded["not_followed"]) == (1, [])
    assert [shown(db) for db in dbs] == [ALL - {5}] * 3
    waited(lambda: len(told) == 2)
    assert all(isinstance(error, firmtrie.IndexFileError) for error in told)
    assert registry.lift(1)["not_followed"] == []
    assert [shown(db) for db in dbs] == [ALL] * 3
