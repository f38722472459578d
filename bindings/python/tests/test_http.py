"""The middleware in real servers, under load, on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

import firmtrie
from firmtrie.http import AsgiMiddleware, Visitor, WsgiMiddleware

from .conftest import firms
from .test_registry import waited

FASTAPI = """
import firmtrie
from fastapi import FastAPI, Request
from firmtrie.http import AsgiMiddleware

app = FastAPI()
reader = firmtrie.open("companies.firm", registry="registry")
app.add_middleware(AsgiMiddleware, reader=reader, trusted=["127.0.0.1"])

@app.get("/")
async def who(request: Request) -> dict:
    visitor = request.state.visitor
    return {"status": visitor.status, "company": visitor.company and visitor.company.name,
            "told": repr(visitor)}
"""

FLASK = """
import firmtrie
from flask import Flask, request
from firmtrie.http import WsgiMiddleware

app = Flask(__name__)
reader = firmtrie.open("companies.firm", registry="registry")
app.wsgi_app = WsgiMiddleware(app.wsgi_app, reader, trusted=["127.0.0.1"])

@app.get("/")
def who() -> dict:
    visitor = request.environ["firmtrie.visitor"]
    return {"status": visitor.status, "company": visitor.company and visitor.company.name,
            "told": repr(visitor)}
"""


#: An officer's desk: what it records it acknowledges, and every worker answers under its number.
DESK = """
import os
import firmtrie
from flask import Flask

app = Flask(__name__)
registry = firmtrie.Registry("registry")
reader = firmtrie.open("companies.firm", registry="registry")

@app.get("/object/<int:firm>")
def object(firm: int) -> dict:
    recorded = registry.object(name=f"Firm {firm} B.V.")
    return {"entry": recorded["entry"], "shown": shown()["firms"]}

@app.get("/shown")
def shown() -> dict:
    firms = [n for n in range(200) if reader.lookup(f"11.0.{n}.9")]
    return {"worker": os.getpid(), "firms": firms}
"""


def test_a_daemon_of_many_workers_loses_no_objection_when_they_are_killed_and_replaced(
    tmp_path: Path,
) -> None:
    firms(tmp_path, 200)
    registry = firmtrie.Registry.create(tmp_path / "registry")
    (tmp_path / "desk.py").write_text(DESK)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The application is loaded before the master is a daemon and its workers are forked.
    command = [sys.executable, "-m", "gunicorn", "desk:app", "--daemon", "--preload", "--workers=3"]
    command += ["--bind", f"127.0.0.1:{port}", "--pid", "pid", "--log-file", "log"]
    subprocess.run(command, cwd=tmp_path, check=True)
    waited(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    master = int((tmp_path / "pid").read_text())

    def ask(path: str) -> Any:
        """An answer, or nothing, where a worker was killed meanwhile."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                return json.load(answer)
        except OSError:
            return None

    try:
        waited(lambda: ask("/shown"))
        acknowledged: set[int] = set()
        for firm in range(60):
            told = ask(f"/object/{firm}")
            if told is not None:
                acknowledged.add(firm)
                assert firm not in told["shown"]
            if firm % 10 == 5:
                os.kill(ask("/shown")["worker"], signal.SIGKILL)
            if firm == 30:
                os.kill(master, signal.SIGHUP)
            if firm % 20 == 9:
                # Another process has a look, and so opens and closes the database.
                assert len(registry.entries()) >= len(acknowledged)
        assert len(acknowledged) > 40
        obeyed: set[int] = set()

        def all_workers_obey() -> bool:
            answer = ask("/shown")
            if answer and not acknowledged.intersection(answer["firms"]):
                obeyed.add(answer["worker"])
            return len(obeyed) >= 3

        waited(all_workers_obey)
        anew = firmtrie.open(tmp_path / "companies.firm", registry=tmp_path / "registry")
        assert not [firm for firm in acknowledged if anew.lookup(f"11.0.{firm}.9")]
        assert all(anew.lookup(f"11.0.{firm}.9") for firm in range(60, 200))
    finally:
        os.kill(master, signal.SIGTERM)
        waited(lambda: not (tmp_path / "pid").exists())


