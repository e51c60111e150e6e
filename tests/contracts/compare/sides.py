"""Two servers side by side in this process, all waiting in simulated time."""

from __future__ import annotations

from collections.abc import Callable

from contracts.compare.drift import Drift
from contracts.compare.run import Comparison, compare
from contracts.compare.side import Side, open_side
from contracts.stub import INSIDE, App, Inside, Wrap, inside
from contracts.target.subject import Subject, load_subject
from contracts.target.target import bare_target
from contracts.target.transport import Wire
from tests.contracts.independent.simulated import Time, Timed

SEED = 3
BUDGET = 1_000_000.0


def stub(
    name: str, provider: str = "thanx", seed: int = 0, subject: Subject | None = None, wrap: Wrap | None = None
) -> Side:
    """The stub of a provider as one side. `subject` is what it is held against, `wrap` breaks it."""
    target, wire = inside(provider, wrap, seed=seed)
    return open_side(name, subject or load_subject(provider), target, seed=SEED, seconds=BUDGET, wire=wire)


def server(
    name: str, app: App, clock: Time, around: Callable[[Wire], Wire] = lambda wire: wire, subject: Subject | None = None
) -> Side:
    """A server for Thanx without a control API, in the time of `clock`."""
    return open_side(
        name,
        subject or load_subject("thanx"),
        bare_target("thanx", INSIDE),
        seed=SEED,
        seconds=BUDGET,
        wire=around(Timed(Inside(app), clock)),
        sleep=clock.sleep,
        clock=clock,
    )


_FOUND: dict[Callable[..., App], tuple[Drift, ...]] = {}


def drifts(make: Callable[..., App]) -> tuple[Drift, ...]:
    """Where a server differs from the stub; looked for once, for it takes a second."""
    if make not in _FOUND:
        _FOUND[make] = tuple(compared(make).drifts)
    return _FOUND[make]


def compared(make: Callable[..., App], examples: int = 0, subject: Subject | None = None) -> Comparison:
    """The stub on the left, and a server that is made with a clock on the right."""
    clock = Time()
    right = server("right", make(clock=clock), clock, subject=subject)
    return compare(stub("left", subject=subject), right, examples=examples)
