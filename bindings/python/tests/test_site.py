"""What a site operator meets in the first hour: sockets, proxies on this machine, slips, and errors
in their words."""

from __future__ import annotations

import asyncio
import errno
import http.client
import logging
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

import firmtrie
from firmtrie.http import AsgiMiddleware, Visitor, WsgiMiddleware

from .conftest import VECTORS
from .test_http import FASTAPI, FLASK
from .test_registry import waited


class ThroughSocket(http.client.HTTPConnection):
    """A connection through a socket of the file system, as of nginx."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.at = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.at))


def listens(connection: ThroughSocket) -> bool:
    # A server's socket is in the file system before it listens.
    try:
        connection.connect()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("program", ["uvicorn", "gunicorn"])
def test_a_proxy_that_comes_by_a_unix_socket_is_trusted_when_told(
    program: str, world: Path, tmp_path: Path
) -> None:
    (tmp_path / "companies.firm").write_bytes(world.read_bytes())
    firmtrie.Registry.create(tmp_path / "registry")
    for name, site in (("asgi", FASTAPI), ("wsgi", FLASK)):
        (tmp_path / f"site_{name}.py").write_text(site.replace('"127.0.0.1"', '"unix"'))
    at = tmp_path / "site.sock"
    command = {
        "uvicorn": ["uvicorn", "site_asgi:app", "--uds", str(at), "--no-proxy-headers"],
        "gunicorn": ["gunicorn", "site_wsgi:app", "--bind", f"unix:{at}"],
    }[program]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path)
    try:
        connection = ThroughSocket(at)
        waited(lambda: listens(connection))
        for headers, status in (
            ({"X-Forwarded-For": "9.9.9.9, 8.1.0.1"}, "company"),
            ({"X-Forwarded-For": "8.2.0.1"}, "non_business"),
            ({}, "unknown"),
        ):
            connection.request("GET", "/", headers=headers)
            assert f'"status":"{status}"' in connection.getresponse().read().decode()
    finally:
        process.terminate()
        process.wait(10)


def asgi(reader: firmtrie.Reader, scope: dict[str, Any], trusted: list[str]) -> Visitor:
    """The visitor that an ASGI application sees."""
    seen: list[Visitor] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["state"]["visitor"])

    unused: Any = None
    middleware = AsgiMiddleware(app, reader, trusted=trusted)
    asyncio.run(middleware({"type": "http", **scope}, unused, unused))
    return seen[0]


def test_who_has_hung_up_is_no_proxy(db: firmtrie.Reader) -> None:
    # Its peer is gone; by a socket of the file system there never was one.
    headers = [(b"x-forwarded-for", b"8.1.0.1")]
    gone = {"client": None, "server": ("127.0.0.1", 80), "headers": headers}
    local = {"client": None, "server": ("/run/site.sock", None), "headers": headers}
    assert asgi(db, gone, ["unix"]).status == "unknown"
    assert asgi(db, local, ["unix"]).status == "company"
    assert asgi(db, local, []).status == "unknown"


def test_a_request_that_looks_proxied_while_nobody_is_trusted_warns_once(
    db: firmtrie.Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "firmtrie"):
        middleware = WsgiMiddleware(lambda _environ, _start: [], db)
        plain = {"REMOTE_ADDR": "127.0.0.1", "HTTP_ACCEPT": "*/*"}
        middleware(plain, print)
        assert caplog.records == []
        for _ in range(3):
            middleware({**plain, "HTTP_X_FORWARDED_FOR": "8.1.0.1"}, print)
        assert len(caplog.records) == 1
        said = caplog.text
        assert "x-forwarded-for" in said and "loopback" in said and "8.1.0.1" not in said
        trusting = WsgiMiddleware(lambda _environ, _start: [], db, trusted=["loopback"])
        trusting({**plain, "HTTP_X_FORWARDED_FOR": "8.1.0.1"}, print)
        assert len(caplog.records) == 1


def test_flask_takes_the_middleware_and_a_type_checker_too(db: firmtrie.Reader) -> None:
    # This file is checked strictly.
    app = Flask("site")
    WsgiMiddleware.install(app, db, trusted=["loopback"])

    @app.get("/")
    def hello() -> str:
        visitor: Visitor = request.environ["firmtrie.visitor"]
        return visitor.company.name if visitor.company else visitor.status

    answer = app.test_client().get("/", headers={"X-Forwarded-For": "8.1.0.1"})
    assert answer.text == "Alpha B.V."


def test_slips_are_told_in_the_operators_words(db: firmtrie.Reader, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"trusted is a list of proxies, as in \['10.0.0.0/8'\]"):
        WsgiMiddleware(lambda _environ, _start: [], db, trusted="10.0.0.0/8")
    with pytest.raises(
        firmtrie.AddressError, match='"localhost" is no proxy; .* loopback for this'
    ):
        firmtrie.TrustedProxies(["localhost"])
    with pytest.raises(firmtrie.FileError, match="Is a directory") as refused:
        firmtrie.open(tmp_path)
    assert refused.value.errno == errno.EISDIR and refused.value.filename == str(tmp_path)
    with pytest.raises(TypeError, match="address 1: an address is a str, .* not NoneType"):
        db.lookup_many(["8.1.0.1", None])  # type: ignore[list-item]
    with pytest.raises(firmtrie.AddressError, match='address 2: "8.1.0" is not an IPv4 or IPv6'):
        db.lookup_many(["8.1.0.1", "8.2.0.1", "8.1.0"])
    with pytest.raises(firmtrie.FirmtrieError, match='on_error is "raise" or "none", not "null"'):
        db.lookup_many([], on_error="null")  # type: ignore[arg-type]
    registry = firmtrie.Registry.create(tmp_path / "registry")
    any_app: Any = object()
    kinds: tuple[Any, ...] = (AsgiMiddleware, WsgiMiddleware)
    for reader in ("world.firm", None, firmtrie.open, firmtrie.Reader):
        for kind in kinds:
            with pytest.raises(TypeError, match=r"give what firmtrie.open\(...\) gives"):
                kind(any_app, reader)
    wrong: tuple[Any, ...] = (5, True, b"Foo", ["A", 7], {"a": 1})
    for value in wrong:
        with pytest.raises(TypeError, match="name is a str, not"):
            registry.object(name=value)
    with pytest.raises(TypeError, match="sure is a bool, not str"):
        registry.object(name="A", sure="yes")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="received is a date or a str, not int"):
        registry.object(name="A", received=5)  # type: ignore[arg-type]
    assert registry.entries() == []
    with pytest.raises(TypeError, match='no keyword "phone"; there are lei, vat, .*, index'):
        registry.object(phone="1")  # type: ignore[call-arg]


def test_of_a_list_bad_addresses_are_nobodys_when_told(db: firmtrie.Reader) -> None:
    addresses: list[Any] = ["8.1.0", "8.1.0.1", None, "", "8.2.3.4", 3.5, True]
    found = db.lookup_many(addresses, on_error="none")
    names = [match and match.company.name for match in found]
    assert names == [None, "Alpha B.V.", None, None, "Alpha B.V.", None, None]


def test_a_file_that_is_not_there_is_told_as_the_system_does(tmp_path: Path) -> None:
    path = tmp_path / "none.firm"
    with pytest.raises(FileNotFoundError) as missing:
        firmtrie.open(path)
    error = missing.value
    assert isinstance(error, firmtrie.MissingFileError)
    assert (error.errno, error.filename, error.kind) == (errno.ENOENT, str(path), "io")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.errno) == (type(error), str(error), errno.ENOENT)
    assert again.filename == error.filename


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import version

    assert firmtrie.__version__ == version("firmtrie")


def test_a_report_is_written_beside_the_index_and_nothing_else_is_overwritten(
    tmp_path: Path,
) -> None:
    manifest = VECTORS / "world" / "firmtrie.toml"
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam")
    with pytest.raises(firmtrie.BuildError, match="is not an index") as refused:
        firmtrie.build(manifest, letter)
    assert refused.value.kind == "output"
    with pytest.raises(firmtrie.BuildError, match="is not a report"):
        firmtrie.build(manifest, tmp_path / "x.firm", report=letter)
    assert letter.read_text() == "Dear Sir or Madam" and not (tmp_path / "x.firm").exists()
    firmtrie.build(manifest, tmp_path / "x.firm", report=tmp_path / "report.json")
    assert '"left_out"' in (tmp_path / "report.json").read_text()
    firmtrie.build(manifest, letter, force=True)
    assert letter.read_bytes().startswith(b"FIRMTRIE")
