"""Reports: what a run found, in the form that a terminal, a script or a code review reads.

A command builds one `Report` and hands it to `write`. Each format is a module with `render(report) -> str`, loaded
only when asked for.
"""

from __future__ import annotations

import argparse
import importlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from contracts.findings import Finding, Severity
from contracts.reports.model import Report
from contracts.reports.output import ReportTarget, add_report_option, with_terminal, write_each

FORMATS = {
    "text": "contracts.reports.text",
    "json": "contracts.reports.json",
    "junit": "contracts.reports.junit",
    "sarif": "contracts.reports.sarif",
    "github": "contracts.reports.github",
    "gitlab": "contracts.reports.gitlab",
    "markdown": "contracts.reports.markdown",
    "html": "contracts.reports.html",
}
# `breaking` is what `contracts diff` calls its errors.
FAIL_ON = {"breaking": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}


def add_report_options(parser: argparse.ArgumentParser, *, fail_on: str) -> None:
    """Add `--report` (to `options.report`, a list of ReportTarget) and `--fail-on` (default: `fail_on`)."""
    add_report_option(parser, FORMATS)
    parser.add_argument(
        "--fail-on",
        choices=list(FAIL_ON),
        default=fail_on,
        help="the least severe finding that makes the exit code 1 (default: %(default)s)",
    )


def write(report: Report, targets: Sequence[ReportTarget]) -> None:
    """Write every report asked for, and the text to the terminal. Raises ReportError."""
    write_each(partial(render, report), with_terminal(targets))


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
