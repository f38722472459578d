"""The visitor's company on every request: middleware for ASGI (FastAPI, Starlette) and WSGI.

The visitor is found by the rules of :class:`firmtrie.TrustedProxies`: nobody's headers are
believed unless they are a trusted proxy's, and of those only the one that it writes. What is put on
the request is a :class:`Visitor`, which keeps neither the address nor the network. A request is
never refused or lost on account of it: where the index is damaged the visitor is unknown, and the
logger ``firmtrie`` says why.

With a reader that follows a registry, no request that begins after an objection was recorded shows
the firm.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from . import Company, FirmtrieError, Reader, TrustedProxies
from .types import Kind, Status

__all__ = ["AsgiMiddleware", "Visitor", "WsgiMiddleware"]

#: The key under which WSGI applications find the visitor.
ENVIRON = "firmtrie.visitor"

_log = logging.getLogger("firmtrie")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who visits, as far as it may be told: no address, no network.

    >>> Visitor("unknown").company is None
    True
    """

    #: ``company``, ``non_business``, ``withheld`` or ``unknown``.
    status: Status
    #: The company, if the status is ``company``.
    company: Company | None = None
    #: What the visitor's network is used for.
    kind: Kind | None = None


_UNKNOWN = Visitor("unknown")


class _Recognition:
    """What both kinds of middleware do."""

    def __init__(self, reader: Reader, trusted: Iterable[str], header: str) -> None:
        self._reader = reader
        self._proxies = TrustedProxies(list(trusted), header=header)
        self.header = self._proxies.header

    def visitor(self, peer: str, values: list[str]) -> Visitor:
        try:
            address = self._proxies.client(peer, values)
            if address is None:
                return _UNKNOWN
            found = self._reader.classify(address)
            return Visitor(found.status, found.company, found.kind)
        except FirmtrieError as error:
            # An address may be in the message of what it is refused with.
            told = type(error).__name__ if error.kind == "address" else error
            _log.warning("a visitor could not be recognised: %s", told)
            return _UNKNOWN


Scope: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


class AsgiMiddleware:
    """ASGI middleware: the :class:`Visitor` is ``request.state.visitor``.

    ``trusted`` are the prefixes or addresses of the operator's own proxies, ``header`` is the one
    that they write. A server that rewrites the peer itself (such as
    ``uvicorn --proxy-headers``) should not do so as well.

    .. code-block:: python

        app = FastAPI()
        app.add_middleware(AsgiMiddleware, reader=firmtrie.open("companies.firm"))
    """

    def __init__(
        self,
        app: AsgiApp,
        reader: Reader,
        *,
        trusted: Iterable[str] = (),
        header: str = "X-Forwarded-For",
    ) -> None:
        self._app = app
        self._recognition = _Recognition(reader, trusted, header)
        self._header = self._recognition.header.encode()

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] in ("http", "websocket"):
            scope.setdefault("state", {})["visitor"] = self._visitor(scope)
        await self._app(scope, receive, send)

    def _visitor(self, scope: Scope) -> Visitor:
        client = scope.get("client")
        if not client:
            # A socket of the file system: nobody tells who calls.
            return _UNKNOWN
        named = (value for name, value in scope["headers"] if name == self._header)
        return self._recognition.visitor(client[0], [value.decode("latin-1") for value in named])


WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiMiddleware:
    """WSGI middleware: the :class:`Visitor` is ``environ["firmtrie.visitor"]``.

    ``trusted`` are the prefixes or addresses of the operator's own proxies, ``header`` is the one
    that they write.

    .. code-block:: python

        app = Flask(__name__)
        app.wsgi_app = WsgiMiddleware(app.wsgi_app, firmtrie.open("companies.firm"))
    """

    def __init__(
        self,
        app: WsgiApp,
        reader: Reader,
        *,
        trusted: Iterable[str] = (),
        header: str = "X-Forwarded-For",
    ) -> None:
        self._app = app
        self._recognition = _Recognition(reader, trusted, header)
        self._header = "HTTP_" + self._recognition.header.upper().replace("-", "_")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ[ENVIRON] = self._visitor(environ)
        return self._app(environ, start_response)

    def _visitor(self, environ: dict[str, Any]) -> Visitor:
        peer = environ.get("REMOTE_ADDR")
        if not peer:
            return _UNKNOWN
        # A server joins headers of one name with commas.
        values = [environ[self._header]] if self._header in environ else []
        return self._recognition.visitor(peer, values)
