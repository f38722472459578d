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
    many = db.lookup_many([case["address"] for case in lookups])
    assert many == [db.lookup(case["address"]) for case in lookups]


def test_the_visitor_is_found_behind_proxies() -> None:
    for case in cases("client.json"):
        client = firmtrie.client_ip(
            case["peer"],
            case.get("values", []),
            header=case.get("header", "X-Forwarded-For"),
            trusted=case.get("trusted", []),
        )
        assert client == case["client"], case["says"]


def refused(case: Any, raised: pytest.ExceptionInfo[firmtrie.FirmtrieError], folder: str) -> None:
    assert raised.value.kind == case["kind"]
    assert case["message"] in str(raised.value).replace(folder, "")


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
