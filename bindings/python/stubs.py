"""Writes the stubs of the native module: what it says of itself, and the imports of its annotations.

Run by `make stubs`, with maturin on the path. A test compares them with the module.
"""

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STUB = "firmtrie/_firmtrie.pyi"
IMPORTS = "import collections.abc\nimport datetime\nimport ipaddress\nimport os\nimport typing\n\nimport firmtrie.types\n"

with tempfile.TemporaryDirectory() as folder:
    command = ["maturin", "generate-stubs", "--profile", "release", "--out", folder]
    subprocess.run(command, cwd=HERE, check=True)
    docstring, rest = Path(folder, STUB).read_text().split('"""\n\n', 1)
(HERE / "python" / STUB).write_text(f'{docstring}"""\n\n{IMPORTS}{rest}')
