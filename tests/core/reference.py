"""A second telling of the rules of `status.py`: a process that lives one nanosecond at a time.

Slow, and as plain as can be: the fold must say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.plan import Step
from mockserver.core.records import Commanded, Held, JobRecord, Polled, Released
from mockserver.core.status import Status, submitted


def play(records: Sequence[JobRecord], now: int) -> Status:
    process = Process(records)
    for record in records[1:]:
        if record.at <= now:
            process.live_until(record.at)
            process.hear(record)
    process.live_until(now)
    return process.status()


class Process:
    def __init__(self, records: Sequence[JobRecord]) -> None:
        start = submitted(records)
        self.plan, self.now, self.clock = start.plan, start.at, 0
        self.ahead = list(start.plan.steps)
        self.entered: list[tuple[str, int]] = []
        self.held = self.released = False
        self.stopped_with: int | None = None
        self.error = start.plan.error
        self.commands: list[str] = []
        self.enter()

    def enter(self) -> None:
        while self.ahead and self.ahead[0].at <= self.clock:
            self.entered.append((self.ahead.pop(0).state, self.now))

    def live_until(self, instant: int) -> None:
        while self.now < instant:
            self.now += 1
            if self.stopped_with is not None or not self.plan.per_poll:
                self.tick()

    def tick(self) -> None:
        if not (self.held or self.stuck()):
            self.clock += 1
            self.enter()

    def stuck(self) -> bool:
        return self.stopped_with is None and not self.released and self.plan.held_at == self.clock

    def hear(self, record: JobRecord) -> None:
        if isinstance(record, Polled) and self.plan.per_poll and self.stopped_with is None:
            self.tick()
        elif isinstance(record, Held):
            self.held = True
        elif isinstance(record, Released):
            self.held, self.released = False, True
        elif isinstance(record, Commanded) and self.entered[-1][0] in record.arrows:
            self.obey(record, record.arrows[self.entered[-1][0]])

    def obey(self, record: Commanded, steps: tuple[Step, ...]) -> None:
        if record.error:
            self.error = record.error
        elif self.ahead and self.stopped_with is None:
            self.error = ""
        self.stopped_with = self.processed()
        self.commands.append(record.command)
        self.held, self.clock, self.ahead = False, 0, list(steps)
        self.enter()

    def processed(self) -> int:
        """The items whose turn is over: the n-th of N is done when n/N of the time in the state `work` has passed."""
        if self.stopped_with is not None:
            return self.stopped_with
        states = [step.state for step in self.plan.steps]
        if self.plan.work not in states:
            return 0
        index = states.index(self.plan.work)
        begin = self.plan.steps[index].at
        end = self.plan.steps[index + 1].at if index + 1 < len(states) else begin
        worked = min(self.clock, end) - begin
        if worked < 0:
            return 0
        return sum(n * (end - begin) <= self.plan.reached * worked for n in range(1, self.plan.reached + 1))

    def status(self) -> Status:
        processed = self.processed()
        failed = sum(failure.index < processed for failure in self.plan.failures)
        over = not self.ahead or self.stopped_with is not None
        held = self.held or self.stuck()
        error = self.error if over else ""
        return Status(self.entered[-1][0], tuple(self.entered), processed, failed, held, error, tuple(self.commands))
