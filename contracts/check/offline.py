"""`contracts check PROVIDER --har FILE`: exchanges that others had, held against contract and life cycle.

Nothing is sent. Of a recording of ours the laws are not judged again: what it says of them is reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from contracts.check.observation import Observation
from contracts.check.recorder import recorded
from contracts.check.redacted import redacted
from contracts.check.verdict import Result, Status, Verdict
from contracts.findings import shown
from contracts.har.reader import Har, HarError, read
from contracts.redaction.redactor import Redactor
from contracts.target.breach import Breach, Key, fold
from contracts.target.client import Matcher
from contracts.target.exchange import Exchange
from contracts.target.request_conformance import RequestConformance
from contracts.target.subject import Subject
from contracts.target.target import Target

REQUESTS = "accepted_request_conformance"
_SESSION = re.compile(r"(?<=[^/:])/~([A-Za-z0-9._-]+)(?=/|$)")
# So many of the entries that are not judged are named.
NAMED = 3


def judge_har(subject: Subject, path: Path, base: str = "", *, raw: bool = False) -> Verdict:
    """Judge a file; `base` is where the provider is in it, else what the file or the contract says. Raises HarError.

    Where `raw`, and in a recording that was made so, values are shown as they are.
    """
    har = read(path)
    if har.run.get("provider", subject.name) != subject.name:
        raise HarError(f"{shown(path)} is a recording of {har.run['provider']}, not of {subject.name}")
    bases = [base] if base else [str(har.run["base"])] if "base" in har.run else list(servers(subject))
    ours, others = _sorted(subject, har.exchanges, bases)
    if not ours:
        hosts = ", ".join(sorted({urlsplit(one.request.url).netloc for one in har.exchanges})[:NAMED]) or "no exchange"
        raise HarError(f"{shown(path)} has nothing of {' or '.join(bases)} but of {hosts}; say --target BASE-URL")
    raw = raw or bool(har.run.get("raw"))
    target = Target(shown(path), subject.name, bases[0], {}, {}, published=raw)
    verdict = _verdict(subject, har, target, ours, [*others, *har.unread])
    redactor = replace(Redactor.of(subject, target), raw=raw, hosts=frozenset(urlsplit(one).netloc for one in bases))
    return redacted(verdict, redactor, ours)


def servers(subject: Subject) -> Iterator[str]:
    """The base URLs of the contract, with the defaults of their variables."""
    for server in subject.contract.library.root.get("servers") or [{"url": "/"}]:
        url = server["url"]
        for name, variable in (server.get("variables") or {}).items():
            url = url.replace(f"{{{name}}}", str(variable["default"]))
        yield url.rstrip("/")


def _sorted(subject: Subject, exchanges: Sequence[Exchange], bases: Sequence[str]) -> tuple[list[Exchange], list[str]]:
    """The exchanges of the contract, each with its operation, and what the others are."""
    matchers = [(urlsplit(base).netloc, Matcher.of(subject, base)) for base in bases]
    ours, others = [], []
    for exchange in exchanges:
        request = exchange.request
        host = urlsplit(request.url).netloc
        found = (matcher.identify(request.method, request.url) for at, matcher in matchers if at in ("", host))
        operation = next(filter(None, found), "")
        if operation:
            session = _SESSION.search(request.url)
            ours.append(replace(exchange, operation=operation, session=session[1] if session else exchange.session))
        elif "/_mock/" not in request.url:
            others.append(f"{request.method} {request.url.partition('?')[0]}")
    return ours, others


@dataclass(slots=True)
class Requests:
    """An observer of requests that were accepted: they keep the contract, or there is more than it says."""

    subject: Subject
    meaning: RequestConformance = field(init=False)
    breaches: list[Breach] = field(default_factory=list)
    judged: int = 0

    def __post_init__(self) -> None:
        self.meaning = RequestConformance(self.subject)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.status >= 300:
            return
        self.judged += 1
        if self.meaning.keeps(exchange) is False:
            promise = self.subject.operation(exchange.operation).address
            words = f"a request that is not as the contract has it is answered with {exchange.status}"
            self.breaches.append(Breach(REQUESTS, exchange.operation, promise, words, (exchange,), 0, Key(promise)))

    def result(self) -> Result:
        title = "Every request that is accepted keeps the contract"
        return Result("check", REQUESTS, title, "", Status.BROKEN if self.breaches else Status.KEPT, self.judged)


def _verdict(subject: Subject, har: Har, target: Target, ours: Sequence[Exchange], others: Sequence[str]) -> Verdict:
    seed = int(har.run.get("seed", 0))
    observation, requests = Observation.of(subject, seed), Requests(subject)
    for exchange in ours:
        observation(exchange)
        if not har.run:  # what the judge itself sends is often wrong on purpose, and told by its own checks
            requests(exchange)
    results, kept, incomplete = recorded(subject, har.verdict)
    findings = fold([*observation.breaches, *requests.breaches, *kept])
    results += [*observation.results(findings), *([] if har.run else [requests.result()]), *_others(others)]
    coverage = observation.coverage
    return Verdict(
        subject=subject,
        target=target,
        seeds=(seed,) if har.run else (),
        results=tuple(results),
        findings=findings,
        coverage=coverage.shares(),
        keywords=coverage.keywords.all(),
        statuses=dict(coverage.statuses),
        requests=len(ours),
        seconds=sum(exchange.response.seconds for exchange in ours),
        incomplete=incomplete or (f"the file breaks off after {len(har.exchanges)} entries" if har.breaks_off else ""),
        asked=f"--har {target.name}",
    )


def _others(others: Sequence[str]) -> Iterator[Result]:
    """That some entries were not judged, and which."""
    if not others:
        return
    most = [f"{name} ({times})" if times > 1 else name for name, times in Counter(others).most_common(NAMED)]
    more = f" and {len(set(others)) - NAMED} more" if len(set(others)) > NAMED else ""
    why = f"{len(others)} entries are not of this contract, or cannot be judged: {', '.join(most)}{more}"
    yield Result("check", "entries", "Every entry of the file is of the contract", "", Status.SKIPPED, 0, why)
