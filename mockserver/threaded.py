"""A real server on a real socket in a thread of this process, for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from mockserver.app import Options, build


@contextmanager
def serve(options: Options) -> Iterator[str]:
    """Serve on a free port of the loopback interface; gives the URL. Raises what `mockserver.app.build` raises."""
    stub = build(options)
    # Listening before the loop runs: a client that connects at once waits in the backlog, and nobody has to sleep.
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stub, log_level="warning", access_log=False, server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="mockserver", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        stub.engine.store.close()
        listener.close()
