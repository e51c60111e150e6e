"""`contracts compare PROVIDER --left T --right T`: the same cases against two servers, and where they differ."""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts import reports
from contracts.arguments import natural, seconds, whole
from contracts.check.shell import curl
from contracts.compare.admission import Admission, admitting
from contracts.compare.drift import KINDS, Drift
from contracts.compare.overlay import text as overlay_text
from contracts.compare.run import Comparison, compare
from contracts.compare.side import Side, open_side
from contracts.findings import Finding, Rule, Severity, printable
from contracts.redaction.redactor import Redactor
from contracts.reports.model import Report
from contracts.reports.output import STDOUT, ReportError
from contracts.target.budget import BudgetSpentError
from contracts.target.client import RefusedError
from contracts.target.exchange import Exchange, Request
from contracts.target.interrupt import Interrupt
from contracts.target.subject import Subject, load_subject
from contracts.target.target import Target, TargetError, find_target
from contracts.target.transport import UnreachableError
from openapi.source import SourceError

USAGE, UNREACHABLE = 2, 3


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `compare` to the command `contracts`."""
    parser = subparsers.add_parser("compare", description=__doc__)
    parser.add_argument("provider", metavar="PROVIDER", help="a provider below specs/, or the path of a document")
    for name in ("--left", "--right"):
        parser.add_argument(name, metavar="URL|NAME", required=True, help="a base URL, or a name in the targets file")
    parser.add_argument("--targets-file", type=Path, metavar="FILE", help="where targets are named (targets.toml)")
    parser.add_argument("--seed", type=whole, metavar="N", help="what drawn values derive from (default: a new one)")
    parser.add_argument("--max-examples", type=natural, default=10, metavar="N", help="variations of each operation")
    parser.add_argument("--budget", type=seconds, default=120.0, metavar="SECONDS", help="the longest it may take")
    parser.add_argument("--overlay", type=Path, metavar="FILE", help="write the overlay there instead of printing it")
    reports.add_report_options(parser, fail_on="warning")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit codes: 0 no drift, 1 drift, 2 wrong usage or configuration, 3 a target is unreachable, refuses us or is not
    the provider; 128 and the number of the signal that ended it."""
    interrupt = Interrupt()
    try:
        with interrupt.heard():
            return _run(options, interrupt)
    except (SourceError, TargetError, ReportError) as error:
        return _stop(USAGE, str(error))
    except (UnreachableError, RefusedError, BudgetSpentError) as error:
        return _stop(128 + interrupt.number if interrupt.number else UNREACHABLE, interrupt.why or str(error))


def _run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    subject = load_subject(options.provider)
    seed = options.seed if options.seed is not None else random.randrange(1, 10**6)  # noqa: S311 - no secret
    targets = [find_target(subject, said, options.targets_file) for said in (options.left, options.right)]
    left = _opened("left", subject, targets[0], seed, options.budget, interrupt)
    try:
        right = _opened("right", subject, targets[1], seed, options.budget, interrupt)
    except Exception:
        left.leave()
        raise
    comparison = compare(left, right, examples=options.max_examples)
    if not comparison.answers:
        raise UnreachableError(f"nothing was compared: {comparison.incomplete or 'no case could be played'}")
    admission = admitting(subject, comparison.drifts)
    report = as_report(subject, comparison, admission, left.target, right.target, seed)
    reports.write(report, options.report)
    _tell(admission.overlay, options, Redactor.of(subject, *targets))
    return 128 + interrupt.number if interrupt.number else reports.exit_code(report.findings, options.fail_on)


def _stop(code: int, message: str) -> int:
    sys.stderr.write(f"contracts compare: {printable(message)}\n")
    return code


def _opened(name: str, subject: Subject, target: Target, seed: int, seconds: float, interrupt: Interrupt) -> Side:
    """Open one side; what is wrong with it is said with its name."""
    try:
        return open_side(name, subject, target, seed=seed, seconds=seconds, interrupt=interrupt)
    except UnreachableError as error:
        raise UnreachableError(f"{name}: {target.url} does not answer: {error}") from None
    except (RefusedError, TargetError) as error:
        raise type(error)(f"{name}: {error}") from None


