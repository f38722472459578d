"""The visitor's company on every request: middleware for ASGI (FastAPI, Starlette) and WSGI.

The visitor is found by the rules of :class:`firmtrie.TrustedProxies`: nobody's headers are
believed unless they are a trusted proxy's. What is put on the request is a :class:`Visitor`, which
keeps neither the address nor the network. A request is never refused or lost on account of it:
where the index is damaged the visitor is unknown, and the logger ``firmtrie`` says why.

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

    def __init__(self, reader: Reader, trusted: Iterable[str]) -> None:
        self._reader = reader
        self._proxies = TrustedProxies(list(trusted))

    def visitor(self, peer: str, forwarded: list[str], x_forwarded_for: list[str]) -> Visitor:
        try:
            address = self._proxies.client(
                peer, forwarded=forwarded, x_forwarded_for=x_forwarded_for
            )
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

    ``trusted`` are the prefixes or addresses of the operator's own proxies. A server that rewrites
    the peer itself (such as ``uvicorn --proxy-headers``) should not do so as well.

    .. code-block:: python

        app = FastAPI()
        app.add_middleware(AsgiMiddleware, reader=firmtrie.open("companies.firm"))
    """

    def __init__(self, app: AsgiApp, reader: Reader, *, trusted: Iterable[str] = ()) -> None:
        self._app = app
        self._recognition = _Recognition(reader, trusted)

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
        headers: dict[bytes, list[str]] = {b"forwarded": [], b"x-forwarded-for": []}
        for name, value in scope["headers"]:
            if name in headers:
                headers[name].append(value.decode("latin-1"))
        return self._recognition.visitor(
            client[0], headers[b"forwarded"], headers[b"x-forwarded-for"]
        )


WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiMiddleware:
    """WSGI middleware: the :class:`Visitor` is ``environ["firmtrie.visitor"]``.

    ``trusted`` are the prefixes or addresses of the operator's own proxies.

    .. code-block:: python

        app = Flask(__name__)
        app.wsgi_app = WsgiMiddleware(app.wsgi_app, firmtrie.open("companies.firm"))
    """

    def __init__(self, app: WsgiApp, reader: Reader, *, trusted: Iterable[str] = ()) -> None:
        self._app = app
        self._recognition = _Recognition(reader, trusted)

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
        named = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR")
        forwarded, x_forwarded_for = ([environ[n]] if n in environ else [] for n in named)
        return self._recognition.visitor(peer, forwarded, x_forwarded_for)
