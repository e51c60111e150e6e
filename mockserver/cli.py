"""The command `mockserver`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from mockserver import app, tables
from mockserver.store import StoreError
from mockserver.web.app import Stub
from openapi.shipped import SPECS
from openapi.source import SourceError

UVICORN: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 served and stopped, 2 wrong usage or a document, store or port that cannot be used."""
    parser = _parser()
    said = parser.parse_args(argv)
    if said.command == "show":
        return _show(said.provider)
    options = app.Options(
        specs=said.specs or str(SPECS),
        spec=said.spec or "",
        providers=tuple(said.provider or ()),
        store=said.store,
        seed=said.seed,
        rate=said.clock,
        token=os.environ.get("MOCKSERVER_TOKEN", "") if said.token is None else said.token,
    )
    if said.workers > 1 and options.store == "memory":
        parser.error("--workers needs a store that workers share: --store sqlite:PATH")
    try:
        stub = app.build(options)
    except (SourceError, StoreError) as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return 2
    return _serve(stub, options, said)


def _show(name: str | None) -> int:
    try:
        playings = app.load(app.Options(providers=(name,) if name else ()))
    except SourceError as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return 2
    providers = [playing.provider for playing in playings.values()]
    sys.stdout.write(tables.provider_tables(providers[0]) if name else tables.all_tables(providers))
    return 0


def _serve(stub: Stub, options: app.Options, said: argparse.Namespace) -> int:
    try:
        # Listening before anything is said: who reads the line may connect at once.
        family = socket.AF_INET6 if ":" in said.host else socket.AF_INET
        listener = socket.create_server((said.host, said.port), family=family, backlog=2048)
    except OSError as error:
        sys.stderr.write(f"mockserver: cannot listen on {said.host}:{said.port}: {error}\n")
        return 2
    url = f"http://{said.host}:{listener.getsockname()[1]}"
    sys.stderr.write(
        f"mockserver: {', '.join(stub.engine.providers)} on {url} (control API: {url}/_mock/openapi.json)\n"
    )
    sys.stderr.flush()
    with listener, suppress(KeyboardInterrupt):
        if said.workers > 1:
            stub.engine.store.close()
            os.environ.update(app.environment(options))
            config = uvicorn.Config("mockserver.app:create", factory=True, workers=said.workers, **UVICORN)
            Multiprocess(config, sockets=[listener]).run()
        else:
            app.settle()
            uvicorn.Server(uvicorn.Config(stub, **UVICORN)).run(sockets=[listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mockserver", description="Plays providers from their OpenAPI documents.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the providers over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (default: %(default)s)")
    serve.add_argument(
        "--provider", action="append", metavar="NAME", help="serve only this one, at the root (repeatable)"
    )
    documents = serve.add_mutually_exclusive_group()
    documents.add_argument("--spec", metavar="PATH", help="serve one OpenAPI document of your own, at the root")
    documents.add_argument("--specs", metavar="DIR", help="a folder of providers (default: those of the package)")
    serve.add_argument("--store", default="memory", metavar="URL", help="'memory' or 'sqlite:PATH' (default: memory)")
    serve.add_argument("--workers", type=_positive, default=1, metavar="N", help="worker processes (default: 1)")
    serve.add_argument("--seed", type=int, default=0, metavar="N", help="what ids and codes derive from (default: 0)")
    serve.add_argument(
        "--clock", type=_rate, default=1.0, metavar="frozen|real|RATE", help="virtual time (default: real)"
    )
    serve.add_argument(
        "--token",
        metavar="TOKEN",
        help="open the control API to other hosts that send it as X-Mock-Token "
        "(default: the environment's MOCKSERVER_TOKEN)",
    )
    show = commands.add_parser("show", help="print a provider's credentials, test values and scenarios")
    show.add_argument("provider", metavar="NAME", nargs="?", help="default: all of them, as docs/providers.md has them")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: 0 (any free one) to 65535")
    return int(text)


def _rate(text: str) -> float:
    named = {"frozen": 0.0, "real": 1.0}
    try:
        rate = named[text] if text in named else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is none of frozen, real, or a factor such as 60") from None
    if not 0 <= rate <= 1e9:
        raise argparse.ArgumentTypeError("a rate is between 0 and 1e9")
    return rate


if __name__ == "__main__":
    sys.exit(main())
