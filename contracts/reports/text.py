"""The terminal: one line a finding, in the form that editors make clickable (`file:line:column: severity: …`)."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.findings import Evidence, Finding, printable
from contracts.reports.model import Report

# Longer sequences, and the rest of an answer, are in the other reports.
MOST_STEPS, MOST_CHARACTERS = 20, 400


def render(report: Report) -> str:
    found = [line for finding in report.findings for line in lines(finding)]
    return "\n".join(map(printable, [*found, *report.notes, report.summary])) + "\n"


def lines(finding: Finding) -> Iterator[str]:
    """The finding, then what belongs to it, indented."""
    label = f"{finding.severity}, {finding.kind}" if finding.kind else str(finding.severity)
    times = f" ({finding.evidence.times} times)" if finding.evidence and finding.evidence.times > 1 else ""
    yield f"{finding.location}: {label}: {finding.message}{times} [{finding.rule}]"
    if finding.location.pointer:
        yield f"    at {finding.location.pointer}"
    if finding.evidence:
        yield from _evidence(finding.evidence, finding.location.pointer)
    if finding.hint:
        yield f"    {finding.hint}"
    for place in finding.related:
        yield f"    see {place}"
    if finding.witness and not finding.evidence:
        # Some are several lines: requests one after the other.
        yield from f"    witness: {finding.witness}".split("\n")


def _evidence(evidence: Evidence, pointer: str) -> Iterator[str]:
    if evidence.statement != pointer:
        yield f"    promised: {evidence.statement}"
    for step in evidence.steps[-MOST_STEPS:]:
        yield f"    $ {step.command}"
    if evidence.steps:
        last = evidence.steps[-1]
        more = "…" if len(last.body) > MOST_CHARACTERS else ""
        yield f"    answered {last.status}: {last.body[:MOST_CHARACTERS]}{more}"
    if evidence.confirmation:
        yield f"    {evidence.confirmation}"