class Server:
    """A server in a process of its own, of the firms in a folder."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        at = f"127.0.0.1:{self.port}"
        commands = {
            "uvicorn": ["uvicorn", "site_asgi:app", "--port", str(self.port), "--no-proxy-headers"],
            "gunicorn": ["gunicorn", "site_wsgi:app", "--bind", at, "--threads", "4"],
        }
        command = [sys.executable, "-m", *commands[program], "--log-level", "warning"]
        self.process = subprocess.Popen(command, cwd=folder)
        self.wait()

    def wait(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                self.ask(HTTPConnection("127.0.0.1", self.port), {})
                return
            except OSError:
                assert time.monotonic() < until, "the server never came"
                time.sleep(0.05)

    @staticmethod
    def ask(connection: HTTPConnection, headers: dict[str, str]) -> Any:
        connection.request("GET", "/", headers=headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return json.loads(body)


@pytest.fixture(params=["uvicorn", "gunicorn"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    firms(tmp_path)
    firmtrie.Registry.create(tmp_path / "registry")
    (tmp_path / "site_asgi.py").write_text(FASTAPI)
    (tmp_path / "site_wsgi.py").write_text(FLASK)
    server = Server(tmp_path, request.param)
    yield server
    server.process.terminate()
    assert server.process.wait(10) is not None


def test_the_visitors_company_is_on_the_request(server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.port)
    for firm in range(8):
        for headers in (
            {"X-Forwarded-For": f"11.0.0.1, 11.0.{firm}.9"},
            # What the proxy does not write is the visitor's word.
            {"Forwarded": "for=11.0.0.1", "X-Forwarded-For": f"11.0.{firm}.9"},
            {"CF-Connecting-IP": "11.0.0.1", "X-Forwarded-For": f"11.0.{firm}.9"},
        ):
            answer = server.ask(connection, headers)
            assert answer["company"] == f"Firm {firm} B.V."
            assert "11.0" not in answer["told"]
    # Nobody is there, or nobody can be told; every request is answered.
    for headers in (
        {},
        {"X-Forwarded-For": "unknown"},
        {"X-Forwarded-For": ";', 300.1.1.1"},
        {"Forwarded": "for=11.0.1.9"},
        {"X-Real-IP": "11.0.1.9"},
    ):
        assert server.ask(connection, headers)["company"] is None


def test_under_load_no_request_after_an_objection_shows_the_firm(server: Server) -> None:
    followed: dict[int, float] = {}
    wrong: list[str] = []
    asked = [0]
    stop = threading.Event()

    def visit(first: int) -> None:
        connection = HTTPConnection("127.0.0.1", server.port)
        firm = first
        while not stop.is_set():
            firm = (firm + 3) % 8
            begun = time.monotonic()
            out = followed.get(firm)
            told = server.ask(connection, {"X-Forwarded-For": f"11.0.{firm}.9"})["company"]
            asked[0] += 1
            if told not in (None, f"Firm {firm} B.V."):
                wrong.append(f"{firm} was told to be {told}")
            if told and out is not None and begun > out:
                wrong.append(f"{told} was shown {begun - out} s after it was gone")

    visitors = [threading.Thread(target=visit, args=(n,)) for n in range(6)]
    for visitor in visitors:
        visitor.start()
    registry = firmtrie.Registry(server.folder / "registry")
    for firm in range(0, 8, 2):
        time.sleep(0.3)
        # Another process records it; it is gone when the server has followed, and stays gone.
        registry.object(name=f"Firm {firm} B.V.")
        asking, address = HTTPConnection("127.0.0.1", server.port), f"11.0.{firm}.9"
        until = time.monotonic() + 30
        while server.ask(asking, {"X-Forwarded-For": address})["company"] is not None:
            assert time.monotonic() < until, "it was never followed"
        followed[firm] = time.monotonic()
    time.sleep(0.5)
    stop.set()
    for visitor in visitors:
        visitor.join()
    assert not wrong
    assert asked[0] > 200
    connection = HTTPConnection("127.0.0.1", server.port)
    shown = [
        server.ask(connection, {"X-Forwarded-For": f"11.0.{firm}.9"})["company"]
        for firm in range(8)
    ]
    assert [told is not None for told in shown] == [False, True] * 4


def test_nothing_of_a_request_is_lost_where_the_index_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = firmtrie.open(firms(tmp_path))
    reader.close()
    environ: dict[str, Any] = {"REMOTE_ADDR": "11.0.1.9"}
    WsgiMiddleware(lambda _environ, _start: [], reader)(environ, print)
    assert environ["firmtrie.visitor"].status == "unknown"
    assert "closed" in caplog.text
    caplog.clear()
    for peer in ("", "@", "11.0.1.9999"):
        WsgiMiddleware(lambda _environ, _start: [], reader)({"REMOTE_ADDR": peer}, print)
    assert "9999" not in caplog.text


def test_other_scopes_are_left_alone(db: firmtrie.Reader) -> None:
    import asyncio

    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    async def ask() -> None:
        middleware = AsgiMiddleware(app, db)
        unused: Any = None
        await middleware({"type": "lifespan"}, unused, unused)
        await middleware({"type": "http", "client": None, "headers": []}, unused, unused)
        peer = ("8.1.0.1", 1)
        await middleware({"type": "websocket", "client": peer, "headers": []}, unused, unused)

    asyncio.run(ask())
    assert scopes[0] == {"type": "lifespan"}
    assert scopes[1]["state"]["visitor"].status == "unknown"
    assert scopes[2]["state"]["visitor"].company.name == "Alpha B.V."


@pytest.mark.parametrize("header", ["Forwarded", "CF-Connecting-IP"])
def test_of_all_headers_the_one_that_the_proxy_writes_is_read(tmp_path: Path, header: str) -> None:
    reader = firmtrie.open(firms(tmp_path))
    forged = {"HTTP_X_FORWARDED_FOR": "11.0.1.9", "HTTP_TRUE_CLIENT_IP": "11.0.1.9"}
    written = "for=11.0.2.9" if header == "Forwarded" else "11.0.2.9"
    name = "HTTP_" + header.upper().replace("-", "_")
    seen: list[Visitor] = []

    def app(environ: dict[str, Any], _: Any) -> list[bytes]:
        seen.append(environ["firmtrie.visitor"])
        return []

    middleware = WsgiMiddleware(app, reader, trusted=["127.0.0.1"], header=header)
    middleware({"REMOTE_ADDR": "127.0.0.1", **forged, name: written}, lambda *_: None)
    middleware({"REMOTE_ADDR": "127.0.0.1", **forged}, lambda *_: None)
    assert [visitor.company and visitor.company.name for visitor in seen] == ["Firm 2 B.V.", None]
    with pytest.raises(firmtrie.FirmtrieError, match="is no header"):
        WsgiMiddleware(app, reader, header="X-Forwaded-For")
