"""A search for what breaks a law: what it finds, and how long it makes it smaller."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.laws.context import SHARE, Context, wall_clock
from contracts.stub import inside
from contracts.target.breach import BrokenError
from contracts.target.subject import load_subject

SEVERAL = st.lists(st.integers(0, 50), max_size=12)


@dataclass(slots=True)
class Slow:
    """Breaks the law with every value whose sum is large, and takes a second for each look."""

    context: Context
    now: float = 0.0
    broken: list[tuple[float, list[int]]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def __call__(self, value: list[int]) -> None:
        self.now += 1
        if sum(value) > 60:
            self.broken.append((self.now, value))
            raise self.context.broken(str(value))


def searched(seconds: float) -> tuple[Slow, BrokenError]:
    """A search on a target that takes a second to answer, with so many seconds for the whole run."""
    target, wire = inside("thanx")
    run = Run(load_subject("thanx"), target, Plan(seconds=seconds), wire)
    context = Context(
        subject=run.subject,
        client=run.client,
        control=None,
        law="few",
        promise="T20",
        seed=3,
        examples=200,
        clock=wall_clock(run.client),
        base=target.url,
    )
    slow = Slow(context)
    run.transport.budget.clock, run.transport.budget.started = slow.clock, 0.0
    with pytest.raises(BrokenError) as raised:
        slow.context.search(SEVERAL, slow)
    return slow, raised.value


def test_a_slow_target_is_not_asked_for_minutes_after_the_first_finding() -> None:
    slow, error = searched(seconds=200)
    first, last = slow.broken[0][0], slow.now
    assert last - first <= SHARE * 200
    assert len(slow.broken) > 1  # it is made smaller for a while
    assert error.breach.message in {str(value) for _, value in slow.broken}
