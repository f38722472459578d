"""Apache Spark: what is known of a column of addresses, on as many machines as there are.

The index is sent to each machine once, as a file, and mapped once by each worker process; workers
of one machine share its pages. They need this package, and pyarrow, as Spark's ``mapInArrow`` does.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Literal

import pyarrow
from pyspark import SparkContext, SparkFiles
from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, DoubleType, LongType, StringType, StructField, StructType

from . import Reader, open
from ._frames import fitting, known

__all__ = ["annotate"]

#: Types of columns that are no text. Spark has no unsigned numbers.
_TYPES: dict[str, tuple[DataType, Any]] = {
    "asn": (LongType(), pyarrow.int64()),
    "confidence": (DoubleType(), pyarrow.float64()),
}
_TEXT: tuple[DataType, Any] = (StringType(), pyarrow.string())


def annotate(
    df: DataFrame,
    column: str,
    index: str | os.PathLike[str],
    fields: Sequence[str] = ("company", "network"),
    *,
    invalid: Literal["null", "raise"] = "null",
) -> DataFrame:
    """The frame with a column more for each of ``fields``, of the addresses in ``column``: texts,
    or binary of 4 or 16 bytes. See :meth:`firmtrie.Reader.lookup_arrow` for the fields; texts are
    strings, ``asn`` is a ``bigint``, ``confidence`` a ``double``.

    Nothing is looked up before Spark is asked for rows. What is asked for twice is looked up twice,
    unless the frame is cached. A file that is there when this is called is the one that answers,
    whatever takes its place later.
    """
    # A field, or a column, that is none is refused now, and not by a worker.
    fields = known(open(index), fields)
    fitting("frame", df.columns, column, fields)
    added = [StructField(field, _TYPES.get(field, _TEXT)[0]) for field in fields]
    answers = partial(
        _answers,
        name=_ship(df.sparkSession.sparkContext, Path(index)),
        column=column,
        fields=fields,
        invalid=invalid,
    )
    return df.mapInArrow(answers, StructType([*df.schema.fields, *added]))


def _ship(context: SparkContext, index: Path) -> str:
    """Sends the file to all machines, unless they have it; gives the name that it has there."""
    # Spark sends no second file of a name, so the name tells what is in it.
    with index.open("rb") as file:
        content = hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    name = f"firmtrie-{content}.firm"
    if not any(Path(sent).name == name for sent in context.listFiles):
        own = _own_folder() / name
        if not own.exists():
            try:
                own.hardlink_to(index)
            except OSError:
                shutil.copyfile(index, own)
        context.addFile(str(own))
    return name


@cache
def _own_folder() -> Path:
    """Where what is sent stays as it is while this process lives: machines ask for it later."""
    folder = Path(tempfile.mkdtemp(prefix="firmtrie-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=2)
def _opened(path: str) -> Reader:
    """The index, once for each worker process."""
    return open(path)


def _answers(
    batches: Iterator[Any],
    *,
    name: str,
    column: str,
    fields: list[str],
    invalid: Literal["null", "raise"],
) -> Iterator[Any]:
    """What a worker does."""
    db = _opened(SparkFiles.get(name))
    for batch in batches:
        found = db.lookup_arrow(batch.column(column), fields, invalid=invalid)
        columns = [
            # Spark reads no dictionaries.
            pyarrow.array(found[field]).cast(_TYPES.get(field, _TEXT)[1])
            for field in fields
        ]
        yield pyarrow.record_batch([*batch.columns, *columns], [*batch.schema.names, *fields])
