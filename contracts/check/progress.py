"""What a run is doing, while it does it: one line that is written over and over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Seconds between two lines of one and the same work: more often than anybody reads is a waste.
EVERY = 0.2


@dataclass(slots=True)
class Progress:
    """`said` shows a line, None where nobody looks; `facts` are how far the run is, asked for when a line is shown."""

    said: Callable[[str], None] | None = None
    facts: Callable[[], Iterable[str]] = tuple
    clock: Callable[[], float] = time.monotonic
    doing: str = ""
    told: float = float("-inf")

    def __call__(self, doing: str = "") -> None:
        """Say what is done now; without a word, that it is still being done."""
        now = self.clock()
        if self.said is None or (not doing and now < self.told + EVERY):
            return
        self.doing, self.told = doing or self.doing, now
        self.said(" · ".join([self.doing, *self.facts()]))

    def over(self) -> None:
        """Leave an empty line for what comes next."""
        if self.said is not None:
            self.said("")
