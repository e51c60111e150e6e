"""The command `contracts`: one module per subcommand, each with `register(subparsers)`, which sets `run`."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence

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
    parser = argparse.ArgumentParser(prog="contracts", description="Hold servers and documents against contracts.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = [name for name in COMMANDS if name in arguments[:1]] or list(COMMANDS)
    for name in wanted:
        importlib.import_module(COMMANDS[name]).register(subparsers)
    options = parser.parse_args(arguments)
    try:
        result: int = options.run(options)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return result


if __name__ == "__main__":
    sys.exit(main())
