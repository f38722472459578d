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
import datetime
import ipaddress
import os
import typing

import firmtrie.types
"""

with tempfile.TemporaryDirectory() as folder:
    command = ["maturin", "generate-stubs", "--profile", "quick", "--out", folder]
    subprocess.run(command, cwd=HERE, check=True)
    docstring, rest = Path(folder, STUB).read_text().split('"""\n\n', 1)
(HERE / "python" / STUB).write_text(f'{docstring}"""\n\n{IMPORTS}{rest}')
for command in (["ruff", "format"], ["ruff", "check", "--fix", "--select", "I,UP"]):
    subprocess.run([*command, "--quiet", HERE / "python" / STUB], check=True)
