"""`contracts validate [PATH…]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from contracts.findings import Finding, shown
from contracts.reports import add_report_options, exit_code, tally, write
from contracts.reports.model import Report
from contracts.reports.output import ReportError
from contracts.validate.discover import UsageError, documents
from contracts.validate.documentation import rules_page
from contracts.validate.rules import RULES
from contracts.validate.run import validate

DEFAULT = Path("specs")


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "validate", description="Check OpenAPI 2.0, 3.0, 3.1 and 3.2 documents. Rules: docs/validate-rules.md."
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a document, a provider's folder or a tree")
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="references may lead to files below DIR (default: below each document's own folder)",
    )
    parser.add_argument("--rules", action="store_true", help="print every rule as a page of Markdown, and stop")
    add_report_options(parser, fail_on="error")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 sound, 1 findings, 2 a path that names no document or a report that cannot be written."""
    if options.rules:
        print(rules_page(), end="")
        return 0
    try:
        paths = documents(options.paths or [DEFAULT])
        _inside(paths, options.root)
        findings = [finding for path in paths for finding in validate(path, options.root)]
        write(_report(paths, findings), options.report)
    except (UsageError, ReportError) as error:
        print(f"contracts validate: {error}", file=sys.stderr)
        return 2
    return exit_code(findings, options.fail_on)


def _inside(paths: list[Path], root: Path | None) -> None:
    for path in paths if root else ():
        if root and not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"{path} is not below --root {root}")


def _report(paths: list[Path], findings: list[Finding]) -> Report:
    what = shown(paths[0]) if len(paths) == 1 else f"{len(paths)} documents"
    summary = f"{tally(findings)} in {what}"
    return Report("validate", f"contracts validate: {what}", summary, RULES, tuple(findings))
