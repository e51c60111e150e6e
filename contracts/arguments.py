"""Command lines: what is wrong is said in one line, with where help is."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from typing import NoReturn

from contracts.findings import printable
from openapi.source import nearest


class Parser(argparse.ArgumentParser):
    """A parser that does not print the whole usage before what is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {printable(message)} (see {self.prog} --help)\n")

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """End because of arguments that nobody asked for."""
        option = next((one.partition("=")[0] for one in unknown if one.startswith("-")), "")
        if not option:
            self.error(f"nothing is expected where '{unknown[0]}' stands")
        known = re.findall(r"--[a-z][a-z-]*", self.format_usage())
        self.error(f"there is no option {option}; {nearest(option, known)}")


def whole(text: str) -> int:
    """A whole number. Raises argparse.ArgumentTypeError."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not '{text}'") from None


def natural(text: str) -> int:
    """A whole number from 0 on. Raises argparse.ArgumentTypeError."""
    if whole(text) < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return whole(text)


def positive(text: str) -> int:
    """A whole number from 1 on. Raises argparse.ArgumentTypeError."""
    if whole(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return whole(text)


def seconds(text: str) -> float:
    """Some time, but not for ever. Raises argparse.ArgumentTypeError."""
    if not _number(text) > 0 or math.isinf(_number(text)):
        raise argparse.ArgumentTypeError("must be more than 0")
    return _number(text)


def percent(text: str) -> float:
    """A share of a hundred. Raises argparse.ArgumentTypeError."""
    if not 0 <= _number(text) <= 100:
        raise argparse.ArgumentTypeError("must be from 0 to 100")
    return _number(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not '{text}'") from None
