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
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

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
    start = submitted(records)
    if len(records) == 1 and not start.plan.per_poll:
        return _undisturbed(start, now)
    life = _Life(start)
    for record in records[1:]:
        if record.at > now:
            break
        life.run_until(record.at)
        life.apply(record)
    life.run_until(now)
    return life.status()


def _undisturbed(start: Submitted, now: int) -> Status:
    """The fold where nobody interfered, which is what most reads find: the plan, read off at an instant."""
    plan = start.plan
    clock = max(0, now - start.at)
    held = plan.held_at is not None and clock >= plan.held_at
    if plan.held_at is not None and held:
        clock = plan.held_at
    entered = tuple([(step.state, start.at + step.at) for step in plan.steps if step.at <= clock])
    processed = _work_done(plan, clock)
    error = plan.error if len(entered) == len(plan.steps) else ""
    return Status(entered[-1][0], entered, processed, _failed_among(plan, processed), held, error)


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


class _Life:
    """The fold's working state; it never leaves `status_at`."""

    __slots__ = (
        *("plan", "steps", "next", "clock", "last", "entered"),
        *("running", "released", "frozen", "error", "commands"),
    )

    def __init__(self, start: Submitted) -> None:
        self.plan = start.plan
        self.steps = start.plan.steps
        self.next = 1  # index of the step that comes next
        self.clock = 0  # the job's own
        self.last = start.at  # instant up to which the fold has come
        self.entered = [(self.steps[0].state, start.at)]
        self.running = True
        self.released = False
        self.frozen: int | None = None  # items processed, once a command has stopped the work
        self.error = start.plan.error
        self.commands: tuple[str, ...] = ()
        self._tick(0)  # what takes no time has happened at once

    def run_until(self, instant: int) -> None:
        passed = max(0, instant - self.last)
        if self.running and passed and not self._per_poll():
            self._tick(passed)
        self.last += passed

    def apply(self, record: JobRecord) -> None:
        match record:
            case Polled():
                if self.running and self._per_poll():
                    self._tick(1)
            case Held():
                self.running = False
            case Released():
                self.running = self.released = True
            case Commanded():
                self._command(record)
            case Submitted():
                pass  # a job is submitted once; a doubled record is inert

    def _per_poll(self) -> bool:
        # What a command set in motion runs by time: nobody may be polling any more.
        return self.plan.per_poll and self.frozen is None

    def _tick(self, amount: int) -> None:
        """Move the job's own clock; `last` is still the instant before the move."""
        target = self.clock + amount
        if self.plan.held_at is not None and not self.released and self.frozen is None:
            target = max(self.clock, min(target, self.plan.held_at))
        while self.next < len(self.steps) and self.steps[self.next].at <= target:
            step = self.steps[self.next]
            instant = self.last if self._per_poll() else self.last + max(0, step.at - self.clock)
            self.entered.append((step.state, instant))
            self.next += 1
        self.clock = target

    def _command(self, record: Commanded) -> None:
        arrows = record.arrows.get(self.entered[-1][0])
        if arrows is None:
            return
        if self.frozen is None and self.next < len(self.steps):
            self.error = ""  # the plan's error belongs to an end that is not reached any more
        self.error = record.error or self.error
        self.frozen = self._processed()
        self.steps, self.next, self.clock = arrows, 0, 0
        self.running = True
        self.commands += (record.command,)
        self._tick(0)

    def _processed(self) -> int:
        return _work_done(self.plan, self.clock) if self.frozen is None else self.frozen

    def status(self) -> Status:
        processed = self._processed()
        over = self.frozen is not None or self.next == len(self.steps)
        return Status(
            state=self.entered[-1][0],
            entered=tuple(self.entered),
            processed=processed,
            failed=_failed_among(self.plan, processed),
            held=not self._moves(),
            error=self.error if over else "",
            commands=self.commands,
        )

    def _moves(self) -> bool:
        stuck = self.plan.held_at is not None and not self.released and self.frozen is None
        return self.running and not (stuck and self.clock == self.plan.held_at)
