"""A comparison: every case on both sides, and their differences."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from contracts.compare.cases import Case, JobCase, cases, translated, translation
from contracts.compare.drift import Drift, differences, folded, lone, state_drift
from contracts.compare.normalise import Names
from contracts.compare.replay import Play, play, sent_texts
from contracts.compare.side import Side
from contracts.target.budget import BudgetSpentError
from contracts.target.subject import Subject
from contracts.target.transport import UnreachableError
from openapi.library import Address
from openapi.lifecycle import Lifecycle


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
            why = tuple(said.values())
            self.drifts.append(Drift("answer", operation, case.name, (), *words, address, breaks=tuple(said), why=why))

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
        left, right = _aligned(left, right)
        for label, exchange in left.seen.items():
            if label in right.seen:
                self.answers += 1
                pair, breaches = (exchange, right.seen[label]), (left.breaches, right.breaches)
                self.drifts += differences(self.subject, label, pair, names, left.lifecycle, breaches)
        for side, here, there in (("left", left, right), ("right", right, left)):
            for label in (one for one in here.seen if one not in there.seen):
                self.drifts += lone(self.subject, label, here.seen[label], side, here.breaches)
        if left.lifecycle is not None:
            self._walks(left.lifecycle, left, right)

    def _walks(self, job: Lifecycle, left: Play, right: Play) -> None:
        controlled = self.left.control is not None, self.right.control is not None
        operation = next(iter(left.seen.values())).operation
        for (one, shown), (other, also) in zip(left.walks, right.walks, strict=False):
            ways = {"left": (one, shown), "right": (other, also)}
            for drift in state_drift(job, (one, other), operation, controlled):
                walks, answers = zip(*(ways[side] for side in drift.breaks), strict=True) if drift.breaks else ((), ())
                evidence = tuple(itertools.chain(*answers))
                pair = shown[-1], also[-1]
                self.drifts.append(replace(drift, pair=pair, job=job, walks=tuple(walks), evidence=evidence))


def compare(
    left: Side, right: Side, *, examples: int, progress: Callable[[str], None] = lambda text: None
) -> Comparison:
    """Play every case on both sides."""
    subject = left.context.subject
    comparer = _Comparer(subject, left, right, translation(left.target.data, right.target.data))
    done, why = 0, ""
    planned: list[Case | JobCase] = []
    try:
        planned += cases(left, examples=examples, writes=left.target.writes and right.target.writes)
        for number, case in enumerate(planned, 1):
            progress(f"case {number}/{len(planned)} {case.name}")
            comparer.case(case)
            done = number
    except BudgetSpentError as spent:
        over = left.client.transport.budget.interrupt.why or str(spent)
        why = f"{done} of {len(planned)} cases: {over}"
    finally:
        left.leave()
        right.leave()
    return Comparison(folded(comparer.drifts), done, comparer.answers, why)


def _aligned(left: Play, right: Play) -> tuple[Play, Play]:
    """The plays with the same label for what both show of a job, where one of them has a state of its own for it."""
    if left.lifecycle is None:
        return left, right
    known = left.lifecycle.states
    names: tuple[dict[str, str], dict[str, str]] = {}, {}
    for (one, _), (other, _) in zip(left.walks, right.walks, strict=False):
        pairs = list(zip(one.states, other.states, strict=False)) if len(one.states) == len(other.states) else []
        for mine, yours in [*pairs, (one.states[0], other.states[0]), (one.states[-1], other.states[-1])]:
            if mine in known and yours not in known:
                names[1].setdefault(yours, mine)
            elif yours in known and mine not in known:
                names[0].setdefault(mine, yours)
    return left.renamed(names[0]), right.renamed(names[1])
