"""What is asked of a frame, or a relation, is refused before any of its rows is read."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow

from . import Reader


def known(db: Reader, fields: Sequence[str]) -> list[str]:
    """The fields, of which each is one."""
    fields = list(fields)
    db.lookup_arrow(pyarrow.array([], pyarrow.string()), fields)
    return fields


def fitting(what: str, columns: Sequence[str], column: str, fields: Sequence[str]) -> None:
    """There is a column of addresses, and none yet that is called as a field.

    ``what`` is the word for what has these ``columns``.
    """
    taken = sorted({name.lower() for name in columns} & set(fields))
    if taken:
        raise ValueError(f"the {what} has {', '.join(taken)} already: rename or drop them first")
    if column not in columns:
        raise ValueError(f"the {what} has no column {column!r}, but {', '.join(columns)}")
