"""Polars: an expression that tells of addresses, lazily and in streams too.

>>> import polars
>>> import firmtrie, firmtrie.polars
>>> db = firmtrie.open("companies.firm")
>>> log = polars.DataFrame({"ip": ["8.1.0.1", "10.0.0.1"]})
>>> log.with_columns(polars.col("ip").firmtrie.lookup(db, ["company", "asn"])).rows()
[('8.1.0.1', 'Alpha B.V.', 64501), ('10.0.0.1', None, None)]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars

from . import Reader

__all__ = ["Lookups"]


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
        """A column for each of ``fields``, named like it: see :meth:`firmtrie.Reader.lookup_arrow`.

        Texts are ``Categorical``, ``asn`` is ``UInt32``, ``confidence`` is ``Float64``. Rows are
        answered each by itself, so that they may come in parts.
        """
        fields = list(fields)

        def answers(addresses: polars.Series) -> polars.Series:
            columns = db.lookup_arrow(addresses, fields, invalid=invalid)
            return polars.DataFrame(columns).to_struct(addresses.name)

        # What fields there are, and of which types, shows without any address.
        shape = answers(polars.Series([], dtype=polars.String)).dtype
        rows = self._addresses.map_batches(answers, return_dtype=shape, is_elementwise=True)
        return rows.struct.unnest()
