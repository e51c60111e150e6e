"""Our stub, counting the requests that it is sent: `counting.py PORT`; `GET /count` tells.

The judge and plain Schemathesis count in different ways; the server that both are pointed at counts in one.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from mockserver.app import Options, build

Message = MutableMapping[str, Any]


class Counting:
    """An ASGI application around another one. Requests to the control API are not cases, and not counted."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app
        self.count = 0

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] == "http" and scope["path"] == "/count":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": str(self.count).encode()})
            return
        self.count += scope["type"] == "http" and "/_mock/" not in scope["path"]
        await self.app(scope, receive, send)


if __name__ == "__main__":
    # The clock stands still: both are to see the same states, however long they take.
    app = Counting(build(Options(rate=0)))
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, server_header=False, log_level="warning")
