"""Builds from Python: the report, progress, and errors that name what is wrong."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest

import firmtrie

from .conftest import VECTORS, firms, rows


def source(path: Path) -> dict[str, Any]:
    return {"name": "asn", "format": "asn-csv", "path": path, "basis": "made up"}


def test_a_manifest_and_a_dict_of_the_same_build_the_same(tmp_path: Path) -> None:
    csv = rows(tmp_path / "asn.csv", "11.0.0.0,11.0.0.255,1,Firm B.V.")
    manifest = tmp_path / "firmtrie.toml"
    manifest.write_text(
        'as_of = 2026-11-01\noutput = "one.firm"\n[[source]]\nname = "asn"\n'
        'format = "asn-csv"\npath = "asn.csv"\nbasis = "made up"\n'
    )
    one = firmtrie.build(manifest)
    day = datetime.date(2026, 11, 1)
    two = firmtrie.build({"as_of": day, "source": [source(csv)]}, tmp_path / "two.firm")
    three = firmtrie.build({"source": [source(csv)]}, tmp_path / "three.firm", as_of=day)
    assert one == two == three
    assert one["counts"]["companies"] == 1 and one["report"]["policy"] == "strict"
    built = [(tmp_path / f"{name}.firm").read_bytes() for name in ("one", "two", "three")]
    assert built[0] == built[1] == built[2]


def test_the_report_tells_what_was_left_out(tmp_path: Path) -> None:
    report = firmtrie.build(VECTORS / "world" / "firmtrie.toml", tmp_path / "x.firm")["report"]
    reasons = {reason for told in report["sources"] for reason in told["left_out"]}
    assert {"non_business", "sole_trader"} <= reasons
    everything = firmtrie.build(
        VECTORS / "world" / "firmtrie.toml", tmp_path / "x.firm", policy="open"
    )["report"]
    assert everything["companies_in_index"] > report["companies_in_index"]


def test_an_error_names_file_line_and_value_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = firms(tmp_path)
    before = path.read_bytes()
    bad = rows(tmp_path / "bad.csv", "11.0.0.0,11.0.0.255,1,Firm", "11.0.1.0,what,1,Firm")
    with pytest.raises(firmtrie.BuildError, match=r'bad.csv:2: column 2 \(end\): "what"'):
        firmtrie.build({"source": [source(bad)]}, path)
    assert path.read_bytes() == before
    skipped = firmtrie.build({"source": [source(bad)]}, path, skip_bad_rows=True)["skipped_rows"]
    assert len(skipped) == 1 and "what" in skipped[0]


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({}, "source"),
        ({"source": []}, "source"),
        ({"source": [{"name": "x"}]}, "path"),
        ({"source": [{"name": "x", "path": "x", "prio": 1}]}, "prio"),
        ({"policy": "strct", "source": []}, "strct"),
        ({"as_of": "yesterday", "source": []}, "yesterday"),
        ({"key": {1: object}}, "key"),
    ],
)
def test_a_manifest_that_is_wrong_is_told(
    tmp_path: Path, manifest: dict[str, Any], message: str
) -> None:
    with pytest.raises(firmtrie.FirmtrieError, match=message):
        firmtrie.build(manifest, tmp_path / "x.firm")


def test_what_is_asked_of_a_build_must_fit(tmp_path: Path) -> None:
    csv = rows(tmp_path / "asn.csv", "11.0.0.0,11.0.0.255,1,Firm B.V.")
    with pytest.raises(firmtrie.FirmtrieError, match="output"):
        firmtrie.build({"source": [source(csv)]})
    with pytest.raises(firmtrie.FirmtrieError, match="registry"):
        firmtrie.build({"source": [source(csv)]}, tmp_path / "x.firm", key="key")
    with pytest.raises(firmtrie.RegistryError, match="no registry"):
        firmtrie.build({"source": [source(csv)]}, tmp_path / "x.firm", registry=tmp_path)
    with pytest.raises(firmtrie.FirmtrieError, match="not a day"):
        firmtrie.build({"source": [source(csv)]}, tmp_path / "x.firm", as_of="soon")
    with pytest.raises(TypeError):
        firmtrie.build(5, tmp_path / "x.firm")  # type: ignore[arg-type]
    assert not (tmp_path / "x.firm").exists()


def test_progress_is_told_and_what_it_raises_stops_the_build(tmp_path: Path) -> None:
    count = 250_000
    many = rows(
        tmp_path / "many.csv",
        *(
            f"11.{n >> 16}.{n >> 8 & 255}.{n & 255},11.{n >> 16}.{n >> 8 & 255}.{n & 255},1,X"
            for n in range(count)
        ),
    )
    told: list[int] = []
    firmtrie.build({"source": [source(many)]}, tmp_path / "x.firm", progress=told.append)
    assert len(told) > 1 and 0 < max(told) <= count

    def stop(_rows: int) -> None:
        raise KeyError("enough")

    (tmp_path / "x.firm").unlink()
    with pytest.raises(KeyError, match="enough"):
        firmtrie.build({"source": [source(many)]}, tmp_path / "x.firm", progress=stop)
    assert not (tmp_path / "x.firm").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_that_was_forked_after_a_build_can_build(tmp_path: Path) -> None:
    firms(tmp_path)
    child = os.fork()
    if child == 0:
        firms(tmp_path, name="child.firm")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (tmp_path / "child.firm").read_bytes() == (tmp_path / "companies.firm").read_bytes()
