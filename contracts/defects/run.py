"""Holds the judge against a catalogue: each defect is put around a stub of its own, and the stub is judged."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.check.breach import Breach
from contracts.check.run import Plan, Run
from contracts.check.subject import Subject
from contracts.check.verdict import Status, Verdict
from contracts.defects.defect import Defect
from contracts.defects.wrapper import Wrapper
from contracts.stub import App, inside

# Little of everything: what is not found with these is found too late.
QUICK = Plan(max_examples=6, seconds=90, deterministic=True, first=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one defect. `finding` is what gave it away, None when it survived; then `why` says more.

    `requests` and `seconds` are what the run took to the finding, or to its end. `changed` counts the answers that the
    defect changed.
    """

    defect: Defect
    finding: Breach | None
    requests: int
    seconds: float
    changed: int
    why: str = ""

    @property
    def caught(self) -> bool:
        return self.finding is not None


class UnsoundError(Exception):
    """The judge finds fault with the sound stub: then nothing can be said about a broken one."""


def judge(subject: Subject, defects: Iterable[Defect], plan: Plan = QUICK) -> Iterator[Outcome]:
    """Judge the stub with one defect after the other."""
    for defect in defects:
        verdict, wrapper, seconds = _run(subject, defect, plan)
        yield _outcome(defect, verdict, wrapper, seconds)


def sound(subject: Subject, plan: Plan = QUICK) -> Verdict:
    """Judge the stub as it is. Raises UnsoundError with the first finding."""
    verdict, _, _ = _run(subject, None, plan)
    for finding in verdict.findings:
        raise UnsoundError(f"{finding.check} finds fault with the sound stub: {finding.operation}: {finding.message}")
    if verdict.incomplete:
        raise UnsoundError(f"the sound stub was not judged to the end: {verdict.incomplete}")
    return verdict


def _run(subject: Subject, defect: Defect | None, plan: Plan) -> tuple[Verdict, Wrapper, float]:
    wrappers: list[Wrapper] = []

    def wrap(app: App) -> App:
        wrappers.append(Wrapper(app, subject, defect))
        return wrappers[0]

    target, wire = inside(subject.name, wrap, seed=plan.seed)
    started = time.monotonic()
    verdict = Run(subject, target, plan, wire=wire).execute()
    return verdict, wrappers[0], time.monotonic() - started


def _outcome(defect: Defect, verdict: Verdict, wrapper: Wrapper, seconds: float) -> Outcome:
    """A finding counts only where the defect showed itself; the sound stub gives none."""
    finding = min(verdict.findings, key=_when, default=None) if wrapper.changed else None
    why = "" if finding else _why(verdict, wrapper)
    return Outcome(defect, finding, wrapper.asked, seconds, wrapper.changed, why)


def _when(finding: Breach) -> int:
    return finding.exchanges[-1].number if finding.exchanges else 0


def _why(verdict: Verdict, wrapper: Wrapper) -> str:
    if not wrapper.changed:
        return f"it changed none of {wrapper.asked} answers"
    unfinished = [result.name for result in verdict.results if result.status is Status.UNFINISHED]
    if verdict.incomplete or unfinished:
        return f"the run ended early: {verdict.incomplete or ', '.join(unfinished)}"
    return f"no check or law minds {wrapper.changed} changed answers"
