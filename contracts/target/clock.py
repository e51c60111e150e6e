"""The target's time: moved by its control API where it has one, otherwise by waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Lets time pass at the target."""

    @property
    def controlled(self) -> bool:
        """Whether time passes only when the judge says so: then steps may be as fine as a law likes."""

    def now(self) -> float:
        """Seconds since some fixed instant; only differences mean anything."""

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises BudgetSpentError when the run has not so much."""


@dataclass(slots=True)
class WallClock:
    """Real time. `sleep` waits, within the run's budget."""

    sleep: Callable[[float], None]
    read: Callable[[], float] = time.monotonic
    controlled: bool = False

    def now(self) -> float:
        return self.read()

    def wait(self, seconds: float) -> None:
        self.sleep(seconds)


@dataclass(slots=True)
class VirtualClock:
    """The frozen clock of one session of a target with the control API; `advance` asks the target to move it."""

    advance: Callable[[float], None]
    passed: float = 0.0
    controlled: bool = True

    def now(self) -> float:
        return self.passed

    def wait(self, seconds: float) -> None:
        self.advance(seconds)
        self.passed += seconds
