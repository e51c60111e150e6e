"""One comment on a pull request: the summary, then a table of the findings, the most severe first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.findings import Finding
from contracts.reports.model import Report

# A CI job finds its own comment by this first line, and replaces it instead of adding another.
MARKER = "<!-- contracts {command} -->"
# GitHub refuses a comment of more than 65,536 characters.
LIMIT = 60_000


def render(report: Report) -> str:
    ordered = sorted(report.findings, key=lambda finding: -finding.severity)
    head = [MARKER.format(command=report.command), f"### {_cell(report.title)}", "", _cell(report.summary), ""]
    return "\n".join(head) + ("\n".join(_table(ordered)) + "\n" if ordered else "")


def _table(findings: list[Finding]) -> Iterator[str]:
    yield "| | where | what | rule |"
    yield "|---|---|---|---|"
    length = 0
    for number, finding in enumerate(findings):
        row = _row(finding)
        length += len(row)
        if length > LIMIT:
            yield f"\n{len(findings) - number} more findings are in the other reports."
            return
        yield row


def _row(finding: Finding) -> str:
    what = [_cell(finding.message)]
    if finding.hint:
        what.append(_cell(finding.hint))
    what.extend(f"see {_code(str(place))}" for place in finding.related)
    if finding.witness:
        what.append(f"witness: {_code(finding.witness)}")
    label = f"{finding.severity}, {finding.kind}" if finding.kind else str(finding.severity)
    where = _code(f"{finding.location.file}:{finding.location.line}")
    return f"| {label} | {where} | {'<br>'.join(what)} | {_code(finding.rule)} |"


def _cell(text: str) -> str:
    """Text of a document, which must not become markup: a description may hold `|`, `<script>` or `@everyone`."""
    return re.sub(r"([\\`*_{}\[\]<>|@#~])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """A code span; within a table a bar must be escaped even there, and a backtick in it asks for a longer fence."""
    flat = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if "`" in flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
