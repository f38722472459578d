"""Which company is behind this IP address?

>>> import firmtrie
>>> db = firmtrie.open("companies.firm")
>>> db.lookup("8.1.0.1").company.name
'Alpha B.V.'
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Literal

from . import types
from ._firmtrie import (
    Classification,
    Column,
    Columns,
    Company,
    Contact,
    Match,
    Networks,
    Reader,
    Registry,
    TrustedProxies,
    __version__,
    _forked,
    build,
)
from .errors import (
    AddressError,
    BuildError,
    ClosedError,
    FileError,
    FirmtrieError,
    IndexFileError,
    MissingFileError,
    RegistryError,
)

__all__ = [
    "AddressError",
    "BuildError",
    "Classification",
    "ClosedError",
    "Column",
    "Columns",
    "Company",
    "Contact",
    "FileError",
    "FirmtrieError",
    "IndexFileError",
    "Match",
    "MissingFileError",
    "Networks",
    "Reader",
    "Registry",
    "RegistryError",
    "TrustedProxies",
    "__version__",
    "build",
    "client_ip",
    "open",
    "types",
]


def open(
    path: str | os.PathLike[str],
    *,
    registry: str | os.PathLike[str] | None = None,
    key: str | os.PathLike[str] | None = None,
    mode: Literal["mmap", "memory"] = "mmap",
    on_error: Callable[[Exception], object] | None = None,
) -> Reader:
    """Open an index file.

    With ``mmap`` (the default) that takes constant time, and all processes share the file's pages.
    The file must then never be changed or cut in place while it is open, or the process may be
    ended by the system; replacing it by another, as every build does, or deleting it is fine. With
    ``memory`` the file is copied, and nothing that happens to it matters.

    With ``registry``, the folder of a registry (and ``key``, if its key is not in it), who objected
    is taken out of the answers: within 100 ms of when it is recorded by another process, at once if
    by this one. The file is then followed too: a new one is taken over by itself.

    What cannot be followed, such as a damaged file, or a registry that is gone or was replaced by
    an older copy, is told to ``on_error`` on another thread, or else to the log ``firmtrie``; the
    next ``reload`` raises it. Meanwhile what was known goes on answering.

    Raises ``MissingFileError``, ``IndexFileError`` or ``RegistryError``.
    """
    return Reader(path, registry=registry, key=key, mode=mode, on_error=on_error)


def client_ip(
    peer: str | None,
    values: Iterable[str] = (),
    *,
    trusted: Iterable[str] = (),
    header: str = "X-Forwarded-For",
) -> str | None:
    """The visitor's address behind proxies; for many make :class:`TrustedProxies` once.

    >>> client_ip("10.0.0.7", ["198.51.100.4"], trusted=["10.0.0.0/8"])
    '198.51.100.4'
    >>> client_ip("10.0.0.7", ["198.51.100.4"])
    '10.0.0.7'
    """
    return TrustedProxies(list(trusted), header=header).client(peer, list(values))


def _reopened(
    path: str, registry: str | None, key: str | None, mode: Literal["mmap", "memory"]
) -> Reader:
    """What a pickled reader becomes."""
    return open(path, registry=registry, key=key, mode=mode)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
