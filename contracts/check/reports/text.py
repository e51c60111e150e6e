"""The terminal: findings first, each with what was promised, what came back and how to repeat it; then the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.check.reports import again, confirmation, shortened, steps, summary
from contracts.check.verdict import Status, Verdict
from contracts.findings import printable
from contracts.target.breach import Breach

# Longer sequences are in the other reports.
MOST_STEPS = 20


def render(verdict: Verdict) -> str:
    lines = [f"{verdict.subject.name} at {verdict.target.url}", ""]
    for finding in verdict.findings:
        lines += [*_finding(verdict, finding), ""]
    lines += _skipped(verdict)
    lines += _coverage(verdict)
    if verdict.incomplete:
        lines.append(f"not judged to the end: {verdict.incomplete}")
    return "\n".join(map(printable, [*lines, summary(verdict)])) + "\n"


def _finding(verdict: Verdict, finding: Breach) -> Iterator[str]:
    location = verdict.subject.location(finding.promise)
    about = f" {finding.operation}" if finding.operation else ""
    times = f" ({finding.times} times)" if finding.times > 1 else ""
    yield f"BROKEN {finding.check}{about}: {finding.message}{times}"
    yield f"  promised at {location}: {verdict.subject.statement(finding.promise)}"
    lines = steps(verdict, finding)
    for line in lines[-MOST_STEPS:]:
        yield f"  $ {line}"
    if finding.exchanges:
        yield f"  answered {finding.exchanges[-1].status}: {shortened(finding.exchanges[-1].response.body, 400)}"
    if confirmation(finding):
        yield f"  {confirmation(finding)}"
    yield f"  again with {again(verdict, finding)}"


def _skipped(verdict: Verdict) -> Iterator[str]:
    for result in verdict.results:
        if result.status in (Status.SKIPPED, Status.UNFINISHED) and result.why:
            yield f"{result.status} {result.name}: {result.why}"


def _coverage(verdict: Verdict) -> Iterator[str]:
    for kind, share in verdict.coverage.items():
        if share.all:
            missed = f", not {_some(share.missed)}" if share.missed else ""
            yield f"{kind}: {share.seen} of {share.all}{missed}"
        if share.unjudged:
            yield f"{kind} that cannot be judged: {len(share.unjudged)}, {_some(share.unjudged)}"


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - 6} more" if len(words) > 6 else ""
    return ", ".join(words[:6]) + more
