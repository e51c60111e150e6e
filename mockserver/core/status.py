"""A status is a function, not a process: `status_at(records, now)`.

Rules:

1. The fold is total: any `now` gives an answer, and records later than `now` are ignored.
2. A job has its own clock, which runs with the session's, stands still while the job is held, and counts polls
   instead where the plan says so. The plan's steps are entered when that clock reaches them.
3. A command takes effect in the states it has an arrow for, and is inert in every other.
4. What a command interrupts stays as it was: items done are done, the rest is never done.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from mockserver.core.plan import Failure, Plan
from mockserver.core.records import Commanded, Held, JobRecord, Polled, Released, Submitted


class Status(NamedTuple):
    """What a job looks like at an instant.

    `entered` lists the states passed through with the instant of each, the present one last. Of `processed` items
    `failed` failed. `commands` are the commands that took effect, in order.
    """

    state: str
    entered: tuple[tuple[str, int], ...]
    processed: int
    failed: int
    held: bool = False
    error: str = ""
    commands: tuple[str, ...] = ()

    @property
    def since(self) -> int:
        """The instant at which the present state was entered."""
        return self.entered[-1][1]

    @property
    def succeeded(self) -> int:
        return self.processed - self.failed

    def at(self, states: Iterable[str]) -> int | None:
        """The first instant at which the job entered one of `states`, or None."""
        wanted = set(states)
        return next((instant for state, instant in self.entered if state in wanted), None)


def submitted(records: Sequence[JobRecord]) -> Submitted:
    """The record that started the job. Raises ValueError if there is none."""
    if not records or not isinstance(records[0], Submitted):
        raise ValueError("a job's stream starts with Submitted")
    return records[0]


def initial_status(record: Submitted) -> Status:
    """The job as it is at the moment of submission, before anything had time to happen."""
    return Status(record.plan.steps[0].state, ((record.plan.steps[0].state, record.at),), 0, 0)


def commanded_status(before: Status, command: str, state: str, at: int) -> Status:
    """The job at the moment of a command that brings it into `state`, before what follows had time to happen."""
    commands = (*before.commands, command)
    return before._replace(state=state, entered=(*before.entered, (state, at)), commands=commands, held=False)


def failures_at(plan: Plan, status: Status) -> tuple[Failure, ...]:
    """The failures among the items processed so far."""
    return plan.failures[: status.failed]


def status_at(records: Sequence[JobRecord], now: int) -> Status:
    """Fold a job's records into its status at the instant `now` (see the rules above)."""
    life = _Life(submitted(records))
    for record in records[1:]:
        if record.at > now:
            break
        life.run_until(record.at)
        _EFFECTS[type(record)](life, record)
    life.run_until(now)
    return life.status()


class _Life:
    """The fold's working state at `instant`; it never leaves `status_at`.

    `steps` are what the job does by itself, the `next` of them not entered yet, by its own `clock`, which does not pass
    `stop`. A command replaces them: from then on the work stands at `frozen` items, and time moves the job, not polls,
    since nobody may be polling any more.
    """

    # Of the class, not of each life: most reads find a job that nobody interfered with, and this is their hot path.
    next = clock = 0
    running = True
    frozen: int | None = None
    commands: tuple[str, ...] = ()

    def __init__(self, start: Submitted) -> None:
        self.plan = plan = start.plan
        self.steps = plan.steps
        self.stop = plan.held_at
        self.instant = start.at
        self.entered: list[tuple[str, int]] = []
        self.by_poll = plan.per_poll
        self.error = plan.error

    def run_until(self, instant: int) -> None:
        """Let time pass. Every effect comes after it, so what takes no time has always happened."""
        if instant < self.instant:
            instant = self.instant
        self.tick(instant - self.instant if self.running and not self.by_poll else 0)
        self.instant = instant

    def tick(self, amount: int) -> None:
        """Move the job's own clock, and enter what it reaches; `instant` is still the one before the move."""
        target = self.clock + amount
        if self.stop is not None and target > self.stop:
            target = self.stop
        origin = self.instant - self.clock  # of the steps, were the clock never held
        for step in self.steps[self.next :]:
            if step.at > target:
                break
            self.entered.append((step.state, self.instant if self.by_poll else origin + step.at))
            self.next += 1
        self.clock = target

    def status(self) -> Status:
        processed = _work_done(self.plan, self.clock) if self.frozen is None else self.frozen
        over = self.frozen is not None or self.next == len(self.steps)
        held, error = not self.running or self.clock == self.stop, self.error if over else ""
        state, failed = self.entered[-1][0], _failed_among(self.plan, processed)
        return Status(state, tuple(self.entered), processed, failed, held, error, self.commands)


def _nothing(_life: _Life, _record: Any) -> None:
    """A job is submitted once; a doubled record is inert."""


def _hold(life: _Life, _record: Any) -> None:
    life.running = False


def _release(life: _Life, _record: Any) -> None:
    life.running, life.stop = True, None


def _poll(life: _Life, _record: Any) -> None:
    if life.running and life.by_poll:
        life.tick(1)


def _command(life: _Life, record: Commanded) -> None:
    steps = record.arrows.get(life.entered[-1][0])
    if steps is None:
        return
    if life.frozen is None and life.next < len(life.steps):
        life.error = ""  # the plan's error belongs to an end that is not reached any more
    life.error = record.error or life.error
    if life.frozen is None:
        life.frozen = _work_done(life.plan, life.clock)
    life.steps, life.next, life.clock, life.stop = steps, 0, 0, None
    life.running, life.by_poll = True, False
    life.commands += (record.command,)


# What a record does to a life, once time has come to its instant.
_EFFECTS: Mapping[type[JobRecord], Callable[[_Life, Any], None]] = {
    Submitted: _nothing,
    Held: _hold,
    Released: _release,
    Polled: _poll,
    Commanded: _command,
}


def _work_done(plan: Plan, clock: int) -> int:
    """Items done when the job's own clock has come this far: none before the work, a share of them during it."""
    steps = plan.steps
    for index, step in enumerate(steps):
        if step.state == plan.work:
            if clock < step.at:
                return 0
            end = steps[index + 1].at if index + 1 < len(steps) else clock
            return plan.reached if clock >= end else plan.reached * (clock - step.at) // (end - step.at)
    return 0


def _failed_among(plan: Plan, processed: int) -> int:
    if not plan.failures or processed > plan.failures[-1].index:
        return len(plan.failures)
    return bisect_left(plan.failures, processed, key=_INDEX)


_INDEX = attrgetter("index")
