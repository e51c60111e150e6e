"""The command `contracts`: one module per subcommand, each with `register(subparsers)`, which sets `run`."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from contracts.arguments import Parser
from openapi.source import nearest

# Imported only when asked for: `contracts validate` must not pay for Schemathesis.
COMMANDS = {
    "check": "contracts.check.command",
    "validate": "contracts.validate.command",
    "diff": "contracts.diff.command",
    "compare": "contracts.compare.command",
    "defects": "contracts.defects.command",
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
    wanted = [name for name in COMMANDS if name in arguments[:1]] or list(COMMANDS)
    for name in wanted:
        importlib.import_module(COMMANDS[name]).register(subparsers)
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


def _say_no_more() -> None:
    """Let the interpreter not try once more to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
