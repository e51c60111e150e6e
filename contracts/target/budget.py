"""What a run may spend: seconds and requests."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.target.interrupt import Interrupt


class BudgetSpentError(Exception):
    """The run has used up its time or its requests: what is not judged yet is not judged."""


@dataclass(slots=True)
class Budget:
    """Counts down. `seconds` and `requests` are the whole allowance; `clock` gives monotonic seconds."""

    seconds: float = math.inf
    requests: float = math.inf
    clock: Callable[[], float] = time.monotonic
    spent: int = 0
    # Seconds of the allowance that are for leaving the target as it was.
    kept: float = 0.0
    # Why nothing more is to be spent, though something is left.
    ended: str = ""
    # What ends it from outside.
    interrupt: Interrupt = field(default_factory=Interrupt)
    started: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def elapsed(self) -> float:
        return self.clock() - self.started

    @property
    def usable(self) -> float:
        """The seconds that may be spent in all."""
        return self.seconds - self.kept

    @property
    def left(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self.usable - self.elapsed)

    @property
    def over(self) -> str:
        """Why nothing more can be spent; "" as long as it can."""
        if self.interrupt.why or self.ended:
            return self.interrupt.why or self.ended
        if self.spent >= self.requests:
            return f"the budget of {self.requests:.0f} requests is spent"
        if self.left > 0:
            return ""
        kept = f"; {self.kept:.0f} s of it are for leaving the target as it was" if self.kept else ""
        return f"the budget of {self.seconds:g} s is spent{kept}"

    def spend(self) -> None:
        """Take one request out. Raises BudgetSpentError when there is none, or no time."""
        with self._lock:
            if self.over:
                raise BudgetSpentError(self.over)
            self.spent += 1

    def require(self, seconds: float) -> None:
        """Raises BudgetSpentError when fewer seconds are left, or it was interrupted."""
        if self.interrupt.why:
            raise BudgetSpentError(self.interrupt.why)
        if seconds > self.left:
            raise BudgetSpentError(f"{seconds:.1f} s of waiting do not fit into the {self.left:.1f} s that are left")

    def part(self, share: float) -> Budget:
        """A budget of this share of the seconds that are left; requests are counted by the whole one."""
        return Budget(self.left * share, math.inf, self.clock, interrupt=self.interrupt)
