"""What a run says: every check with its result, the findings, and what was covered."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from contracts.check.coverage import Keyword, Share, joined, percent, share_of
from contracts.laws import monitor
from contracts.target import conformance
from contracts.target.breach import Breach, fold
from contracts.target.subject import Subject
from contracts.target.target import Target

# Checks that look at whatever others asked for.
OBSERVED = frozenset({*conformance.CHECKS, *monitor.CHECKS})


class Status(enum.StrEnum):
    """What became of one check. Of several runs the last in this order stands."""

    SKIPPED = "skipped"
    KEPT = "kept"
    UNFINISHED = "unfinished"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Result:
    """One check of one operation, or one law (`operation` is ""). `why` explains a check that was not judged.

    `count` is how often it was judged; `kind` is `check` (Schemathesis and conformance), `lifecycle` or `law`.
    """

    kind: str
    name: str
    title: str
    operation: str
    status: Status
    count: int = 0
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole run, or several of one target. `incomplete` says why something was not judged to the end, or is "";
    `unjudged` is what. `gone`: the target answered nothing any more.

    `asked` are the options that repeat the run, but for the seed.
    """

    subject: Subject
    target: Target
    seeds: tuple[int, ...]
    results: tuple[Result, ...]
    findings: tuple[Breach, ...]
    coverage: Mapping[str, Share]
    keywords: tuple[Keyword, ...]
    statuses: Mapping[tuple[str, str], int]
    requests: int
    seconds: float
    incomplete: str = ""
    asked: str = ""
    gone: bool = False
    # What a shell expands in the requests of the findings: the names of credentials.
    placeholders: frozenset[str] = frozenset()

    @property
    def kept(self) -> bool:
        return not self.findings

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The names of the laws and phases that were not judged to the end."""
        return tuple(result.name for result in self.results if result.status is Status.UNFINISHED)

    @property
    def judged(self) -> bool:
        """Whether anything was asked for: looking at the first answer alone is no judgement."""
        asked = (result for result in self.results if result.operation or result.name not in OBSERVED)
        return any(result.status in (Status.KEPT, Status.BROKEN) and result.count for result in asked)

    @property
    def percent(self) -> float:
        """How much of the contract was exercised: the mean of operations, statuses, states, arrows and keywords."""
        return percent(self.coverage.values())

    @property
    def summary(self) -> str:
        """One line: what was found, how much was looked at, how long it took."""
        count = {status: sum(result.status is status for result in self.results) for status in Status}
        kept = "kept as far as it was judged" if self.incomplete else "kept"
        found = f"{len(self.findings)} finding{'s'[: len(self.findings) != 1]}" if self.findings else kept
        parts = [
            f"{found}: {count[Status.KEPT]} checks kept",
            *(
                f"{count[status]} {status}"
                for status in (Status.BROKEN, Status.SKIPPED, Status.UNFINISHED)
                if count[status]
            ),
            f"{self.percent:.0f}% of the contract exercised",
            f"{self.requests} requests in {self.seconds:.0f} s",
            *([f"seed{'s'[: len(self.seeds) > 1]} {', '.join(map(str, self.seeds))}"] if self.seeds else []),
        ]
        return ", ".join(parts)


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Several runs of one target with different seeds as one verdict: every finding, and what any of them exercised."""
    return reduce(_two, verdicts)


def _two(first: Verdict, second: Verdict) -> Verdict:
    keywords = joined(first.keywords, second.keywords)
    shares = {kind: _missed_by_both(share, second.coverage[kind]) for kind, share in first.coverage.items()}
    return replace(
        first,
        seeds=first.seeds + second.seeds,
        results=_merged([*first.results, *second.results]),
        findings=fold([*first.findings, *second.findings]),
        coverage={**shares, "keywords": share_of(keywords)},
        keywords=keywords,
        statuses=Counter(first.statuses) + Counter(second.statuses),
        requests=first.requests + second.requests,
        seconds=first.seconds + second.seconds,
        incomplete=first.incomplete or second.incomplete,
        gone=first.gone or second.gone,
    )


def _missed_by_both(one: Share, other: Share) -> Share:
    return Share(one.all, tuple(name for name in one.missed if name in other.missed))


def _merged(results: Iterable[Result]) -> tuple[Result, ...]:
    """The worst of equal checks, counted together."""
    order = list(Status)
    found: dict[tuple[str, str, str], Result] = {}
    for result in results:
        key = (result.kind, result.name, result.operation)
        known = found.get(key)
        if known is None:
            found[key] = result
            continue
        worst = max(known, result, key=lambda one: order.index(one.status))
        found[key] = replace(worst, count=known.count + result.count, seconds=known.seconds + result.seconds)
    return tuple(found.values())
