"""What a run says: every check with its result, the findings, and what was covered."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.check import conformance
from contracts.check.breach import Breach
from contracts.check.coverage import Share, percent
from contracts.check.keywords import Keyword
from contracts.check.subject import Subject
from contracts.check.target import Target
from contracts.laws import monitor

# Checks that look at whatever others asked for.
OBSERVED = frozenset({*conformance.CHECKS, *monitor.CHECKS})


class Status(enum.StrEnum):
    """What became of one check."""

    KEPT = "kept"
    BROKEN = "broken"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"


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
    """A whole run. `incomplete` says why something was not judged to the end, or is ""."""

    subject: Subject
    target: Target
    seed: int
    results: tuple[Result, ...]
    findings: tuple[Breach, ...]
    coverage: Mapping[str, Share]
    keywords: tuple[Keyword, ...]
    statuses: Mapping[tuple[str, str], int]
    requests: int
    seconds: float
    incomplete: str = ""

    @property
    def kept(self) -> bool:
        return not self.findings

    @property
    def judged(self) -> bool:
        """Whether anything was asked for: looking at the first answer alone is no judgement."""
        asked = (result for result in self.results if result.operation or result.name not in OBSERVED)
        return any(result.status in (Status.KEPT, Status.BROKEN) and result.count for result in asked)

    @property
    def percent(self) -> float:
        """How much of the contract was exercised: the mean of operations, statuses, states, arrows and keywords."""
        return percent(self.coverage.values())
