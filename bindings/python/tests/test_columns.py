"""Columns: every library that speaks Arrow gives addresses and takes the answers of `lookup`."""

# Most of these libraries have no types.
# pyright: basic

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow
import numpy
import pandas
import polars
import pyarrow
import pytest

import firmtrie

from .visitors import FIELDS, Log, alone, plain


def same(columns: firmtrie.Columns, log: Log) -> None:
    assert columns.invalid == log.invalid
    assert len(columns) == len(log.addresses)
    assert columns.names == FIELDS
    plain(pyarrow.table(columns), log)


def pieces(array: Any) -> Any:
    """Chunks: slices of a larger array, and empty ones."""
    cuts = [0, 0, 1, 1000, 1000, 70_000, 500_001, len(array), len(array)]
    return pyarrow.chunked_array(
        [array.slice(begin, end - begin) for begin, end in zip(cuts, cuts[1:], strict=False)],
        array.type,
    )


def from_pyarrow(kind: Any) -> Callable[[list[str | None]], Any]:
    return lambda addresses: pieces(pyarrow.array(addresses, pyarrow.string()).cast(kind))


def from_duckdb(addresses: list[str | None]) -> Any:
    visits = pyarrow.table({"ip": addresses})
    assert len(visits) == len(addresses)
    return duckdb.sql("select ip from visits")


GIVEN: dict[str, Callable[[list[str | None]], Any]] = {
    "pyarrow string": from_pyarrow(pyarrow.string()),
    "pyarrow large string": from_pyarrow(pyarrow.large_string()),
    "pyarrow string view": from_pyarrow(pyarrow.string_view()),
    "pyarrow array": lambda addresses: pyarrow.array(addresses),
    "pyarrow dictionary": lambda addresses: pieces(pyarrow.array(addresses).dictionary_encode()),
    "pyarrow table": lambda addresses: pyarrow.table({"ip": addresses}),
    "polars series": lambda addresses: polars.Series(addresses),
    "polars categorical": lambda addresses: polars.Series(addresses, dtype=polars.Categorical()),
    "polars frame": lambda addresses: polars.DataFrame({"ip": addresses}),
    "pandas series": lambda addresses: pandas.Series(addresses, dtype="str"),
    "pandas frame": lambda addresses: pandas.DataFrame({"ip": pandas.Series(addresses)}),
    "duckdb relation": from_duckdb,
    "nanoarrow array": lambda addresses: nanoarrow.c_array(addresses, nanoarrow.string()),
}


@pytest.mark.parametrize("given", GIVEN)
def test_every_library_gets_the_answers_of_lookup(
    given: str, db: firmtrie.Reader, log: Log
) -> None:
    same(db.lookup_arrow(GIVEN[given](log.addresses), FIELDS), log)


def test_every_library_takes_what_is_given(db: firmtrie.Reader, log: Log) -> None:
    columns = db.lookup_arrow(pyarrow.array(log.addresses), FIELDS)
    names = log.answers["company"].to_pylist()
    plain(pyarrow.Table.from_batches([pyarrow.record_batch(columns)]), log)
    plain(polars.DataFrame(columns).to_arrow(), log)
    plain(pyarrow.Table.from_pandas(pandas.DataFrame.from_arrow(columns)), log)
    assert polars.Series(columns["company"]).to_list() == names
    assert pyarrow.array(columns["company"]).to_pylist() == names
    networks = nanoarrow.Array(columns["network"])
    assert list(networks.to_pylist()) == log.answers["network"].to_pylist()
    counted = duckdb.sql("select company, count(*) from columns group by company")
    assert counted is not None and dict(counted.fetchall()) == Counter(names)


def test_texts_are_dictionaries_of_what_is_used(db: firmtrie.Reader) -> None:
    columns = db.lookup_arrow(pyarrow.array(["8.1.0.1", "8.1.0.2", None]), FIELDS)
    table = pyarrow.record_batch(columns)
    assert table.schema.field("company").type == pyarrow.dictionary(
        pyarrow.int32(), pyarrow.string()
    )
    assert table["company"].dictionary.to_pylist() == ["Alpha B.V."]
    assert table["network"].dictionary.to_pylist() == ["8.1.0.0/23"]
    assert table["asn"].type == pyarrow.uint32()
    assert table["confidence"].type == pyarrow.float64()
    assert repr(columns).startswith("<firmtrie.Columns company, network")
    assert repr(columns["asn"]) == "<firmtrie.Column asn: 3 rows>"
    assert (columns["asn"].name, len(columns["asn"])) == ("asn", 3)
    with pytest.raises(KeyError, match="nothing"):
        columns["nothing"]


