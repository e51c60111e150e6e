"""Holds the judge against a catalogue: each defect is put around a stub of its own, and the stub is judged."""

from __future__ import annotations

import enum
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.verdict import Status, Verdict
from contracts.defects.defect import Defect
from contracts.defects.wrapper import Wrapper
from contracts.stub import App, inside
from contracts.target.breach import Breach
from contracts.target.subject import Subject
from openapi.shipped import SPECS

# Little of everything: what is not found with these is found too late. A run ends after so many requests, ten times
# what any takes, and never by the wall clock: a machine that is busy finds what an idle one does.
QUICK = Plan(max_examples=6, seconds=math.inf, requests=20_000, deterministic=True, first=True)


class Fate(enum.StrEnum):
    """What becomes of a defect. One whose run ended before everything was judged is neither caught nor survived."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    UNJUDGED = "not judged to the end"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one defect. `finding` is what gave it away, None when nothing did; then `why` says more.

    `requests` and `seconds` are what the run took to the finding, or to its end. `changed` counts the answers that the
    defect changed. `complete`: whether everything was judged, where nothing was found.
    """

    defect: Defect
    finding: Breach | None
    requests: int
    seconds: float
    changed: int
    why: str = ""
    complete: bool = True

    @property
    def fate(self) -> Fate:
        if self.finding is not None:
            return Fate.CAUGHT
        return Fate.SURVIVED if self.complete else Fate.UNJUDGED

    @property
    def caught(self) -> bool:
        return self.fate is Fate.CAUGHT


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

    shipped = subject.path.resolve().is_relative_to(SPECS.resolve())
    target, wire = inside(subject.name, wrap, seed=plan.seed, document=None if shipped else subject.path)
    started = time.monotonic()
    verdict = Run(subject, target, plan, wire=wire).execute()
    return verdict, wrappers[0], time.monotonic() - started


def _outcome(defect: Defect, verdict: Verdict, wrapper: Wrapper, seconds: float) -> Outcome:
    """A finding counts only where the defect showed itself; the sound stub gives none."""
    finding = min(verdict.findings, key=_when, default=None) if wrapper.changed else None
    ended = "" if finding else _ended(verdict, wrapper)
    why = ended or ("" if finding else _why(wrapper))
    return Outcome(defect, finding, wrapper.asked, seconds, wrapper.changed, why, complete=not ended)


def _when(finding: Breach) -> int:
    return finding.exchanges[-1].number if finding.exchanges else 0


def _ended(verdict: Verdict, wrapper: Wrapper) -> str:
    """Why not everything was judged; "" when it was."""
    for finding in verdict.findings:
        return f"{finding.check} finds fault with {wrapper.asked} answers that are the sound stub's: {finding.message}"
    unfinished = [f"{result.name}: {result.why}" for result in verdict.results if result.status is Status.UNFINISHED]
    return verdict.incomplete or "; ".join(unfinished)


def _why(wrapper: Wrapper) -> str:
    if not wrapper.changed:
        return f"it changed none of {wrapper.asked} answers"
    return f"no check or law minds {wrapper.changed} changed answers"