def _sessionless(exchange: Exchange) -> Request:
    """A request as it would be sent by hand: the session that it was sent in is gone."""
    session = f"/~{exchange.session}/" if exchange.session else "/"
    return replace(exchange.request, url=exchange.request.url.replace(session, "/", 1))


def _tell(overlay: dict[str, Any] | None, options: argparse.Namespace, redactor: Redactor) -> None:
    """Print the overlay below the report, or write it where it was asked for."""
    if overlay is None:
        return
    text = redactor.without_secrets(overlay_text(overlay))
    if options.overlay is not None:
        try:
            options.overlay.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportError(f"cannot write the overlay to {options.overlay}: {error.strerror}") from None
    elif not any(target.path == STDOUT for target in options.report):
        sys.stdout.write(f"\n# The smallest change of the contract that admits it:\n{text}")


def as_report(
    subject: Subject, comparison: Comparison, admission: Admission, left: Target, right: Target, seed: int
) -> Report:
    """The drifts as findings: an error where a side breaks the contract, a warning where it allows both."""
    redactor = Redactor.of(subject, left, right)
    pairs = [(drift, _shown(drift, redactor)) for drift in comparison.drifts]
    rules = {
        name: Rule(name, Severity.WARNING, title, "A client that works with one server may not work with the other.")
        for name, title in KINDS.items()
    }
    findings = tuple(
        _finding(subject, drift, requests, admission.refused.get(drift.key, ""), redactor, seed)
        for drift, requests in pairs
    )
    drifts = f"{len(findings)} drift{'s'[: len(findings) != 1]}" if findings else "no drift"
    broken = sum(bool(drift.breaks) for drift in comparison.drifts)
    drifts += f", {broken} of which {'break' if broken > 1 else 'breaks'} the contract" if broken else ""
    summary = f"{drifts}: {comparison.answers} answers of {comparison.cases} cases compared, seed {seed}"
    if comparison.incomplete:
        summary += f"; ended early after {comparison.incomplete}"
    title = f"{subject.name}: {left.url} (left) and {right.url} (right)"
    return Report("compare", title, summary, rules, findings)


def _shown(drift: Drift, redactor: Redactor) -> list[str]:
    """The requests of a drift as lines for a shell, with what came back."""
    return [
        f"{curl(_sessionless(redactor.exchange(exchange)), redactor.placeholders)}  # {side}: {exchange.status}"
        for side, exchange in zip(("left", "right"), drift.pair, strict=True)
        if exchange is not None
    ]


def _finding(
    subject: Subject, drift: Drift, requests: list[str], refused: str, redactor: Redactor, seed: int
) -> Finding:
    """`requests` show the drift; `refused` says why no overlay admits it."""
    severity = Severity.ERROR if drift.breaks else Severity.WARNING
    place = f" /{'/'.join(map(str, drift.way))}" if drift.way else ""
    where = drift.label if drift.label.startswith(drift.operation) else f"{drift.operation}, {drift.label}"
    message = f"{where}{place}: {drift.left} on the left, {drift.right} on the right"
    whose = f"{' and '.join(drift.breaks)} breaks the contract" if drift.breaks else "the contract allows both"
    if len(drift.breaks) == 2:
        whose = "both break the contract"
    whose += f": {'; '.join(drift.why)}" if drift.why else ""
    whose += f"; no overlay, {refused}" if refused else ""
    whose += f"; also in {', '.join(drift.also)}" if drift.also else ""
    times = f", {drift.times} times" if drift.times > 1 else ""
    return Finding(
        drift.kind,
        severity,
        subject.location(drift.address),
        redactor.message(message),
        redactor.message(f"{whose}; seed {seed}{times}"),
        witness="\n".join(requests),
    )
