"""Types and documentation: what they say is what there is."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import firmtrie
import firmtrie._firmtrie

from .conftest import VECTORS, rows

HERE = Path(__file__).parent


def run(*command: str, cwd: Path = HERE) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_are_the_module() -> None:
    run(sys.executable, "-m", "mypy.stubtest", "firmtrie._firmtrie")


def snippets(path: Path) -> str:
    """The Python of a page, each block a function of its own."""
    blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
    assert blocks
    indent = "\n    "
    return "\n\n".join(
        f"def block_{n}() -> None:{indent}{indent.join(block.splitlines())}\n"
        for n, block in enumerate(blocks)
    )


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_tests_and_the_readme_are_strictly_typed(checker: str, tmp_path: Path) -> None:
    # Beside the package as users have it: a copy, since the project may lie beside its sources.
    tests = tmp_path / "tests"
    shutil.copytree(HERE, tests, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "readme.py").write_text(snippets(HERE.parent / "README.md"))
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    options = {
        # Not every library beside it has types.
        "mypy": ["--strict", "--disable-error-code=import-untyped"]
        + ["--python-executable", sys.executable, "."],
        "pyright": ["--pythonpath", sys.executable],
    }
    run(sys.executable, "-m", checker, *options[checker], cwd=tmp_path)


def test_examples_in_the_documentation_hold(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(world, "companies.firm")
    rows(Path("asn.csv"), "11.0.0.0,11.0.0.255,1,Firm B.V.")
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    tried = 0
    for module in (firmtrie, firmtrie._firmtrie, firmtrie.errors):
        for test in finder.find(module, module.__name__):
            test.globs.update(firmtrie=firmtrie, db=firmtrie.open("companies.firm"))
            test.globs["client_ip"] = firmtrie.client_ip
            tried += len(test.examples)
            runner.run(test)
    assert tried > 15
    assert runner.summarize().failed == 0


def test_everything_public_is_documented() -> None:
    for name in firmtrie.__all__:
        thing = getattr(firmtrie, name)
        assert thing.__doc__, name
        for member in vars(thing) if isinstance(thing, type) else ():
            if not member.startswith("_") and member not in ("with_traceback", "kind"):
                assert getattr(thing, member).__doc__, f"{name}.{member}"


EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)


def check_examples(page: Path, run: Callable[[str], str | None]) -> int:
    """Compares what the examples of a page print with what stands below them, or writes that anew.

    ``run`` gives nothing where an example cannot be run here.
    """

    def shown(example: re.Match[str]) -> str:
        printed = run(example[1])
        if printed is None:
            return example[0]
        assert printed, f"an example that prints nothing proves nothing:\n{example[1]}"
        return f"```python\n{example[1]}```\n\n```text\n{printed}```\n"

    written = page.read_text()
    printed, count = EXAMPLE.subn(shown, written)
    if "FIRMTRIE_README" in os.environ:
        page.write_text(printed)
    else:
        assert written == printed, "`make readme` writes it anew"
    return count


def run_here(code: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    return printed.getvalue()


def run_apart(code: str) -> str | None:
    """Spark, where there is Java, which stays in the folder where it began: it begins here."""
    if not shutil.which("java"):
        return None
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(VECTORS, tmp_path / "tests" / "vectors")
    requests = ('"GET / HTTP/1.1" 200 1', '"GET /a HTTP/1.1" 404 0 "-" "curl"')
    visits = [
        f"{ip} - - [01/Nov/2026:00:00:00 +0000] {request}"
        for ip in ("8.1.0.1", "8.2.0.1", "8.1.0.1", "2600:100::1")
        for request in requests
    ]
    rows(Path("access.log"), *visits)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)

    def run(code: str) -> str | None:
        return run_apart(code) if "pyspark" in code else run_here(code)

    assert check_examples(HERE.parent / "README.md", run) >= 8


def test_the_projects_readme_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = VECTORS.parent.parent
    files = [project / "datasets" / "asn" / f"asn-ipv{version}.csv" for version in (4, 6)]
    source = {"name": "asn", "format": "asn-csv", "path": files, "basis": "public routing table"}
    firmtrie.build({"source": [source]}, "companies.firm")
    assert check_examples(project / "README.md", run_here) == 2
