"""The README's application for FastAPI, with a reader that follows a registry."""

from fastapi import FastAPI, Request

import firmtrie
from firmtrie.http import AsgiMiddleware

app = FastAPI()
reader = firmtrie.open("world.firm", registry="registry")
app.add_middleware(AsgiMiddleware, reader=reader, trusted=["unix", "loopback"])


@app.get("/")
async def hello(request: Request) -> str:
    company = request.state.visitor.company
    return f"Hello, {company.name}" if company else "Hello"
