"""The visitor's company on every request: middleware for ASGI (FastAPI, Starlette) and WSGI.

The visitor is found by the rules of :class:`firmtrie.TrustedProxies`: nobody's headers are
believed unless they are a trusted proxy's, and of those only the one that it writes. What is put on
the request is a :class:`Visitor`, which keeps neither the address nor the network. A request is
never refused or lost on account of it: where the index is damaged the visitor is unknown, and the
logger ``firmtrie`` says why.

Headers are read of no request but those that come from ``trusted``: prefixes, addresses,
``loopback`` for a proxy on this machine, ``unix`` for one that comes by a socket of the file
system, as ``uvicorn --uds`` and ``gunicorn --bind unix:`` have it. Requests that look as if a proxy
had sent them, while nobody is trusted, are a warning of the logger ``firmtrie``, once.

With a reader that follows a registry, no request that begins after an objection was recorded shows
the firm.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from . import Company, FirmtrieError, Reader, TrustedProxies
from ._firmtrie import _proxy_headers
from .types import Kind, Status

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

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
        if isinstance(trusted, str):
            raise TypeError(f"trusted is a list of proxies, as in [{trusted!r}], not a str")
        trusted = list(trusted)
        if isinstance(reader, type) or not callable(getattr(reader, "classify", None)):
            raise TypeError(f"the reader is {reader!r}: give what firmtrie.open(...) gives")
        self._reader = reader
        self._proxies = TrustedProxies(trusted, header=header)
        #: Is it looked out for a proxy that nobody trusts?
        self.is_watching = not trusted
        self.header = self._proxies.header

    def look_proxied(self, names: Iterable[str]) -> None:
        """Warns, once, if a header among these tells of a proxy, while nobody is trusted."""
        found = _PROXY_HEADERS.intersection(names)
        if found:
            self.is_watching = False
            _log.warning(
                "requests come with %s, and no proxy is trusted, so that visitors are told by who "
                'connects; if that is your proxy, name it: trusted=["loopback"], ["unix"] or its '
                "prefix",
                min(found),
            )

    def visitor(self, peer: str | None, values: list[str]) -> Visitor:
        """Who visits; no peer is one by a socket of the file system."""
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


#: Headers that tell of a proxy.
_PROXY_HEADERS = frozenset(_proxy_headers())

Scope: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


class AsgiMiddleware:
    """ASGI middleware: the :class:`Visitor` is ``request.state.visitor``.

    ``trusted`` are the operator's own proxies, ``header`` is the one that they write:
    ``X-Forwarded-For`` unless said, ``Forwarded``, or one of a single address such as
    ``X-Real-IP``. A server that rewrites the peer itself should not do so as well:
    ``uvicorn --no-proxy-headers``.

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
        client, server, headers = scope.get("client"), scope.get("server"), scope["headers"]
        # No client is not enough: one who hangs up is none, and could pretend to be a proxy.
        if not client and server and server[1] is not None:
            return _UNKNOWN
        if self._recognition.is_watching:
            self._recognition.look_proxied(name.decode("latin-1") for name, _ in headers)
        named = (value for name, value in headers if name == self._header)
        values = [value.decode("latin-1") for value in named]
        return self._recognition.visitor(client[0] if client else None, values)


class WsgiHost(Protocol):
    """What holds its WSGI application in an attribute, as Flask does."""

    @property
    def wsgi_app(self) -> WSGIApplication: ...


class WsgiMiddleware:
    """WSGI middleware: the :class:`Visitor` is ``environ["firmtrie.visitor"]``.

    ``trusted`` are the operator's own proxies, ``header`` is the one that they write.

    .. code-block:: python

        app = Flask(__name__)
        WsgiMiddleware.install(app, firmtrie.open("companies.firm"))
    """

    @classmethod
    def install(
        cls,
        host: WsgiHost,
        reader: Reader,
        *,
        trusted: Iterable[str] = (),
        header: str = "X-Forwarded-For",
    ) -> None:
        """Puts itself around ``host.wsgi_app``, as of Flask."""
        wrapped = cls(host.wsgi_app, reader, trusted=trusted, header=header)
        # To a type checker it is a method, which nobody assigns to.
        setattr(host, "wsgi_app", wrapped)  # noqa: B010

    def __init__(
        self,
        app: WSGIApplication,
        reader: Reader,
        *,
        trusted: Iterable[str] = (),
        header: str = "X-Forwarded-For",
    ) -> None:
        self._app = app
        self._recognition = _Recognition(reader, trusted, header)
        self._header = "HTTP_" + self._recognition.header.upper().replace("-", "_")

    def __call__(
        self, environ: WSGIEnvironment, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ[ENVIRON] = self._visitor(environ)
        return self._app(environ, start_response)

    def _visitor(self, environ: WSGIEnvironment) -> Visitor:
        # By a socket of the file system there is none.
        peer = environ.get("REMOTE_ADDR") or None
        if self._recognition.is_watching:
            self._recognition.look_proxied(
                name[5:].lower().replace("_", "-") for name in environ if name.startswith("HTTP_")
            )
        # A server joins headers of one name with commas.
        values = [environ[self._header]] if self._header in environ else []
        return self._recognition.visitor(peer, values)
