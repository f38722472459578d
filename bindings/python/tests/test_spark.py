"""Apache Spark, on this machine and on a cluster of two: the answers of `lookup`."""

# Not all of these libraries have types.
# pyright: basic

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow
import pyarrow.parquet
import pytest

import firmtrie

from .conftest import firms
from .visitors import FIELDS, Log, plain

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17"),
    # Of Spark itself, about the pandas beside it.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
]

if shutil.which("java"):
    from pyspark.sql import DataFrame, SparkSession

    import firmtrie.spark

#: Rows of the log, so many times: a column of ten million, in which there is time to kill a worker.
TIMES = 10


@pytest.fixture(scope="module", params=["local[2]", "local-cluster[2,1,1024]"])
def spark(request: pytest.FixtureRequest) -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Whatever this machine is called, its own processes reach it here.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master(request.param)
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", False)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 2)
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def visits(spark: SparkSession, log: Log, tmp_path: Path) -> DataFrame:
    """The log as a file of several parts."""
    table = pyarrow.table({"visit": range(len(log.addresses)), "ip": log.addresses})
    pyarrow.parquet.write_table(table, tmp_path / "log.parquet", row_group_size=100_000)
    return spark.read.parquet(str(tmp_path / "log.parquet"))


def test_every_row_gets_the_answers_of_lookup(world: Path, visits: DataFrame, log: Log) -> None:
    found = firmtrie.spark.annotate(visits, "ip", world, FIELDS)
    assert found.columns == ["visit", "ip", *FIELDS]
    table = found.orderBy("visit").toArrow()
    assert table["ip"].to_pylist() == log.addresses
    plain(table.drop(["visit", "ip"]), log)


def workers() -> list[psutil.Process]:
    """The processes that have mapped an index."""
    found = []
    for process in psutil.process_iter():
        try:
            maps = Path(f"/proc/{process.pid}/maps").read_text()
            runs = " ".join(process.cmdline())
        except (OSError, psutil.Error):
            continue
        # Other tests map indexes, too.
        if "pyspark" in runs and "/firmtrie-" in maps and ".firm" in maps:
            found.append(process)
    return found


def counts(df: DataFrame) -> Counter[tuple[Any, ...]]:
    grouped = df.groupBy("company", "network", "status").count().collect()
    return Counter({tuple(row)[:3]: row["count"] for row in grouped})


def expected(log: Log, times: int) -> Counter[tuple[Any, ...]]:
    columns = (log.answers[field].to_pylist() for field in ("company", "network", "status"))
    return Counter(
        {row: times * count for row, count in Counter(zip(*columns, strict=True)).items()}
    )


def test_a_worker_maps_the_index_once_and_killing_it_costs_a_retry(
    spark: SparkSession, world: Path, visits: DataFrame, log: Log
) -> None:
    context = spark.sparkContext

    def asked(times: int) -> DataFrame:
        many = visits.crossJoin(spark.range(times)).repartition(8)
        return firmtrie.spark.annotate(many, "ip", world, ["company", "network", "status"])

    assert counts(asked(1)) == expected(log, 1)

    asked_workers = workers()
    assert asked_workers
    for worker in asked_workers:
        mapped = [part for part in worker.memory_maps(grouped=False) if ".firm" in part.path]
        # Its pages are those of the file, which all workers share.
        assert len(mapped) == 1 and mapped[0].anonymous == 0
        assert mapped[0].rss <= world.stat().st_size + 4096
    if str(context.master).startswith("local["):
        return  # Spark tries nothing again there.

    tracker = context.statusTracker()

    def failed() -> int:
        infos = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup("killed")]
        stages = [tracker.getStageInfo(stage) for info in infos if info for stage in info.stageIds]
        return sum(stage.numFailedTasks for stage in stages if stage)

    done = threading.Event()

    def kill() -> None:
        for worker in workers():
            worker.kill()
        # One that has no task just then costs none; of a task four failures end the job.
        for _ in range(3):
            while not done.wait(0.2) and not workers():
                pass
            for worker in workers()[:1]:
                os.kill(worker.pid, signal.SIGKILL)
            if done.wait(0.5) or failed():
                return

    killer = threading.Thread(target=kill)
    killer.start()
    context.setJobGroup("killed", "a worker is killed")
    found = counts(asked(TIMES))
    done.set()
    killer.join()
    assert found == expected(log, TIMES)
    assert failed() >= 1


def test_an_index_that_is_built_again_answers_what_is_asked_next(
    spark: SparkSession, tmp_path: Path
) -> None:
    df = spark.createDataFrame([("11.0.0.1",)], ["ip"])
    before = firmtrie.spark.annotate(df, "ip", firms(tmp_path, 1), ["company"])
    assert before.collect()[0]["company"] == "Firm 0 B.V."
    shipped = len(spark.sparkContext.listFiles)
    firmtrie.spark.annotate(df, "ip", firms(tmp_path, 1), ["company"])
    assert len(spark.sparkContext.listFiles) == shipped
    (tmp_path / "firms.csv").write_text("11.0.0.0,11.0.0.255,1,Other B.V.\n")
    source = {"name": "firms", "format": "asn-csv", "path": tmp_path / "firms.csv"}
    firmtrie.build(
        {"policy": "open", "source": [{**source, "basis": "made up"}]}, tmp_path / "companies.firm"
    )
    after = firmtrie.spark.annotate(df, "ip", tmp_path / "companies.firm", ["company"])
    assert after.collect()[0]["company"] == "Other B.V."
    assert before.collect()[0]["company"] == "Firm 0 B.V."


def test_what_is_wrong_is_said_before_any_worker_is_asked(
    spark: SparkSession, world: Path, tmp_path: Path
) -> None:
    df = spark.createDataFrame([("x",)], ["ip"])
    with pytest.raises(ValueError, match='field "nmae" is not one of company'):
        firmtrie.spark.annotate(df, "ip", world, ["nmae"])
    with pytest.raises(ValueError, match="no column 'address', but ip"):
        firmtrie.spark.annotate(df, "address", world)
    taken = df.withColumnRenamed("ip", "network")
    with pytest.raises(ValueError, match="has network already: rename"):
        firmtrie.spark.annotate(taken, "network", world)
    with pytest.raises(firmtrie.MissingFileError):
        firmtrie.spark.annotate(df, "ip", tmp_path / "none.firm")
    with pytest.raises(Exception, match='row 0: "x" is not an IPv4'):
        firmtrie.spark.annotate(df, "ip", world, invalid="raise").collect()
