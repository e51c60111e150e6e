"""`mockserver serve`: the providers over HTTP, until a signal ends it."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from mockserver import app
from mockserver.store import StoreError
from mockserver.web.app import Stub
from openapi.source import SourceError

UVICORN: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}


def run(arguments: argparse.Namespace) -> int:
    """Serve. Exit code 2 for a document, store or port that cannot be used."""
    options = app.Options(
        specs=arguments.specs,
        spec=arguments.spec,
        providers=tuple(arguments.provider),
        store=arguments.store,
        seed=arguments.seed,
        rate=arguments.clock,
        token=os.environ.get("MOCKSERVER_TOKEN", "") if arguments.token is None else arguments.token,
    )
    try:
        stub = app.build(options)
        listener = _listen(arguments.host, arguments.port)
    except (SourceError, StoreError, PortError) as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return 2
    _serve(stub, listener, options, arguments)
    return 0


class PortError(Exception):
    """An address that cannot be listened on: which, and why."""


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise PortError(f"cannot listen on {host}:{port}: {error}") from None


def _serve(stub: Stub, listener: socket.socket, options: app.Options, arguments: argparse.Namespace) -> None:
    # It listens before it prints: a caller that reads the line may connect at once.
    url = f"http://{arguments.host}:{listener.getsockname()[1]}"
    sys.stderr.write(
        f"mockserver: {', '.join(stub.engine.providers)} on {url} (control API: {url}/_mock/openapi.json)\n"
    )
    sys.stderr.flush()
    with listener, suppress(KeyboardInterrupt):
        if arguments.workers > 1:
            stub.engine.store.close()
            os.environ.update(app.environment(options))
            config = uvicorn.Config("mockserver.app:create", factory=True, workers=arguments.workers, **UVICORN)
            Multiprocess(config, sockets=[listener]).run()
        else:
            app.settle()
            uvicorn.Server(uvicorn.Config(stub, **UVICORN)).run(sockets=[listener])
