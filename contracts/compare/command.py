"""`contracts compare PROVIDER --left T --right T`: the same cases against two servers, and where they differ."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Any

import yaml

from contracts import reports
from contracts.arguments import natural, seconds, whole
from contracts.check.budget import BudgetSpentError
from contracts.check.client import RefusedError
from contracts.check.exchange import Exchange, Request
from contracts.check.redaction import Redaction
from contracts.check.shell import curl
from contracts.check.subject import Subject, load_subject
from contracts.check.target import Target, TargetError, find_target
from contracts.check.transport import UnreachableError
from contracts.compare.drift import KINDS, Drift
from contracts.compare.run import Comparison, admitting, compare
from contracts.compare.side import Side, open_side
from contracts.findings import Finding, Rule, Severity, printable
from contracts.reports import Report, ReportError
from mockserver.specification.source import SourceError

USAGE, UNREACHABLE = 2, 3


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `compare` to the command `contracts`."""
    parser = subparsers.add_parser("compare", help="say where two servers differ", description=__doc__)
    parser.add_argument("provider", metavar="PROVIDER", help="a provider below specs/, or the path of a document")
    for name in ("--left", "--right"):
        parser.add_argument(name, metavar="URL|NAME", required=True, help="a base URL, or a name in the targets file")
    parser.add_argument("--targets-file", type=Path, metavar="FILE", help="where targets are named (targets.toml)")
    parser.add_argument("--seed", type=whole, metavar="N", help="what drawn values derive from (default: a new one)")
    parser.add_argument("--max-examples", type=natural, default=10, metavar="N", help="variations of each operation")
    parser.add_argument("--budget", type=seconds, default=120.0, metavar="SECONDS", help="the longest it may take")
    parser.add_argument("--overlay", type=Path, metavar="FILE",
                        help="write the overlay there instead of printing it")  # fmt: skip
    reports.add_report_options(parser, fail_on="warning")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit codes: 0 no drift, 1 drift, 2 wrong usage or configuration, 3 a target is unreachable or refuses us."""
    try:
        return _run(options)
    except (SourceError, TargetError, ReportError) as error:
        return _stop(USAGE, str(error))
    except (UnreachableError, RefusedError, BudgetSpentError) as error:
        return _stop(UNREACHABLE, str(error))


def _run(options: argparse.Namespace) -> int:
    subject = load_subject(options.provider)
    seed = options.seed if options.seed is not None else random.randrange(1, 10**6)  # noqa: S311 - no secret
    targets = [find_target(subject, said, options.targets_file) for said in (options.left, options.right)]
    left = _opened("left", subject, targets[0], seed, options.budget)
    try:
        right = _opened("right", subject, targets[1], seed, options.budget)
    except (UnreachableError, RefusedError, TargetError, BudgetSpentError):
        left.leave()
        raise
    comparison = compare(left, right, examples=options.max_examples)
    if not comparison.answers:
        raise UnreachableError(f"nothing was compared: {comparison.incomplete or 'no case could be played'}")
    report = as_report(subject, comparison, left.target, right.target, seed)
    overlay = admitting(subject, comparison.drifts)
    reports.write(report, options.report)
    _tell(overlay, options, Redactions(targets[0], targets[1]))
    return reports.exit_code(report.findings, options.fail_on)


def _stop(code: int, message: str) -> int:
    sys.stderr.write(f"contracts compare: {printable(message)}\n")
    return code


def _opened(name: str, subject: Subject, target: Target, seed: int, seconds: float) -> Side:
    try:
        return open_side(name, subject, target, seed=seed, seconds=seconds)
    except UnreachableError as error:
        raise UnreachableError(f"{name}: {target.url} does not answer: {error}") from None


class Redactions:
    """Takes the secrets of both targets out of a text."""

    def __init__(self, *targets: Target) -> None:
        self.redactions = [Redaction.of(target) for target in targets]

    def text(self, text: str) -> str:
        for redaction in self.redactions:
            text = redaction.text(text)
        return text

    def curl(self, request: Request) -> str:
        """A request as a line for a shell."""
        for redaction in self.redactions:
            request = redaction.request(request)
        return curl(request, {one for redaction in self.redactions for one in redaction.placeholders})


def _tell(overlay: dict[str, Any] | None, options: argparse.Namespace, redactions: Redactions) -> None:
    """Print the overlay below the report, or write it where it was asked for."""
    if overlay is None:
        return
    text = redactions.text(yaml.safe_dump(overlay, sort_keys=False, allow_unicode=True, width=110))
    if options.overlay is not None:
        try:
            options.overlay.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportError(f"cannot write the overlay to {options.overlay}: {error.strerror}") from None
    elif not any(target.path == reports.STDOUT for target in options.report):
        sys.stdout.write(f"\n# The smallest change of the contract that admits it:\n{text}")


def as_report(subject: Subject, comparison: Comparison, left: Target, right: Target, seed: int) -> Report:
    """The drifts as findings: an error where a side breaks the contract, a warning where it allows both."""
    redactions = Redactions(left, right)
    rules = {
        name: Rule(name, Severity.WARNING, title, "A client that works with one server may not work with the other.")
        for name, title in KINDS.items()
    }
    findings = tuple(_finding(subject, drift, redactions, seed) for drift in comparison.drifts)
    drifts = f"{len(findings)} drift{'s'[: len(findings) != 1]}" if findings else "no drift"
    summary = f"{drifts}: {comparison.answers} answers of {comparison.cases} cases compared, seed {seed}"
    if comparison.incomplete:
        summary += f"; ended early after {comparison.incomplete}"
    title = f"{subject.name}: {left.url} (left) and {right.url} (right)"
    return Report("compare", title, summary, rules, findings)


def _finding(subject: Subject, drift: Drift, redactions: Redactions, seed: int) -> Finding:
    severity = Severity.ERROR if drift.breaks else Severity.WARNING
    place = f" /{'/'.join(map(str, drift.way))}" if drift.way else ""
    where = drift.label if drift.label.startswith(drift.operation) else f"{drift.operation}, {drift.label}"
    message = f"{where}{place}: {drift.left} on the left, {drift.right} on the right"
    whose = f"breaks the contract: {' and '.join(drift.breaks)}" if drift.breaks else "the contract allows both"
    times = f", {drift.times} times" if drift.times > 1 else ""
    requests = [redactions.curl(exchange.request) for exchange in drift.pair if isinstance(exchange, Exchange)]
    return Finding(
        drift.kind, severity, subject.location(drift.address), redactions.text(message),
        f"{whose}; seed {seed}{times}", witness="\n".join(requests),
    )  # fmt: skip
