"""`--report FORMAT=PATH`: which reports are written where, the same for every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from contracts.findings import printable

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """One `--report FORMAT=PATH`; the path `-` is standard output."""

    format: str
    path: str


class ReportError(OSError):
    """A report that cannot be written; the text says which and why."""


def add_report_option(parser: argparse.ArgumentParser, formats: Iterable[str]) -> None:
    """Add `--report`, which becomes `options.report`, a list of ReportTarget."""
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        type=partial(report_target, formats=tuple(formats)),
        metavar="FORMAT=PATH",
        help=f"also write a report; FORMAT is one of {', '.join(formats)}, PATH a file or - (may be repeated)",
    )


def report_target(text: str, formats: Sequence[str]) -> ReportTarget:
    """Read `FORMAT=PATH`; `FORMAT` alone goes to standard output. Raises argparse.ArgumentTypeError."""
    name, _, path = text.partition("=")
    if name not in formats:
        raise argparse.ArgumentTypeError(f"unknown report format '{name}', known: {', '.join(formats)}")
    return ReportTarget(name, path or STDOUT)


def with_terminal(targets: Sequence[ReportTarget]) -> Sequence[ReportTarget]:
    """The targets, and the text for the terminal unless another report takes standard output."""
    taken = any(target.path == STDOUT for target in targets)
    return targets if taken else [ReportTarget("text", STDOUT), *targets]


def write_each(render: Callable[[str], str], targets: Sequence[ReportTarget]) -> None:
    """Write what `render` gives for each format. Raises ReportError for a path that cannot be written."""
    for target in targets:
        text = render(target.format)
        if target.path == STDOUT:
            sys.stdout.write(printable(text, keep="\n\t"))
            continue
        try:
            Path(target.path).parent.mkdir(parents=True, exist_ok=True)
            Path(target.path).write_text(text, encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise ReportError(f"cannot write the {target.format} report to {target.path}: {error.strerror}") from None
