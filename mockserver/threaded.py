"""A real server on a real socket in a thread of this process, for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from mockserver.app import Options, build
from mockserver.web.app import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]


@contextmanager
def serve(options: Options) -> Iterator[str]:
    """The stub on a free port of the loopback interface; gives the URL. Raises what `mockserver.app.build` raises."""
    stub = build(options)
    try:
        with serving_app(stub) as url:
            yield url
    finally:
        stub.engine.store.close()


@contextmanager
def serving_app(app: App) -> Iterator[str]:
    """Any ASGI application on a free port of the loopback interface; gives the URL."""
    # Listening before the loop runs: a client that connects at once waits in the backlog, and nobody has to sleep.
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="mockserver", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
