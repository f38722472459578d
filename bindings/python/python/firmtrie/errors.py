"""What can go wrong. Every exception of this package is a :class:`FirmtrieError`.

Messages name the file, the line and the value they speak of. Where a built-in exception says the
same, the exception is one of those too: an address that is none is a ``ValueError``, a file that is
not there a ``FileNotFoundError``.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "AddressError",
    "BuildError",
    "ClosedError",
    "FileError",
    "FirmtrieError",
    "IndexFileError",
    "MissingFileError",
    "RegistryError",
]


class FirmtrieError(Exception):
    """Anything that goes wrong. ``kind`` is the word that every surface of firmtrie has for it."""

    kind: str = "usage"


class AddressError(FirmtrieError, ValueError):
    """A text, number or packed address that is no address, or a prefix that is none."""


class IndexFileError(FirmtrieError):
    """A file that is no index, is of another version, or is damaged."""


class BuildError(FirmtrieError, ValueError):
    """A row, source, manifest or policy that cannot be built from, or a file that would be lost."""


class RegistryError(FirmtrieError):
    """A registry that is refused: not there, another key, or a request that cannot be held."""


class FileError(FirmtrieError, OSError):
    """A file that cannot be read or written, with ``errno`` and ``filename``."""

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Callable[..., FirmtrieError], tuple[object, ...]]:
        kind = "missing" if isinstance(self, MissingFileError) else self.kind
        return _of_kind, (kind, str(self), self.errno, self.filename)


class MissingFileError(FileError, FileNotFoundError):
    """A file that is not there."""


class ClosedError(FirmtrieError, ValueError):
    """A reader that was closed is asked."""


_CLASSES: dict[str, type[FirmtrieError]] = {
    "address": AddressError,
    "prefix": AddressError,
    "range": AddressError,
    "not_an_index": IndexFileError,
    "damaged": IndexFileError,
    "bad_row": BuildError,
    "source": BuildError,
    "output": BuildError,
    "manifest": BuildError,
    "policy": BuildError,
    "too_large": BuildError,
    "registry": RegistryError,
    "identifier": RegistryError,
    "io": FileError,
    "missing": MissingFileError,
    "closed": ClosedError,
}


def _of_kind(
    kind: str, message: str, errno: int | None = None, filename: str | None = None
) -> FirmtrieError:
    """The exception of a kind of error; that of a file has what the system said, and of which."""
    error = _CLASSES.get(kind, FirmtrieError)(message)
    error.kind = "io" if kind == "missing" else kind
    if isinstance(error, FileError):
        error.errno, error.filename = errno, filename
    return error
