"""Reports: what a run found, in the form that a terminal, a script or a code review reads.

A command builds one `Report` and hands it to `write`. Each format is a module with `render(report) -> str`, loaded
only when asked for.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.findings import Finding, Rule, Severity, printable

FORMATS = {
    "text": "contracts.reports.text",
    "json": "contracts.reports.json",
    "sarif": "contracts.reports.sarif",
    "github": "contracts.reports.github",
    "gitlab": "contracts.reports.gitlab",
    "markdown": "contracts.reports.markdown",
    "html": "contracts.reports.html",
}
STDOUT = "-"
# `breaking` is what `contracts diff` calls its errors.
FAIL_ON = {"breaking": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    `command` is `validate`, `diff`, …; `title` one line that says what was looked at; `summary` one line with the
    counts; `rules` every rule that ran, by name; `findings` in the order to be shown.
    """

    command: str
    title: str
    summary: str
    rules: Mapping[str, Rule]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """One `--report FORMAT=PATH`; the path `-` is standard output."""

    format: str
    path: str


class ReportError(OSError):
    """A report that cannot be written; the text says which and why."""


def add_report_options(parser: argparse.ArgumentParser, *, fail_on: str) -> None:
    """Add `--report` (to `options.report`, a list of ReportTarget) and `--fail-on` (default: `fail_on`)."""
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        type=report_target,
        metavar="FORMAT=PATH",
        help=f"also write a report; FORMAT is one of {', '.join(FORMATS)}, PATH a file or - (may be repeated)",
    )
    parser.add_argument(
        "--fail-on",
        choices=list(FAIL_ON),
        default=fail_on,
        help="the least severe finding that makes the exit code 1 (default: %(default)s)",
    )


def report_target(text: str) -> ReportTarget:
    """Read `FORMAT=PATH`; `FORMAT` alone goes to standard output. Raises argparse.ArgumentTypeError."""
    name, _, path = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"unknown report format '{name}', known: {', '.join(FORMATS)}")
    return ReportTarget(name, path or STDOUT)


def write(report: Report, targets: Sequence[ReportTarget]) -> None:
    """Write every report asked for, and the text to the terminal unless another report took standard output.

    Raises ReportError for a path that cannot be written.
    """
    if not any(target.path == STDOUT for target in targets):
        targets = [ReportTarget("text", STDOUT), *targets]
    for target in targets:
        text = render(report, target.format)
        if target.path == STDOUT:
            sys.stdout.write(printable(text, keep="\n\t"))
            continue
        try:
            Path(target.path).parent.mkdir(parents=True, exist_ok=True)
            Path(target.path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportError(f"cannot write the {target.format} report to {target.path}: {error.strerror}") from None


def render(report: Report, name: str) -> str:
    """The report in one format, a whole file that ends with a newline."""
    text: str = importlib.import_module(FORMATS[name]).render(report)
    return text


def exit_code(findings: Iterable[Finding], fail_on: str) -> int:
    """1 when a finding is at least as severe as `fail_on` asks, otherwise 0."""
    return int(any(finding.severity >= FAIL_ON[fail_on] for finding in findings))


def tally(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`, most severe first; `no findings` for none."""
    counts = Counter(finding.severity for finding in findings)
    parts = [f"{counts[level]} {level}{'s'[: counts[level] != 1]}" for level in sorted(counts, reverse=True)]
    return ", ".join(parts) or "no findings"
