"""The vectors that every surface runs, run by the Python package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import firmtrie

from .conftest import VECTORS


def cases(file: str, key: str = "cases") -> list[Any]:
    found: list[Any] = json.loads((VECTORS / file).read_text())[key]
    return found


def test_the_world_answers_as_written(db: firmtrie.Reader) -> None:
    lookups = cases("lookups.json")
    assert len(lookups) > 30
    for case in lookups:
        address, answer = case["address"], case["answer"]
        assert db.classify(address).to_dict() == answer, case["says"]
        match = db.lookup(address)
        assert (match and match.to_dict()) == (answer if answer["company"] else None), case["says"]
        name = answer["company"] and answer["company"]["name"]
        # Twice: it is made, and found again; and of many.
        for found in (match, db.lookup(address), *db.lookup_many([address])):
            assert (found and found.name) == (found and found.company.name) == name, case["says"]
    many = db.lookup_many([case["address"] for case in lookups])
    assert many == [db.lookup(case["address"]) for case in lookups]


def test_networks_are_listed_as_written(db: firmtrie.Reader, world: Path) -> None:
    def networks(case: dict[str, Any]) -> list[str]:
        if "in" in case:
            found = db.networks_in(case["in"])
        elif "asn" in case:
            found = db.networks_of_asn(case["asn"])
        elif "called" in case:
            found = db.networks_of(case["called"])
        else:
            # Of another reader: a company has other numbers there, or may have.
            match = firmtrie.open(world, mode="memory").lookup(case["behind"])
            assert match is not None
            found = db.networks_of(match.company)
        return [network.network for network in found]

    for case in cases("networks.json"):
        assert networks(case) == case["networks"], case["says"]


def test_the_visitor_is_found_behind_proxies() -> None:
    for case in cases("client.json"):
        client = firmtrie.client_ip(
            case["peer"],
            case.get("values", []),
            header=case.get("header", "X-Forwarded-For"),
            trusted=case.get("trusted", []),
        )
        assert client == case["client"], case["says"]


def record(registry: firmtrie.Registry, request: dict[str, Any]) -> None:
    """Records a request of a vector, or takes an entry back."""
    match request:
        case {"lift": entry}:
            registry.lift(entry)
        case {"right": "objection", **about}:
            registry.object(**about)
        case {"right": "erasure", **about}:
            registry.erase(**about)
        case {"right": "restriction", **about}:
            registry.restrict(**about)
        case {"right": right, **about}:
            registry.request(right, **about)
        case _:
            raise ValueError(request)


@pytest.mark.parametrize("case", cases("registry.json"), ids=lambda case: case["says"])
def test_who_objected_is_hidden_as_written_by_a_build_and_by_a_running_reader(
    case: Any, world: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "registry"
    registry = firmtrie.Registry.create(folder)
    running = firmtrie.open(world, registry=folder)
    for request in case["registry"]:
        record(registry, request)
    manifest, file = VECTORS / "world" / "firmtrie.toml", tmp_path / "built.firm"
    report = firmtrie.build(manifest, file, registry=folder)["report"]
    built = firmtrie.open(file)
    for address, answer in case["answers"].items():
        for reader in (built, running):
            found = reader.classify(address)
            assert (found.company.name if found.company else found.status) == answer, address
            assert bool(reader.lookup(address)) == bool(found.company)
        assert running.lookup_many([address])[0] == running.lookup(address)
    left_out: dict[str, int] = {}
    for source in report["sources"]:
        for reason, out in source["left_out"].items():
            if reason in ("opted_out", "restricted"):
                left_out[reason] = left_out.get(reason, 0) + out["claims"]
    assert left_out == case["left_out"]


def refused(case: Any, raised: pytest.ExceptionInfo[firmtrie.FirmtrieError], folder: str) -> None:
    assert raised.value.kind == case["kind"]
    assert case["message"] in str(raised.value).replace(folder, "")


def test_what_registries_publish_is_answered_as_written(tmp_path: Path) -> None:
    sources: list[dict[str, Any]] = []
    for source in cases("registers.json", "sources"):
        path = tmp_path / source["name"]
        path.write_text(source["text"])
        told = {"name": source["name"], "format": source["format"]}
        sources.append({**told, "path": path, "basis": "test"})
    firmtrie.build({"source": sources}, tmp_path / "x.firm")
    with firmtrie.open(tmp_path / "x.firm") as index:
        for case in cases("registers.json", "answers"):
            match = index.lookup(case["address"])
            found = (match.name, match.asn) if match else (None, None)
            assert found == (case["name"], case["asn"]), case["says"]


@pytest.mark.parametrize("mode", ["mmap", "memory"])
def test_what_is_refused_is_refused_as_written(
    mode: Any, tmp_path: Path, db: firmtrie.Reader
) -> None:
    def many(text: str) -> object:
        return db.lookup_many([text])

    for case in cases("errors.json", "addresses"):
        for ask in (db.lookup, db.classify, many):
            with pytest.raises(firmtrie.AddressError) as raised:
                ask(case["text"])
            refused(case, raised, "")
    for case in cases("errors.json", "prefixes"):
        with pytest.raises(firmtrie.AddressError) as raised:
            db.networks_in(case["text"])
        refused(case, raised, "")
    file = tmp_path / "source"
    for case in cases("errors.json", "indexes"):
        file.write_text(case["text"])
        with pytest.raises(firmtrie.IndexFileError) as index_error:
            firmtrie.open(file, mode=mode)
        refused(case, index_error, f"{tmp_path}/")
    for case in cases("errors.json", "sources"):
        file.write_text(case["text"])
        source = {"name": "s", "format": case["format"], "path": file, "basis": "b"}
        with pytest.raises(firmtrie.BuildError) as build_error:
            firmtrie.build({"source": [source]}, tmp_path / "x.firm")
        refused(case, build_error, f"{tmp_path}/")
        assert not (tmp_path / "x.firm").exists()
