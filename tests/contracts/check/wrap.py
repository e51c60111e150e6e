"""Breaks a stub on purpose, in one way: what comes back is changed on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from contracts.stub import App, Receive, Scope, Send, Wrap

# What becomes of an answer: the path asked for, the status, and the body as JSON, changed in place.
Change = Callable[[str, int, Any], None]


def changed(change: Change) -> Wrap:
    """Change every JSON body of the provider on its way back."""

    def wrap(app: App) -> App:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            kept: list[Any] = []

            async def keep(message: Any) -> None:
                kept.append(message)

            await app(scope, receive, keep)
            start, body = kept
            if "/_mock" not in scope["path"] and body["body"].startswith(b"{"):
                value = orjson.loads(body["body"])
                change(scope["path"], start["status"], value)
                body = {**body, "body": orjson.dumps(value)}
                headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
                start = {**start, "headers": [*headers, (b"content-length", str(len(body["body"])).encode())]}
            await send(start)
            await send(body)

        return broken

    return wrap


def without_header(name: str) -> Wrap:
    """A stub that never gets this request header."""

    def wrap(app: App) -> App:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            headers = [pair for pair in scope["headers"] if pair[0].lower() != name.lower().encode()]
            await app({**scope, "headers": headers}, receive, send)

        return broken

    return wrap
