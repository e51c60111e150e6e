"""A comparison: every case on both sides, their differences, and the overlay that admits what breaks the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.check.budget import BudgetSpentError
from contracts.check.exchange import Exchange
from contracts.check.subject import Subject
from contracts.check.transport import UnreachableError
from contracts.compare.cases import Case, JobCase, cases, translated, translation
from contracts.compare.drift import Drift, differences, folded, state_drift
from contracts.compare.normalise import Names
from contracts.compare.overlay import Amendment
from contracts.compare.replay import Play, play, sent_texts
from contracts.compare.side import Side
from mockserver.specification.library import Address

# How often all answers are gone through until the document admits every one.
PASSES = 3


@dataclass(slots=True)
class Comparison:
    """What came out: the drifts, how many cases and answers were laid side by side, and why it ended early, or ""."""

    drifts: list[Drift]
    cases: int
    answers: int
    incomplete: str = ""


@dataclass(slots=True)
class _Comparer:
    subject: Subject
    left: Side
    right: Side
    words: dict[str, str]
    drifts: list[Drift] = field(default_factory=list)
    answers: int = 0

    def case(self, case: Case | JobCase) -> None:
        """Play one case on both sides, and lay the answers next to each other."""
        plays, silent = [], []
        for side, words in ((self.left, {}), (self.right, self.words)):
            try:
                plays.append(play(side, case, words))
            except UnreachableError as error:
                silent.append((side.name, str(error)))
        if silent:
            self._silent(case, silent)
        else:
            self._lay(case, plays[0], plays[1])

    def _silent(self, case: Case | JobCase, silent: list[tuple[str, str]]) -> None:
        said = dict(silent)
        if len(said) == 1:
            operation = case.operation if isinstance(case, Case) else ""
            address = self.subject.operation(operation).address if operation else Address(self._main, "/paths")
            words = said.get("left", "answers"), said.get("right", "answers")
            self.drifts.append(Drift("answer", operation, case.name, (), *words, address))

    @property
    def _main(self) -> str:
        return self.subject.contract.library.main

    def _lay(self, case: Case | JobCase, left: Play, right: Play) -> None:
        names = Names(), Names()
        sent = case.body if isinstance(case, JobCase) else dict(case.arguments)
        for own, words in zip(names, ({}, self.words), strict=True):
            texts = sent_texts(translated(sent, words))
            own.teach((text, f"sent {number}") for number, text in enumerate(texts) if text)
        for number, (one, other) in enumerate(self.words.items()):
            names[0].teach([(one, f"data {number}")])
            names[1].teach([(other, f"data {number}")])
        for label, exchange in left.seen.items():
            if label in right.seen:
                self.answers += 1
                pair = exchange, right.seen[label]
                self.drifts += differences(self.subject, label, pair, names, left.lifecycle)
        if left.lifecycle is not None:
            controlled = self.left.control is not None, self.right.control is not None
            for ways in zip(left.states, right.states, strict=False):
                name = next(iter(left.seen.values())).operation
                last = _last(left, ways[0]), _last(right, ways[1])
                self.drifts += (replace(one, pair=last) for one in state_drift(left.lifecycle, ways, name, controlled))


def compare(
    left: Side, right: Side, *, examples: int, progress: Callable[[str], None] = lambda text: None
) -> Comparison:
    """Play every case on both sides."""
    subject = left.context.subject
    comparer = _Comparer(subject, left, right, translation(left.target.data, right.target.data))
    planned = cases(left, examples=examples, writes=left.target.writes and right.target.writes)
    done, why = 0, ""
    try:
        for number, case in enumerate(planned, 1):
            progress(f"case {number}/{len(planned)} {case.name}")
            comparer.case(case)
            done = number
    except BudgetSpentError as spent:
        why = f"{done} of {len(planned)} cases: {spent}"
    finally:
        left.leave()
        right.leave()
    return Comparison(folded(comparer.drifts), done, comparer.answers, why)


def admitting(subject: Subject, drifts: list[Drift]) -> dict[str, Any] | None:
    """An overlay that makes every answer that breaks the contract a documented one; None when nothing breaks it."""
    amendment = Amendment.of(subject.contract)
    seen = [exchange for drift in drifts for exchange in drift.pair if exchange is not None]
    for _ in range(PASSES):  # what admits one answer may get into the way of another
        before = len(amendment.actions)
        for exchange in seen:
            amendment.admit(exchange)
        if len(amendment.actions) == before:
            break
    for drift in drifts:
        if drift.kind == "states":
            job = next(one for at, one in subject.contract.lifecycles.items() if _below(drift.address, at))
            for side, words in (("left", drift.left), ("right", drift.right)):
                if side in drift.breaks:
                    amendment.allow(job, words.split(" > "))
    return amendment.overlay(f"What the servers of {subject.name} do") if amendment.actions else None


def _below(address: Address, owner: Address) -> bool:
    return address.uri == owner.uri and address.pointer.startswith(f"{owner.pointer}/")


def _last(played: Play, states: tuple[str, ...] | None) -> Exchange | None:
    """The answer that showed the last of these states."""
    if not states:
        return None
    return next((one for label, one in played.seen.items() if label.endswith(f" while {states[-1]}")), None)
