"""DuckDB: a function of SQL that tells of an address, and relations with what is known of theirs.

>>> import duckdb
>>> import firmtrie, firmtrie.duckdb
>>> db = firmtrie.open("companies.firm")
>>> connection = duckdb.connect()
>>> firmtrie.duckdb.register(connection, db, ["company", "asn"])
>>> log = "values ('8.1.0.1'), ('10.0.0.1')"
>>> connection.sql(f"select ip, unnest(firmtrie(ip)) from ({log}) log(ip)").fetchall()
[('8.1.0.1', 'Alpha B.V.', 64501), ('10.0.0.1', None, None)]

DuckDB calls a function for 2,048 rows at a time. For millions :func:`annotate` takes less than
half of the time:

>>> visits = connection.sql(f"select * from ({log}) log(ip)")
>>> firmtrie.duckdb.annotate(connection, visits, "ip", db, ["company"]).fetchall()
[('8.1.0.1', 'Alpha B.V.'), ('10.0.0.1', None)]

DuckDB hands columns over through pyarrow, which must be installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import duckdb
import pyarrow

from . import Reader
from ._frames import fitting, known

__all__ = ["annotate", "register"]

#: Types of columns that are no text.
_TYPES = {"asn": "UINTEGER", "confidence": "DOUBLE"}


def register(
    connection: duckdb.DuckDBPyConnection,
    db: Reader,
    fields: Sequence[str] = ("company", "network"),
    *,
    name: str = "firmtrie",
    invalid: Literal["null", "raise"] = "null",
) -> None:
    """Adds a function to a connection: of a text, to a struct of ``fields``, which ``unnest`` makes
    columns of. See :meth:`firmtrie.Reader.lookup_arrow` for the fields.

    ``name`` is what the function is called: another for other fields, or for another index.
    """
    # A field that is none is refused now, and not by the first query.
    fields = known(db, fields)

    def answers(addresses: Any) -> Any:
        columns = db.lookup_arrow(addresses, fields, invalid=invalid)
        return pyarrow.record_batch(columns).to_struct_array()

    shape = duckdb.struct_type({field: _TYPES.get(field, "VARCHAR") for field in fields})
    connection.create_function(
        name, answers, ["VARCHAR"], shape, type="arrow", null_handling="special"
    )


def annotate(
    connection: duckdb.DuckDBPyConnection,
    relation: duckdb.DuckDBPyRelation | str,
    column: str,
    db: Reader,
    fields: Sequence[str] = ("company", "network"),
    *,
    invalid: Literal["null", "raise"] = "null",
) -> duckdb.DuckDBPyRelation:
    """A relation, or what a query gives, with a column more for each of ``fields``, of the
    addresses in ``column``. See :meth:`firmtrie.Reader.lookup_arrow` for the fields.

    All rows are read now, and kept by the relation that is given.
    """
    asked = connection.sql(relation) if isinstance(relation, str) else relation
    if asked is None:
        raise ValueError(f"{relation!r} gives no rows: give a query that does")
    fields = known(db, fields)
    fitting("relation", asked.columns, column, fields)
    table = asked.to_arrow_table()
    found = pyarrow.table(db.lookup_arrow(table[column], fields, invalid=invalid))
    for field in fields:
        table = table.append_column(field, found[field])
    return connection.from_arrow(table)
