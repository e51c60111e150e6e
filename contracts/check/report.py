"""A verdict as a report: what it found, at the lines of the broken promises, and what it looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.check.evidence import again, evidence
from contracts.check.report_data import as_data
from contracts.check.report_tables import tables
from contracts.check.verdict import Result, Status, Verdict
from contracts.findings import Finding, Rule, Severity
from contracts.reports.model import Case, Report
from contracts.target.breach import Breach, Key
from openapi.library import Address

UNJUDGED = "not-judged-to-the-end"
SUITES = {"check": "responses and requests", "lifecycle": "life cycle", "law": "laws"}


def as_report(verdict: Verdict) -> Report:
    """The whole verdict. A list of findings that ends early does not look like a whole one: it says so itself."""
    found = [(breach, as_finding(verdict, breach)) for breach in verdict.findings]
    findings = [finding for _, finding in found]
    titles = {result.name: result.title for result in verdict.results}
    broken = {finding.rule for finding in findings}
    rules = {name: Rule(name, Severity.ERROR, titles.get(name, name), "promised") for name in broken}
    if verdict.incomplete:
        rules[UNJUDGED] = Rule(UNJUDGED, Severity.WARNING, "Everything is judged", "What is not judged may be broken.")
        findings.append(_unjudged(verdict))
    keeps = "keeps" if verdict.kept else "breaks"
    title = f"{verdict.subject.name} at {verdict.target.url}"
    return Report(
        command="check",
        title=title,
        summary=verdict.summary,
        rules=rules,
        findings=tuple(findings),
        verdict=f"{keeps} its contract{', as far as it was judged' if verdict.incomplete else ''}",
        notes=(*(("",) if verdict.findings else ()), title, *_skipped(verdict), *_coverage(verdict)),
        cases=tuple(_cases(verdict, found)),
        tables=tables(verdict),
        data=as_data(verdict),
    )


def _unjudged(verdict: Verdict) -> Finding:
    """That something was not judged: a list of findings that ends early must not look like a whole one."""
    library = verdict.subject.contract.library
    what = f"; not judged: {', '.join(verdict.unjudged)}" if verdict.unjudged else ""
    message = f"not judged to the end: {verdict.incomplete}{what}"
    return Finding(UNJUDGED, Severity.WARNING, verdict.subject.location(Address(library.main, "/paths")), message)


def as_finding(verdict: Verdict, breach: Breach) -> Finding:
    """One finding, at the line of what was promised; the requests that show it are its witness."""
    location, shown = verdict.subject.location(breach.promise), evidence(verdict, breach)
    message = f"{breach.operation}: {breach.message}" if breach.operation else breach.message
    return Finding(
        breach.check,
        Severity.ERROR,
        location,
        message,
        hint=f"again with {again(verdict, breach)}",
        witness="\n".join(step.command for step in shown.steps),
        key=_identity(breach),
        evidence=shown,
    )


def _identity(breach: Breach) -> str:
    """What tells the breach from others of its check and promise, without the words and values of one run."""
    key = breach.key
    promise = key.promise.pointer if isinstance(key.promise, Address) else key.promise
    parts = (breach.operation, promise, key.status, key.media_type, *key.route, *key.subject)
    return "\0".join(str(part) for part in parts) if key != Key() else ""


def _cases(verdict: Verdict, found: Sequence[tuple[Breach, Finding]]) -> Iterator[Case]:
    """A case for every check of an operation and every law; a finding that belongs to none of them is one by itself."""
    left = list(found)
    for result in sorted(verdict.results, key=lambda one: list(SUITES).index(one.kind)):
        mine = [pair for pair in left if result.status is Status.BROKEN and _belongs(pair[0], result)]
        left = [pair for pair in left if pair not in mine]
        skipped = result.why if result.status in (Status.SKIPPED, Status.UNFINISHED) else None
        findings = tuple(finding for _, finding in mine)
        yield Case(SUITES[result.kind], result.name, result.operation, result.seconds, findings, skipped)
    for breach, finding in left:
        yield Case("findings", breach.check, breach.operation, findings=(finding,))
    if verdict.incomplete:
        yield Case("run", "judged to the end", skipped=verdict.incomplete)


def _belongs(breach: Breach, result: Result) -> bool:
    return breach.check == result.name and result.operation in ("", breach.operation)


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
