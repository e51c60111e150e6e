"""Virtual time: an origin, a rate, and a reading of the wall clock. It only moves forward."""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000_000_000
# 2262-04-11T23:47:16Z, the last whole second that fits in a signed 64-bit number of nanoseconds, as stores keep it.
LAST_INSTANT = 9_223_372_036 * SECOND


@dataclass(frozen=True, slots=True)
class Clock:
    """At wall reading `wall` it was `virtual`; since then it runs `rate` times as fast (0 is frozen)."""

    virtual: int
    wall: int
    rate: float

    def now(self, wall: int) -> int:
        """The virtual instant at a wall reading. A wall clock set back past `wall` does not turn virtual time back."""
        passed = wall - self.wall
        if passed <= 0 or self.rate == 0:
            return self.virtual
        if self.rate == 1:
            return min(self.virtual + passed, LAST_INSTANT)
        return min(self.virtual + int(passed * self.rate), LAST_INSTANT)

    def advanced(self, wall: int, duration: int) -> Clock:
        """The clock moved forward by `duration`, running on at its rate. Raises ValueError for a negative one."""
        if duration < 0:
            raise ValueError("time only moves forward")
        return Clock(min(self.now(wall) + duration, LAST_INSTANT), wall, self.rate)

    def at_rate(self, wall: int, rate: float) -> Clock:
        """The clock running `rate` times as fast from now on. Raises ValueError for a rate below 0."""
        if not 0 <= rate <= 1e9:
            raise ValueError("a rate is between 0 (frozen) and 1e9")
        return Clock(self.now(wall), wall, rate)
