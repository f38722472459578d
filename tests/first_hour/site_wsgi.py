"""The same for Flask."""

from flask import Flask, request

import firmtrie
from firmtrie.http import WsgiMiddleware

app = Flask(__name__)
reader = firmtrie.open("world.firm", registry="registry")
WsgiMiddleware.install(app, reader, trusted=["unix", "loopback"])


@app.get("/")
def hello() -> str:
    company = request.environ["firmtrie.visitor"].company
    return f"Hello, {company.name}" if company else "Hello"
