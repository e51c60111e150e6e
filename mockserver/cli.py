"""The command `mockserver`: its command line. What a command does is loaded only when it runs."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from openapi.shipped import SPECS


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 served and stopped, 2 wrong usage or a document, store or port that cannot be used."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command == "serve" and arguments.workers > 1 and arguments.store == "memory":
        parser.error("--workers needs a store that workers share: --store sqlite:PATH")
    code: int = importlib.import_module(f"mockserver.commands.{arguments.command}").run(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mockserver", description="Plays providers from their OpenAPI documents.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the providers over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (default: %(default)s)")
    serve.add_argument(
        "--provider", action="append", default=[], metavar="NAME", help="serve only this one, at the root (repeatable)"
    )
    documents = serve.add_mutually_exclusive_group()
    documents.add_argument(
        "--spec", metavar="PATH", default="", help="serve one OpenAPI document of your own, at the root"
    )
    documents.add_argument(
        "--specs", metavar="DIR", default=str(SPECS), help="a folder of providers (default: those of the package)"
    )
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
