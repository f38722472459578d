"""Writes the stubs of the native module: what it says of itself, and imports for its annotations.

Run by `make stubs`, with maturin on the path. A test compares them with the module.
"""

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STUB = "firmtrie/_firmtrie.pyi"
IMPORTS = """\
import collections.abc
import dataclasses
import datetime
import ipaddress
import os
import typing

import firmtrie.types
"""

with tempfile.TemporaryDirectory() as folder:
    command = ["maturin", "generate-stubs", "--profile", "quick", "--out", folder]
    subprocess.run(command, cwd=HERE, check=True)
    # A type checker knows a data class by it.
    fields = "__dataclass_fields__: "
    told = fields + "typing.ClassVar[dict[str, dataclasses.Field[typing.Any]]]"
    docstring, rest = (
        Path(folder, STUB).read_text().replace(fields + "Final[Any]", told).split('"""\n\n', 1)
    )
(HERE / "python" / STUB).write_text(f'{docstring}"""\n\n{IMPORTS}{rest}')
for command in (["ruff", "format"], ["ruff", "check", "--fix", "--select", "I,UP"]):
    subprocess.run([*command, "--quiet", HERE / "python" / STUB], check=True)
