"""Polars, pandas and DuckDB by their own means: the answers of `lookup`."""

# Not all of these libraries have types.
# pyright: basic

from __future__ import annotations

import doctest
import shutil
from pathlib import Path
from types import ModuleType

import duckdb
import pandas
import polars
import pyarrow
import pytest

import firmtrie
import firmtrie.duckdb
import firmtrie.pandas
import firmtrie.polars

from .visitors import FIELDS, Log, plain


def lookup(db: firmtrie.Reader) -> polars.Expr:
    return firmtrie.polars.lookup("ip", db, FIELDS)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("dtype", [polars.String(), polars.Categorical()])
def test_polars_answers_in_expressions(
    engine: str, dtype: polars.DataType, db: firmtrie.Reader, log: Log
) -> None:
    addresses = polars.Series("ip", log.addresses, dtype)
    # In pieces, as files give them.
    frame = polars.concat([addresses[:1], addresses[1:700_000], addresses[700_000:]], rechunk=False)
    asked = frame.to_frame().lazy().with_columns(lookup(db))
    found = asked.collect(engine=engine)  # type: ignore[call-overload]
    assert found.columns == ["ip", *FIELDS]
    plain(found.drop("ip").to_arrow(), log)


def test_polars_answers_a_stream_of_a_file(db: firmtrie.Reader, log: Log, tmp_path: Path) -> None:
    polars.DataFrame({"ip": log.addresses}).write_parquet(tmp_path / "log.parquet")
    visits = polars.scan_parquet(tmp_path / "log.parquet").select(lookup(db))
    visits.sink_parquet(tmp_path / "answers.parquet")
    plain(polars.read_parquet(tmp_path / "answers.parquet").to_arrow(), log)
    named = polars.scan_parquet(tmp_path / "answers.parquet").filter(status="company")
    count = log.answers["status"].to_pylist().count("company")
    assert named.select(polars.len()).collect(engine="streaming").item() == count


def test_polars_gets_none_of_no_rows_and_says_what_is_wrong(db: firmtrie.Reader) -> None:
    nobody = polars.DataFrame({"ip": []}, schema={"ip": polars.String})
    assert nobody.with_columns(lookup(db)).columns == ["ip", *FIELDS]
    with pytest.raises(ValueError, match='field "nmae" is not one of company'):
        polars.col("ip").firmtrie.lookup(db, ["nmae"])  # type: ignore[attr-defined]
    refused = firmtrie.polars.lookup("ip", db, invalid="raise")
    with pytest.raises(Exception, match='row 0: "x" is not an IPv4'):
        polars.DataFrame({"ip": ["x"]}).with_columns(refused)


@pytest.mark.parametrize("dtype", ["str", "object", "category", "string[pyarrow]"])
def test_pandas_answers_a_series(dtype: str, db: firmtrie.Reader, log: Log) -> None:
    series = pandas.Series(log.addresses, dtype=dtype)
    series.index = series.index[::-1] * 2
    found = series.firmtrie.lookup(db, FIELDS)
    assert found.index.equals(series.index)
    plain(pyarrow.Table.from_pandas(found, preserve_index=False), log)


def test_duckdb_answers_in_sql(db: firmtrie.Reader, log: Log) -> None:
    connection = duckdb.connect()
    firmtrie.duckdb.register(connection, db, FIELDS)
    firmtrie.duckdb.register(connection, db, ["asn"], name="network_of", invalid="raise")
    visits = pyarrow.table({"visit": range(len(log.addresses)), "ip": log.addresses})
    connection.register("visits", visits)
    found = connection.sql("select visit, unnest(firmtrie(ip)) from visits order by visit")
    assert found is not None
    plain(found.to_arrow_table().drop(["visit"]), log)
    with pytest.raises(Exception, match='"x" is not an IPv4'):
        connection.sql("select network_of('x')").fetchall()
    with pytest.raises(ValueError, match='field "nmae" is not one of company'):
        firmtrie.duckdb.register(connection, db, ["nmae"], name="other")


def test_duckdb_annotates_whole_relations(db: firmtrie.Reader, log: Log) -> None:
    connection = duckdb.connect()
    visits = pyarrow.table({"visit": range(len(log.addresses)), "ip": log.addresses})
    connection.register("visits", visits)
    for relation in (connection.table("visits"), "select * from visits"):
        found = firmtrie.duckdb.annotate(connection, relation, "ip", db, FIELDS)
        # As often as it is asked, and in SQL.
        for _ in range(2):
            plain(found.order("visit").to_arrow_table().drop(["visit", "ip"]), log)
        [(named,)] = connection.sql("select count(company) from found").fetchall()
        assert named == found.filter("company is not null").shape[0] > 0
    refused = [
        ("select 'x' as ip", "ip", {"invalid": "raise"}, '"x" is not an IPv4'),
        ("select 'x' as ip, 1 as Company", "ip", {}, "has company already"),
        ("select 'x' as address", "ip", {}, "no column 'ip', but address"),
        # Before a row is read.
        ("select error('read' || r.range) as a from range(9) r", "ip", {}, "no column 'ip', but a"),
        ("select 'x' as ip", "ip", {"fields": ["nmae"]}, 'field "nmae" is not one of company'),
        ("-- nothing", "ip", {}, "gives no rows"),
    ]
    for query, column, how, says in refused:
        with pytest.raises(ValueError, match=says):
            firmtrie.duckdb.annotate(connection, query, column, db, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [firmtrie.polars, firmtrie.pandas, firmtrie.duckdb])
def test_the_examples_of_the_modules_hold(
    module: ModuleType, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(world, "companies.firm")
    tried = doctest.testmod(module)
    assert tried.attempted > 4 and tried.failed == 0
