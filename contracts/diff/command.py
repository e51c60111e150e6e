"""`contracts diff OLD NEW`: what a change of a contract means for the people on each side."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from contracts import reports
from contracts.diff.collect import Collector
from contracts.diff.compare import compare
from contracts.diff.inputs import Document, InputError, Pair, pairs, resolve
from contracts.diff.rules import RULES, TITLES, Kind
from contracts.diff.schemas import NEW, OLD
from contracts.findings import Finding, Location, Severity
from contracts.reports.model import Report
from contracts.reports.output import ReportError
from openapi.source import SourceError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `diff` to the command line."""
    parser = subparsers.add_parser(
        "diff",
        description="Compare two OpenAPI documents, or two folders of them, by what they admit. Exits 1 on anything "
        "breaking, 2 on what cannot be compared.",
    )
    parser.add_argument("old", metavar="OLD", help="a file, a folder, or REVISION:path in git")
    parser.add_argument("new", metavar="NEW", help="the same of what is proposed")
    reports.add_report_options(parser, fail_on="breaking")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, report, and say by the exit code whether anything breaks."""
    try:
        findings = diff(options.old, options.new)
        rules = {name: row.rule for name, row in RULES.items()}
        title = f"{options.old} to {options.new}"
        report = Report("diff", title, summary(findings), rules, tuple(findings))
        reports.write(report, options.report)
    except (SourceError, InputError, ReportError) as error:
        print(f"contracts diff: {error}", file=sys.stderr)
        return 2
    return reports.exit_code(findings, options.fail_on)


def diff(old: str, new: str) -> list[Finding]:
    """Every change between two arguments of the command. Raises InputError and SourceError."""
    with tempfile.TemporaryDirectory() as folder:
        sides = [resolve(name, Path(folder) / side, old=side == OLD) for name, side in ((old, OLD), (new, NEW))]
        return [finding for pair in pairs(*sides) for finding in _findings(pair)]


def summary(findings: Iterable[Finding]) -> str:
    """One line: how many changes of each kind."""
    counts = Counter(finding.kind for finding in findings)
    return ", ".join(f"{counts[kind]} {TITLES[kind]}" for kind in Kind if counts[kind]) or "no changes"


def _findings(pair: Pair) -> list[Finding]:
    if pair.old is None or pair.new is None:
        return [_alone(pair)]
    libraries = {OLD: pair.old.library, NEW: pair.new.library}
    collector = Collector(libraries, {OLD: pair.old.titles, NEW: pair.new.titles})
    try:
        compare(pair.old.library, pair.new.library, collector)
    except SourceError as error:
        raise pair.old.retitled(pair.new.retitled(error)) from None
    except RecursionError:
        raise InputError(f"{pair.new.title}: its schemas are nested too deeply to be compared") from None
    except (AttributeError, LookupError, TypeError, ValueError):
        # Sound documents are not checked twice; of this one the meta-schema knows better what is wrong.
        if fault := pair.new.structure_fault() or pair.old.structure_fault():
            raise fault from None
        raise
    return collector.findings()


def _alone(pair: Pair) -> Finding:
    """A document that is on one side only."""
    document = pair.new or pair.old
    assert isinstance(document, Document)
    place = Location(document.title, 1, 1)
    if pair.old is None:
        return Finding("document-added", Severity.NOTE, place, "the document is new", kind=str(Kind.COMPATIBLE))
    return Finding("document-removed", Severity.ERROR, place, "the document is gone", kind=str(Kind.REQUEST))
