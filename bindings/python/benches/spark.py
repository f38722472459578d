"""Spark with one executor and with two, side by side, on this machine.

Takes an index and the page to write the table into (its part `Spark` is replaced). Ten million
addresses are annotated, and thrown away. The memory is that of the worker processes of Python: the
most that one has, less what one has that asks an index of one company.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyspark
from page import replace_part

import firmtrie
import firmtrie.spark

TITLE = "## Spark"
ROWS = 10_000_000
ROUNDS = 5
EXECUTORS = (1, 2)


def as_it_is(batches: Iterator[Any]) -> Iterator[Any]:
    yield from batches


def workers() -> list[psutil.Process]:
    """The processes of Python that Spark has begun."""
    everybody = psutil.process_iter(["cmdline"])
    return [p for p in everybody if "pyspark.daemon" in " ".join(p.info["cmdline"] or [])]


def most_memory() -> int:
    """Of a worker, with what is mapped, in bytes."""
    return max(worker.memory_info().rss for worker in workers())


def tiny(folder: Path) -> Path:
    """An index of one company."""
    (folder / "asn.csv").write_text("11.0.0.0,11.0.0.255,1,Firm B.V.\n")
    source = {"name": "asn", "format": "asn-csv", "path": folder / "asn.csv"}
    firmtrie.build({"policy": "open", "source": [source]}, folder / "tiny.firm")
    return folder / "tiny.firm"


def timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(index: Path, executors: int) -> None:
    """Prints seconds for each round, and the memory of workers with the index and without."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    spark = (
        SparkSession.builder.master(f"local-cluster[{executors},1,1024]")
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", False)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    octets = "concat_ws('.', 1 + x % 223, (x div 223) % 256, (x div 57088) % 256, x % 256)"
    rows = spark.range(ROWS, numPartitions=8).selectExpr("xxhash64(id) & 4294967295 as x")
    # Made once: what is measured reads it from memory.
    addresses = rows.selectExpr(f"{octets} as ip").cache()
    addresses.count()

    def without() -> None:
        passed = addresses.mapInArrow(as_it_is, "ip string")
        passed.write.format("noop").mode("overwrite").save()

    def answers(index: Path = index) -> None:
        asked = firmtrie.spark.annotate(addresses, "ip", index)
        asked.write.format("noop").mode("overwrite").save()

    without()
    passes = min(timed(without) for _ in range(ROUNDS))
    with tempfile.TemporaryDirectory() as folder:
        answers(tiny(Path(folder)))
    small = most_memory()
    for worker in workers():
        worker.kill()
    answers()
    print(passes, min(timed(answers) for _ in range(ROUNDS)), small, most_memory())
    spark.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("page", type=Path, nargs="?")
    parser.add_argument("--executors", type=int)
    arguments = parser.parse_args()
    if arguments.executors:
        return measure(arguments.index, arguments.executors)
    lines = [
        "| executors | passed on as they are | annotated | rows a second | memory for the index |",
        "| --- | --- | --- | --- | --- |",
    ]
    size = arguments.index.stat().st_size
    for executors in EXECUTORS:
        command = [sys.executable, __file__, str(arguments.index), "--executors", str(executors)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        bare, seconds, before, after = map(float, done.stdout.split())
        lines.append(
            f"| {executors} | {bare:.2f} s | {seconds:.2f} s | {ROWS / seconds:,.0f}"
            f" | {(after - before) / size:.2f} times its size |"
        )
    part = "\n\n".join(
        [
            TITLE,
            f"Spark {pyspark.__version__}, `local-cluster` with a core an executor, on"
            f" {os.cpu_count()} cores, which driver and workers share. {ROWS:,} cached strings to"
            f" name and network; the least of {ROUNDS} rounds; load {os.getloadavg()[0]:.2f}. The"
            f" index has {size / 1e6:.1f} MB; its memory is what a worker has beyond one that asks"
            " an index of one company.",
            "\n".join(lines),
        ]
    )
    print(part)
    if arguments.page:
        replace_part(arguments.page, TITLE, part + "\n")


if __name__ == "__main__":
    main()
