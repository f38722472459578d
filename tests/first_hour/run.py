"""The first hour of a new user, in a clean folder: install what users get, build, ask, serve behind
nginx by TCP and by sockets of the file system, object, see it take effect.

``run.py FIRMTRIE WHEEL TARBALL...``, with nginx, npm and a network. Everything is gone afterwards.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
WORLD = HERE.parent / "vectors" / "world"
#: Seconds in which a server has to be there.
PATIENCE = 60
#: What is installed beside the packages.
PYTHON = ["fastapi", "flask", "gunicorn", "uvicorn"]
NODE = ["express@5", "fastify@5"]

NGINX = """
daemon off;
pid nginx.pid;
error_log nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp;
  fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  %s
}
"""
SERVER = """
  server {
    listen 127.0.0.1:%d;
    location / {
      proxy_pass http://%s;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def run(folder: Path, *command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Site:
    """An application behind nginx."""

    def __init__(self, name: str, command: list[str], at: str) -> None:
        self.name, self.command = name, command
        self.upstream = f"unix:{at}" if "/" in at else f"127.0.0.1:{at}"
        self.port = free_port()

    def hello(self, visitor: str) -> str:
        """What nginx answers a visitor, whose address a load balancer on this machine tells."""
        headers = {"X-Forwarded-For": visitor}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return str(json.loads(text)) if text.startswith('"') else text


def sites(folder: Path) -> Iterator[Site]:
    """Every framework, by TCP and by a socket of the file system."""
    python = str(folder / "venv" / "bin" / "python")
    for way in ("tcp", "unix"):

        def place(name: str, way: str = way) -> str:
            return str(free_port()) if way == "tcp" else str(folder / f"{name}.sock")

        at = place("uvicorn")
        listen = ["--port", at] if way == "tcp" else ["--uds", at]
        command = [python, "-m", "uvicorn", "site_asgi:app", "--no-proxy-headers", *listen]
        yield Site(f"uvicorn, {way}", command, at)
        at = place("gunicorn")
        bind = f"127.0.0.1:{at}" if way == "tcp" else f"unix:{at}"
        yield Site(
            f"gunicorn, {way}", [python, "-m", "gunicorn", "site_wsgi:app", "--bind", bind], at
        )
        for framework in ("fastify", "express"):
            at = place(framework)
            yield Site(f"{framework}, {way}", ["node", "site.mjs", framework, at], at)


def waited(what: str, site: Site, is_so: Callable[[str | None], bool]) -> None:
    """Waits until what a site answers the visitor from Alpha is so."""
    until = time.monotonic() + PATIENCE
    while True:
        answer = None
        with contextlib.suppress(OSError):
            answer = site.hello("8.1.0.1")
        if is_so(answer):
            return
        assert time.monotonic() < until, f"{site.name} {what}: {answer}"
        time.sleep(0.02)


def install(folder: Path, wheel: str, tarballs: list[str]) -> None:
    run(folder, sys.executable, "-m", "venv", "venv")
    pip = folder / "venv" / "bin" / "pip"
    run(folder, pip, "install", "--quiet", "--disable-pip-version-check", wheel, *PYTHON)
    (folder / "package.json").write_text('{"private": true}')
    run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", *tarballs, *NODE)


def build_and_ask(folder: Path, firmtrie: str) -> None:
    shutil.copytree(WORLD, folder / "world")
    run(folder, firmtrie, "build", "world/firmtrie.toml", "--output", "world.firm", "--quiet")
    run(folder, firmtrie, "registry", "init", "registry")
    assert "Alpha B.V." in run(folder, firmtrie, "lookup", "world.firm", "8.1.0.1")
    ask = "import firmtrie; print(firmtrie.open('world.firm').lookup('8.1.0.1').company.name)"
    assert run(folder, folder / "venv" / "bin" / "python", "-c", ask) == "Alpha B.V.\n"
    ask = "console.log(require('firmtrie').openSync('world.firm').lookup('8.1.0.1').company.name)"
    assert run(folder, "node", "-e", ask) == "Alpha B.V.\n"


def serve(folder: Path, firmtrie: str) -> None:
    for name in ("site_asgi.py", "site_wsgi.py", "site.mjs"):
        shutil.copy(HERE / name, folder)
    all_sites = list(sites(folder))
    blocks = "".join(SERVER % (site.port, site.upstream) for site in all_sites)
    (folder / "nginx.conf").write_text(NGINX % blocks)
    # Its workers are nobody's, and have to reach the sockets.
    folder.chmod(0o755)
    nginx = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-g", "user root;"]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "servers.log").open("w"))
        for command in [*(site.command for site in all_sites), nginx]:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        try:
            for site in all_sites:
                waited("never came", site, lambda answer: answer is not None)
            for site in all_sites:
                hello = [
                    site.hello(visitor) for visitor in ("8.1.0.1", "8.2.0.1", "8.1.0.1, 9.9.9.9")
                ]
                assert hello == ["Hello, Alpha B.V.", "Hello", "Hello"], f"{site.name}: {hello}"
            object_ = ["registry", "object", "registry", "--name", "ALPHA bv", "--country", "NL"]
            run(folder, firmtrie, *object_, "--index", "world.firm")
            for site in all_sites:
                waited("went on", site, lambda answer: answer == "Hello")
        except AssertionError as error:
            log.flush()
            said = (folder / "servers.log").read_text()[-4000:]
            raise AssertionError(f"{error}\n{said}") from None


def main(firmtrie: str, wheel: str, *tarballs: str) -> None:
    with tempfile.TemporaryDirectory(prefix="firmtrie-first-hour-") as name:
        folder = Path(name)
        install(folder, wheel, list(tarballs))
        build_and_ask(folder, firmtrie)
        serve(folder, firmtrie)
    print("The first hour: installed, built, asked, served by four servers in two ways, objected.")


if __name__ == "__main__":
    main(*(str(Path(word).resolve()) for word in sys.argv[1:]))
