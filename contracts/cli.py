"""The command `contracts`: one module per subcommand, each with `register(subparsers)`, which sets `run`."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from contracts.arguments import Parser
from openapi.source import nearest

# `contracts.NAME.command`, imported only when it is asked for: `contracts validate` must not pay for Schemathesis.
COMMANDS = {
    "check": "judge a running server",
    "validate": "check OpenAPI documents, and what stands beside them",
    "diff": "say what a change of a document breaks, and for whom",
    "compare": "say where two servers differ",
    "defects": "see how much the judge notices",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Exit codes: 0 kept, 1 broken, 2 wrong usage or configuration, 3 target unreachable, 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = Parser(prog="contracts", description="Hold servers and documents against contracts.")
    if arguments[:1] and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        parser.error(f"there is no command '{arguments[0]}'; {nearest(arguments[0], COMMANDS)}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    if arguments[:1] and arguments[0] in COMMANDS:
        _register(arguments[0], parser, subparsers)
    else:
        for name, help_text in COMMANDS.items():
            subparsers.add_parser(name, help=help_text)
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        subparsers.choices[options.command].refuse(unknown)
    try:
        result: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:  # who reads has enough, as `head`
        _say_no_more()
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say_no_more()
        sys.stderr.write(f"contracts {options.command}: cannot write: {error.strerror}\n")
        return 2
    return result


def _register(name: str, parser: Parser, subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add one command. Ends with exit code 2 where the package is installed without what the judge needs."""
    try:
        command = importlib.import_module(f"contracts.{name}.command")
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing in ("contracts", "mockserver", "openapi"):
            raise
        install = "pip install 'reward-contracts[judge]'"
        parser.exit(2, f"contracts {name}: the judge is not installed ('{missing}' is missing): {install}\n")
    command.register(subparsers)


def _say_no_more() -> None:
    """Let the interpreter not try once more to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
