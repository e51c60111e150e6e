"""One page that opens from disk: no script, no other file, printable."""

from __future__ import annotations

from pathlib import Path

import jinja2

from contracts.check.coverage import Keyword
from contracts.check.reports import again, confirmation, shortened, steps, summary
from contracts.check.verdict import Status, Verdict
from contracts.findings import Location

TEMPLATE = Path(__file__).with_name("report.html")


def render(verdict: Verdict) -> str:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    per_operation = [result for result in verdict.results if result.operation]
    cells = {(result.operation, result.name): result for result in per_operation}
    return (
        template.render(
            verdict=verdict,
            summary=summary(verdict),
            findings=[
                (f, verdict.subject.location(f.promise), verdict.subject.statement(f.promise), steps(verdict, f))
                for f in verdict.findings
            ],
            operations=verdict.subject.contract.operations,
            checks=sorted({result.name for result in per_operation}),
            cells=cells,
            keywords=[row for row in _keywords(verdict) if row[1] or row[3]],
            laws=[result for result in verdict.results if not result.operation],
            again=again,
            confirmation=confirmation,
            shortened=shortened,
            Status=Status,
        )
        + "\n"
    )


def _keywords(verdict: Verdict) -> list[tuple[str, int, int, list[tuple[Keyword, Location]]]]:
    """For each operation: its keywords, how many were exercised, and where those stand that were not, or cannot be."""
    rows = []
    for operation in verdict.subject.contract.operations:
        own = [keyword for keyword in verdict.keywords if keyword.operation == operation.id]
        judged = sum(not keyword.unjudged for keyword in own)
        seen = judged - sum(bool(keyword.lacks) for keyword in own)
        rest = [keyword for keyword in own if keyword.lacks or keyword.unjudged]
        rows.append((operation.id, judged, seen, [(one, verdict.subject.location(one.address)) for one in rest]))
    return rows
