"""pandas: what is known of a column of addresses, as a frame with the same index.

>>> import pandas
>>> import firmtrie, firmtrie.pandas
>>> db = firmtrie.open("companies.firm")
>>> log = pandas.DataFrame({"ip": ["8.1.0.1", "10.0.0.1"]})
>>> log.join(log["ip"].firmtrie.lookup(db, ["company", "asn"])).values.tolist()
[['8.1.0.1', 'Alpha B.V.', 64501], ['10.0.0.1', nan, <NA>]]

pandas hands columns over through pyarrow, which must be installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pandas
import pyarrow

from . import Reader

__all__ = ["Lookups"]


@pandas.api.extensions.register_series_accessor("firmtrie")
class Lookups:
    """What series get by the name ``firmtrie`` when this module is imported."""

    def __init__(self, addresses: Any) -> None:
        self._addresses = addresses

    def lookup(
        self,
        db: Reader,
        fields: Sequence[str] = ("company", "network"),
        *,
        invalid: Literal["null", "raise"] = "null",
    ) -> Any:
        """A frame with a column for each of ``fields``: see :meth:`firmtrie.Reader.lookup_arrow`.

        Texts are categories, ``asn`` is ``UInt32``, ``confidence`` is ``float64``.
        """
        addresses = pyarrow.array(self._addresses, from_pandas=True)
        columns = db.lookup_arrow(addresses, list(fields), invalid=invalid)
        # As floats the numbers of networks would lose their names.
        types = {pyarrow.uint32(): pandas.UInt32Dtype()}
        frame = pyarrow.table(columns).to_pandas(types_mapper=types.get)
        frame.index = self._addresses.index
        return frame
