"""What will happen to a job, frozen when it is submitted: its steps in time and the outcome of each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """The job enters `state` when its own clock reaches `at`: nanoseconds, or polls."""

    state: str
    at: int


# Details of an item: names and values.
About = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """One item that failed: its index in the submission, why, and its details."""

    index: int
    reason: str
    about: About = ()


_DISORDER = "steps start at 0 and are ordered in time"


def check_steps(steps: Sequence[Step]) -> None:
    """Raises ValueError for steps that do not start at once or go back in time."""
    last = 0
    for step in steps:
        if step.at < last:
            raise ValueError(_DISORDER)
        last = step.at
    if not steps or steps[0].at != 0:
        raise ValueError(_DISORDER)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole life of a job as it was decided at submission.

    `steps` starts with the initial state at 0 and never goes back in time. `total` items are worked on, evenly, while
    the job is in the state `work`, until `reached` of them are done: all, unless the job breaks off. `failures` are
    ordered by index. The job's own clock stands still from `held_at` until it is released. With `per_poll`,
    steps count polls instead of nanoseconds. `error` is what a job says that failed as a whole.
    """

    steps: tuple[Step, ...]
    total: int = 0
    reached: int = 0
    work: str = ""
    failures: tuple[Failure, ...] = ()
    held_at: int | None = None
    per_poll: bool = False
    error: str = ""

    def __post_init__(self) -> None:
        check_steps(self.steps)
        if not 0 <= self.reached <= self.total:
            raise ValueError("a plan reaches between none and all of its items")
        if self.held_at is not None and self.held_at < 0:
            raise ValueError("a job is held at an offset from its submission, not before it")
        if self.failures and not self._failures_are_sound():
            raise ValueError("failures are ordered, one per index, within the items")

    def _failures_are_sound(self) -> bool:
        first, last = self.failures[0].index, self.failures[-1].index
        return first >= 0 and last < self.total and all(a.index < b.index for a, b in pairwise(self.failures))
