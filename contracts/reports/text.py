"""The terminal: one line a finding, in the form that editors make clickable (`file:line:column: severity: …`)."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.findings import Finding, printable
from contracts.reports import Report


def render(report: Report) -> str:
    lines = [line for finding in report.findings for line in _lines(finding)]
    return "\n".join(map(printable, [*lines, report.summary])) + "\n"


def _lines(finding: Finding) -> Iterator[str]:
    label = f"{finding.severity}, {finding.kind}" if finding.kind else str(finding.severity)
    yield f"{finding.location}: {label}: {finding.message} [{finding.rule}]"
    if finding.location.pointer:
        yield f"    at {finding.location.pointer}"
    if finding.hint:
        yield f"    {finding.hint}"
    for place in finding.related:
        yield f"    see {place}"
    if finding.witness:
        # Some are several lines: requests one after the other.
        yield from f"    witness: {finding.witness}".split("\n")