def test_numbers_and_bytes_are_addresses(db: firmtrie.Reader) -> None:
    numbers = [int(IPv4Address("8.1.0.1")), int(IPv4Address("10.0.0.1"))]
    four = [IPv4Address(number).packed for number in numbers]
    six = [IPv6Address("2600:100::1").packed, IPv6Address("::ffff:8.1.0.1").packed]
    expected = db.lookup_many(["8.1.0.1", "10.0.0.1"])
    for given in (
        pyarrow.array(numbers, pyarrow.uint32()),
        numpy.array(numbers, numpy.uint32),
        polars.Series(numbers, dtype=polars.UInt32),
        pyarrow.array(four, pyarrow.binary(4)),
        pyarrow.array(four, pyarrow.binary()),
        polars.Series(four),
    ):
        names = pyarrow.array(db.lookup_arrow(given)["company"]).to_pylist()
        assert names == [found and found.company.name for found in expected]
    names = pyarrow.array(db.lookup_arrow(pyarrow.array(six, pyarrow.binary(16)))["company"])
    assert names.to_pylist() == [
        found and found.company.name for found in db.lookup_many(["2600:100::1", "8.1.0.1"])
    ]


def test_a_result_may_be_asked_for_in_other_types(db: firmtrie.Reader) -> None:
    columns = db.lookup_arrow(pyarrow.array(["8.1.0.1"]))
    assert pyarrow.array(columns["company"], pyarrow.string()).to_pylist() == ["Alpha B.V."]
    schema = pyarrow.schema([("company", pyarrow.string()), ("network", pyarrow.large_string())])
    assert pyarrow.table(columns, schema=schema).schema == schema


def test_what_cannot_be_answered_says_why(db: firmtrie.Reader) -> None:
    array = pyarrow.array(["8.1.0.1", "8.1.0.256"])
    assert db.lookup_arrow(array).invalid == 1
    with pytest.raises(firmtrie.AddressError, match='row 1: "8.1.0.256"'):
        db.lookup_arrow(array, invalid="raise")
    with pytest.raises(firmtrie.FirmtrieError, match="Int64 holds no addresses: give texts"):
        db.lookup_arrow(pyarrow.array([1]))
    with pytest.raises(firmtrie.FirmtrieError, match="a table of a, b: give its column"):
        db.lookup_arrow(pyarrow.table({"a": ["8.1.0.1"], "b": [1]}))
    with pytest.raises(ValueError, match='field "nmae" is not one of company, country'):
        db.lookup_arrow(array, ["nmae"])
    with pytest.raises(firmtrie.FirmtrieError, match="asn is asked for twice"):
        db.lookup_arrow(array, ["asn", "asn"])
    with pytest.raises(TypeError, match="list speaks no Arrow: give a column of pyarrow"):
        db.lookup_arrow(["8.1.0.1"])
    with pytest.raises(ValueError, match='say "null" or "raise"'):
        db.lookup_arrow(array, invalid="drop")  # type: ignore[arg-type]  # pyright: ignore
    db.close()
    with pytest.raises(firmtrie.ClosedError):
        db.lookup_arrow(array)


def test_a_stream_that_fails_says_what_it_says(db: firmtrie.Reader) -> None:
    def batches() -> Iterator[Any]:
        yield pyarrow.record_batch({"ip": ["8.1.0.1"]})
        raise OSError("the disk is gone")

    schema = pyarrow.schema([("ip", pyarrow.string())])
    with pytest.raises(Exception, match="the disk is gone"):
        db.lookup_arrow(pyarrow.RecordBatchReader.from_batches(schema, batches()))


def test_a_stream_that_waits_for_other_threads_of_python_is_read(db: firmtrie.Reader) -> None:
    connection = duckdb.connect()
    connection.create_function("plain", lambda ip: ip.split(":")[0], ["VARCHAR"], "VARCHAR")
    count = 300_000
    visits = connection.sql(f"select plain('8.1.0.1:' || i) from range({count}) visits(i)")
    columns = db.lookup_arrow(visits, ["company"])
    assert pyarrow.table(columns)["company"].to_pylist() == ["Alpha B.V."] * count


def test_other_threads_run_meanwhile(db: firmtrie.Reader, log: Log) -> None:
    array = pyarrow.array(log.addresses)
    counted, done = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1

    other = threading.Thread(target=count)
    other.start()
    before = counted
    for _ in range(10):
        db.lookup_arrow(array)
    after = counted
    done.set()
    other.join()
    assert after > before + 1000


def test_a_forked_child_answers(db: firmtrie.Reader, log: Log) -> None:
    array = pyarrow.array(log.addresses)
    db.lookup_arrow(array)
    child = os.fork()
    if child == 0:
        columns = db.lookup_arrow(array)
        os._exit(0 if columns.invalid == log.invalid and len(columns) == len(array) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_who_objects_is_withheld_in_columns_too(world: Path, tmp_path: Path) -> None:
    registry = firmtrie.Registry.create(tmp_path / "registry")
    db = firmtrie.open(world, registry=tmp_path / "registry")
    asked = pyarrow.array(["8.1.0.1", "8.2.0.1"])
    assert pyarrow.array(db.lookup_arrow(asked)["company"]).to_pylist()[0] == "Alpha B.V."
    registry.object(name="Alpha B.V.", country="NL")
    db.reload()
    rows = pyarrow.table(db.lookup_arrow(asked, FIELDS)).to_pylist()
    assert rows == [alone(db, "8.1.0.1"), alone(db, "8.2.0.1")]
    assert rows[0]["status"] == "withheld"
