"""A verdict in the forms that a terminal, a build server or a code review reads.

`sarif`, `github`, `gitlab` and `markdown` are those of `contracts.reports`, as for findings in documents; what a run
knows beyond its findings (checks, coverage, exchanges) is in `text`, `json`, `junit` and `html`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import partial

from contracts import reports as shared
from contracts.check.shell import curl
from contracts.check.verdict import Status, Verdict
from contracts.findings import Finding, Rule, Severity
from contracts.reports.output import ReportTarget, with_terminal, write_each
from contracts.target.breach import Breach, Key
from openapi.library import Address

OWN = {name: f"contracts.check.reports.{name}" for name in ("text", "json", "junit", "html")}
UNJUDGED = "not-judged-to-the-end"
FORMATS = (*OWN, *(name for name in shared.FORMATS if name not in OWN))


def write(verdict: Verdict, targets: Sequence[ReportTarget]) -> None:
    """Write every report asked for, and the text to the terminal. Raises ReportError."""
    write_each(partial(render, verdict), with_terminal(targets))


def render(verdict: Verdict, name: str) -> str:
    """The verdict in one format, a whole file that ends with a newline."""
    if name in OWN:
        text: str = importlib.import_module(OWN[name]).render(verdict)
    else:
        text = shared.render(as_report(verdict), name)
    return text


def as_report(verdict: Verdict) -> shared.Report:
    """The findings of a verdict as those of a document, at the lines of the broken promises."""
    titles = {result.name: result.title for result in verdict.results}
    rules = {
        finding.check: Rule(finding.check, Severity.ERROR, titles.get(finding.check, finding.check), "promised")
        for finding in verdict.findings
    }
    findings = tuple(as_finding(verdict, finding) for finding in verdict.findings)
    if verdict.incomplete:
        rules[UNJUDGED] = Rule(UNJUDGED, Severity.WARNING, "Everything is judged", "What is not judged may be broken.")
        findings += (_unjudged(verdict),)
    title = f"{verdict.subject.name} at {verdict.target.url}"
    return shared.Report("check", title, summary(verdict), rules, findings)


def _unjudged(verdict: Verdict) -> Finding:
    """That something was not judged: a list of findings that ends early must not look like a whole one."""
    library = verdict.subject.contract.library
    what = f"; not judged: {', '.join(verdict.unjudged)}" if verdict.unjudged else ""
    message = f"not judged to the end: {verdict.incomplete}{what}"
    return Finding(UNJUDGED, Severity.WARNING, verdict.subject.location(Address(library.main, "/paths")), message)


def as_finding(verdict: Verdict, breach: Breach) -> Finding:
    """One finding, at the line of what was promised; the requests that show it are its witness."""
    location = verdict.subject.location(breach.promise)
    message = f"{breach.operation}: {breach.message}" if breach.operation else breach.message
    return Finding(
        breach.check,
        Severity.ERROR,
        location,
        message,
        hint=f"again with {again(verdict, breach)}",
        witness="\n".join(steps(verdict, breach)),
        key=_identity(breach),
    )


def _identity(breach: Breach) -> str:
    """What tells the breach from others of its check and promise, without the words and values of one run."""
    key = breach.key
    promise = key.promise.pointer if isinstance(key.promise, Address) else key.promise
    parts = (breach.operation, promise, key.status, key.media_type, *key.route, *key.subject)
    return "\0".join(str(part) for part in parts) if key != Key() else ""


def steps(verdict: Verdict, breach: Breach) -> list[str]:
    """The requests of a finding as curl lines, each with the status that came back. Raw values are in none."""
    return [f"{curl(one.request, verdict.placeholders)}  # {one.status}" for one in breach.exchanges]


def confirmation(breach: Breach) -> str:
    """What became of the steps when they were sent once more, alone; "" when that was not tried."""
    return {
        None: "",
        True: "sent once more, the same came back",
        False: "sent once more, something else came back: it takes other requests too, or their timing",
    }[breach.seen_again]


def again(verdict: Verdict, breach: Breach) -> str:
    """The options that find this again: the seed, and what to look with."""
    if verdict.asked.startswith("--har"):
        return verdict.asked
    by, _, name = (breach.exchanges[-1].by if breach.exchanges else "").partition(" ")
    only = {"law": f"--only {name}", "schemathesis": "--only schemathesis"}.get(by, "")
    return " ".join(filter(None, (verdict.asked, f"--seed {breach.seed}", only)))


def summary(verdict: Verdict) -> str:
    """One line: what was found, how much was looked at, how long it took."""
    count = {status: sum(result.status is status for result in verdict.results) for status in Status}
    kept = "kept as far as it was judged" if verdict.incomplete else "kept"
    found = f"{len(verdict.findings)} finding{'s'[: len(verdict.findings) != 1]}" if verdict.findings else kept
    parts = [
        f"{found}: {count[Status.KEPT]} checks kept",
        *(
            f"{count[status]} {status}"
            for status in (Status.BROKEN, Status.SKIPPED, Status.UNFINISHED)
            if count[status]
        ),
        f"{verdict.percent:.0f}% of the contract exercised",
        f"{verdict.requests} requests in {verdict.seconds:.0f} s",
        *([f"seed{'s'[: len(verdict.seeds) > 1]} {', '.join(map(str, verdict.seeds))}"] if verdict.seeds else []),
    ]
    return ", ".join(parts)


def shortened(body: bytes, limit: int = 1000) -> str:
    """A body for people: text, and not all of it when it is long."""
    text = body[: limit + 4].decode("utf-8", "replace")
    return text if len(text) <= limit else f"{text[:limit]}… ({len(body):,} bytes)"
