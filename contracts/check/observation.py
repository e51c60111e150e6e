"""What judges every answer of a run, whoever asked for it, and counts what was exercised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contracts.check.coverage import Coverage
from contracts.check.verdict import Result, Status
from contracts.laws import monitor
from contracts.laws.monitor import Monitor
from contracts.target import conformance
from contracts.target.breach import Breach
from contracts.target.conformance import Conformance
from contracts.target.exchange import Exchange
from contracts.target.subject import Subject


@dataclass(frozen=True, slots=True)
class Observation:
    """An observer of exchanges, which is three: every answer fits the contract, every job its life cycle, coverage."""

    conformance: Conformance
    monitor: Monitor
    coverage: Coverage

    @classmethod
    def of(cls, subject: Subject, seed: int) -> Observation:
        observed = Monitor(subject, seed)
        return cls(Conformance(subject, seed), observed, Coverage(subject, observed))

    def __call__(self, exchange: Exchange) -> None:
        for observer in (self.conformance, self.monitor, self.coverage):
            observer(exchange)

    @property
    def breaches(self) -> list[Breach]:
        return [*self.conformance.breaches, *self.monitor.breaches]

    def results(self, findings: Sequence[Breach]) -> Iterator[Result]:
        """What became of each check of every answer, whose findings are among these."""
        yield from _results("check", conformance.CHECKS, self.conformance.judged, findings)
        if self.monitor.subject.contract.lifecycles:
            yield from _results("lifecycle", monitor.CHECKS, self.monitor.judged, findings)


def _results(kind: str, checks: dict[str, str], judged: int, findings: Sequence[Breach]) -> Iterator[Result]:
    broken = {finding.check for finding in findings}
    for name, title in checks.items():
        status = Status.BROKEN if name in broken else Status.KEPT if judged else Status.SKIPPED
        yield Result(kind, name, title, "", status, judged)
