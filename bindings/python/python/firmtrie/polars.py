"""Polars: an expression that tells of addresses, lazily and in streams too.

>>> import polars
>>> import firmtrie
>>> from firmtrie.polars import lookup
>>> db = firmtrie.open("companies.firm")
>>> log = polars.DataFrame({"ip": ["8.1.0.1", "10.0.0.1"]})
>>> log.with_columns(lookup("ip", db, ["company", "asn"])).rows()
[('8.1.0.1', 'Alpha B.V.', 64501), ('10.0.0.1', None, None)]

Expressions have it by the name ``firmtrie`` too:

>>> log.select(polars.col("ip").firmtrie.lookup(db, ["network"])).row(0)
('8.1.0.0/23',)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars

from . import Reader

__all__ = ["Lookups", "lookup"]


def lookup(
    addresses: str | polars.Expr,
    db: Reader,
    fields: Sequence[str] = ("company", "network"),
    *,
    invalid: Literal["null", "raise"] = "null",
) -> polars.Expr:
    """A column for each of ``fields``, named like it, of the addresses in a column: see
    :meth:`firmtrie.Reader.lookup_arrow`.

    Texts are ``Categorical``, ``asn`` is ``UInt32``, ``confidence`` is ``Float64``. Rows are
    answered each by itself, so that they may come in parts.
    """
    fields = list(fields)

    def answers(addresses: polars.Series) -> polars.Series:
        columns = db.lookup_arrow(addresses, fields, invalid=invalid)
        return polars.DataFrame(columns).to_struct(addresses.name)

    # What fields there are, and of which types, shows without any address.
    shape = answers(polars.Series([], dtype=polars.String)).dtype
    column = polars.col(addresses) if isinstance(addresses, str) else addresses
    rows = column.map_batches(answers, return_dtype=shape, is_elementwise=True)
    return rows.struct.unnest()


@polars.api.register_expr_namespace("firmtrie")
class Lookups:
    """What expressions get by the name ``firmtrie`` when this module is imported."""

    def __init__(self, addresses: polars.Expr) -> None:
        self._addresses = addresses

    def lookup(
        self,
        db: Reader,
        fields: Sequence[str] = ("company", "network"),
        *,
        invalid: Literal["null", "raise"] = "null",
    ) -> polars.Expr:
        """The function :func:`lookup` of this module."""
        return lookup(self._addresses, db, fields, invalid=invalid)
