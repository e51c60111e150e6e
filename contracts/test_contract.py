"""What a run found, as tests: see conftest.py."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from contracts.check.report import as_finding
from contracts.check.verdict import Status, Verdict
from contracts.findings import printable
from contracts.reports import text
from contracts.target.breach import Breach


def test_operation(operation: str, verdict: Verdict) -> None:
    """Every answer of this operation is a documented one, and every request is answered as its schema says."""
    laws = {result.name for result in verdict.results if result.kind == "law"}
    report(verdict, (f for f in verdict.findings if f.operation == operation and f.check not in laws))
    if any(name.startswith("schemathesis ") for name in verdict.unjudged):
        pytest.skip(f"not judged to the end: {verdict.incomplete}")


def test_law(law: str, verdict: Verdict) -> None:
    """This law holds."""
    result = next((result for result in verdict.results if result.name == law), None)
    if result is None or result.status in (Status.SKIPPED, Status.UNFINISHED):
        pytest.skip(result.why if result else "not reached")
    report(verdict, (finding for finding in verdict.findings if finding.check == law))


def test_nothing_else_was_found(verdict: Verdict) -> None:
    """What belongs to no operation of the contract and no law."""
    known = {result.name for result in verdict.results if result.kind == "law"}
    report(verdict, (f for f in verdict.findings if not f.operation and f.check not in known))


def report(verdict: Verdict, findings: Iterable[Breach]) -> None:
    """Fail with every finding: what was promised, and the requests that show otherwise."""
    lines: list[str] = []
    for finding in findings:
        lines += text.lines(as_finding(verdict, finding))
    if lines:
        pytest.fail("\n".join([*map(printable, lines), f"seed {verdict.seeds[0]}"]), pytrace=False)
