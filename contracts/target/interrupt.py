"""An end that comes from outside: Ctrl-C, or the signal by which a build server ends a job.

It is like a budget that is spent: nothing more is asked for, what was found is reported, and the target is left as it
was found. A second one ends the program at once.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Interrupt:
    """`number` is the signal that came; 0 as long as none did."""

    number: int = 0
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def why(self) -> str:
        """What ended the run; "" as long as nothing did."""
        return f"interrupted by {signal.Signals(self.number).name}" if self.number else ""

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond an interruption."""
        self.came.wait(seconds)

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Take the signals while the block runs. Outside of the main thread nobody gets any."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self.number:
            raise KeyboardInterrupt
        self.number = number
        self.came.set()
        sys.stderr.write("contracts: ends, and leaves the target as it was; once more to end at once\n")
