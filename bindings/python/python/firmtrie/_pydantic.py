"""How pydantic, and FastAPI by it, makes JSON of results: as ``dataclasses.asdict`` does.

Without it pydantic would take them for data classes whose fields it cannot see, and answer ``{}``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


def schema(of: type[Any]) -> CoreSchema:
    """The schema of a class of results: one of it passes, and what ``asdict`` makes of one."""
    from pydantic_core import core_schema

    fields = of.__dataclass_fields__.keys()

    def checked(value: Any) -> Any:
        # Frameworks may have made a dict of it on the way.
        if isinstance(value, of) or (isinstance(value, dict) and value.keys() == fields):
            return value
        raise ValueError(f"is no {of.__name__} of firmtrie")

    def plain(value: Any) -> Any:
        return value if isinstance(value, dict) else asdict(value)

    shape = core_schema.dict_schema()
    return core_schema.no_info_plain_validator_function(
        checked,
        json_schema_input_schema=shape,
        serialization=core_schema.plain_serializer_function_ser_schema(plain, return_schema=shape),
    )
